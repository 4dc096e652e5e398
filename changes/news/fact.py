"""A fact: what the news in a number is, and the versions that prove it."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal, get_args

import msgspec

from model import Day, Qualifier

FactName = Literal[
    "first_fall",
    "passes",
    "falls_below",
    "largest_rise",
    "largest_fall",
    "highest",
    "lowest",
    "smallest_rise",
    "pace",
    "year_before",
    "period_before",
    "share",
]
"""What may be news in a number, in the order in which facts of one update are told."""

ORDER: dict[str, int] = {name: place for place, name in enumerate(get_args(FactName))}


class ProvedBy(msgspec.Struct, frozen=True):
    """One recorded version that a fact rests on: the update that states it, its series and as-of, value and hedge."""

    update: str
    series: str
    as_of: Day
    value: Decimal | None
    qualifier: Qualifier


class NewsFact(msgspec.Struct, frozen=True, kw_only=True):
    """One fact about the newest value of a series after an update.

    `number` is what is told: by how much, which milestone, how many a day, how many per cent. `other` is what it is set
    against: the pace before, the value or step of `since`. `since` is the day up to which nothing like it was found,
    None where it is the first `of_record`, whose first day is `begins`. `steps` are how many were looked at. `fresh`
    says that it was news when it was recorded, `stands` that it follows from what counts now, too.
    """

    name: FactName
    series: str
    update: str
    as_of: Day
    number: Decimal
    other: Decimal | None = None
    since: Day | None = None
    begins: Day | None = None
    steps: int = 0
    period: Literal["week", "month", "year"] | None = None
    proof: tuple[ProvedBy, ...] = ()
    fresh: bool = True
    stands: bool = True

    @property
    def of_record(self) -> bool:
        """Whether nothing like it is on record."""
        return self.begins is not None

    @property
    def rank(self) -> tuple[int, bool, int, Day, str]:
        """Its place among the facts of an update: by kind, then the first of a record, then how far it reaches."""
        return ORDER[self.name], not self.of_record, -self.steps, self.since or self.as_of, self.series


def rounded(value: Decimal) -> Decimal:
    """A pace or per cent as it is told: whole from ten on, else with one decimal."""
    place = Decimal(1) if abs(value) >= 10 else Decimal("0.1")
    return value.quantize(place, ROUND_HALF_EVEN)


def per_cent(part: Decimal, whole: Decimal) -> Decimal:
    """How many per cent a part is of a whole, as it is told."""
    return rounded(part * 100 / whole)
