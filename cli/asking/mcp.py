"""The command that serves a ledger to programs by the Model Context Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flows.desk import Desk
from model import Day, UsageError, now

if TYPE_CHECKING:
    from doors.asked import LedgerDoor

MISSING = ("the Model Context Protocol's SDK is not installed", 'pip install "tallybook[mcp]"')


def door_of(desk: Desk) -> LedgerDoor:
    """The door of a desk: its definitions and names as they are at each question."""
    from doors.asked import LedgerDoor, OpenBooks

    return LedgerDoor(OpenBooks(desk.views, desk.newest_catalogue, desk.names, lambda: Day(now()[:10])))


@click.command(epilog="Example: tallybook mcp")
@click.option("--http", "port", type=click.IntRange(1, 65535), help="Serve on this port of 127.0.0.1, not on stdio.")
def mcp(port: int | None) -> None:
    """Serve the ledger to programs by the Model Context Protocol: read only, on standard input and output.

    Tools: ask, find, series, observation, changes, proof. No number leaves without its hedge, as-of, claimant and
    proof; what is held or private does not leave at all. Needs the extra `mcp`.
    """
    try:
        from doors.protocol import server
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise UsageError(*MISSING) from None
    with Desk.open() as desk:
        made = server(door_of(desk.require_ledger()))
        if port is None:
            made.run("stdio")
        else:
            made.run("streamable-http", host="127.0.0.1", port=port)
