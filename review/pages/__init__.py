"""The pages that a person sees: log, evidence, held, series, sources, each from the ledger's reading to a template."""
