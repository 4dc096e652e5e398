"""The archive of snapshots and the ledger of versions."""
