"""Atom feeds: one a source and one for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from model import Day, Update
from publish.lines import lines_below
from publish.numbers import count_of, days
from publish.safe import safe
from publish.telling import story, tell
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
    updates = _told(office, None)
    return _feed(request, office, updates, "Tallybook: what changed", "/")


@router.get("/sources/{source}/feed.atom")
def of_source(request: Request, office: Asked, source: str) -> Response:
    """What changed in one source."""
    updates = _told(office, source)
    definition = office.source(source)
    title = updates[0].title if updates else definition.title if definition else source
    return _feed(request, office, updates, f"{title}: what changed", source_url(source))


def _told(office: Office, source: str | None) -> list[Update]:
    """The newest updates as they are told; old copies are no news, and those of a source are one entry."""
    found = office.log_of(Wanted(source=source, copies=False), limit=ENTRIES, changes=20)
    told = [*(tell(one.update, office.names) for one in found), *_copies(office, source)]
    return sorted(told, key=lambda one: one.recorded_at, reverse=True)[:ENTRIES]


def _copies(office: Office, source: str | None) -> Iterator[Update]:
    """The newest old copy of each source, which says how many there are."""
    for one in office.browser.old_copies(0):
        if source not in (None, one.source):
            continue
        (newest,) = office.browser.page(Wanted(source=one.source), limit=1, before=one.place + 1, changes=20)
        told = tell(newest.update, office.names)
        copies = f"{count_of(one.count, 'old copy', 'old copies')}, {days(Day(one.first[:10]), Day(one.last[:10]))}"
        yield msgspec.structs.replace(told, headline=f"{copies}; the newest: {told.headline}")


def _feed(request: Request, office: Office, updates: list[Update], title: str, page: str) -> Response:
    base, own = f"{request.url.scheme}://{request.url.netloc}", request.url.path
    feed = ElementTree.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom"})
    _add(feed, "title", title)
    _add(feed, "id", base + own)
    _add(feed, "updated", max((one.recorded_at for one in updates), default="1970-01-01T00:00:00Z"))
    ElementTree.SubElement(feed, "link", {"rel": "self", "href": base + own})
    ElementTree.SubElement(feed, "link", {"rel": "alternate", "href": base + page})
    _add(ElementTree.SubElement(feed, "author"), "name", "Tallybook")
    for update in updates:
        feed.append(entry_of(update, base, office.names))
    content = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return answered(request, content, "application/atom+xml; charset=utf-8")


def entry_of(told: Update, base: str, names: Mapping[str, str] = {}) -> ElementTree.Element:
    """One update, told already, as an entry; `base` is the address that its link begins with."""
    entry = ElementTree.Element("entry")
    headline = told.headline
    _add(entry, "title", f"{told.title or told.source}: {headline}")
    _add(entry, "id", f"tag:tallybook,{told.recorded_at[:10]}:{told.chain_digest}")
    _add(entry, "updated", told.recorded_at)
    _add(entry, "published", told.recorded_at)
    ElementTree.SubElement(entry, "link", {"rel": "alternate", "href": base + update_url(told.update)})
    below = "\n".join(map(_plain, lines_below(story(told, names), names)))
    _add(entry, "content", below or _plain(headline))
    return entry


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _plain(text) if name != "content" else text


def _plain(text: str) -> str:
    return safe(text, "terminal")
