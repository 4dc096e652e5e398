"""Sources that tell the time of day (`grain: minute`): what they state within a day are observations of their own."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.desk import Desk
from flows.pipeline import refresh_source
from model import Day, Instant, date_of, minute_of, parse_day
from publish.numbers import days
from tests.extractors.made import cells, checks, read, source
from tests.pipeline.desks import define, settings, tallybook
from tests.sources.publisher import Publisher

VOTES = {"coverage": "latest", "as_of": {"column": "counted", "grain": "minute"},
         "figures": [{"id": "votes", "column": "votes", "unit": "items"}]}  # fmt: skip


@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2040, 1, 1), timezones=st.timezones()))
def test_minutes_sort_as_they_passed_and_are_read_as_they_are_written(moment: dt.datetime) -> None:
    minute = minute_of(moment)
    assert parse_day(minute) == minute
    assert date_of(minute) == moment.astimezone(dt.UTC).date()
    assert minute_of(moment.astimezone(dt.UTC) + dt.timedelta(minutes=1)) > minute
    assert Day(minute[:10]) < minute < Day((date_of(minute) + dt.timedelta(days=1)).isoformat())


@pytest.mark.parametrize(
    ("printed", "rule", "minute"),
    [
        ("2025-11-05T02:31:59Z", {}, "2025-11-05T02:31Z"),
        ("2025-11-04T21:31-05:00", {}, "2025-11-05T02:31Z"),
        ("2025-11-04 21:31", {}, "2025-11-05T02:31Z"),
        ("1762309860", {}, "2025-11-05T02:31Z"),
        ("1762309860000", {}, "2025-11-05T02:31Z"),
        ("4 November 2025, 9:31 pm", {"format": "%d %B %Y, %I:%M %p"}, "2025-11-05T02:31Z"),
        ("2025-11-04", {}, None),
        ("2025-11-02 01:30", {}, None),  # the clocks had it twice
        ("2025-03-09 02:30", {}, None),  # and never this
        ("soon", {}, None),
    ],
)
def test_a_time_is_read_in_its_zone_and_one_that_is_missing_or_stood_twice_is_not_guessed(
    printed: str, rule: dict[str, str], minute: str | None
) -> None:
    schedule = {"cron": "0 6 * * *", "timezone": "America/New_York"}
    follows = source("csv", [{"id": "votes", "column": "votes"}], schedule=schedule, language="en",
                     as_of={"column": "counted", "grain": "minute", **rule})  # fmt: skip
    reading = read(follows, f'counted,votes\n"{printed}",7\n2025-01-01T00:00Z,1\n')
    assert [when for _, when, value in cells(reading) if value == "7"] == ([minute] if minute else [])
    assert ("unreadable_row" in checks(reading)) == (minute is None)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as one:
        yield one


def count(home: Path, publisher: Publisher, at: str, *batches: tuple[str, int]) -> None:
    table = "".join(f"{when},{votes}\n" for when, votes in batches)
    publisher.page("/votes.csv", f"counted,votes\n{table}".encode(), headers={"Content-Type": "text/csv"})
    with Desk(settings(home), lambda: Instant(at)) as desk:
        refresh_source(desk, desk.catalogue["county"])


def test_an_election_night_is_a_history_of_its_batches(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "county", publisher.url("/votes.csv"), **VOTES)
    count(tmp_path, publisher, "2025-11-05T02:40:00Z", ("2025-11-05T02:31:00Z", 1_204))
    count(tmp_path, publisher, "2025-11-05T03:00:00Z", ("2025-11-05T02:58:00Z", 4_377))
    count(tmp_path, publisher, "2025-11-05T04:30:00Z", ("2025-11-05T04:11:00Z", 9_015))
    count(tmp_path, publisher, "2025-11-05T05:00:00Z", ("2025-11-05T04:11:00Z", 9_016))
    with Desk(settings(tmp_path)) as desk:
        told = [(one.kind, one.as_of, one.difference, one.held) for update in reversed(desk.views.log("county"))
                for one in update.changes]  # fmt: skip
        assert told == [
            ("first", "2025-11-05T02:31Z", None, False),
            ("new", "2025-11-05T02:58Z", 3_173, False),
            ("new", "2025-11-05T04:11Z", 4_638, False),
            ("revised", "2025-11-05T04:11Z", 1, False),
        ]
        assert list(desk.ledger.verify()) == []


def test_a_minute_is_told_exported_and_found_again(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "county", publisher.url("/votes.csv"), **VOTES)
    count(tmp_path, publisher, "2025-11-05T02:40:00Z", ("2025-11-05T02:31:00Z", 1_204))
    count(tmp_path, publisher, "2025-11-05T03:00:00Z", ("2025-11-05T02:58:00Z", 1_377))
    assert "as of 5 November 2025, 02:58 UTC" in " ".join(tallybook(tmp_path, "log", "county").stdout.split())
    out = tmp_path / "out.csv"
    tallybook(tmp_path, "export", "--format", "csv", "-o", str(out))
    with out.open(encoding="utf-8", newline="") as file:
        assert [row["as_of"] for row in csv.DictReader(file)] == ["2025-11-05T02:31Z", "2025-11-05T02:58Z"]
    package = json.loads((tmp_path / "out.csv.datapackage.json").read_text(encoding="utf-8"))
    fields = {one["name"]: one["type"] for one in package["resources"][0]["schema"]["fields"]}
    assert (fields["as_of"], fields["period_end"]) == ("string", "date")


def test_a_batch_of_the_next_hours_is_told_and_one_of_the_day_after_tomorrow_waits(
    tmp_path: Path, publisher: Publisher
) -> None:
    define(tmp_path, "county", publisher.url("/votes.csv"), **VOTES)
    count(tmp_path, publisher, "2025-11-05T02:40:00Z", ("2025-11-05T02:31:00Z", 1_204))
    count(tmp_path, publisher, "2025-11-05T03:00:00Z", ("2025-11-05T09:00:00Z", 1_300))
    count(tmp_path, publisher, "2025-11-05T03:10:00Z", ("2025-11-07T09:00:00Z", 1_400))
    with Desk(settings(tmp_path)) as desk:
        found = [[(one.name, one.result) for one in update.checks if one.name == "future_as_of"]
                 for update in reversed(desk.views.log("county"))]  # fmt: skip
    assert found == [[], [("future_as_of", "warn")], [("future_as_of", "hold")]]


def test_a_span_of_minutes_is_told_whole() -> None:
    first, last = Day("2025-11-05T02:31Z"), Day("2025-11-05T04:11Z")
    assert days(first, last) == "5 November 2025, 02:31 UTC to 5 November 2025, 04:11 UTC"
    assert days(first, first) == "5 November 2025, 02:31 UTC"
