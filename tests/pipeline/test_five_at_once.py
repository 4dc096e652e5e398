"""Five `tallybook refresh` at once, as cron and an impatient person make them: all is recorded and told once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.desks import ROOT, define, desk, table
from tests.pipeline.test_refresh import CSV, Receiver
from tests.sources.publisher import Publisher

FIVE = 5
SOURCES = ("a", "b", "c")


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


def refreshers(home: Path, alert_url: str) -> list[subprocess.Popen[bytes]]:
    surroundings = os.environ | {
        "TALLYBOOK_HOME": str(home),
        "TALLYBOOK_SOURCES": str(home / "sources"),
        "TALLYBOOK_HOST_SPACING": "0",
        "TALLYBOOK_FETCH_RETRIES": "0",
        "TALLYBOOK_ALERT_URL": alert_url,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "cli.main", "refresh"]
    return [
        subprocess.Popen(command, env=surroundings, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(FIVE)
    ]


def publish(publisher: Publisher, days: int) -> None:
    for name in SOURCES:
        publisher.page(f"/{name}.csv", table(days), headers=CSV)


def look(home: Path, days: int) -> None:
    """Assert that the ledger is whole and holds each source's figures of so many days once, in updates numbered on."""
    with desk(home) as opened:
        assert list(opened.ledger.verify()) == []
        seen: Counter[tuple[str, str]] = Counter()
        for name in SOURCES:
            log = opened.ledger.views.log(name, limit=None)
            assert [one.update for one in log] == [f"{name}/{number}" for number in range(len(log), 0, -1)]
            seen.update((change.series, change.as_of) for one in log for change in one.changes)
        assert set(seen.values()) == {1}, "a figure was told twice"
        assert len(seen) == len(SOURCES) * 2 * days, "a figure was lost"


def rounds(home: Path, publisher: Publisher, count: int, *, kill: random.Random | None = None) -> None:
    for name in SOURCES:
        define(home, name, publisher.url(f"/{name}.csv"))
    define(home, "gone", publisher.url("/gone.csv"), title="A page that went")
    with Receiver() as receiver:
        for number in range(1, count + 1):
            publish(publisher, 2 * number)
            running = refreshers(home, receiver.url)
            if kill is not None:
                for one in running[1:]:
                    time.sleep(kill.uniform(0, 0.8))
                    one.send_signal(kill.choice((signal.SIGKILL, signal.SIGTERM)))
            told = [one.communicate(timeout=120)[1].decode() for one in running]
            assert running[0].returncode == 1, told[0]  # of the page that went
            assert not any("Traceback" in one for one in told), told
            look(home, 2 * number)
        assert Counter(message["title"] for message in receiver.got)["A page that went: failed"] == 1


def test_five_refreshers_at_once_record_and_tell_all_once(tmp_path: Path, publisher: Publisher) -> None:
    rounds(tmp_path, publisher, 2)


@pytest.mark.long
def test_five_refreshers_ten_times(tmp_path: Path, publisher: Publisher) -> None:
    rounds(tmp_path, publisher, 10)


@pytest.mark.long
def test_four_of_five_refreshers_ended_at_random_moments(tmp_path: Path, publisher: Publisher) -> None:
    rounds(tmp_path, publisher, 10, kill=random.Random(7))
