"""A clock that was ahead, or is behind, is told aloud; the bytes are kept, and one command brings the source back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.outcomes import Outcome
from flows.past.clocks import SKEW, refuse_to_come
from flows.past.manifest import read_manifest
from flows.pipeline import refresh_source
from flows.status import SourceStatus, statuses
from model import Instant, UsageError, instant, moment, now
from tests.pipeline.desks import define, desk, table
from tests.sources.publisher import Publisher

TODAY = instant(moment(now()) + SKEW)


@pytest.fixture(autouse=True)
def _today() -> None:
    """Take the time anew for each test: a suite runs for longer than clocks may differ."""
    global TODAY
    TODAY = instant(moment(now()) + SKEW)


"""Rewinding goes by when rows were recorded, too, which no test can choose."""

CSV = {"Content-Type": "text/csv"}
RIGHT, LATER, AHEAD = Instant("2026-01-03T06:00:00Z"), Instant("2026-01-04T06:00:00Z"), Instant("2090-02-07T06:00:00Z")


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as found:
        found.page("/daily.csv", table(3), headers=CSV)
        yield found


@pytest.fixture
def home(tmp_path: Path, publisher: Publisher) -> Path:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    return tmp_path


def look(home: Path, at: Instant) -> Outcome:
    with desk(home, at) as found:
        return refresh_source(found, found.catalogue["daily"])


def stands(home: Path, at: Instant) -> SourceStatus:
    with desk(home, at) as found:
        (status,) = statuses(found)
    return status


@pytest.mark.parametrize("changed", [True, False])
def test_a_clock_behind_the_ledger_is_a_failure_whether_the_page_changed_or_not(
    home: Path, publisher: Publisher, changed: bool
) -> None:
    look(home, AHEAD)
    if changed:
        publisher.page("/daily.csv", table(4), headers=CSV)
    told = look(home, LATER)
    assert told.state == "failed"
    assert f"our clock says {LATER}, and the ledger has a time of {AHEAD}" in told.message
    assert "tallybook sources rewind daily" in told.message


def test_what_was_fetched_under_a_wrong_clock_is_kept_and_named(home: Path, publisher: Publisher) -> None:
    look(home, AHEAD)
    publisher.page("/daily.csv", table(4), headers=CSV)
    look(home, LATER)
    with desk(home, LATER) as found:
        row = found.ledger.last_attempt(found.catalogue["daily"])
        assert row is not None
        assert (row.at, row.state, row.status) == (LATER, "failed", 200)
        assert found.archive.get(row.sha256 or "") == table(4)


def test_status_says_not_polled_while_a_time_lies_ahead_even_where_nothing_was_tried_since(home: Path) -> None:
    look(home, AHEAD)
    told = stands(home, LATER)
    assert (told.state, told.silence) == ("failed", "not_polled")
    assert "rewind daily" in told.message


def test_a_release_that_another_machine_read_a_minute_later_is_no_wrong_clock(home: Path, publisher: Publisher) -> None:
    look(home, Instant("2026-01-04T06:01:00Z"))
    publisher.page("/daily.csv", table(4), headers=CSV)
    told = look(home, LATER)
    assert told.state == "unchanged"
    assert "another refresh" in told.message


def test_rewinding_takes_back_what_lies_ahead_alone_and_the_next_look_reads_anew(
    home: Path, publisher: Publisher
) -> None:
    look(home, RIGHT)
    publisher.page("/daily.csv", table(4), headers=CSV)
    look(home, AHEAD)
    publisher.page("/daily.csv", table(5), headers=CSV)
    with desk(home, TODAY) as found:
        done = found.ledger.rewind("daily", TODAY, who="Ann", why="a clock of 2090")
        assert done is not None
        assert (done.first, done.updates) == ("daily/2", 1)
        assert AHEAD in found.archive.get(done.kept).decode()
    assert stands(home, TODAY).state == "failed"
    assert look(home, TODAY).update == "daily/2"
    with desk(home, TODAY) as found:
        assert list(found.ledger.verify()) == []
        assert {row.as_of for row in found.views.table("daily")} == {f"2025-01-0{day}" for day in range(1, 6)}
        assert [one.known_at for one in found.views.log()] == [TODAY, RIGHT]
        assert found.ledger.rewind("daily", TODAY, who="Ann", why="again") is None


def test_looks_that_found_nothing_new_under_a_clock_ahead_are_taken_back_too(home: Path) -> None:
    look(home, RIGHT)
    look(home, AHEAD)
    with desk(home, TODAY) as found:
        done = found.ledger.rewind("daily", TODAY, who="Ann", why="a clock of 2090")
        assert done is not None
        assert (done.updates, done.attempts) == (0, 1)
    assert look(home, TODAY).state == "unchanged"
    assert stands(home, TODAY).last_success == TODAY


def test_a_manifest_with_a_time_to_come_is_refused_by_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(table(1))
    lines = [{"path": "a.csv", "fetched_at": at} for at in ("2025-01-01T06:00:00Z", "2062-01-01T06:00:00Z")]
    (tmp_path / "m.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    with pytest.raises(UsageError, match=r"m\.jsonl:2: 2062-01-01T06:00:00Z has not come yet"):
        read_manifest(tmp_path / "m.jsonl")


def test_a_time_within_what_machines_clocks_differ_is_no_time_to_come() -> None:
    refuse_to_come(Instant("2026-01-01T00:02:00Z"), Instant("2026-01-01T00:00:00Z"), "here")
    with pytest.raises(UsageError, match="here: "):
        refuse_to_come(Instant("2026-01-01T00:02:01Z"), Instant("2026-01-01T00:00:00Z"), "here")
