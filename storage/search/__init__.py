"""Searching the ledger: what is looked in, kept by the transaction that records, and what is found there."""
