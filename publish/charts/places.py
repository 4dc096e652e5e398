"""Where each observation lies on the drawing, for whoever points at it."""

from __future__ import annotations

from typing import NamedTuple

from model import Day
from publish.charts.picture import Picture
from publish.charts.scale import scale_of
from publish.charts.table import rows


class ChartPlaces(NamedTuple):
    """The points of a chart as drawn: each one's line, as-of, number in words, update, and place on the drawing.

    `updates` tells when each of those updates was known; `lines` names the lines, which points name by their place.
    """

    series: str
    source: str
    lines: list[str]
    updates: dict[str, str]
    points: list[tuple[int, Day, str, str, float, float]]
    thinned: bool


def places(shown: Picture, series: str) -> ChartPlaces:
    """Where each observation of a chart lies."""
    scale, source = scale_of(shown), series.partition("/")[0]
    lines: dict[str, int] = {}
    updates: dict[str, str] = {}
    points: list[tuple[int, Day, str, str, float, float]] = []
    for name, _, one in rows(shown) if scale else ():
        assert scale is not None
        number = one.update.rpartition("/")[2]
        updates[number] = one.known_at
        y = scale.y(one.value) if one.value is not None else (scale.y(one.top) + scale.y(one.bottom)) / 2
        line = lines.setdefault(name, len(lines))
        points.append((line, one.as_of, one.told, number, scale.x(one.as_of), round(y, 1)))
    return ChartPlaces(series, source, list(lines), updates, points, shown.thinned)
