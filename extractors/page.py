"""A page laid out as the text a reader sees (`extractors.ink`), with the place of every element in it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PageElement, PreformattedString
from soupsieve import SelectorSyntaxError

from extractors.ink import DROPPED, RAISED, Ink, refuse_too_deep
from model import UnreadableError

Place: TypeAlias = tuple[int, int]
"""Start and end in the text, in code points."""


class Cell(NamedTuple):
    """One cell of a table: its text's place, and whether it is a heading."""

    start: int
    end: int
    heading: bool


class Page:
    """A laid-out page: `text`, and the places in it that CSS selectors choose.

    Raises `UnreadableError` for markup that nests deeper than any page made for reading.
    """

    def __init__(self, markup: str) -> None:
        refuse_too_deep(markup)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # bs4 guesses aloud that short or odd markup is a file name or XML
            self._soup = BeautifulSoup(markup.replace("\x00", "\ufffd"), "lxml")
        ink = Ink()
        self._places: dict[int, Place] = {}
        _lay_out(self._soup, ink, self._places)
        self.text = ink.text()

    def select(self, css: str) -> list[Place]:
        """The places of the elements that a CSS selector chooses and that show text, in the order of the page.

        Raises `UnreadableError` for a selector that cannot be followed.
        """
        return [place for tag in self._tags(css) if (place := self._place(tag)) is not None]

    def chosen(self, css: str) -> str:
        """The text of the elements that a CSS selector chooses, each once, an outer one with all it holds.

        Raises `UnreadableError` for a selector that cannot be followed or chooses nothing that shows text.
        """
        parts: list[str] = []
        last = 0
        for start, end in sorted(self.select(css), key=lambda place: (place[0], -place[1])):
            if start >= last:
                parts.append(self.text[start:end])
                last = end
        if not parts:
            raise UnreadableError(f"the selector {css!r} chooses no text on the page", "look at how the page changed")
        return "\n".join(parts)

    def tables(self, css: str = "table") -> Iterator[list[list[Cell]]]:
        """The tables that a CSS selector chooses, each a grid of cells with spans spread out, heading rows too."""
        for table in self._tags(css):
            if table.name == "table":
                rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
                yield _grid([[self._cell(cell) for cell in _cells(row)] for row in rows])

    def _tags(self, css: str) -> list[Tag]:
        try:
            return list(self._soup.select(css))
        except (SelectorSyntaxError, ValueError, NotImplementedError, RecursionError) as error:
            raise UnreadableError(f"the selector {css!r} cannot be followed: {str(error).splitlines()[0]}") from None

    def _place(self, tag: Tag) -> Place | None:
        start, end = self._places.get(id(tag), (0, 0))
        while start < end and self.text[start].isspace():
            start += 1
        return (start, end) if start < end else None

    def _cell(self, tag: Tag) -> tuple[Cell, int, int]:
        place = self._place(tag) or (self._places.get(id(tag), (0, 0))[1],) * 2
        return Cell(*place, tag.name == "th"), _span(tag, "colspan"), _span(tag, "rowspan")


def _lay_out(soup: BeautifulSoup, ink: Ink, places: dict[int, Place]) -> None:
    # A stack of our own, since hostile pages nest deeper than Python recurses.
    stack: list[tuple[PageElement, int]] = [(soup, -1)]
    pre = raised = 0
    while stack:
        node, start = stack.pop()
        if not isinstance(node, Tag):
            if isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
                ink.write(node, raised > 0, pre > 0)
            continue
        step = 1 if start < 0 else -1
        pre += step * (node.name == "pre")
        raised += step * (node.name in RAISED)
        if start >= 0:
            ink.close(node.name)
            places[id(node)] = (start, ink.length)
        elif node.name not in DROPPED:
            ink.open(node.name)
            stack.append((node, ink.length))
            stack.extend((child, -1) for child in reversed(node.contents))


def _cells(row: Tag) -> list[Tag]:
    return [cell for cell in row.find_all(["td", "th"], recursive=False) if isinstance(cell, Tag)]


def _span(tag: Tag, name: str) -> int:
    text = str(tag.get(name, "1")).strip()
    return max(1, min(int(text), 100)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _grid(rows: list[list[tuple[Cell, int, int]]]) -> list[list[Cell]]:
    grid: list[list[Cell]] = []
    below: dict[int, tuple[Cell, int]] = {}
    for row in rows:
        line: list[Cell] = []
        waiting = iter(row)
        while True:
            if len(line) in below:
                cell, left = below.pop(len(line))
                wide = 1
            elif (entry := next(waiting, None)) is not None:
                cell, wide, left = entry
            elif any(column > len(line) for column in below):
                cell, wide, left = Cell(0, 0, False), 1, 1
            else:
                break
            for _ in range(wide):
                if left > 1:
                    below[len(line)] = (cell, left - 1)
                line.append(cell)
        grid.append(line)
    return grid
