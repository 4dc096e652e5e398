"""Writing one update: the drafts, what they stand on, and the digests, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from changes import breaks
from changes.accepted import Accepted, Held, NewestRelease
from changes.kinds import ProposedChange
from changes.update import OWN, FigureOf, PendingUpdate, Settlement, StatedRow, locate
from model import CheckResult, Day, Figure, standing
from storage import schema
from storage.database import insert_one, insert_rows
from storage.groups import STORED_ABOVE, Summed, summarise, write_groups
from storage.proof import layout
from storage.proof.digests import chain_digest, content_digest

UNFOLLOWED_KEPT = 200
"""So many figures that nobody follows are kept of one release; its archived text has them all."""


def append(connection: Connection, state: Accepted, step: PendingUpdate, text: str, figure_of: FigureOf) -> int:
    """Append one update to a source's ledger and bring `state` up to it; returns the update's id."""
    rows = version_rows(step.drafts, text, figure_of)
    head, chain = _insert_head(connection, state, step, rows)
    insert_rows(connection, schema.versions, [{**row, "update_id": head} for row in rows])
    _insert_current(connection, step.drafts, head)
    insert_rows(connection, schema.checks, [_check_row(head, at, check) for at, check in enumerate(step.checks)])
    insert_rows(connection, schema.stated, [_stated_row(head, row) for row in step.stated])
    insert_rows(connection, schema.settlements, [_settlement_row(head, one) for one in step.settlements])
    insert_rows(connection, schema.unfollowed, _unfollowed_rows(head, step))
    insert_rows(connection, schema.shapes, _shape_rows(state, step, head))
    _move_on(state, step, head, chain)
    return head


def version_rows(drafts: Sequence[ProposedChange], text: str, figure_of: FigureOf) -> list[dict[str, Any]]:
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


def _detail(draft: ProposedChange, figure: Figure | None, text: str, place: Sequence[int | None]) -> str | None:
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


def _insert_head(
    connection: Connection, state: Accepted, step: PendingUpdate, rows: list[dict[str, Any]]
) -> tuple[int, str]:
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
        **dict(zip(layout.SUMMED_UP, _told(state, step), strict=True)),
    }
    content = _content_digest(connection, state, step, rows, values)
    chain = chain_digest(content, step.recorded_at, state.chain)
    values |= {"content_digest": content, "chain_digest": chain}
    return insert_one(connection, schema.updates, values), chain


def _content_digest(
    connection: Connection, state: Accepted, step: PendingUpdate, rows: list[dict[str, Any]], update: dict[str, Any]
) -> str:
    """What the rows of an update are digested to, before they have its id."""
    named = layout.Names(connection, state.keys)
    named.learn_updates(_mentioned(step, rows))
    if state.keys:  # the update about to be appended is named after the source that any series' key begins with
        named.learn(OWN, f"{next(iter(state.keys.values())).partition('/')[0]}/{state.number + 1}")
    parts = {
        "versions": rows,
        "checks": [_check_row(0, at, check) for at, check in enumerate(step.checks)],
        "stated": [_stated_row(0, row) for row in step.stated],
        "settlements": [_settlement_row(0, one) for one in step.settlements],
        "unfollowed": _unfollowed_rows(0, step),
        "shapes": _shape_rows(state, step, 0),
    }
    return content_digest(layout.head(update, step.snapshot_digests), layout.parts(parts, connection, named))


ChangeCounts = tuple[int, int, str | None, str]


def _told(state: Accepted, step: PendingUpdate) -> ChangeCounts:
    listed = [draft for draft in step.drafts if not draft.echo]
    groups = write_groups(summarise(_summed(state, listed))) if len(listed) > STORED_ABOVE else None
    horizon = max((draft.as_of for draft in step.drafts if not draft.held), default="")
    if step.why == "source":
        horizon = max(horizon, state.horizon)
    return len(listed), len(step.drafts) - len(listed), groups, horizon


def _summed(state: Accepted, drafts: Iterable[ProposedChange]) -> Iterator[Summed]:
    for draft in drafts:
        measure, counted = state.facts[draft.series_id]
        key = state.keys[draft.series_id]
        old = draft.old if draft.series_break is None else None
        yield Summed(draft.kind, key, measure, counted, draft.as_of, old, draft.content, bool(draft.held))


def _mentioned(step: PendingUpdate, rows: list[dict[str, Any]]) -> set[int]:
    """The ids of all updates that an update refers to."""
    ids = {row["base_update_id"] for row in rows} | {draft.reverts for draft in step.drafts}
    ids |= {row.base_update_id for row in step.stated} | {one.target_id for one in step.settlements}
    return {one for one in ids if one and one != OWN}


def _insert_current(connection: Connection, drafts: Sequence[ProposedChange], update_id: int) -> None:
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
    fresh = all(draft.kind in ("first", "new", "late") for draft in drafts if not draft.held)
    insert_rows(connection, schema.current, rows, "" if fresh else _NEWER_COUNTS)


_NEWER_COUNTS = """ ON CONFLICT (series_id, as_of) DO UPDATE SET
    update_id = excluded.update_id, content = excluded.content, withdrawn = excluded.withdrawn"""
"""`current` moves what is there to the newer version."""


def _shape_rows(state: Accepted, step: PendingUpdate, update_id: int) -> list[dict[str, Any]]:
    if step.shape is None:
        return []
    shape, held = step.shape
    text = msgspec.json.encode(shape, order="deterministic").decode()
    return [{"source_id": state.source_id, "update_id": update_id, "held": int(held), "shape": text}]


def _unfollowed_rows(update_id: int, step: PendingUpdate) -> list[dict[str, Any]]:
    return [
        {"update_id": update_id, "position": at, "why": why, "figure": _without_words(figure)}
        for at, (why, figure) in enumerate(step.unfollowed[:UNFOLLOWED_KEPT])
    ]


def _without_words(figure: Figure) -> str:
    """A figure that nobody follows: its place finds its words in the archived text, where they are stored once."""
    plain = msgspec.structs.replace(figure, quote="", number_text="")
    return msgspec.json.encode(plain).decode()


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


def _move_on(state: Accepted, step: PendingUpdate, head: int, chain: str) -> None:
    state.head, state.number, state.chain = head, state.number + 1, chain
    newer = state.release is None or step.known_at >= state.release.known_at
    if step.snapshot_id and step.snapshot_digests and step.reader and newer:
        state.release = NewestRelease(step.snapshot_id, step.snapshot_digests[1], step.reader, step.known_at)
        state.standing = standing(step.checks)
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
