"""Rules over a ledger: the updates as rules see them, what each remembers, and what is to be told to whom."""
