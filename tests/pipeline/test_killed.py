"""A refresh killed at any point leaves a ledger that verifies, and the next refresh completes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.pipeline.desks import ROOT, define, desk, table
from tests.sources.publisher import Publisher

POINTS = 10

KILLED_AT = """
import os, signal, sys
from pathlib import Path
from flows.pipeline import refresh_source
from tests.pipeline.desks import desk

home, last = Path(sys.argv[1]), int(sys.argv[2])
ours = tuple(str(Path.cwd() / name) for name in ("flows", "storage", "extractors", "sources"))
count = 0

def step(frame, event, argument):
    global count
    if event in ("call", "return") and frame.f_code.co_filename.startswith(ours):
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)

with desk(home) as open_desk:
    source = open_desk.catalogue["daily"]
    open_desk.ledger, open_desk.fetcher
    sys.setprofile(step)
    refresh_source(open_desk, source)
    sys.setprofile(None)
print(count)
"""


def _refresh_killed_at(home: Path, step: int) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", KILLED_AT, str(home), str(step)],
        capture_output=True, text=True, env=environment, cwd=ROOT, timeout=60,
    )  # fmt: skip


def test_a_refresh_killed_at_ten_points_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    with Publisher() as publisher:
        publisher.page("/daily.csv", table(3), headers={"Content-Type": "text/csv"})
        define(tmp_path / "dry", "daily", publisher.url("/daily.csv"))
        dry = _refresh_killed_at(tmp_path / "dry", 0)
        steps = int(dry.stdout)
        assert steps > POINTS
        home = tmp_path / "home"
        define(home, "daily", publisher.url("/daily.csv"))
        for point in range(POINTS):
            publisher.page("/daily.csv", table(3 + point), headers={"Content-Type": "text/csv"})
            killed = _refresh_killed_at(home, 1 + point * (steps - 1) // (POINTS - 1))
            assert killed.returncode == -signal.SIGKILL, killed.stderr
            with desk(home) as open_desk:
                assert list(open_desk.ledger.verify()) == []
        with desk(home) as open_desk:
            from flows.pipeline import refresh_source

            refresh_source(open_desk, open_desk.catalogue["daily"])
            assert list(open_desk.ledger.verify()) == []
            updates = open_desk.ledger.views.log(limit=None)
            assert [one.update for one in updates] == [f"daily/{n}" for n in range(len(updates), 0, -1)]
            observed = sorted((row.series, row.as_of) for row in open_desk.ledger.views.table())
            days = [f"2025-01-{day:02}" for day in range(1, 3 + POINTS)]
            assert observed == [(f"daily/{name}", day) for name in ("guns", "tanks") for day in days]
