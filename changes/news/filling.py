"""Whether the newest value of a series is still filling up: then nothing is concluded from it."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from changes.news.past import KnownState, PastUpdate, PastVersion, ValueSpan, span_of
from model import Day, days_between

REFERENCE, FEWEST = 30, 5
"""So many days before are looked at; of fewer than that nobody can know."""

OFF, OFTEN = 100, 10
"""A value was not final where it was off by more than one in so many; a series fills up where more than one day in so
many was not."""


class SeenAt(NamedTuple):
    """A value that counted of a day, and how many days old the day was when it became known."""

    age: int
    span: ValueSpan


class Filling:
    """Remembers at which age each value of a series was known; `restates` where its definition expects new ones."""

    def __init__(self, restates: bool) -> None:
        self._restates = restates
        self._seen: dict[Day, list[SeenAt]] = {}

    def take(self, update: PastUpdate, one: PastVersion) -> None:
        """Take note of a version that counts."""
        if not one.held and one.content:
            age = days_between(one.as_of, Day(update.known_at[:10]))
            self._seen.setdefault(one.as_of, []).append(SeenAt(age, span_of(one.content)))

    def is_filling(self, state: KnownState, day: Day, update: PastUpdate) -> bool:
        """Whether a day, as old as it was at an update, is of an age at which values were often not final."""
        age = days_between(day, Day(update.known_at[:10]))
        off, looked_at = 0, 0
        for point in islice(state.back_from(day), 1, None):
            then = next((one for one in reversed(self._seen[point.as_of]) if one.age <= age), None)
            if then is None:
                continue
            off, looked_at = off + _is_off(then.span, point.span), looked_at + 1
            if looked_at == REFERENCE:
                break
        return self._restates if looked_at < FEWEST else off * OFTEN > looked_at


def _is_off(then: ValueSpan, now: ValueSpan) -> bool:
    if then.value is None or now.value is None:
        return then != now
    return abs(now.value - then.value) * OFF > abs(now.value)
