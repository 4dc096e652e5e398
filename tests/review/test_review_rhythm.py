"""How long a source has been silent, on the pages: as a bar, and in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from starlette.testclient import TestClient

from flows.desk import Desk
from flows.pipeline import refresh_source
from model import Instant
from review.app import create_app
from tests.pipeline.desks import settings
from tests.review.made import CSV, daily_file, office
from tests.review.test_review_pages import soup, words
from tests.sources.publisher import Publisher


@pytest.fixture
def rhythmic(home: Path, publisher: Publisher) -> Iterator[TestClient]:
    """The daily file after releases of every second day, the last of them on 12 August 2025."""
    for day in (4, 6, 8, 10, 12):
        lines = [f"2025-08-{one:02},{11100 + one},{31950 + one}" for one in range(1, day)]
        publisher.page("/daily", daily_file(30, *lines), headers=CSV)
        with Desk(settings(home), lambda day=day: Instant(f"2025-08-{day:02}T06:00:00Z")) as desk:
            refresh_source(desk, desk.catalogue["daily"])
    with office(home) as found, TestClient(create_app(found), base_url="http://127.0.0.1:8400") as client:
        yield client


def marks(page: BeautifulSoup) -> list[float]:
    """Where silence, usual gap and lateness stand on the page's bar, in percent of it."""
    (bar,) = page.select("main svg.clock")
    assert bar["aria-hidden"] == "true"
    return [float(one["x2"].rstrip("%")) for one in bar.select("line")[1:]]


@pytest.mark.parametrize("path", ["/", "/sources/daily"])
@pytest.mark.parametrize(
    ("now", "silent", "told"),
    [
        ("2025-08-13T06:00:00Z", 1, "sually every 2 days, now 1; late from 16 August 2025"),
        ("2025-08-22T18:00:00Z", 10.5, "sually every 2 days, now 10; late since 16 August 2025"),
    ],
)
def test_a_bar_shows_the_silence_over_the_usual_gap_and_the_words_say_it(
    rhythmic: TestClient, monkeypatch: pytest.MonkeyPatch, path: str, now: str, silent: float, told: str
) -> None:
    monkeypatch.setattr("review.render.now", lambda: Instant(now))
    page = soup(rhythmic, path)
    shown, usual, late = marks(page)
    assert (shown / usual, late / usual) == (pytest.approx(silent / 2, rel=0.02), pytest.approx(2, rel=0.02))
    assert max(shown, late) < 100
    assert bool(page.select("svg.clock.over")) == (silent > 4)
    assert told in words(page)
    assert told in words(soup(rhythmic, "/sources"))
