"""`serve` killed and told to end at random moments, again and again: nothing is lost, doubled or left running."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.defining import CSV, define
from tests.flows.test_served import Served, alive, wait_for
from tests.pipeline.test_refresh import Receiver
from tests.sources.publisher import Publisher

pytestmark = [pytest.mark.prefect, pytest.mark.long]

ROUNDS = 8
LONGEST = 75.0
"""Seconds that a serve lives at most after it says that it serves: a run begins at every minute."""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as found:
        yield found


def release(days: int) -> bytes:
    return b"date,dead\n" + b"".join(b"2025-07-%02d,%d\n" % (day, 10 * day) for day in range(1, days + 1))


def observed(served: Served) -> list[tuple[str, int]]:
    from flows.desk import Desk

    with Desk.open(served.settings) as desk:
        assert list(desk.ledger.verify()) == []
        names = [one.update for one in desk.ledger.views.log(limit=None)]
        assert names == [f"minute/{number}" for number in range(len(names), 0, -1)]
        changes = [
            (change.as_of, change.new.value) for one in desk.ledger.views.log(limit=None) for change in one.changes
        ]
        assert len(changes) == len(set(changes)), "a figure was told twice"
        return [(row.as_of, int(row.value or 0)) for row in desk.ledger.views.table()]


def test_serve_ended_at_random_moments_loses_and_doubles_nothing(tmp_path: Path, publisher: Publisher) -> None:
    chance = random.Random(11)
    served = Served(tmp_path)
    define(served.definitions, "minute", publisher.url("/minute.csv"), cron="* * * * *")
    publisher.page("/walled.csv", b"no", status=403)
    define(served.definitions, "walled", publisher.url("/walled.csv"), cron="* * * * *")
    with Receiver() as receiver:
        served.environment["TALLYBOOK_ALERT_URL"] = receiver.url
        for round_ in range(ROUNDS):
            publisher.page("/minute.csv", release(round_ + 1), headers=CSV)
            served.start()
            started = served.children()
            assert served.process is not None
            time.sleep(chance.uniform(0, LONGEST))
            if round_ % 2:
                assert served.stop() == 0, served.said()
            else:
                served.process.send_signal(signal.SIGKILL)
                served.process.wait(30)
                served.log.close()
            wait_for(lambda started=started: not any(alive(pid) for pid in started), 60)
        served.start()
        wait_for(lambda: len(observed(served)) == ROUNDS, 300)
        assert served.stop() == 0
        told = [message["title"] for message in receiver.got]
    assert observed(served) == [(f"2025-07-{day:02}", 10 * day) for day in range(1, ROUNDS + 1)]
    # A claim of which the process was killed while it told is void after ten minutes, which this does not last.
    assert told.count("The walled of the test: blocked") == 1
