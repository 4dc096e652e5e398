"""Is another witness none? Series of two sources that state one another's numbers, at about the same days, errors too.

Two sources that count for themselves seldom come to one large number twice; a source that copies does so nearly always,
and makes the errors of the other. What is found so is proposed to a person, who says `counts_as`.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple, TypeAlias

import msgspec

from model import Day, Instant, days_between, moment

LARGE = 1000
"""Smaller numbers meet by chance."""

AT_LEAST, SHARE = 5, Decimal("0.6")
"""So many different numbers, and this part of those that the one with fewer states in the time of both."""

DAYS_APART = 7
"""A copy may bear the day on which it was made."""

SERIES_WITH_ONE_NUMBER = 20
"""A number that more series state than this says nothing of two of them."""


class Stating(NamedTuple):
    """A number that a series states: when it was so, when it was first known; `wrong` where it counts no more."""

    series: str
    value: Decimal
    as_of: Day
    known_at: Instant
    wrong: bool


class Mirror(msgspec.Struct, frozen=True, kw_only=True):
    """A series that states the numbers of another: so many of its own in the time of both, errors among them.

    `days` is how much later it usually states them, by when both were known.
    """

    series: str
    of: str
    equal: int
    stated: int
    errors: int
    days: float


_ByValue: TypeAlias = Mapping[Decimal, Stating]


def mirrors(told: Iterable[Stating]) -> list[Mirror]:
    """Pairs of series of two sources that state the same numbers, the likeliest first."""
    series = _first_of_each(told)
    found = (_mirror(series[a], series[b]) for a, b in _meeting(series))
    return sorted(filter(None, found), key=lambda one: (-one.equal, one.series, one.of))


def _first_of_each(told: Iterable[Stating]) -> dict[str, dict[Decimal, Stating]]:
    """By series, each of its large numbers as it was first known."""
    series: dict[str, dict[Decimal, Stating]] = defaultdict(dict)
    for one in sorted(told, key=lambda one: (one.known_at, one.as_of)):
        if abs(one.value) >= LARGE:
            series[one.series].setdefault(one.value, one)
    return {key: values for key, values in series.items() if len(values) >= AT_LEAST}


def _meeting(series: Mapping[str, _ByValue]) -> Iterator[tuple[str, str]]:
    """Series of two sources with enough numbers in common."""
    by_value: dict[Decimal, list[str]] = defaultdict(list)
    for key, values in sorted(series.items()):
        for value in values:
            by_value[value].append(key)
    pairs: dict[tuple[str, str], int] = defaultdict(int)
    for keys in by_value.values():
        for a, b in combinations(keys, 2) if len(keys) <= SERIES_WITH_ONE_NUMBER else ():
            if a.partition("/")[0] != b.partition("/")[0]:
                pairs[a, b] += 1
    yield from (pair for pair, count in pairs.items() if count >= AT_LEAST)


def _mirror(a: _ByValue, b: _ByValue) -> Mirror | None:
    equal = [
        (a[value], b[value]) for value in a.keys() & b.keys()
        if abs(days_between(a[value].as_of, b[value].as_of)) <= DAYS_APART
    ]  # fmt: skip
    if len(equal) < AT_LEAST:
        return None
    later = [(moment(two.known_at) - moment(one.known_at)).total_seconds() / 86_400 for one, two in equal]
    days = statistics.median(later)
    first, copy = (a, b) if (days, next(iter(a.values())).series) >= (0, "") else (b, a)
    stated = min(_within(first, copy), _within(copy, first))
    if len(equal) < SHARE * stated:
        return None
    return Mirror(
        series=next(iter(copy.values())).series, of=next(iter(first.values())).series, equal=len(equal), stated=stated,
        errors=sum(one.wrong and two.wrong for one, two in equal), days=round(abs(days), 2),
    )  # fmt: skip


def _within(mine: _ByValue, other: _ByValue) -> int:
    """How many numbers a series states in the time that the other speaks of."""
    days = [one.as_of for one in other.values()]
    return sum(min(days) <= one.as_of <= max(days) for one in mine.values())
