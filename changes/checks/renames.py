"""Renames: a series that goes while one comes with nearly the same figures is proposed to be the same, and held."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from changes.accepted import Accepted, Contents
from changes.compare import ProposedChange
from model import CheckResult, SeriesRef, read_content

NEAR_SHARE, NEAR = Decimal("0.05"), 5

Row = dict[str, int]
"""The series of one row, or of one column, by figure id."""


def propose(state: Accepted, drafts: Sequence[ProposedChange]) -> Iterator[CheckResult]:
    """Mark and hold the two sides of every likely rename among the changes of one release.

    A row (or column) that goes and one that comes fit when they differ in one label (or in the column alone), count
    the same, and all figures that both have are within 5 % or 5. Of several that fit, the likeliest label is taken.
    """
    gone = {draft.series_id for draft in drafts if draft.kind == "withdrawn" and draft.how == "series"}
    come = {draft.series_id for draft in drafts if draft.kind == "first"}
    if not gone or not come:
        return
    new: dict[int, Contents] = defaultdict(dict)
    for draft in drafts:
        if draft.series_id in come and draft.content is not None:
            new[draft.series_id][draft.as_of] = draft.content
    taken: set[tuple[str, ...]] = set()
    for old_name, old_row in sorted(_rows(state, gone).items()):
        fitting = [
            (name, row)
            for name, row in _rows(state, come).items()
            if name not in taken and _alike(old_name, name) and _near(state, old_row, row, new)
        ]
        if fitting:
            name, row = max(fitting, key=lambda one: _likeness(old_name, one[0]))
            taken.add(name)
            yield from _hold(state, drafts, old_row, row, old_name, name)


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
    return len(old) == len(new) and sum(a != b for a, b in zip(old, new, strict=True)) == 1 and old[0] == new[0]


def _near(state: Accepted, old: Row, new: Row, contents: dict[int, Contents]) -> bool:
    shared = old.keys() & new.keys()
    return bool(shared) and all(
        state.facts[old[figure]] == state.facts[new[figure]]
        and _contents_near(state.live[old[figure]], contents[new[figure]])
        for figure in shared
    )


def _contents_near(old: Contents, new: Contents) -> bool:
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


def _hold(
    state: Accepted,
    drafts: Sequence[ProposedChange],
    old: Row,
    new: Row,
    old_name: tuple[str, ...],
    new_name: tuple[str, ...],
) -> Iterator[CheckResult]:
    pairs = {old[figure]: new[figure] for figure in old.keys() & new.keys()}
    others = pairs | {b: a for a, b in pairs.items()}
    for draft in drafts:
        if draft.series_id in others and draft.kind in ("withdrawn", "first"):
            draft.held, draft.rename = True, state.keys[others[draft.series_id]]
    was, now = next((a, b) for a, b in zip(old_name, new_name, strict=True) if a != b)
    yield CheckResult(
        name="rename",
        result="hold",
        message=(
            f"{was!r} goes and {now!r} comes with nearly the same figures: answer `same` if it is one series under "
            "another name, `accept` if it is another count (merged, split)"
        ),
        series=state.keys[min(pairs)],
    )
