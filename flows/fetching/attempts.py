"""The rows that every attempt leaves, whatever became of it."""

from __future__ import annotations

import contextlib
import hashlib
import logging

import msgspec

from flows.desk import Desk
from flows.outcomes import Outcome, of_failure, reason_of
from model import (
    ArchiveError,
    BlockedError,
    Fetched,
    FetchError,
    Source,
    State,
    TallybookError,
    UnreadableError,
)
from sources.web.addresses import public_text, public_url
from storage import Attempt

log = logging.getLogger("tallybook")

MOST_OF_AN_ANSWER = 2**20
"""So many bytes are kept of what was answered in place of a report."""


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
    attempt = Attempt(
        at=desk.clock(), url=public_url(url) if url else None, status=error.status, state=state, reason=reason
    )
    return msgspec.structs.replace(attempt, sha256=_kept(desk, source, attempt, error.content))


def write_unreadable(
    desk: Desk, source: Source, fetched: Fetched, error: UnreadableError, beside: dict[str, str]
) -> None:
    """Archive what is no report, and write down why it is none; `beside` goes with its headers."""
    content = fetched.content or b""
    desk.archive.put(content)
    sha256 = hashlib.sha256(content).hexdigest()
    fetched = msgspec.structs.replace(fetched, headers=beside | fetched.headers)
    desk.ledger.attempt(source, attempt_of(fetched, "failed", sha256, f"{error.reason}: {error}"))


def write_unexpected(desk: Desk, source: Source, error: Exception) -> Outcome:
    """Keep a row of a failure that met no row on its way; a ledger that cannot even take that is only logged."""
    if isinstance(error, TallybookError):
        reason = str(error)
    else:
        reason = public_text(f"unexpected {type(error).__name__}: {error}")
        log.error("%s: unexpected error", source.id, exc_info=error)
    try:
        desk.ledger.attempt(source, _failure(desk, source, "failed", reason))
    except Exception as second:
        trace = None if isinstance(second, TallybookError) else second
        log.error("%s: the failure could not be written down: %s", source.id, second, exc_info=trace)
    return of_failure(source, "failed", reason, reason_of(error))


def write_failures(desk: Desk, source: Source, outcome: Outcome) -> Outcome:
    """Keep a row of what failed in a listing: a later release that was read must not hide that another was not."""
    if outcome.state in ("failed", "blocked"):
        desk.ledger.attempt(source, _failure(desk, source, outcome.state, outcome.message))
    return outcome


def _failure(desk: Desk, source: Source, state: State, reason: str) -> Attempt:
    address = source.url or (public_url(source.listing.url) if source.listing else None)
    return Attempt(at=desk.clock(), url=address, status=None, state=state, reason=reason)


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
