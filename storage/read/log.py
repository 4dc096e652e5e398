"""The diff log: updates, newest first, filtered and a page at a time."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Change, ChangeKind, Day, Update, Why
from storage import schema
from storage.generations.naming import in_force
from storage.read.names import source_id, update_id
from storage.read.queries import V, updates_query
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


class Placed(msgspec.Struct, frozen=True):
    """An update with its place in the whole log, which grows with every update recorded."""

    place: int
    update: Update


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

    def newest(self) -> int:
        """The place of the newest update in the log; 0 before the first."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(sa.func.max(_U.c.id)).where(in_force(_U.c.source_id))).scalar() or 0

    def count_after(self, place: int) -> int:
        """How many updates were recorded after a place in the log."""
        with self.engine.connect() as connection:
            later = sa.select(sa.func.count()).select_from(_U).where(_U.c.id > place, in_force(_U.c.source_id))
            return int(connection.execute(later).scalar_one())


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
    if wanted.after is not None:
        found.append(_U.c.id > wanted.after)
    return found
