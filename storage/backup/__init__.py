"""A whole Tallybook kept in another place, and brought back from there."""
