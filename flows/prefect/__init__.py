"""Prefect around the path: its server, its schedules, its flows. No other code of ours knows it."""
