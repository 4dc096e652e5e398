"""What a refresh and a backfill came to, as values; nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from model import BlockedError, Source, State, TallybookError, UnreadableError
from storage import NotCarried, Recorded

OUTAGE_REASON = "outage"
"""The reason of an outcome that our own archive or ledger is to blame for."""


_ANSWERED = frozenset({"http_status", "gone", "maintenance", "server_error", "error_answer", "not_found"})
"""Why a source failed whose host has said so, several times where that might have passed."""


class Note(NamedTuple):
    """What a person is told of a release or an address that is not where or what it was: in a word, and whole.

    What only may pass is no `alarm`.
    """

    what: str
    message: str
    alarm: bool = True


class Outcome(msgspec.Struct, frozen=True):
    """What one refresh of one source came to; `left_out` says that rows or cells of it could not be read.

    `reason` is the short name of why it failed, which sources that fail for one cause share; `notes` are told beside
    the message. `corrected` are the updates, made before all others, in which today's reader read archived bytes
    otherwise than they are recorded: our own reading's doing, no news.
    """

    source: str
    state: State
    update: str | None
    changes: int
    held: int
    message: str
    earlier: tuple[str, ...] = ()
    left_out: bool = False
    reason: str = ""
    notes: tuple[Note, ...] = ()
    corrected: tuple[str, ...] = ()

    @property
    def may_pass(self) -> bool:
        """Whether it is worth another try in the same run: a host that answered has answered."""
        return self.state == "failed" and self.reason not in _ANSWERED

    @property
    def told(self) -> str:
        """The message, and all notes."""
        own = f"today's reader reads otherwise what was recorded: {', '.join(self.corrected)}" if self.corrected else ""
        return "; ".join(part for part in (own, self.message, *(note.message for note in self.notes)) if part)

    @property
    def updates(self) -> tuple[str, ...]:
        """The updates that were made, oldest first; a listing may lead to several."""
        return (*self.corrected, *self.earlier, *([self.update] if self.update else []))


class BackfillOutcome(msgspec.Struct, frozen=True):
    """What a backfill came to: updates made, cells changed, copies of which nothing was read, values held.

    `left_out` counts the copies of which rows or cells could not be read. Where the source was derived again it is all
    of that: `generation` is its number now, `carried` so many decisions of people as hold in it too, beside those that
    could not be carried over.
    """

    updates: int
    changes: int
    failed: int
    held: int
    skipped: int = 0
    left_out: int = 0
    generation: int = 0
    carried: int = 0
    not_carried: tuple[NotCarried, ...] = ()

    def and_one(self, done: Recorded | None) -> BackfillOutcome:
        """This and one copy more; None is one that could not be read."""
        if done is None:
            return msgspec.structs.replace(self, failed=self.failed + 1)
        return msgspec.structs.replace(
            self,
            updates=self.updates + (done.update is not None),
            changes=self.changes + done.changes,
            held=self.held + done.held,
            failed=self.failed + (done.state == "failed"),
            left_out=self.left_out + done.left_out,
        )


def of_release(source: Source, done: Recorded) -> Outcome:
    """What one release came to."""
    return Outcome(source.id, done.state, done.update, done.changes, done.held, done.message, left_out=done.left_out)


def of_failure(source: Source, state: State, message: str, reason: str = "") -> Outcome:
    """Nothing was recorded, and why."""
    return Outcome(source.id, state, None, 0, 0, message, reason=reason)


def with_corrections(outcome: Outcome, corrected: Sequence[Recorded]) -> Outcome:
    """What a refresh came to that read archived releases again first; what is held of that waits, too."""
    made = [one for one in corrected if one.update]
    waits = any(one.state == "held" for one in made)
    return msgspec.structs.replace(
        outcome,
        state="held" if waits and outcome.state in ("changed", "unchanged") else outcome.state,
        corrected=tuple(str(one.update) for one in made),
        changes=sum([outcome.changes, *(one.changes for one in made)]),
        held=sum([outcome.held, *(one.held for one in made)]),
        left_out=any([outcome.left_out, *(one.left_out for one in made)]),
    )


def of_releases(source: Source, done: Sequence[Recorded], failures: Sequence[TallybookError], doubt: str) -> Outcome:
    """What the new releases of a listing came to together, those that could not be read among them.

    `doubt` is what the source is held for although no new release came, empty where it is not.
    """
    failures = [*failures, *(UnreadableError(one.message) for one in done if one.state == "failed")]
    if failures:
        state, message = _state_of(failures), _tell(failures)
    elif done:
        state, message = _together(done)
    else:
        state, message = ("held", f"no new release; {doubt}") if doubt else ("unchanged", "no new release")
    return _summed(source, done, state, message, reason_of(failures[0]) if failures else "")


def _together(done: Sequence[Recorded]) -> tuple[State, str]:
    states = {one.state for one in done}
    state: State = "held" if "held" in states else "changed" if "changed" in states else "unchanged"
    told = [one.message for one in done if one.message and one.state == state]
    return state, "; ".join(dict.fromkeys(told))


def _summed(source: Source, done: Sequence[Recorded], state: State, message: str, reason: str) -> Outcome:
    made = [one.update for one in done if one.update]
    return Outcome(
        source.id,
        state,
        made[-1] if made else None,
        sum(one.changes for one in done),
        sum(one.held for one in done),
        message,
        tuple(made[:-1]),
        any(one.left_out for one in done),
        reason,
    )


def reason_of(error: Exception) -> str:
    """The short name of a failure."""
    return str(getattr(error, "reason", "")) or type(error).__name__.removesuffix("Error").lower()


def _state_of(failures: Sequence[TallybookError]) -> State:
    return "blocked" if any(isinstance(error, BlockedError) for error in failures) else "failed"


def _tell(failures: Sequence[TallybookError]) -> str:
    many = "release" if len(failures) == 1 else "releases"
    return f"{len(failures)} {many} could not be read: " + "; ".join(str(error) for error in failures[:3])
