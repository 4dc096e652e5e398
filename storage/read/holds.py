"""What waits for a person, and what people decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Change, CheckResult, Day, Instant, Update
from storage import schema
from storage.generations.naming import in_force
from storage.read.figures import with_texts
from storage.read.names import source_id, update_id
from storage.read.queries import V, changes_query, held_query, picked, updates_query
from storage.read.room import LedgerReader
from storage.read.updates import all_checks, context_of, read_change, read_updates

_U, _S = schema.updates, schema.series


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as the list of a source's decisions tells it."""

    update: str
    target: str
    recorded_at: Instant
    series: str
    as_of: Day
    action: str
    who: str
    why: str
    read: str | None
    counts: str | None


class Deed(NamedTuple):
    """What somebody did to the ledger: on one series (the first by key) and in all on so many values, and why."""

    at: Instant
    who: str
    action: str
    update: str
    series: str
    values: int
    why: str


class HeldCell(msgspec.Struct, frozen=True, kw_only=True):
    """One value that waits for a person, without its figures: where it is, and the labels of its series as printed."""

    update: str
    source: str
    title: str
    known_at: Instant
    series: str
    ref: str
    as_of: Day
    renames: bool


class HoldsReader(LedgerReader):
    """Questions about holds and decisions."""

    def open_holds(self) -> tuple[list[HeldCell], dict[str, list[CheckResult]]]:
        """Every value that waits, oldest first, and by update all checks that hold something of it."""
        with self.engine.connect() as connection:
            held = held_query().order_by(None).subquery()
            places = held.c.series_id, held.c.as_of, held.c.update_id
            version = (V.c.series_id == held.c.series_id) & (V.c.as_of == held.c.as_of)
            rows = connection.execute(
                sa.select(*places, V.c.detail, _S.c.key, _S.c.ref, _U.c.number, _U.c.known_at)
                .add_columns(schema.sources.c.key.label("source"), schema.sources.c.title)
                .select_from(
                    held.join(_S, _S.c.id == held.c.series_id)
                    .join(_U, _U.c.id == held.c.update_id)
                    .join(schema.sources, schema.sources.c.id == _U.c.source_id)
                    .join(V, version & (V.c.update_id == held.c.update_id))
                )
                .where(held.c.action.is_(None), in_force(_U.c.source_id))
                .order_by(held.c.update_id, held.c.series_id, held.c.as_of)
            ).all()
            names = {row.update_id: f"{row.source}/{row.number}" for row in rows}
            holding = {
                names[update]: [one for one in checks if one.result == "hold"]
                for update, checks in all_checks(connection, names).items()
            }
            return [_cell(row, names[row.update_id]) for row in rows], holding

    def held_changes(self, places: Sequence[tuple[str, str, Day]]) -> list[tuple[Update, Change]]:
        """Changes by their places (update, series, as-of), in that order, each with its update."""
        if not places:
            return []
        with self.engine.connect() as connection:
            ids = {name: update_id(connection, name) for name, *_ in places}
            named = _S.c.key.in_({key for _, key, _ in places})
            keys = sa.select(_S.c.key, _S.c.id).where(named, in_force(_S.c.source_id))
            series = dict(connection.execute(keys).all())
            wanted = [(series[key], day, ids[name]) for name, key, day in places if key in series]
            told = self._picked(connection, sorted(ids.values()), wanted)
        found = {(one.update, change.series, change.as_of): (one, change) for one in told for change in one.changes}
        return [found[place] for place in places if place in found]

    def _picked(self, connection: Connection, ids: list[int], places: list[tuple[int, Day, int]]) -> list[Update]:
        """Some updates, each with those of its changes alone that are meant."""
        rows = connection.execute(updates_query().where(_U.c.id.in_(ids)).order_by(_U.c.id)).mappings().all()
        by_id = {row["id"]: row for row in rows}
        only = changes_query(limited=False).where(picked(places))
        context = context_of(self.texts, connection, by_id)
        waiting: dict[int, list[Change]] = {}
        found = connection.execute(only, {"ids": ids}).mappings().all() if places else ()
        for row in with_texts(self.texts, found, "", "base_"):
            of = by_id[row["update_id"]]
            waiting.setdefault(of["id"], []).append(read_change(self.texts, connection, of, row, context))
        told = read_updates(self.texts, connection, rows, 0)
        return [
            msgspec.structs.replace(update, changes=tuple(waiting.get(row["id"], ())))
            for row, update in zip(rows, told, strict=True)
        ]

    def held(self) -> list[Update]:
        """Updates with changes that wait for a person, oldest first, each with those changes alone."""
        return self.held_page(None)

    def held_page(self, limit: int | None, *, offset: int = 0) -> list[Update]:
        """The first updates with changes that wait for a person, `limit` changes at most, each with those alone.

        The first `offset` changes are left out.
        """
        with self.engine.connect() as connection:
            held = held_query().order_by(None).subquery()
            first = (
                sa.select(held)
                .where(held.c.action.is_(None))
                .order_by(held.c.update_id, held.c.series_id, held.c.as_of)
            )
            places = connection.execute(first.limit(limit).offset(offset)).all()
            ids = sorted({row.update_id for row in places})
            return self._picked(connection, ids, [(row.series_id, row.as_of, row.update_id) for row in places])

    def waiting(self) -> int:
        """How many values wait for a person."""
        held = held_query().order_by(None).subquery()
        with self.engine.connect() as connection:
            query = sa.select(sa.func.count()).select_from(held).where(held.c.action.is_(None))
            return int(connection.execute(query).scalar_one())

    def decisions(self, source: str | None = None, *, limit: int = 20, offset: int = 0) -> list[Decided]:
        """What people decided about a source, or about any, newest first, without the first `offset`."""
        table, made, target = schema.settlements, _U, _U.alias("target")
        result = V.alias("result")
        query = (
            sa.select(
                table,
                schema.sources.c.key.label("source"),
                made.c.number,
                made.c.recorded_at,
                target.c.number.label("of"),
                _S.c.key,
                V.c.content,
            )
            .add_columns(result.c.content.label("counts"))
            .select_from(
                table.join(made, made.c.id == table.c.update_id)
                .join(schema.sources, schema.sources.c.id == made.c.source_id)
                .join(target, target.c.id == table.c.target_id)
                .join(_S, _S.c.id == table.c.series_id)
                .join(V, _same(V, table, table.c.target_id))
                .outerjoin(result, _same(result, table, table.c.update_id))
            )
            .where(table.c.action != "supersede")
            .order_by(table.c.update_id.desc(), table.c.target_id, table.c.series_id, table.c.as_of)
            .limit(limit)
            .offset(offset)
        )
        with self.engine.connect() as connection:
            of = made.c.source_id
            mine = of == source_id(connection, source) if source is not None else in_force(of)
            return [_decided(row) for row in connection.execute(query.where(mine))]

    def deeds(self, *, limit: int) -> list[Deed]:
        """What people did to the ledger, newest first: their decisions, those made at once as one, and redactions."""
        table, redacted, of = schema.settlements, schema.redactions, schema.sources
        name = of.c.key + "/" + sa.cast(_U.c.number, sa.Text)
        first, count = sa.func.min(_S.c.key), sa.func.count()
        decided = (
            sa.select(_U.c.recorded_at.label("at"), table.c.who, table.c.action, name.label("name"))
            .add_columns(first.label("series"), count.label("values"), table.c.why)
            .select_from(table.join(_U, _U.c.id == table.c.update_id).join(of).join(_S, _S.c.id == table.c.series_id))
            .where(_U.c.cause == "review", table.c.action != "supersede")
            .group_by(_U.c.id, _U.c.recorded_at, table.c.who, table.c.action, of.c.key, _U.c.number, table.c.why)
            .order_by(_U.c.id.desc())
            .limit(limit)
        )
        gone = (
            sa.select(redacted.c.at, redacted.c.by, sa.literal("redact"), name, sa.literal(""), sa.literal(0))
            .add_columns(redacted.c.why)
            .select_from(redacted.join(_U, _U.c.id == redacted.c.update_id).join(of))
            .order_by(redacted.c.at.desc())
            .limit(limit)
        )
        with self.engine.connect() as connection:
            rows = [*connection.execute(decided), *connection.execute(gone)]
        return sorted((Deed(*row) for row in rows), key=lambda one: (one.at, one.update), reverse=True)[:limit]


def _cell(row: Any, update: str) -> HeldCell:
    return HeldCell(
        update=update,
        source=row.source,
        title=row.title,
        known_at=row.known_at,
        series=row.key,
        ref=row.ref,
        as_of=row.as_of,
        renames='"rename":' in (row.detail or ""),
    )


def _decided(row: Any) -> Decided:
    return Decided(
        update=f"{row.source}/{row.number}",
        target=f"{row.source}/{row.of}",
        recorded_at=row.recorded_at,
        series=row.key,
        as_of=row.as_of,
        action=row.action,
        who=row.who,
        why=row.why,
        read=row.content,
        counts=row.counts if row.counts is not None else (row.content if row.action == "accept" else None),
    )


def _same(version: Any, table: Any, update: Any) -> Any:
    mine = (version.c.series_id == table.c.series_id) & (version.c.as_of == table.c.as_of)
    return mine & (version.c.update_id == update)
