"""The made publishers are what they say they are, and what is told of them is counted."""

from __future__ import annotations

import pytest

from benchmarks.publishers import PUBLISHERS, Tally, measure, report


def test_there_are_twelve_kinds() -> None:
    assert len(PUBLISHERS) == 12


@pytest.mark.parametrize("kind", ["quiet total", "mirror", "restating table"])
def test_nothing_is_held_of_ordinary_publishers_that_make_no_mistake(kind: str) -> None:
    counts = measure(kind, 7, 60).counts
    assert counts["releases"] == 60
    assert not counts["hit"] + counts["miss"] + counts["false"]


@pytest.mark.parametrize("kind", ["typo-prone", "past overwritten", "part of a table lost"])
def test_mistakes_that_no_reader_would_overlook_are_held_and_nothing_else(kind: str) -> None:
    counts = measure(kind, 7, 120).counts
    assert counts["hit"] >= 4
    assert not counts["miss"] + counts["false"]


def test_a_stock_of_which_nothing_is_said_is_held_for_falling_once_or_twice() -> None:
    assert 1 <= measure("stock", 7, 120).counts["false"] <= 3


def test_of_a_list_the_first_storm_is_held_in_what_its_rows_come_to_and_nothing_else() -> None:
    tally = measure("list of events", 7, 120)
    assert not tally.counts["hit"] + tally.counts["miss"]
    assert tally.counts["false"] <= 2
    assert all("book/out" in told and "customers" not in told for told in tally.told)


def test_the_report_divides_false_alarms_by_updates() -> None:
    tally = Tally(measure("mirror", 7, 25).counts, measure("mirror", 7, 1).checks, [])
    tally.counts["false"] = 1
    assert report({"mirror": tally}).endswith("|mirror|25|25|0|0|1|8.0|")
