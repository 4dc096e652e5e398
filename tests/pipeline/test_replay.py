"""Replay: archived bytes read again; what differs is our own reading's, proved by the bytes, and never news."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from flows.past.replay import replay_source
from flows.pipeline import refresh_source
from model import Instant
from tests.pipeline.desks import define, desk, table, tallybook
from tests.sources.publisher import Publisher

PAGE = "<html><body><h1>{} January 2025</h1><p>{} tanks and {} guns were lost.</p></body></html>"
AS_OF = {"css": "h1", "pattern": r"(?P<as_of>\d+ \w+ \d+)", "format": "%d %B %Y"}
MISREAD = [{"id": "tanks", "css": "p", "pattern": r"(?P<value>\d+) guns"}]
READ = [{"id": "tanks", "css": "p", "pattern": r"(?P<value>[\d,]+) tanks"}]
MORE = [*READ, {"id": "guns", "css": "p", "pattern": r"(?P<value>[\d,]+) guns"}]


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, publisher: Publisher) -> Path:
    """Three pages, read by a pattern that takes the guns for tanks."""
    say(tmp_path, publisher, MISREAD)
    for day, tanks in ((1, "1,001"), (2, "1,002"), (3, "1,003")):
        publisher.page("/", PAGE.format(day, tanks, day).encode(), headers={"Content-Type": "text/html"})
        with desk(tmp_path, Instant(f"2025-01-0{day}T06:00:00Z")) as opened:
            refresh_source(opened, opened.catalogue["page"])
    return tmp_path


def say(home: Path, publisher: Publisher, figures: list[dict[str, str]]) -> None:
    written = {"as_of": AS_OF, "figures": figures, "numbers": {"decimal": "."}}
    define(home, "page", publisher.url("/"), extractor="selectors", coverage="latest", **written)


def values(home: Path) -> dict[tuple[str, str], Decimal | None]:
    with desk(home) as opened:
        return {(row.series, row.as_of): row.value for row in opened.ledger.views.table()}


def test_an_unchanged_reader_changes_nothing_and_makes_no_update(home: Path) -> None:
    with desk(home) as opened:
        done = replay_source(opened, opened.catalogue["page"])
    assert (done.releases, done.updates, done.changes) == (3, (), ())


@pytest.mark.parametrize("then", [READ, MORE])
def test_reading_again_settles_no_doubt_that_the_reader_itself_has(
    tmp_path: Path, publisher: Publisher, then: list[dict[str, str]]
) -> None:
    # Nothing says whether 1,001 is a thousand and one, or one: held at every reading, whichever command reads.
    define(tmp_path, "page", publisher.url("/"), extractor="selectors", coverage="latest", as_of=AS_OF, figures=READ)
    for day in (1, 2):
        publisher.page("/", PAGE.format(day, f"1,00{day}", day).encode(), headers={"Content-Type": "text/html"})
        with desk(tmp_path, Instant(f"2025-01-0{day}T06:00:00Z")) as opened:
            assert refresh_source(opened, opened.catalogue["page"]).state == "held"
    define(tmp_path, "page", publisher.url("/"), extractor="selectors", coverage="latest", as_of=AS_OF, figures=then)
    with desk(tmp_path) as opened:
        done = replay_source(opened, opened.catalogue["page"])
    assert (done.releases, done.updates, done.changes) == (2, (), ())
    assert values(tmp_path) == {}


def test_an_improved_reader_yields_extraction_changes_alone_each_proved_by_its_own_bytes(
    home: Path, publisher: Publisher
) -> None:
    assert values(home)["page/tanks", "2025-01-02"] == 2
    say(home, publisher, READ)
    with desk(home) as opened:
        done = replay_source(opened, opened.catalogue["page"])
        updates = [opened.ledger.views.update(name) for name in done.updates]
        assert [update.known_at for update in updates] == [f"2025-01-0{day}T06:00:00Z" for day in (1, 2, 3)]
        for update, number in zip(updates, ("1,001", "1,002", "1,003"), strict=True):
            (change,) = update.changes
            assert (change.why, change.kind, update.cause) == ("extraction", "revised", "replay")
            assert change.new is not None
            assert change.new.number_text == number
        assert list(opened.ledger.verify()) == []
    assert values(home)["page/tanks", "2025-01-02"] == 1002


def test_after_a_replay_the_next_release_is_compared_with_what_was_read_again(home: Path, publisher: Publisher) -> None:
    say(home, publisher, READ)
    publisher.page("/", PAGE.format(4, "1,004", 4).encode(), headers={"Content-Type": "text/html"})
    with desk(home, Instant("2025-01-04T06:00:00Z")) as opened:
        replay_source(opened, opened.catalogue["page"])
        refresh_source(opened, opened.catalogue["page"])
        newest = opened.ledger.views.log(limit=1)[0]
    assert [(change.kind, change.why, change.difference) for change in newest.changes] == [("new", "source", 1)]


def test_a_dry_run_says_the_same_and_writes_nothing(home: Path, publisher: Publisher) -> None:
    say(home, publisher, MORE)
    before = values(home)
    with desk(home) as opened:
        would = replay_source(opened, opened.catalogue["page"], dry_run=True)
    assert (len(would.changes), would.updates) == (6, ())
    assert values(home) == before
    with desk(home) as opened:
        done = replay_source(opened, opened.catalogue["page"])
        assert list(opened.ledger.verify()) == []
    assert done.changes == would.changes
    assert values(home)["page/guns", "2025-01-03"] == 3


def test_what_a_person_decided_stays(home: Path, publisher: Publisher) -> None:
    with desk(home) as opened:
        opened.ledger.decide(
            "page", "page/2", "correct", who="Ann", why="w", series="page/tanks", as_of="2025-01-02", value="1000"
        )
    say(home, publisher, READ)
    with desk(home) as opened:
        replay_source(opened, opened.catalogue["page"])
    assert values(home) == {
        ("page/tanks", "2025-01-01"): 1001,
        ("page/tanks", "2025-01-02"): 1000,
        ("page/tanks", "2025-01-03"): 1003,
    }


def test_a_table_whose_past_was_revised_and_withdrawn_replays_to_itself(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    contents = (
        table(9),
        table(9, tanks=101),
        table(7),
        b"date,tanks,guns\n2025-01-05,,7\n" + table(12)[16:],
        table(12),
    )
    for day, content in enumerate(contents, start=12):
        publisher.page("/daily.csv", content, headers={"Content-Type": "text/csv"})
        with desk(tmp_path, Instant(f"2025-01-{day}T06:00:00Z")) as opened:
            refresh_source(opened, opened.catalogue["daily"])
    with desk(tmp_path) as opened:
        assert replay_source(opened, opened.catalogue["daily"]).changes == ()


def test_the_command_names_what_it_made(home: Path, publisher: Publisher) -> None:
    say(home, publisher, READ)
    done = tallybook(home, "replay", "page")
    assert done.returncode == 4
    assert "3 releases read again, 3 values changed, recorded as page/4, page/5, page/6" in done.stderr
    assert "our reading corrected" in done.stdout
    assert tallybook(home, "replay", "page").returncode == 0


ARTICLE = """<html><body><main>
<div class="report"><p>By 31 July 2025 the ministry had confirmed the deaths of {} people,
it said. The mine is closed, and nobody knows for how long.</p></div>
<div class="older"><p>By 31 July 2025 the union had confirmed the deaths of 99 people.</p></div></main></body></html>"""


def test_another_place_for_the_text_of_a_page_is_our_reading_and_not_the_publishers_news(
    tmp_path: Path, publisher: Publisher
) -> None:
    followed = [{"id": "men", "match": {"measure": "killed"}}]
    publisher.page("/", ARTICLE.format(63).encode(), headers={"Content-Type": "text/html"})
    for text in ({"css": ".older"}, {"css": ".report"}):
        define(
            tmp_path,
            "mine",
            publisher.url("/"),
            extractor="prose",
            coverage="latest",
            series=followed,
            text=text,
            figures=[],
            as_of=None,
        )
        with desk(tmp_path) as opened:
            refresh_source(opened, opened.catalogue["mine"])
    with desk(tmp_path) as opened:
        why = {change.why for update in opened.ledger.views.log("mine") for change in update.changes}
    assert why == {"source", "extraction"}
    assert values(tmp_path)["mine/men", "2025-07-31"] == 63
