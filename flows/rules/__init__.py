"""Rules that people are told by: which there are, what they would have told, and what they tell now."""
