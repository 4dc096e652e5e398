"""The values of one series as they were known on a day, and which of them a printed number is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from model import Day, Figure, Version

ROUGHLY = Decimal("0.05")
"""What is said to be about a number lies within this part of it."""

RECENT = 30
"""So many of the days of a series are recent."""


class SeriesPast:
    """All values of a series that ever counted, and those of them that were known by the end of a day."""

    def __init__(self, versions: Sequence[Version], on: Day) -> None:
        self.every = [one for one in versions if not one.held]
        self.known = [one for one in self.every if one.known_at[:10] <= on]
        self._latest = {one.as_of: one for one in self.known}

    @property
    def begins(self) -> str:
        """The first day of which a value was known."""
        return min(self._latest, default="")

    def at(self, day: Day | None) -> Version | None:
        """The newest value known for a day or the last before it; the newest of all where no day is named."""
        days = [as_of for as_of, one in self._latest.items() if _states(one) and (day is None or as_of[:10] <= day)]
        return self._latest[max(days)] if days else None

    def now(self, as_of: Day | None = None) -> Version | None:
        """The newest value that counts today, or that which counts today for an as-of."""
        latest = {one.as_of: one for one in self.every if as_of is None or one.as_of == as_of}
        days: list[Day] = [day for day, one in latest.items() if _states(one)]
        return latest[max(days)] if days else None

    def exactly(self, figure: Figure) -> list[Version]:
        """The values known by then that are this number, whatever their hedges, the newest last."""
        return [one for one in self.known if _states(one) and _numbers(one) == _numbers(figure)]

    def is_recent(self, one: Version) -> bool:
        """Whether a value is among the newest that were known."""
        return one.as_of in sorted(self._latest)[-RECENT:]

    def roughly(self, figure: Figure) -> list[Version]:
        """The values known by then that this number rounds, the newest last."""
        return [one for one in self.known if one.value is not None and rounds(figure, one.value)]

    def bases(self, until: Version, increase: Decimal, within: Decimal = Decimal(0)) -> Iterator[Version]:
        """The earlier values from which an increase leads to a value, nearest first."""
        if until.value is None:
            return
        wanted = until.value - increase
        for one in sorted(self.known, key=lambda version: version.as_of, reverse=True):
            if one.as_of < until.as_of and one.value is not None and abs(one.value - wanted) <= within:
                yield one


def rounds(figure: Figure, value: Decimal) -> bool:
    """Whether a printed number is a value rounded: to its own last digit, from below or above as its hedge says."""
    printed = figure.value
    if printed is None or not printed or printed * value <= 0:
        return False
    step = last_digit(printed)
    if figure.qualifier == "more_than":
        return printed <= value < printed + step
    if figure.qualifier == "less_than":
        return printed - step < value <= printed
    near = abs(value - printed)
    if figure.qualifier == "approximately":
        return near <= max(step / 2, Decimal(1)) and near <= abs(value) * ROUGHLY
    return step > 1 and near <= step / 2 and near <= abs(value) * ROUGHLY


def last_digit(number: Decimal) -> Decimal:
    """What the last digit of a number that is not zero stands for: thousands in 121,000, ones in 121,507."""
    exponent = number.normalize().as_tuple().exponent
    return Decimal(10) ** int(exponent)


def _states(one: Version) -> bool:
    return _numbers(one) != (None, None, None)


def _numbers(one: Version | Figure) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    return one.value, one.low, one.high
