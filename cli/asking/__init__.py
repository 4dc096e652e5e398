"""Commands that ask the ledger in a reader's own words."""
