"""Backfill: old copies of one source, recorded in the order in which the world could read them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import extractors
from flows.desk import Desk
from flows.outcomes import BackfillOutcome
from flows.past.manifest import Copy, read_manifest
from flows.pipeline import take
from flows.stages import Intake
from model import Fetched, Source, UnreadableError
from storage import Recorded

log = logging.getLogger("tallybook")

Progress = Callable[[int, int], None]


def backfill_source(
    desk: Desk, source: Source, manifest: Path, *, hold: bool = False, progress: Progress | None = None
) -> BackfillOutcome:
    """Record old copies of a source's reports in the order the world could read them.

    The manifest is checked whole before anything is written. Copies that were recorded by an earlier run are passed
    over, so a backfill that was cut off is finished by calling it again. Raises `UsageError` for a bad manifest and
    `LedgerError` for a copy older than the newest release that is not in the ledger.
    """
    return backfill_copies(desk, source, read_manifest(manifest), hold=hold, progress=progress)


def backfill_copies(
    desk: Desk, source: Source, copies: Sequence[Copy], *, hold: bool = False, progress: Progress | None = None
) -> BackfillOutcome:
    """Record old copies, which are in the order the world could read them; see `backfill_source`."""
    waiting = desk.ledger.not_yet(source, [(copy.fetched_at, copy.sha256) for copy in copies])
    total = BackfillOutcome(0, 0, 0, 0, len(copies) - len(waiting))
    for at, number in enumerate(waiting, start=1):
        total = total.and_one(backfill_one(desk, source, copies[number], hold=hold))
        if progress:
            progress(at, len(waiting))
    return total


def backfill_one(desk: Desk, source: Source, copy: Copy, *, hold: bool) -> Recorded | None:
    """Record one old copy; None, with a warning in the log, where it is no report."""
    content = copy.read()
    fetched = Fetched(
        url=copy.name,
        at=copy.fetched_at,
        status=200,
        content=content,
        media_type=extractors.sniff(content, copy.name),
        published=copy.published,
    )
    try:
        return take(desk, source, fetched, Intake(cause="backfill", hold=hold))
    except UnreadableError as error:
        log.warning("%s: %s: %s", source.id, copy.name, error)
        return None
