"""A slow host stalls no other, one run reads a list, what was missed is known, and a supervisor hears of us."""

from __future__ import annotations

import datetime as dt
import itertools
import os
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
from flows.operation.turns import list_name
from flows.outcomes import OUTAGE_REASON, Outcome
from flows.pipeline import LEFT_TO_OTHERS, refresh_source
from flows.status import missed_sources
from model import Instant, Source
from tests.flows.test_batches import source
from tests.pipeline.desks import ROOT, define, desk, table, tallybook
from tests.sources.publisher import Publisher

DAY = dt.timedelta(days=1)
SLOW, QUICK = 40, 30
PROCESSES, EACH, SPACING = 3, 2, 0.4


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


def test_of_two_runs_of_the_same_sources_one_reads_them_whatever_the_order() -> None:
    assert list_name(["b", "a"]) == list_name(["a", "b"]) != list_name(["a"]) != list_name(None) == list_name([])


def test_over_processes_a_host_is_asked_once_a_spacing(tmp_path: Path) -> None:
    with Publisher() as publisher:
        for number in range(PROCESSES * EACH):
            publisher.page(f"/{number}.csv", table(3), headers={"Content-Type": "text/csv"})
            define(tmp_path, f"s{number}", publisher.url(f"/{number}.csv"))
        surroundings = os.environ | {
            "TALLYBOOK_HOME": str(tmp_path),
            "TALLYBOOK_SOURCES": str(tmp_path / "sources"),
            "TALLYBOOK_HOST_SPACING": str(SPACING),
            "PYTHONPATH": str(ROOT),
        }
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "cli.main", "refresh", *(f"s{one * EACH + two}" for two in range(EACH))],
                env=surroundings, stderr=subprocess.PIPE,
            )
            for one in range(PROCESSES)
        ]  # fmt: skip
        told = [one.communicate(timeout=120)[1].decode() for one in running]
        assert [one.returncode for one in running] == [0] * PROCESSES, told
        at = [asked.at for asked in publisher.requests]
        assert len(at) == PROCESSES * EACH
        assert min(later - earlier for earlier, later in itertools.pairwise(at)) >= SPACING * 0.95


def test_a_source_that_another_has_in_hand_is_waited_for_by_a_person_and_left_alone_by_who_looks_at_what_is_due(
    tmp_path: Path,
) -> None:
    with Publisher() as publisher:
        publisher.page("/a.csv", table(3), headers={"Content-Type": "text/csv"})
        define(tmp_path, "a", publisher.url("/a.csv"), schedule={"cron": "0 6 * * *", "timezone": "UTC"})
        at = Instant("2026-01-10T06:01:00Z")
        with desk(tmp_path, at) as other, desk(tmp_path, at) as ours, ThreadPoolExecutor(1) as pool:
            with other.turns.of("source", "a"):
                left = refresh_source(ours, ours.catalogue["a"], due=True)
                assert (left.state, left.message) == ("unchanged", LEFT_TO_OTHERS)
                waiting = pool.submit(refresh_source, ours, ours.catalogue["a"])
                time.sleep(0.3)
                assert not waiting.done()
                assert publisher.requests == []
            assert waiting.result(30).state == "changed"
            assert refresh_source(other, other.catalogue["a"], due=True).message == LEFT_TO_OTHERS
            assert len(publisher.requests) == 1, "it was looked at since it was due"


def test_what_is_due_is_looked_at_by_its_command_once(tmp_path: Path) -> None:
    with Publisher() as publisher:
        publisher.page("/a.csv", table(3), headers={"Content-Type": "text/csv"})
        define(tmp_path, "a", publisher.url("/a.csv"), schedule={"cron": "0 6 * * *", "timezone": "UTC"})
        define(tmp_path, "untimed", publisher.url("/a.csv"))
        first, second = tallybook(tmp_path, "refresh", "--due"), tallybook(tmp_path, "refresh", "--due")
    assert (first.returncode, second.returncode, second.stderr) == (0, 0, "")
    assert "a: changed" in first.stderr
    assert len(publisher.requests) == 1
    wrong = tallybook(tmp_path, "refresh", "--due", "a")
    assert (wrong.returncode, "leave out the names" in wrong.stderr) == (2, True)


def test_a_host_that_answers_that_it_fails_is_not_asked_by_another_try_of_the_task() -> None:
    told = {"http_status": False, "server_error": False, "timeout": True, "unreachable": True, OUTAGE_REASON: True}
    outcomes = {reason: Outcome(reason, "failed", None, 0, 0, "", reason=reason) for reason in told}
    batch = Batch("all", [source(reason, f"https://{number}.example/") for number, reason in enumerate(told)])
    asked: list[str] = []

    def refresh(one: Source) -> Outcome:
        asked.append(one.id)
        return outcomes[one.id]

    assert {one.source for one in batch.attempt(refresh)} == set(told)
    assert sorted(asked) == sorted(told)
    asked.clear()
    batch.attempt(refresh)
    assert sorted(asked) == sorted(reason for reason, again in told.items() if again)


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
