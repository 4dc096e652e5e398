"""Generations of a source: which is meant, and how the next one is derived from all that happened to it."""
