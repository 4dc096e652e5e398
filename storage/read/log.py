"""The diff log: updates, newest first, filtered and a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Change, ChangeKind, Day, Instant, Update, Why
from storage import schema
from storage.generations.naming import in_force
from storage.read.names import source_id, update_id
from storage.read.queries import V, held_query, updates_query
from storage.read.room import LedgerReader
from storage.read.updates import page_of, read_updates

CHANGES_SHOWN = 50
"""So many changes of one update are told in full; all of them on demand."""

_U = schema.updates


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which updates of the log are wanted; what is empty always holds. `after` is an update's place in the log."""

    source: str | None = None
    kinds: tuple[ChangeKind, ...] = ()
    why: tuple[Why, ...] = ()
    since: Day | None = None
    until: Day | None = None
    warned: bool = False
    after: int | None = None
    copies: bool = True
    """Whether copies that a backfill recorded are wanted too."""


class Placed(msgspec.Struct, frozen=True):
    """An update with its place in the whole log, which grows with every update recorded."""

    place: int
    update: Update


URGENCIES = ("held", "mismatch", "past", "new", "ordinary")
"""What an update asks of a reader, the most urgent first: a decision, a look at what its source states, and so on."""


class UnreadUpdate(msgspec.Struct, frozen=True):
    """An update that a person has not done with: its place in the log, and its urgency as a place in `URGENCIES`."""

    place: int
    update: str
    source: str
    urgency: int
    known_at: Instant


class OldCopies(msgspec.Struct, frozen=True):
    """What a backfill recorded of a source: how many updates, when they were known, and the place of the newest."""

    source: str
    title: str
    count: int
    first: Instant
    last: Instant
    place: int


class Log(LedgerReader):
    """Questions about updates."""

    def log(
        self,
        source: str | None = None,
        *,
        since: Day | None = None,
        limit: int | None = 20,
        changes: int | None = CHANGES_SHOWN,
    ) -> list[Update]:
        """The diff log, newest first; at most `limit` updates with at most `changes` changes told each.

        `since` leaves out what was known, or decided, before that day. Raises `UsageError` for an unknown source.
        """
        table = schema.updates
        query = updates_query().limit(limit)
        if since:
            decided = (table.c.cause == "review") & (table.c.recorded_at >= since)
            query = query.where((table.c.known_at >= since) | decided)
        with self.engine.connect() as connection:
            if source is None:
                every = query.where(in_force(table.c.source_id)).order_by(table.c.id.desc())
                return page_of(self.texts, connection, every, changes)
            mine = query.where(table.c.source_id == source_id(connection, source))
            return page_of(self.texts, connection, mine.order_by(table.c.number.desc()), changes)

    def update(self, name: str, *, changes: int | None = None) -> Update:
        """One update by its name such as `mediazona/42`. Raises `UsageError` when there is none."""
        with self.engine.connect() as connection:
            query = updates_query().where(schema.updates.c.id == update_id(connection, name))
            return page_of(self.texts, connection, query, changes)[0]

    def updates(self, names: Sequence[str], *, changes: int | None = CHANGES_SHOWN) -> list[Update]:
        """Updates by their names, in that order. Raises `UsageError` for what is none."""
        with self.engine.connect() as connection:
            ids = [update_id(connection, name) for name in names]
            found = page_of(self.texts, connection, updates_query().where(_U.c.id.in_(ids)), changes)
        by_name = {one.update: one for one in found}
        return [by_name[name] for name in names]

    def changes_of(self, connection: Connection, name: str) -> tuple[Change, ...]:
        """An update's changes inside a transaction that may yet be taken back."""
        query = updates_query().where(schema.updates.c.id == update_id(connection, name))
        return page_of(self.texts, connection, query, None)[0].changes

    def page(self, wanted: Wanted, *, before: int | None = None, limit: int = 20, changes: int = 50) -> list[Placed]:
        """Updates of the log, newest recorded first, those before a place where given.

        Raises `UsageError` for an unknown source.
        """
        with self.engine.connect() as connection:
            query = updates_query().where(*_conditions(connection, wanted)).order_by(_U.c.id.desc()).limit(limit)
            if before is not None:
                query = query.where(_U.c.id < before)
            rows = connection.execute(query).mappings().all()
            told = read_updates(self.texts, connection, rows, changes) if rows else ()
            return [Placed(row["id"], update) for row, update in zip(rows, told, strict=True)]

    def unread(self, after: int, user: str, *, limit: int = 5000) -> list[UnreadUpdate]:
        """Updates recorded after a place of the log, the most urgent first, of each kind the newest known first.

        Old copies are none of them, nor is what the user decided. Of very many the newest are told.
        """
        own = schema.settlements.alias("own")
        mine = sa.exists().where(own.c.update_id == _U.c.id, own.c.who == user)
        query = (
            sa.select(_U.c.id, _U.c.number, _U.c.known_at, schema.sources.c.key, _urgency().label("urgency"))
            .select_from(_U.join(schema.sources))
            .where(_U.c.id > after, _U.c.cause != "backfill", ~mine, in_force(_U.c.source_id))
            .order_by(_U.c.id.desc())
            .limit(limit)
        )
        with self.engine.connect() as connection:
            rows = sorted(connection.execute(query).all(), key=lambda row: (row.known_at, row.id), reverse=True)
        told = [UnreadUpdate(row.id, f"{row.key}/{row.number}", row.key, row.urgency, row.known_at) for row in rows]
        return sorted(told, key=lambda one: one.urgency)

    def places(self, names: Iterable[str]) -> dict[str, int]:
        """The places in the log of updates by their names. Raises `UsageError` for what is none."""
        with self.engine.connect() as connection:
            return {name: update_id(connection, name) for name in names}

    def old_copies(self, after: int) -> list[OldCopies]:
        """What backfills recorded after a place of the log, by source."""
        known = sa.func.count(), sa.func.min(_U.c.known_at), sa.func.max(_U.c.known_at), sa.func.max(_U.c.id)
        query = (
            sa.select(schema.sources.c.key, schema.sources.c.title, *known)
            .select_from(_U.join(schema.sources))
            .where(_U.c.id > after, _U.c.cause == "backfill", in_force(_U.c.source_id))
            .group_by(schema.sources.c.key, schema.sources.c.title)
            .order_by(schema.sources.c.key)
        )
        with self.engine.connect() as connection:
            return [OldCopies(*row) for row in connection.execute(query)]

    def newest(self) -> int:
        """The place of the newest update in the log; 0 before the first."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(sa.func.max(_U.c.id)).where(in_force(_U.c.source_id))).scalar() or 0

    def count_after(self, place: int) -> int:
        """How many updates were recorded after a place in the log."""
        with self.engine.connect() as connection:
            later = sa.select(sa.func.count()).select_from(_U).where(_U.c.id > place, in_force(_U.c.source_id))
            return int(connection.execute(later).scalar_one())


def _urgency() -> sa.ColumnElement[int]:
    """What an update asks of a reader, as its place in `URGENCIES`."""
    held, stated, checks = held_query().order_by(None).subquery(), schema.stated, schema.checks
    waits = _U.c.id.in_(sa.select(held.c.update_id).where(held.c.action.is_(None)))
    unfair = sa.exists().where(stated.c.update_id == _U.c.id, stated.c.verdict.in_(("mismatch", "missed")))
    past = ("revised", "requalified", "withdrawn", "restored", "late")
    told = sa.exists().where(stated.c.update_id == _U.c.id)
    warned = sa.exists().where(checks.c.update_id == _U.c.id, checks.c.result != "pass")
    return sa.case(
        (waits, 0),
        (unfair, 1),
        (sa.exists(V.c.kind).where(V.c.update_id == _U.c.id, V.c.kind.in_(past)), 2),
        (told | warned | sa.exists(V.c.kind).where(V.c.update_id == _U.c.id, V.c.kind == "first"), 3),
        else_=4,
    )


def _conditions(connection: Connection, wanted: Wanted) -> list[Any]:
    source = wanted.source
    found: list[Any] = [_U.c.source_id == source_id(connection, source) if source else in_force(_U.c.source_id)]
    if wanted.kinds:
        found.append(sa.exists(V.c.kind).where(V.c.update_id == _U.c.id, V.c.kind.in_(wanted.kinds)))
    if wanted.why:
        found.append(_U.c.why.in_(wanted.why))
    decided = _U.c.cause == "review"
    if wanted.since:
        found.append((_U.c.known_at >= wanted.since) | (decided & (_U.c.recorded_at >= wanted.since)))
    if wanted.until:
        found.append(_U.c.known_at < f"{wanted.until}T99")
    if wanted.warned:
        checks = schema.checks
        found.append(sa.exists().where(checks.c.update_id == _U.c.id, checks.c.result.in_(("warn", "hold"))))
    if not wanted.copies:
        found.append(_U.c.cause != "backfill")
    if wanted.after is not None:
        found.append(_U.c.id > wanted.after)
    return found
