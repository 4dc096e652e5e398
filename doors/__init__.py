"""Doors for programs that answer people: what they may ask of a ledger, read only, and how it is told to them."""
