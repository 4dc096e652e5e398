"""A source that should have spoken is overdue, and whose silence it is gets said: the source's, or ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.pipeline import refresh_source
from flows.status import SourceStatus, statuses
from model import Instant, instant
from publish import alerts
from storage.fetchlog.rhythm import FEWEST, learn
from tests.pipeline.desks import define, desk, table
from tests.sources.publisher import Publisher

START = dt.datetime(2025, 1, 1, 6, tzinfo=dt.UTC)
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as found:
        yield found


@pytest.fixture
def home(tmp_path: Path, publisher: Publisher) -> Path:
    """A home whose one source has spoken on each of the first eight days of the year, read every morning."""
    define(tmp_path, "daily", publisher.url("/daily.csv"), schedule={"cron": "0 6 * * *", "timezone": "UTC"})
    for day in range(1, 9):
        publisher.page("/daily.csv", table(day), headers=CSV)
        assert look(tmp_path, day) == "changed"
    return tmp_path


def at(day: int, hour: int = 6) -> Instant:
    return instant(START.replace(hour=hour) + dt.timedelta(days=day - 1))


def look(home: Path, day: int, **changes: str) -> str:
    with desk(home, at(day), **changes) as found:
        return refresh_source(found, found.catalogue["daily"]).state


def stands(home: Path, day: int) -> SourceStatus:
    with desk(home, at(day)) as found:
        (status,) = statuses(found)
    return status


def test_a_source_that_says_nothing_new_within_its_rhythm_is_only_unchanged(home: Path) -> None:
    look(home, 9)
    assert (stands(home, 9).state, stands(home, 9).silence) == ("unchanged", None)


def test_a_source_we_looked_at_and_that_said_nothing_new_for_too_long_is_silent(home: Path) -> None:
    for day in (9, 10, 11):
        look(home, day)
    status = stands(home, 11)
    assert (status.state, status.silence) == ("overdue", "publisher_late")
    assert status.message.startswith(
        "nothing new when it was read at 2025-01-11T06:00:00Z: its last news is of 2025-01-08T06:00:00Z"
    )
    assert "every 24 hours" in status.message


def test_a_source_that_failed_for_too_long_is_not_polled(home: Path, publisher: Publisher) -> None:
    publisher.page("/daily.csv", b"gone", status=500)
    for day in (9, 10, 11):
        look(home, day)
    status = stands(home, 11)
    assert (status.state, status.silence) == ("failed", "not_polled")
    assert "not read since 2025-01-08T06:00:00Z" in status.message


def test_a_run_that_did_not_happen_is_told_with_its_hour(home: Path) -> None:
    status = stands(home, 12)
    assert (status.state, status.silence) == ("overdue", "not_polled")
    assert status.message.startswith("No run since 2025-01-08T06:00:00Z (was due 2025-01-11T")
    assert status.message.endswith("Is `tallybook serve` running?")


def test_a_silent_source_alerts_once_until_it_speaks(
    home: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(alerts, "send", lambda _url, title, _body: sent.append(title) or True)
    for day in range(9, 14):
        look(home, day, alert_url="json://127.0.0.1:9/")
    assert sent == ["A daily file: publisher late"]
    publisher.page("/daily.csv", table(14), headers=CSV)
    for day in range(14, 30):
        look(home, day, alert_url="json://127.0.0.1:9/")
    assert sent == ["A daily file: publisher late"] * 2


def test_too_few_releases_are_no_rhythm() -> None:
    spoken = [START + dt.timedelta(days=day) for day in range(FEWEST + 1)]
    assert learn(spoken[:-1]) is None
    found = learn(spoken)
    assert found is not None
    assert (found.usual, found.longest, found.due) == (86400, 86400, instant(spoken[-1] + dt.timedelta(days=2)))


def test_a_weekend_is_part_of_the_rhythm() -> None:
    workdays = [START + dt.timedelta(days=day) for day in range(60) if (START + dt.timedelta(days=day)).weekday() < 5]
    found = learn(workdays)
    assert found is not None
    assert (found.usual, found.longest) == (86400, 3 * 86400)


@pytest.mark.parametrize(
    ("looked", "asked", "state"),
    [
        ("2026-03-08T06:30:05Z", "2026-03-08T08:00:00Z", "unchanged"),  # 02:30 is not there: 01:30 or 03:00 will do
        ("2026-03-08T07:00:05Z", "2026-03-08T08:00:00Z", "unchanged"),
        ("2026-03-07T07:30:05Z", "2026-03-08T12:00:00Z", "overdue"),
        ("2026-03-09T05:30:05Z", "2026-03-09T12:00:00Z", "overdue"),  # an hour early on any other day is a run missed
        ("2026-11-01T05:30:05Z", "2026-11-01T12:00:00Z", "unchanged"),  # 01:30 is there twice
    ],
)
def test_on_the_day_of_a_change_of_clocks_an_hour_either_way_is_on_time(
    tmp_path: Path, publisher: Publisher, looked: str, asked: str, state: str
) -> None:
    cron = "30 1 * * *" if looked.startswith("2026-11") else "30 2 * * *"
    define(tmp_path, "daily", publisher.url("/daily.csv"), schedule={"cron": cron, "timezone": "America/New_York"})
    publisher.page("/daily.csv", table(1), headers=CSV)
    for time in ("2026-03-06T12:00:00Z", looked):
        with desk(tmp_path, Instant(time)) as found:
            refresh_source(found, found.catalogue["daily"])
    with desk(tmp_path, Instant(asked)) as found:
        assert [status.state for status in statuses(found)] == [state]
