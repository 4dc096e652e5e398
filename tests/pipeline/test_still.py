"""A look that finds the same bytes again does not make a failed or doubted release well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from flows.status import statuses
from model import Instant
from tests.pipeline.desks import define, desk, table, tallybook
from tests.sources.publisher import Publisher

CSV = {"Content-Type": "text/csv"}
HTML = {"Content-Type": "text/html"}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


def page(home: Path, publisher: Publisher, **changes: Any) -> None:
    """Define a page that states one figure."""
    figure = {"id": "dead", "css": "p", "pattern": r"(?P<value>[\d,]+) people died", "unit": "people"}
    given = {"extractor": "selectors", "coverage": "latest", "as_of": None, "figures": [figure], **changes}
    define(home, "daily", publisher.url("/page"), **given)


def show(publisher: Publisher, body: str, **headers: str) -> None:
    publisher.page("/page", f"<html><body>{body}</body></html>".encode(), headers=HTML | headers)


def refresh(home: Path, day: int) -> Outcome:
    with desk(home, Instant(f"2025-01-{day:02}T06:00:00Z")) as opened:
        return refresh_source(opened, opened.catalogue["daily"])


def stands(home: Path, day: int) -> tuple[str, str]:
    with desk(home, Instant(f"2025-01-{day:02}T07:00:00Z")) as opened:
        (status,) = statuses(opened)
        return status.state, status.message


def test_a_page_without_its_figure_is_failed_for_as_long_as_it_stays_so(tmp_path: Path, publisher: Publisher) -> None:
    page(tmp_path, publisher)
    show(publisher, "<p>So far 40 people died.</p>")
    assert refresh(tmp_path, 3).state == "changed"
    show(publisher, "<p>The dashboard shows the figures.</p>", ETag='"one"')
    assert refresh(tmp_path, 4).state == "failed"
    for day in (5, 6):
        outcome = refresh(tmp_path, day)
        assert (outcome.state, outcome.update) == ("failed", None)
        assert "still nothing extracted" in outcome.message
        state, message = stands(tmp_path, day)
        assert state == "failed"
        assert message.endswith(f"not read since 2025-01-03T06:00:00Z: {outcome.message}")
    with desk(tmp_path) as opened:
        assert opened.ledger.standings()[0].last_success == "2025-01-03T06:00:00Z"
        assert opened.ledger.standings()[0].updates == 2
    done = tallybook(tmp_path, "refresh", "daily")
    assert done.returncode == 1
    assert "still nothing extracted" in done.stderr
    show(publisher, "<p>So far 41 people died.</p>")
    assert refresh(tmp_path, 7).state == "changed"
    assert refresh(tmp_path, 8).state == "unchanged"


@pytest.mark.parametrize("tag", [{}, {"ETag": '"one"'}], ids=["fetched again", "not modified"])
def test_what_is_held_is_held_until_a_person_answers(tmp_path: Path, publisher: Publisher, tag: dict[str, str]) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.page("/daily.csv", table(20), headers=CSV)
    refresh(tmp_path, 20)
    publisher.page("/daily.csv", table(20) + b"2025-01-21,50,92\n", headers=CSV | tag)
    held = refresh(tmp_path, 21)
    assert held.state == "held"
    again = refresh(tmp_path, 22)
    assert (again.state, again.update) == ("held", None)
    assert "still held: daily/tanks: falls by 110" in again.message
    assert stands(tmp_path, 22) == ("held", again.message)
    assert tallybook(tmp_path, "refresh", "daily").returncode == 3
    with desk(tmp_path) as opened:
        opened.ledger.decide("daily", held.update or "", "accept", who="a desk", why="they say so")
    assert refresh(tmp_path, 23).state == "unchanged"
    assert stands(tmp_path, 23)[0] == "unchanged"


def test_a_page_in_doubt_whose_figures_did_not_change_stays_in_doubt(tmp_path: Path, publisher: Publisher) -> None:
    page(tmp_path, publisher, expect={"figures": [1, 1]}, coverage="full", extractor="csv", as_of={"column": "date"},
         figures=[{"id": "tanks", "column": "tanks"}])  # fmt: skip
    publisher.page("/page", b"date,tanks\n2025-01-01,5\n", headers=CSV)
    assert refresh(tmp_path, 3).state == "changed"
    publisher.page("/page", b"date,tanks\n2025-01-01,5\n2025-01-02,5\n2025-01-02,6\n", headers=CSV)
    assert refresh(tmp_path, 4).state == "held"
    assert refresh(tmp_path, 5).state == "held"
    state, message = stands(tmp_path, 5)
    assert state == "held"
    assert "stated twice with different values" in message


def test_a_figure_that_a_page_leaves_out_is_told_at_every_look(tmp_path: Path, publisher: Publisher) -> None:
    figures = [
        {"id": "dead", "css": "p", "pattern": r"(?P<value>[\d,]+) people died"},
        {"id": "hurt", "css": "p", "pattern": r"(?P<value>[\d,]+) people were hurt"},
    ]
    page(tmp_path, publisher, figures=figures)
    show(publisher, "<p>So far 40 people died.</p><p>90 people were hurt.</p>")
    refresh(tmp_path, 3)
    show(publisher, "<p>So far 41 people died.</p>")
    for day, state in ((4, "changed"), (5, "unchanged")):
        outcome = refresh(tmp_path, day)
        assert outcome.state == state
        assert "hurt is not stated in this release" in outcome.message
        assert stands(tmp_path, day) == ("changed" if day == 4 else "unchanged", outcome.message)


@pytest.mark.parametrize("cell", ["*" * 60 + " see note", "9" * 400, "n/a?", "5-4-3", ""])
def test_a_cell_that_is_no_number_opens_no_series_and_the_ledger_verifies(tmp_path: Path, cell: str) -> None:
    with Publisher() as publisher:
        define(tmp_path, "daily", publisher.url("/x.csv"), by={"whom": "place"})
        publisher.page("/x.csv", f"date,place,tanks,guns\n2025-01-01,A,{cell},7\n2025-01-01,B,{cell},\n".encode())
        for _ in range(2):
            with desk(tmp_path) as opened:
                refresh_source(opened, opened.catalogue["daily"])
                assert list(opened.ledger.verify()) == []
                assert [one.series for one in opened.ledger.views.find_series()] == ["daily/guns/a"]
        publisher.page("/x.csv", b"date,place,tanks,guns\n2025-01-02,A,5,7\n2025-01-02,B,6,8\n")
        with desk(tmp_path) as opened:
            refresh_source(opened, opened.catalogue["daily"])
            assert list(opened.ledger.verify()) == []
            assert len(opened.ledger.views.find_series()) == 4
