"""The `pdf` extractor: tables of a PDF, read by their headings as those of a page are (`table_rows`).

`page` chooses among several by the number of the page that a table begins on, or by a line above it. What could not be
parted in a table that is read holds the release, with the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import partial
from itertools import compress

import msgspec

from extractors.document import Document
from extractors.patterns import Place
from extractors.pdf_tables import MEDIA_TYPE, PdfTable, read_pdf
from extractors.tables.forms.table_rows import headings_of, read_grids, serves
from extractors.tables.rows import column_of, resolve
from model import CheckResult, Day, Reading, Source, UnreadableError

VERSION = 1

_TOLD = 3
"""So many doubts of one table are told apart."""


def derive(content: bytes, published: Day | None) -> Document:
    """The text of a PDF, with its tables. Raises `UnreadableError` as `read_pdf` does."""
    text, tables = read_pdf(content)
    document = Document(text, media_type=MEDIA_TYPE, published=published)
    document.tables = tables
    return document


def read(source: Source, document: Document) -> Reading:
    """Read the tables that have the followed columns. Raises `UnreadableError` where none has."""
    tables = _chosen(document.tables, source.page)
    grids = [table.rows for table in tables]
    reading = read_grids(source, document, grids, partial(_line, document.text))
    is_read = [serves(source, document, grid) for grid in grids]
    read_from = list(compress(tables, is_read))
    others = (table for table, served in zip(tables, is_read, strict=True) if not served)
    doubts = [told for table in read_from for told in table.doubts]
    doubts += [*_lacking(source, document.text, read_from), *_alike(document.text, read_from, others)]
    return msgspec.structs.replace(reading, checks=(*_checks(doubts), *reading.checks))


def _checks(doubts: Sequence[str]) -> Iterator[CheckResult]:
    more = [f"{len(doubts) - _TOLD} more such places"] if len(doubts) > _TOLD else []
    for told in (*doubts[:_TOLD], *more):
        yield CheckResult(name="pdf_unclear", result="hold", message=told)


def _line(text: str, place: Place) -> Place:
    """The whole line that a place of the text is on: the page and number of a row, and its cells."""
    end = text.find("\n", place[1])
    return text.rfind("\n", 0, place[0]) + 1, end if end >= 0 else len(text)


def _lacking(source: Source, text: str, read_from: Sequence[PdfTable]) -> Iterator[str]:
    """Tables without a followed column that another has: it may not have been parted."""
    names = [_names(text, table) for table in read_from]
    for rule in source.figures:
        column = column_of(rule) or rule.id
        found = [bool(resolve(column, own, set())) for own in names]
        for table, has_it in zip(read_from, found, strict=True):
            if any(found) and not has_it:
                yield f"page {table.page}: a table has no column {column!r}, and another has"


def _names(text: str, table: PdfTable) -> list[str]:
    return headings_of(text, table.rows)[0]


def _alike(text: str, read_from: Sequence[PdfTable], others: Iterable[PdfTable]) -> Iterator[str]:
    """Tables that were not read though their headings have the same words: their columns may not have been parted."""
    headings = [_words(text, table) for table in read_from]
    for table in others:
        if _words(text, table) in headings:
            yield f"page {table.page}: a table has the same headings, but in other columns"


def _words(text: str, table: PdfTable) -> list[str]:
    places = {(start, end) for row in table.rows for start, end, heading in row if heading}
    return sorted(word for start, end in places for word in text[start:end].split())


def _chosen(tables: Sequence[PdfTable], page: str | None) -> Sequence[PdfTable]:
    """The tables that begin on a page of this number, or below a line that fits the pattern."""
    if page is None:
        return tables
    found = [table for table in tables if str(table.page) == page or _is_below(table, page)]
    if not found:
        pages = ", ".join(sorted({str(table.page) for table in tables}, key=int)) or "none"
        raise UnreadableError(f"no table of the PDF is at page: {page!r}", f"pages on which tables begin: {pages}")
    return found


def _is_below(table: PdfTable, pattern: str) -> bool:
    return any(fnmatchcase(line.strip(), pattern) for line in table.above)
