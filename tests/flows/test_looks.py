"""A year of a listing of 1,000 articles, played with the clock passed in: what looking again asks for and finds."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from statistics import mean, median
from typing import NamedTuple

import pytest

from flows.fetching.again import FIRST_READ, LOOKS, due
from model import Instant, Listing, instant
from storage import Attempt

BEGAN = dt.datetime(2025, 1, 1, 6, tzinfo=dt.UTC)
ARTICLES, DAYS = 1000, 365


class Year(NamedTuple):
    """The requests of each day, the first reading of articles among them; the days of each article's looks."""

    asked: list[int]
    looks: dict[str, list[int]]

    def found_within(self, days: int) -> list[int | None]:
        """For an edit right after each refresh within so many days after an article was read: days until it was seen.

        None where it was not seen before the year ended, unless the year ended too early to say.
        """
        found: list[int | None] = []
        for seen in self.looks.values():
            for day in range(seen[0], min(seen[0] + days, DAYS - 32)):
                at = bisect_left(seen, day + 1)
                found.append(seen[at] - day if at < len(seen) else None)
        return found


def play(listing: Listing) -> Year:
    """Play the year: articles come evenly, and are looked at when they are due, with a refresh a day."""
    read: dict[str, Attempt] = {}
    looks: dict[str, list[int]] = {}
    asked: list[int] = []
    for day in range(DAYS):
        now = instant(BEGAN + dt.timedelta(days=day))
        chosen = due(read.values(), listing, now)
        for one in chosen:
            looks[one.url or ""].append(day)
            read[one.url or ""] = attempt(one.url or "", now, int(one.headers[LOOKS]) + 1, one.headers[FIRST_READ])
        fresh = range(len(read), (day + 1) * ARTICLES // DAYS)
        for number in fresh:
            read[f"/{number}"] = attempt(f"/{number}", now, 0, now[:10])
            looks[f"/{number}"] = [day]
        asked.append(len(chosen) + len(fresh))
    return Year(asked, looks)


def attempt(url: str, at: Instant, looks: int, first: str) -> Attempt:
    headers = {LOOKS: str(looks), FIRST_READ: first}
    return Attempt(at=at, url=url, status=200, state="unchanged", headers=headers)


def listing(again: int, days: int = 32) -> Listing:
    return Listing(url="https://example.org/news", again=again, again_days=days)


@pytest.mark.parametrize(
    ("again", "a_day", "most", "within"),
    [(100, 16.0, 18, {1: (1, 1), 7: (2, 4), 31: (5, 16)}), (1000, 27.9, 48, {7: (2, 4), 31: (5, 16), 365: (14, 32)})],
)
def test_what_a_year_of_1000_articles_asks_for_and_how_soon_an_edit_is_found(
    again: int, a_day: float, most: int, within: dict[int, tuple[int, int]]
) -> None:
    year = play(listing(again))
    assert (round(mean(year.asked), 1), max(year.asked)) == (a_day, most)
    for days, bounds in within.items():
        found = [one for one in year.found_within(days) if one is not None]
        assert (median(found), max(found)) == bounds
        assert len(found) == len(year.found_within(days)), "an edit was never found"
