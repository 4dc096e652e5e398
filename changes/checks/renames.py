"""Renames: a series that goes while one comes with nearly the same figures is proposed to be the same, and held."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from changes import labels
from changes.accepted import Accepted, ContentsByDay
from changes.checks.context import Context, Finding, found
from changes.compare import Seen
from changes.kinds import ProposedChange
from model import CheckName, SeriesRef, Source, read_content, series_ref

NEAR_SHARE, NEAR = Decimal("0.05"), 5

Row = dict[str, int]
"""The series of one row, or of one column, by figure id."""


def rename(context: Context) -> Iterator[Finding]:
    """Hold the sides of every likely rename among the changes of one release.

    Under every coverage a row that comes is asked about where its label is like that of one that the release leaves
    out. In a whole table a row (or column) that goes and one that comes fit also when they differ in one label (or in
    the column alone), count the same, and all figures that both have are within 5 % or 5. Of several that fit, the
    likeliest label is taken.
    """
    source, state, drafts = context.source, context.accepted, context.comparison.raw
    come = {draft.series_id for draft in drafts if draft.kind == "first"}
    if not come:
        return
    left_out = _left_out(source, state, context.seen, drafts)
    old_rows, new_rows = _rows(state, left_out), _rows(state, come)
    taken: set[tuple[str, ...]] = set()
    for old_name, name in [*_like(old_rows, new_rows), *_near_ones(source, state, drafts, old_rows, new_rows)]:
        if not {name, old_name} & taken and old_rows[old_name].keys() & new_rows[name].keys():
            taken |= {name, old_name}
            yield from _hold(context, old_rows[old_name], new_rows[name], (old_name, name))


def _left_out(source: Source, state: Accepted, seen: Seen, drafts: Sequence[ProposedChange]) -> set[int]:
    """The series with values of which a release says nothing at all."""
    if source.coverage == "full":
        return {draft.series_id for draft in drafts if draft.kind == "withdrawn" and draft.how == "series"}
    stated = seen.contents.keys() | {series_id for series_id, _ in seen.blank | seen.unread | seen.conflicts.keys()}
    return {series_id for series_id in state.valued() if series_id not in stated}


Name = tuple[str, ...]
Pair = tuple[Name, Name]


def _like(old_rows: Mapping[Name, Row], new_rows: Mapping[Name, Row]) -> Iterator[Pair]:
    """Rows whose labels differ by case, signs, marks, spaces and padding alone, then those that differ by digits."""
    for likeness in (labels.unpadded, labels.wordless):
        known: dict[str, list[Name]] = defaultdict(list)
        for name in sorted(old_rows):
            if (like := likeness(series_ref("", name[1:]))) is not None and name[0] == "row":
                known[like].append(name)
        for name in sorted(new_rows):
            fitting = known.get(likeness(series_ref("", name[1:])) or "", ())
            by_likeness = sorted(fitting[:_MOST_COMPARED], key=lambda one: _likeness(one, name), reverse=True)
            yield from ((one, name) for one in by_likeness)


_MOST_COMPARED = 50
"""Of more rows than this with labels that are like one another, only so many are asked about."""


def _near_ones(
    source: Source,
    state: Accepted,
    drafts: Sequence[ProposedChange],
    old_rows: Mapping[Name, Row],
    new_rows: Mapping[Name, Row],
) -> Iterator[Pair]:
    """Rows, or columns, of a whole table that go and come with nearly the same figures."""
    if source.coverage != "full":
        return
    new: dict[int, ContentsByDay] = defaultdict(dict)
    for draft in drafts:
        if draft.kind == "first" and draft.content is not None:
            new[draft.series_id][draft.as_of] = draft.content
    for old_name, old_row in sorted(old_rows.items()):
        fitting = [name for name, row in new_rows.items() if _alike(old_name, name) and _near(state, old_row, row, new)]
        yield from (
            (old_name, name) for name in sorted(fitting, key=lambda one: _likeness(old_name, one), reverse=True)
        )


def _rows(state: Accepted, ids: set[int]) -> dict[tuple[str, ...], Row]:
    """Series by what may be renamed together: the labels of a row, or a column's own id where there are no labels."""
    rows: dict[tuple[str, ...], Row] = defaultdict(dict)
    for series_id in ids:
        ref = SeriesRef.parse(state.first_ref[series_id])
        if ref.labels:
            rows["row", *ref.labels][ref.figure_id] = series_id
        else:
            rows["column", ref.figure_id][""] = series_id
    return rows


def _alike(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    return len(old) == len(new) and sum(a != b for a, b in zip(old, new, strict=True)) == 1


def _near(state: Accepted, old: Row, new: Row, contents: dict[int, ContentsByDay]) -> bool:
    shared = old.keys() & new.keys()
    return bool(shared) and all(
        state.facts(old[figure]) == state.facts(new[figure])
        and _contents_near(state.live[old[figure]], contents[new[figure]])
        for figure in shared
    )


def _contents_near(old: ContentsByDay, new: ContentsByDay) -> bool:
    shared = old.keys() & new.keys()
    pairs = [(old[day], new[day]) for day in shared] or [(old[max(old)], new[max(new)])]
    return all(_numbers_near(read_content(a).value, read_content(b).value) for a, b in pairs)


def _numbers_near(a: Decimal | None, b: Decimal | None) -> bool:
    return a is not None and b is not None and abs(a - b) <= max(Decimal(NEAR), NEAR_SHARE * abs(a))


def _likeness(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[float, float]:
    """How many of the fewer words both names have, then how alike their letters are."""
    a, b = " ".join(old[1:]).casefold(), " ".join(new[1:]).casefold()
    words, others = set(a.split()), set(b.split())
    return len(words & others) / (min(len(words), len(others)) or 1), difflib.SequenceMatcher(None, a, b).ratio()


def _hold(context: Context, old: Row, new: Row, names: Pair) -> Iterator[Finding]:
    keys = context.accepted.keys
    pairs = {old[figure]: new[figure] for figure in old.keys() & new.keys()}
    others = pairs | {b: a for a, b in pairs.items()}
    held = {
        change.key for change in context.changes
        if change.series_id in others and change.kind in ("withdrawn", "first")
    }  # fmt: skip
    if not held:
        return  # what goes and comes waits already
    was, now = next((a, b) for a, b in zip(*names, strict=True) if a != b)
    message = (
        f"{was!r} is not there and {now!r} comes, with nearly the same label or figures: answer `same` if it is "
        "one series under another name, `accept` if it is another count (another place, merged, split)"
    )
    told = found(CheckName.RENAME, "hold", message, at=(keys[min(pairs)], None), holds=held)
    yield told._replace(renames={one: keys[other] for one, other in others.items()})
