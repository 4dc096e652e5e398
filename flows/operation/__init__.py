"""What keeps a Tallybook running for years: whose turn it is, whether it is alive, who is told. Imports no Prefect."""
