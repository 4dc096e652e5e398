"""Writing one update: the drafts, what they stand on, and the digests, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Cause, CheckResult, Day, Figure, Instant, Reader, Shape, Why
from storage import breaks, drift, schema
from storage.compare import Draft
from storage.digests import chain_digest, content_digest
from storage.groups import STORED_ABOVE, Summed, summarise, write_groups
from storage.state import Held, NewestRelease, State

OWN = -1
"""Stands for the update about to be appended, whose id is not known yet."""

AUTOMATIC = "tallybook"
"""Who settles a hold when nobody does: the ledger itself, because the source moved on."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a held value, or of a whole held update (`series_id` 0 and an empty as-of)."""

    target_id: int
    series_id: int
    as_of: str
    action: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class StatedRow:
    """A stated increment with its verdict, as stored."""

    series_id: int
    as_of: Day
    content: str
    verdict: str
    base_series_id: int | None
    base_as_of: Day | None
    base_update_id: int | None
    versions_back: int | None
    implied: str | None
    computed: str | None
    place: tuple[int, int, int, int]


@dataclass(slots=True)
class Step:
    """One update about to be appended."""

    cause: Cause
    why: Why
    known_at: Instant
    recorded_at: Instant
    published: Day | None = None
    snapshot_id: int | None = None
    snapshot_digests: tuple[str, str] | None = None
    reader: Reader | None = None
    drafts: list[Draft] = field(default_factory=list)
    checks: list[CheckResult] = field(default_factory=list)
    stated: list[StatedRow] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    unfollowed: list[tuple[str, Figure]] = field(default_factory=list)
    shape: tuple[Shape, bool] | None = None


FigureOf = Callable[[Draft], Figure | None]


def append(connection: Connection, state: State, step: Step, text: str, figure_of: FigureOf) -> int:
    """Append one update to a source's ledger and bring `state` up to it; returns the update's id."""
    rows = version_rows(step.drafts, text, figure_of)
    head, chain = _insert_head(connection, state, step, rows)
    _insert(connection, schema.versions, ({**row, "update_id": head} for row in rows))
    _insert_current(connection, step.drafts, head)
    _insert(connection, schema.checks, (_check_row(head, at, check) for at, check in enumerate(step.checks)))
    _insert(connection, schema.stated, (_stated_row(head, row) for row in step.stated))
    _insert(connection, schema.settlements, (_settlement_row(head, one) for one in step.settlements))
    _insert(
        connection,
        schema.unfollowed,
        (
            {"update_id": head, "position": at, "why": why, "figure": msgspec.json.encode(figure).decode()}
            for at, (why, figure) in enumerate(step.unfollowed)
        ),
    )
    _insert(connection, schema.shapes, _shape_rows(state, step, head))
    _move_on(state, step, head, chain)
    return head


def version_rows(drafts: Sequence[Draft], text: str, figure_of: FigureOf) -> list[dict[str, Any]]:
    """The stored form of drafts: canonical content, base, place in the text, and what only the report says."""
    rows = []
    for draft in drafts:
        figure = figure_of(draft)
        place = locate(figure, text) if figure else (None, None, None, None)
        rows.append(
            {
                "series_id": draft.series_id,
                "as_of": draft.as_of,
                "kind": draft.kind,
                "content": draft.content,
                "held": int(draft.held),
                "base_as_of": draft.base_as_of,
                "base_update_id": draft.base_update,
                "start": place[0],
                "end": place[1],
                "quote_start": place[2],
                "quote_end": place[3],
                "detail": _detail(draft, figure, text, place),
            }
        )
    return rows


def locate(figure: Figure, text: str) -> tuple[int, int, int, int]:
    """Where number and quote stand in the text: (start, end, quote start, quote end), in code points."""
    size = len(figure.quote)
    at = text.find(figure.quote, max(0, figure.end - size), figure.start + size) if size else -1
    return (
        (figure.start, figure.end, at, at + size) if at >= 0 else (figure.start, figure.end, figure.start, figure.end)
    )


def _detail(draft: Draft, figure: Figure | None, text: str, place: Sequence[int | None]) -> str | None:
    """What neither the series nor the archived text says: marks of the change, and the figure's own words."""
    detail: dict[str, Any] = {}
    for name in ("how", "reverts", "redated", "rename"):
        if (value := getattr(draft, name)) is not None:
            detail[name] = value
    if draft.echo:
        detail["echo"] = True
    if draft.basis != "stated":
        detail["basis"] = draft.basis
    if figure:
        if figure.period_start or figure.period_end:
            detail["period"] = [figure.period_start, figure.period_end]
        if figure.attributed_to:
            detail["by"] = list(figure.attributed_to)
        if figure.whom:
            detail["whom"] = figure.whom
        if figure.quote and (place[2] == place[0] and place[3] == place[1]) and figure.quote != figure.number_text:
            detail["quote"] = figure.quote
        if figure.number_text and text[figure.start : figure.end] != figure.number_text:
            detail["number_text"] = figure.number_text
    return msgspec.json.encode(detail).decode() if detail else None


def _insert_head(connection: Connection, state: State, step: Step, rows: list[dict[str, Any]]) -> tuple[int, str]:
    told = _told(state, step)
    content = content_digest(*digest_input(connection, state, step, rows, told))
    chain = chain_digest(content, step.recorded_at, state.chain)
    reader = step.reader
    values = {
        "source_id": state.source_id,
        "number": state.number + 1,
        "cause": step.cause,
        "why": step.why,
        "known_at": step.known_at,
        "recorded_at": step.recorded_at,
        "published": step.published,
        "snapshot_id": step.snapshot_id,
        "extractor": reader.extractor if reader else None,
        "reader_version": reader.version if reader else None,
        "options": reader.options if reader else None,
        **dict(zip(TOLD, told, strict=True)),
        "content_digest": content,
        "chain_digest": chain,
    }
    return insert_one(connection, schema.updates, values), chain


TOLD = ("changes", "echoes", "groups", "horizon")
"""The columns that sum an update up, in the order of its digest."""

Told = tuple[int, int, str | None, str]


def _told(state: State, step: Step) -> Told:
    listed = [draft for draft in step.drafts if not draft.echo]
    groups = write_groups(summarise(_summed(state, listed))) if len(listed) > STORED_ABOVE else None
    horizon = max((draft.as_of for draft in step.drafts if not draft.held), default="")
    if step.why == "source":
        horizon = max(horizon, state.horizon)
    return len(listed), len(step.drafts) - len(listed), groups, horizon


def _summed(state: State, drafts: Iterable[Draft]) -> Iterator[Summed]:
    for draft in drafts:
        measure, counted = state.facts[draft.series_id]
        key = state.keys[draft.series_id]
        old = draft.old if draft.anew is None else None
        yield Summed(draft.kind, key, measure, counted, draft.as_of, old, draft.content)


def insert_one(connection: Connection, table: sa.Table, values: dict[str, Any]) -> int:
    """Insert a row and return its id."""
    key = connection.execute(_insertion(table), values).inserted_primary_key
    assert key is not None
    return int(key[0])


def digest_input(
    connection: Connection, state: State, step: Step, rows: list[dict[str, Any]], told: Told
) -> tuple[dict[str, Any], dict[str, list[tuple[Any, ...]]]]:
    """What the content digest of an update covers, in a form that does not depend on the database's ids."""
    named = Names(connection, state.keys)
    named.learn_updates(_mentioned(step, rows))
    named.learn_own(state)
    head = {
        "number": state.number + 1,
        "cause": step.cause,
        "why": step.why,
        "known_at": step.known_at,
        "published": step.published,
        "snapshot": step.snapshot_digests,
        "reader": msgspec.structs.astuple(step.reader) if step.reader else None,
        "told": told,
    }
    parts = {
        "series": series_facts(connection, {row["series_id"] for row in rows if row["kind"] == "first"}),
        "versions": sorted(version_tuple(row, named) for row in rows),
        "checks": [(c.name, c.result, c.message, c.series, c.as_of) for c in step.checks],
        "stated": sorted(stated_tuple(_stated_row(0, row), named) for row in step.stated),
        "settlements": sorted(settlement_tuple(_settlement_row(0, row), named) for row in step.settlements),
        "unfollowed": [(why, msgspec.json.encode(figure).decode()) for why, figure in step.unfollowed],
        "shapes": [drift.shape_tuple(row) for row in _shape_rows(state, step, 0)],
    }
    return head, parts


_UPDATE_NAMES = sa.text(
    "SELECT u.id, s.key, u.number FROM updates u JOIN sources s ON s.id = u.source_id WHERE u.id IN :ids"
).bindparams(sa.bindparam("ids", expanding=True))


def _mentioned(step: Step, rows: list[dict[str, Any]]) -> set[int]:
    """The ids of all updates that an update refers to."""
    ids = {row["base_update_id"] for row in rows} | {draft.reverts for draft in step.drafts}
    ids |= {row.base_update_id for row in step.stated} | {one.target_id for one in step.settlements}
    return {one for one in ids if one and one != OWN}


class Names:
    """Keys of series and numbers of updates for database ids, looked up once each."""

    def __init__(self, connection: Connection, keys: dict[int, str] | None = None) -> None:
        self._connection = connection
        self._keys = dict(keys or {})
        self._updates: dict[int, str] = {}

    def series(self, series_id: int | None) -> str:
        """The key of a series; '' for none."""
        if not series_id:
            return ""
        if series_id not in self._keys:
            query = sa.select(schema.series.c.key).where(schema.series.c.id == series_id)
            self._keys[series_id] = str(self._connection.execute(query).scalar_one())
        return self._keys[series_id]

    def update(self, update_id: int | None) -> str:
        """An update's name such as `mediazona/42`; '' for none."""
        if not update_id:
            return ""
        if update_id not in self._updates:
            self.learn_updates({update_id})
        return self._updates[update_id]

    def learn_own(self, state: State) -> None:
        """Take down how the update about to be appended is called, after the source that any series' key names."""
        if state.keys:
            source = next(iter(state.keys.values())).partition("/")[0]
            self._updates[OWN] = f"{source}/{state.number + 1}"

    def learn_updates(self, ids: set[int]) -> None:
        """Look up the names of many updates at once."""
        wanted = sorted(ids - self._updates.keys())
        for at in range(0, len(wanted), 500):
            rows = self._connection.execute(_UPDATE_NAMES, {"ids": wanted[at : at + 500]})
            self._updates.update({update_id: f"{key}/{number}" for update_id, key, number in rows})

    def detail(self, detail: str | None) -> str:
        """A version's detail with update ids turned into names."""
        if detail is None or '"reverts"' not in detail:
            return detail or ""
        value = msgspec.json.decode(detail)
        value["reverts"] = self.update(value["reverts"])
        return msgspec.json.encode(value).decode()


_SERIES_FACTS = sa.text(
    "SELECT key, ref, measure, kind, unit, whom, category, attributed_to FROM series WHERE id IN :ids"
).bindparams(sa.bindparam("ids", expanding=True))


def series_facts(connection: Connection, ids: Iterable[int]) -> list[tuple[Any, ...]]:
    """What series are, by key; the digest of the update that shows them first covers it."""
    wanted, found = sorted(ids), []
    for at in range(0, len(wanted), 500):
        rows = connection.execute(_SERIES_FACTS, {"ids": wanted[at : at + 500]})
        found += [tuple(row) for row in rows]
    return sorted(found, key=lambda facts: str(facts[0]))


def version_tuple(row: Any, named: Names) -> tuple[Any, ...]:
    """A version's place in the content digest."""
    content, base = row["content"], row["base_as_of"]
    return (
        named.series(row["series_id"]), row["as_of"], row["kind"], "\x00" if content is None else content,
        row["held"], base or "", named.update(row["base_update_id"]), row["start"] or 0, row["end"] or 0,
        row["quote_start"] or 0, row["quote_end"] or 0, named.detail(row["detail"]),
    )  # fmt: skip


def stated_tuple(row: Any, named: Names) -> tuple[Any, ...]:
    """A stated increment's place in the content digest."""
    return (
        named.series(row["series_id"]), row["as_of"], row["content"], row["verdict"],
        named.series(row["base_series_id"]), row["base_as_of"] or "", named.update(row["base_update_id"]),
        row["versions_back"] or 0, row["implied"] or "", row["computed"] or "",
        row["start"], row["end"], row["quote_start"], row["quote_end"],
    )  # fmt: skip


def settlement_tuple(row: Any, named: Names) -> tuple[Any, ...]:
    """A settlement's place in the content digest."""
    return (
        named.update(row["target_id"]), named.series(row["series_id"]), row["as_of"],
        row["action"], row["who"], row["why"],
    )  # fmt: skip


def _insert(connection: Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    if listed := list(rows):
        connection.execute(_insertion(table), listed)


def _insert_current(connection: Connection, drafts: Sequence[Draft], update_id: int) -> None:
    rows = [
        {
            "series_id": draft.series_id,
            "as_of": draft.as_of,
            "update_id": draft.base_update if draft.content is None else update_id,
            "content": draft.old if draft.content is None else draft.content,
            "withdrawn": int(draft.content is None),
        }
        for draft in drafts
        if not draft.held
    ]
    if not rows:
        return
    fresh = all(draft.kind in ("first", "new", "late") for draft in drafts if not draft.held)
    connection.execute(_insertion(schema.current) if fresh else upsert_current(connection.dialect.name), rows)


# Building a statement costs more than running it.
_insertion = cache(sa.insert)


@cache
def upsert_current(dialect_name: str) -> Any:
    """Insert into `current`, or move what is there to the newer version."""
    # Each dialect is imported only where it is spoken; the other one's costs a tenth of a second.
    dialect = import_module(f"sqlalchemy.dialects.{dialect_name}")
    statement = dialect.insert(schema.current)
    fresh = {name: statement.excluded[name] for name in ("update_id", "content", "withdrawn")}
    return statement.on_conflict_do_update(index_elements=["series_id", "as_of"], set_=fresh)


def _shape_rows(state: State, step: Step, update_id: int) -> list[dict[str, Any]]:
    return [drift.row(state.source_id, update_id, *step.shape)] if step.shape else []


def _check_row(update_id: int, position: int, check: CheckResult) -> dict[str, Any]:
    return {"update_id": update_id, "position": position, **msgspec.structs.asdict(check)}


def _stated_row(update_id: int, row: StatedRow) -> dict[str, Any]:
    names = ("series_id", "as_of", "content", "verdict", "base_series_id", "base_as_of", "base_update_id")
    values = {name: getattr(row, name) for name in (*names, "versions_back", "implied", "computed")}
    start, end, quote_start, quote_end = row.place
    places = {"start": start, "end": end, "quote_start": quote_start, "quote_end": quote_end}
    return {"update_id": update_id, **values, **places}


def _settlement_row(update_id: int, one: Settlement) -> dict[str, Any]:
    names = ("series_id", "as_of", "action", "who", "why")
    target = update_id if one.target_id == OWN and update_id else one.target_id
    return {"update_id": update_id, "target_id": target, **{name: getattr(one, name) for name in names}}


def _move_on(state: State, step: Step, head: int, chain: str) -> None:
    state.head, state.number, state.chain = head, state.number + 1, chain
    newer = state.release is None or step.known_at >= state.release.known_at
    if step.snapshot_id and step.snapshot_digests and step.reader and newer:
        state.release = NewestRelease(step.snapshot_id, step.snapshot_digests[1], step.reader, step.known_at)
    for draft in step.drafts:
        if not draft.held:
            state.horizon = max(state.horizon, draft.as_of)
        if draft.held:
            state.held[draft.series_id, draft.as_of] = Held(head, draft.content, open=True, refused=False)
        else:
            state.accept(draft.series_id, draft.as_of, draft.content, head)
    for one in step.settlements:
        if one.action in ("break", "unbreak"):
            breaks.note(state.breaks, one.series_id, Day(one.as_of), one.why if one.action == "break" else None)
        held = state.held.get((one.series_id, Day(one.as_of)))
        if held and held.update_id == one.target_id:
            held.open, held.refused, held.settled_by = False, one.action in ("reject", "correct"), head
