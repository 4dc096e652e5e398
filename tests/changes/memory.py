"""A ledger in memory: releases, replays and decisions evaluated and applied as ever, without a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from changes.accepted import Accepted
from changes.decide import Action, RecordedValue, Ruling, decide
from changes.evaluate import ReadRelease, evaluate, sort_release
from changes.facts import KnownShape, RecordedVersion
from changes.kinds import ProposedChange
from changes.replay import Reread, differences, evaluate_reread
from changes.update import Appended, Evaluation, advance
from model import (
    CheckResult,
    Day,
    Increment,
    Instant,
    Reader,
    Reading,
    Shape,
    Snapshot,
    Source,
)
from tests.storage.books import READER, Row, figure, source

__all__ = ["OTHER_READER", "MemoryLedger", "Row", "figure", "held_changes", "holds", "messages", "source", "told"]

OTHER_READER = Reader("csv", 2, "options")


Table = Sequence[Row] | Reading | None


class Version(NamedTuple):
    """One version as the ledger keeps it."""

    update_id: int
    change: ProposedChange


class MemoryLedger:
    """The ledger of one source; it is its own `Facts`. Every update is kept with its evaluation, by number."""

    def __init__(self, followed: Source) -> None:
        self.source = followed
        self.accepted = Accepted(1)
        self.updates: list[Evaluation] = []
        self.releases: list[tuple[int, Snapshot, Reading]] = []
        self.shapes: list[tuple[int, Reader, Shape, bool]] = []

    def release(self, known_at: str, rows: Sequence[Row], **options: Any) -> Evaluation:
        """Record a release; a table is the text, and also what is read in it."""
        text = options.pop("text", f"{len(self.releases)} {rows}")
        known = Instant(known_at if "T" in known_at else f"{known_at}T12:00:00Z")
        snapshot = Snapshot(
            sha256=text, text_sha256=text, size=len(text), media_type="text/csv", known_at=known,
            published=options.pop("published", None),
        )  # fmt: skip
        stated = tuple(
            Increment(ref, as_of, figure(content, kind="change")) for ref, as_of, content in options.pop("stated", ())
        )
        shape = options.pop("shape", {})
        read = reading(rows, stated=stated, checks=tuple(options.pop("checks", ())), shape=lambda: shape)
        sorted_one = sort_release(
            self.source, self.accepted, ReadRelease(snapshot, text, read, options.pop("reader", READER), **options)
        )
        done = self._append(evaluate(self.source, self.accepted, sorted_one, self))
        self.releases.append((len(self.updates), snapshot, read))
        return done

    def replay(
        self, tables: Sequence[Sequence[Row] | Reading | None], decided: set[tuple[int, Day]] | None = None
    ) -> list[Evaluation]:
        """Read every release again, as these tables."""
        rereads = [
            Reread(
                update,
                update,
                snapshot,
                snapshot.sha256,
                rows if isinstance(rows, Reading) or rows is None else reading(rows),
            )
            for (update, snapshot, _), rows in zip(self.releases, tables, strict=True)
        ]
        found = list(differences(self.source, self.accepted, rereads, decided or set()))
        return [self._append(evaluate_reread(self.source, self.accepted, one, OTHER_READER, self)) for one in found]

    def decide(self, number: int, action: Action, **given: Any) -> Evaluation:
        """Decide on an update; series and as-of choose among its values."""
        answer = Ruling(update=f"book/{number}", action=action, **({"who": "Ann", "why": "it is so"} | given))
        values = [
            self._recorded(number, change)
            for change in self.updates[number - 1].changes
            if answer.series in (None, self.accepted.keys[change.series_id]) and answer.as_of in (None, change.as_of)
        ]
        return self._append(decide(self.accepted, answer, values, self))

    def values(self) -> dict[tuple[str, str], str]:
        """What counts now, by series and as-of."""
        keys = self.accepted.keys
        return {
            (keys[series_id].partition("/")[2], as_of): content
            for series_id, live in self.accepted.live.items()
            for as_of, content in live.items()
        }

    def _append(self, evaluation: Evaluation) -> Evaluation:
        known = len(self.accepted.series)
        ids = {one.id: known + place for place, one in enumerate(evaluation.naming.opened, 1)}
        evaluation = evaluation.with_series(ids)
        self.updates.append(evaluation)
        number = len(self.updates)
        advance(self.accepted, evaluation, Appended(number, number, f"chain {number}", number))
        if evaluation.shape is not None:
            assert evaluation.reader is not None
            self.shapes.append((number, evaluation.reader, *evaluation.shape))
        return evaluation

    def _recorded(self, number: int, change: ProposedChange) -> RecordedValue:
        detail = {name: value for name in ("how", "redated", "rename") if (value := getattr(change, name)) is not None}
        settled = [
            (one.action, at)
            for at, update in enumerate(self.updates, 1)
            for one in update.settlements
            if (one.target_id, one.series_id, one.as_of) == (number, *change.key)
            and one.action not in ("break", "unbreak")
        ]
        action, by = settled[-1] if settled else (None, 0)
        return RecordedValue(number, *change.key, change.kind, change.content, change.held, detail, action, by)

    def _versions(self, series_id: int) -> Iterator[Version]:
        for number, update in enumerate(self.updates, 1):
            for change in update.changes:
                if change.series_id == series_id and not change.held:
                    yield Version(number, change)

    def shape(self, reader: Reader) -> KnownShape:
        """The shape that this reader's releases had last."""
        pending: list[int] = []
        accepts = {
            one.target_id for update in self.updates for one in update.settlements
            if one.action in ("accept", "correct", "same")
        }  # fmt: skip
        for number, by, shape, held in reversed(self.shapes):
            if (by.extractor, by.options) != (reader.extractor, reader.options):
                break
            if not held or number in accepts:
                return KnownShape(shape, pending)
            pending.insert(0, number)
        return KnownShape(None, pending)

    def copy_of(self, text_sha256: str) -> Instant | None:
        """When the newest release with the same text was known."""
        same = [snapshot.known_at for _, snapshot, _ in self.releases if snapshot.text_sha256 == text_sha256]
        return same[-1] if same else None

    def recorded_at(self, series_id: int, days: Sequence[Day]) -> Iterator[tuple[Day, int, str | None]]:
        """All that counted at these as-ofs."""
        for one in self._versions(series_id):
            if one.change.as_of in days:
                yield one.change.as_of, one.update_id, one.change.content

    def earlier(self, series_id: int, since: Day, before: Day) -> Iterator[RecordedVersion]:
        """What counted before a day, nearest first, its latest version first."""
        found = [one for one in self._versions(series_id) if since <= one.change.as_of < before and one.change.content]
        for one in sorted(found, key=lambda one: (one.change.as_of, one.update_id), reverse=True):
            live = self.accepted.live.get(series_id, {}).get(one.change.as_of)
            counts = live is not None and self.accepted.origin[series_id][one.change.as_of] == one.update_id
            assert one.change.content is not None
            yield RecordedVersion(one.change.as_of, one.update_id, one.change.content, counts)

    def series_id(self, key: str) -> int | None:
        """The series with this key."""
        return next((series_id for series_id, known in self.accepted.keys.items() if known == key), None)

    def known_at(self, update_id: int) -> Instant:
        """When the world could read it."""
        return self.updates[update_id - 1].known_at

    def held_by(self, update_id: int, series: str, as_of: Day) -> frozenset[str]:
        """The checks that hold an observation."""
        return frozenset(
            check.name
            for check in self.updates[update_id - 1].checks
            if check.result == "hold" and check.series in (None, series) and check.as_of in (None, as_of)
        )


def reading(rows: Sequence[Row], **options: Any) -> Reading:
    """What a reader makes of a table."""
    cells = [(ref, Day(day) if day else None, content, at) for at, (ref, day, content) in enumerate(rows)]
    return Reading(cells, lambda handle: figure(rows[handle][2]), **options)


def told(evaluation: Evaluation) -> list[tuple[str, str]]:
    """(check, result) of all checks that did not pass, sorted."""
    return sorted((check.name, check.result) for check in evaluation.checks if check.result != "pass")


def holds(evaluation: Evaluation) -> set[tuple[str, str, str | None]]:
    """(kind, as-of, content) of the changes that are held."""
    return {(change.kind, change.as_of, change.content) for change in evaluation.changes if change.held}


def held_changes(evaluation: Evaluation) -> int:
    """How many changes are held."""
    return sum(change.held for change in evaluation.changes)


def messages(evaluation: Evaluation, name: str) -> list[CheckResult]:
    """The findings of one check."""
    return [check for check in evaluation.checks if check.name == name]
