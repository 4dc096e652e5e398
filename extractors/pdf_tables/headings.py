"""A table with its headings told from its rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import dropwhile, pairwise
from typing import NamedTuple

from extractors.pdf_tables.rows import columns_of_numbers
from extractors.pdf_tables.words import EMPTY, MARKS, CellRow, is_number

_DATED = re.compile(r"(?:18|19|20|21)\d\d|\d{1,4}[-./]\d{1,2}(?:[-./]\d{2,4})?|\d{4}[-/–]\d{2,4}")
_NUMBERED = (["1"], ["2"])


class TablePart(NamedTuple):
    """A table, or its part on one page: so many rows are headings, and what could not be parted is said.

    `goes_on` says that it continues the table before it, `may_go_on` that this is not to be seen; `edges` are where its
    columns begin.
    """

    rows: list[CellRow]
    heads: int
    doubts: list[str]
    edges: list[float]
    top: float
    bottom: float
    goes_on: bool = False
    may_go_on: bool = False


class TextAt(NamedTuple):
    """A line of text outside of tables."""

    text: str
    top: float


PageBlock = TablePart | TextAt


class Spread(NamedTuple):
    """A row with a cell for each column; in `wide` ones a cell goes on that began at the left."""

    cells: CellRow
    wide: frozenset[int] = frozenset()

    @property
    def texts(self) -> list[str]:
        """What the cells say."""
        return [box.text for box in self.cells]

    @property
    def is_section(self) -> bool:
        """Whether one cell reaches over all columns."""
        return len(self.wide) == len(self.cells) - 1 > 0

    def as_body(self) -> CellRow:
        """The cells of a row of figures: one that goes on is of its first column."""
        return [EMPTY if at in self.wide else box for at, box in enumerate(self.cells)]


def headed(
    rows: Sequence[Spread], doubts: list[str], edges: list[float], extent: tuple[float, float]
) -> TablePart | None:
    """A table with its heading told from its rows; None where no column has numbers."""
    kept = _below_title([row for row in rows if any(row.texts)])
    below = [row.texts for row in kept[1:] or kept]
    numeric = columns_of_numbers([*dropwhile(lambda texts: not any(map(is_number, texts)), below)])
    if not numeric:
        return None
    heads = _height(kept, numeric)
    body = [row.as_body() for row in kept[heads:]]
    doubts += _shared(kept[heads:])
    body = _below_numbering(body) if heads else body
    doubts += _nameless(body, numeric)
    return TablePart([*(row.cells for row in kept[:heads]), *body], heads, list(dict.fromkeys(doubts)), edges, *extent)


def _below_title(rows: list[Spread]) -> list[Spread]:
    """The rows without a title that stands in the frame."""
    while len(rows) > 1 and rows[0].is_section:
        rows = rows[1:]
    return rows


def _shared(rows: Sequence[Spread]) -> Iterator[str]:
    """Numbers that stand in several columns: of which they are is not to be seen."""
    for row in rows:
        for at in sorted(row.wide):
            if is_number(row.cells[at].text):
                yield f"{row.cells[at].text!r} stands in several columns"


def _nameless(rows: Sequence[CellRow], numeric: set[int]) -> Iterator[str]:
    """A row of numbers without a name, where most have one: it may be a note, or belong to the name above."""
    named = [any(box.text for at, box in enumerate(row) if at not in numeric) for row in rows]
    if 2 * sum(named) <= len(named):
        return
    for row, has_name in zip(rows, named, strict=True):
        if not has_name:
            yield f"{' '.join(box.text for box in row if box.text)[:60]!r} stands beside no name"


def _height(rows: Sequence[Spread], numeric: set[int]) -> int:
    """How many rows are headings: those above the first that has a number in a column of numbers."""
    if _is_body(rows[0].texts, numeric) and not _is_dated(rows[0].texts, numeric):
        return 0
    height, spread = 1, bool(rows[0].wide)
    for number, row in enumerate(rows[1:-1], 1):
        if _is_body(row.texts, numeric) and not (spread and _is_dated(row.texts, numeric)):
            break
        if not _names(row, rows[:number], numeric):
            continue
        height, spread = number + 1, spread or bool(row.wide)
    return height


def _names(row: Spread, above: Sequence[Spread], numeric: set[int]) -> bool:
    """Whether a row without numbers names columns: several, or one that has no name yet; a section names none."""
    filled = [at for at, text in enumerate(row.texts) if text]
    if row.is_section or not numeric.intersection(filled):
        return False
    return len(filled) > 1 or not any(one.texts[filled[0]] for one in above)


def _is_body(texts: list[str], numeric: set[int]) -> bool:
    return any(is_number(texts[at]) for at in numeric)


def _is_dated(texts: list[str], numeric: set[int]) -> bool:
    """Whether the numbers of a row are years or days, such as head the columns of a time series."""
    numbers = [texts[at] for at in numeric if is_number(texts[at])]
    return all(_DATED.fullmatch(MARKS.sub("", one).strip()) for one in numbers) and len(set(numbers)) == len(numbers)


def _below_numbering(rows: list[CellRow]) -> list[CellRow]:
    return rows[1:] if rows and _counts_columns(rows) else rows


def _counts_columns(rows: Sequence[CellRow]) -> bool:
    """Whether the first row below a heading numbers the columns, as offices print it: 1, 2, 3 or A, 1, 2.

    Where other rows are called by one letter, it may be one of them.
    """
    first, *numbers = (box.text for box in rows[0])
    if first.isdigit():
        return _runs([first, *numbers], _NUMBERED[:1])
    if len(first) > 1 or any(len(other[0].text) < 2 for other in rows[1:]):
        return False
    return _runs(numbers, _NUMBERED)


def _runs(numbers: list[str], begins: Sequence[list[str]]) -> bool:
    if len(numbers) < 2 or numbers[:1] not in begins or not all(one.isdigit() and len(one) < 3 for one in numbers):
        return False
    return all(int(two) == int(one) + 1 for one, two in pairwise(numbers))
