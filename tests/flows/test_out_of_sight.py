"""Nothing drops out of sight: a slip in a definition, a failure, no ledger, a page whose clock ticks, rows left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from cli.commands.serve import office_of
from cli.main import main
from flows.pipeline import refresh_source
from flows.status import statuses
from model import Instant, instant
from review.app import create_app
from tests.pipeline.desks import define, desk, table
from tests.sources.publisher import Publisher

CSV = {"Content-Type": "text/csv"}
DAILY = {"cron": "0 6 * * *", "timezone": "UTC"}
MONTHLY = {"cron": "0 6 1 * *", "timezone": "UTC"}
NOON = Instant("2026-01-10T12:00:00Z")


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as found:
        found.page("/daily.csv", table(3), headers=CSV)
        yield found


@pytest.fixture
def home(tmp_path: Path, publisher: Publisher) -> Path:
    define(tmp_path, "daily", publisher.url("/daily.csv"), schedule=DAILY)
    return tmp_path


def look(home: Path, at: Instant, name: str = "daily") -> str:
    with desk(home, at) as found:
        return refresh_source(found, found.catalogue[name]).state


def not_polled(home: Path, at: Instant) -> dict[str, str]:
    with desk(home, at) as found:
        return {one.source: one.message for one in statuses(found) if one.silence == "not_polled"}


def run(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str
) -> tuple[int, str]:
    monkeypatch.setenv("TALLYBOOK_HOME", str(home))
    monkeypatch.setenv("TALLYBOOK_SOURCES", str(home / "sources"))
    monkeypatch.setenv("TALLYBOOK_HOST_SPACING", "0")
    with pytest.raises(SystemExit) as left:
        main(words)
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out + said.err


def test_a_broken_definition_among_good_ones_is_named_by_status_and_refresh_and_neither_exits_with_0(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "sources" / "slip.yml").write_text("title: A slip\nbasis: countet\n")
    code, said = run(home, capsys, monkeypatch, "refresh")
    assert (code, "slip: failed: its definition is broken" in said, "daily: changed" in said) == (1, True, True)
    code, said = run(home, capsys, monkeypatch, "status", "--json")
    assert code == 1
    assert '"source":"slip"' in said
    assert "slip.yml" in said


def test_the_page_of_sources_names_a_broken_definition_and_shows_the_others_without_their_secrets(home: Path) -> None:
    (home / "sources" / "slip.yml").write_text("title: A slip\nbasis: countet\n")
    define(home, "keyed", "http://ann:hunter2@127.0.0.1:9/t.csv?apikey=K3Y", schedule=DAILY)
    with desk(home, NOON) as found, TestClient(create_app(office_of(found)), base_url="http://127.0.0.1") as client:
        said = client.get("/sources").text
        definition = client.get("/sources/keyed").text
    assert "slip.yml" in said
    assert "countet" in said
    assert "apikey=***" in definition
    assert "hunter2" not in definition + said
    assert "K3Y" not in definition + said


@pytest.mark.parametrize("status", [403, 500])
def test_a_failure_since_the_last_success_is_told_however_seldom_a_source_speaks(
    home: Path, publisher: Publisher, status: int
) -> None:
    define(home, "monthly", publisher.url("/monthly.csv"), schedule=MONTHLY, tried_live="2025-12-01")
    publisher.page("/monthly.csv", b"no", status=status)
    look(home, NOON)
    look(home, NOON, "monthly")
    assert set(not_polled(home, NOON)) == {"monthly"}
    assert "never read" in not_polled(home, NOON)["monthly"]
    publisher.page("/monthly.csv", table(3), headers=CSV)
    look(home, NOON, "monthly")
    assert not_polled(home, NOON) == {}


def test_a_source_that_is_off_may_fail_by_hand(home: Path, publisher: Publisher) -> None:
    define(home, "resting", publisher.url("/none.csv"), schedule=DAILY, tried_live="never")
    look(home, NOON)
    look(home, NOON, "resting")
    assert not_polled(home, NOON) == {}


def test_a_source_switched_on_today_is_late_only_once_it_was_due_after_that(home: Path, publisher: Publisher) -> None:
    define(home, "new", publisher.url("/daily.csv"), schedule=DAILY, tried_live="2026-01-10")
    look(home, NOON)
    assert not_polled(home, NOON) == {}
    look(home, Instant("2026-01-11T06:05:00Z"))
    assert set(not_polled(home, Instant("2026-01-11T06:30:00Z"))) == {"new"}


@pytest.mark.parametrize("words", [("status",), ("log",), ("verify",), ("checkpoint",), ("show", "a/b"), ("review",)])
def test_a_reading_command_makes_no_ledger_where_there_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    (tmp_path / "sources").mkdir()
    monkeypatch.setenv("TALLYBOOK_HOME", str(tmp_path / "mistyped"))
    monkeypatch.setenv("TALLYBOOK_SOURCES", str(tmp_path / "sources"))
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == (1 if words == ("status",) else 2)
    assert "there is no ledger at" in capsys.readouterr().err
    assert not (tmp_path / "mistyped").exists()


def test_a_page_whose_clock_ticks_does_not_speak(home: Path, publisher: Publisher) -> None:
    """Six days of news, then ten on which the bytes alone change: the rhythm is that of the figures."""
    start = dt.datetime(2026, 1, 1, 6, tzinfo=dt.UTC)
    for day in range(16):
        content = table(min(day + 1, 7))
        publisher.page("/daily.csv", content + b"\n" * day, headers=CSV)
        look(home, instant(start + dt.timedelta(days=day)))
    with desk(home, instant(start + dt.timedelta(days=16))) as found:
        (status,) = statuses(found)
    assert status.rhythm is not None
    assert status.rhythm.last == "2026-01-07T06:00:00Z"
    assert status.silence == "publisher_late"


def test_rows_left_out_reach_exit_code_and_status(
    home: Path, publisher: Publisher, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.page("/daily.csv", table(3) + b"tomorrow,17,3\n", headers=CSV)
    code, said = run(home, capsys, monkeypatch, "refresh", "daily")
    assert code in (1, 3)
    assert "left out" in said
    assert "left out" in run(home, capsys, monkeypatch, "status", "--json")[1]
