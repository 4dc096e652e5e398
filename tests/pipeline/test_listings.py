"""Discovery through the path: new releases are found, read once and in order, and nothing is silent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from model import Instant
from tests.pipeline.desks import PAPER, desk, tallybook
from tests.sources.publisher import Publisher

XML = {"Content-Type": "application/rss+xml"}
COUNT = PAPER | {
    "series": [{"id": "killed", "match": {"measure": "killed", "kind": "total", "whom": ["Russian"]}}],
}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


def follow(home: Path, publisher: Publisher, **listing: Any) -> None:
    """Define a source of articles, found through its feed unless told otherwise; none is looked at again."""
    folder = home / "sources"
    folder.mkdir(parents=True)
    made = COUNT | {"listing": {"url": publisher.url("/feed"), "again": 0} | listing}
    (folder / "paper.yml").write_text(yaml.safe_dump(made), encoding="utf-8")


def feed(publisher: Publisher, *entries: tuple[str, str], headers: dict[str, str] = XML) -> None:
    """Serve a feed of (path, day in August 2025), newest first as feeds are."""
    items = "".join(
        f"<item><title>t</title><link>{publisher.url(path)}</link><pubDate>{day} Aug 2025 06:00:00 GMT</pubDate></item>"
        for path, day in entries
    )
    content = f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>".encode()
    publisher.page("/feed", content, headers=headers)


def article(publisher: Publisher, path: str, sentence: str, head: str = "") -> None:
    publisher.page(path, f"<html><head>{head}</head><body><article><p>{sentence}</p></article></body></html>".encode())


def count(publisher: Publisher, path: str, number: str) -> None:
    article(publisher, path, f"At least {number} Russian soldiers have been killed, the outlet said.")


def refresh(home: Path, day: int, *, force: bool = False) -> Outcome:
    with desk(home, Instant(f"2025-08-{day:02}T09:00:00Z")) as opened:
        assert not opened.catalogue.problems, opened.catalogue.problems
        return refresh_source(opened, opened.catalogue["paper"], force=force)


def attempts(home: Path) -> list[tuple[str, str, str | None]]:
    """(path, state, reason) of every attempt, oldest first."""
    with desk(home) as opened, opened.ledger.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT url, state, reason FROM fetches ORDER BY id")
        return [("/" + url.split("/", 3)[-1], state, reason) for url, state, reason in rows]


def killed(home: Path) -> list[tuple[str, int]]:
    """(as-of, value) of every accepted observation."""
    with desk(home) as opened:
        return [(row.as_of, int(row.value or 0)) for row in opened.ledger.views.table()]


def test_new_releases_are_read_in_the_order_of_their_publication_and_dated_by_it(
    tmp_path: Path, publisher: Publisher
) -> None:
    follow(tmp_path, publisher)
    feed(publisher, ("/c", "03"), ("/b", "02"), ("/a", "01"))
    for path, number in (("/a", "119,154"), ("/b", "120,000"), ("/c", "121,507")):
        count(publisher, path, number)
    outcome = refresh(tmp_path, 4)
    assert (outcome.state, outcome.updates) == ("changed", ("paper/1", "paper/2", "paper/3"))
    assert killed(tmp_path) == [("2025-08-01", 119154), ("2025-08-02", 120000), ("2025-08-03", 121507)]
    with desk(tmp_path) as opened:
        log = opened.ledger.views.log()
        assert [[change.kind for change in update.changes] for update in log] == [["new"], ["new"], ["first"]]
        assert log[0].changes[0].difference == 1507


def test_what_was_read_is_not_fetched_again_and_the_listing_is_asked_conditionally(
    tmp_path: Path, publisher: Publisher
) -> None:
    follow(tmp_path, publisher)
    feed(publisher, ("/a", "01"), headers=XML | {"ETag": '"f1"'})
    count(publisher, "/a", "119,154")
    refresh(tmp_path, 1)
    assert refresh(tmp_path, 2) == Outcome("paper", "unchanged", None, 0, 0, "no new release")
    feed(publisher, ("/b", "03"), ("/a", "01"), headers=XML | {"ETag": '"f2"'})
    count(publisher, "/b", "121,507")
    assert refresh(tmp_path, 3).updates == ("paper/2",)
    assert [one.path for one in publisher.requests] == ["/feed", "/a", "/feed", "/feed", "/b"]
    assert [one.headers.get("if-none-match") for one in publisher.requests if one.path == "/feed"] == [
        None,
        '"f1"',
        '"f1"',
    ]


def test_the_listings_own_bytes_are_kept_as_evidence(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, ("/a", "01"))
    count(publisher, "/a", "119,154")
    refresh(tmp_path, 1)
    with desk(tmp_path) as opened, opened.ledger.engine.connect() as connection:
        digest = connection.exec_driver_sql("SELECT sha256 FROM fetches WHERE reason = 'the listing'").scalar()
        assert b"<rss" in opened.archive.get(str(digest))


def test_an_article_without_a_followed_figure_is_noted_and_makes_neither_update_nor_failure(
    tmp_path: Path, publisher: Publisher
) -> None:
    follow(tmp_path, publisher)
    feed(publisher, ("/b", "02"), ("/a", "01"))
    article(publisher, "/a", "The weather was fine, and the parade went ahead.")
    article(publisher, "/b", "At least 12 Ukrainian civilians were killed in the strike.")
    assert refresh(tmp_path, 2).state == "unchanged"
    assert attempts(tmp_path) == [
        ("/feed", "unchanged", "the listing"),
        ("/a", "unchanged", "states no followed figure"),
        ("/b", "unchanged", "states no followed figure; 1 of the same measures"),
    ]
    refresh(tmp_path, 3)
    assert [one.path for one in publisher.requests].count("/a") == 1


def test_a_release_that_promises_figures_and_has_none_is_a_failure(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    path = tmp_path / "sources" / "paper.yml"
    path.write_text(path.read_text() + "expect: {figures: [1, 5]}\n")
    feed(publisher, ("/a", "01"))
    article(publisher, "/a", "This page moved.")
    outcome = refresh(tmp_path, 1)
    assert (outcome.state, outcome.updates) == ("failed", ("paper/1",))
    assert "no followed figure" in outcome.message


def test_a_listing_that_lost_its_links_fails_with_a_clear_message(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher)
    outcome = refresh(tmp_path, 1)
    assert outcome.state == "failed"
    assert "has no link" in outcome.message
    assert [state for _, state, _ in attempts(tmp_path)] == ["failed"]


@pytest.mark.parametrize(("status", "state"), [(404, "failed"), (403, "blocked"), (500, "failed")])
def test_a_listing_that_cannot_be_had_is_told_by_its_name(
    tmp_path: Path, publisher: Publisher, status: int, state: str
) -> None:
    follow(tmp_path, publisher)
    publisher.page("/feed", b"no", status=status)
    assert refresh(tmp_path, 1).state == state
    assert [state for _, state, _ in attempts(tmp_path)] == [state]


def test_a_release_that_fails_hides_no_other_and_is_tried_again(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, ("/c", "03"), ("/b", "02"), ("/a", "01"), headers=XML | {"ETag": '"f1"'})
    count(publisher, "/a", "119,154")
    publisher.page("/b", b"oops", status=500)
    count(publisher, "/c", "121,507")
    outcome = refresh(tmp_path, 3)
    assert (outcome.state, outcome.updates) == ("failed", ("paper/1", "paper/2"))
    assert "500" in outcome.message
    with desk(tmp_path) as opened:
        assert opened.ledger.standings()[0].state == "failed"
    count(publisher, "/b", "120,000")
    assert refresh(tmp_path, 4).state == "changed"
    assert killed(tmp_path) == [("2025-08-01", 119154), ("2025-08-02", 120000), ("2025-08-03", 121507)]


def test_a_page_gives_its_own_day_where_the_listing_gives_none(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher, links="main a", url=publisher.url("/index"))
    publisher.page("/index", b'<html><body><main><a href="/a">a</a></main></body></html>')
    sentence = "At least 119,154 Russian soldiers have been killed."
    article(publisher, "/a", sentence, '<meta property="article:published_time" content="2025-07-31T10:00:00Z">')
    refresh(tmp_path, 4)
    with desk(tmp_path) as opened:
        row = opened.ledger.views.table()[0]
        assert (row.as_of, row.as_of_basis) == ("2025-07-31", "published")


def test_only_the_newest_are_read(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher, newest=1)
    feed(publisher, ("/b", "02"), ("/a", "01"))
    count(publisher, "/b", "121,507")
    assert refresh(tmp_path, 2).updates == ("paper/1",)
    assert [one.path for one in publisher.requests] == ["/feed", "/b"]


def test_force_reads_the_newest_again_and_no_other(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, ("/b", "02"), ("/a", "01"))
    count(publisher, "/a", "119,154")
    count(publisher, "/b", "121,507")
    refresh(tmp_path, 2)
    count(publisher, "/b", "121,607")
    assert refresh(tmp_path, 2, force=True).updates == ("paper/3",)
    assert [one.path for one in publisher.requests] == ["/feed", "/a", "/b", "/feed", "/b"]
    assert killed(tmp_path)[-1] == ("2025-08-02", 121607)


def test_a_release_that_moved_is_known_by_the_address_that_was_asked(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher)
    feed(publisher, ("/a", "01"))
    publisher.redirect("/a", publisher.url("/moved"))
    count(publisher, "/moved", "119,154")
    assert [refresh(tmp_path, day).state for day in (1, 2)] == ["changed", "unchanged"]
    assert [one.path for one in publisher.requests] == ["/feed", "/a", "/moved", "/feed"]


def test_a_search_is_asked_with_its_json(tmp_path: Path, publisher: Publisher) -> None:
    follow(
        tmp_path, publisher,
        url=publisher.url("/search"), post='{"size": 5}', links="$.hits[*]", address="/news/{slug}", published="at",
    )  # fmt: skip
    publisher.page("/search", b'{"hits": [{"slug": "a", "at": "2025-08-01"}]}', headers={"Content-Type": "text/json"})
    count(publisher, "/news/a", "119,154")
    assert refresh(tmp_path, 2).state == "changed"
    asked = publisher.requests[0]
    assert (asked.method, asked.body, asked.headers["content-type"]) == ("POST", b'{"size": 5}', "application/json")
    assert killed(tmp_path) == [("2025-08-01", 119154)]


def test_dated_addresses_need_no_page_and_today_may_not_be_there_yet(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher, url=publisher.url("/{date:%Y-%m-%d}"), newest=2)
    count(publisher, "/2025-08-01", "119,154")
    assert refresh(tmp_path, 2).state == "changed"
    assert attempts(tmp_path)[-1] == ("/2025-08-02", "unchanged", "not published (yet)")
    count(publisher, "/2025-08-02", "121,507")
    assert refresh(tmp_path, 2).state == "changed"
    assert killed(tmp_path) == [("2025-08-01", 119154), ("2025-08-02", 121507)]


def test_no_dated_address_at_all_is_a_failure(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher, url=publisher.url("/{date:%Y-%m-%d}"), newest=2)
    outcome = refresh(tmp_path, 9)
    assert (outcome.state, "none of the last 2 dated addresses" in outcome.message) == ("failed", True)


def test_an_index_of_sitemaps_is_followed(tmp_path: Path, publisher: Publisher) -> None:
    follow(tmp_path, publisher, url=publisher.url("/sitemap.xml"), links="/news/")
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    index = f"<sitemapindex {space}><sitemap><loc>{publisher.url('/one.xml')}</loc></sitemap></sitemapindex>"
    one = f"<urlset {space}><url><loc>{publisher.url('/news/a')}</loc></url></urlset>"
    publisher.page("/sitemap.xml", index.encode(), headers=XML)
    publisher.page("/one.xml", one.encode(), headers=XML)
    count(publisher, "/news/a", "119,154")
    assert refresh(tmp_path, 2).state == "changed"
    assert [one.path for one in publisher.requests] == ["/sitemap.xml", "/one.xml", "/news/a"]


MORE = "{} more Russian soldiers were killed, the outlet said."
SERIES = [{"id": "killed", "match": {"measure": "killed", "kind": "change", "whom": ["Russian"]}}]


def counting(home: Path, publisher: Publisher, **listing: Any) -> None:
    follow(home, publisher, **listing)
    path = home / "sources" / "paper.yml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"series": SERIES}), encoding="utf-8")


def sitemap(publisher: Publisher, *entries: tuple[str, str]) -> None:
    """Serve a sitemap of (path, time of the last change)."""
    rows = "".join(f"<url><loc>{publisher.url(path)}</loc><lastmod>{at}</lastmod></url>" for path, at in entries)
    publisher.page("/feed", f"<urlset>{rows}</urlset>".encode(), headers={"Content-Type": "text/xml"})


@pytest.mark.parametrize("noise", ["", "<meta name='nonce' content='7f3a'>"])
def test_a_known_release_at_another_address_and_day_counts_once_and_is_told(
    tmp_path: Path, publisher: Publisher, noise: str
) -> None:
    counting(tmp_path, publisher)
    for path, number in (("/a", "7"), ("/b", "12")):
        article(publisher, path, MORE.format(number))
    feed(publisher, ("/b", "02"), ("/a", "01"))
    refresh(tmp_path, 3)
    article(publisher, "/b-again", MORE.format("12"), head=noise)
    article(publisher, "/c", MORE.format("5"))
    feed(publisher, ("/b-again", "05"), ("/c", "04"), ("/b", "02"))
    assert refresh(tmp_path, 6).updates == ("paper/3",)
    assert killed(tmp_path) == [("2025-08-01", 7), ("2025-08-02", 12), ("2025-08-04", 5)]
    told = {path: reason for path, _state, reason in attempts(tmp_path)}
    assert told["/b-again"] == f"the same release as paper/2, read at {publisher.url('/b')}"
    assert refresh(tmp_path, 7, force=True).updates == ()
    assert killed(tmp_path) == [("2025-08-01", 7), ("2025-08-02", 12), ("2025-08-04", 5)]


def test_a_known_release_that_is_saved_by_hand_on_another_day_counts_once(tmp_path: Path, publisher: Publisher) -> None:
    counting(tmp_path, publisher)
    article(publisher, "/a", MORE.format("7"))
    feed(publisher, ("/a", "01"))
    refresh(tmp_path, 3)
    with desk(tmp_path) as opened:
        (snapshot,) = (one.snapshot.sha256 for one in opened.ledger.releases(opened.catalogue["paper"]))
        content = opened.archive.get(snapshot)
    (tmp_path / "saved.html").write_bytes(content)
    asked = ["manual", "paper", str(tmp_path / "saved.html"), "--from", "https://example.org/a", "--by", "Ann"]
    for published in ([], ["--published", "2025-08-02"]):
        done = tallybook(tmp_path, *asked, *published)
        assert (done.returncode, "the same release as paper/1" in done.stderr) == (0, True), done.stderr
    assert killed(tmp_path) == [("2025-08-01", 7)]


def test_a_release_that_is_dated_anew_at_its_address_keeps_its_day(tmp_path: Path, publisher: Publisher) -> None:
    counting(tmp_path, publisher)
    for path, number in (("/a", "7"), ("/b", "12")):
        article(publisher, path, MORE.format(number))
    feed(publisher, ("/b", "02"), ("/a", "01"))
    refresh(tmp_path, 3)
    feed(publisher, ("/a", "05"), ("/b", "02"))
    for force in (False, True):
        assert refresh(tmp_path, 6, force=force).updates == ()
        assert killed(tmp_path) == [("2025-08-01", 7), ("2025-08-02", 12)]


@pytest.mark.parametrize("dated", [True, False])
def test_a_release_that_its_listing_says_was_changed_is_read_again_under_its_first_day(
    tmp_path: Path, publisher: Publisher, dated: bool
) -> None:
    counting(tmp_path, publisher)
    head = "<meta property='article:published_time' content='2025-08-01T06:00:00Z'>" if dated else ""
    article(publisher, "/a", MORE.format("31"), head)
    sitemap(publisher, ("/a", "2025-08-01T06:00:00Z"))
    refresh(tmp_path, 1)
    assert refresh(tmp_path, 2).state == "unchanged"
    assert [one.path for one in publisher.requests].count("/a") == 1
    article(publisher, "/a", MORE.format("33"), head)
    sitemap(publisher, ("/a", "2025-08-02T15:00:00Z"))
    assert refresh(tmp_path, 3).state == "changed"
    assert killed(tmp_path) == [("2025-08-01", 33)]
    article(publisher, "/a", MORE.format("31"), head)
    sitemap(publisher, ("/a", "2025-08-03T15:00:00Z"))
    assert refresh(tmp_path, 4).state in ("changed", "held")
    with desk(tmp_path) as opened:
        assert [change.new.value for change in opened.ledger.views.log()[0].changes if change.new] == [31]


def test_a_release_whose_change_could_not_be_read_is_tried_again(tmp_path: Path, publisher: Publisher) -> None:
    counting(tmp_path, publisher)
    article(publisher, "/a", MORE.format("31"))
    sitemap(publisher, ("/a", "2025-08-01T06:00:00Z"))
    refresh(tmp_path, 1)
    publisher.page("/a", b"", status=500)
    sitemap(publisher, ("/a", "2025-08-02T15:00:00Z"))
    assert refresh(tmp_path, 2).state == "failed"
    article(publisher, "/a", MORE.format("33"))
    assert refresh(tmp_path, 3).state == "changed"
