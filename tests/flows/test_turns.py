"""A slow host stalls no other, one run reads a list, what was missed is known, and a supervisor hears of us."""

from __future__ import annotations

import datetime as dt
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flows.batches import FEW, Batch, cut
from flows.operation.notify import Heart, notify
from flows.operation.turns import alone_with
from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from flows.status import missed_sources
from model import Instant, Source
from tests.flows.test_batches import source
from tests.pipeline.desks import ROOT, define, desk, table
from tests.sources.publisher import Publisher

DAY = dt.timedelta(days=1)
SLOW, QUICK = 40, 30
HOLD = "import sys; from pathlib import Path; from flows.operation.turns import alone_with\n"
HOLD += "with alone_with(Path(sys.argv[1]), ['a', 'b']) as free: print(free, flush=True); sys.stdin.read()"


def crowd() -> list[Source]:
    slow = [source(f"slow{number}", "https://slow.example/") for number in range(SLOW)]
    return slow + [source(f"quick{number}", f"https://quick{number}.example/") for number in range(QUICK)]


@pytest.mark.parametrize("bundled", [False, True])
def test_a_slow_host_stalls_no_other(bundled: bool) -> None:
    answered, done = threading.Event(), threading.Semaphore(0)

    def refresh(one: Source) -> Outcome:
        if one.id.startswith("slow"):
            assert answered.wait(30)
        else:
            done.release()
        return Outcome(one.id, "unchanged", None, 0, 0, "")

    batches = [Batch("all", crowd())] if bundled else cut(crowd(), at_once=3)
    with ThreadPoolExecutor(FEW) as tasks:
        running = [tasks.submit(batch.attempt, refresh) for batch in batches]
        try:
            assert all(done.acquire(timeout=20) for _ in range(QUICK)), "other hosts waited for the slow one"
        finally:
            answered.set()
        assert [one.result() for one in running] == [[] for _ in running]
    assert sum(len(batch.outcomes) for batch in batches) == SLOW + QUICK


def test_of_two_runs_of_the_same_sources_one_reads_them_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == b"True\n"
        with alone_with(tmp_path, ["b", "a"]) as same, alone_with(tmp_path, ["a"]) as other, alone_with(tmp_path, None):
            assert (same, other) == (False, True)
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait(30)
    with alone_with(tmp_path, ["a", "b"]) as free:
        assert free


def test_what_was_due_and_not_looked_at_is_missed_and_what_failed_by_itself_is_not(tmp_path: Path) -> None:
    daily = {"cron": "0 6 * * *", "timezone": "UTC"}
    with Publisher() as publisher:
        publisher.page("/a.csv", table(3), headers={"Content-Type": "text/csv"})
        define(tmp_path, "a", publisher.url("/a.csv"), schedule=daily)
        define(tmp_path, "gone", publisher.url("/gone.csv"), schedule=daily)
        define(tmp_path, "resting", publisher.url("/a.csv"), schedule=daily, tried_live="never")
        with desk(tmp_path, Instant("2026-01-10T06:01:00Z")) as found:
            assert missed_sources(found) == ["a", "gone"]
            refresh_source(found, found.catalogue["gone"])
            assert missed_sources(found) == ["a"]
            refresh_source(found, found.catalogue["a"])
            assert missed_sources(found) == []
    late = Instant("2026-01-11T06:05:00Z")
    with desk(tmp_path, late) as found:
        assert (missed_sources(found), missed_sources(found, grace=DAY * 0)) == ([], ["a", "gone"])


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """A supervisor's socket; gives what it hears next."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield lambda: listening.recv(100).decode()


def test_a_supervisor_hears_of_us_while_all_is_well_and_what_hangs_is_given_up(supervisor: Callable[[], str]) -> None:
    well, given_up = threading.Event(), threading.Event()
    well.set()
    notify("READY=1")
    with Heart(well.is_set, lambda _why: given_up.set(), every=0.02, hung_seconds=0.2):
        assert [supervisor() for _ in range(3)] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
        assert not given_up.is_set()
        well.clear()
        assert given_up.wait(20)
    heard = [supervisor()]
    while heard[-1] != "STOPPING=1":
        heard.append(supervisor())
    assert set(heard[:-1]) <= {"WATCHDOG=1"}


def test_without_a_supervisor_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    with Heart(lambda: False, lambda why: pytest.fail(why), every=0.01):
        time.sleep(0.05)
