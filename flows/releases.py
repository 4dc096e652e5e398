"""Discovery on the path: the listing is fetched, archived and written down like a report, and leads to new releases."""

from __future__ import annotations

import contextlib
import hashlib

import msgspec

from flows.desk import Desk
from model import ArchiveError, BlockedError, Fetched, FetchError, Listing, Source, State, UnreadableError, day_of
from sources.addresses import public_url
from sources.listing import DATED, Release, dated_addresses, dated_url, find_releases
from storage import Attempt

SITEMAPS = 3
"""So many sitemaps of an index are asked, the newest first."""

MOST_OF_AN_ANSWER = 2**20
"""So many bytes are kept of what was answered in place of a report."""


def new_releases(desk: Desk, source: Source, listing: Listing, *, force: bool = False) -> list[Release]:
    """The newest releases that a source's listing names and that were not read before, oldest first.

    With `force` the newest is among them although it was read. Raises `FetchError` or `UnreadableError`, after writing
    the attempt down, where the listing cannot be had or leads nowhere.
    """
    listed = _listed(desk, source, listing, force=force)[: listing.newest]
    known = desk.ledger.read_addresses(source, [public_url(one.url) for one in listed])
    forced = {listed[0].url} if force and listed else set()
    return [one for one in reversed(listed) if one.url in forced or public_url(one.url) not in known]


def peek(desk: Desk, source: Source, listing: Listing) -> list[Release]:
    """The newest releases that a listing names, newest first; nothing is recorded.

    Raises `FetchError` or `UnreadableError` where the listing cannot be had or leads nowhere.
    """
    today = day_of(desk.clock(), source.timezone)
    if is_dated(listing):
        return list(dated_addresses(listing, today))
    fetched = desk.fetcher.fetch(source, dated_url(listing.url, today), post=listing.post)
    listed = find_releases(listing, fetched, timezone=source.timezone)
    if listed.sitemaps:
        inner = desk.fetcher.fetch(source, listed.sitemaps[0])
        listed = find_releases(listing, inner, timezone=source.timezone)
    return list(listed.releases)


def is_dated(listing: Listing) -> bool:
    """Whether the addresses themselves name their day, so that there is no page to ask for them."""
    return listing.links is None and DATED.search(listing.url) is not None


def attempt_of(fetched: Fetched, state: State, sha256: str | None, reason: str | None = None) -> Attempt:
    """The row of an answer."""
    return Attempt(
        at=fetched.at,
        url=fetched.url,
        status=fetched.status,
        state=state,
        reason=reason,
        headers=fetched.headers,
        sha256=sha256,
    )


def failed_attempt(desk: Desk, source: Source, url: str | None, error: FetchError) -> Attempt:
    """The row of a fetch that gave nothing; what was answered in place of a report is kept, once an episode."""
    state: State = "blocked" if isinstance(error, BlockedError) else "failed"
    reason = f"{error.reason}: {error}"
    attempt = Attempt(at=desk.clock(), url=url, status=error.status, state=state, reason=reason)
    return msgspec.structs.replace(attempt, sha256=_kept(desk, source, attempt, error.content))


def _kept(desk: Desk, source: Source, attempt: Attempt, content: bytes | None) -> str | None:
    """The digest of an answer that is no report; one that goes on being given is kept as it was at first."""
    if not content:
        return None
    last = desk.ledger.last_attempt(source)
    if last is not None and last.sha256 and (last.url, last.reason) == (attempt.url, attempt.reason):
        return last.sha256
    with contextlib.suppress(ArchiveError):  # a full archive must not hide why the source failed
        return desk.archive.put(content[:MOST_OF_AN_ANSWER])
    return None


def _listed(desk: Desk, source: Source, listing: Listing, *, force: bool) -> list[Release]:
    today = day_of(desk.clock(), source.timezone)
    if is_dated(listing):
        return list(dated_addresses(listing, today))
    found = _read_listing(desk, source, listing, dated_url(listing.url, today), force=force)
    if not isinstance(found, tuple):
        return found
    releases: list[Release] = []
    for url in found[:SITEMAPS]:
        inner = _read_listing(desk, source, listing, url, force=force)
        releases += inner if isinstance(inner, list) else []
    return releases


def _read_listing(
    desk: Desk, source: Source, listing: Listing, url: str, *, force: bool
) -> list[Release] | tuple[str, ...]:
    """The releases at one address, or the further sitemaps that an index of them names."""
    fetched = _fetch(desk, source, url, None if url != listing.url else listing.post, force=force)
    sha256 = hashlib.sha256(fetched.content or b"").hexdigest()
    try:
        listed = find_releases(listing, fetched, timezone=source.timezone)
    except UnreadableError as error:
        desk.archive.put(fetched.content or b"")
        desk.ledger.attempt(source, attempt_of(fetched, "failed", sha256, str(error)))
        raise
    desk.archive.put(fetched.content or b"")
    desk.ledger.attempt(source, attempt_of(fetched, "unchanged", sha256, "the listing"))
    return listed.sitemaps or list(listed.releases)


def _fetch(desk: Desk, source: Source, url: str, post: str | None, *, force: bool) -> Fetched:
    """A listing's bytes; where the publisher says that nothing changed, those that were kept."""
    shown = public_url(url)
    last = None if force else desk.ledger.last_attempt(source, "unchanged", url=shown)
    kept = last if last is not None and last.sha256 and desk.archive.has(last.sha256) else None
    try:
        fetched = desk.fetcher.fetch(source, url, kept.headers if kept else None, post=post)
    except FetchError as error:
        desk.ledger.attempt(source, failed_attempt(desk, source, shown, error))
        raise
    fetched = msgspec.structs.replace(fetched, at=desk.clock(), url=shown if fetched.content is None else fetched.url)
    if fetched.content is None and kept and kept.sha256:
        content, headers = desk.archive.get(kept.sha256), kept.headers | fetched.headers
        return msgspec.structs.replace(fetched, content=content, headers=headers)
    return fetched
