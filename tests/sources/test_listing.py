"""Listings: which releases an index page, feed, sitemap or search answer leads to, and what is refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from model import Day, Fetched, Instant, Listing, UnreadableError
from sources.listing import ListedRelease, dated_addresses, dated_url, find_releases

AT = Instant("2026-08-14T06:00:00Z")
HERE = "https://paper.example/news/"


def listed(
    content: str | bytes, *, timezone: str = "UTC", url: str = HERE, **listing: Any
) -> tuple[ListedRelease, ...]:
    fetched = Fetched(url=url, at=AT, status=200, content=content.encode() if isinstance(content, str) else content)
    return find_releases(Listing(url=url, **listing), fetched, timezone=timezone).releases


def urls(releases: tuple[ListedRelease, ...]) -> list[str]:
    return [one.url for one in releases]


PAGE = """<html><body><nav><a href="/about">About</a></nav>
<article><h2><a href="/news/b#top">Losses, 2 August</a></h2></article>
<article><h2><a href="a?x=1&amp;y=2">Losses, 1 August</a></h2></article>
<article><h2><a href="javascript:void(0)">More</a><a href="mailto:x@y.example">Write</a></h2></article>
<article><h2><a href="/news/b">again</a></h2></article></body></html>"""


def test_a_css_selector_finds_whole_addresses_once_in_the_order_of_the_page() -> None:
    assert urls(listed(PAGE, links="article h2 a")) == ["https://paper.example/news/b", f"{HERE}a?x=1&y=2"]


def test_a_selector_may_choose_what_holds_the_link() -> None:
    assert urls(listed(PAGE, links="article", newest=1)) == ["https://paper.example/news/b"]


def test_a_pattern_chooses_among_the_addresses_of_a_page() -> None:
    assert urls(listed(PAGE, links="/news/[ab]")) == ["https://paper.example/news/b", f"{HERE}a?x=1&y=2"]


def test_a_pattern_finds_addresses_that_only_a_script_names() -> None:
    page = '<html><script>load("https:\\/\\/s3.example\\/count\\/main.0a1b.js.gz")</script></html>'
    found = listed(page, links=r"https://s3\.example/count/main\.[0-9a-f]+\.js(?:\.gz|\.br)?")
    assert urls(found) == ["https://s3.example/count/main.0a1b.js.gz"]


def test_base_href_counts() -> None:
    page = '<html><head><base href="https://other.example/x/"></head><body><a href="y">y</a></body></html>'
    assert urls(listed(page, links="a")) == ["https://other.example/x/y"]


def test_titles_choose_by_words_and_an_uneventful_day_is_no_failure() -> None:
    assert urls(listed(PAGE, links="article h2 a", titles="(?i)1 august")) == [f"{HERE}a?x=1&y=2"]
    assert listed(PAGE, links="article h2 a", titles="(?i)earthquake") == ()


@pytest.mark.parametrize(
    ("content", "links"),
    [
        (PAGE, "main li a"),
        (PAGE, "/archive/"),
        ("<html><body>This account has been suspended.</body></html>", "a"),
        ('{"hits": {"hits": []}}', "$.hits.hits[*]"),
        ('<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>', None),
        ('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>', None),
        ("", "a"),
    ],
)
def test_a_listing_that_leads_nowhere_is_said_never_taken_for_a_quiet_day(content: str, links: str | None) -> None:
    with pytest.raises(UnreadableError, match=r"the listing https://paper\.example/news/ has no link"):
        listed(content, links=links)


def test_the_day_of_publication_may_stand_in_the_address() -> None:
    page = "".join(f'<a href="/article/2026/{day}/casualties">x</a>' for day in ("07/31", "08/14"))
    found = listed(page, links="/casualties$", published=r"/article/(\d{4}/\d{2}/\d{2})/")
    assert [(one.url[-27:], one.published) for one in found] == [
        ("article/2026/08/14/casualties"[-27:], "2026-08-14"),
        ("article/2026/07/31/casualties"[-27:], "2026-07-31"),
    ]


RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Paper</title>
<item><title>A storm</title><link>https://paper.example/storm</link>
<pubDate>Fri, 01 Aug 2025 21:30:00 GMT</pubDate></item>
<item><title>Losses</title><link>/losses</link><description>&lt;p&gt;121,507 names&lt;/p&gt;</description>
<pubDate>Sat, 02 Aug 2025 06:00:00 +0300</pubDate></item>
</channel></rss>"""


def test_a_feed_gives_addresses_newest_first_with_the_day_in_the_sources_zone() -> None:
    assert [(one.url, one.published) for one in listed(RSS, timezone="Europe/Kyiv")] == [
        ("https://paper.example/losses", "2025-08-02"),
        ("https://paper.example/storm", "2025-08-02"),
    ]
    assert [one.published for one in listed(RSS)] == ["2025-08-02", "2025-08-01"]


def test_titles_look_at_an_entrys_summary_too() -> None:
    assert urls(listed(RSS, titles="names")) == ["https://paper.example/losses"]


def test_an_atom_feed_whose_entries_were_only_updated_gives_no_day_of_publication() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>x</title><link href="https://a.example/1"/>
    <updated>2025-08-02T06:00:00Z</updated></entry><entry><title>y</title><link href="https://a.example/2"/>
    <updated>2025-08-03T06:00:00Z</updated></entry></feed>"""
    assert [(one.url, one.published) for one in listed(atom)] == [
        ("https://a.example/2", None),
        ("https://a.example/1", None),
    ]


SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://paper.example/en/old</loc><lastmod>2025-07-01</lastmod></url>
<url><loc>https://paper.example/en/new</loc><lastmod>2025-08-02T05:00:00Z</lastmod><news:news>
<news:publication_date>2025-08-01</news:publication_date><news:title>New losses</news:title></news:news></url>
<url><loc>https://paper.example/fr/neuf</loc><lastmod>2025-08-03</lastmod></url></urlset>"""


def test_a_sitemap_gives_fitting_addresses_newest_first() -> None:
    expected = (
        ListedRelease("https://paper.example/en/new", "New losses", Day("2025-08-01"), 1754110800.0),
        ListedRelease("https://paper.example/en/old", "", None, 1751328000.0),
    )
    assert listed(SITEMAP, links="/en/") == expected
    assert listed(gzip.compress(SITEMAP.encode()), links="/en/") == expected


def test_an_index_of_sitemaps_names_the_newest_first() -> None:
    index = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <sitemap><loc>https://paper.example/1.xml</loc><lastmod>2025-07-01</lastmod></sitemap>
    <sitemap><loc>https://paper.example/2.xml</loc><lastmod>2025-08-01</lastmod></sitemap></sitemapindex>"""
    fetched = Fetched(url=HERE, at=AT, status=200, content=index.encode())
    found = find_releases(Listing(url=HERE), fetched)
    assert (found.releases, found.sitemaps) == ((), ("https://paper.example/2.xml", "https://paper.example/1.xml"))


BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("root", ["rss", "urlset", "sitemapindex", "feed"])
def test_xml_that_declares_entities_is_refused(root: str, encoding: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    outside = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    for head in (BOMB, outside):
        content = f"{head}<{root}><url><loc>https://a.example/&c;&x;</loc></url></{root}>".encode(encoding)
        with pytest.raises(UnreadableError, match="declares entities"):
            listed(content)


SEARCH = {
    "hits": {
        "hits": [
            {"_source": {"title": "As of June 20", "slug": "as-of-june-20", "publishedAt": "2026-06-20T04:10:00.000Z"}},
            {"_source": {"title": "As of June 21", "slug": "as of june/21", "publishedAt": "2026-06-20T22:10:00.000Z"}},
            {"_source": {"title": "No address"}},
        ]
    }
}


def test_a_search_answer_gives_addresses_made_of_its_fields() -> None:
    found = listed(
        json.dumps(SEARCH),
        links="$.hits.hits[*]._source",
        address="https://mod.example/news/{slug}",
        published="publishedAt",
        timezone="Europe/Kyiv",
    )
    assert found == (
        ListedRelease("https://mod.example/news/as%20of%20june/21", found[0].words, Day("2026-06-21"), 1781993400.0),
        ListedRelease("https://mod.example/news/as-of-june-20", found[1].words, Day("2026-06-20"), 1781928600.0),
    )
    assert "As of June 21" in found[0].words


def test_numbers_name_moments_only_where_a_day_is_looked_for() -> None:
    content = json.dumps([{"id": 1750000000, "at": 1750000000}, {"id": 7, "at": 1750000000123}])
    found = listed(content, links="$", address="/x/{id}", published="at")
    assert {(one.url, one.published) for one in found} == {
        ("https://paper.example/x/1750000000", "2025-06-15"),
        ("https://paper.example/x/7", "2025-06-15"),
    }


def test_a_json_list_of_addresses_needs_nothing_else() -> None:
    assert urls(listed('{"items": [{"url": "/a"}, {"url": "/b"}]}', links="$.items[*].url")) == [
        "https://paper.example/a",
        "https://paper.example/b",
    ]


def test_dated_addresses_count_back_from_today_and_stand_once() -> None:
    daily = Listing(url="https://a.example/{date:%Y-%m-%d}", newest=3)
    assert [(one.url[-10:], one.published) for one in dated_addresses(daily, Day("2026-03-01"))] == [
        ("2026-03-01", "2026-03-01"),
        ("2026-02-28", "2026-02-28"),
        ("2026-02-27", "2026-02-27"),
    ]
    monthly = Listing(url="https://a.example/{date:%Y-%m}", newest=2)
    assert urls(dated_addresses(monthly, Day("2026-03-31"))) == [
        "https://a.example/2026-03",
        "https://a.example/2026-02",
    ]
    assert dated_url("https://a.example/x", Day("2026-03-31")) == "https://a.example/x"


@pytest.mark.parametrize(
    "content", [b"{", b"[" * 100_000, b"\x1f\x8b\x08broken", b"<rss><channel><item><link>", b"\x00" * 50]
)
def test_broken_listings_are_said_to_be_so(content: bytes) -> None:
    with pytest.raises(UnreadableError):
        listed(content, links="$" if content[:1] in b"{[" else None)


def test_an_element_whose_name_is_a_colon_alone_is_passed_over() -> None:
    found = listed(b"<urlset><url><:>x</:><loc>https://paper.example/a</loc></url></urlset>")
    assert urls(found) == ["https://paper.example/a"]
