"""Prefect's server killed under a run of `serve`: nothing stays, nothing hangs, the exit code tells."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.defining import CSV, define
from tests.flows.test_served import Served, alive, wait_for
from tests.sources.publisher import Publisher

pytestmark = [pytest.mark.prefect, pytest.mark.long]

ENDS = 120.0
"""Seconds that an end may take here: our own bound is half a minute, and the machine may be busy."""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as found:
        yield found


@pytest.fixture
def served(tmp_path: Path, publisher: Publisher) -> Iterator[Served]:
    """A serve under which a run is waiting for a publisher that does not answer."""
    publisher.slow("/slow.csv", b"date,dead\n2025-07-31,10\n", seconds=600)
    publisher.page("/sound.csv", b"date,dead\n2025-07-31,10\n", headers=CSV)
    found = Served(tmp_path)
    define(found.definitions, "slow", publisher.url("/slow.csv"), cron="* * * * *")
    found.start()
    try:
        yield found
    finally:
        assert found.process is not None
        if found.process.poll() is None:
            found.process.kill()
            found.process.wait(30)
        found.log.close()


def server_of(served: Served) -> int:
    return int((served.home / "prefect" / "server.pid").read_text().split()[0])


def under_a_run(publisher: Publisher) -> None:
    wait_for(lambda: any(asked.path == "/slow.csv" for asked in publisher.requests), 300)


def test_prefects_server_killed_under_a_run_ends_serve_with_1(served: Served, publisher: Publisher) -> None:
    under_a_run(publisher)
    started = served.children()
    os.kill(server_of(served), signal.SIGKILL)
    assert served.process is not None
    assert served.process.wait(ENDS) == 1
    assert "Prefect's server stopped by itself" in served.said()
    wait_for(lambda: not any(alive(pid) for pid in started), 30)


def test_prefects_server_that_hangs_ends_serve_with_1_and_its_supervisor_hears_no_more_of_it(
    tmp_path: Path, publisher: Publisher
) -> None:
    served = Served(tmp_path)
    define(served.definitions, "daily", publisher.url("/none.csv"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(tmp_path / "notify"))
        supervisor.settimeout(60)
        served.environment |= {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "24000000"}
        served.start()
        assert served.process is not None
        heard: set[bytes] = set()
        while not {b"READY=1", b"WATCHDOG=1"} <= heard:
            heard.add(supervisor.recv(100))
        started = served.children()
        os.kill(server_of(served), signal.SIGSTOP)
        assert served.process.wait(ENDS) == 1
        assert "have not answered" in served.said()
        wait_for(lambda: not any(alive(pid) for pid in started), 30)
        served.log.close()


def test_what_a_killed_run_did_not_look_at_is_looked_at_after_the_next_start(
    tmp_path: Path, publisher: Publisher
) -> None:
    publisher.slow("/once.csv", b"date,dead\n2025-07-31,10\n", seconds=600)
    served = Served(tmp_path)
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=2)
    define(served.definitions, "once", publisher.url("/once.csv"), cron=f"{soon.minute} {soon.hour} * * *")
    served.start()
    assert served.process is not None
    wait_for(lambda: any(asked.path == "/once.csv" for asked in publisher.requests), 300)
    started = served.children()
    for pid in (served.process.pid, *started):
        os.kill(pid, signal.SIGKILL)
    served.process.wait(30)
    served.log.close()
    publisher.page("/once.csv", b"date,dead\n2025-07-31,10\n", headers=CSV)
    served.start()
    wait_for(lambda: served.updates() == ["once/1"], 120)
    assert "one run makes up for it" in served.said()
    assert served.stop() == 0
