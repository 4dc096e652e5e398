"""Series and their versions."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Day, Instant, Series, UsageError, Version, date_of, days_between, parse_day
from storage import schema
from storage.driver.rows import raw
from storage.generations.naming import in_force, series_keyed
from storage.read.figures import series_of, told_versions, with_texts
from storage.read.marked import ended, marked
from storage.read.names import series_id_of, source_id
from storage.read.queries import V, W, literal, series_query, versions_query
from storage.read.room import LedgerReader

_U, _S = schema.updates, schema.series


class SeriesHistory(msgspec.Struct, frozen=True, kw_only=True):
    """A series' versions to draw, as the driver hands them over, by as-of and then as they were recorded.

    `rows` are (as-of, update, content, held), where a held one that was decided on has 2; `known` tells the number and
    the time of each of those updates. Of more than can be read at once they are those of some days (`thinned`), of
    `total` recorded.
    """

    source: str
    rows: list[tuple[Day, int, str, int]]
    known: dict[int, tuple[int, Instant]]
    total: int
    thinned: bool


class SeriesReader(LedgerReader):
    """Questions about series."""

    def series(self, source: str | None = None, *, quotes: bool = True) -> list[Series]:
        """What is followed: every series with its newest accepted figure; without quotes, the archive is not read."""
        with self.engine.connect() as connection:
            wanted = _of_source(connection, source)
            rows = connection.execute(series_query().where(wanted)).mappings().all()
            breaks, over = marked(connection), ended(connection)
            texts = self.texts if quotes else None
            return [series_of(texts, row, breaks, over) for row in with_texts(texts, rows, "")]

    def refs(self, source: str | None = None) -> dict[str, str]:
        """Every series' reference by its key: the rule's id, and the labels of its dimensions as they are printed."""
        with self.engine.connect() as connection:
            wanted = _of_source(connection, source)
            return {row.key: row.ref for row in connection.execute(sa.select(_S.c.key, _S.c.ref).where(wanted))}

    def show(self, series: str, *, known_at: Instant | None = None) -> list[Version]:
        """All recorded versions of one series, by as-of and then in the order they were recorded.

        Raises `UsageError` for an unknown series, naming near ones.
        """
        with self.engine.connect() as connection:
            series_id = series_id_of(connection, series)
            query = versions_query().where(V.c.series_id == series_id).order_by(V.c.as_of, V.c.update_id)
            if known_at:
                query = query.where(schema.updates.c.known_at <= known_at)
            return told_versions(connection, series, series_id, connection.execute(query).mappings(), known_at)

    def find_series(
        self, words: str = "", *, source: str | None = None, after: str = "", limit: int = 100
    ) -> list[Series]:
        """Series whose key has all the words, with their newest accepted figures, by key, those after one."""
        conditions: list[Any] = [_S.c.key > after]
        conditions += [_S.c.key.ilike(f"%{literal(word)}%", escape="\\") for word in words.split()]
        with self.engine.connect() as connection:
            conditions.append(_of_source(connection, source))
            ids = connection.execute(sa.select(_S.c.id).where(*conditions).order_by(_S.c.key).limit(limit)).scalars()
            found = series_query().where(_S.c.id.in_(list(ids)))
            rows = connection.execute(found.order_by(None).order_by(_S.c.key)).mappings().all()
            breaks, over = marked(connection), ended(connection)
            return [series_of(self.texts, row, breaks, over) for row in with_texts(self.texts, rows, "")]

    def one_series(self, key: str) -> Series:
        """One series with its newest figure. Raises `UsageError` for an unknown one."""
        with self.engine.connect() as connection:
            row = connection.execute(series_query().where(series_keyed(key))).mappings().first()
            if row is None:
                raise UsageError(f"there is no series {key!r}", "the page of all series finds them by their words")
            return series_of(self.texts, row, marked(connection), ended(connection))

    def count_versions(self, key: str) -> int:
        """How many versions of a series are recorded. Raises `UsageError` for an unknown one."""
        with self.engine.connect() as connection:
            query = sa.select(sa.func.count()).select_from(V).where(V.c.series_id == series_id_of(connection, key))
            return int(connection.execute(query).scalar_one())

    def history(
        self, key: str, *, since: Day | None = None, until: Day | None = None, most: int = 40_000
    ) -> SeriesHistory:
        """The versions of a series to draw, those of a span of as-ofs if one is given.

        Where there are more than `most` they are those of some days, changed and held ones among them, with all
        versions of each. Raises `UsageError` for an unknown series.
        """
        with self.engine.connect() as connection:
            series = series_id_of(connection, key)
            span = {"series": series, "since": since or "", "until": f"{until or '9999'}~"}
            ((total,),) = raw(connection, f"SELECT COUNT(*) {_SPAN}", span)
            few = "" if total <= most else f"AND v.as_of IN ({_some(connection, series, span, most)})"
            rows = raw(connection, f"SELECT {_DRAWN} {_SPAN} {few} ORDER BY v.as_of, v.update_id", span)
            known = raw(connection, _KNOWN, span)
            return SeriesHistory(
                source=key.partition("/")[0],
                rows=rows,
                known={row[0]: (row[1], row[2]) for row in known},
                total=total,
                thinned=total > most,
            )

    def newest_days(self, key: str, days: int) -> list[Version]:
        """All versions of a series' newest so many days. Raises `UsageError` for an unknown series."""
        with self.engine.connect() as connection:
            series = series_id_of(connection, key)
            newest = sa.select(W.c.as_of).where(W.c.series_id == series).distinct().order_by(W.c.as_of.desc())
            since = connection.execute(newest.limit(days)).scalars().all()[-1:]
            query = versions_query().where(V.c.series_id == series).order_by(V.c.as_of, V.c.update_id)
            rows = connection.execute(query.where(V.c.as_of >= since[0] if since else sa.false())).mappings()
            return told_versions(connection, key, series, rows)

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
        with self.engine.connect() as connection:
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
        with self.engine.connect() as connection:
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
            .where(series_keyed(key), _U.c.source_id == _S.c.source_id, _U.c.number.in_(numbers))
        )
        with self.engine.connect() as connection:
            return {
                (f"{row.key}/{row.number}", Day(row.as_of)): (row.verdict, row.content)
                for row in connection.execute(query)
            }

    def measures(self) -> list[tuple[str, int, int]]:
        """What is measured: (measure, how many sources, how many series), most sources first."""
        sources, count = sa.func.count(sa.distinct(_S.c.source_id)), sa.func.count()
        query = sa.select(_S.c.measure, sources, count).where(in_force(_S.c.source_id)).group_by(_S.c.measure)
        with self.engine.connect() as connection:
            rows = connection.execute(query.order_by(sources.desc(), count.desc(), _S.c.measure)).all()
            return [(row[0], row[1], row[2]) for row in rows]


def _of_source(connection: Connection, source: str | None) -> sa.ColumnElement[bool]:
    """The series of a source, or of all that are in force."""
    return in_force(_S.c.source_id) if source is None else _S.c.source_id == source_id(connection, source)


_PLACE = re.compile(r"(\d{4}-\d\d-\d\d(?:T\d\d:\d\dZ)?)\.(\d{1,9})")


def _beyond(connection: Connection, series: int, after: str) -> tuple[Any, ...]:
    """The versions of a series after a place, as the key finds them."""
    found = _PLACE.fullmatch(after)
    if found is None:
        raise UsageError(f"{after!r} is no place in a series", "follow the link to the next page")
    mine = sa.select(_S.c.source_id).where(_S.c.id == series).scalar_subquery()
    update = sa.select(_U.c.id).where(_U.c.source_id == mine, _U.c.number == int(found[2]))
    place = sa.tuple_(sa.literal(found[1]), sa.literal(connection.execute(update).scalar() or 0))
    return V.c.as_of >= found[1], sa.tuple_(V.c.as_of, V.c.update_id) > place


_SPAN = "FROM versions v WHERE v.series_id = :series AND v.as_of >= :since AND v.as_of <= :until"
_DRAWN = """v.as_of, v.update_id, COALESCE(v.content, ''), CASE WHEN v.held = 1 AND EXISTS (
    SELECT 1 FROM settlements t WHERE t.target_id = v.update_id AND t.series_id = v.series_id AND t.as_of = v.as_of
) THEN 2 ELSE v.held END"""
_KNOWN = f"SELECT u.id, u.number, u.known_at FROM updates u WHERE u.id IN (SELECT v.update_id {_SPAN})"


def _some(connection: Connection, series: int, span: Mapping[str, Any], most: int) -> str:
    """Some days of a span that has too many to read, as SQL lists them; they are the ledger's own dates."""
    ((first, last),) = raw(connection, f"SELECT MIN(v.as_of), MAX(v.as_of) {_SPAN}", span)
    days = _spread(connection, series, (first, last), max(1, most // 40))
    return ", ".join(f"'{parse_day(one)}'" for one in sorted(days))


def _spread(connection: Connection, series: int, span: tuple[Day, Day], wanted: int) -> set[Day]:
    """The days of a span to draw of a long series: evenly spread, and the newest of those changed or held."""
    mine = (W.c.series_id == series) & (W.c.as_of >= span[0]) & (W.c.as_of <= span[1])
    start, days = date_of(span[0]), days_between(*span) + 1
    even = sorted({(start + dt.timedelta(days=days * place // wanted)).isoformat() for place in range(wanted + 1)})
    # Each day is sought by the key: to number the rows and take every so-manieth would read them all.
    rows = ", ".join(f"('{one}')" for one in even)
    sought = sa.text(f"""
        SELECT (SELECT MAX(x.as_of) FROM versions x WHERE x.series_id = :series AND x.as_of <= d.column1)
        FROM (VALUES {rows}) AS d
    """)
    odd = W.c.kind.not_in(("new", "first", "late")) | (W.c.held == 1)
    marked_days = sa.select(W.c.as_of).where(mine, odd).order_by(W.c.as_of.desc()).limit(300)
    found = {Day(one) for one in connection.execute(sought, {"series": series}).scalars() if one}
    chosen = found | {Day(one) for one in connection.execute(marked_days).scalars()} | set(span)
    return {one for one in chosen if span[0] <= one <= span[1]}
