"""The path, one line a stage: fetch, open and extract, archive, evaluate and append, tell.

Plain Python: the Prefect flows stand around it, and `tallybook refresh` walks it in its own process. The stages are in
`flows.stages`, the releases of a listing in `flows.listings`, what a walk came to in `flows.outcomes`.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

import extractors
from flows.alerts import SOUND, alert, alert_outage
from flows.desk import Desk
from flows.fetching.again import (
    DueLook,
    LookedAgain,
    as_edited,
    fetch_again,
    lost_figures,
    strayed,
    write_astray,
    write_same,
)
from flows.fetching.attempts import attempt_of, write_failures, write_unexpected
from flows.fetching.known import as_first_dated, known_before, note_known
from flows.listings import fetch_release, is_dated, look_at_listing
from flows.operation.logs import about
from flows.outcomes import (
    OUTAGE_REASON,
    Note,
    Outcome,
    of_failure,
    of_release,
    of_releases,
    reason_of,
    with_corrections,
)
from flows.past.clocks import refuse_clock
from flows.past.replay import replay_source
from flows.reading.opening import archived
from flows.rules.running import enrol, tell_by_rules
from flows.stages import (
    ARTICLE,
    FETCHED,
    Extracted,
    Intake,
    archive,
    extract,
    fetch,
    note_unfollowed,
    record,
    states_nothing,
)
from flows.status import is_due
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
from publish.safe import safe
from storage import Attempt, KnownRelease, Recorded, Release

log = logging.getLogger("tallybook")

LEFT_TO_OTHERS = "another run looked at it, or does so now"


def take(desk: Desk, source: Source, fetched: Fetched, intake: Intake = FETCHED) -> Recorded:
    """Walk the path from fetched bytes on.

    Raises `UnreadableError`, after writing the failed attempt down, when the bytes are no report.
    """
    fetched = as_first_dated(desk, source, fetched) if intake.article else fetched
    return _keep(desk, source, extract(desk, source, fetched, intake), intake)


def _keep(desk: Desk, source: Source, extracted: Extracted, intake: Intake) -> Recorded:
    """Walk the path from a release that was read on."""
    snapshot = archive(desk, source, extracted)
    if intake.article and states_nothing(source, extracted):
        return note_unfollowed(desk, source, extracted)
    if intake.article and (known := known_before(desk, source, extracted)):
        return note_known(desk, source, extracted, known)
    return record(desk, source, extracted, snapshot, intake)


def refresh_source(
    desk: Desk, source: Source, *, force: bool = False, retried: bool = False, due: bool = False
) -> Outcome:
    """Walk the path for one source now; whatever the source does wrong becomes a row and an outcome, never a raise.

    It is in one hand at a time, over all processes that share the ledger: another's is waited for. `force` fetches
    although the publisher says that nothing changed. `retried` says that a failure that may pass will be tried again
    by the caller, and alerts nobody yet. `due` leaves a source alone that another has in hand, or looked at meanwhile.
    """
    with about(source=source.id):
        outcome = _refreshed(desk, source, RefreshWish(force, retried, due))
    with about(source=source.id, state=outcome.state, update=outcome.update, reason=outcome.reason):
        log.info("%s", safe(f"{source.id}: {outcome.state} {outcome.told}".rstrip(), "terminal"))
    return outcome


class RefreshWish(NamedTuple):
    """How one source is to be refreshed; see `refresh_source`."""

    force: bool
    retried: bool
    due: bool


def _refreshed(desk: Desk, source: Source, wish: RefreshWish) -> Outcome:
    known = True
    try:
        with _turn(desk, source, wish) as ours:
            if not ours:
                return of_failure(source, "unchanged", LEFT_TO_OTHERS)
            known = enrol(desk, source)
            outcome = _walk(desk, source, force=wish.force)
    except OlderReleaseError:
        outcome = of_failure(source, "unchanged", "another refresh recorded a later release meanwhile")
    except (FetchError, UnreadableError, ClockError) as error:
        state: State = "blocked" if isinstance(error, BlockedError) else "failed"
        outcome = of_failure(source, state, str(error), reason_of(error))
    except OutageError as error:
        return _outage(desk, source, error, wish.retried)
    except Exception as error:  # one bad source must not stop the others; the trace goes to the log
        outcome = write_unexpected(desk, source, error)
    try:
        if not (wish.retried and outcome.may_pass):
            alert(desk, source, outcome)
        tell_by_rules(desk, source, known=known)
    except OutageError as error:
        return _outage(desk, source, error, wish.retried)
    return outcome


@contextmanager
def _turn(desk: Desk, source: Source, wish: RefreshWish) -> Iterator[bool]:
    """Have a source in hand for a block; False where it is to be left to another."""
    with desk.turns.of("source", source.id, wait=not wish.due) as ours:
        yield ours and (not wish.due or is_due(desk, source))


def _outage(desk: Desk, source: Source, error: OutageError, retried: bool) -> Outcome:
    """Our own archive or ledger failed: that is told once for all sources, and stands against none of them."""
    if not retried:
        alert_outage(desk, error)
    return of_failure(source, "failed", f"not recorded: {error}", OUTAGE_REASON)


def _walk(desk: Desk, source: Source, *, force: bool) -> Outcome:
    newest, last = desk.ledger.newest_known(source, *SOUND)
    refuse_clock(desk, source, newest)
    corrected: list[Recorded] = []
    if newest is not None and _reread(desk, source, newest, corrected):
        newest, last = desk.ledger.newest_known(source, *SOUND)
    if source.listing is not None:
        outcome = _walk_listing(desk, source, source.listing, corrected, force=force)
    else:
        outcome = _walk_address(desk, source, (newest, None if force else last), corrected)
    return with_corrections(outcome, corrected)


def _walk_address(
    desk: Desk, source: Source, known: tuple[Release | None, Attempt | None], corrected: list[Recorded]
) -> Outcome:
    """Walk the path for a source's one address; `known` are its newest release, and the attempt to ask with."""
    newest, last = known
    fetched = fetch(desk, source, newest.snapshot if newest else None, last)
    if fetched.content is None:
        attempt = attempt_of(fetched, "unchanged", newest.snapshot.sha256 if newest else None)
        return of_release(source, desk.ledger.unchanged(source, attempt))
    if newest is not None and hashlib.sha256(fetched.content).hexdigest() == newest.snapshot.sha256:
        desk.archive.put(
            fetched.content
        )  # a copy that was damaged is whole again, and proves what only our reading does
        _reread(desk, source, newest, corrected)
    return of_release(source, take(desk, source, fetched))


def _walk_listing(desk: Desk, source: Source, listing: Listing, corrected: list[Recorded], *, force: bool) -> Outcome:
    """Walk the path for each new release of a listing, oldest first; one that fails is told, and tried again later."""
    done: list[Recorded] = []
    failures: list[TallybookError] = []
    look = look_at_listing(desk, source, listing, force=force)
    absent = 0
    for release in look.new:
        try:
            fetched = fetch_release(desk, source, release, may_be_absent=is_dated(listing))
            done += [take(desk, source, fetched, ARTICLE)] if fetched else []
            absent += fetched is None
        except (FetchError, UnreadableError) as error:
            failures.append(error)
            if isinstance(error, BlockedError):
                break
    if absent == listing.newest:
        failures.append(FetchError("http_status", f"none of the last {absent} dated addresses is there"))
    walk = _AgainWalk(desk, source, done, failures, corrected)
    notes = [*look.notes, *walk.look(look.again)]
    doubt = desk.ledger.doubt(source) if not done else None
    held = doubt.message if doubt and doubt.state == "held" else ""
    outcome = write_failures(desk, source, of_releases(source, done, failures, held))
    return msgspec.structs.replace(outcome, notes=tuple(notes))


@dataclass
class _AgainWalk:
    """The path of the releases that are looked at again, and what came of the refresh until then."""

    desk: Desk
    source: Source
    done: list[Recorded]
    failures: list[TallybookError]
    corrected: list[Recorded]
    replayed: bool = False

    def look(self, due: Sequence[DueLook]) -> list[Note]:
        """Look at releases again, unless the publisher turned us away; what is told beside what was recorded."""
        notes: list[Note | None] = []
        for look in due:
            if any(isinstance(error, BlockedError) for error in self.failures):
                break
            try:
                came = self._one(look)
            except (FetchError, UnreadableError) as error:
                self.failures.append(error)
                continue
            self.done.extend([came.recorded] if came.recorded else [])
            notes.append(came.note)
        return [note for note in notes if note]

    def _one(self, look: DueLook) -> LookedAgain:
        """Look at one release: what it says otherwise is an update with before and after, under its first day."""
        desk, source = self.desk, self.source
        fetched = fetch_again(desk, source, look)
        if isinstance(fetched, LookedAgain):
            return fetched
        extracted = extract(desk, source, fetched, ARTICLE)
        before = desk.ledger.newest_at(source, fetched.url)
        if before is not None and before.text_sha256 == hashlib.sha256(extracted.text.encode()).hexdigest():
            return write_same(desk, source, look, fetched, extracted.sha256)
        if strayed(look, fetched):
            return write_astray(desk, source, look, fetched)
        self._correct(before)
        extracted = as_edited(source, look, extracted, before)
        lost = lost_figures(extracted, before) if states_nothing(source, extracted) else None
        return LookedAgain(_keep(desk, source, extracted, ARTICLE), lost)

    def _correct(self, before: KnownRelease | None) -> None:
        """Let a changed reader read all releases first: an edit is told from what the reader itself does otherwise."""
        if before is None or before.reader == extractors.reader(self.source) or self.replayed:
            return
        self.replayed = True
        again = replay_source(self.desk, self.source)
        counts = [len(again.changes), *(0 for _ in again.updates[1:])]
        self.corrected.extend(Recorded("changed", *made, 0, "") for made in zip(again.updates, counts, strict=False))


def _reread(desk: Desk, source: Source, newest: Release, corrected: list[Recorded]) -> bool:
    """Let a changed reader read the newest snapshot first, so that its differences never look like news."""
    snapshot = newest.snapshot
    if newest.reader == extractors.reader(source):
        return False
    try:
        fetched = archived(source, snapshot, desk.archive.get(snapshot.sha256))
        corrected.append(take(desk, source, fetched, Intake(cause="replay", why="extraction")))
    except OutageError:
        raise
    except (ArchiveError, UnreadableError) as error:
        # What was removed, is damaged, or is no report to today's reader must not keep today's from being read.
        log.warning("%s: its newest release is not read again with today's reader: %s", source.id, error)
        return False
    return True
