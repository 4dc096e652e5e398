"""Tables whose columns are parted by gaps that run through the lines of numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median
from typing import NamedTuple

from extractors.pdf_tables.headings import PageBlock, Spread, TablePart, TextAt, headed
from extractors.pdf_tables.lattice import put_together
from extractors.pdf_tables.rows import LooseRow, as_rows, is_bold
from extractors.pdf_tables.words import (
    EMPTY,
    Box,
    CellRow,
    DrawnLine,
    Line,
    Segment,
    Word,
    boxed,
    is_number,
    lines_of,
    middle,
    states_nothing,
    together,
)

_FAR = 3.2
"""Lines farther apart than this are of no one table."""

_PARTS_ABOVE = 2
"""So many lines of one name may stand between the heading and the first numbers."""

_HEADING_FAR, _FAR_OFF = 2.4, 1.7
"""How far above the next line one of a heading may stand: in the letters' size, or in steps from row to row."""

_LINE_ABOVE = 1.3
"""In steps from row to row: a line so near above the first row, or below the last, may be of its name."""

_APART = 1.6
"""In steps from row to row: a line that stands so far below the last row is none."""

_BELOW = 1.6
"""In the letters' size: a line so near below a heading shows over which columns it stands."""

_MONEY = frozenset("$€£¥₴₽")

Gap = tuple[float, float]
"""Where a gap between columns begins and ends."""


def parted_by_gaps(words: list[Word], across: list[DrawnLine]) -> Iterator[PageBlock]:
    """The tables that gaps part among words, and the lines that are of none; `across` are lines drawn there."""
    for block in _blocks(lines_of(words)):
        yield from _block_of(block, across)


def _blocks(lines: list[Line]) -> Iterator[list[Line]]:
    """Lines that are not far from one another."""
    block: list[Line] = []
    for line in lines:
        if block and line.base - block[-1].base > _FAR * max(line.size, block[-1].size):
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _block_of(lines: list[Line], across: list[DrawnLine]) -> Iterator[PageBlock]:
    """The tables among neighbouring lines, and the lines that are of none."""
    at = 0
    while at < len(lines):
        stop = at
        while stop < len(lines) and _goes_with(lines[at:stop], lines[stop:]):
            stop += 1
        found = _gapped(lines[at:stop], across) if stop - at > 1 else None
        if found is None:
            yield _text_at(lines[at])
            at += 1
            continue
        yield from map(_text_at, lines[at : at + found.begin])
        yield found.table
        at += found.end


def _text_at(line: Line) -> TextAt:
    return TextAt(" ".join(segment.text for segment in line.segments), line.base)


def _goes_with(before: list[Line], rest: list[Line]) -> bool:
    """Whether a line may be of the table whose lines stand above: a long one across it ends it, and a new heading."""
    line = rest[0]
    if not before:
        return True
    parted = [one for one in before if one.is_parted]
    if line.is_parted:
        return not (any(map(_numbers, parted)) and _is_heading(line, parted))
    return bool(parted) and _is_within(line, parted, rest[1:3])


def _is_within(line: Line, parted: list[Line], rest: Sequence[Line]) -> bool:
    """Whether a line of one part stands in one column of the parted lines around it."""
    below = next((one for one in rest if one.is_parted), None)
    gaps = _gaps([*parted, below] if below and below.base - line.base < 2 * line.size else parted)
    return bool(gaps) and not _crosses(line, gaps)


def _is_heading(line: Line, rows: list[Line]) -> bool:
    """Whether a line has words where the rows above have numbers."""
    places = [(one.left, one.right) for row in rows for one in row.segments if is_number(one.text)]
    over = [one.text for one in line.segments if _stands_over(one, places)]
    return bool(over) and not any(map(is_number, over)) and not any(map(states_nothing, over))


def _stands_over(segment: Segment, places: list[Gap]) -> bool:
    return any(segment.left < right and left < segment.right for left, right in places)


def _gaps(lines: Sequence[Line]) -> list[Gap]:
    """The gaps that run through all of these lines, from the left."""
    spans = sorted((segment.left, segment.right) for line in lines for segment in line.segments)
    wide = median(max(word.reach for word in line.words) for line in lines)
    gaps: list[Gap] = []
    reach = spans[0][1]
    for left, right in spans:
        if left - reach >= wide:
            gaps.append((reach, left))
        reach = max(reach, right)
    return gaps


class _GappedTable(NamedTuple):
    """A table, and which of some lines it begins with and ends before."""

    begin: int
    end: int
    table: TablePart


def _gapped(lines: list[Line], across: list[DrawnLine]) -> _GappedTable | None:
    """A table of lines whose columns are parted by gaps; None where it is none."""
    numeric = [line for line in lines if line.is_parted and _numbers(line)]
    gaps = _gaps(numeric) if numeric else []
    if not gaps:
        return None
    doubts: list[str] = []
    columns = _GapColumns(gaps, numeric)
    begin, first = _begin(lines, lines.index(numeric[0]), gaps, _usual(numeric))
    end = _cut_foot(lines, begin, _end(lines, numeric, gaps), doubts)
    heads = [
        columns.heading(line, across, is_last=at + 1 == first) for at, line in enumerate(lines[begin:first], begin)
    ]
    body = [
        LooseRow(line.base, line.size, columns.cells(line, doubts), bold=is_bold(line)) for line in lines[first:end]
    ]
    rows = _without_signs([*heads, *map(columns.row, as_rows(body, doubts))])
    if len(rows[0].cells) < 2:
        return None
    table = headed(rows, doubts, columns.edges, (lines[begin].base - lines[begin].size, lines[end - 1].base))
    return _GappedTable(begin, end, table) if table else None


def _usual(lines: list[Line]) -> float:
    """The usual step from line to line."""
    steps = [two.base - one.base for one, two in pairwise(lines)]
    return median(steps) if steps else 0.0


def _numbers(line: Line) -> int:
    return sum(is_number(segment.text) for segment in line.segments)


def _crosses(line: Line, gaps: list[Gap]) -> bool:
    return any(one.left < left - 1 and right + 1 < one.right for one in line.segments for left, right in gaps)


def _begin(lines: list[Line], first: int, gaps: list[Gap], usual: float) -> tuple[int, int]:
    """The first lines of the heading and of the rows: parted lines above the first numbers are the heading.

    So is what stands over one of their columns. Lines of one column right above the first numbers are rows.
    """
    far = _FAR_OFF * usual
    body = first
    while body and _is_blank_row(lines[body - 1]) and _is_near(lines[body - 1], lines[body], far):
        body -= 1
    low = _parted_above(lines[: body + 1], gaps, far, _PARTS_ABOVE)
    if low is None:
        body = _of_name_above(lines[: body + 1], gaps, usual)
        return body, body
    begin, body = low, low + 1
    while (above := _parted_above(lines[: begin + 1], gaps, far, 1)) is not None:
        begin = above
    while begin and _is_near(lines[begin - 1], lines[begin], far) and _stands_right_of(lines[begin - 1], gaps[0]):
        begin -= 1
    return begin, body


def _stands_right_of(line: Line, gap: Gap) -> bool:
    return line.segments[0].left > gap[1] - 1


def _of_name_above(lines: list[Line], gaps: list[Gap], usual: float) -> int:
    """The first line that may begin the name of the row that is last, at the head of a page that a table goes on to."""
    at = len(lines) - 1
    while at and not _crosses(lines[at - 1], gaps) and lines[at].base - lines[at - 1].base <= _LINE_ABOVE * usual:
        at -= 1
    return at


def _parted_above(lines: list[Line], gaps: list[Gap], far: float, most: int) -> int | None:
    """The nearest parted line above the last, `most` lines of one column between; None where none is near."""
    last = len(lines) - 1
    for number in range(last - 1, max(-1, last - 2 - most), -1):
        if not _is_near(lines[number], lines[number + 1], far):
            return None
        if lines[number].is_parted:
            return number
        if _crosses(lines[number], gaps):
            return None
    return None


def _is_near(line: Line, below: Line, far: float) -> bool:
    return below.base - line.base <= max(_HEADING_FAR * max(line.size, below.size), far)


def _is_blank_row(line: Line) -> bool:
    """Whether a line has nothing but marks of what is not known beside its first words."""
    return len(line.segments) > 2 and all(states_nothing(segment.text) for segment in line.segments[1:])


def _end(lines: list[Line], numeric: list[Line], gaps: list[Gap]) -> int:
    """Behind which line of one column, below the last numbers, the table ends at the latest."""
    end = max(number for number, line in enumerate(lines) if line in numeric) + 1
    while end < len(lines) and not _crosses(lines[end], gaps):
        end += 1
    return end


def _cut_foot(lines: list[Line], begin: int, end: int, doubts: list[str]) -> int:
    """Where the table ends: what stands apart below is a note or a foot of the page, or doubted where it is a row."""
    usual = _usual(lines[begin:end])
    for number in range(end - 1, max(begin + 1, end - 3), -1):
        apart = lines[number]
        if apart.base - lines[number - 1].base > _APART * usual:
            if apart.is_parted and _numbers(apart):
                doubts.append(f"{' '.join(one.text for one in apart.segments)[:60]!r} stands apart below the rows")
            return number
    while (
        end > begin + 1 and _is_note(lines[end - 1]) and lines[end - 1].base - lines[end - 2].base > _LINE_ABOVE * usual
    ):
        end -= 1
    return end


def _is_note(line: Line) -> bool:
    return not line.is_parted and not _numbers(line)


class _GapColumns:
    """The columns between gaps: where they are cut, and how far their numbers and names reach."""

    def __init__(self, gaps: list[Gap], body: list[Line]) -> None:
        self._cuts = [(left + right) / 2 for left, right in gaps]
        segments = [one for line in body for one in line.segments]
        self.edges = [min(one.left for one in segments), *self._cuts]
        self._extents = [self._extent(at, segments) for at in range(len(self.edges))]

    def _extent(self, at: int, segments: Iterable[Segment]) -> Gap:
        own = [one for one in segments if self._of(one) == at]
        return min((one.left for one in own), default=0.0), max((one.right for one in own), default=0.0)

    def _of(self, one: Word | Segment) -> int:
        return bisect_right(self._cuts, middle(one))

    def row(self, loose: LooseRow) -> Spread:
        """A row with a cell for each column."""
        return Spread([loose.cells.get(at, EMPTY) for at in range(len(self.edges))])

    def cells(self, line: Line, doubts: list[str]) -> dict[int, Box]:
        """The cells of a line of the body; what stands in two columns, and what stands apart in one, is doubted."""
        over = (one for one in line.segments if any(one.left < cut - 1 and cut + 1 < one.right for cut in self._cuts))
        doubts += (f"{one.text[:60]!r} runs from one column into another" for one in over)
        doubts += self._crowded(line)
        cells: dict[int, list[Word]] = {}
        for word in line.words:
            cells.setdefault(self._of(word), []).append(word)
        return {at: boxed(words) for at, words in cells.items()}

    def _crowded(self, line: Line) -> Iterator[str]:
        for _, some in groupby(line.segments, key=self._of):
            numbers = [one.text for one in some if is_number(one.text)]
            if len(numbers) > 1:
                yield f"{' and '.join(numbers[:2])!r} stand in one column"

    def heading(self, line: Line, across: list[DrawnLine], *, is_last: bool) -> Spread:
        """A line of the heading; what stands over several columns is in each of them."""
        row: CellRow = [EMPTY] * len(self.edges)
        wide: set[int] = set()
        for words, columns in self._placed(line, across, is_last=is_last):
            box = boxed(words)
            for at in columns:
                row[at] = together([row[at], box])
            wide.update(columns[1:])
        return Spread(row, frozenset(wide))

    def _placed(
        self, line: Line, across: list[DrawnLine], *, is_last: bool
    ) -> Iterator[tuple[Sequence[Word], list[int]]]:
        """The words of a heading with the columns they stand over; in the last line each column has its own."""
        if len(line.segments) == len(self.edges):
            yield from ((segment.words, [at]) for at, segment in enumerate(line.segments))
            return
        for segment in line.segments:
            columns = self._marked(segment, line, across) or self._under(segment)
            if is_last and len(columns) > 1 and sorted({*map(self._of, segment.words)}) == columns:
                yield from ((list(words), [at]) for at, words in groupby(segment.words, key=self._of))
            else:
                yield segment.words, columns

    def _marked(self, segment: Segment, line: Line, across: list[DrawnLine]) -> list[int]:
        """The columns above a drawn line that a heading stands on with others; none where no such line is drawn."""
        for _, left, right in put_together(rule for rule in across if 0 < rule[0] - line.base < _BELOW * line.size):
            under = [at for at, extent in enumerate(self._extents) if left - 4 < sum(extent) / 2 < right + 4]
            if left - 4 < segment.left and segment.right < right + 4 and 1 < len(under) < len(self.edges):
                return under
        return []

    def _under(self, segment: Segment) -> list[int]:
        """The columns below the letters of a heading."""
        found = []
        for at, (left, right) in enumerate(self._extents):
            shared = min(right, segment.right) - max(left, segment.left)
            if shared > 0.5 * min(right - left, segment.right - segment.left):
                found.append(at)
        return found or [self._of(segment)]


def _without_signs(rows: list[Spread]) -> list[Spread]:
    """The rows with columns of bare signs (a currency, the mark of a note) put into those they belong to."""
    for at in range(len(rows[0].cells) - 1, -1, -1):
        signs = {row.cells[at].text for row in rows} - {""}
        if len(rows[0].cells) > 2 and _are_signs(signs):
            rows = [_put_in(row, at if signs <= _MONEY or at == 0 else at - 1) for row in rows]
    return rows


def _are_signs(texts: set[str]) -> bool:
    words = any(sign.isalnum() for text in texts for sign in text)
    return bool(texts) and not words and not all(map(states_nothing, texts))


def _put_in(row: Spread, at: int) -> Spread:
    """A row with a cell and the one on its right as one."""
    if at + 1 >= len(row.cells):
        return row
    cells = [*row.cells[:at], together(row.cells[at : at + 2]), *row.cells[at + 2 :]]
    return Spread(cells, frozenset(one - (one > at) for one in row.wide if one != at + 1))
