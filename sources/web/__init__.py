"""Asking the web: one bounded, polite request of one address, answered with bytes or failed by name."""
