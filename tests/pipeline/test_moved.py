"""An address that is answered from elsewhere is told when that begins, changes and ends, and what to write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from model import Fetched, Instant
from sources.web.redirects import led_elsewhere, tell_way
from tests.pipeline.desks import PAPER, define, desk, table, tallybook
from tests.sources.publisher import Publisher

PLAIN = {"Content-Type": "text/csv"}
CSV = {"Content-Type": "text/csv", "ETag": '"1"'}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


def refresh(home: Path, day: int, source: str = "daily") -> Outcome:
    with desk(home, Instant(f"2025-02-{day:02}T06:00:00Z")) as opened:
        return refresh_source(opened, opened.catalogue[source])


def told(home: Path) -> list[tuple[str, list[tuple[str, str]]]]:
    """(update, results and messages of what is said of the way) of every update, oldest first."""
    with desk(home) as opened:
        return [
            (one.update, [(check.result, check.message) for check in one.checks if check.name == "redirected"])
            for one in reversed(opened.ledger.views.log())
        ]


@pytest.mark.parametrize("headers", [CSV, PLAIN])
def test_a_move_for_good_is_told_when_it_begins_changes_and_ends_though_no_figure_does(
    tmp_path: Path, publisher: Publisher, headers: dict[str, str]
) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    for path in ("/daily.csv", "/new.csv", "/newer.csv"):
        publisher.page(path, table(3), headers=headers)
    refresh(tmp_path, 1)
    publisher.redirect("/daily.csv", publisher.url("/new.csv"), status=301)
    first = [refresh(tmp_path, day) for day in (2, 3, 4)]
    assert [one.update for one in first] == ["daily/2", None, None]
    assert {one.state for one in first} == {"unchanged"}
    assert f"write `url: {publisher.url('/new.csv')}` in the definition" in first[2].message, (
        "status goes on telling it"
    )
    publisher.redirect("/daily.csv", publisher.url("/newer.csv"), status=308)
    assert [refresh(tmp_path, day).update for day in (5, 6)] == ["daily/3", None]
    publisher.page("/daily.csv", table(3), headers=headers)
    assert [refresh(tmp_path, day).update for day in (7, 8)] == ["daily/4", None]
    begun, changed, ended = (
        f"{publisher.url('/daily.csv')} has moved for good; write `url: {publisher.url(path)}` in the definition"
        for path in ("/new.csv", "/newer.csv", "/newer.csv")
    )
    assert told(tmp_path) == [
        ("daily/1", []),
        ("daily/2", [("warn", begun)]),
        ("daily/3", [("warn", changed)]),
        ("daily/4", [("pass", f"no longer: {ended}")]),
    ]


def test_a_latest_that_leads_to_each_days_file_is_told_once_and_another_page_too(
    tmp_path: Path, publisher: Publisher
) -> None:
    define(tmp_path, "daily", publisher.url("/latest"))
    for day in range(1, 6):
        publisher.page(f"/files/2025-02-{day:02}.csv", table(2 + day), headers=PLAIN)
        publisher.redirect("/latest", publisher.url(f"/files/2025-02-{day:02}.csv?signed={day}"), status=302)
        publisher.page(f"/files/2025-02-{day:02}.csv?signed={day}", table(2 + day), headers=PLAIN)
        assert refresh(tmp_path, day).state == "changed"
    publisher.redirect("/latest", publisher.url("/elsewhere"), status=302)
    publisher.page("/elsewhere", table(7), headers=PLAIN)
    refresh(tmp_path, 6)
    assert [(name, [result for result, _ in ways]) for name, ways in told(tmp_path)] == [
        ("daily/1", ["warn"]),
        *((f"daily/{number}", []) for number in range(2, 6)),
        ("daily/6", ["warn"]),
    ]
    assert told(tmp_path)[0][1][0][1] == f"{publisher.url('/latest')} is answered from {publisher.url('/files/…')}"


def test_a_page_saved_by_hand_and_a_reading_again_say_nothing_of_the_way(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.redirect("/daily.csv", publisher.url("/new.csv"), status=301)
    publisher.page("/new.csv", table(3), headers=CSV)
    refresh(tmp_path, 1)
    figures = [{"id": "tanks", "column": "guns"}, {"id": "guns", "column": "guns"}]
    define(tmp_path, "daily", publisher.url("/daily.csv"), figures=figures)
    refresh(tmp_path, 2)
    saved = tmp_path / "saved.csv"
    saved.write_bytes(table(4))
    by_hand = ["manual", "daily", str(saved), "--from", "https://example.org/", "--by", "me"]
    assert tallybook(tmp_path, *by_hand).returncode in (0, 3)
    assert [ways for _, ways in told(tmp_path)[1:]] == [[], []]


def test_a_listing_that_moved_is_told_once_and_its_links_are_of_where_it_is(
    tmp_path: Path, publisher: Publisher
) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    series = [{"id": "killed", "match": {"measure": "killed", "kind": "total"}}]
    made = PAPER | {"series": series, "listing": {"url": publisher.url("/news"), "links": "main a"}}
    (folder / "paper.yml").write_text(yaml.safe_dump(made))
    page = b"<html><body><main><a href='a'>a</a></main></body></html>"
    publisher.page("/news", page, headers={"Content-Type": "text/html", "ETag": '"1"'})
    publisher.page("/press/news", page, headers={"Content-Type": "text/html", "ETag": '"1"'})
    for path in ("/a", "/press/a"):
        publisher.page(path, b"<html><body><p>At least 119,154 Russian soldiers have been killed.</p></body></html>")
    assert refresh(tmp_path, 1, "paper").notes == ()
    publisher.redirect("/news", publisher.url("/press/news"), status=301)
    days = [refresh(tmp_path, day, "paper") for day in (2, 3, 4)]
    assert [[note.what for note in one.notes] for one in days] == [["moved"], [], []]
    assert f"write `listing.url: {publisher.url('/press/news')}` in the definition" in days[0].told
    assert any(one.path == "/press/a" for one in publisher.requests)
    assert [one.headers.get("if-none-match") for one in publisher.requests if one.path == "/press/news"] == ['"1"'] * 3
    publisher.page("/news", page, headers={"Content-Type": "text/html"})
    assert [note.message for note in refresh(tmp_path, 5, "paper").notes] == [
        f"{publisher.url('/news')} leads nowhere else any more"
    ]


@pytest.mark.parametrize(
    ("asked", "found", "elsewhere"),
    [
        ("http://a.org/x", "https://a.org/x/", False),
        ("http://a.org:80/x", "https://a.org:443/x?y=1", False),
        ("http://A.org/x%20y", "http://a.org/x%20y#z", False),
        ("http://a.org", "http://a.org/", False),
        ("http://a.org/x", "http://www.a.org/x", True),
        ("http://a.org/x", "http://a.org/X", True),
        ("http://a.org:8080/x", "http://a.org/x", True),
        ("http://a.org/x", "http://a.org/", True),
    ],
)
def test_another_host_or_path_is_another_place_and_nothing_else_is(asked: str, found: str, elsewhere: bool) -> None:
    assert led_elsewhere(asked, found) is elsewhere


def test_what_follows_a_passing_redirect_says_nothing_of_where_the_address_moved(
    tmp_path: Path, publisher: Publisher
) -> None:
    define(tmp_path, "daily", publisher.url("/a"))
    publisher.redirect("/a", publisher.url("/b"), status=301)
    publisher.redirect("/b", publisher.url("/c"), status=302)
    publisher.redirect("/c", publisher.url("/d"), status=301)
    publisher.page("/d", table(3), headers=CSV)
    refresh(tmp_path, 1)
    assert f"write `url: {publisher.url('/b')}`" in told(tmp_path)[0][1][0][1]


def test_secrets_and_long_addresses_stay_out_of_what_is_told() -> None:
    fetched = Fetched(
        url="https://b.org/x", at=Instant("2025-01-01T00:00:00Z"), status=200, content=b"",
        moved=f"https://u:p@b.org/{'x' * 900}?api_key=abcdef123456",
    )  # fmt: skip
    message = tell_way("https://a.org/y?token=abcdef123456", fetched)
    assert "abcdef123456" not in message
    assert "u:p" not in message
    assert len(message) < 500
