"""Appending one update: series that it opens, changes, what they stand on, and the digests; the one road in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from changes.accepted import Accepted
from changes.kinds import ProposedChange
from changes.update import OWN, Appended, Evaluation, Settlement, StatedRow, advance, locate
from model import CheckResult, Figure, Instant, Shape, now
from storage import schema
from storage.archive import Archive
from storage.archive.redact import scrub_what_came_again
from storage.driver.rows import insert_one, insert_rows, raw
from storage.groups import STORED_ABOVE, Summed, summarise, write_groups
from storage.proof import layout
from storage.proof.digests import chain_digest, content_digest
from storage.releases import picture_of, snapshot_row
from storage.search import index as search

UNFOLLOWED_KEPT = 200
"""So many figures that nobody follows are kept of one release; its archived text has them all."""

_UNSAID = Figure()
_FIELDS = Figure.__struct_fields__

UpdateRows = Mapping[str, Sequence[dict[str, Any]]]
"""The rows of an update by table, in the order in which they are written, without the update's id."""


def append(connection: Connection, archive: Archive, accepted: Accepted, evaluation: Evaluation) -> Appended:
    """Append one update to a source's ledger in the caller's transaction, and move what is accepted on to it."""
    snapshot = evaluation.snapshot
    evaluation = evaluation.with_series(_open_series(connection, accepted.source_id, evaluation))
    snapshot_id = snapshot_row(connection, snapshot) if snapshot is not None else None
    known, rows = accepted.knowing(evaluation.naming), _rows(accepted.source_id, evaluation)
    head = _head(known, evaluation, snapshot_id)
    head |= _digests(connection, known, evaluation, rows, head)
    update_id = insert_one(connection, schema.updates, head)
    for table, some in rows.items():
        insert_rows(connection, schema.metadata.tables[table], [_of_update(row, update_id) for row in some])
    _insert_current(connection, evaluation.changes, update_id)
    _keep_for_search(connection, known, evaluation, rows, update_id)
    appended = Appended(update_id, head["number"], head["chain_digest"], snapshot_id)
    advance(accepted, evaluation, appended)
    if snapshot is not None:
        scrub_what_came_again(connection, archive, snapshot, update_id)
    return appended


def _keep_for_search(
    connection: Connection, accepted: Accepted, evaluation: Evaluation, rows: UpdateRows, update_id: int
) -> None:
    """Keep what the update is found by: its numbers, and the words that it quotes."""
    counted = [
        search.Counted(
            update_id, change.series_id, change.as_of, change.kind, accepted.facts(change.series_id)[1],
            change.held, change.content, change.base_as_of, change.old if change.base_update else None,
        )
        for change in evaluation.changes
        if not change.echo
    ]  # fmt: skip
    stated = [(row.series_id, row.as_of, row.content) for row in evaluation.stated]
    source = next((str(one[1]) for one in accepted.series.values()), "").partition("/")[0]
    extractor = evaluation.reader.extractor if evaluation.reader else None
    words = search.words_of_update(source, extractor, evaluation.text, rows["versions"], rows["stated"])
    search.put_update(connection, update_id, search.number_rows(counted, stated), words)


def _open_series(connection: Connection, source_id: int, evaluation: Evaluation) -> dict[int, int]:
    """Give the new series their rows; returns the ids of these by those that stood for them."""
    opened = evaluation.naming.opened
    rows = [
        {
            "source_id": source_id,
            "key": one.key,
            "ref": one.ref,
            **{name: getattr(one.figure, name) for name in ("measure", "kind", "unit", "whom", "category")},
            "attributed_to": msgspec.json.encode(one.figure.attributed_to).decode(),
        }
        for one in opened
    ]
    if not rows:
        return {}
    ((newest,),) = raw(connection, "SELECT COALESCE(MAX(id), 0) FROM series", {})
    insert_rows(connection, schema.series, rows)  # at once: asked for their ids, the rows would go one by one
    ids = dict(raw(connection, _OPENED, {"source": source_id, "newest": newest}))
    search.put_series(connection, [{**row, "id": ids[row["key"]]} for row in rows])
    return {one.id: ids[one.key] for one in opened}


_OPENED = "SELECT key, id FROM series WHERE source_id = :source AND id > :newest"


def _rows(source_id: int, evaluation: Evaluation) -> UpdateRows:
    return {
        "versions": [_version_row(evaluation, change) for change in evaluation.changes],
        "checks": [_check_row(at, check) for at, check in enumerate(evaluation.checks)],
        "stated": [_stated_row(row) for row in evaluation.stated],
        "settlements": [_settlement_row(one) for one in evaluation.settlements],
        "unfollowed": list(_unfollowed_rows(evaluation.unfollowed)),
        "shapes": _shape_rows(source_id, evaluation.shape),
    }


def _of_update(row: dict[str, Any], update_id: int) -> dict[str, Any]:
    """A row with the id of its update, which a settlement may name as its own target too."""
    if row.get("target_id") == OWN:
        return {**row, "update_id": update_id, "target_id": update_id}
    return {**row, "update_id": update_id}


def _version_row(evaluation: Evaluation, change: ProposedChange) -> dict[str, Any]:
    """The stored form of a change: canonical content, base, place in the text, and what only the report says."""
    figure = evaluation.figures.get(change.key)
    place = locate(figure, evaluation.text) if figure else (None, None, None, None)
    detail = _marks(change) | (_words(figure, evaluation.text, place) if figure else {})
    return {
        "series_id": change.series_id,
        "as_of": change.as_of,
        "kind": change.kind,
        "content": change.content,
        "held": int(change.held),
        "base_as_of": change.base_as_of,
        "base_update_id": change.base_update,
        "start": place[0],
        "end": place[1],
        "quote_start": place[2],
        "quote_end": place[3],
        "detail": msgspec.json.encode(detail).decode() if detail else None,
    }


def _marks(change: ProposedChange) -> dict[str, Any]:
    """The marks of a change."""
    values = ((name, getattr(change, name)) for name in ("how", "reverts", "redated", "rename"))
    marks = {name: value for name, value in values if value is not None}
    if change.echo:
        marks["echo"] = True
    if change.basis != "stated":
        marks["basis"] = change.basis
    return marks


def _words(figure: Figure, text: str, place: Sequence[int | None]) -> dict[str, Any]:
    """What neither the series nor the archived text says of a figure: its period, and its own words."""
    found: dict[str, Any] = {}
    if figure.period_start or figure.period_end:
        found["period"] = [figure.period_start, figure.period_end]
    if figure.attributed_to:
        found["by"] = list(figure.attributed_to)
    if figure.whom:
        found["whom"] = figure.whom
    if figure.quote and place[:2] == place[2:] and figure.quote != figure.number_text:
        found["quote"] = figure.quote
    if figure.number_text and text[figure.start : figure.end] != figure.number_text:
        found["number_text"] = figure.number_text
    return found


def _head(accepted: Accepted, evaluation: Evaluation, snapshot_id: int | None) -> dict[str, Any]:
    """The row of the update itself, without its digests."""
    reader, snapshot = evaluation.reader, evaluation.snapshot
    return {
        "source_id": accepted.source_id,
        "number": accepted.number + 1,
        "cause": evaluation.cause,
        "why": evaluation.why,
        "known_at": evaluation.known_at,
        "recorded_at": now(),
        "published": snapshot.published if snapshot else None,
        "snapshot_id": snapshot_id,
        "extractor": reader.extractor if reader else None,
        "reader_version": reader.version if reader else None,
        "options": reader.options if reader else None,
        **dict(zip(layout.SUMMED_UP, _summed_up(accepted, evaluation), strict=True)),
    }


def _digests(
    connection: Connection, accepted: Accepted, evaluation: Evaluation, rows: UpdateRows, head: Mapping[str, Any]
) -> dict[str, str]:
    """The digests of an update, of its rows as they are before they have its id."""
    named = layout.Names(connection, accepted.keys)
    named.learn_updates(_mentioned(evaluation))
    if accepted.series:  # the update about to be appended is named after the source that any series' key begins with
        own = head["number"] - accepted.begins
        named.learn(OWN, f"{next(iter(accepted.keys.values())).partition('/')[0]}/{own}")
    snapshot = evaluation.snapshot
    picture = picture_of(connection, snapshot.sha256) if snapshot else None
    digests = layout.snapshot(snapshot.sha256, snapshot.text_sha256, picture) if snapshot else None
    content = content_digest(layout.head(head, digests, accepted.begins), layout.parts(rows, connection, named))
    return {
        "content_digest": content,
        "chain_digest": chain_digest(content, Instant(head["recorded_at"]), accepted.chain),
    }


ChangeCounts = tuple[int, int, str | None, str]


def _summed_up(accepted: Accepted, evaluation: Evaluation) -> ChangeCounts:
    listed = [change for change in evaluation.changes if not change.echo]
    groups = write_groups(summarise(_summed(accepted, listed))) if len(listed) > STORED_ABOVE else None
    horizon = max((change.as_of for change in evaluation.changes if not change.held), default="")
    if evaluation.why == "source":
        horizon = max(horizon, accepted.horizon)
    return len(listed), len(evaluation.changes) - len(listed), groups, horizon


def _summed(accepted: Accepted, changes: Iterable[ProposedChange]) -> Iterator[Summed]:
    for change in changes:
        measure, counted = accepted.facts(change.series_id)
        key = accepted.keys[change.series_id]
        old = change.old if change.series_break is None else None
        facts = (change.kind, key, measure, counted, change.as_of, old, change.content, bool(change.held))
        yield Summed(*facts, base=change.base_as_of)


def _mentioned(evaluation: Evaluation) -> set[int]:
    """The ids of all updates that an update refers to."""
    ids = {change.base_update for change in evaluation.changes} | {change.reverts for change in evaluation.changes}
    ids |= {row.base_update_id for row in evaluation.stated} | {one.target_id for one in evaluation.settlements}
    return {one for one in ids if one and one != OWN}


def _insert_current(connection: Connection, changes: Sequence[ProposedChange], update_id: int) -> None:
    counting = [change for change in changes if not change.held]
    rows = [
        {
            "series_id": change.series_id,
            "as_of": change.as_of,
            "update_id": change.base_update if change.content is None else update_id,
            "content": change.old if change.content is None else change.content,
            "withdrawn": int(change.content is None),
        }
        for change in counting
    ]
    fresh = all(change.kind in ("first", "new", "late") and change.base_as_of != change.as_of for change in counting)
    insert_rows(connection, schema.current, rows, "" if fresh else _NEWER_COUNTS)


_NEWER_COUNTS = """ ON CONFLICT (series_id, as_of) DO UPDATE SET
    update_id = excluded.update_id, content = excluded.content, withdrawn = excluded.withdrawn"""
"""`current` moves what is there to the newer version."""


def _shape_rows(source_id: int, kept: tuple[Shape, bool] | None) -> list[dict[str, Any]]:
    if kept is None:
        return []
    shape, held = kept
    text = msgspec.json.encode(shape, order="deterministic").decode()
    return [{"source_id": source_id, "held": int(held), "shape": text}]


def _unfollowed_rows(unfollowed: Sequence[tuple[str, Figure]]) -> Iterator[dict[str, Any]]:
    """Figures that nobody follows: their places find their words in the archived text, where they are stored once."""
    for at, (why, figure) in enumerate(unfollowed[:UNFOLLOWED_KEPT]):
        plain = msgspec.structs.replace(figure, quote="", number_text="")
        said = {name: value for name in _FIELDS if (value := getattr(plain, name)) != getattr(_UNSAID, name)}
        yield {"position": at, "why": why, "figure": msgspec.json.encode(said).decode()}


def _check_row(position: int, check: CheckResult) -> dict[str, Any]:
    return {"position": position, **msgspec.structs.asdict(check)}


def _stated_row(row: StatedRow) -> dict[str, Any]:
    names = ("series_id", "as_of", "content", "verdict", "base_series_id", "base_as_of", "base_update_id")
    start, end, quote_start, quote_end = row.place
    places = {"start": start, "end": end, "quote_start": quote_start, "quote_end": quote_end}
    return {name: getattr(row, name) for name in (*names, "versions_back", "implied", "computed")} | places


def _settlement_row(one: Settlement) -> dict[str, Any]:
    names = ("target_id", "series_id", "as_of", "action", "who", "why")
    return {name: getattr(one, name) for name in names}
