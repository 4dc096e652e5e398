"""Recording one release: compared with what is accepted, checked, and appended where it says anything new."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec
from sqlalchemy.engine import Connection

from changes.accepted import Accepted, NewestRelease
from changes.evaluate import ReadRelease, evaluate, on_its_way, repeats, sort_release
from changes.update import Evaluation
from model import OlderReleaseError, Snapshot, Source
from storage.append import append
from storage.archive import Archive
from storage.database import refuse_growth
from storage.facts import LedgerFacts
from storage.fetchlog import attempts
from storage.fetchlog.attempts import Attempt
from storage.load import read_histories
from storage.outcome import Recorded, doubt, recorded
from storage.releases import keep_quiet

Amend = Callable[[Evaluation], Evaluation]
"""What somebody else has to say of an evaluation before it is appended."""


class RecordingDesk(NamedTuple):
    """What a release is recorded with: the caller's transaction, the archive, and how long attempts are kept whole.

    `amend` has a say in what is appended.
    """

    connection: Connection
    archive: Archive
    attempt_days: int
    amend: Amend | None = None


def record(
    desk: RecordingDesk, source: Source, accepted: Accepted, read: ReadRelease, attempt: Attempt | None
) -> tuple[Recorded, int | None]:
    """Record a release (see `storage.ledger.Ledger.record`); returns what became of it, and its update's id if any."""
    connection, archive = desk.connection, desk.archive
    read = on_its_way(accepted, read)
    if accepted.release is not None:
        if repeats(accepted, read):
            return unchanged(desk, accepted, attempt), None
        _refuse_older(source, accepted.release, read.snapshot)
    refuse_growth(connection, archive)
    release = sort_release(source, accepted, read)
    read_histories(connection, accepted, release.touched)
    evaluation = evaluate(source, accepted, release, LedgerFacts(connection, accepted.source_id))
    evaluation = desk.amend(evaluation) if desk.amend is not None else evaluation
    if evaluation.is_quiet(accepted):
        accepted.quiet, accepted.release = keep_quiet(connection, archive, accepted, evaluation)
        return unchanged(desk, accepted, attempt), None
    if read.picture is not None:
        archive.put(read.picture)  # before the row that names it
    appended = append(connection, archive, accepted, evaluation)
    done = recorded(f"{source.id}/{appended.number}", evaluation)
    if attempt is not None:
        filled = msgspec.structs.replace(
            attempt, state=done.state, reason=done.message,
            snapshot_id=appended.snapshot_id, update_id=appended.update_id,
        )  # fmt: skip
        attempts.insert(connection, accepted.source_id, filled, desk.attempt_days)
    return done, appended.update_id


def unchanged(desk: RecordingDesk, state: Accepted, attempt: Attempt | None) -> Recorded:
    """Append an attempt that found the newest release as it was; what was doubtful about that is still told."""
    found = doubt(desk.connection, state.source_id, sum(held.open for held in state.held.values()))
    if attempt is not None:
        newest = state.release.snapshot_id if state.release else None
        reason = attempt.reason if found.plain else found.message
        filled = msgspec.structs.replace(attempt, state=found.state, reason=reason, snapshot_id=newest)
        attempts.insert(desk.connection, state.source_id, filled, desk.attempt_days)
    return Recorded(found.state, None, 0, 0, found.message)


def _refuse_older(source: Source, newest: NewestRelease, snapshot: Snapshot) -> None:
    if snapshot.known_at < newest.known_at:
        raise OlderReleaseError(
            f"{source.id}: a release of {snapshot.known_at} is older than the newest recorded, {newest.known_at}",
            "changes are computed in the order the world could read them; tallybook backfill adds older copies",
        )
