"""The tables of a PDF as lines of text, and as cells with the place of each on its page.

The text has the lines of each page in their order. A row is a line of its page, its number there, and its cells with
tabs between (`page 3, row 12:`); behind all pages stand the boxes of the cells. A process of its own reads the file and
may use so much memory and time and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from extractors.apart import BROKEN, ENCRYPTED, HINT, TOO_LONG, Limits, read_apart
from extractors.pdf_tables.headings import PageBlock, TablePart, TextAt
from extractors.pdf_tables.words import Box, CellRow
from model import UnreadableError

SECONDS = 90
MEMORY = 1024 * 2**20
MOST_PAGES = 2000
MOST_GLYPHS = 8_000_000

MEDIA_TYPE = "application/x-pdf-tables"
"""Of a PDF whose tables are read, not its prose."""

_SAYS = {
    ENCRYPTED: "is encrypted",
    BROKEN: "is broken",
    TOO_LONG: f"has more than {MOST_PAGES:,} pages, or {MOST_GLYPHS:,} letters",
}
_CHILD = Path(__file__).with_name("child.py")
_BOXES = "Boxes of the cells: left, top, right and bottom, in points from the upper left corner of the upright page"
_COLUMNS = "columns of "


class PdfTable(NamedTuple):
    """A table: its rows of cells (place in the text, and whether it is a heading), and what could not be parted in it.

    It begins on `page`, below the lines `above` it.
    """

    page: int
    above: list[str]
    rows: list[list[tuple[int, int, bool]]]
    doubts: list[str]


class CellPlace(NamedTuple):
    """Where a cell stands: in words, and its box on the page (left, top, right, bottom, in points)."""

    words: str
    box: str


def read_pdf(content: bytes) -> tuple[str, list[PdfTable]]:
    """The text of a PDF and its tables. Raises `UnreadableError` where it is none, gives no text, or asks too much."""
    if b"%PDF-" not in content[:1024]:
        raise UnreadableError("the release is no PDF", "look at what the publisher sends")
    asked = (MOST_PAGES, MOST_GLYPHS)
    told = read_apart("PDF", content, Limits(MEMORY, SECONDS, _CHILD), asked, _SAYS)
    pages = msgspec.msgpack.decode(told)
    if not pages:
        raise UnreadableError("the release is a PDF that holds no text, perhaps a scan", HINT, reason="picture")
    return _Writing().written([[_block(block) for block in blocks] for blocks in pages])


def _block(block: list[Any]) -> PageBlock:
    if len(block) == len(TextAt._fields):
        return TextAt(*block)
    return TablePart([[Box(*cell) for cell in row] for row in block[0]], *block[1:])


class _Writing:
    """The text as it is written down, with the places of the cells in it."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._boxes: list[str] = [_BOXES]
        self._length = 0
        self._tables: list[PdfTable] = []
        self._names: list[str] = []

    def written(self, pages: Sequence[Sequence[PageBlock]]) -> tuple[str, list[PdfTable]]:
        """The text and the tables of all pages."""
        for number, blocks in enumerate(pages, 1):
            self._page(number, blocks)
        for line in self._boxes if self._tables else ():
            self._line(line)
        return "\n".join(self._lines), self._tables

    def _page(self, number: int, blocks: Sequence[PageBlock]) -> None:
        self._line(f"page {number}")
        several = sum(isinstance(block, TablePart) for block in blocks) > 1
        above: list[str] = []
        table = 0
        for block in blocks:
            if isinstance(block, TextAt):
                self._line(block.text)
                above.append(block.text)
                continue
            table += 1
            self._table(number, f"page {number}, table {table}" if several else f"page {number}", block, above)
            above = []

    def _table(self, number: int, where: str, part: TablePart, above: list[str]) -> None:
        if part.may_go_on and self._tables:
            self._tables[-1].doubts.append(f"{where}: a table with other columns may go on from the one before")
        goes_on = part.goes_on and bool(self._tables)
        if not goes_on:
            self._tables.append(PdfTable(number, above, [], []))
            self._names = _column_names(part)
        table = self._tables[-1]
        table.doubts.extend(f"{where}: {told}" for told in part.doubts)
        self._boxes.append(f"{_COLUMNS}{where}:\t" + "\t".join(self._names))
        rows = [self._row(f"{where}, row {at}:", row, heading=at <= part.heads) for at, row in enumerate(part.rows, 1)]
        table.rows.extend(rows[part.heads if goes_on else 0 :])

    def _row(self, prefix: str, row: CellRow, *, heading: bool) -> list[tuple[int, int, bool]]:
        """Write a row; a heading over several columns is written once, and stands over each."""
        places: list[tuple[int, int, bool]] = []
        at = self._length + len(prefix) + 1
        texts: list[str] = []
        for number, cell in enumerate(row):
            again = heading and number and cell.text and cell == row[number - 1]
            texts.append("" if again else cell.text)
            places.append(places[-1] if again else (at, at + len(cell.text), heading))
            at += len(texts[-1]) + 1
        self._line(f"{prefix}\t" + "\t".join(texts))
        self._boxes.append(f"{prefix}\t" + "\t".join(map(_box, row)))
        return places

    def _line(self, text: str) -> None:
        self._lines.append(text)
        self._length += len(text) + 1


def _column_names(part: TablePart) -> list[str]:
    heads = part.rows[: part.heads]
    columns = ([row[at].text for row in heads] for at in range(len(part.rows[0])))
    return [" ".join(dict.fromkeys(filter(None, texts))) for texts in columns]


def _box(cell: Box) -> str:
    return " ".join(f"{edge:.1f}" for edge in cell[1:]) if cell.text else ""


def place_of(text: str, start: int) -> CellPlace | None:
    """The place of the cell that stands at a place of a PDF's text; None where that is no cell."""
    begin = text.rfind("\n", 0, start) + 1
    prefix, tab, _ = text[begin : text.find("\n", begin)].partition("\t")
    if not tab or not prefix.startswith("page ") or (told := text.find(f"\n{prefix}\t", begin)) < 0:
        return None
    column = text.count("\t", begin, start) - 1
    names = text.rfind(f"\n{_COLUMNS}", 0, told)
    name = _field(text, names + 1, column)
    words = prefix.rstrip(":") + (f", column {name}" if name else f", column {column + 1}")
    return CellPlace(words, _field(text, told + 1, column))


def _field(text: str, begin: int, number: int) -> str:
    end = text.find("\n", begin)
    fields = text[begin : end if end >= 0 else len(text)].split("\t")[1:]
    return fields[number] if number < len(fields) else ""
