"""Discovery on the path: the listing is fetched, archived and written down like a report, and leads to new releases."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from flows.desk import Desk
from flows.fetching.again import DueLook, due_looks, read_before, remember
from flows.fetching.attempts import attempt_of, failed_attempt
from flows.fetching.conditions import remembered, validators
from flows.fetching.known import changed_at, is_news
from flows.fetching.pages import fetch_whole
from flows.fetching.ways import WAY, with_way
from flows.outcomes import Note
from flows.stages import log_fetched
from model import Fetched, FetchError, Listing, Source, UnreadableError, day_of
from sources.listing import DATED, ListedRelease, dated_addresses, dated_url
from sources.web.addresses import public_url
from storage import Attempt

SITEMAPS = 3
"""So many sitemaps of an index are asked, the newest first."""

_ABSENT = frozenset((404, 410))


class ListingLook(NamedTuple):
    """What a look at a listing leads to: releases to be read, oldest first, and those to be looked at again."""

    new: list[ListedRelease]
    again: list[DueLook]
    notes: list[Note]


def look_at_listing(desk: Desk, source: Source, listing: Listing, *, force: bool = False) -> ListingLook:
    """The newest releases that a source's listing names and that were not read before; those whose next look is due.

    Those that the listing says were changed since they were read are among the new ones. With `force` the newest is,
    although it was read. Raises `FetchError` or `UnreadableError`, after writing the attempt down, where the listing
    cannot be had or leads nowhere.
    """
    notes: list[Note] = []
    listed = _listed(_ListingWalk(desk, source, listing, force, notes))[: listing.newest]
    before = read_before(desk, source, listed)
    known = before | desk.ledger.read_addresses(source, [public_url(one.url) for one in listed])
    forced = {listed[0].url} if force and listed else set()
    new = [one for one in reversed(listed) if one.url in forced or is_news(one, known.get(public_url(one.url)))]
    read = {public_url(one.url) for one in new}
    again = due_looks(desk, listing, listed, {url: before[url] for url in before.keys() - read})
    return ListingLook(new, again, notes)


def peek(desk: Desk, source: Source, listing: Listing) -> list[ListedRelease]:
    """The newest releases that a listing names, newest first; nothing is recorded.

    Raises `FetchError` or `UnreadableError` where the listing cannot be had or leads nowhere.
    """
    today = day_of(desk.clock(), source.timezone)
    if is_dated(listing):
        return list(dated_addresses(listing, today))
    fetched = desk.fetcher.fetch(source, dated_url(listing.url, today), post=listing.post)
    listed = desk.find_releases(listing, fetched, source.timezone)
    if listed.sitemaps:
        inner = desk.fetcher.fetch(source, listed.sitemaps[0])
        listed = desk.find_releases(listing, inner, source.timezone)
    return list(listed.releases)


def fetch_release(desk: Desk, source: Source, release: ListedRelease, *, may_be_absent: bool) -> Fetched | None:
    """Fetch one release of a listing; None where a dated one is not there (yet).

    Raises `FetchError`, after writing the attempt down.
    """
    shown, began = public_url(release.url), time.monotonic()
    last = desk.ledger.read_addresses(source, [shown]).get(shown)
    try:
        fetched = fetch_whole(desk, source, release.url)
    except FetchError as error:
        if not (may_be_absent and error.status in _ABSENT):
            desk.ledger.attempt(source, failed_attempt(desk, source, shown, error))
            raise
        absent = Attempt(
            at=desk.clock(), url=shown, status=error.status, state="unchanged", reason="not published (yet)"
        )
        desk.ledger.attempt(source, absent)
        return None
    log_fetched(source, fetched, began)
    # The address that was asked tells whether a release was read; where it led to is kept beside it.
    beside = {"Location": fetched.url} if fetched.url != shown else {}
    beside |= changed_at(release) | remember(desk, source, release, last)
    return msgspec.structs.replace(
        fetched, at=desk.clock(), url=shown, published=release.published, headers=beside | fetched.headers
    )


def is_dated(listing: Listing) -> bool:
    """Whether the addresses themselves name their day, so that there is no page to ask for them."""
    return listing.links is None and DATED.search(listing.url) is not None


class _ListingWalk(NamedTuple):
    """One look at a source's listing; `notes` are what a person is to be told of the way to it."""

    desk: Desk
    source: Source
    listing: Listing
    force: bool
    notes: list[Note]


def _listed(walk: _ListingWalk) -> list[ListedRelease]:
    today = day_of(walk.desk.clock(), walk.source.timezone)
    if is_dated(walk.listing):
        return list(dated_addresses(walk.listing, today))
    found = _read_listing(walk, dated_url(walk.listing.url, today))
    if not isinstance(found, tuple):
        return found
    releases: list[ListedRelease] = []
    for url in found[:SITEMAPS]:
        inner = _read_listing(walk, url)
        releases += inner if isinstance(inner, list) else []
    return releases


def _read_listing(walk: _ListingWalk, url: str) -> list[ListedRelease] | tuple[str, ...]:
    """The releases at one address, or the further sitemaps that an index of them names."""
    desk, source = walk.desk, walk.source
    fetched = _fetch(walk, url, None if url != walk.listing.url else walk.listing.post)
    sha256 = hashlib.sha256(fetched.content or b"").hexdigest()
    attempt = msgspec.structs.replace(attempt_of(fetched, "unchanged", sha256, "the listing"), url=public_url(url))
    try:
        listed = desk.find_releases(walk.listing, fetched, source.timezone)
    except UnreadableError as error:
        desk.archive.put(fetched.content or b"")
        desk.ledger.attempt(source, msgspec.structs.replace(attempt, state="failed", reason=str(error)))
        raise
    desk.archive.put(fetched.content or b"")
    desk.ledger.attempt(source, attempt)
    return listed.sitemaps or list(listed.releases)


def _fetch(walk: _ListingWalk, url: str, post: str | None) -> Fetched:
    """A listing's bytes; where the publisher says that nothing changed, those that were kept."""
    desk, source, shown = walk.desk, walk.source, public_url(url)
    last = desk.ledger.last_attempt(source, "unchanged", url=shown)
    kept = last if last is not None and last.sha256 and not walk.force and desk.archive.sound(last.sha256) else None
    try:
        asked = validators(kept, desk.clock()) if kept else None
        fetched = desk.fetcher.fetch(source, url, asked, post=post)
    except FetchError as error:
        desk.ledger.attempt(source, failed_attempt(desk, source, shown, error))
        raise
    fetched = msgspec.structs.replace(fetched, at=desk.clock())
    if fetched.content is None and kept and kept.sha256:
        fetched = msgspec.structs.replace(remembered(kept, fetched), content=desk.archive.get(kept.sha256))
    fetched = with_way(url, fetched, "listing.url")
    walk.notes.extend(_way_notes(last, fetched, shown) if url == walk.listing.url else ())
    return fetched


def _way_notes(last: Attempt | None, fetched: Fetched, shown: str) -> Iterator[Note]:
    """What is told of the way to a listing when it begins to lead elsewhere, leads to another place, or ends to."""
    now, before = fetched.headers.get(WAY), last.headers.get(WAY) if last is not None else None
    if now != before:
        yield Note("moved", now or f"{shown} leads nowhere else any more")
