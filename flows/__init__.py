"""The path in plain Python, and the Prefect flows around it."""

from flows.prefect.quiet import quiet_prefect

# Prefect reads its environment when it is first imported, which every module of this package may be the one to do.
quiet_prefect()
