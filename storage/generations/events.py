"""What happened to a source, in its order: releases, attempts that gave none, and people's decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy.engine import Connection

from model import Cause, Instant, Snapshot
from storage.driver.rows import raw
from storage.fetchlog.attempts import Attempt


class EventCursor(NamedTuple):
    """Up to which rows the events of a source were read: its newest attempt, update and quiet release."""

    fetch: int = 0
    update: int = 0
    quiet: int = 0


class SourceEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened: a release (with its `snapshot`), an attempt without one, or a decision (`decided`).

    `update` is the update that the release made, `decided` that of the decision. `hold` says whether what was doubtful
    in the release waited for a person, None where nothing tells.
    """

    at: Instant
    attempt: Attempt | None = None
    snapshot: Snapshot | None = None
    cause: Cause = "fetch"
    hold: bool | None = True
    update: int | None = None
    decided: int | None = None


class _KnownRow(NamedTuple):
    """A release as its update, or its row among those that changed nothing, has it."""

    update_id: int
    quiet: int
    known_at: Instant
    cause: Cause
    published: str | None
    snapshot_id: int


_RELEASES = """
    SELECT id, 0, known_at, cause, published, snapshot_id FROM updates
    WHERE source_id = :source AND cause IN ('fetch', 'backfill', 'manual')
    UNION ALL
    SELECT update_id, id, known_at, cause, published, snapshot_id FROM quiet_releases
    WHERE source_id = :source AND cause IN ('fetch', 'backfill', 'manual')
    ORDER BY 1, 2
"""
_DECISIONS = "SELECT id FROM updates WHERE source_id = :source AND id > :update AND cause = 'review' ORDER BY id"
_FETCHES = "SELECT {}, id FROM fetches WHERE source_id = :source AND id > :fetch ORDER BY id"
_HOLDS = """
    SELECT c.update_id, MAX(CASE WHEN c.result = 'hold' THEN 1 ELSE 0 END),
        MAX(CASE WHEN substr(c.message, 1, 15) = 'would be held: ' THEN 1 ELSE 0 END)
    FROM checks c JOIN updates u ON u.id = c.update_id
    WHERE u.source_id = :source AND u.id > :update AND u.cause = 'backfill' GROUP BY c.update_id
"""
_SNAPSHOTS = "SELECT id, sha256, text_sha256, size, media_type, charset FROM snapshots WHERE id IN ({})"


def newest_rows(connection: Connection, source_id: int) -> EventCursor:
    """Where the events of a source end now."""
    tables = ("fetches", "updates", "quiet_releases")
    query = ", ".join(f"(SELECT COALESCE(MAX(id), 0) FROM {name} WHERE source_id = :source)" for name in tables)
    return EventCursor(*raw(connection, f"SELECT {query}", {"source": source_id})[0])


def events_after(connection: Connection, source_id: int, cursor: EventCursor) -> list[SourceEvent]:
    """What happened to a source after what a cursor names, oldest first.

    Of attempts that were summed up by day nothing is left but their number: the releases that they found are there.
    """
    given = {"source": source_id, **cursor._asdict()}
    releases = [_KnownRow(*row) for row in raw(connection, _RELEASES, given)]
    fetches = raw(connection, _FETCHES.format(", ".join(Attempt.__struct_fields__)), given)
    attempts = [_attempt(row) for row in fetches]
    snapshots = _snapshots(connection, releases, attempts)
    holds = {update: bool(held) if held or would else None for update, held, would in raw(connection, _HOLDS, given)}
    found = _Events(releases, cursor, snapshots, holds)
    placed = [*found.of_attempts(attempts), *found.without_attempt()]
    decided = [update for (update,) in raw(connection, _DECISIONS, given)]
    placed += [_decision(update, releases) for update in decided]
    return [event for _, _, event in sorted(placed, key=lambda one: one[:2])]


_InOrder = tuple[Instant, tuple[int, int], SourceEvent]
"""An event with its time, and its place among those of that time: its update, and its row."""


class _Events:
    """Releases that wait for the attempt that brought each of them."""

    def __init__(
        self,
        releases: Sequence[_KnownRow],
        cursor: EventCursor,
        snapshots: dict[int, Snapshot],
        holds: dict[int, bool | None],
    ) -> None:
        self.snapshots, self.holds = snapshots, holds
        self.loud = {one.update_id: one for one in releases if not one.quiet and one.update_id > cursor.update}
        self.quiet: dict[tuple[str, int], list[_KnownRow]] = {}
        self.newest = {one.snapshot_id: one for one in releases}
        for one in releases:
            if one.quiet > cursor.quiet:
                self.quiet.setdefault((one.known_at, one.snapshot_id), []).append(one)

    def of_attempts(self, attempts: Sequence[Attempt]) -> Iterator[_InOrder]:
        """Each attempt, with the release that it brought or found again."""
        newest = 0
        for at, attempt in enumerate(attempts):
            told = self._brought(attempt)
            newest = max(newest, told.update_id if told is not None else 0)
            event = SourceEvent(at=attempt.at, attempt=attempt)
            if told is not None:
                event = self._release(told, attempt)
            elif attempt.snapshot_id in self.newest:
                event = self._again(self.newest[attempt.snapshot_id], attempt)
            yield attempt.at, (newest, at), event

    def without_attempt(self) -> Iterator[_InOrder]:
        """Releases whose attempts were summed up."""
        left = [*self.loud.values(), *(one for some in self.quiet.values() for one in some)]
        for told in sorted(left):
            yield told.known_at, (told.update_id, -1), self._release(told, None)

    def _brought(self, attempt: Attempt) -> _KnownRow | None:
        if attempt.update_id is not None:
            return self.loud.pop(attempt.update_id, None)
        same = self.quiet.get((attempt.at, attempt.snapshot_id or 0))
        return same.pop(0) if same else None

    def _release(self, told: _KnownRow, attempt: Attempt | None) -> SourceEvent:
        update = None if told.quiet else told.update_id
        hold = self.holds.get(update or 0) if told.cause == "backfill" else True
        return SourceEvent(
            at=told.known_at, attempt=attempt, snapshot=self._snapshot(told, told.known_at),
            cause=told.cause, hold=hold, update=update,
        )  # fmt: skip

    def _again(self, told: _KnownRow, attempt: Attempt) -> SourceEvent:
        """A release that was the newest one still; what was fetched has headers, what was handed in has none."""
        cause: Cause = "fetch" if attempt.headers else told.cause
        hold = None if cause == "backfill" else True
        return SourceEvent(
            at=attempt.at, attempt=attempt, snapshot=self._snapshot(told, attempt.at), cause=cause, hold=hold
        )

    def _snapshot(self, told: _KnownRow, at: Instant) -> Snapshot:
        return msgspec.structs.replace(self.snapshots[told.snapshot_id], known_at=at, published=told.published)


def _decision(update: int, releases: Sequence[_KnownRow]) -> _InOrder:
    """A decision stands after the last release before it."""
    before = [one for one in releases if one.update_id < update]
    last = max(before, key=attrgetter("known_at", "update_id"), default=None)
    at = last.known_at if last is not None else Instant("")
    return at, (update, -1), SourceEvent(at=at, decided=update)


def _attempt(row: Sequence[Any]) -> Attempt:
    values = dict(zip(Attempt.__struct_fields__, row[:-1], strict=True))
    return Attempt(**values | {"headers": msgspec.json.decode(values["headers"] or "{}")})


def _snapshots(
    connection: Connection, releases: Sequence[_KnownRow], attempts: Sequence[Attempt]
) -> dict[int, Snapshot]:
    wanted = sorted({one.snapshot_id for one in releases} | {one.snapshot_id for one in attempts if one.snapshot_id})
    found: dict[int, Snapshot] = {}
    for at in range(0, len(wanted), 500):
        for row in raw(connection, _SNAPSHOTS.format(", ".join(map(str, wanted[at : at + 500]))), {}):
            named = dict(zip(("sha256", "text_sha256", "size", "media_type", "charset"), row[1:], strict=True))
            found[row[0]] = Snapshot(**named, known_at=Instant(""))
    return found
