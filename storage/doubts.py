"""What is doubtful about a source's newest release, told again whenever a look finds it unchanged.

A failure must not hide itself: the same bytes a day later are as unreadable as they were.
"""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from changes.checks import REPEATED
from model import CheckName, State

NOTHING = "nothing extracted: no followed figure was found on the page"

_TOLD_AT_ONCE = 3


class Doubt(NamedTuple):
    """How a source stands after a look that found its newest release as it was, and why."""

    state: State
    message: str

    @property
    def plain(self) -> bool:
        """Whether there is nothing to tell."""
        return self == _NONE


_NONE = Doubt("unchanged", "nothing changed")

_CHECKS = sa.text("""
    SELECT c.update_id, c.name, c.result, c.message, c.series FROM checks c WHERE c.update_id = (
        SELECT u.id FROM updates u WHERE u.source_id = :source AND u.snapshot_id IS NOT NULL
        ORDER BY u.known_at DESC, u.number DESC LIMIT 1)
    ORDER BY c.position
""")
_HELD_VERSION = sa.text("SELECT 1 FROM versions WHERE update_id = :update AND held = 1 LIMIT 1")


def doubt(connection: Connection, source_id: int, waiting: int) -> Doubt:
    """How a source stands while its newest release is what it was: failed, held, or unchanged with what was warned.

    `waiting` is how many of its values wait for a person.
    """
    found = connection.execute(_CHECKS, {"source": source_id}).all()
    if any(check.name == CheckName.NOTHING_EXTRACTED for check in found):
        return Doubt("failed", f"still {NOTHING}")
    holds = [f"{check.series or check.name}: {check.message}" for check in found if check.result == "hold"]
    if waiting or (holds and not _had_values(connection, found[0].update_id)):
        count = f"{waiting:,} {'values wait' if waiting > 1 else 'value waits'} for a person"
        why = "; ".join(holds[:_TOLD_AT_ONCE]) or count
        return Doubt("held", f"still held: {why}")
    warned = [check.message for check in found if check.name in REPEATED and check.result == "warn"]
    return Doubt("unchanged", f"nothing changed; still: {'; '.join(warned[:_TOLD_AT_ONCE])}") if warned else _NONE


def _had_values(connection: Connection, update_id: int) -> bool:
    """Whether anything was held that a person could have answered; if so, it was."""
    return connection.execute(_HELD_VERSION, {"update": update_id}).first() is not None
