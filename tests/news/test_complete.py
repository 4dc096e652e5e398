"""How complete the newest is: bands hold as often as they say, use nothing of the future, and keep silent in doubt."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from changes.news.complete import CompletenessRun, ReportingTriangle, completeness
from changes.news.past import NewsPast, PastUpdate, PastVersion
from model import Day, Instant, instant
from publish.news.complete import in_short, to_come

FIRST = dt.date(2024, 1, 1)


def reported(days: int, every: int, seed: int, longest: int = 40) -> NewsPast:
    """A table of how many died each day, each reported so many days later, as it stood every so many days."""
    dice = random.Random(seed)
    delays = [[int(dice.expovariate(6 / longest)) for _ in range(dice.randint(20, 60))] for _ in range(days)]
    versions: list[PastVersion] = []
    updates: dict[int, PastUpdate] = {}
    known: dict[int, int] = {}
    for at in range(every, days, every):
        updates[at] = PastUpdate(
            f"book/{at}", instant(dt.datetime.combine(FIRST, dt.time(6), dt.UTC) + dt.timedelta(at)), True
        )
        for day in range(at):
            count = sum(day + delay < at for delay in delays[day])
            if known.get(day) != count:
                kind = "revised" if day in known else "new"
                known[day] = count
                as_of = Day((FIRST + dt.timedelta(days=day)).isoformat())
                versions.append(PastVersion(at, as_of, kind, str(count), False, False))
    return NewsPast(series="book/dead", counted="change", versions=versions, updates=updates, restates=True)


@pytest.fixture(scope="module")
def table() -> NewsPast:
    """Half a year, released every third day."""
    return reported(180, 3, 17)


def test_bands_hold_as_often_as_they_say_and_come_nearer_than_what_is_published(table: NewsPast) -> None:
    triangle = ReportingTriangle(table)
    assert triangle.ahead == 14
    trials = list(CompletenessRun(triangle, 14).trials())
    assert len(trials) > 500
    assert 0.75 <= sum(one.holds for one in trials) / len(trials) <= 0.85
    published = sum(abs(one.came - one.day.value) for one in trials)
    assert sum(abs(one.came - (one.day.expected or 0)) for one in trials) < published / 2


def test_a_band_was_given_by_what_was_known_then_alone(table: NewsPast) -> None:
    triangle = ReportingTriangle(table)
    trials = list(CompletenessRun(triangle, 14).trials())
    origins = sorted({one.origin for one in trials})
    for origin in (origins[0], origins[len(origins) // 2], origins[-1]):
        at = Instant(f"{dt.date.fromordinal(origin)}T23:59:59Z")
        then = CompletenessRun(ReportingTriangle(table, at), 14)
        list(then.trials())
        given = {one.day.as_of: one.day for one in trials if one.origin == origin}
        known = [then.look(day, origin, value) for day, value in ReportingTriangle(table, at).newest_at(origin, 14)]
        assert {one.as_of: one for one in known if one.state == "open"} == given


def test_what_does_not_change_any_more_has_no_band_and_too_few_releases_give_none() -> None:
    still = completeness(reported(120, 3, 3, longest=1))
    assert {one.state for one in still.days[5:]} == {"settled"}
    assert "did not change any more" in to_come(still, still.days[-1])
    assert in_short(still).startswith("Nothing is known to be still to come")
    young = completeness(reported(60, 3, 3))
    assert (young.ahead, young.days, in_short(young)) == (
        None,
        (),
        "Too few releases to say how complete the newest days are.",
    )


def test_a_day_is_told_with_its_band_in_per_cent_or_in_numbers(table: NewsPast) -> None:
    found = completeness(table)
    assert found.releases == 59
    few, many = (next(one for one in found.days if (one.value > 30) is large) for large in (False, True))
    assert "% may still be added within 14 days, going by the last 59 releases" in to_come(found, many)
    assert "%" not in to_come(found, few)
    assert to_come(found, many, "de").startswith("innerhalb von 14 Tagen können noch etwa ")
