"""The `tallybook` command."""
