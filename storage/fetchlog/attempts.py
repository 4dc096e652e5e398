"""Attempts: every fetch is a row, those that failed too; from them follows how a source stands."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Instant, State
from storage import schema
from storage.doubts import doubt
from storage.fetchlog.rhythm import Rhythm, rhythm
from storage.read.queries import held_query

_F = schema.fetches

SUCCEEDED: tuple[State, ...] = ("changed", "unchanged", "held")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a source stands: its newest attempt, its last success, its rhythm, and what waits for a person.

    `answer` is the digest of what the newest attempt was answered, where that was no report and was kept.
    """

    source: str
    title: str
    basis: str
    state: State
    last_attempt: Instant | None
    last_success: Instant | None
    message: str
    updates: int
    open_holds: int
    oldest_hold: Instant | None
    rhythm: Rhythm | None = None
    answer: str | None = None


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to fetch and read a report, and what came of it."""

    at: Instant
    url: str | None
    status: int | None
    state: State
    reason: str | None = None
    headers: dict[str, str] = {}
    sha256: str | None = None
    snapshot_id: int | None = None
    update_id: int | None = None


def insert(connection: Connection, source_id: int, attempt: Attempt) -> None:
    """Append an attempt."""
    values = msgspec.structs.asdict(attempt) | {"headers": msgspec.json.encode(attempt.headers).decode()}
    connection.execute(_INSERT, {"source_id": source_id, **values})


_INSERT = sa.insert(_F)


def newest(connection: Connection, source_id: int, *states: State, url: str | None = None) -> Attempt | None:
    """The newest attempt of a source, among those with one of `states`, or at one address, where given."""
    row = connection.execute(_newest(states, url is not None), {"source": source_id, "url": url}).mappings().first()
    if row is None:
        return None
    values = {name: row[name] for name in Attempt.__struct_fields__}
    return Attempt(**values | {"headers": msgspec.json.decode(row["headers"] or "{}")})


@cache
def _newest(states: tuple[State, ...], at_address: bool) -> sa.Select[Any]:
    query = sa.select(_F).where(_F.c.source_id == sa.bindparam("source")).order_by(_F.c.id.desc()).limit(1)
    query = query.where(_F.c.url == sa.bindparam("url")) if at_address else query
    return query.where(_F.c.state.in_(states)) if states else query


def read_addresses(connection: Connection, source_id: int, urls: Sequence[str]) -> set[str]:
    """Those of the addresses at which a release of the source was read before."""
    query = sa.select(_F.c.url).where(_F.c.source_id == source_id, _F.c.url.in_(urls), _F.c.state.in_(SUCCEEDED))
    return set(connection.execute(query.where(_F.c.status < 400)).scalars())


def standings(connection: Connection, key: str | None = None) -> list[Standing]:
    """How every recorded source stands, by key; or the one with `key`."""
    sources, updates = schema.sources, schema.updates
    asked = sa.select(sources).order_by(sources.c.key)
    holds = _open_holds(connection)
    counts: dict[int, int] = dict(
        connection.execute(sa.select(updates.c.source_id, sa.func.count()).group_by(updates.c.source_id)).tuples().all()
    )
    return [
        _standing(connection, row, counts.get(row.id, 0), holds.get(row.id, []))
        for row in connection.execute(asked.where(sources.c.key == key) if key is not None else asked)
    ]


def _standing(connection: Connection, source: Any, count: int, holds: list[Instant]) -> Standing:
    last = newest(connection, source.id)
    good = newest(connection, source.id, *SUCCEEDED)
    state: State = last.state if last else "unchanged"
    if state in ("changed", "unchanged", "held"):
        # What waits now decides, not what waited when it was read: people answer in between.
        doubted = state == "held" and not holds and doubt(connection, source.id, 0).state == "held"
        state = "held" if holds or doubted else "changed" if state == "held" else state
    return Standing(
        source=source.key,
        title=source.title,
        basis=source.basis,
        state=state,
        last_attempt=last.at if last else None,
        last_success=good.at if good else None,
        message=(last.reason or "") if last and (state == "held" or last.state != "held") else "",
        updates=count,
        open_holds=len(holds),
        oldest_hold=min(holds, default=None),
        rhythm=rhythm(connection, source.id),
        answer=last.sha256 if last and last.state not in SUCCEEDED else None,
    )


def _open_holds(connection: Connection) -> dict[int, list[Instant]]:
    held = held_query().order_by(None).subquery()
    updates = schema.updates
    rows = connection.execute(
        sa.select(updates.c.source_id, updates.c.recorded_at)
        .select_from(sa.join(held, updates, updates.c.id == held.c.update_id))
        .where(held.c.action.is_(None))
    )
    holds: dict[int, list[Instant]] = {}
    for source_id, recorded_at in rows:
        holds.setdefault(source_id, []).append(Instant(recorded_at))
    return holds
