"""Fewer points than were recorded, and the same picture: of each column of pixels what is first, last, lowest, highest.

This is the aggregation that Jugel and others call M4 (VLDB 2014): a line through these four looks as one through all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import compress, islice
from operator import itemgetter, ne

from model import Day, date_of, is_minute, read_content

DayRow = tuple[Day, int, str, int]
"""A version as it is read for a chart: its as-of, update, content, and whether it is held."""

FEW = 1500
"""So many points are drawn whole."""

HOUR = 1 / 24


def ordinal(as_of: Day) -> float:
    """The day of an as-of, with the share of it that had passed where it is a minute."""
    if not is_minute(as_of):
        return float(dt.date.fromisoformat(as_of).toordinal())
    return date_of(as_of).toordinal() + (int(as_of[11:13]) + int(as_of[14:16]) / 60) * HOUR


def lowest(content: str) -> float:
    """The lowest number of a content, near enough to choose by."""
    try:
        return float(content)
    except ValueError:
        found = read_content(content)
        return float(next(one for one in (found.value, found.low, found.high) if one is not None))


def highest(content: str) -> float:
    """The highest number of a content, near enough to choose by."""
    try:
        return float(content)
    except ValueError:
        found = read_content(content)
        return float(next(one for one in (found.value, found.high, found.low) if one is not None))


def ordinals(days: Sequence[Day]) -> list[float]:
    """The same of many at once."""
    if set(map(len, days)) <= {_DATE}:
        return list(map(float, map(dt.date.toordinal, map(dt.date.fromisoformat, days))))
    return list(map(ordinal, days))


_CONTENT = itemgetter(2)
_DATE = len("2025-07-31")


def thinned(rows: Sequence[DayRow], columns: Sequence[int]) -> list[DayRow]:
    """Of the rows of each column the first, last, lowest and highest, in their order; `columns` has each row's."""
    chosen: list[DayRow] = []
    begun = 0
    for at in compress(range(1, len(columns)), map(ne, columns, islice(columns, 1, None))):
        chosen += _extremes(rows[begun:at])
        begun = at
    return [*chosen, *_extremes(rows[begun:])]


def _extremes(rows: Sequence[DayRow]) -> Sequence[DayRow]:
    if len(rows) <= 2:
        return rows
    try:
        lows = highs = list(map(float, map(_CONTENT, rows)))
    except ValueError:
        lows, highs = [lowest(row[2]) for row in rows], [highest(row[2]) for row in rows]
    places = {0, len(rows) - 1, lows.index(min(lows)), highs.index(max(highs))}
    return [rows[place] for place in sorted(places)]
