"""Browsing the ledger a page at a time: the filtered log, one change with its proof, series, claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Change, ChangeKind, Day, Instant, Observation, Series, Update, UsageError, Why
from storage import schema
from storage.breaks import marked
from storage.queries import V, changes_query, held_query, series_query, table_query, updates_query
from storage.views import Views, decisions_of, source_id, update_id

_U, _S = schema.updates, schema.series


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
    extractor: str | None
    reader_version: int | None
    options: str | None
    spans: tuple[tuple[int, int, int, int], ...]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """One change with all that proves it: the release that states the new value, and the one that stated the old."""

    update: Update
    change: Change
    new: Shot | None
    old: Shot | None
    before: str


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


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A series' newest accepted figure, with who carries it and how they count (`basis`)."""

    observation: Observation
    source: str
    title: str
    basis: str


class Browser(Views):
    """The views, a page at a time: nothing here reads a whole ledger."""

    def page(self, wanted: Wanted, *, before: int | None = None, limit: int = 20, changes: int = 50) -> list[Placed]:
        """Updates of the log, newest recorded first, those before a place where given.

        Raises `UsageError` for an unknown source.
        """
        with self._engine.connect() as connection:
            query = updates_query().where(*_conditions(connection, wanted)).order_by(_U.c.id.desc()).limit(limit)
            if before is not None:
                query = query.where(_U.c.id < before)
            rows = connection.execute(query).mappings().all()
            told = self._told(connection, rows, changes) if rows else ()
            return [Placed(row["id"], update) for row, update in zip(rows, told, strict=True)]

    def newest(self) -> int:
        """The place of the newest update in the log; 0 before the first."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(sa.func.max(_U.c.id))).scalar() or 0

    def count_after(self, place: int) -> int:
        """How many updates were recorded after a place in the log."""
        with self._engine.connect() as connection:
            return int(
                connection.execute(sa.select(sa.func.count()).select_from(_U).where(_U.c.id > place)).scalar_one()
            )

    def sources(self) -> list[tuple[str, str, str]]:
        """Every recorded source: (id, title, basis)."""
        table = schema.sources
        with self._engine.connect() as connection:
            query = sa.select(table.c.key, table.c.title, table.c.basis).order_by(table.c.key)
            return [(row.key, row.title, row.basis) for row in connection.execute(query)]

    def proof(self, name: str, series: str, as_of: Day) -> Proof:
        """One change of an update with its releases. Raises `UsageError` where the update has no such change."""
        with self._engine.connect() as connection:
            of = update_id(connection, name)
            row = connection.execute(updates_query().where(_U.c.id == of)).mappings().one()
            key = connection.execute(sa.select(_S.c.id).where(_S.c.key == series)).scalar() or 0
            only = changes_query([of], None).where(V.c.series_id == key, V.c.as_of == as_of)
            found = connection.execute(only).mappings().first()
            if found is None:
                raise UsageError(f"{name} changes nothing in {series!r} as of {as_of}", "follow a link of the log")
            stated, decided = self._stated(connection, {of: row}), decisions_of(connection, {of: row})
            (update,) = self._told(connection, [row], 0)
            return Proof(
                update=update,
                change=self._change(connection, row, found, stated, decided, marked(connection)),
                new=_shot(connection, of, key, as_of, with_stated=True),
                old=_base_shot(connection, of, key, as_of),
                before=_chain_before(connection, row),
            )

    def text(self, digest: str) -> str | None:
        """An archived text by its digest; None where it was redacted or is missing."""
        return self._text(digest)

    def find_series(self, words: str = "", *, source: str | None = None, limit: int = 100) -> list[Series]:
        """Series whose key has all the words, with their newest accepted figures, by key."""
        conditions: list[Any] = [_S.c.key.ilike(f"%{_literal(word)}%", escape="\\") for word in words.split()]
        with self._engine.connect() as connection:
            if source is not None:
                conditions.append(_S.c.source_id == source_id(connection, source))
            ids = connection.execute(sa.select(_S.c.id).where(*conditions).order_by(_S.c.key).limit(limit)).scalars()
            found = series_query().where(_S.c.id.in_(list(ids)))
            rows = connection.execute(found.order_by(None).order_by(_S.c.key)).mappings().all()
            breaks = marked(connection)
            return [self._series(row, breaks) for row in rows]

    def one_series(self, key: str) -> Series:
        """One series with its newest figure. Raises `UsageError` for an unknown one."""
        with self._engine.connect() as connection:
            row = connection.execute(series_query().where(_S.c.key == key)).mappings().first()
            if row is None:
                raise UsageError(f"there is no series {key!r}", "the page of all series finds them by their words")
            return self._series(row, marked(connection))

    def stated_of(self, key: str) -> dict[tuple[str, Day], tuple[str, str]]:
        """The increments that reports stated for a series: (verdict, content) by (update, as-of)."""
        table = schema.stated
        query = (
            sa.select(schema.sources.c.key, _U.c.number, table.c.as_of, table.c.verdict, table.c.content)
            .select_from(table.join(_S, _S.c.id == table.c.series_id).join(_U, _U.c.id == table.c.update_id))
            .join(schema.sources, schema.sources.c.id == _U.c.source_id)
            .where(_S.c.key == key)
        )
        with self._engine.connect() as connection:
            return {
                (f"{row.key}/{row.number}", Day(row.as_of)): (row.verdict, row.content)
                for row in connection.execute(query)
            }

    def measures(self) -> list[tuple[str, int, int]]:
        """What is measured: (measure, how many sources, how many series), most sources first."""
        sources, count = sa.func.count(sa.distinct(_S.c.source_id)), sa.func.count()
        query = sa.select(_S.c.measure, sources, count).group_by(_S.c.measure)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(sources.desc(), count.desc(), _S.c.measure)).all()
            return [(row[0], row[1], row[2]) for row in rows]

    def claims(
        self,
        measure: str,
        *,
        words: str = "",
        subgroups: bool = False,
        known_at: Instant | None = None,
        limit: int = 60,
    ) -> list[Claim]:
        """The newest accepted figure of each series of one measure, at most `limit`; without subgroups unless asked."""
        conditions: list[Any] = [_S.c.measure == measure]
        conditions += [_S.c.key.ilike(f"%{_literal(word)}%", escape="\\") for word in words.split()]
        if not subgroups:
            conditions.append(_S.c.category.is_(None))
        with self._engine.connect() as connection:
            ids = list(
                connection.execute(sa.select(_S.c.id).where(*conditions).order_by(_S.c.key).limit(limit)).scalars()
            )
            query = table_query(None, known_at, None).where(_S.c.id.in_(ids))
            newest: dict[str, Any] = {row["series"]: row for row in connection.execute(query).mappings()}
            facts = {key: (title, basis) for key, title, basis in self.sources()}
            breaks = marked(connection, known_at=known_at)
            return [
                Claim(
                    observation=self._observation(row, True, breaks),
                    source=row["source"],
                    title=facts[row["source"]][0],
                    basis=facts[row["source"]][1],
                )
                for row in newest.values()
            ]

    def decisions(self, source: str, *, limit: int = 20) -> list[Decided]:
        """What people decided about a source, newest first."""
        table, made, target = schema.settlements, _U, _U.alias("target")
        result = V.alias("result")
        query = (
            sa.select(table, made.c.number, made.c.recorded_at, target.c.number.label("of"), _S.c.key, V.c.content)
            .add_columns(result.c.content.label("counts"))
            .select_from(
                table.join(made, made.c.id == table.c.update_id)
                .join(target, target.c.id == table.c.target_id)
                .join(_S, _S.c.id == table.c.series_id)
                .join(V, _same(V, table, table.c.target_id))
                .outerjoin(result, _same(result, table, table.c.update_id))
            )
            .where(table.c.action != "supersede")
            .order_by(table.c.update_id.desc())
            .limit(limit)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query.where(made.c.source_id == source_id(connection, source))).all()
            return [_decided(source, row) for row in rows]

    def waiting(self) -> int:
        """How many values wait for a person."""
        held = held_query().order_by(None).subquery()
        with self._engine.connect() as connection:
            query = sa.select(sa.func.count()).select_from(held).where(held.c.action.is_(None))
            return int(connection.execute(query).scalar_one())

    def failures(self, source: str, *, limit: int = 5) -> list[tuple[Instant, str, int | None, str]]:
        """The newest attempts of a source that failed or were turned away: (at, state, HTTP status, reason)."""
        table, sources = schema.fetches, schema.sources
        query = (
            sa.select(table.c.at, table.c.state, table.c.status, table.c.reason)
            .select_from(table.join(sources))
            .where(sources.c.key == source, table.c.state.in_(("failed", "blocked")))
            .order_by(table.c.id.desc())
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [(row.at, row.state, row.status, row.reason or "") for row in connection.execute(query)]

    def readers(self, source: str) -> list[tuple[Instant, str, int]]:
        """When each way of reading a source began: (known at, extractor, version), oldest first."""
        first = sa.func.min(_U.c.known_at)
        query = (
            sa.select(first, _U.c.extractor, _U.c.reader_version)
            .where(_U.c.extractor.is_not(None))
            .group_by(_U.c.extractor, _U.c.reader_version, _U.c.options)
            .order_by(first)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query.where(_U.c.source_id == source_id(connection, source))).all()
            return [(row[0], row[1], row[2]) for row in rows]

    def media(self, sha256: str) -> tuple[str, str | None] | None:
        """The media type and charset of archived bytes that a release consists of."""
        table = schema.snapshots
        with self._engine.connect() as connection:
            query = sa.select(table.c.media_type, table.c.charset).where(table.c.sha256 == sha256)
            row = connection.execute(query.order_by(table.c.id.desc()).limit(1)).first()
            return (row.media_type, row.charset) if row else None


def _conditions(connection: Connection, wanted: Wanted) -> list[Any]:
    found: list[Any] = []
    if wanted.source:
        found.append(_U.c.source_id == source_id(connection, wanted.source))
    if wanted.kinds:
        found.append(sa.exists().where(V.c.update_id == _U.c.id, V.c.kind.in_(wanted.kinds)))
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


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _same(version: Any, table: Any, update: Any) -> Any:
    mine = (version.c.series_id == table.c.series_id) & (version.c.as_of == table.c.as_of)
    return mine & (version.c.update_id == update)


def _decided(source: str, row: Any) -> Decided:
    return Decided(
        update=f"{source}/{row.number}",
        target=f"{source}/{row.of}",
        recorded_at=row.recorded_at,
        series=row.key,
        as_of=row.as_of,
        action=row.action,
        who=row.who,
        why=row.why,
        read=row.content,
        counts=row.counts if row.counts is not None else (row.content if row.action == "accept" else None),
    )


def _base_shot(connection: Connection, update: int, series: int, as_of: Day) -> Shot | None:
    base_day = sa.func.coalesce(V.c.base_as_of, V.c.as_of)
    query = sa.select(V.c.base_update_id, base_day.label("day")).where(
        V.c.series_id == series, V.c.as_of == as_of, V.c.update_id == update
    )
    base = connection.execute(query).one()
    return _shot(connection, base.base_update_id, series, base.day) if base.base_update_id else None


def _shot(connection: Connection, update: int, series: int, as_of: Day, *, with_stated: bool = False) -> Shot:
    """The release of an update, with the place of one value, and of what the report states beside it."""
    snapshots, fetches, sources = schema.snapshots, schema.fetches, schema.sources
    fetch = sa.select(sa.func.min(fetches.c.id)).where(fetches.c.update_id == update).scalar_subquery()
    row = connection.execute(
        sa.select(_U, sources.c.key, sources.c.url.label("source_url"), snapshots, fetches.c.url, fetches.c.status)
        .select_from(
            _U.join(sources)
            .outerjoin(snapshots, snapshots.c.id == _U.c.snapshot_id)
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
    "known_at", "recorded_at", "published", "sha256", "text_sha256", "size", "media_type", "charset", "extractor",
    "reader_version", "options",
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
