"""One change with all that proves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Change, Day, Instant, Update, UsageError
from storage import schema
from storage.generations.naming import MARK, in_force
from storage.read.names import series_id_of, source_id, update_id
from storage.read.queries import V, changes_at, day_before, updates_query
from storage.read.room import LedgerReader
from storage.read.updates import context_of, read_change, read_updates

_U, _S = schema.updates, schema.series


class Shot(msgspec.Struct, frozen=True, kw_only=True):
    """Where a version stands: the archived release, when and how it came, and the place in its text (code points)."""

    update: str
    known_at: Instant
    recorded_at: Instant
    published: Day | None
    url: str | None
    status: int | None
    sha256: str | None
    text_sha256: str | None
    size: int | None
    media_type: str | None
    charset: str | None
    picture: str | None
    extractor: str | None
    reader_version: int | None
    options: str | None
    spans: tuple[tuple[int, int, int, int], ...]


class Counting(msgspec.Struct, frozen=True, kw_only=True):
    """What counts at an observation now (null: it was withdrawn), and the update that made it count."""

    update: str
    content: str | None


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """One change with all that proves it: the release that states the new value, and the one that stated the old.

    `counts` is what counts there now, by whichever update, None where nothing ever did; `settled_by` the newest update
    that settled what this one held, by a person or without one.
    """

    update: Update
    change: Change
    new: Shot | None
    old: Shot | None
    before: str
    counts: Counting | None = None
    settled_by: str | None = None


class EvidenceReader(LedgerReader):
    """Questions about where a value stands."""

    def proof(self, name: str, series: str, as_of: Day) -> Proof:
        """One change of an update with its releases. Raises `UsageError` where the update has no such change."""
        with self.engine.connect() as connection:
            of = update_id(connection, name)
            row = connection.execute(updates_query().where(_U.c.id == of)).mappings().one()
            named = series.partition("/")
            base = _S.c.key == f"{named[0].partition(MARK)[0]}/{named[2]}"  # of the generation that the update is of
            key = connection.execute(sa.select(_S.c.id).where(base, _S.c.source_id == row["source_id"])).scalar() or 0
            found = connection.execute(changes_at([(key, as_of, of)])).mappings().first()
            if found is None:
                raise UsageError(f"{name} changes nothing in {series!r} as of {as_of}", "follow a link of the log")
            context = context_of(self.texts, connection, {of: row})
            (update,) = read_updates(self.texts, connection, [row], 0)
            return Proof(
                update=update,
                change=read_change(self.texts, connection, row, found, context),
                counts=_counting(connection, key, as_of),
                settled_by=_settled_by(connection, of, key, as_of),
                new=_shot(connection, of, key, as_of, with_stated=True),
                old=_base_shot(connection, of, key, as_of),
                before=_chain_before(connection, row),
            )

    def heads(self) -> dict[str, tuple[int, str]]:
        """The number and the chain digest of each source's newest update, by its key."""
        newest = sa.select(sa.func.max(_U.c.id)).group_by(_U.c.source_id)
        query = sa.select(schema.sources.c.key, _U.c.number, _U.c.chain_digest).select_from(_U.join(schema.sources))
        with self.engine.connect() as connection:
            rows = connection.execute(query.where(_U.c.id.in_(newest), in_force(_U.c.source_id)))
            return {row.key: (row.number, row.chain_digest) for row in rows}

    def digests(self, source: str) -> dict[int, tuple[str, str, str | None]]:
        """Of each update of a source, by its number: chain digest, content digest, and the SHA-256 of its release."""
        snapshots = schema.snapshots
        query = (
            sa.select(_U.c.number, _U.c.chain_digest, _U.c.content_digest, snapshots.c.sha256)
            .select_from(_U.outerjoin(snapshots, snapshots.c.id == _U.c.snapshot_id))
            .where(_U.c.source_id == sa.bindparam("source"))
        )
        with self.engine.connect() as connection:
            rows = connection.execute(query, {"source": source_id(connection, source)})
            return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def touched(self, source: str, after: int) -> set[str]:
        """The series that updates of a source with higher numbers than one state, or decide on."""
        places = [
            sa.select(table.c.series_id).join_from(table, _U, _U.c.id == table.c.update_id)
            for table in (schema.versions, schema.settlements)
        ]
        late = _U.c.source_id == sa.bindparam("source"), _U.c.number > after
        ids = sa.union(*(one.where(*late) for one in places))
        with self.engine.connect() as connection:
            query = sa.select(_S.c.key).where(_S.c.id.in_(ids))
            return set(connection.execute(query, {"source": source_id(connection, source)}).scalars())

    def newest_day(self, name: str, series: str) -> Day:
        """The newest as-of of a series that an update changes. Raises `UsageError` where it changes nothing there."""
        with self.engine.connect() as connection:
            of = V.join(_S, _S.c.id == V.c.series_id)
            query = sa.select(sa.func.max(V.c.as_of)).select_from(of).where(_S.c.key == series)
            found = connection.execute(query.where(V.c.update_id == update_id(connection, name))).scalar()
            if found is None:
                series_id_of(connection, series)  # which names near ones where there is none
        if found is None:
            raise UsageError(
                f"{name} changes nothing in {series!r}", "tallybook log, or find, names where it was changed"
            )
        return Day(found)

    def text(self, digest: str) -> str | None:
        """An archived text by its digest; None where it was redacted or is missing."""
        return self.texts(digest)

    def media(self, sha256: str) -> tuple[str, str | None] | None:
        """The media type and charset of archived bytes that a release consists of."""
        table = schema.snapshots
        with self.engine.connect() as connection:
            query = sa.select(table.c.media_type, table.c.charset).where(table.c.sha256 == sha256)
            row = connection.execute(query.order_by(table.c.id.desc()).limit(1)).first()
            return (row.media_type, row.charset) if row else None


def _counting(connection: Connection, series: int, as_of: Day) -> Counting | None:
    table = schema.current
    query = (
        sa.select(schema.sources.c.key, _U.c.number, table.c.content, table.c.withdrawn)
        .select_from(table.join(_U, _U.c.id == table.c.update_id).join(schema.sources))
        .where(table.c.series_id == series, table.c.as_of == as_of)
    )
    row = connection.execute(query).first()
    return Counting(update=f"{row[0]}/{row[1]}", content=None if row[3] else row[2]) if row else None


def _settled_by(connection: Connection, update: int, series: int, as_of: Day) -> str | None:
    """The newest update that settled a value of this one; marks of breaks settle nothing."""
    table = schema.settlements
    mine = (table.c.target_id == update, table.c.series_id == series, table.c.as_of == as_of)
    query = (
        sa.select(schema.sources.c.key, _U.c.number)
        .select_from(table.join(_U, _U.c.id == table.c.update_id).join(schema.sources))
        .where(*mine, table.c.action.not_in(("break", "unbreak")))
        .order_by(table.c.update_id.desc())
    )
    row = connection.execute(query.limit(1)).first()
    return f"{row[0]}/{row[1]}" if row else None


def _base_shot(connection: Connection, update: int, series: int, as_of: Day) -> Shot | None:
    before = day_before()
    base_of = sa.case((before.is_not(None), V.c.update_id), else_=V.c.base_update_id)
    base_day = sa.func.coalesce(before, V.c.base_as_of, V.c.as_of)
    query = sa.select(base_of.label("base_update_id"), base_day.label("day")).where(
        V.c.series_id == series, V.c.as_of == as_of, V.c.update_id == update
    )
    base = connection.execute(query).one()
    return _shot(connection, base.base_update_id, series, base.day) if base.base_update_id else None


def _shot(connection: Connection, update: int, series: int, as_of: Day, *, with_stated: bool = False) -> Shot:
    """The release of an update, with the place of one value, and of what the report states beside it."""
    snapshots, fetches, sources, pictures = schema.snapshots, schema.fetches, schema.sources, schema.pictures
    fetch = sa.select(sa.func.min(fetches.c.id)).where(fetches.c.update_id == update).scalar_subquery()
    addresses = sources.c.url.label("source_url"), fetches.c.url
    row = connection.execute(
        sa.select(_U, sources.c.key, *addresses, snapshots, pictures.c.picture, fetches.c.status)
        .select_from(
            _U.join(sources)
            .outerjoin(snapshots, snapshots.c.id == _U.c.snapshot_id)
            .outerjoin(pictures, pictures.c.sha256 == snapshots.c.sha256)
            .outerjoin(fetches, fetches.c.id == fetch)
        )
        .where(_U.c.id == update)
    ).mappings().one()  # fmt: skip
    return Shot(
        update=f"{row['key']}/{row['number']}",
        url=row[fetches.c.url] or row["source_url"],
        status=row[fetches.c.status],
        spans=_spans(connection, update, series, as_of, with_stated),
        **{name: row[name] for name in _SHOT},
    )


_SHOT = (
    "known_at", "recorded_at", "published", "sha256", "text_sha256", "size", "media_type", "charset", "picture",
    "extractor", "reader_version", "options",
)  # fmt: skip


def _spans(
    connection: Connection, update: int, series: int, as_of: Day, with_stated: bool
) -> tuple[tuple[int, int, int, int], ...]:
    found: list[tuple[int, int, int, int]] = []
    tables: Sequence[Any] = (schema.versions, schema.stated) if with_stated else (schema.versions,)
    for table in tables:
        mine = (table.c.series_id == series, table.c.as_of == as_of, table.c.update_id == update)
        row = connection.execute(
            sa.select(table.c.start, table.c.end, table.c.quote_start, table.c.quote_end).where(*mine)
        ).first()
        if row is not None and row.start is not None:
            found.append((row.start, row.end, row.quote_start, row.quote_end))
    return tuple(found)


def _chain_before(connection: Connection, row: Any) -> str:
    query = sa.select(_U.c.chain_digest).where(_U.c.source_id == row["source_id"], _U.c.number == row["number"] - 1)
    return connection.execute(query).scalar() or ""
