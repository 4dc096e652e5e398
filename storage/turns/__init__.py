"""Who has what in hand, beside the ledger: kept by name, and given up with the process that held it."""
