"""Releases that a listing led to are looked at again, ever more seldom: what is edited in silence is told, too.

Nothing of it is kept in memory: how often a release was looked at, and which day it has, stands beside the headers of
the newest attempt at its address.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from flows.desk import Desk
from flows.fetching.attempts import attempt_of, failed_attempt
from flows.fetching.conditions import NOT_MODIFIED
from flows.fetching.known import CHANGED_AT
from flows.fetching.pages import fetch_whole
from flows.outcomes import Note
from flows.stages import Extracted, log_fetched
from model import HIDDEN, BlockedError, Day, Fetched, FetchError, Instant, Listing, Source, day_of, moment, public_url
from sources.listing import ListedRelease
from sources.web.redirects import led_elsewhere
from storage import Attempt, KnownRelease, Recorded

LOOKS = "Tallybook-Looks"
"""Beside the headers of a listed release: how often it was looked at again since it was read, or was another."""

PUBLISHED, FIRST_READ = "Tallybook-Published", "Tallybook-First-Read"
"""Beside them: the day that its listing gave it, empty where it gave none; the day on which it was read first."""

GONE, ASTRAY = "Tallybook-Gone", "Tallybook-Astray"
"""Beside them, as long as it is so: since when it is not there; where its address leads instead."""

AT_ONCE = 20
"""So many releases are looked at again at one refresh, and a twentieth of `again` where that is more.

That is as many as a daily refresh needs: five looks for each in its first month, and one a month for the rest.
"""

EARLY = dt.timedelta(hours=2)
"""A look may come so much earlier than its days are over: no run comes at the very second of the one before."""

BELIEVED = 3
"""So many looks in a row believe that nothing changed (304); then the bytes themselves are asked for."""

_ABSENT = frozenset((404, 410))
_DAY = dt.timedelta(days=1)


class DueLook(NamedTuple):
    """A release that is to be looked at again: the newest attempt at its address, and the address to be asked."""

    last: Attempt
    url: str

    @property
    def looks(self) -> int:
        """How often it was looked at since it was read, or was another."""
        return _looks(self.last)

    def remembered(self) -> dict[str, str]:
        """What is remembered of it, with this look counted."""
        kept = {name: value for name in _REMEMBERED if (value := self.last.headers.get(name)) is not None}
        return kept | {LOOKS: str(self.looks + 1)}


class LookedAgain(NamedTuple):
    """What a look came to: the release that was recorded, where it was another, and what a person is to be told."""

    recorded: Recorded | None = None
    note: Note | None = None


_REMEMBERED = (PUBLISHED, FIRST_READ, CHANGED_AT)


def remember(desk: Desk, source: Source, release: ListedRelease, last: Attempt | None) -> dict[str, str]:
    """What is remembered beside the headers of a listed release that is read now; `last` is when it was before."""
    first = last.headers.get(FIRST_READ) if last is not None else None
    first = first or day_of(last.at if last is not None else desk.clock(), source.timezone)
    return {LOOKS: "0", FIRST_READ: first, PUBLISHED: release.published or ""}


def due(attempts: Iterable[Attempt], listing: Listing, now: Instant) -> list[Attempt]:
    """Which of the releases that were read, each with its newest attempt, are to be looked at again now.

    They are among the `again` newest, and have waited for 1, 2, 4 … days (`again_days` at most) since the last look; of
    too many those that waited longest, by that measure.
    """
    newest = sorted(attempts, key=_newness, reverse=True)[: listing.again]
    waited = [(_turns(one, listing.again_days, now), one) for one in newest]
    waited.sort(key=lambda one: one[0], reverse=True)
    return [one for turns, one in waited[: max(AT_ONCE, listing.again // AT_ONCE)] if turns >= 1]


def due_looks(
    desk: Desk, listing: Listing, named: Sequence[ListedRelease], read: Mapping[str, Attempt]
) -> list[DueLook]:
    """Which of the releases that were `read` are to be looked at again now; `named` are those that the listing names.

    An address of which a part is a secret cannot be asked again when it is named no longer.
    """
    asked = {url: url for url in read if HIDDEN not in url} | {public_url(one.url): one.url for one in named}
    chosen = due([one for url, one in read.items() if url in asked], listing, desk.clock())
    return [DueLook(last, asked[last.url or ""]) for last in chosen]


def read_before(desk: Desk, source: Source, named: Sequence[ListedRelease]) -> dict[str, Attempt]:
    """The newest attempt at each address that a listing led to, as it is shown; of `named`, those that were read."""
    days = {public_url(release.url): release.published or "" for release in named}
    marked = desk.ledger.marked_attempts(source, LOOKS)
    # What could not be read at first is still to be read.
    found = {one.url or "": one for one in marked if one.state != "failed" or _looks(one)}
    for url, last in desk.ledger.read_addresses(source, [*days.keys() - found.keys()]).items():
        given = {PUBLISHED: days[url], FIRST_READ: day_of(last.at, source.timezone)}
        found[url] = msgspec.structs.replace(last, headers=given | last.headers)
    return found


def fetch_again(desk: Desk, source: Source, look: DueLook) -> Fetched | LookedAgain:
    """Fetch a release anew where it may have been changed; what it came to where there is nothing to be read.

    What cannot be had is written down, told, and asked for again at the next turn. Raises `BlockedError`, after writing
    the attempt down.
    """
    began = time.monotonic()
    try:
        fetched = fetch_whole(desk, source, look.url, _validators(look))
    except BlockedError as error:
        desk.ledger.attempt(source, failed_attempt(desk, source, look.last.url, error))
        raise
    except FetchError as error:
        return _missed(desk, source, look, error)
    log_fetched(source, fetched, began)
    fetched = _beside(desk, look, fetched)
    digest = look.last.sha256 if fetched.content is None else hashlib.sha256(fetched.content).hexdigest()
    same = digest == look.last.sha256 and look.last.state != "failed"
    return write_same(desk, source, look, fetched, digest) if same else fetched


def _beside(desk: Desk, look: DueLook, fetched: Fetched) -> Fetched:
    """An answer under the address that was asked, with what is remembered beside its headers."""
    shown = look.last.url or ""
    headers = look.last.headers if fetched.status == NOT_MODIFIED else {}
    headers = {name: value for name, value in headers.items() if name not in (GONE, ASTRAY, "Location")}
    headers |= fetched.headers | look.remembered() | ({"Location": fetched.url} if fetched.url != shown else {})
    published = Day(look.last.headers.get(PUBLISHED, "")) or None
    return msgspec.structs.replace(fetched, at=desk.clock(), url=shown, published=published, headers=headers)


def write_same(desk: Desk, source: Source, look: DueLook, fetched: Fetched, sha256: str | None) -> LookedAgain:
    """Write down that a release says what it said; told is that it is there again, or has moved."""
    note = _back(look) or _moved(look, fetched)
    reason = note.message if note else "looked at again"
    desk.ledger.attempt(source, attempt_of(fetched, "unchanged", sha256, reason))
    return LookedAgain(note=note)


def write_astray(desk: Desk, source: Source, look: DueLook, fetched: Fetched) -> LookedAgain:
    """Write down, and tell once, that an address leads to another page now: what that says is no edit of this one."""
    there = fetched.headers["Location"]
    message = f"{fetched.url} leads to {there} now, which says something else; it is not taken for an edit"
    headers = look.last.headers | look.remembered() | {ASTRAY: there}
    attempt = attempt_of(fetched, "unchanged", look.last.sha256, message)
    desk.ledger.attempt(source, msgspec.structs.replace(attempt, headers=headers))
    told = look.last.headers.get(ASTRAY)
    return LookedAgain(note=None if told and not led_elsewhere(told, there) else Note("moved", message))


def strayed(look: DueLook, fetched: Fetched) -> bool:
    """Whether an answer came from another place than the release was read at."""
    before = look.last.headers.get("Location", fetched.url)
    return led_elsewhere(before, fetched.headers.get("Location", fetched.url))


def as_edited(source: Source, look: DueLook, extracted: Extracted, before: KnownRelease | None) -> Extracted:
    """A release that says something else now, under the day that it had; it is looked at often again."""
    day = (before.published or day_of(before.known_at, source.timezone)) if before else None
    headers = extracted.fetched.headers | ({LOOKS: "0"} if before else {})
    return msgspec.structs.replace(
        extracted,
        fetched=msgspec.structs.replace(extracted.fetched, headers=headers),
        published=extracted.published or day or Day(look.last.headers.get(FIRST_READ, "")) or None,
    )


def lost_figures(extracted: Extracted, before: KnownRelease | None) -> Note | None:
    """What is told of a release that stated followed figures, and states none any more."""
    if before is None:
        return None
    url = extracted.fetched.url
    return Note("figures gone", f"{url} states no followed figure any more; {before.update} stays as it was read there")


def _validators(look: DueLook) -> dict[str, str] | None:
    doubted = look.last.state == "failed" or look.looks % (BELIEVED + 1) == BELIEVED
    return None if doubted else look.last.headers


def _missed(desk: Desk, source: Source, look: DueLook, error: FetchError) -> LookedAgain:
    """What is told, once, of a release that is not there any more, and each time of one that cannot be had."""
    absent = error.status in _ABSENT or error.reason in ("gone", "not_found")
    since = look.last.headers.get(GONE)
    headers = look.last.headers | look.remembered()
    if absent:
        headers |= {GONE: since or day_of(desk.clock(), source.timezone)}
    what = "is no longer there, and what was read there stays" if absent else "could not be looked at again"
    message = f"{look.last.url} {what} ({error})"
    attempt = Attempt(
        at=desk.clock(), url=look.last.url, status=error.status, state="unchanged", reason=message, headers=headers,
        sha256=look.last.sha256,
    )  # fmt: skip
    desk.ledger.attempt(source, attempt)
    return LookedAgain(note=None if absent and since else Note("gone" if absent else "not looked at", message, absent))


def _back(look: DueLook) -> Note | None:
    since = look.last.headers.get(GONE)
    return Note("there again", f"{look.last.url} is there again; it was gone since {since}") if since else None


def _moved(look: DueLook, fetched: Fetched) -> Note | None:
    if not strayed(look, fetched):
        return None
    there = fetched.headers.get("Location")
    where = f"leads to {there} now" if there else "is where it was again"
    return Note("moved", f"{fetched.url} {where}, and says what it said")


def _turns(last: Attempt, longest: int, now: Instant) -> float:
    """How many of its turns a release has waited since the last look; a clock that went back counts for none."""
    interval = _DAY * min(1 << min(_looks(last), 10), longest)
    waited: float = (moment(now) - moment(last.at) + min(EARLY, interval / 4)) / interval
    return waited


def _looks(last: Attempt) -> int:
    told = last.headers.get(LOOKS, "")
    return int(told) if told.isdecimal() else 0


def _newness(last: Attempt) -> tuple[str, str]:
    return last.headers.get(PUBLISHED) or last.headers.get(FIRST_READ, ""), last.headers.get(FIRST_READ, "")
