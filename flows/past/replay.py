"""Replay: archived releases read again with today's reader; differences are extraction changes, never news."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import msgspec

import extractors
from flows.desk import Desk
from flows.reading.opening import archived
from model import ArchiveError, Change, MovedOnError, Source, UnreadableError
from storage import PastRelease, Reread

log = logging.getLogger("tallybook")

TRIES = 5
"""How often a replay begins again because another process wrote to the source while it read."""


class ReplayOutcome(msgspec.Struct, frozen=True):
    """What a replay came to: releases read again, updates made (none in a dry run), and the changes."""

    source: str
    releases: int
    unreadable: int
    updates: tuple[str, ...]
    changes: tuple[Change, ...]


def replay_source(desk: Desk, source: Source, *, dry_run: bool = False) -> ReplayOutcome:
    """Read all archived releases of a source again, and record what today's reader reads otherwise.

    A `dry_run` says what would change and writes nothing. Releases whose bytes were redacted are passed over. Raises
    `MovedOnError` when other processes write to the source again and again meanwhile.
    """
    for left in reversed(range(TRIES)):
        counts = {"read": 0, "unreadable": 0}
        releases = _read_again(desk, source, counts)
        try:
            updates, changes = desk.ledger.replay(source, releases, extractors.reader(source), dry_run=dry_run)
            break
        except MovedOnError:
            if not left:
                raise
    return ReplayOutcome(source.id, counts["read"], counts["unreadable"], tuple(updates), tuple(changes))


def _read_again(desk: Desk, source: Source, counts: dict[str, int]) -> Iterator[Reread]:
    for past in desk.ledger.releases(source):
        again = _one(desk, source, past)
        counts["read" if again.reading else "unreadable"] += 1
        yield again


def _one(desk: Desk, source: Source, past: PastRelease) -> Reread:
    snapshot = past.snapshot
    try:
        content = desk.archive.get(snapshot.sha256)
        read = desk.read(source, archived(source, snapshot, content))
        return Reread(past.update_id, past.snapshot_id, snapshot, read.text, read.reading)
    except (ArchiveError, UnreadableError) as error:
        log.warning("%s: %s: %s", source.id, snapshot.known_at, error)
        return Reread(past.update_id, past.snapshot_id, snapshot, "", None)
