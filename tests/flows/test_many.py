"""Many sources in one run: hosts side by side, and no source's failure reaches another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.batches import refresh_all
from flows.desk import Desk
from flows.outcomes import Outcome
from model import Source
from tests.pipeline.desks import define, desk, table
from tests.sources.publisher import Publisher


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


def refreshed(home: Path, **changes: object) -> tuple[list[Outcome], list[str]]:
    """The outcomes of all sources, and the order in which they were told."""
    told: list[str] = []
    with desk(home, **changes) as opened:
        sources = opened.catalogue.require(opened.catalogue.ids())
        return refresh_all(opened, sources, tell=lambda outcome: told.append(outcome.source)), told


def test_one_bad_source_in_three_harms_no_other(tmp_path: Path, publisher: Publisher) -> None:
    publisher.page("/bad", b"date,tanks\n2025")
    publisher.page("/good", table(3))
    for number in range(30):
        define(tmp_path, f"s{number:02}", publisher.url("/bad" if number % 3 == 0 else "/good"))
    outcomes, told = refreshed(tmp_path)
    assert [outcome.source for outcome in outcomes] == [f"s{number:02}" for number in range(30)]
    assert [outcome.state for outcome in outcomes] == ["failed", "changed", "changed"] * 10
    assert sorted(told) == [outcome.source for outcome in outcomes]
    with desk(tmp_path) as opened:
        assert list(opened.ledger.verify()) == []
        assert len(opened.ledger.standings()) == 30


def test_hosts_are_asked_side_by_side_and_a_host_one_at_a_time(tmp_path: Path, publisher: Publisher) -> None:
    for number in range(8):
        publisher.slow(f"/{number}", table(3), seconds=0.3)
    for number in range(8):
        define(tmp_path, f"s{number}", publisher.url(f"/{number}", host=("127.0.0.1", "localhost")[number % 2]))
    with desk(tmp_path) as opened:
        assert opened.ledger.views.log() == []
    assert {outcome.state for outcome in refreshed(tmp_path)[0]} == {"changed"}
    assert publisher.busiest == {f"127.0.0.1:{publisher.port}": 1, f"localhost:{publisher.port}": 1, "": 2}


def test_who_quotes_another_source_is_read_after_it(tmp_path: Path, publisher: Publisher) -> None:
    publisher.page("/counter", table(3))
    publisher.page("/carrier", b"<html><body><p>31 people were killed on Monday, officials said.</p></body></html>")
    series = [{"id": "killed", "match": {"measure": "killed"}, "counts_as": "counter/tanks"}]
    prose = {
        "extractor": "prose",
        "language": "en",
        "coverage": "latest",
        "series": series,
        "figures": [],
        "as_of": None,
    }
    define(tmp_path, "a_carrier", publisher.url("/carrier"), **prose)
    define(tmp_path, "counter", publisher.url("/counter"))
    assert refreshed(tmp_path)[1] == ["counter", "a_carrier"]


def test_a_bug_that_even_the_pipeline_does_not_catch_stays_with_its_source(
    tmp_path: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    import flows.batches
    from flows.pipeline import refresh_source

    publisher.page("/good", table(3))
    for name in ("a", "b"):
        define(tmp_path, name, publisher.url("/good"))

    def broken(opened: Desk, source: Source, **options: bool) -> Outcome:
        if source.id == "a":
            raise ZeroDivisionError("a bug")
        return refresh_source(opened, source, **options)

    monkeypatch.setattr(flows.batches, "refresh_source", broken)
    assert [outcome.state for outcome in refreshed(tmp_path)[0]] == ["failed", "changed"]
