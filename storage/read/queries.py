"""The questions that the views ask, as SQL: updates, changes, series, versions, and the table at a time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa

from model import Instant
from storage import schema
from storage.generations.naming import in_force, in_force_at

V, B, W = schema.versions, schema.versions.alias("base"), schema.versions.alias("listed")
"""Versions as such, as what a change is counted from, and as those that are listed."""

IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
"""The updates that are asked about; a question that names them by this is put into SQL once a process."""

# What was known at a time is what was recorded up to the newest release of then, and the replays and decisions that
# speak of releases of then, whenever they were recorded. The newest as-of of then is where the search begins: what
# came later need not be passed over, however much it is. (`|| ''` keeps planners from looking through all updates by
# their time for the few that are replays or decisions, which have an index of their own.)
_MOMENT = """
    SELECT h.source_id, h.id, h.horizon, (
        SELECT MAX(l.horizon) FROM updates l
        WHERE l.source_id = h.source_id AND l.why <> 'source' AND l.known_at || '' <= :known_at)
    FROM sources o JOIN updates h ON h.id = (
        SELECT u.id FROM updates u WHERE u.source_id = o.id AND u.why = 'source' AND u.known_at <= :known_at
        ORDER BY u.known_at DESC, u.number DESC LIMIT 1)
"""
_THEN = """
    x.held = 0 AND x.as_of <= :horizon AND (x.update_id <= :head OR x.update_id IN (
        SELECT id FROM updates WHERE source_id = :source AND why <> 'source' AND known_at || '' <= :known_at))
    ORDER BY x.as_of DESC, x.update_id DESC LIMIT 1
"""

MOMENTS = sa.text(_MOMENT)
"""Every source as known at a time: (source, newest release, its horizon, that of replays and decisions)."""

# As-of and update come packed, since SQLite has no lateral join to give both.
WHERE_THEN = sa.text(f"""
    SELECT s.id, (SELECT x.as_of || ' ' || x.update_id FROM versions x WHERE x.series_id = s.id AND {_THEN})
    FROM series s WHERE s.source_id = :source AND s.id IN :ids
""").bindparams(sa.bindparam("ids", expanding=True))
"""The same of some series, as where the newest observation stands: as-of and update."""

NEWEST_NOW = sa.text("""
    SELECT s.id, (
        SELECT c.as_of || ' ' || c.update_id FROM current c
        WHERE c.series_id = s.id AND c.withdrawn = 0 ORDER BY c.as_of DESC LIMIT 1)
    FROM series s WHERE s.id IN :ids
""").bindparams(sa.bindparam("ids", expanding=True))
"""Where the newest accepted observation of some series stands: as-of and update."""

FIRST_NOW = sa.text("""
    SELECT s.id, (SELECT c.as_of FROM current c WHERE c.series_id = s.id AND c.withdrawn = 0 ORDER BY c.as_of LIMIT 1)
    FROM series s WHERE s.id IN :ids
""").bindparams(sa.bindparam("ids", expanding=True))
"""The earliest accepted as-of of some series."""

SUMMED = sa.text(r"""
    SELECT v.update_id, v.kind, s.key, s.measure, s.kind, v.as_of, b.content, v.content, v.held,
           v.series_id, COALESCE(v.base_as_of, v.as_of)
    FROM versions v JOIN series s ON s.id = v.series_id
    LEFT JOIN versions b
      ON b.series_id = v.series_id AND b.as_of = COALESCE(v.base_as_of, v.as_of) AND b.update_id = v.base_update_id
    WHERE v.update_id IN :ids AND (v.detail IS NULL OR v.detail NOT LIKE '%"echo"\:true%')
""").bindparams(sa.bindparam("ids", expanding=True))
"""The changes of updates as their summaries need them; see `groups.Summed`."""


@cache
def updates_query() -> sa.Select[Any]:
    """Updates with their source and the digests of their snapshot."""
    updates, sources, snapshots = schema.updates, schema.sources, schema.snapshots
    return sa.select(
        updates, sources.c.key, sources.c.title, sources.c.basis, sources.c.url,
        snapshots.c.sha256, snapshots.c.text_sha256,
    ).select_from(updates.join(sources).outerjoin(snapshots))  # fmt: skip


FACTS = (
    schema.series.c.key.label("series"),
    schema.series.c.ref,
    schema.series.c.measure,
    schema.series.c.kind.label("series_kind"),
    schema.series.c.unit,
    schema.series.c.whom,
    schema.series.c.category,
    schema.series.c.attributed_to,
)


PLACE = ("content", "detail", "start", "end", "quote_start", "quote_end")


def day_before() -> sa.ScalarSelect[Any]:
    """For a new day of the version `V`, the latest day before it that the same update states: it goes on from there.

    None where the update states no earlier day, but those that were known before.
    """
    x = schema.versions.alias("before")
    return (
        sa.select(sa.func.max(x.c.as_of))
        .where(
            x.c.series_id == V.c.series_id, x.c.update_id == V.c.update_id, x.c.held == 0, x.c.content.is_not(None),
            V.c.kind == "new", x.c.as_of >= V.c.base_as_of, x.c.as_of < V.c.as_of,
        )
        .correlate(V)
        .scalar_subquery()
    )  # fmt: skip


@cache
def changes_query(*, limited: bool) -> sa.Select[Any]:
    """The changes of updates (`:ids`), no echoes, where `limited` at most `:most` of each.

    Each new day is counted from the day before it.

    Held ones first, then what a report states itself, a changed past, and the rest; of each the newest days first.
    """
    rank = sa.case(
        {"revised": 1, "requalified": 1, "withdrawn": 1, "restored": 1, "late": 2, "new": 2}, value=W.c.kind, else_=3
    )
    t = schema.stated
    said = (t.c.update_id == W.c.update_id) & (t.c.series_id == W.c.series_id) & (t.c.as_of == W.c.as_of)
    stated = sa.case((sa.exists().where(said), 0), else_=1)
    place = sa.func.row_number().over(
        partition_by=W.c.update_id, order_by=(W.c.held.desc(), stated, rank, W.c.as_of.desc(), W.c.series_id)
    )
    listed = (
        sa.select(W.c.series_id, W.c.as_of, W.c.update_id, place.label("place"))
        .where(W.c.update_id.in_(IDS), sa.or_(W.c.detail.is_(None), W.c.detail.not_like('%"echo":true%')))
        .subquery()
    )
    query = _changes_of(listed)
    return query.where(listed.c.place <= sa.bindparam("most")) if limited else query


def changes_at(places: Iterable[tuple[int, Any, Any]]) -> sa.Select[Any]:
    """The changes at some places: (series, as-of, update)."""
    listed = sa.select(W.c.series_id, W.c.as_of, W.c.update_id, sa.literal(0).label("place")).where(picked(places, W))
    return _changes_of(listed.subquery())


def _changes_of(listed: sa.Subquery) -> sa.Select[Any]:
    """The changes that are listed, by their update and place in the list, with what each is counted from."""
    updates, snapshots = schema.updates, schema.snapshots
    base_update, base_snapshot = updates.alias("base_update"), snapshots.alias("base_snapshot")
    before = day_before()
    base_day = sa.func.coalesce(before, V.c.base_as_of, V.c.as_of)
    base_of = sa.case((before.is_not(None), V.c.update_id), else_=V.c.base_update_id)
    return sa.select(
        V.c.update_id, V.c.series_id, V.c.as_of, V.c.kind, V.c.held, base_day.label("base_day"), *FACTS,
        *(V.c[name] for name in PLACE), updates.c.extractor, snapshots.c.text_sha256,
        *(B.c[name].label("base_" + name) for name in PLACE), base_update.c.extractor.label("base_extractor"),
        base_snapshot.c.text_sha256.label("base_text_sha256"),
    ).select_from(
        listed.join(
            V,
            (V.c.series_id == listed.c.series_id)
            & (V.c.as_of == listed.c.as_of)
            & (V.c.update_id == listed.c.update_id),
        )
        .join(schema.series, schema.series.c.id == V.c.series_id)
        .join(updates, updates.c.id == V.c.update_id)
        .outerjoin(snapshots, snapshots.c.id == updates.c.snapshot_id)
        .outerjoin(
            B,
            (B.c.series_id == V.c.series_id) & (B.c.as_of == base_day) & (B.c.update_id == base_of),
        )
        .outerjoin(base_update, base_update.c.id == B.c.update_id)
        .outerjoin(base_snapshot, base_snapshot.c.id == base_update.c.snapshot_id)
    ).order_by(listed.c.update_id, listed.c.place)  # fmt: skip


@cache
def series_query() -> sa.Select[Any]:
    """Series with how many observations they have, and the newest of them."""
    series, current, sources = schema.series, schema.current, schema.sources
    live = schema.current.alias("live")
    of_series = sa.select(live).where(live.c.series_id == series.c.id, live.c.withdrawn == 0)
    # Asked series by series, so that a page of some series does not count all observations of the ledger.
    count = of_series.with_only_columns(sa.func.count()).correlate(series).scalar_subquery()
    latest = of_series.with_only_columns(live.c.as_of).order_by(live.c.as_of.desc()).limit(1).correlate(series)
    updates, snapshots = schema.updates, schema.snapshots
    return (
        sa.select(
            series.c.id.label("series_id"), *FACTS, sources.c.key.label("source"), sources.c.title, sources.c.basis,
            count.label("observations"), current.c.as_of.label("as_of"),
            *(V.c[name] for name in PLACE), updates.c.extractor, snapshots.c.text_sha256,
        )
        .select_from(
            series.join(sources)
            .outerjoin(current, (current.c.series_id == series.c.id) & (current.c.as_of == latest.scalar_subquery()))
            .outerjoin(
                V,
                (V.c.series_id == current.c.series_id)
                & (V.c.as_of == current.c.as_of)
                & (V.c.update_id == current.c.update_id),
            )
            .outerjoin(updates, updates.c.id == V.c.update_id)
            .outerjoin(snapshots, snapshots.c.id == updates.c.snapshot_id)
        )
        .order_by(sources.c.key, series.c.id)
    )  # fmt: skip


@cache
def versions_query() -> sa.Select[Any]:
    """Versions with when they were known and recorded."""
    updates, sources = schema.updates, schema.sources
    return sa.select(
        V.c.as_of, V.c.kind, V.c.content, V.c.held, updates.c.known_at, updates.c.recorded_at,
        updates.c.number, sources.c.key.label("source"),
    ).select_from(V.join(updates, updates.c.id == V.c.update_id).join(sources))  # fmt: skip


def table_query(
    source: int | None, known_at: Instant | None, recorded_by: Instant | None, horizon: str | None = None
) -> sa.Select[Any]:
    """Accepted observations; at a time, the last version that counts in each series and as-of up to then.

    A `horizon` is the newest as-of that was accepted then: what came later need not be looked at, however much it is.
    """
    updates, series = schema.updates, schema.series

    def mine(table: sa.FromClause) -> sa.ColumnElement[bool]:
        every = sa.select(series.c.id)
        of_source = table.c.series_id.in_(every.where(series.c.source_id == source) if source is not None else every)
        if horizon is not None:
            return of_source & (table.c.as_of <= horizon)
        return of_source if source is not None else sa.true()

    if known_at is None and recorded_by is None:
        chosen = sa.select(
            schema.current.c.series_id, schema.current.c.as_of, schema.current.c.update_id
        ).where(schema.current.c.withdrawn == 0, mine(schema.current)).subquery()  # fmt: skip
    else:
        clock = updates.c.known_at if known_at is not None else updates.c.recorded_at
        chosen = (
            sa.select(B.c.series_id, B.c.as_of, sa.func.max(B.c.update_id).label("update_id"))
            .select_from(B.join(updates, updates.c.id == B.c.update_id))
            .where(mine(B), B.c.held == 0, clock <= (known_at if known_at is not None else recorded_by))
            .group_by(B.c.series_id, B.c.as_of)
            .subquery()
        )
    place = (V.c.series_id == chosen.c.series_id) & (V.c.as_of == chosen.c.as_of)
    query = observations_query(chosen.join(V, place & (V.c.update_id == chosen.c.update_id)))
    if source is not None:
        return query
    return query.where(in_force_at(series.c.source_id, recorded_by) if recorded_by else in_force(series.c.source_id))


def observations_query(chosen: sa.FromClause) -> sa.Select[Any]:
    """The observations of the versions `V` that are chosen, with all that is told of them."""
    updates, series, snapshots, sources = schema.updates, schema.series, schema.snapshots, schema.sources
    return (
        sa.select(
            V.c.series_id, *FACTS, V.c.as_of, *(V.c[name] for name in PLACE), updates.c.extractor,
            snapshots.c.text_sha256,
            sources.c.key.label("source"), updates.c.number, updates.c.known_at, updates.c.recorded_at,
        )
        .select_from(
            chosen
            .join(series, series.c.id == V.c.series_id)
            .join(updates, updates.c.id == V.c.update_id)
            .join(sources, sources.c.id == series.c.source_id)
            .outerjoin(snapshots, snapshots.c.id == updates.c.snapshot_id)
        )
        .where(V.c.content.is_not(None))
        .order_by(series.c.source_id, series.c.id, V.c.as_of)
    )  # fmt: skip


def held_query(source_id: sa.BindParameter[int] | int | None = None) -> sa.CompoundSelect[Any]:
    """Every value that was held, or decided against, oldest first, with each action that settled it in its order."""
    versions, settlements, updates = schema.versions, schema.settlements, schema.updates
    version = (versions.c.series_id, versions.c.as_of, versions.c.update_id, versions.c.content)
    columns = (*version, settlements.c.action, settlements.c.update_id.label("settled_by"))
    settled = (
        (settlements.c.target_id == versions.c.update_id)
        & (settlements.c.series_id == versions.c.series_id)
        & (settlements.c.as_of == versions.c.as_of)
    )
    mine = updates.c.source_id == source_id if source_id is not None else in_force(updates.c.source_id)
    of_update = versions.join(updates, updates.c.id == versions.c.update_id)
    held = sa.select(*columns).select_from(of_update.outerjoin(settlements, settled)).where(versions.c.held == 1, mine)
    # Only decisions settle what was not held, and they are few: planners are led to begin with them, of one source by
    # the index of late updates, of all by the settlements.
    by_person = settlements.join(updates, updates.c.id == settlements.c.update_id).join(versions, settled)
    few: sa.ColumnElement[bool] = sa.literal_column("updates.why <> 'source'", sa.Boolean)
    if source_id is None:
        few = versions.c.update_id.in_(sa.select(settlements.c.target_id))
    decided = (
        sa.select(*columns)
        .select_from(by_person)
        .where(versions.c.held == 0, settlements.c.action.not_in(("break", "unbreak")), mine, few)
    )
    return held.union_all(decided).order_by(sa.literal_column("3"), sa.literal_column("6"))


def picked(places: Iterable[tuple[int, Any, Any]], table: Any = V) -> Any:
    """Which versions are meant by their places: (series, as-of, update)."""
    rows = [(series, as_of, int(update)) for series, as_of, update in places]
    exactly = sa.tuple_(table.c.series_id, table.c.as_of, table.c.update_id).in_(rows)
    # Said of each column too, since SQLite takes no index for the three together.
    days, series = {row[1] for row in rows}, {row[0] for row in rows}
    return table.c.series_id.in_(series) & table.c.as_of.in_(days) & exactly


def literal(word: str) -> str:
    """A word as LIKE takes it literally."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
