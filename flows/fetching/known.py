"""Releases that are known already: at another address, on another day, or changed where they are.

One content is one release. Where a listing names it again, it counts neither a second time nor under another day.
"""

from __future__ import annotations

import hashlib

import msgspec

import extractors
from flows.desk import Desk
from flows.fetching.attempts import attempt_of
from flows.stages import Extracted
from model import Fetched, Source, day_of, moment
from sources.listing import ListedRelease
from storage import Attempt, KnownRelease, Recorded

CHANGED_AT = "Tallybook-Changed-At"
"""Beside the headers of a release: when its listing said that it was changed last, in seconds since 1970."""


def changed_at(release: ListedRelease) -> dict[str, str]:
    """What is remembered of a release's change, beside its headers."""
    return {CHANGED_AT: f"{release.changed:.0f}"} if release.changed is not None else {}


def is_news(release: ListedRelease, last: Attempt | None) -> bool:
    """Whether a release is to be read: it never was, or its listing says that it was changed since."""
    if last is None or release.changed is None:
        return last is None
    told = last.headers.get(CHANGED_AT)
    return int(release.changed) > (float(told) if told else moment(last.at).timestamp())


def as_first_dated(desk: Desk, source: Source, fetched: Fetched) -> Fetched:
    """A release with the day that it had when its bytes were read first, or first at its address without any day."""
    known = desk.ledger.known_release(source, sha256=hashlib.sha256(fetched.content or b"").hexdigest())
    if known is None and fetched.published is None:
        before = desk.ledger.newest_at(source, fetched.url)
        known = before if before is not None and before.published is None else None
    if known is None:
        return fetched
    day = known.published or day_of(known.known_at, source.timezone)
    return msgspec.structs.replace(fetched, published=day)


def known_before(desk: Desk, source: Source, extracted: Extracted) -> KnownRelease | None:
    """The release that this one is, where it was read before; None where it is news.

    An address that carried another text meanwhile, and goes back, is news.
    """
    text = hashlib.sha256(extracted.text.encode()).hexdigest()
    known = desk.ledger.known_release(source, sha256=extracted.sha256, text_sha256=text)
    if known is None or known.reader != extractors.reader(source):
        return None
    before = desk.ledger.newest_at(source, extracted.fetched.url)
    return known if before is None or before.text_sha256 == text else None


def note_known(desk: Desk, source: Source, extracted: Extracted, known: KnownRelease) -> Recorded:
    """Write down that a release is one that was read before, and which."""
    where = f", read at {known.url}" if known.url and known.url != extracted.fetched.url else ""
    message = f"the same release as {known.update}{where}"
    desk.ledger.attempt(source, attempt_of(extracted.fetched, "unchanged", extracted.sha256, message))
    return Recorded("unchanged", None, 0, 0, message)
