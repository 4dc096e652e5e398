"""From rows to updates: their changes, checks, summaries and what became of what they held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from changes.marks.breaks import Breaks, Marked
from changes.standing import news_of
from model import (
    Baseline,
    Change,
    CheckName,
    CheckResult,
    Day,
    Decision,
    Group,
    Marks,
    Stated,
    Status,
    Update,
    read_content,
)
from storage import schema
from storage.groups import Summed, difference, read_groups, summarise
from storage.read.figures import detail_of, figure, is_tabular, with_texts
from storage.read.marked import marked
from storage.read.names import update_name
from storage.read.queries import IDS, SUMMED, V, changes_query
from storage.read.room import Texts

_AT_ONCE = 200


def page_of(texts: Texts, connection: Connection, query: sa.Select[Any], most: int | None) -> list[Update]:
    """The updates that a query finds, with at most so many changes each."""
    rows = connection.execute(query).mappings().all()
    parts = (rows[at : at + _AT_ONCE] for at in range(0, len(rows), _AT_ONCE))
    return [update for part in parts for update in read_updates(texts, connection, part, most)]


def read_updates(texts: Texts, connection: Connection, rows: Sequence[Any], most: int | None) -> Iterator[Update]:
    """Updates with all that hangs on them, each table asked once for all of them."""
    by_id = {row["id"]: row for row in rows}
    checks, held = _checks(connection, by_id), _held(connection, by_id)
    breaks = marked(connection)
    changes, groups = _changes(texts, connection, by_id, most), _groups(connection, by_id, breaks)
    copies = _copies(connection, by_id)
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
            copy=copies.get(row["id"]),
            content_digest=row["content_digest"],
            chain_digest=row["chain_digest"],
        )


def _copies(connection: Connection, updates: Mapping[int, Any]) -> dict[int, str]:
    """What the old copies are called that backfills recorded."""
    found = [one for one, row in updates.items() if row["cause"] == "backfill"]
    rows = connection.execute(_copies_query(), {"ids": found}) if found else ()
    return {update: url for update, url in rows if url}


@cache
def _copies_query() -> sa.Select[Any]:
    table = schema.fetches
    return sa.select(table.c.update_id, table.c.url).where(table.c.update_id.in_(IDS))


class Settled(NamedTuple):
    """What became of changes, by update, series and as-of: people's decisions, and what ended a hold without one."""

    decisions: dict[tuple[int, int, Day], Decision]
    ended: dict[tuple[int, int, Day], str]


class ChangeContext(NamedTuple):
    """What stands beside changes: increments that reports state, what became of holds, marked breaks."""

    stated: dict[tuple[int, int, Day], Stated]
    settled: Settled
    breaks: Marked


def context_of(texts: Texts, connection: Connection, updates: Mapping[int, Any]) -> ChangeContext:
    """What stands beside the changes of some updates (rows of `updates_query` by id)."""
    stated = _stated(texts, connection, updates)
    return ChangeContext(stated, settled_of(connection, updates), marked(connection))


def _changes(
    texts: Texts, connection: Connection, updates: Mapping[int, Any], most: int | None
) -> dict[int, list[Change]]:
    context = context_of(texts, connection, updates)
    told: dict[int, list[Change]] = {}
    wanted = {"ids": list(updates)} | ({} if most is None else {"most": most})
    rows = connection.execute(changes_query(limited=most is not None), wanted).mappings().all()
    for row in with_texts(texts, rows, "", "base_"):
        update = updates[row["update_id"]]
        told.setdefault(update["id"], []).append(read_change(texts, connection, update, row, context))
    return told


def read_change(texts: Texts, connection: Connection, update: Any, row: Any, context: ChangeContext) -> Change:
    """One change of an update, from a row of `changes_query`."""
    stated, settled, breaks = context
    detail = detail_of(row["detail"])
    old = figure(texts, row, "base_", row["base_day"]) if row["base_content"] is not None else None
    new = figure(texts, row, "", row["as_of"]) if row["content"] is not None else None
    reverts = detail.get("reverts")
    anew = Breaks(breaks.get(row["series_id"], {})).between(row["base_day"], row["as_of"])
    return Change(
        kind=row["kind"],
        why=update["why"],
        series=row["series"],
        as_of=row["as_of"],
        old=old,
        new=new,
        difference=None if anew else difference(row["kind"], row["series_kind"], row["base_content"], row["content"]),
        held=bool(row["held"]),
        marks=Marks(
            reverts=update_name(connection, reverts) if reverts else None,
            redated=detail.get("redated"),
            how=detail.get("how"),
            echo=bool(detail.get("echo")),
            series_break=anew,
        ),
        stated=stated.get((update["id"], row["series_id"], row["as_of"])),
        decision=settled.decisions.get((update["id"], row["series_id"], row["as_of"])),
        ended=settled.ended.get((update["id"], row["series_id"], row["as_of"])),
    )


def _stated(texts: Texts, connection: Connection, updates: Mapping[int, Any]) -> dict[Any, Stated]:
    rows = connection.execute(_stated_query(), {"ids": list(updates)}).mappings().all()
    texts.ahead(updates[row["update_id"]]["text_sha256"] for row in rows)
    return {
        (row["update_id"], row["series_id"], row["as_of"]): _one_stated(
            texts, connection, updates[row["update_id"]], row
        )
        for row in rows
    }


@cache
def _stated_query() -> sa.Select[Any]:
    return sa.select(schema.stated).where(schema.stated.c.update_id.in_(IDS))


def _words(text: str, row: Any, extractor: str | None) -> str:
    """What a report says of an increment; of a table, the number alone."""
    if is_tabular(extractor):
        return text[row["start"] : row["end"]]
    return text[row["quote_start"] : row["quote_end"]]


def _one_stated(texts: Texts, connection: Connection, update: Any, row: Any) -> Stated:
    content = read_content(row["content"])
    base = _baseline(connection, row) if row["base_update_id"] else None
    text = texts(update["text_sha256"]) if update["text_sha256"] else None
    return Stated(
        value=content.value,
        verdict=row["verdict"],
        baseline=base,
        implied_base=read_content(row["implied"] or "").value,
        computed=read_content(row["computed"] or "").value,
        quote=_words(text, row, update["extractor"]) if text else "",
    )


def _held(connection: Connection, updates: Mapping[int, Any]) -> dict[int, dict[str | None, int]]:
    """How many held changes each update has, by the action that settled them last (None: still open)."""
    held: dict[int, dict[str | None, int]] = {}
    for update, action, count in connection.execute(_held_query(), {"ids": list(updates)}):
        held.setdefault(update, {})[action] = count
    return held


@cache
def _held_query() -> sa.Select[Any]:
    table, by = schema.settlements, schema.settlements.alias("by")
    same = (table.c.series_id == V.c.series_id) & (table.c.as_of == V.c.as_of) & (table.c.action != "unbreak")
    newest = (
        sa.select(V.c.update_id, V.c.series_id, V.c.as_of, sa.func.max(table.c.update_id).label("by"))
        .select_from(V.outerjoin(table, (table.c.target_id == V.c.update_id) & same))
        .where(V.c.update_id.in_(IDS), V.c.held == 1)
        .group_by(V.c.update_id, V.c.series_id, V.c.as_of)
        .subquery()
    )
    settled = (by.c.update_id == newest.c.by) & (by.c.target_id == newest.c.update_id)
    settled &= (by.c.series_id == newest.c.series_id) & (by.c.as_of == newest.c.as_of)
    return (
        sa.select(newest.c.update_id, by.c.action, sa.func.count())
        .select_from(newest.outerjoin(by, settled))
        .group_by(newest.c.update_id, by.c.action)
    )


def derive_status(held: dict[str | None, int], changes: int) -> Status:
    """How an update stands, from how many of its changes were held and what settled them (None: still open)."""
    if not held:
        return "accepted"
    if None in held:
        return "held" if held[None] == changes else "partly_held"
    if sum(held.values()) < changes or held.keys() & {"accept", "correct", "break"}:
        return "accepted"
    return "rejected" if "reject" in held else "superseded"


def _groups(connection: Connection, updates: Mapping[int, Any], breaks: Marked) -> dict[int, tuple[Group, ...]]:
    """The summary of each update: the stored one, or one made of its changes where they are few or it is too old."""
    stored = {update: read_groups(row["groups"]) for update, row in updates.items() if row["groups"] is not None}
    made: dict[int, list[Summed]] = {update: [] for update in updates if stored.get(update) is None}
    for update, *change, series_id, base_day in connection.execute(SUMMED, {"ids": list(made)}):
        one = Summed(*change)._replace(base=base_day)
        anew = series_id in breaks and Breaks(breaks[series_id]).between(base_day, one.as_of)
        made[update].append(one._replace(old=None) if anew else one)
    return {update: summarise(made[update]) if update in made else stored[update] or () for update in updates}


def _checks(connection: Connection, updates: Mapping[int, Any]) -> dict[int, list[CheckResult]]:
    """What each update's checks tell: of what stands in the release before too, nothing."""
    before: dict[int, int] = dict(connection.execute(_BEFORE, {"ids": list(updates)}).all())
    found = all_checks(connection, {*updates, *before.values()})
    for update in found.keys() & updates.keys():
        if updates[update]["cause"] == "replay":  # the same bytes have come no other way
            found[update] = [check for check in found[update] if check.name != CheckName.REDIRECTED]
    return {
        update: news_of(found.get(update, ()), found.get(before.get(update, 0), ()))
        for update in updates
        if update in found or before.get(update) in found
    }


_BEFORE = sa.text("""
    SELECT u.id, (
        SELECT e.id FROM updates e WHERE e.source_id = u.source_id AND e.number < u.number AND e.why = 'source'
        ORDER BY e.number DESC LIMIT 1)
    FROM updates u WHERE u.id IN :ids AND u.why = 'source' AND u.number > 1
""").bindparams(sa.bindparam("ids", expanding=True))
"""Updates that a publisher made, and the one before each of them."""


def all_checks(connection: Connection, updates: Iterable[int | None]) -> dict[int, list[CheckResult]]:
    """All that was found about updates, by their ids."""
    found: dict[int, list[CheckResult]] = {}
    for row in connection.execute(_checks_query(), {"ids": [one for one in updates if one is not None]}):
        check = CheckResult(name=row.name, result=row.result, message=row.message, series=row.series, as_of=row.as_of)
        found.setdefault(row.update_id, []).append(check)
    return found


@cache
def _checks_query() -> sa.Select[Any]:
    table = schema.checks
    return sa.select(table).where(table.c.update_id.in_(IDS)).order_by(table.c.update_id, table.c.position)


def settled_of(connection: Connection, updates: Mapping[int, Any]) -> Settled:
    """The decisions that made some updates' changes or settled their holds, the newest of each; the holds that ended.

    A hold ends without a decision when its source states something else; the update that does so is named.
    """
    by_person: dict[tuple[int, int, Day], Decision] = {}
    settled: dict[tuple[int, int, Day], Decision] = {}
    ended: dict[tuple[int, int, Day], str] = {}
    for row in connection.execute(_settled_query(), {"ids": list(updates)}):
        place = (row.target_id, row.series_id, row.as_of)
        if row.action == "supersede":
            ended[place] = f"{row.key}/{row.made}"
            continue
        of, made = f"{row.key}/{row.of}", f"{row.key}/{row.made}"
        decision = Decision(update=of, action=row.action, who=row.who, why=row.why, made=made)
        by_person[row.update_id, row.series_id, row.as_of] = settled[place] = decision
    return Settled(settled | by_person, ended)


@cache
def _settled_query() -> sa.Select[Any]:
    table = schema.settlements
    made, of = schema.updates.alias("made"), schema.updates.alias("target")
    return (
        sa.select(table, schema.sources.c.key, made.c.number.label("made"), of.c.number.label("of"))
        .select_from(
            table.join(of, of.c.id == table.c.target_id)
            .join(made, made.c.id == table.c.update_id)
            .join(schema.sources, schema.sources.c.id == of.c.source_id)
        )
        .where(sa.or_(table.c.update_id.in_(IDS), table.c.target_id.in_(IDS)))
        .where(table.c.action.not_in(("end", "resume")))
        .order_by(table.c.update_id)
    )


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
