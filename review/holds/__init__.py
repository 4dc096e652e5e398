"""What waits for a person: as questions, with what helps to answer them, and what may be taken back."""
