"""The past of one series as it was recorded, and what of it counted after any update."""

from __future__ import annotations

import bisect
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import msgspec

from changes.baseline import trailing_zeros
from changes.marks.breaks import Breaks, Marked, note
from model import Day, Instant, Kind, Qualifier, date_of, is_minute, read_content

_END = Decimal("Infinity")


class PastVersion(NamedTuple):
    """One version of a series as it was recorded; `content` is empty where the source took the value back."""

    update_id: int
    as_of: Day
    kind: str
    content: str
    held: bool
    echo: bool


class PastUpdate(NamedTuple):
    """The update that recorded versions: its name, when it was known, and whether it is news.

    What is not `fresh` was no news when it was recorded: an old copy, our own reading, what a person corrected.
    """

    name: str
    known_at: Instant
    fresh: bool


class NewsPast(msgspec.Struct, frozen=True, kw_only=True):
    """All versions of one series in the order of recording, the updates that they stand in, and its breaks.

    `marks` are (update, as-of, why), where `why` is None for a break that was taken back. `restates` says that the
    definition expects the past to be stated anew.
    """

    series: str
    counted: Kind
    unit: str = "other"
    measure: str = "other"
    who: tuple[str, ...] = ()
    versions: Sequence[PastVersion] = ()
    updates: Mapping[int, PastUpdate]
    marks: Sequence[tuple[int, Day, str | None]] = ()
    restates: bool = False


class ValueSpan(NamedTuple):
    """The values that a stated content may mean: one where it is exact, from `low` to `high` where it is hedged."""

    low: Decimal
    high: Decimal
    value: Decimal | None = None
    qualifier: Qualifier = "range"

    @property
    def exact(self) -> bool:
        """Whether it is one number without a hedge."""
        return self.qualifier == "exact"


class NewsPoint(NamedTuple):
    """What counts of a day, the update that states it, and the day as a count of minutes."""

    as_of: Day
    span: ValueSpan
    update_id: int
    minute: int


@lru_cache(maxsize=4096)
def span_of(content: str) -> ValueSpan:
    """What a canonical content may mean, as an increment's is taken (`changes.baseline`).

    A rounded number is within half a unit of its last digit that is not zero, a bound within one such unit.
    """
    told = read_content(content)
    if told.value is None:
        low, high = told.low, told.high
        return ValueSpan(-_END if low is None else low, _END if high is None else high)
    unit = Decimal(1).scaleb(trailing_zeros(told.value))
    below = {"approximately": unit / 2, "less_than": unit}.get(told.qualifier, Decimal(0))
    above = {"approximately": unit / 2, "more_than": unit}.get(told.qualifier, Decimal(0))
    return ValueSpan(told.value - below, told.value + above, told.value, told.qualifier)


@lru_cache(maxsize=65536)
def minute_number(day: Day) -> int:
    """How many minutes lie before an as-of; a date is its midnight."""
    return date_of(day).toordinal() * 1440 + (int(day[11:13]) * 60 + int(day[14:16]) if is_minute(day) else 0)


class KnownState:
    """What counts of a series after an update: its days in order, and where it is counted anew."""

    def __init__(self) -> None:
        self.days: list[Day] = []
        self._points: dict[Day, NewsPoint] = {}
        self._marked: Marked = {}

    def __getitem__(self, day: Day) -> NewsPoint:
        return self._points[day]

    def __contains__(self, day: object) -> bool:
        return day in self._points

    def take(self, one: PastVersion) -> None:
        """Let a version count, or be taken back."""
        if one.held:
            return
        if not one.content:
            if self._points.pop(one.as_of, None) is not None:
                self.days.remove(one.as_of)
            return
        if one.as_of not in self._points:
            bisect.insort(self.days, one.as_of)
        self._points[one.as_of] = NewsPoint(one.as_of, span_of(one.content), one.update_id, minute_number(one.as_of))

    def mark(self, as_of: Day, why: str | None) -> None:
        """Take note of a break, or of one that was taken back."""
        note(self._marked, 0, as_of, why)

    def back_from(self, day: Day) -> Iterator[NewsPoint]:
        """The points of a day and of those before it, newest first, as far as the series is counted alike."""
        anew = Breaks(self._marked.get(0, {})).last(day)
        for place in range(bisect.bisect_right(self.days, day) - 1, -1, -1):
            one = self.days[place]
            if anew is not None and one < anew[0]:
                return
            yield self._points[one]


def states(past: NewsPast) -> Iterator[tuple[int, KnownState, list[PastVersion]]]:
    """After each update: its id, what counts then, and the versions that it brought. One state, which moves on."""
    state, marks = KnownState(), list(past.marks)
    for update_id, brought in groupby(past.versions, key=attrgetter("update_id")):
        versions = list(brought)
        while marks and marks[0][0] <= update_id:
            state.mark(*marks.pop(0)[1:])
        for one in versions:
            state.take(one)
        yield update_id, state, versions
    for _, as_of, why in marks:
        state.mark(as_of, why)


def state_now(past: NewsPast) -> KnownState:
    """What counts now."""
    return deque(states(past), maxlen=1)[0][1] if past.versions else KnownState()
