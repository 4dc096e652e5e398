"""The `csv` extractor: delimited tables with one heading line.

The delimiter is the one of comma, semicolon, tab and bar that the heading line has most of. Blank lines are passed
over; a line with more or fewer fields than the heading is a broken release, not a row to be guessed at.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate, pairwise

from extractors.document import Document
from extractors.rows import Place, Rows, read_rows, resolve, wanted_names
from model import Reading, Source, UnreadableError

VERSION = 2

_DELIMITERS = ",;\t|"


def read(source: Source, document: Document) -> Reading:
    """Read a delimited table. Raises `UnreadableError` naming the line where it is broken."""
    text = document.text
    if document.page is not None:
        raise UnreadableError(
            "the release is an HTML page, not a CSV file", "the publisher may be showing an error page"
        )
    table = _Table(text, _delimiter(text))
    header = [name.strip() for name in table.parsed[0]] if table.parsed else []
    wanted = wanted_names(source)

    def keys(name: str) -> tuple[int, ...]:
        names = [name] if name in header else resolve(name, header, wanted)
        return tuple(place for place, heading in enumerate(header) if heading in names)

    rows = Rows(text, table.parsed[1:], keys, False, True, table.place, table.span, lambda: header)
    return read_rows(source, rows, published=document.published)


def records(text: str) -> tuple[list[str], list[list[str]]]:
    """The heading's names and the rows below it. Raises `UnreadableError` naming the line where it is broken."""
    parsed = _Table(text, _delimiter(text)).parsed
    return ([name.strip() for name in parsed[0]], parsed[1:]) if parsed else ([], [])


def _delimiter(text: str) -> str:
    heading = text.lstrip().partition("\n")[0]
    return max(_DELIMITERS, key=heading.count)


class _Table:
    """A parsed table, and lazily the places of its records and fields in the text."""

    def __init__(self, text: str, delimiter: str) -> None:
        self._text, self._delimiter = text, delimiter
        mark = re.escape(delimiter)
        self._field = re.compile(rf'"((?:[^"]|"")*+)"[^{mark}]*+|([^{mark}]*+)')
        self._row, self._fields = -1, list[Place]()
        self.parsed = self._parse()

    def _parse(self) -> list[list[str]]:
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self._delimiter, strict=True)
        try:
            parsed = list(reader)
        except csv.Error as error:
            raise UnreadableError(f"line {reader.line_num} is broken: {error}") from None
        if len(set(map(len, parsed))) == 1 and len(parsed[0]) > 1:
            return parsed
        kept = [row for row in parsed if len(row) > 1 or (row and row[0].strip())]
        self._refuse_ragged(kept)
        return kept

    def _refuse_ragged(self, kept: list[list[str]]) -> None:
        for number, row in enumerate(kept):
            if len(row) != len(kept[0]):
                line = self._text.count("\n", 0, self._records[number][0]) + 1
                raise UnreadableError(f"line {line} has {len(row)} fields where the heading has {len(kept[0])}")

    @cached_property
    def _records(self) -> list[Place]:
        mark = re.escape(self._delimiter)
        field = rf'(?:"(?:[^"]|"")*+"|(?!"))[^{mark}\r\n]*+'
        record = re.compile(rf"{field}(?:{mark}{field})*+" if '"' in self._text else r"[^\r\n]+")
        spans = (found.span() for found in record.finditer(self._text))
        return [(start, end) for start, end in spans if self._text[start:end].strip(" ")]

    def span(self, row: int) -> Place:
        """Where a row stands, the heading not counted."""
        return self._records[row + 1]

    def place(self, row: int, column: int) -> Place:
        """Where a field's text stands, without quotes and the white space around it."""
        if row != self._row:
            self._row, self._fields = row, self._split(*self.span(row))
        return _stripped(self._text, *self._fields[column])

    def _split(self, start: int, end: int) -> list[Place]:
        record = self._text[start:end]
        if '"' in record:
            return list(self._quoted(start, end))
        ends = list(accumulate((len(field) + 1 for field in record.split(self._delimiter)), initial=start))
        return [(begin, after - 1) for begin, after in pairwise(ends)]

    def _quoted(self, at: int, end: int) -> Iterator[Place]:
        while found := self._field.match(self._text, at, end):
            yield found.span(found.lastindex or 0)
            if found.end() >= end:
                return
            at = found.end() + 1


def _stripped(text: str, start: int, end: int) -> Place:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
