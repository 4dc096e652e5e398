"""How complete the newest values are: the reporting triangle of a ledger's own vintages, and what is still to come.

An additive chain ladder with empirical quantiles of what days of the same age gained later, whose bands are widened or
narrowed by how often those before them held (adaptive conformal inference). docs/news.md cites and measures it.
"""

from __future__ import annotations

import bisect
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal, NamedTuple

import msgspec

from changes.news.past import NewsPast, span_of
from model import Day, Instant, date_of

HORIZONS, FITS = (365, 180, 90, 30, 14, 7), 12
"""So many days are looked ahead: the most that fit so many times into the time that the releases span."""

NEWEST = 4
"""Days are looked at up to an age of so many times the days that are looked ahead."""

REFERENCES, FEWEST = 60, 20
"""From so many days of that age, the newest, it is learned what is still to come; from fewer nothing is."""

NEAR = Decimal("0.15")
"""Days are of one age where their ages differ by no more than such a part."""

MISSED, PACE, WIDEST = Decimal("0.2"), Decimal("0.5"), Decimal(4).ln()
"""One band in five shall miss; how quickly their width follows that, and how far at most (times, or parts, of four)."""


class DayToCome(msgspec.Struct, frozen=True, kw_only=True):
    """A day's value, and what it is expected to be once the days ahead have passed: with a band, or in what state.

    `settled` says that most days of its age did not change any more (`unchanged` of `looked_at`), `thin` that too few
    of its age are on record.
    """

    as_of: Day
    age: int
    value: Decimal
    state: Literal["open", "settled", "thin"]
    low: Decimal | None = None
    expected: Decimal | None = None
    high: Decimal | None = None
    unchanged: int = 0
    looked_at: int = 0


class Completeness(msgspec.Struct, frozen=True, kw_only=True):
    """How complete a series is as of its newest release: within so many days, going by so many releases.

    `tried`, `held` tell of how many bands, given for days before by the same method, as many held what came.
    """

    series: str
    known_at: Instant | None
    ahead: int | None
    releases: int
    tried: int = 0
    held: int = 0
    days: tuple[DayToCome, ...] = ()


class BandTrial(NamedTuple):
    """A band that was given for a day at an earlier release by what was known then, and what came."""

    origin: int
    day: DayToCome
    came: Decimal

    @property
    def holds(self) -> bool:
        """Whether what came lies in the band."""
        low, high = self.day.low, self.day.high
        return low is not None and high is not None and low <= self.came <= high


class AgedValue(NamedTuple):
    """A day of an age at an earlier release, its value then, and what it gained in the days ahead."""

    origin: int
    as_of: int
    age: int
    value: Decimal
    added: Decimal


class ReportingTriangle:
    """What was known of each day at each release; days and releases are ordinals of dates."""

    def __init__(self, past: NewsPast, known_at: Instant | None = None) -> None:
        self._known: dict[int, tuple[list[int], list[Decimal | None]]] = {}
        for one in past.versions:
            known = past.updates[one.update_id].known_at
            if not one.held and (known_at is None or known <= known_at):
                at = date_of(Day(known[:10])).toordinal()
                self._take(date_of(one.as_of).toordinal(), at, one.content)
        self.origins = sorted({at for known, _ in self._known.values() for at in known})
        self.days = sorted(self._known)

    def _take(self, day: int, at: int, content: str) -> None:
        known, values = self._known.setdefault(day, ([], []))
        span = span_of(content) if content else None
        value = span.value if span is not None and span.exact else None
        if known and known[-1] == at:
            values[-1] = value
        else:
            known.append(at)
            values.append(value)

    def value(self, day: int, at: int) -> Decimal | None:
        """What counted of a day at the end of another; None where that was no exact number."""
        known, values = self._known[day]
        place = bisect.bisect_right(known, at) - 1
        return values[place] if place >= 0 else None

    @property
    def ahead(self) -> int | None:
        """How many days may be looked ahead; None where the releases span too little."""
        span = self.origins[-1] - self.origins[0] if self.origins else 0
        return next((one for one in HORIZONS if one * FITS <= span), None)

    def newest_at(self, origin: int, ahead: int) -> Iterator[tuple[int, Decimal]]:
        """The days that are looked at at a release, newest first, with their values then."""
        for place in range(bisect.bisect_right(self.days, origin) - 1, -1, -1):
            day = self.days[place]
            if origin - day > NEWEST * ahead:
                return
            value = self.value(day, origin)
            if value is not None:
                yield day, value

    def aged(self, origin: int, ahead: int) -> Iterator[AgedValue]:
        """The days that are looked at at a release so long ago that it is known what they gained."""
        for day, value in self.newest_at(origin, ahead):
            later = self.value(day, origin + ahead)
            if later is not None:
                yield AgedValue(origin, day, origin - day, value, later - value)


class CompletenessRun:
    """Goes through the releases in their order and learns, from what is known at each, what days still gain."""

    def __init__(self, triangle: ReportingTriangle, ahead: int) -> None:
        self._triangle, self._ahead = triangle, ahead
        self._learned: dict[int, list[AgedValue]] = defaultdict(list)
        self._waiting: list[tuple[int, list[BandTrial]]] = []
        self._width = Decimal(0)

    def trials(self) -> Iterator[BandTrial]:
        """The band of each day at each release of which it is known what came, and what came."""
        last = self._triangle.origins[-1]
        for origin in self._triangle.origins:
            self._catch_up(origin)
            if origin + self._ahead > last:
                continue
            trials = []
            for one in self._triangle.aged(origin, self._ahead):
                day = self.look(one.as_of, origin, one.value)
                if day.state == "open":
                    trials.append(BandTrial(origin, day, one.value + one.added))
            self._waiting.append((origin, trials))
            yield from trials

    def _catch_up(self, origin: int) -> None:
        """Learn from the releases whose days ahead have passed, and how often their bands held."""
        while self._waiting and self._waiting[0][0] + self._ahead <= origin:
            before, trials = self._waiting.pop(0)
            for one in self._triangle.aged(before, self._ahead):
                self._learned[one.age].append(one)
            if trials:
                missed = Decimal(sum(not one.holds for one in trials)) / len(trials)
                self._width = max(-WIDEST, min(WIDEST, self._width + PACE * (missed - MISSED)))

    def look(self, as_of: int, origin: int, value: Decimal) -> DayToCome:
        """What is to come of a day by all that has been learned."""
        age = origin - as_of
        alike = self._alike(age)
        unchanged = sum(not one.added for one in alike)
        told = DayToCome(
            as_of=day_of_ordinal(as_of), age=age, value=value, state="thin", unchanged=unchanged,
            looked_at=len(alike),
        )  # fmt: skip
        if len(alike) < FEWEST:
            return told
        if 2 * unchanged >= len(alike):
            return msgspec.structs.replace(told, state="settled")
        gains = sorted(one.added for one in alike)
        low, middle, high = (quantile(gains, Decimal(part) / 10) for part in (1, 5, 9))
        width = self._width.exp()
        ends = middle - (middle - low) * width, middle, middle + (high - middle) * width
        low, middle, high = (_whole(value + one, gains, value) for one in ends)
        return msgspec.structs.replace(told, state="open", low=low, expected=middle, high=high)

    def _alike(self, age: int) -> list[AgedValue]:
        """Days of an age, the newest of each age first, of which it is known what they gained; else of ages near it."""
        found: list[AgedValue] = []
        for off in range(int(age * NEAR) + 1):
            for other in (age - off, age + off)[: 1 + (off > 0)]:
                found += self._learned[other][: -REFERENCES - 1 : -1]
            if len(found) >= REFERENCES:
                break
        return found[:REFERENCES]


def day_of_ordinal(ordinal: int) -> Day:
    """A date by its ordinal."""
    return Day(dt.date.fromordinal(ordinal).isoformat())


def quantile(ordered: Sequence[Decimal], part: Decimal) -> Decimal:
    """The value below which such a part of ordered ones lies, between two of them in proportion."""
    place = part * (len(ordered) + 1) - 1
    left = max(0, min(len(ordered) - 1, int(place)))
    right = min(len(ordered) - 1, left + 1)
    share = max(Decimal(0), min(Decimal(1), place - left))
    return ordered[left] + (ordered[right] - ordered[left]) * share


def _whole(number: Decimal, gains: Sequence[Decimal], value: Decimal) -> Decimal:
    """A number as fine as what is counted: whole where that is, else with three decimals."""
    whole = all(one == one.to_integral_value() for one in (*gains, value))
    return number.quantize(Decimal(1) if whole else Decimal("0.001"), ROUND_HALF_EVEN)


def completeness(past: NewsPast, known_at: Instant | None = None) -> Completeness:
    """How complete the newest values of a series are, the newest day first; as known at a time where one is given."""
    known = [one.known_at for one in past.updates.values() if known_at is None or one.known_at <= known_at]
    triangle = ReportingTriangle(past, known_at)
    ahead = triangle.ahead
    told = Completeness(
        series=past.series, known_at=max(known, default=None), ahead=ahead, releases=len(triangle.origins)
    )
    if ahead is None:
        return told
    run = CompletenessRun(triangle, ahead)
    trials = list(run.trials())
    origin = triangle.origins[-1]
    days = tuple(run.look(day, origin, value) for day, value in triangle.newest_at(origin, ahead))
    held = sum(one.holds for one in trials)
    return msgspec.structs.replace(told, tried=len(trials), held=held, days=days)
