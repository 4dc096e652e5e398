"""Where a series is counted anew: a counter that restarts, a definition that changed. Nothing is compared across it.

A definition may say so beforehand (`breaks`), and a person may say so of an observation; both stand in the ledger as
settlements of that observation, the action `break`, so that whoever reads a series finds them there.
"""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Mapping, Sequence

from model import Break, Day


class Breaks:
    """The days from which one series is counted anew, with the reason of each."""

    def __init__(self, marked: Mapping[Day, str], defined: Sequence[Break] = ()) -> None:
        self._marked = marked
        self._days = sorted(marked)
        self._defined = defined

    def __bool__(self) -> bool:
        return bool(self._days or self._defined)

    def last(self, day: Day) -> tuple[Day, str] | None:
        """The last day, not after `day`, from which the series is counted anew, and why."""
        place = bisect.bisect_right(self._days, day)
        found = [(self._days[place - 1], self._marked[self._days[place - 1]])] if place else []
        found += [(at, one.why) for one in self._defined if (at := _last_of(one, day)) is not None]
        return max(found, default=None)

    def between(self, left: Day, right: Day) -> str | None:
        """Why two days' values are not to be compared; None where they are."""
        found = self.last(right) if self else None
        return found[1] if found is not None and found[0] > left else None


NONE = Breaks({})
"""No breaks: a series whose values may all be compared."""


def _last_of(one: Break, day: Day) -> Day | None:
    """The last day that a rule of a definition means, not after `day`."""
    first = Day(one.as_of)
    if day < first or one.every is None:
        return first if day >= first else None
    tail = 4 if one.every == "year" else 7
    this = _valid(day[:tail] + first[tail:])
    if this > day:
        this = _valid(_before(day, one.every) + first[tail:])
    return max(this, first)


def _before(day: Day, every: str) -> str:
    year, month = int(day[:4]), int(day[5:7])
    if every == "year":
        return f"{year - 1:04}"
    return f"{year:04}-{month - 1:02}" if month > 1 else f"{year - 1:04}-12"


def _valid(day: str) -> Day:
    """The day itself, or the last one of its month where that is shorter."""
    for less in range(4):
        candidate = f"{day[:8]}{int(day[8:]) - less:02}"
        try:
            return Day(dt.date.fromisoformat(candidate).isoformat())
        except ValueError:
            continue
    return Day(day)


Marked = dict[int, dict[Day, str]]
"""By series, the observations from which it is counted anew, and why."""


def note(found: Marked, series_id: int, as_of: Day, why: str | None) -> None:
    """Take note of a break, or of one that was taken back (`why` None)."""
    if why is not None:
        found.setdefault(series_id, {})[as_of] = why
    elif found.get(series_id, {}).pop(as_of, None) is not None and not found[series_id]:
        del found[series_id]
