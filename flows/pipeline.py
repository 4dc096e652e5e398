"""The path, one line a stage: fetch, open and extract, archive, evaluate and append, tell.

Plain Python: the Prefect flows stand around it, and `tallybook refresh` walks it in its own process. The stages are in
`flows.stages`, the releases of a listing in `flows.listings`, what a walk came to in `flows.outcomes`.
"""

from __future__ import annotations

import hashlib
import logging

import extractors
from flows.alerts import SOUND, alert, alert_outage
from flows.desk import Desk
from flows.fetching.attempts import attempt_of, write_failures, write_unexpected
from flows.fetching.known import as_first_dated, known_before, note_known
from flows.listings import fetch_release, is_dated, new_releases
from flows.outcomes import Outcome, of_failure, of_release, of_releases, reason_of
from flows.past.clocks import refuse_clock
from flows.reading.opening import archived
from flows.stages import FETCHED, Intake, archive, extract, fetch, note_unfollowed, record, states_nothing
from model import (
    ArchiveError,
    BlockedError,
    ClockError,
    Fetched,
    FetchError,
    Listing,
    OlderReleaseError,
    OutageError,
    Source,
    State,
    TallybookError,
    UnreadableError,
)
from storage import Recorded, Release

log = logging.getLogger("tallybook")


def take(desk: Desk, source: Source, fetched: Fetched, intake: Intake = FETCHED) -> Recorded:
    """Walk the path from fetched bytes on.

    Raises `UnreadableError`, after writing the failed attempt down, when the bytes are no report.
    """
    fetched = as_first_dated(desk, source, fetched) if intake.article else fetched
    extracted = extract(desk, source, fetched, intake)
    snapshot = archive(desk, source, extracted)
    if intake.article and states_nothing(source, extracted):
        return note_unfollowed(desk, source, extracted)
    if intake.article and (known := known_before(desk, source, extracted)):
        return note_known(desk, source, extracted, known)
    return record(desk, source, extracted, snapshot, intake)


def refresh_source(desk: Desk, source: Source, *, force: bool = False, retried: bool = False) -> Outcome:
    """Walk the path for one source now; whatever the source does wrong becomes a row and an outcome, never a raise.

    `force` fetches although the publisher says that nothing changed. `retried` says that a failure will be tried
    again by the caller, and alerts nobody yet.
    """
    try:
        outcome = _walk(desk, source, force=force)
    except OlderReleaseError:
        outcome = of_failure(source, "unchanged", "another refresh recorded a later release meanwhile")
    except (FetchError, UnreadableError, ClockError) as error:
        state: State = "blocked" if isinstance(error, BlockedError) else "failed"
        outcome = of_failure(source, state, str(error), reason_of(error))
    except OutageError as error:
        return _outage(desk, source, error, retried)
    except Exception as error:  # one bad source must not stop the others; the trace goes to the log
        outcome = write_unexpected(desk, source, error)
    try:
        if not (retried and outcome.state == "failed"):
            alert(desk, source, outcome)
    except OutageError as error:
        return _outage(desk, source, error, retried)
    return outcome


def _outage(desk: Desk, source: Source, error: OutageError, retried: bool) -> Outcome:
    """Our own archive or ledger failed: that is told once for all sources, and stands against none of them."""
    if not retried:
        alert_outage(desk, error)
    return of_failure(source, "failed", f"not recorded: {error}", "outage")


def _walk(desk: Desk, source: Source, *, force: bool) -> Outcome:
    newest, last = desk.ledger.newest_known(source, *SOUND)
    refuse_clock(desk, source, newest)
    if newest is not None and _reread(desk, source, newest):
        newest, last = desk.ledger.newest_known(source, *SOUND)
    if source.listing is not None:
        return _walk_listing(desk, source, source.listing, force=force)
    fetched = fetch(desk, source, newest.snapshot if newest else None, None if force else last)
    if fetched.content is None:
        attempt = attempt_of(fetched, "unchanged", newest.snapshot.sha256 if newest else None)
        return of_release(source, desk.ledger.unchanged(source, attempt))
    if newest is not None and hashlib.sha256(fetched.content).hexdigest() == newest.snapshot.sha256:
        desk.archive.put(
            fetched.content
        )  # a copy that was damaged is whole again, and proves what only our reading does
        _reread(desk, source, newest)
    return of_release(source, take(desk, source, fetched))


def _walk_listing(desk: Desk, source: Source, listing: Listing, *, force: bool) -> Outcome:
    """Walk the path for each new release of a listing, oldest first; one that fails is told, and tried again later."""
    done: list[Recorded] = []
    failures: list[TallybookError] = []
    absent = 0
    for release in new_releases(desk, source, listing, force=force):
        try:
            fetched = fetch_release(desk, source, release, may_be_absent=is_dated(listing))
            done += [take(desk, source, fetched, Intake(article=True))] if fetched else []
            absent += fetched is None
        except (FetchError, UnreadableError) as error:
            failures.append(error)
            if isinstance(error, BlockedError):
                break
    if absent == listing.newest:
        failures.append(FetchError("http_status", f"none of the last {absent} dated addresses is there"))
    doubt = desk.ledger.doubt(source) if not done else None
    held = doubt.message if doubt and doubt.state == "held" else ""
    return write_failures(desk, source, of_releases(source, done, failures, held))


def _reread(desk: Desk, source: Source, newest: Release) -> bool:
    """Let a changed reader read the newest snapshot first, so that its differences never look like news."""
    snapshot = newest.snapshot
    if newest.reader == extractors.reader(source):
        return False
    try:
        fetched = archived(source, snapshot, desk.archive.get(snapshot.sha256))
        take(desk, source, fetched, Intake(cause="replay", why="extraction"))
    except OutageError:
        raise
    except (ArchiveError, UnreadableError) as error:
        # What was removed, is damaged, or is no report to today's reader must not keep today's from being read.
        log.warning("%s: its newest release is not read again with today's reader: %s", source.id, error)
        return False
    return True
