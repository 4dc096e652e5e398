"""Times that have not come yet: a clock of ours was ahead, or is behind now. Neither may pass for an older release."""

from __future__ import annotations

import contextlib
import datetime as dt

import msgspec

from flows.desk import Desk
from model import ClockError, FetchError, Instant, Source, UsageError, moment
from sources.web.addresses import public_url
from storage import Attempt, Release

SKEW = dt.timedelta(minutes=2)
"""So far the clocks of several machines may differ; a release that much later was read by another refresh."""


def lies_ahead(at: Instant | None, now: Instant) -> bool:
    """Whether a time has not come yet, as far as our clock can be trusted to say so."""
    return at is not None and moment(at) > moment(now) + SKEW


def refuse_to_come(at: Instant, now: Instant, where: str) -> None:
    """Raise `UsageError` for a time, of a copy that the world could read, which has not come yet."""
    if lies_ahead(at, now):
        raise UsageError(f"{where}: {at} has not come yet", f"it is {now} by this machine's clock; mend the time")


def tell_ahead(at: Instant, now: Instant, source: str) -> str:
    """What is wrong, and what a person can do about it."""
    return (
        f"our clock says {now}, and the ledger has a time of {at}: nothing can be recorded in between; if the clock is "
        f"right now, tallybook sources rewind {source} --by WHO --why … takes back what it was ahead for, else set it"
    )


def refuse_clock(desk: Desk, source: Source, newest: Release | None) -> None:
    """Raise `ClockError` where the newest release lies ahead of our clock; the bytes are kept, and a row is written.

    One that lies ahead by less than machines' clocks differ was read by another refresh meanwhile.
    """
    now = desk.clock()
    known = newest.snapshot.known_at if newest is not None else None
    if known is None or not lies_ahead(known, now):
        return
    told = tell_ahead(known, now, source.id)
    attempt = Attempt(at=now, url=None, status=None, state="failed", reason=f"clock: {told}")
    desk.ledger.attempt(source, _with_bytes(desk, source, attempt))
    raise ClockError(told)


def _with_bytes(desk: Desk, source: Source, attempt: Attempt) -> Attempt:
    if source.url is None:
        return attempt
    with contextlib.suppress(FetchError):
        fetched = desk.fetcher.fetch(source)
        kept = desk.archive.put(fetched.content or b"")
        return msgspec.structs.replace(attempt, url=public_url(fetched.url), status=fetched.status, sha256=kept)
    return attempt
