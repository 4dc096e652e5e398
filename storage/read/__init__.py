"""Reading the ledger: a module a question, each answered by one read-only transaction."""
