"""Checking a figure before it is printed: what is open about it, and the sentence that says so."""
