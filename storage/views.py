"""Reading the ledger: the diff log, the table as known or recorded at a time, the versions of a series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from model import (
    Anew,
    ArchiveError,
    Baseline,
    Change,
    CheckResult,
    Day,
    Decision,
    Figure,
    Group,
    Instant,
    Marks,
    Observation,
    Series,
    Stated,
    Status,
    Update,
    UsageError,
    Version,
    read_content,
)
from storage import schema
from storage.archive import Archive
from storage.breaks import Breaks, Marked, marked
from storage.database import open_engine
from storage.groups import Summed, difference, read_groups, summarise
from storage.queries import (
    DIFFERENCES,
    MOMENT_OF,
    MOMENTS,
    NEWEST_THEN,
    SUMMED,
    VALUE_THEN,
    V,
    changes_query,
    held_query,
    series_query,
    table_query,
    updates_query,
    versions_query,
)

_AT_ONCE = 200

CHANGES_SHOWN = 50
"""So many changes of one update are told in full; all of them on demand."""


class Views:
    """Questions to the ledger; each method is one read-only transaction."""

    def __init__(self, engine: Engine, archive: Archive) -> None:
        self._engine = engine
        self._text: Callable[[str], str | None] = lru_cache(maxsize=64)(_reader_of(archive))

    @classmethod
    def open(cls, url: str, archive: Archive) -> Views:
        """Open a ledger for reading alone; its schema is brought up to date."""
        return cls(open_engine(url), archive)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

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
        with self._engine.connect() as connection:
            if source is None:
                return self._updates(connection, query.order_by(table.c.id.desc()), changes)
            mine = query.where(table.c.source_id == source_id(connection, source))
            return self._updates(connection, mine.order_by(table.c.number.desc()), changes)

    def update(self, name: str, *, changes: int | None = None) -> Update:
        """One update by its name such as `mediazona/42`. Raises `UsageError` when there is none."""
        with self._engine.connect() as connection:
            query = updates_query().where(schema.updates.c.id == update_id(connection, name))
            return self._updates(connection, query, changes)[0]

    def changes_of(self, connection: Connection, name: str) -> tuple[Change, ...]:
        """An update's changes inside a transaction that may yet be taken back."""
        query = updates_query().where(schema.updates.c.id == update_id(connection, name))
        return self._updates(connection, query, None)[0].changes

    def held(self) -> list[Update]:
        """Updates with changes that wait for a person, oldest first, each with those changes alone."""
        with self._engine.connect() as connection:
            held = held_query().order_by(None).subquery()
            rows = connection.execute(sa.select(held).where(held.c.action.is_(None))).all()
            waiting = {(row.update_id, row.series_id, row.as_of) for row in rows}
            keys = dict(connection.execute(sa.select(schema.series.c.id, schema.series.c.key)).tuples().all())
            named = {(update, keys[series_id], as_of) for update, series_id, as_of in waiting}
            query = updates_query().where(schema.updates.c.id.in_({row.update_id for row in rows}))
            found = connection.execute(query.order_by(schema.updates.c.id)).mappings().all()
            return [self._only_waiting(connection, row, named) for row in found]

    def _only_waiting(self, connection: Connection, row: Any, waiting: set[tuple[int, str, Day]]) -> Update:
        (update,) = self._told(connection, [row], None)
        changes = tuple(one for one in update.changes if (row["id"], one.series, one.as_of) in waiting)
        return msgspec.structs.replace(update, changes=changes)

    def series(self, source: str | None = None) -> list[Series]:
        """What is followed: every series with its newest accepted figure."""
        with self._engine.connect() as connection:
            wanted = sa.true() if source is None else schema.series.c.source_id == source_id(connection, source)
            rows = connection.execute(series_query().where(wanted)).mappings().all()
            breaks = marked(connection)
            return [self._series(row, breaks) for row in rows]

    def show(self, series: str, *, known_at: Instant | None = None) -> list[Version]:
        """All recorded versions of one series, by as-of and then in the order they were recorded.

        Raises `UsageError` for an unknown series, naming near ones.
        """
        with self._engine.connect() as connection:
            series_id = series_id_of(connection, series)
            query = versions_query().where(V.c.series_id == series_id).order_by(V.c.as_of, V.c.update_id)
            if known_at:
                query = query.where(schema.updates.c.known_at <= known_at)
            return told_versions(connection, series, series_id, connection.execute(query).mappings(), known_at)

    def table(
        self,
        source: str | None = None,
        *,
        known_at: Instant | None = None,
        recorded_by: Instant | None = None,
        quotes: bool = True,
    ) -> list[Observation]:
        """The accepted observations: now, as the world could know them at a time, or as we had recorded them by one.

        A decision on a held value counts from when the world could read the value that it decides on. Raises
        `UsageError` for an unknown source. `quotes=False` leaves the archive unread.
        """
        with self._engine.connect() as connection:
            mine = source_id(connection, source) if source is not None else None
            horizon = None
            if known_at is not None:
                moments = moments_of(connection, MOMENTS, known_at)
                horizon = max((one["horizon"] for one in moments if mine in (None, one["source"])), default="")
            query = table_query(mine, known_at, recorded_by, horizon)
            breaks = marked(connection, known_at=known_at, recorded_by=recorded_by)
            return [self._observation(row, quotes, breaks) for row in connection.execute(query).mappings()]

    def differences(self, name: str) -> list[tuple[str, Decimal | None, Decimal | None]]:
        """The changes of one update as (series, old value, new value), without the words around them."""
        source, _, number = name.rpartition("/")
        with self._engine.connect() as connection:
            rows = connection.execute(DIFFERENCES, {"source": source, "number": int(number)}).all()
            return [(key, _single(old), _single(new)) for key, old, new in rows]

    def value_at(self, series: str, known_at: Instant) -> tuple[Day, str] | None:
        """A series' newest observation as the world could know it: (as-of, canonical content)."""
        with self._engine.connect() as connection:
            for moment in moments_of(connection, MOMENT_OF, known_at, series=series):
                row = connection.execute(VALUE_THEN, {"series": series, **moment}).first()
                return (row[0], row[1]) if row else None
            return None

    def newest_at(self, known_at: Instant, source: str | None = None) -> Iterator[tuple[str, Day, str]]:
        """Yield every series' newest observation as the world could know it: (series, as-of, canonical content).

        One row at a time, so that a table of any size costs no memory. Raises `UsageError` for an unknown source.
        """
        with self._engine.connect() as connection:
            mine = source_id(connection, source) if source is not None else None
            for moment in moments_of(connection, MOMENTS, known_at):
                if mine in (None, moment["source"]):
                    for key, packed in connection.execute(NEWEST_THEN, moment):
                        if packed:
                            yield key, packed[:10], packed[11:]

    def unfollowed(
        self, source: str | None = None, *, limit: int | None = None, offset: int | None = None
    ) -> list[tuple[str, str, Figure]]:
        """Figures that belong to no followed series or to two: (update, why, figure), newest first."""
        table, updates, sources = schema.unfollowed, schema.updates, schema.sources
        query = (
            sa.select(sources.c.key, updates.c.number, table.c.why, table.c.figure)
            .select_from(table.join(updates).join(sources))
            .order_by(updates.c.id.desc(), table.c.position)
            .limit(limit)
            .offset(offset)
        )
        with self._engine.connect() as connection:
            if source is not None:
                query = query.where(sources.c.id == source_id(connection, source))
            return [
                (f"{key}/{number}", why, msgspec.json.decode(figure, type=Figure))
                for key, number, why, figure in connection.execute(query)
            ]

    def _updates(self, connection: Connection, query: sa.Select[Any], most: int | None) -> list[Update]:
        rows = connection.execute(query).mappings().all()
        parts = (rows[at : at + _AT_ONCE] for at in range(0, len(rows), _AT_ONCE))
        return [update for part in parts for update in self._told(connection, part, most)]

    def _told(self, connection: Connection, rows: Sequence[Any], most: int | None) -> Iterator[Update]:
        """Updates with all that hangs on them, each table asked once for all of them."""
        by_id = {row["id"]: row for row in rows}
        checks, held = _checks(connection, by_id), _held(connection, by_id)
        breaks = marked(connection)
        changes, groups = self._changes(connection, by_id, most, breaks), _groups(connection, by_id, breaks)
        for row in rows:
            yield Update(
                update=f"{row['key']}/{row['number']}",
                source=row["key"],
                known_at=row["known_at"],
                recorded_at=row["recorded_at"],
                cause=row["cause"],
                status=derive_status(held.get(row["id"], {}), row["changes"] + row["echoes"]),
                snapshot=row["sha256"],
                changes_total=row["changes"],
                groups=groups[row["id"]],
                checks=tuple(checks.get(row["id"], ())),
                changes=tuple(changes.get(row["id"], ())),
                echoes=row["echoes"],
                title=row["title"],
                basis=row["basis"],
                url=row["url"],
                content_digest=row["content_digest"],
                chain_digest=row["chain_digest"],
            )

    def _changes(
        self, connection: Connection, updates: Mapping[int, Any], most: int | None, breaks: Marked
    ) -> dict[int, list[Change]]:
        stated, settled = self._stated(connection, updates), settled_of(connection, updates)
        told: dict[int, list[Change]] = {}
        for row in connection.execute(changes_query(list(updates), most)).mappings().all():
            update = updates[row["update_id"]]
            told.setdefault(update["id"], []).append(self._change(connection, update, row, stated, settled, breaks))
        return told

    def _change(
        self,
        connection: Connection,
        update: Any,
        row: Any,
        stated: dict[Any, Stated],
        settled: Settled,
        breaks: Marked,
    ) -> Change:
        detail = _detail(row["detail"])
        old = self._figure(row, "base_", row["base_day"]) if row["base_content"] is not None else None
        new = self._figure(row, "", row["as_of"]) if row["content"] is not None else None
        reverts = detail.get("reverts")
        anew = Breaks(breaks.get(row["series_id"], {})).between(row["base_day"], row["as_of"])
        return Change(
            kind=row["kind"],
            why=update["why"],
            series=row["series"],
            as_of=row["as_of"],
            old=old,
            new=new,
            difference=None
            if anew
            else difference(row["kind"], row["series_kind"], row["base_content"], row["content"]),
            held=bool(row["held"]),
            marks=Marks(
                reverts=_update_name(connection, reverts) if reverts else None,
                redated=detail.get("redated"),
                how=detail.get("how"),
                echo=bool(detail.get("echo")),
                anew=anew,
            ),
            stated=stated.get((update["id"], row["series_id"], row["as_of"])),
            decision=settled.decisions.get((update["id"], row["series_id"], row["as_of"])),
            ended=settled.ended.get((update["id"], row["series_id"], row["as_of"])),
        )

    def _stated(self, connection: Connection, updates: Mapping[int, Any]) -> dict[Any, Stated]:
        table = schema.stated
        rows = connection.execute(sa.select(table).where(table.c.update_id.in_(list(updates)))).mappings().all()
        return {
            (row["update_id"], row["series_id"], row["as_of"]): self._one_stated(
                connection, updates[row["update_id"]], row
            )
            for row in rows
        }

    def _one_stated(self, connection: Connection, update: Any, row: Any) -> Stated:
        content = read_content(row["content"])
        base = _baseline(connection, row) if row["base_update_id"] else None
        text = self._text(update["text_sha256"]) if update["text_sha256"] else None
        return Stated(
            value=content.value,
            verdict=row["verdict"],
            baseline=base,
            implied_base=read_content(row["implied"] or "").value,
            computed=read_content(row["computed"] or "").value,
            quote=text[row["quote_start"] : row["quote_end"]] if text else "",
        )

    def _figure(self, row: Any, prefix: str, as_of: Day, quotes: bool = True) -> Figure:
        detail = _detail(row[prefix + "detail"])
        content = read_content(row[prefix + "content"])
        place = (row[prefix + "start"], row[prefix + "end"], row[prefix + "quote_start"], row[prefix + "quote_end"])
        digest = row[prefix + "text_sha256"]
        text = self._text(digest) if quotes and digest and place[0] is not None else None
        period = detail.get("period") or (None, None)
        return Figure(
            value=content.value,
            low=content.low,
            high=content.high,
            qualifier=content.qualifier,
            unit=row["unit"],
            measure=row["measure"],
            whom=detail.get("whom") or row["whom"],
            category=row["category"],
            kind=row["series_kind"],
            attributed_to=tuple(detail.get("by") or msgspec.json.decode(row["attributed_to"])),
            period_start=period[0],
            period_end=period[1],
            as_of=as_of,
            quote=detail.get("quote") or (text[place[2] : place[3]] if text else ""),
            number_text=detail.get("number_text") or (text[place[0] : place[1]] if text else ""),
            start=place[0] or 0,
            end=place[1] or 0,
        )

    def _series(self, row: Any, breaks: Marked) -> Series:
        latest = self._figure(row, "", row["as_of"]) if row["content"] else None
        return Series(
            series=row["series"],
            source=row["source"],
            title=row["title"],
            measure=row["measure"],
            kind=row["series_kind"],
            unit=row["unit"],
            whom=row["whom"],
            category=row["category"],
            attributed_to=tuple(msgspec.json.decode(row["attributed_to"])),
            basis=row["basis"],
            observations=row["observations"],
            latest_as_of=row["as_of"],
            latest=latest,
            anew=tuple(Anew(as_of=day, why=why) for day, why in sorted(breaks.get(row["series_id"], {}).items())),
        )

    def _observation(self, row: Any, quotes: bool, breaks: Marked) -> Observation:
        figure = self._figure(row, "", row["as_of"], quotes)
        return Observation(
            series=row["series"],
            as_of_basis=_detail(row["detail"]).get("basis", "stated"),
            update=f"{row['source']}/{row['number']}",
            known_at=row["known_at"],
            recorded_at=row["recorded_at"],
            anew=breaks.get(row["series_id"], {}).get(row["as_of"]),
            **msgspec.structs.asdict(figure),
        )


def _single(content: str | None) -> Decimal | None:
    return read_content(content).value if content else None


def source_id(connection: Connection, key: str) -> int:
    """A source's id in the ledger. Raises `UsageError` when nothing was recorded of it."""
    found = connection.execute(sa.select(schema.sources.c.id).where(schema.sources.c.key == key)).scalar()
    if found is None:
        known = connection.execute(sa.select(schema.sources.c.key).order_by(schema.sources.c.key)).scalars().all()
        hint = f"recorded are {', '.join(known[:12])}" if known else "nothing is recorded yet: run tallybook refresh"
        raise UsageError(f"the ledger has nothing of a source {key!r}", hint)
    return int(found)


def update_id(connection: Connection, name: str) -> int:
    """An update's id by its name. Raises `UsageError` when there is none."""
    key, _, digits = name.rpartition("/")
    number = int(digits) if digits.isdecimal() and len(digits) < 10 else -1
    query = (
        sa.select(schema.updates.c.id)
        .select_from(schema.updates.join(schema.sources))
        .where(
            schema.sources.c.key == key,
            schema.updates.c.number == number,
        )
    )
    found = connection.execute(query).scalar()
    if found is None:
        raise UsageError(f"there is no update {name!r}", "an update is named like mediazona/42; see tallybook log")
    return int(found)


def series_id_of(connection: Connection, key: str) -> int:
    """A series' id by its key. Raises `UsageError` when there is none, naming near ones."""
    found = connection.execute(sa.select(schema.series.c.id).where(schema.series.c.key == key)).scalar()
    if found is None:
        import difflib

        keys = connection.execute(sa.select(schema.series.c.key)).scalars().all()
        near = difflib.get_close_matches(key, keys, n=3, cutoff=0.4)
        hint = f"near: {', '.join(near)}" if near else "tallybook series lists them"
        raise UsageError(f"there is no series {key!r}", hint)
    return int(found)


def _reader_of(archive: Archive) -> Callable[[str], str | None]:
    def read(digest: str) -> str | None:
        try:
            return archive.get(digest).decode()
        except ArchiveError:
            return None

    return read


def _version(series: str, row: Any, anew: Mapping[Day, str]) -> Version:
    content = read_content(row["content"] or "")
    return Version(
        series=series,
        as_of=row["as_of"],
        value=content.value,
        low=content.low,
        high=content.high,
        qualifier=content.qualifier,
        known_at=row["known_at"],
        recorded_at=row["recorded_at"],
        update=f"{row['source']}/{row['number']}",
        superseded_by=None,
        kind=row["kind"],
        held=bool(row["held"]),
        anew=anew.get(row["as_of"]),
    )


def told_versions(
    connection: Connection, series: str, series_id: int, rows: Iterable[Any], known_at: Instant | None = None
) -> list[Version]:
    """The versions of a series that a query found, in the order of as-of and recording."""
    anew = marked(connection, known_at=known_at).get(series_id, {})
    return _with_successors([_version(series, row, anew) for row in rows])


def _with_successors(versions: Sequence[Version]) -> list[Version]:
    """Name for each version the next one that counts at the same as-of."""
    told: list[Version] = []
    following: Version | None = None
    for version in reversed(versions):
        same = following is not None and following.as_of == version.as_of
        told.append(msgspec.structs.replace(version, superseded_by=following.update if same and following else None))
        if not version.held:
            following = version
    return told[::-1]


def _held(connection: Connection, updates: Mapping[int, Any]) -> dict[int, dict[str | None, int]]:
    """How many held changes each update has, by the action that settled them last (None: still open)."""
    table, by = schema.settlements, schema.settlements.alias("by")
    same = (table.c.series_id == V.c.series_id) & (table.c.as_of == V.c.as_of) & (table.c.action != "unbreak")
    newest = (
        sa.select(V.c.update_id, V.c.series_id, V.c.as_of, sa.func.max(table.c.update_id).label("by"))
        .select_from(V.outerjoin(table, (table.c.target_id == V.c.update_id) & same))
        .where(V.c.update_id.in_(list(updates)), V.c.held == 1)
        .group_by(V.c.update_id, V.c.series_id, V.c.as_of)
        .subquery()
    )
    settled = (by.c.update_id == newest.c.by) & (by.c.target_id == newest.c.update_id)
    settled &= (by.c.series_id == newest.c.series_id) & (by.c.as_of == newest.c.as_of)
    rows = connection.execute(
        sa.select(newest.c.update_id, by.c.action, sa.func.count())
        .select_from(newest.outerjoin(by, settled))
        .group_by(newest.c.update_id, by.c.action)
    )
    held: dict[int, dict[str | None, int]] = {}
    for update, action, count in rows:
        held.setdefault(update, {})[action] = count
    return held


def derive_status(held: dict[str | None, int], changes: int) -> Status:
    """How an update stands, from how many of its changes were held and what settled them (None: still open)."""
    if not held:
        return "accepted"
    if None in held:
        return "held" if held[None] == changes else "partly_held"
    if sum(held.values()) < changes or held.keys() & {"accept", "correct", "break"}:
        return "accepted"
    return "rejected" if "reject" in held else "superseded"


def moments_of(connection: Connection, query: sa.TextClause, known_at: Instant, **of: str) -> Iterator[dict[str, Any]]:
    """How far sources were known at a time, as the parameters of a search for what they stated then."""
    for source, head, horizon, late in connection.execute(query, {"known_at": known_at, **of}).all():
        yield {"source": source, "head": head, "horizon": max(horizon, late or ""), "known_at": known_at}


def _groups(connection: Connection, updates: Mapping[int, Any], breaks: Marked) -> dict[int, tuple[Group, ...]]:
    """The summary of each update: the stored one, or one made of its few changes."""
    few: dict[int, list[Summed]] = {update: [] for update, row in updates.items() if row["groups"] is None}
    for update, *change, series_id, base_day in connection.execute(SUMMED, {"ids": list(few)}):
        one = Summed(*change)
        anew = series_id in breaks and Breaks(breaks[series_id]).between(base_day, one.as_of)
        few[update].append(one._replace(old=None) if anew else one)
    return {
        update: summarise(few[update]) if update in few else read_groups(row["groups"])
        for update, row in updates.items()
    }


def _checks(connection: Connection, updates: Mapping[int, Any]) -> dict[int, list[CheckResult]]:
    table = schema.checks
    query = sa.select(table).where(table.c.update_id.in_(list(updates))).order_by(table.c.update_id, table.c.position)
    found: dict[int, list[CheckResult]] = {}
    for row in connection.execute(query):
        check = CheckResult(name=row.name, result=row.result, message=row.message, series=row.series, as_of=row.as_of)
        found.setdefault(row.update_id, []).append(check)
    return found


class Settled(NamedTuple):
    """What became of changes, by update, series and as-of: people's decisions, and what ended a hold without one."""

    decisions: dict[tuple[int, int, Day], Decision]
    ended: dict[tuple[int, int, Day], str]


def settled_of(connection: Connection, updates: Mapping[int, Any]) -> Settled:
    """The decisions that made some updates' changes or settled their holds, the newest of each; the holds that ended.

    A hold ends without a decision when its source states something else; the update that does so is named.
    """
    table, ids = schema.settlements, list(updates)
    made, of = schema.updates.alias("made"), schema.updates.alias("target")
    rows = connection.execute(
        sa.select(table, schema.sources.c.key, made.c.number.label("made"), of.c.number.label("of"))
        .select_from(
            table.join(of, of.c.id == table.c.target_id)
            .join(made, made.c.id == table.c.update_id)
            .join(schema.sources, schema.sources.c.id == of.c.source_id)
        )
        .where(sa.or_(table.c.update_id.in_(ids), table.c.target_id.in_(ids)))
        .order_by(table.c.update_id)
    )
    by_person: dict[tuple[int, int, Day], Decision] = {}
    settled: dict[tuple[int, int, Day], Decision] = {}
    ended: dict[tuple[int, int, Day], str] = {}
    for row in rows:
        place = (row.target_id, row.series_id, row.as_of)
        if row.action == "supersede":
            ended[place] = f"{row.key}/{row.made}"
            continue
        decision = Decision(update=f"{row.key}/{row.of}", action=row.action, who=row.who, why=row.why)
        by_person[row.update_id, row.series_id, row.as_of] = settled[place] = decision
    return Settled(settled | by_person, ended)


def _baseline(connection: Connection, row: Any) -> Baseline:
    updates, sources, series = schema.updates, schema.sources, schema.series
    found = connection.execute(
        sa.select(sources.c.key, updates.c.number, updates.c.known_at, V.c.content, series.c.key)
        .select_from(
            V.join(updates, updates.c.id == V.c.update_id)
            .join(series, series.c.id == V.c.series_id)
            .join(sources, sources.c.id == updates.c.source_id)
        )
        .where(
            V.c.series_id == row["base_series_id"],
            V.c.as_of == row["base_as_of"],
            V.c.update_id == row["base_update_id"],
        )
    ).one()
    value = read_content(found[3]).value
    assert value is not None
    return Baseline(
        update=f"{found[0]}/{found[1]}",
        series=found[4],
        as_of=row["base_as_of"],
        known_at=found[2],
        value=value,
        versions_back=row["versions_back"] or 1,
    )


def _update_name(connection: Connection, update: int) -> str:
    query = (
        sa.select(schema.sources.c.key, schema.updates.c.number)
        .select_from(schema.updates.join(schema.sources))
        .where(schema.updates.c.id == update)
    )
    key, number = connection.execute(query).one()
    return f"{key}/{number}"


def _detail(detail: str | None) -> dict[str, Any]:
    return msgspec.json.decode(detail) if detail else {}
