"""The `table` extractor: tables of an HTML page, or of Markdown, read by their headings.

Every table with the followed columns is read, in the order of the page; `rows` may be a CSS selector that chooses among
them. Headings that stand above one another are joined (`Cases New`). Cells that span rows or columns count in each.
Where no column holds the dates, `as_of` may be a `css` and `pattern` that date the whole page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import chain, dropwhile, takewhile
from typing import TypeAlias

import msgspec

from extractors.document import Document
from extractors.page.selectors import page_day
from extractors.patterns import Place
from extractors.tables.forms.across import KEY, VALUE, columns_across, runs_across
from extractors.tables.rows import Rows, column_of, read_rows, resolve, wanted_names
from extractors.tables.titles import CAPTION, above, headings
from model import CheckResult, Day, Reading, Source, UnreadableError

VERSION = 11

Grid: TypeAlias = list[list[tuple[int, int, bool]]]
"""Rows of cells, each with its place in the text and whether it is a heading."""

_PIPES = re.compile(r"(?m)^[^|\n]*\|.*\n[ \t:|]*-[ \t:|-]*(?:\n[^|\n]*\|.*)+")
_PIPE_CELL = re.compile(r"(?:[^|\\\n]|\\.)+")


def read(source: Source, document: Document) -> Reading:
    """Read the tables of a page that have the followed columns.

    Raises `UnreadableError` where no table has them.
    """
    return read_grids(source, document, _grids(document, "table" if source.rows == "$" else source.rows))


def _itself(place: Place) -> Place:
    return place


def read_grids(
    source: Source, document: Document, grids: Iterable[Grid], row_place: Callable[[Place], Place] = _itself
) -> Reading:
    """Read the tables that have the followed columns; `row_place` makes the place of a row of that of its cells.

    Raises `UnreadableError` where no table has them.
    """
    checks: list[CheckResult] = []
    wanted = wanted_names(source)
    rows = [row for grid in grids for row in _served(source, document.text, grid, checks)]
    if not rows:
        raise UnreadableError(f"no table with the columns {', '.join(sorted(wanted))} is on the page")
    text = document.text
    cells = [{name: " ".join(text[start:end].split()) for name, (start, end) in row.items()} for row in rows]
    if runs_across(source):
        rows, cells = _across(source, rows, cells, document.near)
    present = dict.fromkeys(chain.from_iterable(rows))
    place = _around(chain.from_iterable(row.values() for row in rows))
    titles = cache(partial(headings, document))
    table = Rows(
        text,
        cells,
        lambda name: resolve(name, present, wanted),
        True,
        True,
        lambda row, key: rows[row][key],
        lambda row: row_place(_around(rows[row].values())),
        lambda: tuple(present),
        language=document.language,
        beside=partial(_beside, text, place),
        heading=lambda: above(text, [one for one in titles() if one[1] < CAPTION], place),
        caption=lambda: _caption(text, titles(), place),
    )
    reading = read_rows(source, table, published=document.near, as_of=page_day(source, document, checks))
    return msgspec.structs.replace(reading, checks=(*checks, *reading.checks))


def _served(source: Source, text: str, grid: Grid, checks: list[CheckResult]) -> Iterator[dict[str, Place]]:
    """The rows of a table that has the followed columns, as cells by heading; checks tell what is odd in it."""
    names, body = headings_of(text, grid)
    if _serves(source, names, wanted_names(source)):
        checks += _wider(text, names, body)
        checks += _doubled(source, text, names, body)
        yield from (_first_of_each(names, row) for row in body)


def serves(source: Source, document: Document, grid: Grid) -> bool:
    """Whether a table has the columns that a definition follows."""
    return _serves(source, headings_of(document.text, grid)[0], wanted_names(source))


_SHORT = 70
"""A line of so many characters may be a caption or a note of a table."""


_TITLE_LINES = 4
"""A caption farther above the first row is that of another table."""


def _caption(text: str, titles: Sequence[tuple[Place, int]], table: Place) -> str:
    """The caption above a table, or the short bold line that serves as one; "" where there is none nearby."""
    over = [place for place, level in titles if level >= CAPTION and place[1] <= table[0]]
    if not over or text.count("\n", over[-1][1], table[0]) > _TITLE_LINES:
        return ""
    return text[slice(*over[-1])]


def _beside(text: str, table: Place) -> Iterator[str]:
    """The lines that may be captions or notes of a table: those up to its neighbours, and the head of the page."""
    above, below = text[: table[0]].splitlines(), text[table[1] :].splitlines()[1:]
    head, near, under = _lines(above), _lines(dropwhile(_is_row, reversed(above))), _lines(below)
    # The line right above another table is the caption of that one.
    head = head if len(head) + len(near) > len(above) else head[:-1]
    under = under if len(under) == len(below) else under[:-1]
    yield from (line for line in (*head, *near, *under) if len(line) <= _SHORT)


def _is_row(line: str) -> bool:
    return "\t" in line


def _lines(lines: Iterable[str]) -> list[str]:
    """The lines up to the first row of a table."""
    return list(takewhile(lambda line: not _is_row(line), lines))


def _wider(text: str, names: list[str], body: Grid) -> Iterator[CheckResult]:
    """A doubt where a row has more cells than there are headings: a style sheet may hide one, and shift the rest."""
    for row in body:
        if len(row) > len(names) and any(text[start:end].strip() for start, end, _ in row[len(names) :]):
            shown = " ".join(text[row[0][0] : row[-1][1]].split())[:80]
            message = f"a row has {len(row)} cells under {len(names)} headings, its columns may be shifted: {shown!r}"
            yield CheckResult(name="row_too_wide", result="hold", message=message)
            return


def _first_of_each(names: list[str], row: list[tuple[int, int, bool]]) -> dict[str, Place]:
    """A row's cells by heading; of several under one heading the first."""
    cells: dict[str, Place] = {}
    for name, (start, end, _) in zip(names, row, strict=False):
        cells.setdefault(name, (start, end))
    return cells


def _doubled(source: Source, text: str, names: list[str], body: Grid) -> Iterator[CheckResult]:
    """A doubt where a followed heading stands over several columns that do not say the same."""
    for rule in source.figures:
        places = [at for at, name in enumerate(names) if name == (column_of(rule) or rule.id)]
        said = ({text[slice(*row[at][:2])] for at in places if at < len(row)} for row in body)
        if len(places) > 1 and any(len(texts) > 1 for texts in said):
            message = f"{names[places[0]]!r} stands over {len(places)} columns; the first was read"
            yield CheckResult(name="heading_twice", result="hold", message=message)


def _across(
    source: Source, rows: list[dict[str, Place]], cells: list[dict[str, str]], published: Day | None
) -> tuple[list[dict[str, Place]], list[dict[str, str]]]:
    """Each cell under a heading that is data as a row, with its place: the columns that are named, heading and cell."""
    wanted = wanted_names(source)
    places: list[dict[str, Place]] = []
    texts: list[dict[str, str]] = []
    for row, cell in zip(rows, cells, strict=True):
        names = list(row)
        kept = [name for name in names if resolve(name, wanted, set())]
        for column in columns_across(source, names, published):
            name = names[column]
            places.append({one: row[one] for one in kept} | {KEY: row[name], VALUE: row[name]})
            texts.append({one: cell[one] for one in kept} | {KEY: name, VALUE: cell[name]})
    return places, texts


def _around(places: Iterable[Place]) -> Place:
    seen = [place for place in places if place[0] < place[1]]
    return (min(start for start, _ in seen), max(end for _, end in seen)) if seen else (0, 0)


def tables(document: Document) -> Iterator[list[dict[str, str]]]:
    """Every table of a page or Markdown text, as rows of texts by their heading."""
    for grid in _grids(document, "table"):
        names, body = headings_of(document.text, grid)
        texts = [[" ".join(document.text[start:end].split()) for start, end, _ in row] for row in body]
        yield [dict(zip(names, row, strict=False)) for row in texts]


def _grids(document: Document, css: str) -> Iterator[Grid]:
    if document.tables:
        yield from (table.rows for table in document.tables)
    elif document.page is not None:
        yield from ([[(*cell,) for cell in row] for row in grid] for grid in document.page.tables(css))
    else:
        yield from _piped(document)


def _piped(document: Document) -> Iterator[Grid]:
    for table in _PIPES.finditer(document.text):
        lines = [found.span() for found in re.finditer(r"[^\n]+", table[0])]
        spans = [(table.start() + start, table.start() + end) for start, end in lines]
        yield [_pipe_cells(document.text, span, line == 0) for line, span in enumerate(spans) if line != 1]


def _pipe_cells(text: str, span: Place, heading: bool) -> list[tuple[int, int, bool]]:
    line = text[slice(*span)]
    start, end = span[0] + len(line) - len(line.lstrip(" \t|")), span[0] + len(line.rstrip(" \t|"))
    cells = []
    for found in _PIPE_CELL.finditer(text, start, end):
        inner = found[0]
        cells.append((found.start() + len(inner) - len(inner.lstrip()), found.start() + len(inner.rstrip()), heading))
    return cells


def headings_of(text: str, grid: Grid) -> tuple[list[str], Grid]:
    """The names of the columns of a table, and its rows below them."""
    height = next((number for number, row in enumerate(grid) if not all(cell[2] for cell in row)), len(grid))
    height = max(height, 1)
    columns = zip(*grid[:height], strict=False)
    parts = [dict.fromkeys(" ".join(text[start:end].split()) for start, end, _ in column) for column in columns]
    return [" ".join(filter(None, names)) for names in parts], grid[height:]


def _serves(source: Source, names: list[str], wanted: set[str]) -> bool:
    if runs_across(source):
        names = [*names, KEY, VALUE]
    needed = [*source.by.values(), *([source.as_of.column] if source.as_of and source.as_of.column else [])]
    followed = [column_of(rule) or rule.id for rule in source.figures]
    return all(resolve(name, names, wanted) for name in needed) and any(
        resolve(name, names, wanted) for name in followed
    )
