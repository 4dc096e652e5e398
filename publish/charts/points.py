"""One observation as it is drawn, and what a chart is asked to show."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NamedTuple

from model import Day, Instant, Qualifier
from publish.numbers import number

ChartView = Literal["known", "vintages", "first", "complete"]
"""As known at a time; what was known at earlier times beside it; what was said of each day first; what is to come."""

HEDGE_WORDS: dict[Qualifier, str] = {
    "approximately": "about ", "more_than": "more than ", "less_than": "less than ",
}  # fmt: skip


class ChartAsked(NamedTuple):
    """What of a series a chart shows: as known at a time, of a span of as-ofs, in which view, with what is held or not.

    A `frozen` one shows nothing that became known after its time; a `whole` one leaves out no point, however many.
    """

    known_at: Instant | None = None
    since: Day | None = None
    until: Day | None = None
    view: ChartView = "known"
    held: bool = True
    frozen: bool = False
    whole: bool = False


class Point(NamedTuple):
    """One observation as it is drawn: the value, or the ends of a range."""

    as_of: Day
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    qualifier: Qualifier
    update: str
    known_at: Instant = Instant("")

    @property
    def top(self) -> Decimal:
        """The highest number that it states."""
        if self.value is not None:
            return self.value
        return max(one for one in (self.high, self.low) if one is not None)

    @property
    def bottom(self) -> Decimal:
        """The lowest number that it states."""
        if self.value is not None:
            return self.value
        return min(one for one in (self.low, self.high) if one is not None)

    @property
    def told(self) -> str:
        """The number for people, with its hedge."""
        if self.value is not None:
            return HEDGE_WORDS.get(self.qualifier, "") + number(self.value)
        if self.low is None or self.high is None:
            return f"{number(self.low)} or more" if self.low is not None else f"up to {number(self.high or Decimal())}"
        return f"{number(self.low)} to {number(self.high)}"
