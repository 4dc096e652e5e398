"""Discovery: the releases that an index page, feed, sitemap or search answer leads to, newest first.

What a listing is shows in its bytes. XML with entities of its own is refused, and nothing outside it is ever read.
"""

from __future__ import annotations

import calendar
import datetime as dt
import io
import json
import re
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, urldefrag, urljoin
from xml.parsers import expat
from zoneinfo import ZoneInfo

from model import Day, Fetched, Listing, UnreadableError
from model.packing import laid_open
from sources.web.addresses import public_url, url_problem

MAX_BYTES = 64 * 2**20
DATED = re.compile(r"\{date:([^{}]+)\}")

_ROOT = re.compile(rb"<(?:[\w.-]+:)?(rss|feed|RDF|urlset|sitemapindex)[\s>/]")
_PATTERN_BEGINS = ("http", "/", "^", "(")
_STEP = re.compile(r"\[\*\]|\[(\d+)\]|\.([^.\[\]]+)|\['([^']*)'\]")
_FIELD = re.compile(r"(?<!\$)\{([^{}:]+)\}")
_DAY_PARTS = re.compile(r"\D*(\d{4})\D?(\d\d)\D?(\d\d)\D*")


class ListedRelease(NamedTuple):
    """One release that a listing names: its address, the words that go with it, and the day it was published.

    `changed` is when the listing says that it was published or changed last, in seconds since 1970.
    """

    url: str
    words: str = ""
    published: Day | None = None
    changed: float | None = None


class ListingPage(NamedTuple):
    """What a listing gives: `releases`, newest first; or, where it is an index of sitemaps, `sitemaps` to ask next."""

    releases: tuple[ListedRelease, ...]
    sitemaps: tuple[str, ...] = ()


class _ListingLink(NamedTuple):
    """A link as it stands in a listing; `order` is the moment by which entries are sorted, where there is one."""

    url: str
    words: str = ""
    published: Day | None = None
    order: float | None = None
    changed: float | None = None


def dated_addresses(listing: Listing, today: Day) -> tuple[ListedRelease, ...]:
    """The addresses that name their day, for today and the days before, newest first; distinct ones."""
    found: dict[str, ListedRelease] = {}
    day = dt.date.fromisoformat(today)
    while len(found) < listing.newest and (dt.date.fromisoformat(today) - day).days <= 400 * listing.newest:
        url = dated_url(listing.url, Day(day.isoformat()))
        found.setdefault(url, ListedRelease(url, "", Day(day.isoformat())))
        day -= dt.timedelta(days=1)
    return tuple(found.values())


def dated_url(url: str, day: Day) -> str:
    """An address with `{date:%Y-%m-%d}` (any strftime form) filled in for a day; others stay as they are."""
    return DATED.sub(lambda form: dt.date.fromisoformat(day).strftime(form[1]), url)


def find_releases(listing: Listing, fetched: Fetched, timezone: str = "UTC") -> ListingPage:
    """Find the releases that a listing's bytes lead to; `timezone` is the calendar of the days of publication.

    Returns the `newest` of them. Raises `UnreadableError` where the listing is broken, and where it leads nowhere: a
    listing without a link is a page that changed, not a day without news.
    """
    content = laid_open(fetched.content or b"", MAX_BYTES, "the listing")
    root = _ROOT.search(content[:4096].replace(b"\0", b""))
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        entries = list(_json_entries(listing, content, fetched.url, timezone))
    elif root and root[1] in (b"urlset", b"sitemapindex"):
        if root[1] == b"sitemapindex":
            return ListingPage((), tuple(_sitemaps(content, fetched.url)))
        entries = [one for one in _sitemap_entries(content, fetched.url, timezone) if _fits(listing, one.url)]
    elif root:
        entries = [one for one in _feed_entries(content, fetched, timezone) if _fits(listing, one.url)]
    else:
        entries = list(_page_entries(listing, content, fetched))
    return ListingPage(_newest(listing, _sound(entries, fetched.url), fetched.url))


def _newest(listing: Listing, entries: list[_ListingLink], url: str) -> tuple[ListedRelease, ...]:
    if not entries:
        where = f" at {listing.links!r}" if listing.links else ""
        raise UnreadableError(
            f"the listing {public_url(url)} has no link{where}", "it may have moved or changed; look at it"
        )
    entries = [one if one.published else one._replace(published=_day_in(listing, one.url)) for one in entries]
    if all(one.order is not None or one.published for one in entries):
        entries.sort(key=_moment, reverse=True)
    chosen: dict[str, ListedRelease] = {}
    for one in entries:
        if not listing.titles or _search(listing.titles, one.words):
            chosen.setdefault(one.url, ListedRelease(one.url, one.words, one.published, one.changed))
    return tuple(chosen.values())[: listing.newest]


def _moment(entry: _ListingLink) -> float:
    if entry.order is not None:
        return entry.order
    return dt.datetime.fromisoformat(f"{entry.published}T00:00:00+00:00").timestamp()


def _day_in(listing: Listing, url: str) -> Day | None:
    if not listing.published or (listing.links or "").startswith("$"):
        return None
    found = _pattern(listing.published).search(url)
    return _as_day(found.group(found.re.groups and 1)) if found else None


def _sound(entries: Iterable[_ListingLink], base: str) -> list[_ListingLink]:
    """The entries with whole addresses that can be asked, without their fragments."""
    found = []
    for entry in entries:
        url = urldefrag(_joined(base, entry.url.strip())).url
        if entry.url.strip() and url != base and url_problem(url) is None:
            found.append(entry._replace(url=url, words=" ".join(entry.words.split())[:2000]))
    return found


def _joined(base: str, url: str) -> str:
    """A whole address, empty where the two make none."""
    try:
        joined = urljoin(base, url)
        urldefrag(joined)
    except ValueError:
        return ""
    return joined


def _fits(listing: Listing, url: str) -> bool:
    return not listing.links or _search(listing.links, url)


def _search(pattern: str, text: str) -> bool:
    return _pattern(pattern).search(text) is not None


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeError):
        raise UnreadableError(f"the pattern {pattern!r} does not compile") from None


# Pages


def _page_entries(listing: Listing, content: bytes, fetched: Fetched) -> Iterator[_ListingLink]:
    from bs4 import BeautifulSoup

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # bs4 guesses aloud that odd markup is a file name or XML
        soup = BeautifulSoup(content, "lxml", from_encoding=fetched.charset)
    based = soup.select_one("base[href]")
    base = _joined(fetched.url, str(based["href"])) if based else fetched.url
    links = listing.links or "a[href]"
    if not links.startswith(_PATTERN_BEGINS):
        return (one._replace(url=_joined(base, one.url)) for one in _selected(soup, links))
    every = [one._replace(url=_joined(base, one.url)) for one in _linked(soup)]
    fitting = [one for one in every if _search(links, one.url)]
    # Pages that are drawn by a script keep their addresses in it.
    return iter(fitting or [_ListingLink(found.group().replace("\\/", "/")) for found in _in_markup(links, content)])


def _selected(soup: Any, css: str) -> Iterator[_ListingLink]:
    from soupsieve import SelectorSyntaxError

    try:
        tags = soup.select(css)
    except (SelectorSyntaxError, ValueError, NotImplementedError) as error:
        raise UnreadableError(f"the selector {css!r} cannot be followed: {str(error).splitlines()[0]}") from None
    for tag in tags:
        link = tag if tag.get("href") else tag.select_one("a[href]")
        if link is not None:
            yield _ListingLink(str(link["href"]), tag.get_text(" "))


def _linked(soup: Any) -> Iterator[_ListingLink]:
    for tag in soup.select("a[href], link[href], script[src], iframe[src]"):
        yield _ListingLink(str(tag.get("href") or tag.get("src")), tag.get_text(" ") if tag.name == "a" else "")


def _in_markup(pattern: str, content: bytes) -> Iterator[Any]:
    found: Iterator[Any] = _pattern(pattern).finditer(content.decode("utf-8", "replace").replace("\\/", "/"))
    return found


# Feeds and sitemaps


def _feed_entries(content: bytes, fetched: Fetched, timezone: str) -> Iterator[_ListingLink]:
    import feedparser

    _refuse_entities(content)
    headers = {"content-location": fetched.url, "content-type": "application/xml"}
    try:
        # Nobody is shown its markup; to make that safe takes seconds where a summary is full of signs.
        feed = feedparser.parse(
            io.BytesIO(content), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # it forgives nearly everything, and the rest it raises as it comes
        raise UnreadableError(f"the feed {public_url(fetched.url)} is broken ({type(error).__name__})") from None
    for entry in feed.entries:
        published, updated = _seconds(entry, "published_parsed"), _seconds(entry, "updated_parsed")
        words = f"{entry.get('title', '')} {re.sub('<[^<>]*>', ' ', entry.get('summary', ''))}"
        day = _day_at(published, timezone) if published is not None else None
        order = published if published is not None else updated
        yield _ListingLink(str(entry.get("link", "")), words, day, order, _later(published, updated))


def _seconds(entry: Any, name: str) -> float | None:
    # feedparser answers for `published` with `updated` where only that is given; the two are not the same.
    parsed = dict.get(entry, name)
    try:
        return float(calendar.timegm(parsed)) if parsed else None
    except (ValueError, OverflowError, TypeError):
        return None


def _later(one: float | None, other: float | None) -> float | None:
    return max((at for at in (one, other) if at is not None), default=None)


def _day_at(seconds: float, timezone: str) -> Day | None:
    try:
        return Day(dt.datetime.fromtimestamp(seconds, ZoneInfo(timezone)).date().isoformat())
    except (ValueError, OverflowError, OSError):
        return None


def _sitemaps(content: bytes, url: str) -> Iterator[str]:
    places = [(loc, _iso_seconds(mod)) for loc, mod, _, _ in _sitemap_rows(content)]
    if not places:
        raise UnreadableError(f"the index of sitemaps {public_url(url)} is empty")
    if all(at is not None for _, at in places):
        places.sort(key=lambda place: place[1] or 0.0, reverse=True)
    return (one.url for one in _sound([_ListingLink(loc) for loc, _ in places], url))


def _sitemap_entries(content: bytes, url: str, timezone: str) -> Iterator[_ListingLink]:
    for loc, modified, published, title in _sitemap_rows(content):
        at, changed = _iso_seconds(published), _iso_seconds(modified)
        order = at if at is not None else changed
        yield _ListingLink(_joined(url, loc), title, _stamped_day(published, timezone), order, _later(at, changed))


def _sitemap_rows(content: bytes) -> Iterator[tuple[str, str, str, str]]:
    from lxml import etree

    _refuse_entities(content)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError(f"the sitemap is broken: {error}") from None
    for node in root if root is not None else ():
        found = {one.tag.rpartition("}")[2].rpartition(":")[2]: _words_of(one) for one in node.iter(etree.Element)}
        if found.get("loc"):
            yield found["loc"], found.get("lastmod", ""), found.get("publication_date", ""), found.get("title", "")


def _words_of(element: Any) -> str:
    try:
        return (element.text or "").strip()
    except UnicodeDecodeError:  # a reference to half of a character, which the parser lets pass
        return ""


def _iso_seconds(text: str) -> float | None:
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()


def _refuse_entities(content: bytes) -> None:
    """Raise where XML declares entities: they only serve to read other files, or to grow without end."""

    def refuse(*_: Any) -> None:
        raise UnreadableError("the listing's XML declares entities, which no feed or sitemap needs")

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError:
        return  # feeds are often not well-formed; the readers that forgive it expand no entities


# JSON


def _json_entries(listing: Listing, content: bytes, url: str, timezone: str) -> Iterator[_ListingLink]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise UnreadableError(f"the listing {public_url(url)} is broken JSON") from None
    for item in _walk(document, listing.links or "$"):
        link = item if isinstance(item, str) else None
        filled = _filled(listing.address, item) if listing.address else link
        if filled:
            at = _stamp(_member_at(item, listing.published)) if listing.published else ""
            day, moment = _stamped_day(at, timezone), _iso_seconds(at)
            yield _ListingLink(_joined(url, filled), " ".join(_texts(item)), day, moment, moment)


def _walk(document: Any, path: str) -> Iterator[Any]:
    values, at = [document], 1
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            raise UnreadableError(f"{path!r} is no path", "write it like $.hits.hits[*]._source")
        at = step.end()
        values = [inner for value in values for inner in _step(value, step)]
    for value in values:
        yield from value if isinstance(value, list) else (value,)


def _step(value: Any, step: re.Match[str]) -> list[Any]:
    if step[0] == "[*]":
        return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    name: Any = int(step[1]) if step[1] else step[2] or step[3]
    return [found] if (found := _member(value, name)) is not None else []


def _member(value: Any, name: Any) -> Any:
    if isinstance(value, dict):
        return value.get(str(name))
    if isinstance(value, list) and str(name).isdecimal() and int(name) < len(value):
        return value[int(name)]
    return None


def _member_at(item: Any, path: str) -> Any:
    for name in path.split("."):
        item = _member(item, name)
    return item


def _filled(address: str, item: Any) -> str | None:
    found = {name: item if name == "link" else _member_at(item, name) for name in _FIELD.findall(address)}
    parts = {name: str(value) for name, value in found.items() if isinstance(value, str | int) and str(value)}
    if len(parts) < len(found):
        return None
    return _FIELD.sub(lambda name: quote(parts[name[1]], safe="/:?&=%-._~"), address)


def _stamp(value: Any) -> str:
    # Moments in whole or thousandth seconds since 1970 are common in search answers.
    if isinstance(value, int) and 10**8 < value < 10**14:
        return dt.datetime.fromtimestamp(value / 1000 if value > 10**11 else value, dt.UTC).isoformat()
    return value.strip() if isinstance(value, str) else ""


def _stamped_day(text: str, timezone: str) -> Day | None:
    seconds = _iso_seconds(text) if len(text) > 10 else None
    return _as_day(text) if seconds is None else _day_at(seconds, timezone)


def _texts(item: Any) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    elif isinstance(item, dict):
        yield from (value for value in item.values() if isinstance(value, str))


def _as_day(text: str) -> Day | None:
    found = _DAY_PARTS.match(text)
    if found is None:
        return None
    try:
        return Day(dt.date(*map(int, found.groups())).isoformat())
    except ValueError:
        return None
