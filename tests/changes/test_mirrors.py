"""A copy is told from a witness by its numbers: it makes the errors of the other, and no chance does."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import pytest

from changes.mirrors import AT_LEAST, Mirror, Stating, mirrors
from model import Day, Instant

FIRST = dt.datetime(2025, 1, 1, 6, tzinfo=dt.UTC)


def total(series: str, seed: int, days: int = 200, start: int = 100_000) -> list[Stating]:
    """A running total of its own, told each day; now and then a wrong one, which the next day mends."""
    made, value, told = random.Random(seed), start, []
    for day in range(days):
        value += made.randint(600, 1_300)
        wrong = made.random() < 0.03
        told.append(_told(series, value + (9_000 if wrong else 0), day, 0, wrong))
        if wrong:
            told.append(_told(series, value, day, 1, False))
    return told


def _told(series: str, value: int, day: int, later: float, wrong: bool) -> Stating:
    known = (FIRST + dt.timedelta(days=day + later)).isoformat().replace("+00:00", "Z")
    as_of = Day((FIRST.date() + dt.timedelta(days=day)).isoformat())
    return Stating(series, Decimal(value), as_of, Instant(known), wrong)


def copy(series: str, of: list[Stating], seed: int, share: float, hours: int) -> list[Stating]:
    """A copy of some of another's numbers, so many hours later; the errors stay as they were copied."""
    made = random.Random(seed)
    late = dt.timedelta(hours=hours)
    return [
        one._replace(series=series, known_at=Instant((dt.datetime.fromisoformat(one.known_at) + late).isoformat()))
        for one in of
        if made.random() < share
    ]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("share", [0.2, 0.6, 1.0])
def test_a_copy_is_found_with_its_errors_and_how_late_it_is(seed: int, share: float) -> None:
    counter = total("counter/all", seed)
    made = copy("paper/all", counter, seed, share, 30)
    wrong = sum(one.wrong for one in made)
    other = total("other/all", seed + 1)
    found = mirrors([*made, *counter, *other])
    assert [(one.series, one.of, one.equal, one.errors, one.days) for one in found] == [
        ("paper/all", "counter/all", len({one.value for one in made}), wrong, 1.25)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_witnesses_of_one_thing_that_count_for_themselves_are_no_copies(seed: int) -> None:
    counters = [one for at in range(6) for one in total(f"source{at}/all", 100 * seed + at, start=100_000 + 50 * at)]
    assert mirrors(counters) == []


def test_series_of_one_source_are_no_mirrors_and_small_numbers_none_either() -> None:
    counter = total("counter/all", 1)
    assert mirrors([*counter, *copy("counter/again", counter, 1, 1, 24)]) == []
    small = [one._replace(value=one.value % 900) for one in counter]
    assert mirrors([*small, *copy("paper/all", small, 1, 1, 24)]) == []


@pytest.mark.parametrize(("equal", "found"), [(AT_LEAST - 1, False), (AT_LEAST, True)])
def test_a_few_equal_numbers_are_not_enough(equal: int, found: bool) -> None:
    counter = total("counter/all", 3, days=equal)
    counter = [one for one in counter if not one.wrong]
    counter = [*counter, *total("counter/all", 4, days=60)[equal + 1 :]][: 40 + equal]
    made = [one._replace(series="paper/all") for one in counter[:equal]]
    assert bool(mirrors([*counter, *made])) == found


def test_the_same_numbers_of_other_days_are_chance() -> None:
    counter = total("counter/all", 5)
    shifted = [one._replace(series="paper/all", as_of=Day(f"2024{one.as_of[4:]}")) for one in counter]
    assert mirrors([*counter, *shifted]) == []


def test_what_was_known_at_the_same_time_is_told_once() -> None:
    counter = total("a/all", 6)
    found = mirrors([*counter, *copy("b/all", counter, 6, 1, 0)])
    assert found == [Mirror(series="b/all", of="a/all", equal=208, stated=208, errors=8, days=0.0)]
