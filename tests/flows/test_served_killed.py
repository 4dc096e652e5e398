"""Prefect's server killed under a run of `serve`: nothing stays, nothing hangs, the exit code tells."""

from __future__ import annotations

import os
import signal
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
