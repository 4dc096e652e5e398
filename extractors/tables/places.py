"""Figures of a table on demand, where nothing but plain data is left of its reading."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from operator import itemgetter
from typing import NamedTuple, Protocol

from extractors.patterns import Place
from extractors.tables.figures import PrintedAt, make_figure
from model import UNREADABLE, Cell, Figure, FigureRule, SeriesRef


class Locator(Protocol):
    """Where a row, and a value in it, stand in the text."""

    def span(self, row: int) -> Place:
        """Where a row stands."""
        ...

    def place(self, row: int, column: int) -> Place:
        """Where a value of a row stands."""
        ...


class CellPlaces(NamedTuple):
    """The places of all cells and their rows, in the order of the cells: start, end, and the row's start, end."""

    handles: array[int]
    ends: array[int]
    width: int

    def at(self, handle: int) -> tuple[Place, Place]:
        """Where a cell and its row stand."""
        first = 4 * bisect_left(self.handles, handle)
        start, end, row_start, row_end = self.ends[first : first + 4]
        return (start, end), (row_start, row_end)


class Looked(NamedTuple):
    """The places of cells that are looked up when they are asked for: a row's number, a column of each followed one."""

    locator: Locator
    columns: tuple[int, ...]
    width: int

    def at(self, handle: int) -> tuple[Place, Place]:
        """Where a cell and its row stand."""
        row, number = divmod(handle, self.width)
        return self.locator.place(row, self.columns[number]), self.locator.span(row)


class RowFigures(NamedTuple):
    """Makes the figure of a cell from the cell itself, its rule, and where it stands in the text."""

    cells: list[Cell]
    rules: tuple[FigureRule, ...]
    parts: tuple[str, ...]
    text: str
    places: CellPlaces | Looked

    def __call__(self, handle: int) -> Figure:
        """The figure of a cell."""
        ref, day, content, _ = self.cells[bisect_left(self.cells, handle, key=itemgetter(3))]
        printed = PrintedAt(self.text, *self.places.at(handle))
        parts = dict(zip(self.parts, SeriesRef.parse(ref).labels, strict=True))
        rule = self.rules[handle % len(self.rules)]
        return make_figure(rule, "" if content == UNREADABLE else content, day, printed, parts)
