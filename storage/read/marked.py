"""Where the ledger says that a series is counted anew: of one source, or as known at or recorded by a time."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from changes.breaks import Marked, note
from model import Instant
from storage.rows import raw

_MARKED = """
    SELECT t.series_id, t.as_of, t.action, t.why FROM settlements t JOIN updates u ON u.id = t.update_id
    WHERE t.action IN ('break', 'unbreak') {} ORDER BY t.update_id
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
    asked = {"source": source_id, "known": known_at, "recorded": recorded_by}
    given = {name: value for name, value in asked.items() if value is not None}
    rows = raw(connection, _MARKED.format(" ".join(_CONDITIONS[name] for name in given)), given)
    found: Marked = {}
    for series_id, as_of, action, why in rows:
        note(found, series_id, as_of, why if action == "break" else None)
    return found
