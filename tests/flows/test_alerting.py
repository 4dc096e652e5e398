"""The pipeline alerts once for each episode: when a source fails, and again only after it was well in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.desk import Desk
from flows.pipeline import refresh_source
from flows.settings import Settings
from publish import alerts
from tests.flows.defining import CSV, define
from tests.sources.publisher import Publisher


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as found:
        yield found


@pytest.fixture
def bodies() -> list[str]:
    """What the alerts say."""
    return []


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, bodies: list[str]) -> list[str]:
    """The titles of the alerts; the sending itself is tried in tests/publish/test_alerts.py."""
    titles: list[str] = []

    def take(alert_url: str, title: str, body: str) -> bool:
        assert alert_url == "json://127.0.0.1:9/"
        assert body
        titles.append(title)
        bodies.append(body)
        return True

    monkeypatch.setattr(alerts, "send", take)
    return titles


@pytest.fixture
def refresh(tmp_path: Path, publisher: Publisher) -> Callable[[], str]:
    """Refresh the one source there is; returns the state it came to."""
    define(tmp_path / "defs", "counts", publisher.url("/counts.csv"))
    settings = Settings(
        home=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'ledger.sqlite'}",
        archive=tmp_path / "archive",
        sources=tmp_path / "defs",
        alert_url="json://127.0.0.1:9/",
        fetch_retries=0,
    )

    def once() -> str:
        with Desk.open(settings) as desk:
            return refresh_source(desk, desk.catalogue["counts"]).state

    return once


def test_a_failing_source_alerts_once_until_it_was_well_again(
    refresh: Callable[[], str], publisher: Publisher, sent: list[str]
) -> None:
    states = [refresh(), refresh()]
    publisher.page("/counts.csv", b"date,dead\n2025-07-31,10\n", headers=CSV)
    states.append(refresh())
    publisher.page("/counts.csv", b"gone", status=404)
    states += [refresh(), refresh()]
    publisher.page("/counts.csv", b"no", status=403)
    states.append(refresh())
    assert states == ["failed", "failed", "changed", "failed", "failed", "blocked"]
    assert sent == ["The counts of the test: failed"] * 2


def test_a_source_that_turns_us_away_alerts_once(
    refresh: Callable[[], str], publisher: Publisher, sent: list[str]
) -> None:
    publisher.page("/counts.csv", b"no", status=403)
    assert [refresh(), refresh()] == ["blocked", "blocked"]
    assert sent == ["The counts of the test: blocked"]


def test_a_held_update_alerts_once_and_tells_it_as_the_log_does(
    refresh: Callable[[], str], publisher: Publisher, sent: list[str], bodies: list[str]
) -> None:
    rows = [f"2025-07-{day:02},{1000 + 3 * day}" for day in range(1, 29)]
    publisher.page("/counts.csv", "\n".join(["date,dead", *rows]).encode(), headers=CSV)
    states = [refresh()]
    publisher.page("/counts.csv", "\n".join(["date,dead", *rows, "2025-07-29,10870"]).encode(), headers=CSV)
    states += [refresh(), refresh()]
    assert states[:2] == ["changed", "held"]
    assert sent == ["The counts of the test: held"]
    assert bodies[0].startswith("counts/2: held: 9,786 more: 1,084 → 10,870 ")
    assert "counts/dead" not in bodies[0]
