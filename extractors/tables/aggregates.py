"""Figures that are counted up from the rows of another figure: how many, their sum, the largest of them.

They are made of the cells that were read, each of which is followed and proved by itself, so it makes no difference
what form a release has. What cannot be counted up whole is told and stated nowhere: a sum
without one of its rows is none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import NamedTuple, TypeAlias

import msgspec

from extractors.tables.cells import EXACT
from extractors.tables.figures import PrintedAt, make_figure
from extractors.tables.numbers import bounded
from model import (
    PART,
    UNREADABLE,
    Aggregate,
    Cell,
    CheckResult,
    Content,
    Day,
    Figure,
    FigureRule,
    Qualifier,
    Reading,
    SeriesRef,
    Source,
    last_day_of,
    read_content,
    series_ref,
    write_content,
)

Together: TypeAlias = tuple[tuple[str, ...], Day | None]
"""The labels that stay apart, and the as-of."""

_ROWS_MISSING = frozenset(("unreadable_row", "part_of_many", "row_too_wide", "pdf_unclear", "dates_unreadable"))
"""Findings after which there may be rows that were not read."""


class _CountedUp(NamedTuple):
    """What rows come to: canonical content, "" where there is nothing to take, `UNREADABLE` where a row is in doubt."""

    rule: FigureRule
    how: Aggregate
    key: Together
    content: str
    handles: tuple[int, ...]


def counted_up(source: Source, reading: Reading, today: Day | None) -> Reading:
    """A reading with what its rows come to, for each figure of the source that is counted up.

    `today` is the day on which the release came out: a week, month or year that is not over is not counted up yet.
    """
    doubt = next((check.message for check in reading.checks if check.name in _ROWS_MISSING), None)
    counted = list(_all_counted(source, reading.cells, today))
    counted = [one._replace(content=UNREADABLE) for one in counted] if doubt else counted
    first = 1 + max((cell[3] for cell in reading.cells), default=-1)
    cells: list[Cell] = [
        (series_ref(one.rule.id, one.key[0]), one.key[1], one.content, first + number)
        for number, one in enumerate(counted)
    ]
    figure = CountedFigures(reading.figure, first, tuple(counted))
    checks = (*reading.checks, *_not_counted(counted, doubt))
    return msgspec.structs.replace(reading, cells=[*reading.cells, *cells], figure=figure, checks=checks)


def _all_counted(source: Source, cells: Sequence[Cell], today: Day | None) -> Iterator[_CountedUp]:
    for rule in source.figures:
        if (how := rule.aggregate) is None:
            continue
        for key, rows in _groups(source, how, cells, today):
            if rows or not how.max_of:
                content = write_content(Decimal(len(rows))) if how.count_of else _content(how, rows)
                yield _CountedUp(rule, how, key, content, tuple(row[0][3] for row in rows))


def _not_counted(counted: Sequence[_CountedUp], doubt: str | None) -> Iterator[CheckResult]:
    left = [one for one in counted if one.content == UNREADABLE]
    if left:
        why = doubt or "a row that belongs to it cannot be read, or has two values"
        rules = ", ".join(dict.fromkeys(one.rule.id for one in left))
        yield CheckResult(name="not_counted_up", result="warn", message=f"{rules}: {why}", as_of=left[0].key[1])


def _groups(
    source: Source, how: Aggregate, cells: Sequence[Cell], today: Day | None
) -> Iterator[tuple[Together, list[list[Cell]]]]:
    """The cells of each row that are counted up together, by the labels that stay apart and the as-of."""
    kept = [list(source.by).index(name) for name in how.by]
    groups: dict[Together, dict[tuple[str, Day | None], list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for cell in cells:
        if cell[0] == how.of or cell[0].startswith(how.of + PART):
            labels = SeriesRef.parse(cell[0]).labels
            day = last_day_of(how.each, cell[1]) if cell[1] is not None else None
            groups[tuple(labels[place] for place in kept), day][cell[:2]].append(cell)
    if not groups and not kept and source.coverage == "list":
        groups[(), None] = {}
    for key in _whole(source, how, groups, today):
        yield key, list(groups[key].values())


def _whole(source: Source, how: Aggregate, groups: Mapping[Together, object], today: Day | None) -> Iterator[Together]:
    """The groups that are over, and of which no rows can be gone."""
    over = _over(source, {day for _, day in groups if day}, today) if how.each else None
    for key in sorted(groups, key=lambda key: (key[1] or "", key[0])):
        if over is None or key[1] is None or key[1] in over:
            yield key


def _over(source: Source, days: set[Day], today: Day | None) -> set[Day]:
    """The last days of times that are over; a release that drops what is old cuts the first of them."""
    cut = min(days, default=None) if source.coverage != "full" else None
    return {day for day in days if day != cut and (today is None or day < today)}


def _content(how: Aggregate, rows: Sequence[Sequence[Cell]]) -> str:
    stated = list(chain.from_iterable({cell[2] for cell in row} for row in rows))
    if UNREADABLE in stated or len(stated) > len(rows):
        return UNREADABLE
    found = [read_content(content) for content in stated if content]
    if rows and not found:
        return ""
    return (_sum if how.sum_of else _largest)(found, len(found) < len(rows))


def _sum(found: Sequence[Content], blank: bool) -> str:
    """The sum with the hedge that it has of its parts; a row without a number leaves it a lower bound."""
    hedges: set[Qualifier] = {one.qualifier for one in found}
    if blank:
        hedges.add("more_than")
    if "range" not in hedges:
        return _written(_total(found, "value"), (None, None), _together(hedges))
    if not hedges <= {"range", "exact"}:
        return UNREADABLE
    return _written(None, (_total(found, "low"), _total(found, "high")), "range")


def _total(found: Sequence[Content], end: str) -> Decimal | None:
    total = Decimal(0)
    for one in found:
        number = getattr(one, end) if one.qualifier == "range" else one.value
        if number is None:
            return None
        total = EXACT.add(total, number)
    return bounded(total)


def _together(hedges: set[Qualifier]) -> Qualifier:
    """The hedge of what is put together of parts that have these."""
    told = hedges - {"exact"}
    return "exact" if not told else next(iter(told)) if len(told) == 1 else "approximately"


def _largest(found: Sequence[Content], blank: bool) -> str:
    """The largest value as it is stated; none where a range or a row without a number might be larger."""
    if any(one.value is None for one in found):
        return UNREADABLE
    largest = max(found, key=lambda one: (one.value or 0, one.qualifier == "exact"))
    open_end = blank or any(one.qualifier in ("more_than", "approximately") for one in found)
    hedge = largest.qualifier if not open_end or largest.qualifier != "exact" else "more_than"
    return _written(largest.value, (None, None), hedge)


def _written(value: Decimal | None, ends: tuple[Decimal | None, Decimal | None], hedge: Qualifier) -> str:
    if value is None and None in ends:
        return UNREADABLE
    return write_content(value, *ends, hedge)


class CountedFigures(NamedTuple):
    """Makes the figures of a reading: those that are printed, and from `first` on those that are counted up."""

    printed: Callable[[int], Figure]
    first: int
    counted: tuple[_CountedUp, ...]

    def __call__(self, handle: int) -> Figure:
        """The figure of a cell, whose place is that of its rows, from the first to the last."""
        if handle < self.first:
            return self.printed(handle)
        one = self.counted[handle - self.first]
        rows = [self.printed(row) for row in one.handles]
        place = min((row.start for row in rows), default=0), max((row.end for row in rows), default=0)
        parts = dict(zip(one.how.by, one.key[0], strict=True))
        content = "" if one.content == UNREADABLE else one.content
        figure = make_figure(one.rule, content, one.key[1], PrintedAt("", place, (0, 0)), parts)
        return msgspec.structs.replace(figure, number_text=_in_words(one), quote="")


def _in_words(one: _CountedUp) -> str:
    count = len(one.handles)
    what = "count" if one.how.count_of else "sum" if one.how.sum_of else "largest"
    return f"{what} of {count:,} {'row' if count == 1 else 'rows'}"
