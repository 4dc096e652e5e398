"""Atom feeds: one a source and one for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.etree import ElementTree

from fastapi import APIRouter, Request
from fastapi.responses import Response

from model import Day, Instant, Update
from publish.lines import lines_below
from publish.names import SeriesNames
from publish.numbers import count_of, days
from publish.safe import safe
from publish.telling import SHOWN, Story, story
from publish.words import joined
from review.answers import answered
from review.guard import Asked
from review.office import Office
from review.render import source_url, update_url
from storage import Wanted

ENTRIES = 50

router = APIRouter(include_in_schema=False)


@router.get("/feed.atom")
def every(request: Request, office: Asked) -> Response:
    """What changed in all sources."""
    names = office.names
    return _feed(request, _told(office, None, names), names, "Tallybook: what changed", "/")


@router.get("/sources/{source}/feed.atom")
def of_source(request: Request, office: Asked, source: str) -> Response:
    """What changed in one source."""
    names, definition = office.names, office.source(source)
    entries = _told(office, source, names)
    title = entries[0].one.source if entries else definition.title if definition else source
    return _feed(request, entries, names, f"{title}: what changed", source_url(source))


class FeedEntry(NamedTuple):
    """An update as an entry tells it: under its headline, or under another that says what it stands for."""

    one: Story
    headline: str

    @property
    def recorded_at(self) -> Instant:
        """When it was recorded."""
        return self.one.update.recorded_at


def _told(office: Office, source: str | None, names: SeriesNames) -> list[FeedEntry]:
    """The newest updates as they are told; old copies are no news, and those of a source are one entry."""
    found = office.log_of(Wanted(source=source, copies=False), limit=ENTRIES, changes=SHOWN)
    told = [*(entry_told(one.update, names) for one in found), *_copies(office, source, names)]
    return sorted(told, key=lambda one: one.recorded_at, reverse=True)[:ENTRIES]


def entry_told(update: Update, names: Mapping[str, str] = {}) -> FeedEntry:
    """An update as an entry under its own headline."""
    one = story(update, names)
    return FeedEntry(one, joined(one.headline))


def _copies(office: Office, source: str | None, names: SeriesNames) -> Iterator[FeedEntry]:
    """The newest old copy of each source, which says how many there are."""
    for one in office.browser.old_copies(0):
        if source not in (None, one.source):
            continue
        (newest,) = office.browser.page(Wanted(source=one.source), limit=1, before=one.place + 1, changes=SHOWN)
        told = entry_told(newest.update, names)
        copies = f"{count_of(one.count, 'old copy', 'old copies')}, {days(Day(one.first[:10]), Day(one.last[:10]))}"
        yield told._replace(headline=f"{copies}; the newest: {told.headline}")


def _feed(request: Request, entries: list[FeedEntry], names: SeriesNames, title: str, page: str) -> Response:
    base, own = f"{request.url.scheme}://{request.url.netloc}", request.url.path
    feed = ElementTree.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom"})
    _add(feed, "title", title)
    _add(feed, "id", base + own)
    _add(feed, "updated", max((one.recorded_at for one in entries), default="1970-01-01T00:00:00Z"))
    ElementTree.SubElement(feed, "link", {"rel": "self", "href": base + own})
    ElementTree.SubElement(feed, "link", {"rel": "alternate", "href": base + page})
    _add(ElementTree.SubElement(feed, "author"), "name", "Tallybook")
    for one in entries:
        feed.append(entry_of(one, base, names))
    content = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return answered(request, content, "application/atom+xml; charset=utf-8")


def entry_of(entry_: FeedEntry, base: str, names: Mapping[str, str] = {}) -> ElementTree.Element:
    """One update as an entry; `base` is the address that its link begins with."""
    entry = ElementTree.Element("entry")
    (one, headline), told = entry_, entry_.one.update
    _add(entry, "title", f"{told.title or told.source}: {headline}")
    _add(entry, "id", f"tag:tallybook,{told.recorded_at[:10]}:{told.chain_digest}")
    _add(entry, "updated", told.recorded_at)
    _add(entry, "published", told.recorded_at)
    ElementTree.SubElement(entry, "link", {"rel": "alternate", "href": base + update_url(told.update)})
    below = "\n".join(map(_plain, lines_below(one, names)))
    _add(entry, "content", below or _plain(headline))
    return entry


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _plain(text) if name != "content" else text


def _plain(text: str) -> str:
    return safe(text, "terminal")
