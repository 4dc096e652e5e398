"""HTML laid out as the text a reader sees, with the place of every element in it.

Blocks stand on lines of their own, a table's row on one line with its cells parted by tabs, inline text is joined, and
white space is folded into one space. A no-break or thin space between two digits is kept as it is: there it says "one
number", where a plain space may part two; anywhere else it is folded like the rest, so that patterns need only know
plain spaces. Script, style, template, noscript, head and comments are left out, and so are zero-width spaces and soft
hyphens. A raised number after a digit is a note, not another digit, and is parted by a space.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PageElement, PreformattedString
from soupsieve import SelectorSyntaxError

from model import Day, UnreadableError

Place: TypeAlias = tuple[int, int]
"""Start and end in the text, in code points."""

_DROPPED = frozenset(("head", "script", "style", "template", "noscript", "svg", "iframe", "object"))
_CELLS = frozenset(("td", "th"))
_BLOCK_NAMES = """
    address article aside blockquote body br caption dd details dialog div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre search section select
    summary table tbody tfoot thead tr ul
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_NUMBER_SPACES = frozenset("\u00a0\u2005\u2006\u2007\u2008\u2009\u200a\u202f")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Tags that close themselves, or are closed by the next of their kind: they do not nest, however many stand open.
_FLAT_NAMES = """
    area base br col embed hr img input link meta param source track wbr p li td th tr thead tbody tfoot colgroup option
    optgroup dt dd rp rt body html head
"""
_FLAT = frozenset(_FLAT_NAMES.split())
_DEEPEST = 1000
_GAPS = re.compile(r"[ \t\n\r\f\v]+")
_SPACES = re.compile(r"[ \t]+")
_RUN = re.compile(r"\s+|\S+(?: \S+)*")
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))
_RANK = {"": 0, " ": 2, "\t": 3, "\n": 4}


class Cell(NamedTuple):
    """One cell of a table: its text's place, and whether it is a heading."""

    start: int
    end: int
    heading: bool


_ISO_DAY = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_LINKED_DATA = re.compile(rf'"datePublished"\s*:\s*"({_ISO_DAY.pattern})')
_DATA_SCRIPTS = 'script[type="application/ld+json"]'
_DATED = (
    ('meta[property="article:published_time"]', "content"),
    ('meta[itemprop="datePublished"], meta[name="date"], meta[name="pubdate"], meta[name="dcterms.date"]', "content"),
    ('time[itemprop="datePublished"], time[pubdate], article time[datetime]', "datetime"),
)


class Page:
    """A laid-out page: `text`, and the places in it that CSS selectors choose.

    Raises `UnreadableError` for markup that nests deeper than any page made for reading.
    """

    def __init__(self, markup: str) -> None:
        _refuse_too_deep(markup)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # bs4 guesses aloud that short or odd markup is a file name or XML
            self._soup = BeautifulSoup(markup.replace("\x00", "\ufffd"), "lxml")
        ink = _Ink()
        self._places: dict[int, Place] = {}
        _lay_out(self._soup, ink, self._places)
        self.text = ink.text()

    @property
    def dated(self) -> Day | None:
        """The day that the page gives as its own publication, in its metadata or its first marked time."""
        for css, attribute in _DATED:
            for tag in self._soup.select(css, limit=1):
                if found := _ISO_DAY.match(str(tag.get(attribute) or "").strip()):
                    return Day(found[0])
        found = _LINKED_DATA.search("\n".join(tag.get_text() for tag in self._soup.select(_DATA_SCRIPTS)))
        return Day(found[1]) if found else None

    def select(self, css: str) -> list[Place]:
        """The places of the elements that a CSS selector chooses and that show text, in the order of the page.

        Raises `UnreadableError` for a selector that cannot be followed.
        """
        return [place for tag in self._tags(css) if (place := self._place(tag)) is not None]

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


def _refuse_too_deep(markup: str) -> None:
    # The parser's time grows with depth times length; nothing a person reads comes near the limit.
    depth = 0
    for closing, name in _TAG.findall(markup):
        if name.lower() not in _FLAT:
            depth = max(0, depth - 1) if closing else depth + 1
            if depth > _DEEPEST:
                raise UnreadableError(f"the page nests more than {_DEEPEST} elements, which no report does")


class _Ink:
    """Text as it is written down: gaps are pending until a word follows, and the widest wins."""

    def __init__(self) -> None:
        self.length = 0
        self._chunks: list[str] = []
        self._gap = ""
        self._last = ""
        self._cell_opens = False

    def text(self) -> str:
        return "".join(self._chunks)

    def gap(self, mark: str) -> None:
        if not self._cell_opens and _RANK.get(mark, 1) > _RANK.get(self._gap, 1 if self._gap else 0):
            self._gap = mark

    def open_cell(self) -> None:
        self._gap = "\n" if self._gap == "\n" else "\t"
        self._cell_opens = True

    def close_cell(self) -> None:
        self._cell_opens = False
        self._gap = ""

    def word(self, word: str, raised: bool) -> None:
        gap, self._gap, self._cell_opens = self._gap, "", False
        between_digits = self._last.isdigit() and word[0].isdigit()
        if gap in _NUMBER_SPACES and not between_digits:
            gap = " "
        if raised and between_digits and not gap:
            gap = " "
        if self.length:
            self._chunks.append(gap)
            self.length += len(gap)
        self._chunks.append(word)
        self.length += len(word)
        self._last = word[-1]

    def write(self, text: str, raised: bool, pre: bool) -> None:
        folded = (_SPACES if pre else _GAPS).sub(" ", text.translate(_UNSEEN))
        for run in _RUN.findall(folded):
            if not run[0].isspace():
                self.word(run, raised)
                raised = False
            elif pre and "\n" in run:
                self.gap("\n")
            else:
                self.gap(run if run in _NUMBER_SPACES else " ")


def _lay_out(soup: BeautifulSoup, ink: _Ink, places: dict[int, Place]) -> None:
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
        raised += step * (node.name in ("sup", "sub"))
        if start >= 0:
            _close(node.name, ink)
            places[id(node)] = (start, ink.length)
        elif node.name not in _DROPPED:
            _open(node.name, ink)
            stack.append((node, ink.length))
            stack.extend((child, -1) for child in reversed(node.contents))


def _open(name: str, ink: _Ink) -> None:
    if name in _CELLS:
        ink.open_cell()
    elif name in _BLOCKS:
        ink.gap("\n")


def _close(name: str, ink: _Ink) -> None:
    if name in _CELLS:
        ink.close_cell()
    elif name in _BLOCKS:
        ink.gap("\n")


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
