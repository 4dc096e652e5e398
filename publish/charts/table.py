"""The values of a chart as a table: the same span, the same time of knowledge, nothing thinned."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice

from model import plain
from publish.charts.picture import Picture
from publish.charts.points import Point
from publish.charts.words import ChartFacts
from publish.safe import safe

COLUMNS = (
    "series", "title", "claimants", "publisher", "basis", "unit", "shown_as_known_at", "line", "line_known_at",
    "as_of", "value", "low", "high", "qualifier", "known_at", "update",
)  # fmt: skip

AT_ONCE = 2000
"""So many lines are written at once."""


def table(shown: Picture, facts: ChartFacts) -> Iterator[str]:
    """CSV, many lines at a time; give it a picture that is not thinned."""
    yield _lines([COLUMNS])
    whose = (facts.series, facts.title, facts.claimants, facts.publisher, facts.basis, facts.unit)
    same = [safe(one, "csv") for one in (*whose, shown.asked.known_at or "")]
    listed = rows(shown)
    while part := list(islice(listed, AT_ONCE)):
        yield _lines([*same, name, known_at, *_cells(point)] for name, known_at, point in part)


def _cells(point: Point) -> list[str]:
    """The cells of one point: numbers, dates of ours and names of updates, which no spreadsheet calculates."""
    numbers = [_number(one) for one in (point.value, point.low, point.high)]
    return [point.as_of, *numbers, point.qualifier, point.known_at, safe(point.update, "csv")]


def rows(shown: Picture) -> Iterator[tuple[str, str, Point]]:
    """Every point with the line that it belongs to: what counts as known first, then what stands beside it."""
    counts = [*shown.known, *shown.ranges]
    yield from (("counts", "", point) for point in sorted(counts, key=lambda one: one.as_of))
    for line in shown.lines:
        if line.kind != "known":
            points = {point.as_of: point for piece in line.pieces for point in piece}
            yield from ((line.kind, line.known_at, point) for point in points.values())
    yield from (("held, does not count", "", point) for point in shown.held)


def _number(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def _lines(rows_: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows_)
    return out.getvalue()
