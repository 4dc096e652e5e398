"""The path in plain Python, and the Prefect flows around it."""

from flows.operation.ours import refuse_strangers

refuse_strangers()

from flows.prefect.quiet import quiet_prefect  # noqa: E402 - a stranger would be imported by it

# Prefect reads its environment when it is first imported, which every module of this package may be the one to do.
quiet_prefect()
