"""The path in plain Python, and the Prefect flows around it."""
