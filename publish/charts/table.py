"""The values of a chart as a table: the same span, the same time of knowledge, nothing thinned."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal

from model import plain
from publish.charts.picture import Picture
from publish.charts.points import Point
from publish.charts.words import ChartFacts
from publish.safe import safe

COLUMNS = (
    "series", "title", "claimants", "publisher", "basis", "unit", "shown_as_known_at", "line", "line_known_at",
    "as_of", "value", "low", "high", "qualifier", "known_at", "update",
)  # fmt: skip


def table(shown: Picture, facts: ChartFacts) -> Iterator[str]:
    """CSV a line at a time; give it a picture that is not thinned."""
    yield _line(COLUMNS)
    at = shown.asked.known_at or ""
    same = [facts.series, facts.title, facts.claimants, facts.publisher, facts.basis, facts.unit, at]
    for name, known_at, point in rows(shown):
        value, low, high = (_number(one) for one in (point.value, point.low, point.high))
        content = [point.as_of, value, low, high, point.qualifier, point.known_at, point.update]
        yield _line([safe(str(one), "csv") for one in (*same, name, known_at, *content)])


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


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()
