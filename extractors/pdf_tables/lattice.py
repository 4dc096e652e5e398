"""Tables whose columns are parted by drawn lines: a cell reaches to the next line that stands beside it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, pairwise, product
from typing import TypeVar

from extractors.pdf_tables.headings import Spread, TablePart, headed
from extractors.pdf_tables.rows import LooseRow, as_rows, is_bold
from extractors.pdf_tables.words import (
    EMPTY,
    Box,
    DrawnLine,
    Glyph,
    Line,
    PageInk,
    Word,
    boxed,
    is_number,
    lines_of,
    middle,
    said,
    word_of,
)

_SNAP, _THIN, _BEYOND = 3.0, 6.0, 8.0
"""Points: drawn lines nearer than the first are one, cells narrower than the second are gaps between cells, and lines
that reach farther than the third beyond the last one that crosses them end in a cell."""

_Thing = TypeVar("_Thing")

_MANY = 3
"""So many numbers below one another are rows without lines between; fewer may be one number on two lines."""

Mesh = tuple[int, int]
"""A band and a column between neighbouring lines."""


class Lattice:
    """Drawn lines that cross: columns, rows, and the walls between their cells."""

    def __init__(self, across: list[DrawnLine], down: list[DrawnLine]) -> None:
        self._across, self._down = across, down
        self.xs = _edges(down, across)
        self.ys = _edges(across, down)

    @property
    def is_table(self) -> bool:
        """Whether there are two columns at least."""
        return len(self.xs) > 2 and len(self.ys) > 1

    def holds(self, word: Word) -> bool:
        """Whether a word stands inside."""
        x, y = _middle(word)
        return self.xs[0] - 1 < x < self.xs[-1] + 1 and self.ys[0] - 1 < y < self.ys[-1] + 1

    def table(self, words: list[Word]) -> TablePart | None:
        """The table, None where it has no cells to speak of."""
        doubts: list[str] = []
        cells: dict[Mesh, list[Word]] = {}
        for word in words:
            for part in self._split(word, doubts):
                cells.setdefault(self._at(part), []).append(part)
        columns = _of_size(self.xs, {column for _, column in cells})
        bands = _of_size(self.ys, {band for band, _ in cells})
        if len(columns) < 2 or not bands:
            return None
        merged = _Merged(_parted_where_stacked(self._owners(), cells), cells, bands, columns)
        rows = [row for band in bands for row in merged.rows(band, doubts)]
        return headed(rows, doubts, [self.xs[at] for at in columns], (self.ys[0], self.ys[-1]))

    def _at(self, word: Word) -> Mesh:
        x, y = _middle(word)
        return _between(self.ys, y), _between(self.xs, x)

    def _split(self, word: Word, doubts: list[str]) -> Iterator[Word]:
        """A word in the parts that lines part; a letter on a line is doubted."""
        y = _middle(word)[1]
        walls = [x for x in self.xs if word.left + 1 < x < word.right - 1 and self._stands(x, y)]
        if not walls:
            yield word
            return
        parts = [list(some) for _, some in groupby(word.glyphs, key=lambda one: bisect_right(walls, middle(one)))]
        if _in_one_go(parts) or any(_lies_on(glyph, walls) for glyph in word.glyphs):
            doubts.append(f"{word.text!r} runs over a line between two columns")
        yield from (word_of(part)._replace(reach=word.reach) for part in parts)

    def _stands(self, x: float, y: float) -> bool:
        return any(abs(at - x) <= _SNAP and start <= y + 1 and y - 1 <= end for at, start, end in self._down)

    def _lies(self, y: float, x: float) -> bool:
        return any(abs(at - y) <= _SNAP and start <= x + 1 and x - 1 <= end for at, start, end in self._across)

    def _owners(self) -> dict[Mesh, Mesh]:
        """The first of the cells that no line parts, for each cell."""
        every = [(band, column) for band in range(len(self.ys) - 1) for column in range(len(self.xs) - 1)]
        owner = {cell: cell for cell in every}
        for cell, other in self._open():
            _unite(owner, cell, other)
        return {cell: _first(owner, cell) for cell in every}

    def _open(self) -> Iterator[tuple[Mesh, Mesh]]:
        """Neighbouring cells that no line parts."""
        for band, (top, bottom) in enumerate(pairwise(self.ys)):
            for column, (left, right) in enumerate(pairwise(self.xs)):
                if column + 2 < len(self.xs) and not self._stands(right, (top + bottom) / 2):
                    yield (band, column), (band, column + 1)
                if band + 2 < len(self.ys) and not self._lies(bottom, (left + right) / 2):
                    yield (band, column), (band + 1, column)


class _Merged:
    """The cells of a lattice with those that no line parts as one."""

    def __init__(
        self, owners: dict[Mesh, Mesh], cells: dict[Mesh, list[Word]], bands: list[int], columns: list[int]
    ) -> None:
        self._owners, self._columns = owners, columns
        self._held: dict[Mesh, list[Word]] = {}
        for place, words in cells.items():
            self._held.setdefault(owners[place], []).extend(words)
        self._high = {owners[band, column] for band in bands for column in columns if owners[band, column][0] != band}

    def rows(self, band: int, doubts: list[str]) -> Iterator[Spread]:
        """The rows of one band."""
        owned = [self._owners[band, column] for column in self._columns]
        firsts = [owned.index(one) for one in owned]
        wide = frozenset(at for at, first in enumerate(firsts) if first != at)
        words = {at: self._held.get(owned[at], []) for at in firsts}
        fixed = {at for at in firsts if owned[at] in self._high}
        for cells in _band_rows(words, fixed, doubts):
            yield Spread([cells.get(at, EMPTY) for at in firsts], wide)


def _in_one_go(parts: list[list[Glyph]]) -> bool:
    """Whether the glyphs on both sides of a line are of one text: those of two cells do not follow one another."""
    return any(two[0].at - one[-1].at == 1 for one, two in pairwise(parts))


def _lies_on(glyph: Glyph, walls: list[float]) -> bool:
    return any(min(x - glyph.left, glyph.right - x) > 0.3 * (glyph.right - glyph.left) for x in walls)


def _middle(word: Word) -> tuple[float, float]:
    return (word.left + word.right) / 2, word.base - 0.3 * word.size


def _between(edges: list[float], place: float) -> int:
    return min(max(bisect_right(edges, place) - 1, 0), len(edges) - 2)


def _of_size(edges: list[float], filled: set[int]) -> list[int]:
    """The spaces between lines that are more than the gap between two cells, or hold something."""
    return [at for at, (start, end) in enumerate(pairwise(edges)) if end - start > _THIN or at in filled]


def _first(owner: dict[Mesh, Mesh], cell: Mesh) -> Mesh:
    while owner[cell] != cell:
        cell = owner[cell]
    return cell


def _unite(owner: dict[Mesh, Mesh], cell: Mesh, other: Mesh) -> None:
    one, two = sorted((_first(owner, cell), _first(owner, other)))
    owner[two] = one


def _parted_where_stacked(owners: dict[Mesh, Mesh], cells: dict[Mesh, list[Word]]) -> dict[Mesh, Mesh]:
    """The owners without cells that reach into a band whose rows no line parts: there a row is not to be seen yet."""
    bands: dict[Mesh, set[int]] = {}
    for cell, owner in owners.items():
        bands.setdefault(owner, set()).add(cell[0])
    stacked = {cell[0] for cell, words in cells.items() if len(bands[owners[cell]]) == 1 and _stacked(words) >= _MANY}
    return {cell: (cell[0], owner[1]) if bands[owner] & stacked else owner for cell, owner in owners.items()}


def _stacked(words: list[Word]) -> int:
    """How many numbers stand below one another."""
    return sum(is_number(said(line.words)) for line in lines_of(words))


def _band_rows(words: dict[int, list[Word]], fixed: set[int], doubts: list[str]) -> Iterator[dict[int, Box]]:
    """The rows between two level lines: one, unless a cell there has numbers below one another."""
    for some in words.values():
        doubts += _numbers_beside(some)
    boxes = {at: boxed(some) for at, some in words.items()}
    loose = {at: some for at, some in words.items() if at not in fixed}
    high = {at: _stacked(some) for at, some in loose.items()}
    highest = max(high, key=high.__getitem__, default=0)
    if high.get(highest, 0) < _MANY:
        doubts += [f"the numbers {boxes[highest].text!r} stand below one another"] if high.get(highest, 0) > 1 else []
        yield boxes
        return
    for row in as_rows(_loose_rows(loose), doubts):
        yield {**row.cells, **{at: boxes[at] for at in fixed}}


def _loose_rows(words: dict[int, list[Word]]) -> list[LooseRow]:
    """The lines between two level lines, each with its words by column."""
    column_of = {id(word): at for at, some in words.items() for word in some}
    lines = lines_of(word for some in words.values() for word in some)
    return [_loose_row(line, lambda word: column_of[id(word)]) for line in lines]


def _numbers_beside(words: list[Word]) -> Iterator[str]:
    """A doubt where two numbers stand apart in one cell."""
    for line in lines_of(words):
        numbers = [one.text for one in line.segments if is_number(one.text)]
        if len(numbers) > 1:
            yield f"{' and '.join(numbers[:2])!r} stand in one cell"


def _loose_row(line: Line, column_of: Callable[[Word], int]) -> LooseRow:
    parts = groupby(sorted(line.words, key=column_of), key=column_of)
    return LooseRow(line.base, line.size, {at: boxed(list(some)) for at, some in parts}, bold=is_bold(line))


def _edges(lines: list[DrawnLine], others: list[DrawnLine]) -> list[float]:
    """Where lines lie, and where those that cross them end beyond."""
    edges = [line[0] for line in lines]
    ends = [end for other in others for end in other[1:]]
    if not edges or not ends:
        return []
    outer = [end for end in (min(ends), max(ends)) if not min(edges) - _BEYOND <= end <= max(edges) + _BEYOND]
    return [sum(some) / len(some) for some in _near([*edges, *outer], key=lambda place: place)]


def lattices(drawn: PageInk) -> list[Lattice]:
    """The drawn lines of a page that cross one another, those that make tables."""
    made = [Lattice(*lines) for lines in _crossing(put_together(drawn.across), put_together(drawn.down)) if all(lines)]
    return sorted((one for one in made if one.is_table), key=lambda one: (one.xs[-1] - one.xs[0], one.ys[0]))


def _crossing(across: list[DrawnLine], down: list[DrawnLine]) -> Iterable[tuple[list[DrawnLine], list[DrawnLine]]]:
    """The level and upright lines that are connected with one another."""
    both = (across, down)
    owner = {(kind, at): (kind, at) for kind, lines in enumerate(both) for at in range(len(lines))}
    for (at, level), (number, upright) in product(enumerate(across), enumerate(down)):
        if _cross(level, upright):
            _unite(owner, (0, at), (1, number))
    found: dict[Mesh, tuple[list[DrawnLine], list[DrawnLine]]] = {}
    for kind, at in owner:
        found.setdefault(_first(owner, (kind, at)), ([], []))[kind].append(both[kind][at])
    return found.values()


def _cross(level: DrawnLine, upright: DrawnLine) -> bool:
    (y, left, right), (x, top, bottom) = level, upright
    return left - _SNAP <= x <= right + _SNAP and top - _SNAP <= y <= bottom + _SNAP


def put_together(lines: Iterable[DrawnLine]) -> list[DrawnLine]:
    """Lines with the pieces that they are drawn in put together."""
    return [line for some in _near(lines, key=lambda line: line[0]) for line in _pieces(some)]


def _near(things: Iterable[_Thing], key: Callable[[_Thing], float]) -> Iterator[list[_Thing]]:
    """Things that lie where the first of them does."""
    group: list[_Thing] = []
    for thing in sorted(things, key=key):
        if group and key(thing) - key(group[0]) > _SNAP:
            yield group
            group = []
        group.append(thing)
    if group:
        yield group


def _pieces(lines: list[DrawnLine]) -> Iterator[DrawnLine]:
    """Pieces that lie in one line as one, where they meet."""
    place = sum(line[0] for line in lines) / len(lines)
    (_, start, end), *others = sorted(lines, key=lambda line: line[1])
    for _, begin, stop in others:
        if begin > end + _SNAP:
            yield place, start, end
            start, end = begin, stop
        end = max(end, stop)
    yield place, start, end
