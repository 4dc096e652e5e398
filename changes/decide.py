"""What a person's decision on held values changes: accept, correct, reject, and what it says of names and breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import msgspec

from changes.accepted import Accepted
from changes.checks.steps import StepManner, Steps
from changes.facts import Facts
from changes.kinds import ProposedChange, propose
from changes.marks import marking
from changes.marks.breaks import Breaks
from changes.update import Evaluation, Settlement
from model import CheckName, CheckResult, Day, Qualifier, UsageError, read_content, write_content

Action = Literal["accept", "reject", "correct", "same", "break", "unbreak"]


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says: of a whole update, of one series' values in it, or of one observation; who, and why."""

    update: str
    action: Action
    who: str
    why: str
    series: str | None = None
    as_of: Day | None = None
    value: str | None = None
    qualifier: Qualifier | None = None

    @property
    def where(self) -> str:
        """What it is said of, as a person reads it."""
        return f"{self.update} {self.series or ''}{'@' + self.as_of if self.as_of else ''}".strip()


class RecordedValue(NamedTuple):
    """One version of the update that is decided on; `action` and `settled_by` say what became of it, if anything."""

    update_id: int
    series_id: int
    as_of: Day
    kind: str
    content: str | None
    held: bool
    detail: dict[str, Any]
    action: str | None = None
    settled_by: int = 0

    @property
    def key(self) -> tuple[int, Day]:
        """The observation."""
        return self.series_id, self.as_of


def decide(accepted: Accepted, answer: Ruling, values: Sequence[RecordedValue], facts: Facts) -> Evaluation:
    """Work out what an answer changes; see `storage.ledger.Ledger.decide`.

    `values` are the versions of the update, or those of the series and as-of that the answer names. Raises `UsageError`
    when nothing there can be decided.
    """
    decided = [value for value in values if _is_open(accepted, answer, value)]
    if not decided:
        raise _nothing_waits(answer, "tallybook review list shows what does")
    changes = [change for value in decided for change in _changes(accepted, answer, value, facts)]
    if not changes and answer.action in ("accept", "correct") and not any(_waits(accepted, one) for one in decided):
        raise _nothing_waits(answer, "that value counts already")
    settlements = [_settlement(value, answer.action, answer.who, answer.why) for value in decided]
    checks = list(_told_breaks(accepted, settlements))
    for first in decided if answer.action == "break" else ():
        for change, settlement in _going_on(accepted, answer, first, changes, facts):
            changes.append(change)
            settlements.append(settlement)
    return Evaluation(
        cause="review",
        why="review",
        known_at=max(map(facts.known_at, {one.target_id for one in settlements})),
        changes=_marked(accepted, settlements, changes, facts),
        checks=checks,
        settlements=settlements,
    )


def _nothing_waits(answer: Ruling, hint: str) -> UsageError:
    return UsageError(f"nothing in {answer.where} waits for a decision", hint)


def _settlement(value: RecordedValue, action: Action, who: str, why: str) -> Settlement:
    return Settlement(value.update_id, value.series_id, value.as_of, action, who, why)


def _is_open(accepted: Accepted, answer: Ruling, value: RecordedValue) -> bool:
    """Whether an answer can be given on a value: it waits, or is named and may be decided again."""
    if answer.action == "same" and "rename" not in value.detail:
        return False
    if answer.action == "unbreak" and value.as_of not in accepted.breaks.get(value.series_id, {}):
        return False
    waits = value.action is None and _waits(accepted, value)
    return waits or (answer.as_of is not None and _may_decide_again(accepted, answer, value))


def _may_decide_again(accepted: Accepted, answer: Ruling, value: RecordedValue) -> bool:
    """Whether a value that does not wait may be decided on: it counts, or nobody has spoken since it was refused."""
    origin = accepted.origin.get(value.series_id, {}).get(value.as_of, 0)
    if answer.action in ("correct", "break", "unbreak") and origin == value.update_id:
        return True
    undoable = value.action in ("reject", "correct") and origin <= value.settled_by
    return undoable and answer.series is not None and answer.action in ("accept", "correct")


def _waits(accepted: Accepted, value: RecordedValue) -> bool:
    held = accepted.held.get(value.key)
    return value.held and (held is None or held.update_id != value.update_id or held.open)


def _changes(accepted: Accepted, answer: Ruling, value: RecordedValue, facts: Facts) -> list[ProposedChange]:
    """What an answer on one value changes at once."""
    if answer.action == "same":
        renamed = facts.series_id(value.detail["rename"]) if value.kind == "first" else None
        return [] if renamed is None else _proposed(accepted, value, value.content, renamed)
    if answer.action in ("accept", "correct") or (answer.action == "break" and value.held):
        return _proposed(accepted, value, _content(answer, value), value.series_id)
    return []


def _proposed(accepted: Accepted, value: RecordedValue, content: str | None, series_id: int) -> list[ProposedChange]:
    """The change that a decision makes, against what is accepted today; none where that value counts already."""
    marks = value.detail if content == value.content else {}
    change = propose(accepted, series_id, value.as_of, content, how=marks.get("how"))
    return [] if change is None else [msgspec.structs.replace(change, redated=marks.get("redated"))]


_PLAIN = re.compile(r"-?\d{1,24}(?:\.\d+)?")
_LONGEST = 32
"""A number is no longer than 30 digits with sign and point: more breaks whatever computes with it, for good."""


def _content(answer: Ruling, value: RecordedValue) -> str | None:
    if answer.action != "correct":
        return value.content
    written = (answer.value or "").strip()
    if not _PLAIN.fullmatch(written) or len(written) > _LONGEST:
        raise UsageError(f"{written[:60]!r} is no number", "write it plainly, such as 11138; 24 digits at most")
    hedge = answer.qualifier or read_content(value.content or "").qualifier
    return write_content(Decimal(written), qualifier="exact" if hedge == "range" else hedge)


def _told_breaks(accepted: Accepted, settlements: Sequence[Settlement]) -> Iterator[CheckResult]:
    """Say in the update itself what was marked: it may change no value."""
    told = {"break": "counted anew from here on", "unbreak": "counted on after all"}
    for one in settlements:
        if one.action in told:
            message = f"{told[one.action]} ({one.who}: {one.why})"
            key, as_of = accepted.keys[one.series_id], Day(one.as_of)
            yield CheckResult(name=CheckName.BREAK.value, result="pass", message=message, series=key, as_of=as_of)


Later = tuple[ProposedChange, Settlement]
"""A later value of a count that began anew, and what accepts it."""


def _going_on(
    accepted: Accepted, answer: Ruling, first: RecordedValue, changes: Sequence[ProposedChange], facts: Facts
) -> list[Later]:
    """What is accepted with the first value of a new count: the later ones that wait and are ordinary beside it."""
    began = [change for change in changes if change.series_id == first.series_id]
    later = dict(_stepwise(accepted, first, facts, {change.as_of for change in began}))
    if not later:
        return []
    manner = StepManner(breaks=Breaks(accepted.breaks.get(first.series_id, {}) | {first.as_of: answer.why}))
    findings = Steps(accepted, first.series_id, [*began, *later], manner).judge(Day(""))
    doubted = frozenset().union(*(finding.holds for finding in findings))
    why = f"goes on from {first.as_of}: {answer.why}"
    return [
        # It counts from a value that this update accepts too, so no recorded version is its base.
        (
            msgspec.structs.replace(change, base_as_of=None, base_update=None, old=None),
            Settlement(update_id, change.series_id, change.as_of, "accept", answer.who, why),
        )
        for change, update_id in later.items()
        if change.key not in doubted
    ]


def _stepwise(
    accepted: Accepted, first: RecordedValue, facts: Facts, decided: set[Day]
) -> Iterator[tuple[ProposedChange, int]]:
    """A series' later values that wait, and that are held as steps alone, oldest first; each with its update."""
    key = accepted.keys[first.series_id]
    for (series_id, day), held in sorted(accepted.held.items()):
        if series_id != first.series_id or day <= first.as_of or day in decided or not held.open:
            continue
        change = propose(accepted, series_id, day, held.content) if held.content is not None else None
        if change is not None and facts.held_by(held.update_id, key, day) <= _AS_STEPS:
            yield change, held.update_id


_AS_STEPS = frozenset((CheckName.FALL, CheckName.JUMP))


def _marked(
    accepted: Accepted, settlements: Sequence[Settlement], changes: Sequence[ProposedChange], facts: Facts
) -> Sequence[ProposedChange]:
    """The changes, each with what it moved from and returns to, and with the break that it counts on from before."""
    broken = []
    for change in changes:
        known = dict(accepted.breaks.get(change.series_id, {}))
        fresh = [one for one in settlements if one.action == "break" and one.series_id == change.series_id]
        known |= {Day(one.as_of): one.why for one in fresh}
        broken.append(marking.mark_break(change, Breaks(known)))
    return marking.mark_reverts(facts, marking.mark_redated(accepted, broken))
