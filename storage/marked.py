"""Where the ledger says that a series is counted anew: of one source, or as known at or recorded by a time."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from changes.breaks import Marked, note
from model import Instant

_MARKED = """
    SELECT t.series_id, t.as_of, t.action, t.why FROM settlements t JOIN updates u ON u.id = t.update_id
    WHERE t.action IN ('break', 'unbreak') {} ORDER BY t.update_id
"""
_ALL = sa.text(_MARKED.format(""))
_OF_SOURCE = sa.text(_MARKED.format("AND u.source_id = :source"))
_KNOWN_AT = sa.text(_MARKED.format("AND u.known_at <= :at"))
_RECORDED_BY = sa.text(_MARKED.format("AND u.recorded_at <= :at"))


def marked(
    connection: Connection,
    *,
    source_id: int | None = None,
    known_at: Instant | None = None,
    recorded_by: Instant | None = None,
) -> Marked:
    """What stands in the ledger of breaks: of one source, or as known at or recorded by a time."""
    if source_id is not None:
        rows = connection.execute(_OF_SOURCE, {"source": source_id})
    elif known_at is not None:
        rows = connection.execute(_KNOWN_AT, {"at": known_at})
    elif recorded_by is not None:
        rows = connection.execute(_RECORDED_BY, {"at": recorded_by})
    else:
        rows = connection.execute(_ALL)
    found: Marked = {}
    for series_id, as_of, action, why in rows:
        note(found, series_id, as_of, why if action == "break" else None)
    return found
