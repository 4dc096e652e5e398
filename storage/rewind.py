"""Taking back what was recorded under a clock that ran ahead, so that what the world says now can be recorded again.

A known time that has not come yet is false, and every release after it would count as older. What is taken back is
kept whole in the archive, and the row of the attempt that says so names it, who did it and why.
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Instant
from model import now as present
from storage import schema
from storage.archive import Archive
from storage.fetchlog.attempts import Attempt, insert
from storage.proof import seals

_U, _V, _F, _Q = schema.updates, schema.versions, schema.fetches, schema.quiet_releases

_BEYOND = 2**31 - 1
"""A number that no update has."""


class Rewound(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken back of one source: how many updates, from which on, and the digest of all rows in the archive."""

    source: str
    first: str
    updates: int
    attempts: int
    kept: str


def ahead(connection: Connection, source_id: int, now: Instant) -> int | None:
    """The number of a source's first update that was known, or recorded, later than now; None where there is none."""
    late = (_U.c.known_at > now) | (_U.c.recorded_at > now)
    return connection.execute(sa.select(sa.func.min(_U.c.number)).where(_U.c.source_id == source_id, late)).scalar()


def rewind(
    connection: Connection, archive: Archive, source: tuple[int, str], now: Instant, *, who: str, why: str
) -> Rewound | None:
    """Take a source's first update that lies ahead of now, and all after it, out of the ledger; None without any."""
    source_id, key = source
    first = ahead(connection, source_id, now)
    later = sa.select(sa.func.count()).where(_F.c.source_id == source_id, _F.c.at > now)
    attempts = connection.execute(later).scalar_one()
    if first is None and not attempts:
        return None
    mine = (_U.c.source_id == source_id) & (_U.c.number >= (first if first is not None else _BEYOND))
    gone = sa.select(_U.c.id).where(mine).scalar_subquery()
    updates = connection.execute(sa.select(sa.func.count()).select_from(_U).where(mine)).scalar_one()
    touched = list(connection.execute(sa.select(_V.c.series_id).where(_V.c.update_id.in_(gone)).distinct()).scalars())
    connection.execute(sa.delete(schema.numbers).where(schema.numbers.c.update_id.in_(gone)))
    kept = archive.put(msgspec.json.encode(_taken_out(connection, source_id, gone, now)))
    _accept_again(connection, touched)
    _drop_unused(connection, source_id, touched)
    rewound = Rewound(source=key, first=f"{key}/{first}", updates=updates, attempts=attempts, kept=kept)
    what = f"{updates} updates from {rewound.first} on" if updates else f"{attempts} attempts"
    reason = f"{what} had times that have not come yet, and are taken back by {who}: {why}"
    insert(
        connection, source_id, Attempt(at=present(), url=None, status=None, state="failed", reason=reason, sha256=kept)
    )
    return rewound


_TIMES: dict[sa.Table, sa.Column[Any]] = {_F: _F.c.at, _Q: _Q.c.known_at}


def _taken_out(connection: Connection, source_id: int, gone: Any, now: Instant) -> dict[str, list[dict[str, Any]]]:
    """Delete every row that hangs on these updates, and the attempts of times to come; returns all of them."""
    taken: dict[str, list[dict[str, Any]]] = {}
    for table in reversed(schema.metadata.sorted_tables):
        columns = [column for column in table.c if any(key.column is _U.c.id for key in column.foreign_keys)]
        mine: list[sa.ColumnElement[bool]] = [column.in_(gone) for column in columns]
        if (time := _TIMES.get(table)) is not None:
            mine.append((table.c.source_id == source_id) & (time > now))
        if table is _U:
            mine = [_U.c.id.in_(gone)]
        if mine:
            rows = connection.execute(sa.select(table).where(sa.or_(*mine))).mappings()
            taken[table.name] = [dict(row) for row in rows]
            seals.delete(connection, table, sa.or_(*mine))
    return taken


def _accept_again(connection: Connection, touched: list[int]) -> None:
    """Make the accepted table of these series follow from the versions that are left."""
    current = schema.current
    connection.execute(sa.delete(current).where(current.c.series_id.in_(touched)))
    query = sa.select(_V.c.series_id, _V.c.as_of, _V.c.update_id, _V.c.content)
    left = connection.execute(
        query.where(_V.c.held == 0, _V.c.series_id.in_(touched)).order_by(_V.c.series_id, _V.c.as_of, _V.c.update_id)
    )
    accepted: dict[tuple[int, str], dict[str, Any]] = {}
    for row in left.mappings():
        place = (row["series_id"], row["as_of"])
        if row["content"] is None and place in accepted:
            accepted[place]["withdrawn"] = 1
        else:
            accepted[place] = {**row, "withdrawn": 0}
    if accepted:
        connection.execute(sa.insert(current), list(accepted.values()))


def _drop_unused(connection: Connection, source_id: int, touched: list[int]) -> None:
    """Delete series that nothing speaks of any more, and snapshots that no row names."""
    series, snapshots, stated = schema.series, schema.snapshots, schema.stated
    spoken = (
        sa.exists().where(_V.c.series_id == series.c.id),
        sa.exists().where(stated.c.series_id == series.c.id),
    )
    mine = (series.c.source_id == source_id) & series.c.id.in_(touched)
    unused = sa.select(series.c.id).where(mine, *(~one for one in spoken))
    words = schema.series_words
    connection.execute(sa.delete(words).where(words.c.series_id.in_(unused)))
    connection.execute(sa.delete(series).where(mine, *(~one for one in spoken)))
    named = (
        sa.exists().where(_U.c.snapshot_id == snapshots.c.id),
        sa.exists().where(_F.c.snapshot_id == snapshots.c.id),
        sa.exists().where(_Q.c.snapshot_id == snapshots.c.id),
    )
    seals.delete(connection, snapshots, sa.and_(*(~one for one in named)))
    pictures = schema.pictures
    seals.delete(connection, pictures, ~sa.exists().where(snapshots.c.sha256 == pictures.c.sha256))
