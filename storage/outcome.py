"""How a source stands after a release, or after a look that found the newest one unchanged.

A failure must not hide itself: the same bytes a day later are as unreadable as they were.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.engine import Connection

from changes.checks import REPEATED
from changes.update import Evaluation
from model import CheckName, State
from storage.driver.rows import first, raw

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


class _CheckRow(NamedTuple):
    update_id: int
    name: str
    result: str
    message: str
    series: str | None


_CHECKS = """
    SELECT c.update_id, c.name, c.result, c.message, c.series FROM checks c WHERE c.update_id = (
        SELECT u.id FROM updates u WHERE u.source_id = :source AND u.snapshot_id IS NOT NULL
        ORDER BY u.known_at DESC, u.number DESC LIMIT 1)
    ORDER BY c.position
"""
_HELD_VERSION = "SELECT 1 FROM versions WHERE update_id = :update AND held = 1 LIMIT 1"


def doubt(connection: Connection, source_id: int, waiting: int) -> Doubt:
    """How a source stands while its newest release is what it was: failed, held, or unchanged with what was warned.

    `waiting` is how many of its values wait for a person.
    """
    found = [_CheckRow(*row) for row in raw(connection, _CHECKS, {"source": source_id})]
    if any(check.name == CheckName.NOTHING_EXTRACTED for check in found):
        return Doubt("failed", f"still {NOTHING}")
    holds = _holds(found)
    if waiting or (holds and not _had_values(connection, found[0].update_id)):
        return Doubt("held", f"still held: {'; '.join(holds[:_TOLD_AT_ONCE]) or _count(waiting)}")
    warned = _repeated(found)
    return Doubt("unchanged", f"nothing changed; still: {'; '.join(warned)}") if warned else _NONE


def _count(waiting: int) -> str:
    return f"{waiting:,} {'values wait' if waiting > 1 else 'value waits'} for a person"


def _had_values(connection: Connection, update_id: int) -> bool:
    """Whether anything was held that a person could have answered; if so, it was."""
    return first(connection, _HELD_VERSION, {"update": update_id}) is not None


class Recorded(msgspec.Struct, frozen=True):
    """What became of one release: the source's state, the update made if any, and how much it changed and held.

    `left_out` says that rows or cells of it could not be read.
    """

    state: State
    update: str | None
    changes: int
    held: int
    message: str
    left_out: bool = False


_LEFT_OUT = frozenset((CheckName.UNREADABLE_ROW, CheckName.UNREADABLE_VALUE))


def recorded(name: str, evaluation: Evaluation) -> Recorded:
    """What became of a release whose update was appended under a name."""
    checks = evaluation.checks
    if any(check.name == CheckName.NOTHING_EXTRACTED for check in checks):
        return Recorded("failed", name, 0, 0, NOTHING)
    changes = sum(not change.echo for change in evaluation.changes)
    left_out = any(check.name in _LEFT_OUT and check.result == "warn" for check in checks)
    holds = _holds(checks)
    held = max(sum(change.held for change in evaluation.changes), len(holds))
    if held:
        return Recorded("held", name, changes, held, "; ".join(holds[:_TOLD_AT_ONCE]), left_out)
    state: State = "changed" if changes else "unchanged"
    return Recorded(state, name, changes, 0, "; ".join(_repeated(checks)), left_out)


def _holds(checks: Iterable[Any]) -> list[str]:
    return [f"{check.series or check.name}: {check.message}" for check in checks if check.result == "hold"]


def _repeated(checks: Iterable[Any]) -> list[str]:
    """The first warnings that are told again whenever a look finds the release unchanged."""
    return [check.message for check in checks if check.name in REPEATED and check.result == "warn"][:_TOLD_AT_ONCE]
