"""Attempts: every fetch is a row, those that failed too; from them follows how a source stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Instant, State, moment, public_url
from storage import schema
from storage.driver.rows import first
from storage.fetchlog.rhythm import Rhythm, rhythm
from storage.generations.naming import in_force
from storage.outcome import doubt
from storage.proof import seals
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


KEPT_DAYS = 90
"""So many days attempts are kept in full; older ones are summed up by day."""

HEADER_CHARACTERS = 500
"""So much of one response header is kept."""

HEADERS_KEPT = 20

REASON_CHARACTERS = 2_000


def insert(connection: Connection, source_id: int, attempt: Attempt, keep_days: int = KEPT_DAYS) -> None:
    """Append an attempt: its address without passwords and keys, its headers within bounds.

    With the first of a day, attempts that are older than `keep_days` are summed up.
    """
    values = msgspec.structs.asdict(attempt) | {
        "url": public_url(attempt.url) if attempt.url is not None else None,
        "reason": attempt.reason[:REASON_CHARACTERS] if attempt.reason is not None else None,
        "headers": msgspec.json.encode(_bounded(attempt.headers)).decode(),
    }
    last = first(connection, _NEWEST_DAY, {"source": source_id})
    seals.insert(connection, _F, {"source_id": source_id, **values})
    if last is not None and last[0][:10] < attempt.at[:10]:
        sum_up(connection, source_id, attempt.at, keep_days)


_NEWEST_DAY = "SELECT at FROM fetches WHERE source_id = :source ORDER BY id DESC LIMIT 1"


def _bounded(headers: dict[str, str]) -> dict[str, str]:
    kept = dict(list(headers.items())[:HEADERS_KEPT])
    if "Location" in kept:
        kept["Location"] = public_url(kept["Location"])
    # A validator that was cut would be another one: it is left out.
    return {name[:100]: value for name, value in kept.items() if len(value) <= HEADER_CHARACTERS}


def sum_up(connection: Connection, source_id: int, at: Instant, keep_days: int) -> None:
    """Replace a source's old attempts by their number a day, state and status.

    Those stay that a later question asks for: what made an update, the newest of each address and state, and copies
    that were handed in with a time of their own (they have no headers), which tell a backfill what was taken.
    """
    before = (moment(at) - dt.timedelta(days=keep_days)).isoformat()[:10]
    newest_ones = sa.select(sa.func.max(_F.c.id)).where(_F.c.source_id == source_id).group_by(_F.c.url, _F.c.state)
    old = (
        (_F.c.source_id == source_id)
        & (_F.c.at < before)
        & _F.c.update_id.is_(None)
        & ((_F.c.headers != "{}") | _F.c.sha256.is_(None))
        & _F.c.id.not_in(newest_ones)
    )
    day, status = sa.func.substr(_F.c.at, 1, 10), sa.func.coalesce(_F.c.status, 0)
    columns = (day, _F.c.state, status, sa.func.count(), sa.func.max(_F.c.reason))
    days = connection.execute(sa.select(*columns).where(old).group_by(day, _F.c.state, status)).all()
    if not days:
        return
    table = schema.attempt_days
    seals.delete(connection, _F, old)
    for row in days:
        key = dict(zip(("source_id", "day", "state", "status"), (source_id, *row[:3]), strict=True))
        same = sa.and_(*(table.c[name] == value for name, value in key.items()))
        before_it = connection.execute(sa.select(table.c.count).where(same)).scalar() or 0
        seals.delete(connection, table, same)
        seals.insert(connection, table, key | {"count": before_it + row[3], "reason": row[4]})


def newest(connection: Connection, source_id: int, *states: State, url: str | None = None) -> Attempt | None:
    """The newest attempt of a source, among those with one of `states`, or at one address, where given."""
    given = {"source": source_id, "url": public_url(url)} if url is not None else {"source": source_id}
    row = first(connection, _newest(states, url is not None), given)
    return _attempt(dict(zip(Attempt.__struct_fields__, row, strict=True))) if row is not None else None


def looked_at(connection: Connection) -> dict[str, Instant]:
    """The time of the newest attempt of each source, by key."""
    return {row.key: row.at for row in connection.execute(_LOOKED_AT)}


_LOOKED_AT = sa.text(
    "SELECT sources.key, fetches.at FROM sources JOIN fetches ON fetches.id ="
    " (SELECT max(newest.id) FROM fetches AS newest WHERE newest.source_id = sources.id)"
)


def _attempt(row: Any) -> Attempt:
    values = {name: row[name] for name in Attempt.__struct_fields__}
    return Attempt(**values | {"headers": msgspec.json.decode(row["headers"] or "{}")})


@cache
def _newest(states: tuple[State, ...], at_address: bool) -> str:
    address = " AND url = :url" if at_address else ""
    state = f" AND state IN ({', '.join(repr(str(state)) for state in states)})" if states else ""
    columns = ", ".join(Attempt.__struct_fields__)
    return f"SELECT {columns} FROM fetches WHERE source_id = :source{address}{state} ORDER BY id DESC LIMIT 1"


def taken(connection: Connection, source_id: int, later: Instant) -> set[tuple[Instant, str | None]]:
    """The copies (at, SHA-256 of the bytes) that were read, or that failed before `later`, when another was read."""
    columns = (_F.c.at, _F.c.sha256, _F.c.state, _F.c.snapshot_id)
    rows = connection.execute(sa.select(*columns).where(_F.c.source_id == source_id)).all()
    return {(at, sha256) for at, sha256, state, read in rows if state != "failed" or read is not None or at < later}


def read_addresses(connection: Connection, source_id: int, urls: Sequence[str]) -> dict[str, Attempt]:
    """Those of the addresses at which a release of the source was read before, each with the newest time it was."""
    of = (_F.c.source_id == source_id) & _F.c.url.in_([public_url(url) for url in urls])
    read = sa.select(sa.func.max(_F.c.id)).where(of, _F.c.state.in_(SUCCEEDED), _F.c.status < 400).group_by(_F.c.url)
    rows = connection.execute(sa.select(_F).where(_F.c.id.in_(read))).mappings()
    found = {row["url"]: _attempt(row) for row in rows}
    return {url: found[public_url(url)] for url in urls if public_url(url) in found}


def marked(connection: Connection, source_id: int, header: str) -> list[Attempt]:
    """The newest attempt at each address of a source among those that have a header of ours."""
    has = (_F.c.source_id == source_id) & _F.c.headers.contains(f'"{header}":', autoescape=True)
    newest_ones = sa.select(sa.func.max(_F.c.id)).where(has).group_by(_F.c.url)
    return [_attempt(row) for row in connection.execute(sa.select(_F).where(_F.c.id.in_(newest_ones))).mappings()]


def standings(connection: Connection, key: str | None = None) -> list[Standing]:
    """How every recorded source stands, by key; or the one with `key`."""
    sources, updates = schema.sources, schema.updates
    asked = sa.select(sources).where(in_force(sources.c.id)).order_by(sources.c.key)
    holds = _open_holds(connection)
    counts: dict[int, int] = dict(
        connection.execute(sa.select(updates.c.source_id, sa.func.count()).group_by(updates.c.source_id)).all()
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
