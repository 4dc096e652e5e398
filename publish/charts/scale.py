"""From days and numbers to places on the paper, and where the axes have their marks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from model import Day, Instant, minute_of
from publish.charts.picture import Picture
from publish.charts.points import Point
from publish.charts.thin import HOUR, ordinal, ordinals
from publish.numbers import day, number

WIDTH, RIGHT, TOP, FOOT = 900, 836, 34, 316
BEYOND = 10
"""The day of knowledge may make the axis longer by such a part of it."""
RAIL, HEIGHT, WITH_RAIL = FOOT + 48, 344, 372
"""Where the rail of revisions lies, and how high a chart is without it and with it."""


class ChartScale:
    """From days and numbers to places on the paper."""

    def __init__(self, points: Sequence[Point], known_at: Instant | None = None) -> None:
        """Take in all points, and the day of knowledge where that lies no more than a little beyond them."""
        days = ordinals([one.as_of for one in points])
        least = 1.0 if all(one.is_integer() for one in days) else HOUR
        self.first, self.last = min(days), max(max(days), min(days) + least)
        at = ordinal(Day(known_at[:10])) if known_at else self.last
        self.last = at if self.last < at <= self.last + 2 + (self.last - self.first) / BEYOND else self.last
        self.ticks, high = _value_ticks(points)
        self.low, self.high = float(self.ticks[0]), float(max(self.ticks[-1], high))

    def x(self, as_of: Day) -> float:
        """Where a day lies."""
        place = (ordinal(as_of) - self.first) / (self.last - self.first)
        return round(8 + (RIGHT - 16) * min(1.0, max(0.0, place)), 1)

    def y(self, value: Decimal) -> float:
        """How high a number lies."""
        place = (float(value) - self.low) / (self.high - self.low)
        return round(FOOT - (FOOT - TOP) * min(1.0, max(0.0, place)), 1)

    def inside(self, as_of: Day) -> bool:
        """Whether a day lies between the first and the last that are drawn."""
        return self.first <= ordinal(as_of) <= self.last

    def days(self, before: Day, after: Day) -> int:
        """Whole days between two as-ofs."""
        return int(ordinal(after) - ordinal(before))

    @property
    def gutter(self) -> int:
        """How wide the picture is: the digits of the axis are 8 wide at most, and its longest label has its room."""
        return max(WIDTH, RIGHT + 16 + 8 * max(len(rounded(tick)) for tick in self.ticks))


def _value_ticks(points: Sequence[Point]) -> tuple[list[Decimal], Decimal]:
    """The ticks of an axis that holds some points, and the highest of them."""
    low, high = min(one.bottom for one in points), max(one.top for one in points)
    # A count that moves little in a long life would be a flat line from zero; the axis then says where it starts.
    cut = low > 0 and low != high and low >= high * Decimal("0.55")
    base = low - (high - low) / 4 if cut else Decimal(0)
    return round_ticks(min(base, low), max(high, Decimal(0))), high


def scale_of(shown: Picture) -> ChartScale | None:
    """The scale of a picture; None where it has nothing to draw. What is held does not bend it."""
    points = list(shown.points)
    return ChartScale(points, shown.asked.known_at if shown.has("later") else None) if points else None


def starts_at(shown: Picture) -> Decimal | None:
    """Where the axis of values starts, when it does not start at zero."""
    points = list(shown.points)
    first = _value_ticks(points)[0][0] if points else Decimal(0)
    return first if first > 0 else None


def round_ticks(low: Decimal, high: Decimal) -> list[Decimal]:
    """Round numbers that reach from below `low` to about `high`, at most six."""
    span = max(high - low, Decimal("0.0001") if high != high.to_integral_value() else Decimal(1))
    rough = span / 4
    power = Decimal(10) ** rough.adjusted()
    step = next(power * times for times in (1, 2, Decimal("2.5"), 5, 10) if power * times >= rough)
    if step < 1 and high == high.to_integral_value() and low == low.to_integral_value():
        step = Decimal(1)
    start = (low / step).to_integral_value(rounding="ROUND_FLOOR") * step
    count = int(((high - start) / step).to_integral_value(rounding="ROUND_CEILING"))
    return [start + step * one for one in range(max(count, 1) + 1)]


def rounded(tick: Decimal) -> str:
    """A tick for people."""
    return number(tick.normalize() + 0)


def dates(scale: ChartScale) -> Iterator[tuple[float, str, bool]]:
    """Ticks at years, months, days or hours, whichever fit: place, words, and whether they are strong, as years are."""
    start, end = dt.date.fromordinal(int(scale.first)), dt.date.fromordinal(int(scale.last))
    every_month = (dt.date(year, month, 1) for year in range(start.year, end.year + 1) for month in range(1, 13))
    months = [one for one in every_month if start <= one <= end]
    if len(months) >= 3:
        return _month_ticks(months, scale)
    return _day_ticks(scale) if scale.last - scale.first >= 1 else _hour_ticks(scale)


def _hour_ticks(scale: ChartScale) -> Iterator[tuple[float, str, bool]]:
    """Ticks at full hours in UTC, where all there is lies within a day."""
    hours = round((scale.last - scale.first) / HOUR)
    every = next(one for one in (1, 2, 3, 6) if hours <= 8 * one or one == 6)
    midnight = dt.datetime.combine(dt.date.fromordinal(int(scale.first)), dt.time(), dt.UTC)
    for hour in range(0, 48, every):
        at = midnight + dt.timedelta(hours=hour)
        if scale.first <= int(scale.first) + hour * HOUR <= scale.last:
            yield scale.x(minute_of(at)), f"{at:%H:%M}", False


def _day_ticks(scale: ChartScale) -> Iterator[tuple[float, str, bool]]:
    first, last = int(scale.first), int(scale.last)
    days = max(1, -(-(last - first) // 6))
    for at in range(first, last + 1, days):
        one = Day(dt.date.fromordinal(at).isoformat())
        if at >= scale.first:
            yield scale.x(one), day(one).rpartition(" ")[0], False


def _month_ticks(months: Sequence[dt.date], scale: ChartScale) -> Iterator[tuple[float, str, bool]]:
    most = max(1, -(-len(months) // 8))
    every = next((one for one in (1, 2, 3, 6, 12, 24, 60, 120) if one >= most), 240)
    for one in months:
        at = Day(one.isoformat())
        if (one.year * 12 + one.month - 1) % every == 0 and scale.x(at) < RIGHT - 20:
            yield scale.x(at), str(one.year) if one.month == 1 else day(at).split()[1][:3], one.month == 1
