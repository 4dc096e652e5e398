"""Whatever bytes a listing holds, it ends in releases with sound addresses or in an error that says what is wrong."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import extractors
from model import Fetched, Instant, Listing, UnreadableError
from sources import check
from sources.listing import find_releases
from sources.web.addresses import url_problem
from tests.ending import ends

HERE = "https://paper.example/"
AT = Instant("2026-08-14T06:00:00Z")
SCRAPS = st.sampled_from(
    [
        b"<rss><channel>", b"<item><link>http://[</link></item>", b"<feed xmlns='http://www.w3.org/2005/Atom'>",
        b"<entry><link href='//x'/>", b"<urlset><url><loc>a</loc>", b"<lastmod>9999-99-99</lastmod>",
        b"<sitemapindex><sitemap><loc>", b"<a href='http://[::1'>x</a>", b"<a href=\"/ok\">", b"<base href='http://['>",
        b"<pubDate>Fri, 99 Foo 99999999999 00:00:00 GMT</pubDate>", b'{"a": [{"u": 1}, "x"]}', b"[[[", b"\0",
        b"\xff\xfe", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"\x1f\x8b", b"<?xml version='1.0' encoding='utf-16'?>",
        b"&#xD800;",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(SCRAPS | st.binary(max_size=20), max_size=8).map(b"".join),
    st.sampled_from([None, "a", "/", "$.a[*]", "$", "a:nth-child("]),
)
def test_no_bytes_make_anything_else(content: bytes, links: str | None) -> None:
    listing = Listing(url=HERE, links=links, published="u" if links == "$.a[*]" else None)
    try:
        found = find_releases(listing, Fetched(url=HERE, at=AT, status=200, content=content), timezone="Asia/Gaza")
    except UnreadableError:
        return
    assert all(url_problem(release.url) is None for release in found.releases)
    assert len(found.releases) <= listing.newest


def test_an_address_that_is_none_hides_no_other() -> None:
    page = b'<a href="http://[::1">x</a><a href="/good">y</a>'
    fetched = Fetched(url=HERE, at=AT, status=200, content=page)
    assert [one.url for one in find_releases(Listing(url=HERE, links="a"), fetched).releases] == [f"{HERE}good"]


FEED = {
    "title": "A paper", "publisher": {"name": "P"}, "method": "m", "basis": "claimed", "tried_live": "never",
    "extractor": "prose", "series": [{"id": "killed", "match": {"measure": "killed"}}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("listing", "says"),
    [
        ({"url": HERE, "newest": 0}, "listing.newest must be 1 to 500"),
        ({"url": HERE, "newest": 501}, "listing.newest must be 1 to 500"),
        ({"url": HERE, "links": "a", "address": "/{x}"}, "listing.address is made of JSON fields"),
        ({"url": HERE, "post": "{"}, "listing.post must be JSON"),
        ({"url": HERE, "titles": "("}, "listing.titles"),
        ({"url": HERE, "links": "/("}, "listing.links"),
        ({"url": HERE, "published": "["}, "listing.published"),
        ({"url": "ftp://x.example/{date:%Y}"}, "only http and https"),
        ({"url": HERE, "follow": 2}, "unknown key"),
    ],
)
def test_a_listing_that_cannot_work_is_told_by_check(tmp_path: Path, listing: dict[str, object], says: str) -> None:
    path = tmp_path / "paper.yml"
    path.write_text(yaml.safe_dump(FEED | {"listing": listing}))
    problems = [str(one) for one in check(path, extractors.check_pattern)]
    assert len(problems) == 1
    assert says in problems[0].replace(": ", " ", 1) or says in problems[0]


def test_dated_addresses_and_feeds_without_links_are_sound(tmp_path: Path) -> None:
    for number, url in enumerate((f"{HERE}{{date:%Y-%m-%d}}", f"{HERE}rss")):
        path = tmp_path / f"paper{number}.yml"
        path.write_text(yaml.safe_dump(FEED | {"listing": {"url": url}}))
        assert check(path, extractors.check_pattern) == []


def test_half_of_a_character_in_a_sitemap_hides_no_other_address() -> None:
    sitemap = b"<urlset><url><loc>/&#xD800;</loc></url><url><loc>/good</loc></url></urlset>"
    fetched = Fetched(url=HERE, at=AT, status=200, content=sitemap)
    assert [one.url for one in find_releases(Listing(url=HERE), fetched).releases] == [f"{HERE}good"]


def test_a_feed_s_summary_of_one_mark_takes_time_as_its_length() -> None:
    def seconds(size: int) -> float:
        began = time.process_time()
        find_releases(Listing(url=HERE), Fetched(url=HERE, at=AT, status=200, content=summed_up(b"<" * size)))
        return time.process_time() - began

    seconds(1)
    assert seconds(80_000) < 8 * max(seconds(20_000), 0.05)


def summed_up(summary: bytes) -> bytes:
    """A feed of one item with a summary."""
    item = b"<item><title>One</title><link>/one</link><description><![CDATA[%s]]></description></item>" % summary
    return b"<rss version='2.0'><channel>%s</channel></rss>" % item


def test_no_summary_is_made_fit_to_be_shown_which_nobody_shows() -> None:
    """That took the cleaner of markup, which feedparser calls, 7 s of processor time; a release has 10."""
    with ends(3):
        found = find_releases(
            Listing(url=HERE), Fetched(url=HERE, at=AT, status=200, content=summed_up(b"<" * 1_000_000))
        )
    assert [one.url for one in found.releases] == [f"{HERE}one"]


def test_titles_are_looked_for_in_the_words_of_a_summary_without_its_marks() -> None:
    listing = Listing(url=HERE, titles="One .*losses +of +the week")
    content = summed_up(b"<p class='x'>losses <b>of</b> the week")
    assert len(find_releases(listing, Fetched(url=HERE, at=AT, status=200, content=content)).releases) == 1
