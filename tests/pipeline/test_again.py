"""Releases that a listing led to are looked at again, ever more seldom; what is edited in silence is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.fetching.again import AT_ONCE
from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from model import Instant, instant
from tests.pipeline.desks import PAPER, desk
from tests.sources.publisher import Publisher

FIRST = dt.datetime(2025, 8, 1, 9, tzinfo=dt.UTC)
SERIES = [{"id": "killed", "match": {"measure": "killed", "kind": "total", "whom": ["Russian"]}}]


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


def follow(home: Path, publisher: Publisher, **listing: Any) -> None:
    folder = home / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    made = PAPER | {"series": SERIES, "listing": {"url": publisher.url("/feed")} | listing}
    (folder / "paper.yml").write_text(yaml.safe_dump(made), encoding="utf-8")


def feed(publisher: Publisher, *paths: str, dated: bool = True) -> None:
    """Serve a feed, newest first; the last is of 31 July 2025, the one before of 1 August, and so on."""
    entries = ""
    for back, path in enumerate(reversed(paths)):
        day = FIRST - dt.timedelta(days=1) + dt.timedelta(days=back)
        stamp = f"<pubDate>{day:%d %b %Y} 06:00:00 GMT</pubDate>" if dated else ""
        entries = f"<item><title>t</title><link>{publisher.url(path)}</link>{stamp}</item>" + entries
    content = f"<rss version='2.0'><channel><title>x</title>{entries}</channel></rss>".encode()
    publisher.page("/feed", content, headers={"Content-Type": "application/rss+xml"})


def article(publisher: Publisher, path: str, sentence: str, *, noise: str = "", tagged: bool = True) -> None:
    page = f"<html><head>{noise}</head><body><article><p>{sentence}</p></article></body></html>"
    headers = {"ETag": f'"{hash(page)}"'} if tagged else {}
    publisher.page(path, page.encode(), headers={"Content-Type": "text/html"} | headers)


def count(publisher: Publisher, path: str, number: str, **given: Any) -> None:
    article(publisher, path, f"At least {number} Russian soldiers have been killed, the outlet said.", **given)


def refresh(home: Path, days: float, **settings: Any) -> Outcome:
    """Look at the source so many days after the first of August 2025, with a desk of its own: nothing is remembered."""
    with desk(home, instant(FIRST + dt.timedelta(days=days)), **settings) as opened:
        assert not opened.catalogue.problems, opened.catalogue.problems
        return refresh_source(opened, opened.catalogue["paper"])


def asked(publisher: Publisher, path: str) -> int:
    return sum(one.path == path for one in publisher.requests)


def killed(home: Path) -> list[tuple[str, int]]:
    with desk(home) as opened:
        return [(row.as_of, int(row.value or 0)) for row in opened.ledger.views.table()]


def changes(home: Path) -> list[list[tuple[str, str, Any, Any]]]:
    """(kind, as-of, before, after) of every change of each update, newest first."""
    with desk(home) as opened:
        return [
            [
                (one.kind, one.as_of, one.old and int(one.old.value or 0), one.new and int(one.new.value or 0))
                for one in update.changes
            ]
            for update in opened.ledger.views.log()
        ]  # fmt: skip


def test_looks_come_after_1_2_and_4_days_then_in_equal_steps_whoever_restarts(
    tmp_path: Path, publisher: Publisher
) -> None:
    follow(tmp_path, publisher, again_days=4)
    feed(publisher, "/a")
    count(publisher, "/a", "119,154")
    days = []
    for day in range(20):
        before = asked(publisher, "/a")
        assert refresh(tmp_path, day).state in ("changed", "unchanged")
        days += [day] * (asked(publisher, "/a") - before)
    assert days == [0, 1, 3, 7, 11, 15, 19]
    conditional = ["if-none-match" in one.headers for one in publisher.requests if one.path == "/a"]
    assert conditional == [False, True, True, True, False, True, True]


def test_a_minute_early_is_no_reason_to_wait_another_day(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, "/a")
    count(publisher, "/a", "119,154")
    for days in (0, 0.5, 0.96):
        refresh(tmp_path, days)
    assert asked(publisher, "/a") == 2


@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("tagged", [True, False])
def test_a_silent_edit_is_a_revision_of_the_day_that_the_release_had_each_time(
    tmp_path: Path, publisher: Publisher, dated: bool, tagged: bool
) -> None:
    follow(tmp_path, publisher)
    feed(publisher, "/a", dated=dated)
    count(publisher, "/a", "119,154", tagged=tagged)
    refresh(tmp_path, 0)
    day = killed(tmp_path)[0][0]
    feed(publisher, "/b", "/a", dated=dated)
    count(publisher, "/b", "121,507")
    refresh(tmp_path, 2)
    count(publisher, "/a", "119,164", tagged=tagged)
    feed(publisher, "/b", dated=dated)
    assert refresh(tmp_path, 5).updates == ("paper/3",)
    assert changes(tmp_path)[0] == [("revised", day, 119154, 119164)]
    count(publisher, "/a", "119,170", tagged=tagged)
    assert refresh(tmp_path, 6).updates == ("paper/4",), "what was edited once is soon looked at again"
    assert changes(tmp_path)[0] == [("revised", day, 119164, 119170)]
    count(publisher, "/a", "119,154", tagged=tagged)
    refresh(tmp_path, 7)
    assert changes(tmp_path)[0] == [("revised", day, 119170, 119154)]
    assert [one[0] for one in killed(tmp_path)] == sorted({one[0] for one in killed(tmp_path)})


def test_words_that_change_around_the_figures_are_no_update(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, "/a")
    count(publisher, "/a", "119,154")
    refresh(tmp_path, 0)
    article(publisher, "/a", "At least 119,154 Russian soldiers have been killed, the outlet says. A typo was mended.")
    assert refresh(tmp_path, 1).updates == ()
    assert len(changes(tmp_path)) == 1


def test_noise_around_the_text_is_no_edit_and_slows_the_looks_down_too(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, "/a", "/none")
    for day in range(9):
        noise = f"<meta name='nonce' content='{day}'>"
        count(publisher, "/a", "119,154", noise=noise, tagged=False)
        article(publisher, "/none", "The weather was fine.", noise=noise, tagged=False)
        assert refresh(tmp_path, day).state == ("unchanged" if day else "changed")
    assert asked(publisher, "/a") == asked(publisher, "/none") == 4


def test_an_article_that_gets_its_figure_later_has_its_first_day(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, "/a", dated=False)
    article(publisher, "/a", "More will be known soon.")
    assert refresh(tmp_path, 0).updates == ()
    count(publisher, "/a", "119,154")
    assert refresh(tmp_path, 3).updates == ("paper/1",)
    assert killed(tmp_path) == [("2025-08-01", 119154)]


@pytest.mark.parametrize("status", [404, 410])
def test_a_release_that_disappears_is_told_once_and_withdraws_nothing(
    tmp_path: Path, publisher: Publisher, status: int
) -> None:
    follow(tmp_path, publisher)
    feed(publisher, "/b", "/a")
    count(publisher, "/a", "119,154")
    count(publisher, "/b", "121,507")
    refresh(tmp_path, 0)
    before = killed(tmp_path)
    publisher.page("/a", b"no such page", status=status)
    told = {day: refresh(tmp_path, day) for day in range(1, 12)}
    assert all((one.state, one.updates) == ("unchanged", ()) for one in told.values())
    assert {day: [note.what for note in one.notes] for day, one in told.items() if one.notes} == {1: ["gone"]}
    assert "/a is no longer there, and what was read there stays" in told[1].told
    assert killed(tmp_path) == before
    assert asked(publisher, "/a") == 4, "it is asked for as seldom as any other"
    count(publisher, "/a", "119,154")
    back = [note.message for day in range(12, 20) for note in refresh(tmp_path, day).notes]
    assert [message.partition("/a ")[2] for message in back] == ["is there again; it was gone since 2025-08-02"]


def test_a_release_that_comes_back_as_another_is_an_edit(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, "/a")
    count(publisher, "/a", "119,154")
    refresh(tmp_path, 0)
    publisher.withdraw("/a")
    refresh(tmp_path, 1)
    count(publisher, "/a", "119,164")
    assert refresh(tmp_path, 3).updates == ("paper/2",)
    assert changes(tmp_path)[0] == [("revised", "2025-07-31", 119154, 119164)]


def test_a_release_that_leads_to_another_page_is_no_edit_and_told_once(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, "/a")
    count(publisher, "/a", "119,154")
    count(publisher, "/home", "150,000")
    refresh(tmp_path, 0)
    publisher.redirect("/a", publisher.url("/home"))
    told = {day: refresh(tmp_path, day) for day in range(1, 9)}
    assert {day: [note.what for note in one.notes] for day, one in told.items() if one.notes} == {1: ["moved"]}
    assert "leads to " + publisher.url("/home") in told[1].told
    assert killed(tmp_path) == [("2025-07-31", 119154)]


def test_a_release_that_moved_and_says_what_it_said_is_told_once_and_edited_there(
    tmp_path: Path, publisher: Publisher
) -> None:
    follow(tmp_path, publisher)
    feed(publisher, "/a")
    count(publisher, "/a", "119,154")
    refresh(tmp_path, 0)
    publisher.redirect("/a", publisher.url("/new/a"))
    count(publisher, "/new/a", "119,154")
    told = {day: refresh(tmp_path, day) for day in range(1, 9)}
    assert [day for day, one in told.items() if one.notes] == [1]
    count(publisher, "/new/a", "119,164")
    assert refresh(tmp_path, 16).updates == ("paper/2",)


def test_what_cannot_be_had_fails_nothing_and_does_not_come_at_every_turn(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, "/a")
    count(publisher, "/a", "119,154")
    refresh(tmp_path, 0)
    publisher.page("/a", b"oops", status=500)
    told = {day: refresh(tmp_path, day) for day in range(1, 9)}
    assert {one.state for one in told.values()} == {"unchanged"}
    assert [day for day, one in told.items() if one.notes] == [1, 3, 7]
    assert "/a could not be looked at again" in told[1].told


def test_an_edit_that_cannot_be_read_fails_by_name_and_stays_due(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, "/a")
    count(publisher, "/a", "119,154")
    refresh(tmp_path, 0)
    publisher.page("/a", b"%PDF-1.4 broken", headers={"Content-Type": "application/pdf", "ETag": '"x"'})
    assert refresh(tmp_path, 1).state == "failed"
    assert refresh(tmp_path, 2).state == "unchanged"
    assert refresh(tmp_path, 3).state == "failed"
    assert killed(tmp_path) == [("2025-07-31", 119154)]


def test_who_turns_us_away_is_left_alone(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, "/b", "/a")
    count(publisher, "/a", "119,154")
    count(publisher, "/b", "121,507")
    refresh(tmp_path, 0)
    before = len(publisher.requests)
    for path in ("/a", "/b"):
        publisher.page(path, b"no", status=403)
    assert refresh(tmp_path, 1).state == "blocked"
    assert len(publisher.requests) - before == 2


def test_a_look_at_many_is_bounded_and_nobody_is_left_out(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher, newest=25, again=22)
    paths = [f"/{at}" for at in range(25)]
    feed(publisher, *paths)
    for at, path in enumerate(paths):
        article(publisher, path, f"The weather was fine on {at}.")
    refresh(tmp_path, 0)
    for day in (1, 2):
        before = len(publisher.requests)
        refresh(tmp_path, day)
        assert len(publisher.requests) - before <= AT_ONCE + 1
    again = {path for path in paths if asked(publisher, path) > 1}
    assert again == set(paths[:22])


def test_a_reader_that_changed_meanwhile_corrects_itself_first(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    path = tmp_path / "sources" / "paper.yml"
    path.write_text(path.read_text().replace("Russian", "civilians"))
    both = "At least {} Russian soldiers have been killed. At least 500 Ukrainian civilians have been killed."
    feed(publisher, "/b", "/a")
    article(publisher, "/a", both.format("119,154"))
    article(publisher, "/b", both.format("121,507"))
    refresh(tmp_path, 0)
    path.write_text(path.read_text().replace("civilians", "Russian"))
    article(publisher, "/a", both.format("119,164"))
    outcome = refresh(tmp_path, 1)
    assert (outcome.update, outcome.corrected) == ("paper/4", ("paper/2", "paper/3"))
    assert changes(tmp_path)[:2] == [
        [("revised", "2025-07-31", 119154, 119164)],
        [("revised", "2025-07-31", 500, 119154)],
    ]
    with desk(tmp_path) as opened:
        whys = [change.why for update in opened.ledger.views.log()[:2] for change in update.changes]
    assert whys == ["source", "extraction"]


def test_an_earlier_ledger_s_listed_releases_are_looked_at_too(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, "/a")
    count(publisher, "/a", "119,154")
    refresh(tmp_path, 0)
    with desk(tmp_path) as opened, opened.ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE fetches SET headers = '{}'")
    count(publisher, "/a", "119,164")
    assert refresh(tmp_path, 1).updates == ("paper/2",)
    assert changes(tmp_path)[0] == [("revised", "2025-07-31", 119154, 119164)]


def test_none_is_looked_at_again_where_the_definition_says_so(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher, again=0)
    feed(publisher, "/a")
    count(publisher, "/a", "119,154")
    for day in range(5):
        refresh(tmp_path, day)
    assert asked(publisher, "/a") == 1


def test_the_instant_of_a_look_is_the_clock_s(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, "/a")
    count(publisher, "/a", "119,154")
    refresh(tmp_path, 0)
    refresh(tmp_path, 1)
    with desk(tmp_path) as opened:
        [last] = opened.ledger.marked_attempts(opened.catalogue["paper"], "Tallybook-Looks")
    assert (last.at, last.status, last.headers["Tallybook-Looks"]) == (Instant("2025-08-02T09:00:00Z"), 304, "1")
