"""`backfill --wayback`: the captures that a web archive holds, fetched once, politely, and recorded in their order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.past.wayback import Captured, CaptureWishes, forget_captures, read_captures
from model import Day, FetchError, UsageError
from tests.pipeline.desks import ROOT, define, desk, lines, table, tallybook
from tests.pipeline.webarchive import (
    Bad,
    WebArchive,
    challenge,
    empty,
    instead,
    redirect,
    status,
    truncated,
)

PAGE = "http://publisher.example/daily.csv"


@pytest.fixture
def archive() -> Iterator[WebArchive]:
    with WebArchive() as made:
        yield made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    define(tmp_path / "home", "daily", PAGE)
    return tmp_path / "home"


def stamp(day: int) -> str:
    return f"202501{day:02}060000"


def fill(archive: WebArchive, *days: int) -> None:
    for day in days:
        archive.hold(stamp(day), PAGE, table(day))


def backfill(home: Path, archive: WebArchive, *options: str) -> subprocess.CompletedProcess[str]:
    return tallybook(home, "backfill", "daily", "--wayback", *options, env={"TALLYBOOK_WEB_ARCHIVE": archive.url})


def captured(home: Path, archive: WebArchive, wishes: CaptureWishes | None = None) -> Captured:
    with desk(home, web_archive=archive.url) as opened:
        return read_captures(opened, opened.catalogue["daily"], wishes or CaptureWishes())


def test_years_of_a_page_are_recorded_by_one_command(home: Path, archive: WebArchive) -> None:
    fill(archive, 1, 2, 4)
    archive.hold(stamp(3), PAGE, b"", status="404")
    archive.hold(stamp(5), PAGE, table(4), status="-")
    archive.hold(stamp(9), "http://elsewhere.example/", table(9))
    done = backfill(home, archive)
    assert done.returncode == 0, done.stderr
    assert "4 captures listed" in done.stderr
    assert sorted(archive.asked) == [stamp(1), stamp(2), stamp(4)]
    told = lines(tallybook(home, "log", "daily", "--json"))
    assert [one["known_at"] for one in told[::-1]] == [f"2025-01-0{day}T06:00:00Z" for day in (1, 2, 4)]
    with desk(home) as opened:
        (change, *_) = opened.views.update("daily/2").changes
        shot = opened.views.proof("daily/2", change.series, change.as_of).new
    assert shot is not None
    assert shot.url == f"{archive.url}/web/{stamp(2)}id_/{PAGE}"
    assert not (home / "captures" / "daily.jsonl").exists()


def test_captures_come_before_what_we_fetched_ourselves(home: Path, archive: WebArchive) -> None:
    fill(archive, 1, 2, 5)
    backfill(home, archive, "--from", "2025-01-05")
    done = backfill(home, archive)
    assert "generation 2 is in force" in done.stderr
    told = tallybook(home, "sources", "generations", "daily").stdout
    assert told.splitlines()[0].startswith("daily~1: updates 1 to 1, the first, until ")
    assert told.splitlines()[1].startswith("daily: updates 2 to 4, in force since ")
    assert archive.asked == [stamp(5), stamp(1), stamp(2)]
    assert len(lines(tallybook(home, "log", "daily", "--json"))) == 3
    assert "0 updates" in backfill(home, archive).stderr
    assert len(archive.asked) == 3


def test_a_content_is_fetched_once_however_often_it_was_captured(home: Path, archive: WebArchive) -> None:
    for day in range(1, 9):
        archive.hold(stamp(day), PAGE, table(1 + day % 2))
    found = captured(home, archive)
    assert len(found.copies) == 8
    assert archive.asked == [stamp(1), stamp(2)]


def test_days_and_number_bound_what_is_asked_for(home: Path, archive: WebArchive) -> None:
    fill(archive, *range(1, 9))
    wishes = CaptureWishes(since=Day("2025-01-03"), until=Day("2025-01-06"), limit=2)
    found = captured(home, archive, wishes)
    assert [copy.fetched_at[:10] for copy in found.copies] == ["2025-01-03", "2025-01-04"]
    assert archive.lists[0]["from"] == ["20250103"]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (empty, "empty"),
        (truncated, "ends too early"),
        (redirect(stamp(3)), f"another capture, {stamp(3)}"),
        (instead(stamp(3)), "the capture of 2025-01-03T06:00:00Z"),
        (challenge, "turned visitors away"),
        (status(404), "404"),
    ],
)
def test_an_answer_that_is_not_the_capture_is_left_out_and_told(
    home: Path, archive: WebArchive, bad: Bad, why: str
) -> None:
    fill(archive, 1, 2, 3)
    archive.badly[stamp(2)] = [bad]
    found = captured(home, archive)
    assert [copy.fetched_at for copy in found.copies] == ["2025-01-01T06:00:00Z", "2025-01-03T06:00:00Z"]
    (told,) = found.left_out
    assert told.startswith("2025-01-02T06:00:00Z: ")
    assert why in told


@pytest.mark.parametrize("bad", [status(429, retry_after="3600"), status(503, retry_after="3600")])
def test_an_archive_that_asks_to_be_left_alone_is_and_the_rest_comes_later(
    home: Path, archive: WebArchive, bad: Bad
) -> None:
    fill(archive, 1, 2, 3)
    archive.badly[stamp(2)] = [bad]
    assert captured(home, archive).stopped
    assert archive.asked == [stamp(1), stamp(2)]
    found = captured(home, archive)
    assert (len(found.copies), found.stopped, found.left_out) == (3, "", ())
    assert archive.asked == [stamp(1), stamp(2), stamp(2), stamp(3)]


def test_what_did_not_come_is_told_and_reaches_the_exit_code(home: Path, archive: WebArchive) -> None:
    fill(archive, 1, 2)
    archive.badly[stamp(2)] = [status(429, retry_after="3600")]
    done = backfill(home, archive)
    assert done.returncode == 1
    assert "call again, and the rest comes" in done.stderr


def test_a_short_rest_is_waited_for(home: Path, archive: WebArchive) -> None:
    fill(archive, 1)
    archive.badly[stamp(1)] = [status(429, retry_after="1")]
    with desk(home, web_archive=archive.url, fetch_retries=1) as opened:
        assert len(read_captures(opened, opened.catalogue["daily"], CaptureWishes()).copies) == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from flows.past.wayback import CaptureWishes, read_captures
from tests.pipeline.desks import desk

def progress(done, _total):
    if done == 3:
        os.kill(os.getpid(), signal.SIGKILL)

with desk(Path(sys.argv[1]), web_archive=sys.argv[2]) as opened:
    read_captures(opened, opened.catalogue["daily"], CaptureWishes(), progress)
"""


def test_a_run_that_was_killed_goes_on_where_it_ended(home: Path, archive: WebArchive) -> None:
    fill(archive, *range(1, 7))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(home), archive.url],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=ROOT, timeout=60,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    with (home / "captures" / "daily.jsonl").open("ab") as notes:
        notes.write(b'{"url": "cut')
    found = captured(home, archive)
    assert len(found.copies) == 6
    assert archive.asked == [stamp(day) for day in range(1, 7)]


def test_what_cannot_be_had_is_said_in_a_sentence(home: Path, archive: WebArchive) -> None:
    with pytest.raises(UsageError, match="holds no capture of http://publisher"):
        captured(home, archive)
    archive.list_with = b"<html>we are being maintained"
    with pytest.raises(FetchError, match="cannot be read as captures"):
        captured(home, archive)
    archive.list_with = json.dumps([["timestamp", "original"], ["2025", PAGE]]).encode()
    with pytest.raises(FetchError, match="cannot be read as captures"):
        captured(home, archive)
    define(home, "daily", "http://publisher.example/?key=${TALLYBOOK_KEY}")
    with pytest.raises(UsageError, match="names a secret"):
        captured(home, archive)


def test_notes_are_let_go_once_what_they_name_is_recorded(home: Path, archive: WebArchive) -> None:
    fill(archive, 1)
    captured(home, archive)
    with desk(home) as opened:
        forget_captures(opened, opened.catalogue["daily"])
    assert not (home / "captures" / "daily.jsonl").exists()
