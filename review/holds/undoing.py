"""What was decided a moment ago: told on the next page, with a button that takes it back, and a rule to learn."""

from __future__ import annotations

from typing import Literal, NamedTuple

from fastapi import Request

from model import Day, Update, UsageError, read_content
from publish.numbers import count_of
from publish.telling import reasons
from review.holds.lessons import Lesson, Ruled, lesson
from review.office import Office
from storage import Decided

MOST = 500


class Undo(NamedTuple):
    """A decision that takes another back: on which update's value, what, and the value that counts again."""

    target: str
    series: str
    as_of: Day
    action: Literal["accept", "correct"]
    value: str | None


class Done(NamedTuple):
    """A decision as the page after it says it."""

    update: str
    words: str
    may_undo: bool
    lesson: Lesson | None


def done_of(request: Request, office: Office) -> Done | None:
    """The decision that an address names as just made."""
    return done(office, request.query_params.get("done", "")[:300])


def done(office: Office, name: str) -> Done | None:
    """A decision by the name of its update; None where there is none of that name."""
    made = _decided(office, name)
    if not made:
        return None
    first = made[0]
    of = office.label(first.series) if len(made) == 1 else count_of(len(made), "value")
    return Done(
        name, f"{of}: {DONE.get(first.action, first.action)}", bool(undoable(office, name)), _learned(office, first)
    )


DONE = {
    "accept": "accepted", "reject": "rejected", "correct": "corrected", "same": "taken as the same series",
    "break": "counted anew from here on",
}  # fmt: skip


def _decided(office: Office, name: str) -> list[Decided]:
    source = name.rpartition("/")[0]
    try:
        found: Update | None = office.browser.update(name, changes=1) if source else None
    except UsageError:
        found = None
    if found is None or found.cause != "review":
        return []
    return [one for one in office.browser.decisions(source, limit=MOST) if one.update == name]


def undoable(office: Office, name: str) -> list[Undo]:
    """The decisions that take another back; empty where not every one of its values can be."""
    found = [_undo(office, one) for one in _decided(office, name)]
    return [one for one in found if one is not None] if None not in found else []


def _undo(office: Office, one: Decided) -> Undo | None:
    if one.action in ("reject", "correct"):
        return Undo(one.target, one.series, Day(one.as_of), "accept", None)
    if one.action != "accept":
        return None
    old = office.browser.proof(one.target, one.series, one.as_of).change
    if old.kind != "revised" or old.old is None or old.old.value is None:
        return None  # nothing counted there before: what counts now can be corrected
    return Undo(one.target, one.series, Day(one.as_of), "correct", f"{old.old.value:f}")


def _learned(office: Office, one: Decided) -> Lesson | None:
    """The rule that a decision suggests to the definition of its source."""
    proof = office.browser.proof(one.target, one.series, one.as_of)
    # A correction to the value that counts already is a decision that changes nothing: what counts is asked, not it.
    content = proof.counts.content if proof.counts and one.action == "correct" else None
    counts = read_content(content).value if content else None
    checks = frozenset(check.name for check in reasons(proof.update, proof.change))
    return lesson(Ruled(proof.change, checks, one.action, counts, one.why), office.source(proof.update.source))
