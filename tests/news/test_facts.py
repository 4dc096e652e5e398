"""Facts over random pasts, with holds, hedges, blanks, breaks and rewritten days, are those that brute force finds."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest

from changes.news.fact import FactName, NewsFact
from changes.news.past import NewsPast, PastUpdate, PastVersion
from changes.news.told import all_facts, share_of
from model import Day, Instant, Kind
from tests.news.brute import Book, Row, exactly, facts

FIRST = dt.date(2020, 1, 1)
SEEDS = 25
KINDS: tuple[Kind, ...] = ("total", "change")


def random_past(seed: int) -> NewsPast:
    """A past in which each thing that facts must mind does happen."""
    dice = random.Random(seed)
    hedged, restates = dice.choice((0.0, 0.0, 0.1, 0.5)), dice.random() < 0.3
    steps = dice.choice(((1,), (1,), (7,), (1, 2, 13), (0,)))
    rows: list[PastVersion] = []
    updates: dict[int, PastUpdate] = {}
    marks: list[tuple[int, Day, str | None]] = []
    day, value, update = FIRST, dice.choice((0, 90, 950, 99_000)), 0
    days: list[Day] = []
    rising = dice.random() < 0.3
    for _ in range(dice.randint(3, 40)):
        update += dice.randint(1, 3)
        known = Instant(f"{(day + dt.timedelta(days=dice.choice((0, 0, 1, 9)))).isoformat()}T06:00:00Z")
        updates[update] = PastUpdate(f"book/{update}", known, dice.random() < 0.8)
        brought: dict[Day, PastVersion] = {}
        for at in range(dice.choice((0, 1, 1, 1, 2, 14 if not days else 1))):
            as_of = month_end(day) if steps == (0,) else Day(day.isoformat())
            value = max(0, value + dice.choice((4, 5, 6, 7, 9, 20) if rising else (0, 1, 3, 3, 20, 20, 90, -4, -30)))
            kind = "new" if days else "first"
            brought[as_of] = version(update, as_of, kind, content(dice, value, hedged), dice)
            day += dt.timedelta(days=dice.choice(steps)) if steps != (0,) else dt.timedelta(days=31 - day.day + 1)
            days.append(as_of) if at < 14 else None
        if days and dice.random() < (0.5 if restates else 0.1):
            old = dice.choice(days[-12:])
            text = "" if dice.random() < 0.2 else content(dice, max(0, value - dice.randint(0, 40)), hedged)
            brought.setdefault(old, version(update, old, "revised" if text else "withdrawn", text, dice))
        if days and dice.random() < 0.03:
            marks.append((update, dice.choice(days[-5:]), dice.choice(("a new year", None))))
        rows += (brought[one] for one in sorted(brought))
    counted = dice.choice(KINDS)
    return NewsPast(
        series="book/tanks", counted=counted, versions=rows, updates=updates, marks=marks, restates=restates
    )


def month_end(day: dt.date) -> Day:
    return Day(((day.replace(day=1) + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)).isoformat())


def content(dice: random.Random, value: int, hedged: float) -> str:
    if dice.random() >= hedged:
        return str(value)
    return dice.choice((f"~{value}", f">{value}", f"<{value}", f"{value}..{value + 9}", f"..{value}", f"{value}.."))


def version(update: int, day: Day, kind: str, text: str, dice: random.Random) -> PastVersion:
    return PastVersion(update, day, kind, text, dice.random() < 0.04, dice.random() < 0.02)


def book_of(past: NewsPast) -> Book:
    known = {update: str(one.known_at) for update, one in past.updates.items()}
    rows = [Row(one.update_id, one.as_of, one.kind, one.content, one.held, one.echo) for one in past.versions]
    return Book(rows, known, past.marks, past.counted, past.restates)


def compared(past: NewsPast) -> int:
    """Set what is found against brute force, update by update; returns how many facts there are."""
    numbers = {one.name: update for update, one in past.updates.items()}
    found: dict[int, set[object]] = {}
    for fact in all_facts(past):
        found.setdefault(numbers[fact.update], set()).add(plainly(fact, numbers))
    expected = {update: set(told) for update, told in facts(book_of(past)) if told}
    assert found == expected
    return sum(map(len, expected.values()))


def plainly(fact: NewsFact, numbers: dict[str, int]) -> object:
    proof = frozenset((numbers[one.update], str(one.as_of)) for one in fact.proof)
    since, begins = fact.since, fact.begins
    return fact.as_of, fact.name, exactly(fact.number), exactly(fact.other), since, begins, fact.steps, proof


def test_facts_are_those_of_brute_force_over_random_pasts() -> None:
    names: set[str] = set()
    for seed in range(SEEDS):
        past = random_past(seed)
        compared(past)
        names |= {fact.name for fact in all_facts(past)}
    assert len(names) >= 6


@pytest.mark.long
def test_facts_are_those_of_brute_force_over_very_many_random_pasts() -> None:
    names: set[str] = set()
    for seed in range(1000, 5000):
        past = random_past(seed)
        if compared(past):
            names |= {fact.name for fact in all_facts(past)}
    assert names == set(get_args(FactName)) - {"share"}


def daily(*contents: str, counted: Kind = "total", **more: Any) -> NewsPast:
    """A past with one day an update."""
    days = [Day((FIRST + dt.timedelta(days=at)).isoformat()) for at in range(len(contents))]
    return NewsPast(
        series="book/tanks", counted=counted,
        versions=[
            PastVersion(at, day, "new" if at else "first", text, False, False)
            for at, (day, text) in enumerate(zip(days, contents, strict=True))
        ],
        updates={
            at: PastUpdate(f"book/{at}", Instant(f"{day}T06:00:00Z"), True) for at, day in enumerate(days)
        },
        **more,
    )  # fmt: skip


RISING = tuple(str(990 + at) for at in range(12))
"""From 990 to 1001, by one a day."""


def told(past: NewsPast) -> dict[str, NewsFact]:
    return {fact.name: fact for fact in all_facts(past, len(past.versions) - 1)}


def test_a_milestone_is_told_where_it_is_surely_reached_and_first() -> None:
    fact = told(daily(*RISING[:11]))["passes"]
    assert (fact.number, fact.begins, fact.steps) == (1000, "2020-01-01", 10)
    assert "passes" not in told(daily(*RISING[:10], "~1000"))  # 999 to 1,000 by its own hedge: 500 to 1,500
    assert "passes" in told(daily(*RISING[:10], "~1001"))
    assert "passes" not in told(daily("1200", *RISING[1:11]))  # not for the first time, and not far enough back
    assert "passes" in told(daily(*RISING[:5], ">500", *RISING[6:10], "1001"))  # a bound: 500 to 600
    assert "passes" not in told(daily(*RISING[:5], "500..2000", *RISING[6:10], "1001"))
    assert told(daily("1200", *RISING[:11]))["passes"].since == "2020-01-01"


def test_what_is_held_or_follows_a_break_makes_no_fact() -> None:
    past = daily(*RISING[:11])
    held = past.versions[-1]._replace(held=True)
    broken = [(10, Day("2020-01-11"), "a new year")]
    for changed in ({"versions": [*past.versions[:-1], held]}, {"marks": broken}):
        assert told(msgspec.structs.replace(past, **changed)) == {}


def test_a_fact_that_rests_on_what_was_stated_anew_does_not_stand() -> None:
    past = daily(*RISING[:11])
    anew = PastVersion(20, Day("2020-01-03"), "revised", "1000", False, False)
    update = PastUpdate("book/20", Instant("2020-03-01T06:00:00Z"), True)
    later = msgspec.structs.replace(past, versions=[*past.versions, anew], updates={**past.updates, 20: update})
    (fact,) = (one for one in all_facts(later, 10) if one.name == "passes")
    assert (fact.stands, told(past)["passes"].stands) == (False, True)


def test_a_day_that_is_still_filling_up_makes_no_fact() -> None:
    past = daily(*RISING[:11], restates=True)
    assert told(past)["passes"].number == 1000  # the days before were final on their first day
    late = [
        PastVersion(10, one.as_of, "revised", str(int(one.content) - 100), False, False) for one in past.versions[:-1]
    ]
    versions = [*past.versions[:-1], *late, past.versions[-1]]
    assert told(msgspec.structs.replace(past, versions=versions)) == {}


def test_the_share_of_a_part_is_of_the_whole_of_the_same_day() -> None:
    part, whole = daily("40", "42"), daily("90", "100")
    fact = share_of(part, whole, 1)
    assert fact is not None
    assert (fact.number, fact.other) == (Decimal(42), Decimal(100))
    assert [one.value for one in fact.proof] == [42, 100]
    assert share_of(part, daily("90"), 1) is None
    assert share_of(part, daily("90", "~100"), 1) is None
    assert share_of(whole, part, 1) is None
