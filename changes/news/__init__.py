"""What the news in a number is: facts that follow from recorded versions, and how complete the newest values are."""
