"""A page laid out as the text a reader sees (`extractors.page.ink`), with the place of every element in it."""

from __future__ import annotations

import bisect
import re
import warnings
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from extractors.page.ink import refuse_too_deep
from extractors.page.outline import Element, Outline
from extractors.patterns import Place
from model import UnreadableError

if TYPE_CHECKING:
    from bs4 import BeautifulSoup


_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


class LaidOutCell(NamedTuple):
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
        self._markup = markup.replace("\x00", "\ufffd")
        self._outline = Outline(self._markup.removeprefix("\ufeff"))  # as Beautiful Soup does
        self.text = self._outline.text

    @cached_property
    def language(self) -> str | None:
        """The language that the page says it is in, such as `de-CH`."""
        root = next((one for one in self._outline.elements if one.name == "html"), None)
        said = root.attributes.get("lang", "").strip().replace("_", "-") if root else ""
        parts = said.split("-")
        region = next((part.upper() for part in parts[1:] if len(part) in (2, 3) and part.isalnum()), "")
        return "-".join(filter(None, (parts[0].lower(), region))) or None

    def select(self, css: str) -> list[Place]:
        """The places of the elements that a CSS selector chooses and that show text, in the order of the page.

        Raises `UnreadableError` for a selector that cannot be followed.
        """
        return [place for element in self._chosen(css) if (place := self._place(element)) is not None]

    def around(self, place: Place) -> Iterator[Place]:
        """The places of the shown elements that hold a place of the text, the innermost first."""
        number = bisect.bisect_right(self._starts, place[0]) - 1
        element = self._shown[number] if number >= 0 else None
        # Whatever holds the place began before it, so it lies around the last element that did.
        while element is not None:
            if element.place[0] <= place[0] and place[1] <= element.place[1]:
                yield self._place(element) or element.place
            element = element.parent

    @cached_property
    def _shown(self) -> list[Element]:
        return [element for element in self._outline.elements if not element.hidden]

    @cached_property
    def _starts(self) -> list[int]:
        return [element.place[0] for element in self._shown]

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

    def tables(self, css: str = "table") -> Iterator[list[list[LaidOutCell]]]:
        """The tables that a CSS selector chooses, each a grid of cells with spans spread out, heading rows too."""
        for table in self._chosen(css):
            if table.name == "table":
                rows = self._outline.tables.get(table, [])
                yield _grid([(id(row.parent), [self._cell(cell) for cell in cells]) for row, cells in rows])

    def selectors(self, name: str, number: int) -> Iterator[str]:
        """Selectors that may choose the element of a name with this number: by its id, its caption, its heading."""
        element = [one for one in self._shown if one.name == name][number]
        if (ident := element.attributes.get("id", "")) and re.fullmatch(r"[A-Za-z][\w-]*", ident):
            yield f"{name}#{ident}"
        inside = (one for one in self._shown if one.name == "caption" and one.parent is element)
        for caption in inside:
            yield f"{name}:has(caption:-soup-contains({self._quoted(caption)}))"
        before = [one for one in self._shown if one.name in _HEADINGS and one.place[1] <= element.place[0]]
        for heading in before[-1:]:
            said = f"{heading.name}:-soup-contains({self._quoted(heading)})"
            yield from (f"{said} + {name}", f"{said} + * {name}", f"{said} ~ {name}", f":has(> {said}) {name}")
        yield from (f"{said} ~ {name}:not({said} ~ {heading.name} ~ {name})" for heading in before[-1:])

    def _quoted(self, element: Element) -> str:
        text = " ".join(self.text[slice(*element.place)].split())[:60]
        return '"' + text.replace("\\", "").replace('"', "") + '"'

    def _chosen(self, css: str) -> list[Element]:
        import soupsieve

        try:
            found = self._outline.find(soupsieve.compile(css).selectors)
            return self._paired(css) if found is None else found
        except (soupsieve.SelectorSyntaxError, ValueError, NotImplementedError, RecursionError) as error:
            raise UnreadableError(f"the selector {css!r} cannot be followed: {str(error).splitlines()[0]}") from None

    def _paired(self, css: str) -> list[Element]:
        """What Beautiful Soup chooses, which follows every selector."""
        soup, pairs = self._soup
        chosen = (pairs[id(tag)] for tag in soup.select(css))
        return [element for element in chosen if not element.hidden]

    @cached_property
    def _soup(self) -> tuple[BeautifulSoup, dict[int, Element]]:
        """The page as Beautiful Soup parses it, and the element of each tag."""
        from bs4 import BeautifulSoup

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # bs4 guesses aloud that short or odd markup is a file name or XML
            soup = BeautifulSoup(self._markup, "lxml")
        pairs = zip(soup.find_all(True), self._outline.elements, strict=True)
        return soup, {id(tag): element for tag, element in pairs}

    def _place(self, element: Element) -> Place | None:
        start, end = element.place
        while start < end and self.text[start].isspace():
            start += 1
        return (start, end) if start < end else None

    def _cell(self, element: Element) -> tuple[LaidOutCell, int, int]:
        place = self._place(element) or (element.place[1],) * 2
        wide, high = _span(element, "colspan", 1000), _span(element, "rowspan", 65534)
        return LaidOutCell(*place, element.name == "th"), 1 if wide < 1 else wide, high if high >= 0 else 1


_LEADING = re.compile(r"\s*\+?([0-9]+)")


def _span(element: Element, name: str, most: int) -> int:
    """A span as HTML reads it: the digits that it begins with; -1 where there are none."""
    found = _LEADING.match(element.attributes.get(name, ""))
    return min(int(found[1][:6]), most) if found else -1


def _grid(rows: list[tuple[int, list[tuple[LaidOutCell, int, int]]]]) -> list[list[LaidOutCell]]:
    """The cells of a table with their spans spread out; each row comes with the group that its cells end in."""
    grid: list[list[LaidOutCell]] = []
    below: dict[int, tuple[LaidOutCell, int]] = {}
    last: int | None = None
    for group, row in rows:
        if group != last:
            below.clear()
        last = group
        line: list[LaidOutCell] = []
        waiting = iter(row)
        while True:
            if len(line) in below:
                cell, left = below.pop(len(line))
                wide = 1
            elif (entry := next(waiting, None)) is not None:
                cell, wide, left = entry
                left = left or _TO_THE_END
            elif any(column > len(line) for column in below):
                cell, wide, left = LaidOutCell(0, 0, False), 1, 1
            else:
                break
            for _ in range(wide):
                if left > 1:
                    below[len(line)] = (cell, left - 1)
                line.append(cell)
        grid.append(line)
    return grid


_TO_THE_END = 1 << 30
"""A rowspan of 0 reaches to the end of its group."""
