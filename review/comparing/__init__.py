"""Who counts what: the claims of one thing joined by who makes them, and what they do not have in common."""
