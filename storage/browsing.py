"""Browsing the ledger a page at a time: the filtered log, one change with its proof, series, claims."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from model import Change, ChangeKind, Day, Instant, Observation, Series, Update, UsageError, Version, Why, days_between
from storage import schema
from storage.archive import Archive
from storage.breaks import marked
from storage.queries import (
    MOMENTS,
    NEWEST_NOW,
    WHERE_THEN,
    V,
    W,
    changes_query,
    held_query,
    observations_query,
    series_query,
    table_query,
    updates_query,
    versions_query,
)
from storage.views import Views, moments_of, series_id_of, settled_of, source_id, told_versions, update_id

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


class Sampled(msgspec.Struct, frozen=True, kw_only=True):
    """Versions of a series, `total` of them recorded; of very many those of some days, the newest among them."""

    versions: list[Version]
    total: int
    thinned: bool


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

    def __init__(self, engine: Engine, archive: Archive) -> None:
        super().__init__(engine, archive)
        self._readers: dict[str, tuple[int, dict[tuple[str, int, str], Instant]]] = {}

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
            stated, settled = self._stated(connection, {of: row}), settled_of(connection, {of: row})
            (update,) = self._told(connection, [row], 0)
            return Proof(
                update=update,
                change=self._change(connection, row, found, stated, settled, marked(connection)),
                counts=_counting(connection, key, as_of),
                settled_by=_settled_by(connection, of, key, as_of),
                new=_shot(connection, of, key, as_of, with_stated=True),
                old=_base_shot(connection, of, key, as_of),
                before=_chain_before(connection, row),
            )

    def text(self, digest: str) -> str | None:
        """An archived text by its digest; None where it was redacted or is missing."""
        return self._text(digest)

    def find_series(
        self, words: str = "", *, source: str | None = None, after: str = "", limit: int = 100
    ) -> list[Series]:
        """Series whose key has all the words, with their newest accepted figures, by key, those after one."""
        conditions: list[Any] = [_S.c.key > after]
        conditions += [_S.c.key.ilike(f"%{_literal(word)}%", escape="\\") for word in words.split()]
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

    def count_versions(self, key: str) -> int:
        """How many versions of a series are recorded. Raises `UsageError` for an unknown one."""
        with self._engine.connect() as connection:
            query = sa.select(sa.func.count()).select_from(V).where(V.c.series_id == series_id_of(connection, key))
            return int(connection.execute(query).scalar_one())

    def sampled(self, key: str, *, days: int, most: int = 3000) -> Sampled:
        """The versions of a series to draw and to list: all where they are at most `most`.

        Else the newest `days` whole, and before them so many days as can be drawn, changed and held ones among them,
        with all versions of each. Raises `UsageError` for an unknown series.
        """
        with self._engine.connect() as connection:
            series = series_id_of(connection, key)
            mine = V.c.series_id == series
            total = connection.execute(sa.select(sa.func.count()).select_from(V).where(mine)).scalar_one()
            query = versions_query().where(mine).order_by(V.c.as_of, V.c.update_id)
            if total > most:
                newest = sa.select(W.c.as_of).where(W.c.series_id == series).distinct().order_by(W.c.as_of.desc())
                since = connection.execute(newest.limit(days)).scalars().all()[-1]
                taken = _spread(connection, series, since, most // 3)
                query = query.where((V.c.as_of >= since) | V.c.as_of.in_(taken))
            rows = connection.execute(query).mappings()
            return Sampled(versions=told_versions(connection, key, series, rows), total=total, thinned=total > most)

    def window(
        self,
        key: str,
        *,
        since: Day | None = None,
        before: Day | None = None,
        known_at: Instant | None = None,
        limit: int = 50,
    ) -> list[Version]:
        """Versions of a series by as-of: the first `limit` since a day, else the last `limit` before one, or at all."""
        with self._engine.connect() as connection:
            series = series_id_of(connection, key)
            query = versions_query().where(V.c.series_id == series).limit(limit)
            if known_at:
                query = query.where(_U.c.known_at <= known_at)
            if since:
                query = query.where(V.c.as_of >= since).order_by(V.c.as_of, V.c.update_id)
            else:
                query = query.where(V.c.as_of < before) if before else query
                query = query.order_by(V.c.as_of.desc(), V.c.update_id.desc())
            rows = connection.execute(query).mappings().all()
            return told_versions(connection, key, series, rows if since else rows[::-1])

    def versions_page(
        self, key: str, *, after: str = "", known_at: Instant | None = None, limit: int = 1000
    ) -> tuple[list[Version], str]:
        """A page of a series' versions, as `show` orders and tells them, and the place after which the next begins.

        A place is an as-of and the number of an update (`2025-07-31.42`); none (empty) after the last page. Raises
        `UsageError` for an unknown series, or what is no place.
        """
        with self._engine.connect() as connection:
            series = series_id_of(connection, key)
            query = versions_query().where(V.c.series_id == series).order_by(V.c.as_of, V.c.update_id)
            if known_at:
                query = query.where(_U.c.known_at <= known_at)
            begun = query.where(*_beyond(connection, series, after)) if after else query
            rows = connection.execute(begun.limit(limit + 1)).mappings().all()
            if len(rows) <= limit:
                return told_versions(connection, key, series, rows, known_at), ""
            last = rows[limit - 1]
            # What counts next at the last day may stand on the next page, and the last version names it.
            rest = query.where(V.c.as_of == last["as_of"], V.c.held == 0, _U.c.number > last["number"]).limit(1)
            told = told_versions(
                connection, key, series, [*rows[:limit], *connection.execute(rest).mappings()], known_at
            )
            return told[:limit], f"{last['as_of']}.{last['number']}"

    def stated_of(self, key: str, updates: Iterable[str]) -> dict[tuple[str, Day], tuple[str, str]]:
        """The increments that reports stated for a series, in some updates: (verdict, content) by (update, as-of)."""
        table = schema.stated
        numbers = [int(name.rpartition("/")[2]) for name in updates]
        query = (
            sa.select(schema.sources.c.key, _U.c.number, table.c.as_of, table.c.verdict, table.c.content)
            .select_from(table.join(_S, _S.c.id == table.c.series_id).join(_U, _U.c.id == table.c.update_id))
            .join(schema.sources, schema.sources.c.id == _U.c.source_id)
            .where(_S.c.key == key, _U.c.source_id == _S.c.source_id, _U.c.number.in_(numbers))
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
        after: str = "",
        limit: int = 60,
    ) -> tuple[list[Claim], str]:
        """The newest accepted figure of each of at most `limit` series of one measure, by key, those after one.

        Without subgroups unless asked. With it the key after which there are more; empty where there are none.
        """
        conditions: list[Any] = [_S.c.measure == measure, _S.c.key > after]
        conditions += [_S.c.key.ilike(f"%{_literal(word)}%", escape="\\") for word in words.split()]
        if not subgroups:
            conditions.append(_S.c.category.is_(None))
        with self._engine.connect() as connection:
            query = sa.select(_S.c.id, _S.c.key).where(*conditions).order_by(_S.c.key).limit(limit + 1)
            found = connection.execute(query).all()
            more = found[limit - 1].key if len(found) > limit else ""
            newest = self._newest(connection, [row.id for row in found[:limit]], known_at)
            facts = {key: (title, basis) for key, title, basis in self.sources()}
            breaks = marked(connection, known_at=known_at)
            claims = [
                Claim(
                    observation=self._observation(row, True, breaks),
                    source=row["source"],
                    title=facts[row["source"]][0],
                    basis=facts[row["source"]][1],
                )
                for row in newest
            ]
            return claims, more

    def _newest(self, connection: Connection, ids: list[int], known_at: Instant | None) -> list[Any]:
        """The newest accepted observation of each of these series, now or as known at a time, by key."""
        if known_at is None:
            places = connection.execute(NEWEST_NOW, {"ids": ids}).all()
        else:
            moments = list(moments_of(connection, MOMENTS, known_at))
            places = [row for one in moments for row in connection.execute(WHERE_THEN, one | {"ids": ids})]
        chosen = [(series, *packed.split(" ")) for series, packed in places if packed]
        found = list(connection.execute(observations_query(V).where(_picked(chosen))).mappings()) if chosen else []
        if known_at is not None and len(found) < len(chosen):
            # The newest day of some was withdrawn by then: their newest is looked for among all their days.
            there = {row["series_id"] for row in found}
            gone = [series for series, _, _ in chosen if series not in there]
            query = table_query(None, known_at, None).where(_S.c.id.in_(gone))
            found += {row["series_id"]: row for row in connection.execute(query).mappings()}.values()
        return sorted(found, key=lambda row: row["series"])

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
        with self._engine.connect() as connection:
            if source is not None:
                query = query.where(made.c.source_id == source_id(connection, source))
            return [_decided(row) for row in connection.execute(query)]

    def held_page(self, limit: int, *, offset: int = 0) -> list[Update]:
        """The first updates with changes that wait for a person, `limit` changes at most, each with those alone.

        The first `offset` changes are left out.
        """
        with self._engine.connect() as connection:
            held = held_query().order_by(None).subquery()
            first = (
                sa.select(held)
                .where(held.c.action.is_(None))
                .order_by(held.c.update_id, held.c.series_id, held.c.as_of)
            )
            places = connection.execute(first.limit(limit).offset(offset)).all()
            ids = sorted({row.update_id for row in places})
            rows = connection.execute(updates_query().where(_U.c.id.in_(ids)).order_by(_U.c.id)).mappings().all()
            by_id = {row["id"]: row for row in rows}
            picked = [(row.series_id, row.as_of, row.update_id) for row in places]
            only = changes_query(ids, None).where(_picked(picked))
            stated, settled = self._stated(connection, by_id), settled_of(connection, by_id)
            breaks, waiting = marked(connection), dict[int, list[Change]]()
            for row in connection.execute(only).mappings().all() if picked else ():
                of = by_id[row["update_id"]]
                waiting.setdefault(of["id"], []).append(self._change(connection, of, row, stated, settled, breaks))
            told = self._told(connection, rows, 0)
            return [
                msgspec.structs.replace(update, changes=tuple(waiting[row["id"]]))
                for row, update in zip(rows, told, strict=True)
            ]

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
        with self._engine.connect() as connection:
            upto, found = self._readers.get(source, (0, {}))
            first, newest = sa.func.min(_U.c.known_at), sa.func.max(_U.c.number)
            query = (
                sa.select(first, _U.c.extractor, _U.c.reader_version, _U.c.options, newest)
                .where(_U.c.source_id == source_id(connection, source), _U.c.number > upto)
                .where(_U.c.extractor.is_not(None))
                .group_by(_U.c.extractor, _U.c.reader_version, _U.c.options)
            )
            rows = connection.execute(query).all()
        # Updates are never changed, so only those since the last look are looked at.
        fresh = {(row[1], row[2], row[3]): Instant(row[0]) for row in rows}
        found = {**fresh, **found}
        self._readers[source] = (max([upto, *(row[4] for row in rows)]), found)
        return sorted((at, extractor, version) for (extractor, version, _), at in found.items())

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


_PLACE = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d{1,9})")


def _beyond(connection: Connection, series: int, after: str) -> tuple[Any, ...]:
    """The versions of a series after a place, as the key finds them."""
    found = _PLACE.fullmatch(after)
    if found is None:
        raise UsageError(f"{after!r} is no place in a series", "follow the link to the next page")
    mine = sa.select(_S.c.source_id).where(_S.c.id == series).scalar_subquery()
    update = sa.select(_U.c.id).where(_U.c.source_id == mine, _U.c.number == int(found[2]))
    place = sa.tuple_(sa.literal(found[1]), sa.literal(connection.execute(update).scalar() or 0))
    return V.c.as_of >= found[1], sa.tuple_(V.c.as_of, V.c.update_id) > place


def _spread(connection: Connection, series: int, until: Day, wanted: int) -> set[Day]:
    """The days of a long series to draw before one: evenly spread, and the newest of those changed or held."""
    mine = W.c.series_id == series
    first = connection.execute(sa.select(sa.func.min(W.c.as_of)).where(mine)).scalar_one()
    start, days = dt.date.fromisoformat(first), days_between(first, until)
    even = sorted({(start + dt.timedelta(days=days * place // wanted)).isoformat() for place in range(wanted)})
    # Each day is sought by the key: to number the rows and take every so-manieth would read them all.
    rows = ", ".join(f"('{one}')" for one in even)
    sought = sa.text(f"""
        SELECT (SELECT MAX(x.as_of) FROM versions x WHERE x.series_id = :series AND x.as_of <= d.column1)
        FROM (VALUES {rows}) AS d
    """)
    odd = W.c.kind.not_in(("new", "first", "late")) | (W.c.held == 1)
    marked_days = sa.select(W.c.as_of).where(mine, odd).order_by(W.c.as_of.desc()).limit(300)
    found = {Day(one) for one in connection.execute(sought, {"series": series}).scalars() if one}
    return found | {Day(one) for one in connection.execute(marked_days).scalars()}


def _picked(places: Iterable[tuple[int, Any, Any]]) -> Any:
    """Which versions are meant by their places: (series, as-of, update)."""
    rows = [(series, as_of, int(update)) for series, as_of, update in places]
    exactly = sa.tuple_(V.c.series_id, V.c.as_of, V.c.update_id).in_(rows)
    # Said of each column too, since SQLite takes no index for the three together.
    return V.c.series_id.in_({row[0] for row in rows}) & V.c.as_of.in_({row[1] for row in rows}) & exactly


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _same(version: Any, table: Any, update: Any) -> Any:
    mine = (version.c.series_id == table.c.series_id) & (version.c.as_of == table.c.as_of)
    return mine & (version.c.update_id == update)


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
