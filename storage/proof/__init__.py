"""Does the ledger say what it said: digests, chains, checkpoints."""
