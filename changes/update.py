"""What one release, one reading again or one decision would append: changes, checks, settlements, stated increments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import msgspec

from changes.accepted import Accepted, Held, Naming, NewestRelease
from changes.kinds import Key, ProposedChange
from changes.marks import breaks
from model import Cause, CheckResult, Day, Figure, Instant, Reader, Shape, Snapshot, Why

OWN = -1
"""Stands for the update about to be appended, whose id is not known yet."""

AUTOMATIC = "tallybook"
"""Who settles a hold when nobody does: the ledger itself, because the source moved on."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a held value, or of a whole held update (`series_id` 0 and an empty as-of)."""

    target_id: int
    series_id: int
    as_of: str
    action: str
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class StatedRow:
    """A stated increment with its verdict, as stored."""

    series_id: int
    as_of: Day
    content: str
    verdict: str
    base_series_id: int | None
    base_as_of: Day | None
    base_update_id: int | None
    versions_back: int | None
    implied: str | None
    computed: str | None
    place: tuple[int, int, int, int]


_NOTHING_NEW = Naming()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that one update would append, worked out before anything is written.

    `naming` has the series that it brings, under ids that stand for them until they have rows; `figures` are those of
    the changes that state a value, `text` is where their quotes stand, `standing` are the doubts among `checks` that
    the next release has again if it is the same.
    """

    cause: Cause
    why: Why
    known_at: Instant
    snapshot: Snapshot | None = None
    reader: Reader | None = None
    text: str = ""
    naming: Naming = _NOTHING_NEW
    changes: Sequence[ProposedChange] = ()
    figures: Mapping[Key, Figure] = field(default_factory=dict)
    checks: Sequence[CheckResult] = ()
    standing: frozenset[CheckResult] = frozenset()
    stated: Sequence[StatedRow] = ()
    settlements: Sequence[Settlement] = ()
    unfollowed: Sequence[tuple[str, Figure]] = ()
    shape: tuple[Shape, bool] | None = None

    def is_quiet(self, accepted: Accepted) -> bool:
        """Whether a release says nothing else than the one before: no change, no end of a hold, no other doubt."""
        doubts = [check for check in self.checks if check.result != "pass"]
        return (
            accepted.head > 0
            and not (self.changes or self.settlements or self.stated)
            and frozenset(doubts) == self.standing == accepted.standing
        )

    def with_series(self, ids: Mapping[int, int]) -> Evaluation:
        """The same, with the ids of the rows that its series were given."""
        if not ids:
            return self
        opened = [one._replace(id=ids[one.id]) for one in self.naming.opened]
        return replace(
            self,
            naming=Naming(opened, {ref: ids.get(of, of) for ref, of in self.naming.refs.items()}),
            changes=[
                msgspec.structs.replace(one, series_id=ids[one.series_id]) if one.series_id in ids else one
                for one in self.changes
            ],
            figures={(ids.get(of, of), as_of): figure for (of, as_of), figure in self.figures.items()},
            stated=[replace(one, series_id=ids.get(one.series_id, one.series_id)) for one in self.stated],
            settlements=[replace(one, series_id=ids.get(one.series_id, one.series_id)) for one in self.settlements],
        )


class Appended(NamedTuple):
    """Where an evaluation was written: the update's id and number, its chain digest, and its snapshot's row."""

    update_id: int
    number: int
    chain: str
    snapshot_id: int | None


def advance(accepted: Accepted, evaluation: Evaluation, appended: Appended) -> None:
    """Move what is accepted on to an update that was appended: the only place where it changes."""
    update_id = appended.update_id
    accepted.head, accepted.number, accepted.chain = update_id, appended.number, appended.chain
    _advance_release(accepted, evaluation, appended.snapshot_id)
    accepted.add(evaluation.naming)
    for change in evaluation.changes:
        if change.held:
            accepted.held[change.key] = Held(update_id, change.content, open=True, refused=False)
        else:
            accepted.horizon = max(accepted.horizon, change.as_of)
            accepted.accept(change.series_id, change.as_of, change.content, update_id)
    for one in evaluation.settlements:
        _settle(accepted, one, update_id)


def _advance_release(accepted: Accepted, evaluation: Evaluation, snapshot_id: int | None) -> None:
    snapshot, reader, before = evaluation.snapshot, evaluation.reader, accepted.release
    if snapshot is None or reader is None or snapshot_id is None:
        return
    if before is None or evaluation.known_at >= before.known_at:
        accepted.release = NewestRelease(snapshot_id, snapshot.text_sha256, reader, evaluation.known_at)
        accepted.standing = evaluation.standing


def _settle(accepted: Accepted, one: Settlement, update_id: int) -> None:
    key = (one.series_id, Day(one.as_of))
    if one.action in ("break", "unbreak"):
        breaks.note(accepted.breaks, *key, one.why if one.action == "break" else None)
    if one.action == "end":
        accepted.ended.add(one.series_id)
    if one.action == "resume":
        accepted.ended.discard(one.series_id)
    held = accepted.held.get(key)
    if held and held.update_id == one.target_id:
        refused = one.action in ("reject", "correct")
        accepted.held[key] = replace(held, open=False, refused=refused, settled_by=update_id)


def locate(figure: Figure, text: str) -> tuple[int, int, int, int]:
    """Where number and quote stand in the text: (start, end, quote start, quote end), in code points."""
    size = len(figure.quote)
    at = text.find(figure.quote, max(0, figure.end - size), figure.start + size) if size else -1
    return (
        (figure.start, figure.end, at, at + size) if at >= 0 else (figure.start, figure.end, figure.start, figure.end)
    )
