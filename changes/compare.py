"""Comparing a reading with the accepted ledger: what is first, new, late, revised, requalified, withdrawn, restored.

Pure: it reads a `Accepted` and a `Reading` and changes neither. The rules are those of docs/changes.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from changes.accepted import Accepted, Contents
from model import UNREADABLE, CheckResult, Day, Reading, SeriesRef, Source, read_content

Basis = Literal["stated", "published", "fetched"]
Key = tuple[int, Day]


@dataclass(slots=True)
class ProposedChange:
    """One change on its way into the ledger; `content` None withdraws, `handle` finds the figure in the reading."""

    series_id: int
    as_of: Day
    kind: str
    content: str | None
    handle: int | None = None
    base_as_of: Day | None = None
    base_update: int | None = None
    old: str | None = None
    held: bool = False
    how: str | None = None
    reverts: int | None = None
    redated: Day | None = None
    basis: Basis = "stated"
    echo: bool = False
    rename: str | None = None
    anew: str | None = None


@dataclass(slots=True)
class Seen:
    """What one release states, sorted by series: contents by as-of; blanks; keys stated twice with two values.

    `unread` cells, and all that a release with `rows_unread` seems to lack, are neither values nor withdrawals. `news`
    are the cells that are not known as they stand there, with the handles of their figures.
    """

    contents: dict[int, Contents] = field(default_factory=dict)
    news: dict[Key, int] = field(default_factory=dict)
    blank: set[Key] = field(default_factory=set)
    conflicts: dict[Key, list[str]] = field(default_factory=dict)
    repeated: set[Key] = field(default_factory=set)
    undated: set[int] = field(default_factory=set)
    unread: set[Key] = field(default_factory=set)
    rows_unread: bool = False
    count: int = 0


@dataclass(slots=True)
class Comparison:
    """The changes of one release against the ledger, and what was found on the way.

    `raw` are the changes as if nothing were held; `drafts` those that are news; `joined` and `ended` are holds.
    """

    drafts: list[ProposedChange]
    seen: Seen
    joined: set[Key]
    ended: set[Key]
    raw: list[ProposedChange] = field(default_factory=list)


def gather(reading: Reading, state: Accepted, day: Day) -> Seen:
    """Sort a reading's cells by series; an undated one is observed on `day` (published, else fetched)."""
    seen = Seen(count=len(reading.cells))
    refs, contents, live, news = state.refs, seen.contents, state.live, seen.news
    for ref, as_of, content, handle in reading.cells:
        series_id = refs[ref]
        if as_of is None:
            as_of = day
            seen.undated.add(series_id)
        if not content:
            seen.blank.add((series_id, as_of))
            continue
        if content == UNREADABLE:
            seen.unread.add((series_id, as_of))
            continue
        of_series = contents.get(series_id)
        if of_series is None:
            of_series = contents[series_id] = {}
        elif as_of in of_series:
            _note_repeated(seen, series_id, as_of, of_series[as_of], content)
            continue
        of_series[as_of] = content
        if live.get(series_id, _NOTHING).get(as_of) != content:
            news[series_id, as_of] = handle
    for key in seen.conflicts:
        del contents[key[0]][key[1]]
        news.pop(key, None)
    seen.count -= len(seen.blank) + len(seen.unread)
    seen.rows_unread = any(check.name == "unreadable_row" for check in reading.checks)
    return seen


_NOTHING: Contents = {}


def _note_repeated(seen: Seen, series_id: int, as_of: Day, one: str, other: str) -> None:
    key = (series_id, as_of)
    if one == other:
        seen.repeated.add(key)
        return
    values = seen.conflicts.setdefault(key, [one])
    if other not in values:
        values.append(other)


def compare(source: Source, state: Accepted, seen: Seen, day: Day) -> Comparison:
    """Say what changed between the accepted ledger and one release."""
    result = Comparison([], seen, set(), set())
    for series_id in dict.fromkeys(series_id for series_id, _ in seen.news):
        live, contents = state.live.get(series_id, {}), seen.contents[series_id]
        if series_id in seen.undated:
            result.drafts.extend(_undated(state, series_id, contents, day))
        else:
            result.drafts.extend(_stated(state, series_id, contents, live))
    if source.coverage == "full" and seen.contents:
        result.drafts.extend(_withdrawn(state, seen, day))
    result.raw = result.drafts
    _mind_holds(source, state, result)
    _mark_redated(state, result.drafts)
    derived = {rule.id for rule in source.figures if rule.derived}
    for draft in result.drafts:
        if draft.series_id in seen.undated and draft.as_of == day:
            draft.basis = "fetched"
        draft.echo = bool(derived) and SeriesRef.parse(state.first_ref[draft.series_id]).figure_id in derived
    return result


def _undated(state: Accepted, series_id: int, contents: Contents, day: Day) -> Iterator[ProposedChange]:
    """Compare an undated figure with the newest one: what says the same, or is held or refused, is no observation."""
    newest = state.newest(series_id, day)
    content = contents.get(day)
    if newest is not None and newest.content == content and not newest.withdrawn and newest.as_of < day:
        return
    # A value that waits, or was decided against, joins its hold on later days too, until the source says another.
    since = newest.as_of if newest else Day("")
    waiting = [
        as_of
        for of_series, as_of in state.held
        if of_series == series_id and since <= as_of <= day and state.stands(series_id, as_of, content)
    ]
    if waiting:
        yield ProposedChange(series_id, max(waiting), "new", content)
    elif content is None or newest is None or newest.as_of == day:
        yield from _stated(state, series_id, contents, state.live.get(series_id, {}))
    else:
        draft = ProposedChange(series_id, day, "restored" if newest.withdrawn else "new", content)
        draft.base_as_of, draft.old, draft.base_update = newest.as_of, newest.content, newest.update_id
        yield draft


def _stated(state: Accepted, series_id: int, contents: Contents, live: Contents) -> Iterator[ProposedChange]:
    gone = state.gone.get(series_id, {})
    latest = state.latest.get(series_id)
    newest = state.latest_before(series_id, Day("9999-99-99")) if contents.keys() - live.keys() else None
    for as_of, content in contents.items():
        known = live.get(as_of)
        if known == content:
            continue
        draft = ProposedChange(series_id, as_of, "new", content, base_update=state.origin.get(series_id, {}).get(as_of))
        if known is not None:
            draft.kind = "requalified" if _same_number(known, content) else "revised"
            draft.old = known
        elif as_of in gone:
            draft.kind, draft.old = "restored", gone[as_of]
        elif latest is None:
            draft.kind = "first"
        elif as_of > latest:
            if newest is not None:
                draft.base_as_of, draft.old = newest, live[newest]
                draft.base_update = state.origin[series_id][newest]
        else:
            draft.kind = "late"
        yield draft


def _same_number(one: str, other: str) -> bool:
    a, b = read_content(one), read_content(other)
    return (a.value, a.low, a.high) == (b.value, b.low, b.high)


def _withdrawn(state: Accepted, seen: Seen, day: Day) -> Iterator[ProposedChange]:
    """What a republished table states no longer: the cell is blank, the row is gone, or the whole series is.

    Of an undated table only the newest observations were there to go; the older ones are history.
    """
    unclear = seen.conflicts.keys() | seen.unread
    rows: set[tuple[tuple[str, ...], Day]] | None = None
    for series_id, live in state.live.items():
        contents = seen.contents.get(series_id, {})
        missing: list[Day] = []
        if series_id in seen.undated or (seen.undated and not contents):
            newest = state.newest(series_id, day)
            blank_now = (series_id, day) in seen.blank or not contents
            if newest and not newest.withdrawn and blank_now and (series_id, day) not in unclear:
                missing = [newest.as_of]
        elif len(contents) < len(live) or contents.keys() != live.keys():
            missing = [as_of for as_of in live.keys() - contents.keys() if (series_id, as_of) not in unclear]
        if not missing:
            continue
        if rows is None:
            rows = _rows(state, seen)
        labels = SeriesRef.parse(state.first_ref[series_id]).labels
        listed = bool(contents) or any(key[0] == series_id for key in seen.blank)
        for as_of in sorted(missing):
            blank = (series_id, as_of) in seen.blank
            how = "cell" if blank or (listed and (labels, as_of) in rows) else "row" if listed else "series"
            if seen.rows_unread and how == "row":
                continue  # it may be one of the rows that could not be read
            yield ProposedChange(
                series_id, as_of, "withdrawn", None, old=live[as_of], how=how,
                base_update=state.origin[series_id][as_of],
            )  # fmt: skip


def _rows(state: Accepted, seen: Seen) -> set[tuple[tuple[str, ...], Day]]:
    """The rows (labels, as-of) that the release has, whichever of its columns are filled."""
    rows: set[tuple[tuple[str, ...], Day]] = set()
    for series_id, contents in seen.contents.items():
        labels = SeriesRef.parse(state.first_ref[series_id]).labels
        rows.update((labels, as_of) for as_of in contents)
    return rows


def _mind_holds(source: Source, state: Accepted, result: Comparison) -> None:
    """A value that is held or was decided against is no news; a hold ends when the source says something else."""
    if not state.held:
        return
    kept: list[ProposedChange] = []
    for draft in result.drafts:
        if state.stands(draft.series_id, draft.as_of, draft.content):
            result.joined.add((draft.series_id, draft.as_of))
        else:
            kept.append(draft)
    result.drafts = kept
    for key, held in state.held.items():
        if held.open and key not in result.joined and _ended(source, result.seen, key):
            result.ended.add(key)


def _ended(source: Source, seen: Seen, key: Key) -> bool:
    series_id, as_of = key
    contents = seen.contents.get(series_id, {})
    if key in seen.conflicts:
        return False
    if as_of in contents:
        return True
    if source.coverage == "full":
        return bool(seen.contents)
    return any(day >= as_of for day in contents)


def _mark_redated(state: Accepted, drafts: list[ProposedChange]) -> None:
    """A whole row whose values stand at another as-of now moved there; both sides say so.

    Single small numbers coincide by chance, so a row counts when two of its values agree or one has four digits.
    """
    late: dict[tuple[tuple[str, ...], Day], dict[str, ProposedChange]] = {}
    left: dict[tuple[tuple[str, ...], Day], dict[str, ProposedChange]] = {}
    for draft in drafts:
        side = late if draft.kind in ("late", "restored") else left if draft.old and not draft.base_as_of else None
        if side is not None:
            ref = SeriesRef.parse(state.first_ref[draft.series_id])
            side.setdefault((ref.labels, draft.as_of), {})[ref.figure_id] = draft
    if not late or not left:
        return
    by_values: dict[tuple[object, ...], list[tuple[Day, dict[str, ProposedChange]]]] = {}
    for (labels, as_of), row in left.items():
        values = {figure_id: draft.old or "" for figure_id, draft in row.items()}
        by_values.setdefault((labels, *sorted(values.items())), []).append((as_of, row))
    for (labels, as_of), row in late.items():
        values = {figure_id: draft.content or "" for figure_id, draft in row.items()}
        telling = len(values) > 1 or any(sum(c.isdigit() for c in value) >= 4 for value in values.values())
        found = by_values.get((labels, *sorted(values.items())), []) if telling else []
        if len(found) == 1:
            other_day, other = found[0]
            for draft in row.values():
                draft.redated = other_day
            for draft in other.values():
                draft.redated = as_of


def told(content: str) -> str:
    """A canonical content as a person reads it: `~38300` is ~38,300."""
    return re.sub(r"(?<![\d.])\d+", lambda digits: f"{int(digits[0]):,}", content)


def duplicate_checks(seen: Seen, state: Accepted) -> Iterator[CheckResult]:
    """Report what one release states twice under one key: two values count neither, equal ones only warn."""
    for (series_id, as_of), values in sorted(seen.conflicts.items()):
        yield CheckResult(
            name="duplicate_key",
            result="hold",
            message=f"stated twice with different values ({' and '.join(map(told, values))}); neither counts",
            series=state.keys[series_id],
            as_of=as_of,
        )
    if seen.repeated:
        series_id, as_of = min(seen.repeated)
        yield CheckResult(
            name="duplicate_key",
            result="warn",
            message=f"{len(seen.repeated)} cells are stated twice with equal values",
            series=state.keys[series_id],
            as_of=as_of,
        )
