"""How Tallybook is run for good."""
