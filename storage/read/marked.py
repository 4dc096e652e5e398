"""What the ledger marks of series: where they are counted anew, and which items of a list have ended.

Of one source, or as known at or recorded by a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy.engine import Connection

from changes.marks.breaks import Marked, note
from model import Instant
from storage.driver.rows import raw

_MARKED = """
    SELECT t.series_id, t.as_of, t.action, t.why FROM settlements t JOIN updates u ON u.id = t.update_id
    WHERE t.action IN ({}) {} ORDER BY t.update_id
"""
_CONDITIONS = {
    "source": "AND u.source_id = :source",
    "known": "AND u.known_at <= :known",
    "recorded": "AND u.recorded_at <= :recorded",
}


def marked(
    connection: Connection,
    *,
    source_id: int | None = None,
    known_at: Instant | None = None,
    recorded_by: Instant | None = None,
) -> Marked:
    """What stands in the ledger of breaks: of one source, or as known at or recorded by a time."""
    found: Marked = {}
    for series_id, as_of, action, why in _marks(connection, "'break', 'unbreak'", source_id, known_at, recorded_by):
        note(found, series_id, as_of, why if action == "break" else None)
    return found


def ended(
    connection: Connection,
    *,
    source_id: int | None = None,
    known_at: Instant | None = None,
    recorded_by: Instant | None = None,
) -> set[int]:
    """The series that are items of a list which has them no longer."""
    found: set[int] = set()
    for series_id, _, action, _ in _marks(connection, "'end', 'resume'", source_id, known_at, recorded_by):
        (found.add if action == "end" else found.discard)(series_id)
    return found


def _marks(
    connection: Connection, actions: str, source_id: int | None, known_at: Instant | None, recorded_by: Instant | None
) -> Iterator[Any]:
    asked = {"source": source_id, "known": known_at, "recorded": recorded_by}
    given = {name: value for name, value in asked.items() if value is not None}
    return iter(raw(connection, _MARKED.format(actions, " ".join(_CONDITIONS[name] for name in given)), given))
