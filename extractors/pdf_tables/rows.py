"""Lines as rows: what stands nearer than rows do is one row, and what may be either is doubted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from typing import NamedTuple

from extractors.pdf_tables.words import EMPTY, Box, Line, is_number, states_nothing, together

_OVERLAP = 0.8
"""Lines nearer than this stand beside one another: they are of one row."""

_NEARER = 0.93
"""Part of the distance of rows: lines nearer than this are of one row."""

_LEADING = 1.75
"""No two lines of one name are so far apart, in the letters' size."""

_UNEVEN = 1.15
"""Steps so different are not all from row to row."""


class LooseRow(NamedTuple):
    """Lines of one row so far: `base` and `last` are the base lines of the first and the last, `bold` is all of it."""

    base: float
    size: float
    cells: dict[int, Box]
    last: float = 0.0
    bold: bool = False

    @property
    def foot(self) -> float:
        """The base line of the last line."""
        return self.last or self.base

    def counts(self, numeric: set[int]) -> bool:
        """Whether a column of numbers has one here."""
        return any(at in numeric and is_number(box.text) for at, box in self.cells.items())

    def with_below(self, other: LooseRow) -> LooseRow:
        """The row with what stands below it."""
        places = sorted({*self.cells, *other.cells})
        cells = {at: together([self.cells.get(at, EMPTY), other.cells.get(at, EMPTY)]) for at in places}
        return LooseRow(self.base, max(self.size, other.size), cells, other.foot, self.bold and other.bold)


def as_rows(lines: Sequence[LooseRow], doubts: list[str]) -> list[LooseRow]:
    """Lines as rows: what stands nearer than rows do is of one row, and what may be either is doubted."""
    width = 1 + max((at for row in lines for at in row.cells), default=0)
    numeric = columns_of_numbers([[row.cells.get(at, EMPTY).text for at in range(width)] for row in lines])
    beside = _beside_one_another(lines, numeric)
    gathered = _Gathered(_NEARER * _step(beside, numeric), _widest(beside), doubts)
    for number, row in enumerate(beside):
        after = beside[number + 1] if number + 1 < len(beside) else None
        if row.counts(numeric):
            gathered.end(row)
        else:
            gathered.take(row, after)
    return [*gathered.rows, *gathered.waiting]


class _Gathered:
    """The rows so far, and the lines of names that wait for the numbers below them."""

    def __init__(self, near: float, widest: dict[int, float], doubts: list[str]) -> None:
        self._near, self._widest, self._doubts = near, widest, doubts
        self.rows: list[LooseRow] = []
        self.waiting: list[LooseRow] = []

    def end(self, row: LooseRow) -> None:
        """A row ends here, with what waited for it."""
        self.rows.append(reduce(LooseRow.with_below, [*self.waiting, row]))
        self.waiting = []

    def take(self, row: LooseRow, after: LooseRow | None) -> None:
        """A line without numbers: part of the row above or below, whichever it is near to, else one of its own."""
        above = row.base - self.rows[-1].foot if self.rows and not self.waiting else _NOWHERE
        below = after.base - row.foot if after else _NOWHERE
        if above < self._near and below >= 0.97 * above:
            self.rows[-1] = self.rows[-1].with_below(row)
        elif below < self._near:
            self.waiting.append(row)
        elif self.waiting:
            self.end(row)
        else:
            self._doubts += self._may_be_broken(row, after)
            self.rows.append(row)

    def _may_be_broken(self, row: LooseRow, after: LooseRow | None) -> list[str]:
        """The doubt whether a line of its own is part of a name above or below."""
        pairs = [*((before, row) for before in self.rows[-1:]), *((row, one) for one in (after,) if one)]
        return [told for one, two in pairs if (told := _may_be_one(one, two, self._widest))][:1]


_NOWHERE = 1e9


def _step(rows: list[LooseRow], numeric: set[int]) -> float:
    """How far apart rows are; 0 where that is not to be seen."""
    counted = [row.counts(numeric) for row in rows]
    every = [two.base - one.foot for one, two in pairwise(rows)]
    steps = [step for step, both in zip(every, pairwise(counted), strict=True) if all(both)]
    if steps:
        return min(steps)
    return max(every) if every and max(every) > _UNEVEN * min(every) else 0.0


def _widest(rows: list[LooseRow]) -> dict[int, float]:
    widest: dict[int, float] = {}
    for row in rows:
        for at, box in row.cells.items():
            widest[at] = max(widest.get(at, 0.0), box.right)
    return widest


def _beside_one_another(lines: Sequence[LooseRow], numeric: set[int]) -> list[LooseRow]:
    """Lines that stand beside one another as one: a name of two lines, and its numbers between them."""
    rows: list[LooseRow] = []
    for line in lines:
        near = rows and line.base - rows[-1].foot < _OVERLAP * min(line.size, rows[-1].size)
        if near and not (rows[-1].counts(numeric) and line.counts(numeric)):
            rows[-1] = rows[-1].with_below(line)
        else:
            rows.append(line)
    return rows


def _may_be_one(first: LooseRow, second: LooseRow, widest: dict[int, float]) -> str | None:
    """The doubt whether two lines are one name: the first word of the second did not fit behind the first."""
    if first.bold != second.bold or second.base - first.foot > _LEADING * max(first.size, second.size):
        return None
    for at, box in second.cells.items():
        other = first.cells.get(at, EMPTY)
        if _is_name(box) and _is_name(other) and other.right + 0.25 * second.size + 0.9 * _first_word(box) > widest[at]:
            return f"{other.text[:40]!r} and {box.text[:40]!r} may be one name or two rows"
    return None


def _is_name(box: Box) -> bool:
    return bool(box.text) and not is_number(box.text)


def _first_word(box: Box) -> float:
    """About how wide the first word of a cell is."""
    return (box.right - box.left) * len(box.text.split()[0]) / len(box.text)


def is_bold(line: Line) -> bool:
    """Whether all of a line is of a heavy font."""
    return all(glyph.bold for word in line.words for glyph in word.glyphs)


def columns_of_numbers(texts: Sequence[list[str]]) -> set[int]:
    """The columns most of whose cells are numbers."""
    found = set()
    for at in range(len(texts[0]) if texts else 0):
        cells = [row[at] for row in texts if not states_nothing(row[at])]
        if cells and 2 * sum(map(is_number, cells)) > len(cells):
            found.add(at)
    return found
