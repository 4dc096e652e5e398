"""The `csv` extractor: delimited tables with one heading line.

The delimiter is the one of comma, semicolon, tab and bar under which a line is the heading, and most lines have as
many fields, unless the definition states it. What stands above the
heading (a title, the day of the export) and notes below a blank line at the end are passed over, blank lines too;
a line with more or fewer fields than the heading is a broken release, not a row to be guessed at. Dates may run across
(`extractors.tables.forms.across`).
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from itertools import accumulate, pairwise
from typing import Any

from extractors.document import Document
from extractors.paged import PageTurn, digest_of
from extractors.patterns import Place
from extractors.tables.forms.across import KEY, VALUE, columns_across, runs_across
from extractors.tables.numbers import read_number
from extractors.tables.rows import Rows, column_of, read_rows, resolve, wanted_names
from model import Reading, Source, UnreadableError

VERSION = 11

_DELIMITERS = ",;\t|"
_ABOVE = 40
"""So many lines may stand above the heading."""
_OPENING = 20000
MOST_LINES = 1_000_000


def read(source: Source, document: Document) -> Reading:
    """Read a delimited table. Raises `UnreadableError` naming the line where it is broken."""
    text = document.text
    if document.page is not None:
        raise UnreadableError(
            "the release is an HTML page, not a CSV file", "the publisher may be showing an error page"
        )
    _refuse_other_form(source, document)
    wanted = wanted_names(source)

    def heads(names: list[str]) -> bool:
        return _heads(source, names, wanted)

    table = _opened(document, source.delimiter, heads)
    header = [str(name).strip() for name in table.parsed[0]] if table.parsed else []
    if header and runs_across(source):
        return read_rows(source, _across(source, document, table, header), published=document.near)
    keys = partial(_keys, header, wanted)
    rows = Rows(
        text,
        table.parsed[1:],
        keys,
        False,
        True,
        table.place,
        table.span,
        lambda: header,
        locator=table.fields,
        beside=table.fields.above,
        caption=lambda: next(iter(table.fields.above()), ""),
    )
    return read_rows(source, rows, published=document.near)


def turn(source: Source, document: Document) -> PageTurn:
    """How many rows a page has, and what tells them from those of others."""
    _refuse_other_form(source, document)
    wanted = wanted_names(source)
    rows = _opened(document, source.delimiter, lambda names: _heads(source, names, wanted)).parsed[1:]
    return PageTurn(len(rows), digest_of(rows))


def _refuse_other_form(source: Source, document: Document) -> None:
    if document.cells is not None and source.extractor == "csv":
        raise UnreadableError("the release is a workbook, not a CSV file", "say extractor: workbook, and its sheet:")
    if document.cells is None and source.extractor == "workbook":
        raise UnreadableError("the release is no workbook", "look at what the publisher sends")


def _opened(document: Document, delimiter: str | None, heads: Callable[[list[str]], bool]) -> _Table:
    if document.cells is not None:
        return _Table(document.text, "\t", heads, document.cells)
    return _Table(document.text, delimiter or _delimiter(document.text, heads), heads)


def _keys(header: list[str], wanted: set[str], name: str) -> tuple[int, ...]:
    names = [name] if name in header else resolve(name, header, wanted)
    return tuple(place for place, heading in enumerate(header) if heading in names)


def _across(source: Source, document: Document, table: _Table, header: list[str]) -> Rows:
    """Each cell under a heading that is data as a row: the columns that the definition names, the heading, the cell."""
    wanted = wanted_names(source)
    columns = columns_across(source, header, document.near)
    kept = [place for place, name in enumerate(header) if resolve(name, wanted, set())]
    names = [*(header[place] for place in kept), KEY, VALUE]
    rows = [[*(row[at] for at in kept), header[of], row[of]] for row in table.parsed[1:] for of in columns]

    def place(row: int, key: int) -> Place:
        line, column = divmod(row, len(columns))
        return table.place(line, kept[key] if key < len(kept) else columns[column])

    def span(row: int) -> Place:
        return table.span(row // len(columns))

    return Rows(document.text, rows, partial(_keys, names, wanted), False, True, place, span, lambda: names)


def _heads(source: Source, names: list[str], wanted: set[str]) -> bool:
    """Whether a line is the heading of the columns that a definition needs."""
    needed = {*source.by.values(), *((column_of(source.as_of),) if source.as_of else ())} - {KEY, VALUE}
    followed = {column_of(rule) or rule.id for rule in source.figures} - {KEY, VALUE}
    found = [name for name in (*needed, *followed) if name and resolve(name, names, wanted)]
    return needed.issubset(found) and (not followed or not followed.isdisjoint(found))


def records(document: Document) -> tuple[list[str], list[list[Any]]]:
    """The heading's names and the rows below it. Raises `UnreadableError` naming the line where it is broken."""
    parsed = _opened(document, None, _looks_like_heading).parsed
    return ([str(name).strip() for name in parsed[0]], parsed[1:]) if parsed else ([], [])


def _looks_like_heading(names: list[str]) -> bool:
    """Whether every field says something, and none of them a number."""
    return len(names) > 1 and all(name and read_number(name) is None for name in names)


def _delimiter(text: str, heads: Callable[[list[str]], bool]) -> str:
    """The mark that parts the fields: it makes a heading, and most lines alike."""
    opening = text[:_OPENING]
    lines = opening[: opening.rfind("\n") + 1] if len(text) > _OPENING else opening
    return max((mark for mark in _DELIMITERS if mark in lines), key=lambda mark: _fit(lines, mark, heads), default=",")


def _fit(lines: str, mark: str, heads: Callable[[list[str]], bool]) -> tuple[bool, float, int]:
    try:
        parsed = [row for row in csv.reader(io.StringIO(lines, newline=""), delimiter=mark) if "".join(row).strip()]
    except csv.Error:
        return False, 0, 0
    widths = Counter(len(row) for row in parsed if len(row) > 1)
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    headed = any(heads([one.strip() for one in row]) for row in parsed[:_ABOVE] if len(row) > 1)
    return headed, count / max(1, len(parsed)), width


class _Table:
    """A parsed table, and the places of its records and fields in the text.

    `cells` are those of a sheet, whose lines begin with their number there.
    """

    def __init__(
        self,
        text: str,
        delimiter: str,
        is_heading: Callable[[list[str]], bool],
        cells: list[list[Any]] | None = None,
    ) -> None:
        self._text, self._delimiter = text, delimiter
        self._is_heading, self._above = is_heading, 0
        self.parsed = self._parse() if cells is None else self._below_heading(cells)
        self.fields = _Fields(text, delimiter, self._above, 0 if cells is None else 1)
        self.place, self.span = self.fields.place, self.fields.span

    def _below_heading(self, cells: list[list[Any]], titles: Sequence[list[Any]] = ()) -> list[list[Any]]:
        self._above = self._heading_at(cells, titles)
        return cells[self._above :] if self._above else cells

    def _parse(self) -> list[list[Any]]:
        if self._text.count("\n") > MOST_LINES:
            raise UnreadableError(f"the release has more than {MOST_LINES:,} lines", reason="too_large")
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self._delimiter, strict=True)
        try:
            parsed = list(reader)
        except csv.Error as error:
            raise UnreadableError(f"line {reader.line_num} is broken: {error}") from None
        if len(set(map(len, parsed))) == 1 and len(parsed[0]) > 1:
            return self._below_heading(parsed)
        kept = [row for row in _without_notes(parsed) if len(row) > 1 or (row and row[0].strip())]
        kept = self._below_heading(kept, _set_apart(parsed))
        self._refuse_ragged(kept)
        return kept

    def _heading_at(self, rows: list[list[Any]], titles: Sequence[list[Any]]) -> int:
        """The line of the heading: the first that can be one; of several, none of the titles that stand apart."""
        names = ([str(one).strip() for one in row] for row in rows[:_ABOVE])
        found = [place for place, row in enumerate(names) if self._is_heading(row)]
        return next((at for at in found if not any(rows[at] is title for title in titles)), found[0] if found else 0)

    def _refuse_ragged(self, kept: list[list[str]]) -> None:
        for number, row in enumerate(kept):
            if len(row) != len(kept[0]):
                line = self._text.count("\n", 0, _records(self._text, self._delimiter)[number + self._above][0]) + 1
                raise UnreadableError(f"line {line} has {len(row)} fields where the heading has {len(kept[0])}")


def _set_apart(parsed: list[list[str]]) -> list[list[str]]:
    """The lines near the beginning with a blank line below: a title may have commas, too."""
    return [line for line, below in pairwise(parsed[: _ABOVE + 1]) if not "".join(below).strip()]


def _records(text: str, delimiter: str) -> list[Place]:
    mark = re.escape(delimiter)
    field = rf'(?:"(?:[^"]|"")*+"|(?!"))[^{mark}\r\n]*+'
    record = re.compile(rf"{field}(?:{mark}{field})*+" if '"' in text else r"[^\r\n]+")
    spans = (found.span() for found in record.finditer(text))
    return [(start, end) for start, end in spans if text[start:end].strip(" ")]


class _Fields:
    """The places of a table's records and fields, found when they are first asked for; goes to another process."""

    def __init__(self, text: str, delimiter: str, above: int, aside: int = 0) -> None:
        self._text, self._delimiter, self._above, self._aside = text, delimiter, above, aside
        mark = re.escape(delimiter)
        self._field = re.compile(rf'"((?:[^"]|"")*+)"[^{mark}]*+|([^{mark}]*+)')
        self._row, self._fields = -1, list[Place]()

    def __reduce__(self) -> tuple[Any, ...]:
        return _Fields, (self._text, self._delimiter, self._above, self._aside)

    @cached_property
    def _records(self) -> list[Place]:
        return _records(self._text, self._delimiter)

    def above(self) -> list[str]:
        """The lines above the heading."""
        return [self._text[slice(*place)] for place in self._records[: self._above]] if self._above else []

    def span(self, row: int) -> Place:
        """Where a row stands, the heading not counted."""
        return self._records[row + self._above + 1]

    def place(self, row: int, column: int) -> Place:
        """Where a field's text stands, without quotes and the white space around it."""
        if row != self._row:
            self._row, self._fields = row, self._split(*self.span(row))
        return _stripped(self._text, *self._fields[column + self._aside])

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


def _without_notes(parsed: list[list[str]]) -> list[list[str]]:
    """The lines without those of one field behind the last blank line: notes and sources."""
    end = len(parsed)
    while end and len(parsed[end - 1]) <= 1:
        end -= 1
    # Without a blank line between, it may be a row that was cut off.
    return parsed[:end] if end < len(parsed) and not "".join(parsed[end]).strip() else parsed


def _stripped(text: str, start: int, end: int) -> Place:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
