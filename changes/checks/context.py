"""What every check is and is given: one signature, findings as values, holds that are laid by whoever asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import msgspec

from changes.accepted import Accepted
from changes.compare import Comparison, Seen
from changes.facts import Facts
from changes.kinds import Key, ProposedChange
from model import Cause, CheckResult, Day, Reading, Result, Shape, Snapshot, Source, figure_id_of


class Drift(NamedTuple):
    """How a release's shape lies to the accepted one.

    `held` and `warned` are (rule, sentence); `shape` is what is to be kept of it, None where nothing new is;
    `pending` are the updates that wait with another shape, the newest last.
    """

    held: Sequence[tuple[str, str]] = ()
    warned: Sequence[tuple[str, str]] = ()
    shape: Shape | None = None
    pending: Sequence[int] = ()

    @property
    def lifted(self) -> frozenset[int]:
        """The updates whose holds end, since the release has the accepted shape again."""
        return frozenset() if self.held else frozenset(self.pending)


@dataclass(frozen=True, slots=True)
class Context:
    """One release beside the accepted ledger; `held` are the changes that checks before this one hold."""

    source: Source
    accepted: Accepted
    snapshot: Snapshot
    cause: Cause
    reading: Reading
    comparison: Comparison
    facts: Facts
    drift: Drift
    held: frozenset[Key] = frozenset()

    @property
    def changes(self) -> Sequence[ProposedChange]:
        """The changes that are news."""
        return self.comparison.changes

    @property
    def seen(self) -> Seen:
        """What the release states."""
        return self.comparison.seen

    @property
    def everything(self) -> frozenset[Key]:
        """All changes of the release, for what puts the whole of it in doubt."""
        return frozenset(change.key for change in self.changes)

    def figure_id(self, series_id: int) -> str:
        """The rule that a series belongs to."""
        return figure_id_of(self.accepted.first_ref[series_id])


class Finding(NamedTuple):
    """What a check found: its result, the changes that it holds, and by series whose other name it may be."""

    result: CheckResult
    holds: frozenset[Key] = frozenset()
    renames: Mapping[int, str] = {}


CheckRun = Callable[[Context], Iterable[Finding]]

FOUND_ELSEWHERE = 1000
"""The place of what no check of its own finds: last in the documentation."""


class Check(NamedTuple):
    """A check: its name, what it asks, its place in the order, and when it holds and warns ('' for never).

    `run` is None for what is found elsewhere: by another check's run, while reading, or by a person. Findings
    `of_changes` are of what a release changes; all others are of how it stands, and are found again in the next one.
    Warnings that are `repeated` are told again whenever a look finds the release unchanged.
    """

    name: str
    run: CheckRun | None = None
    order: int = FOUND_ELSEWHERE
    holds: str = ""
    warns: str = ""
    of_changes: bool = False
    repeated: bool = False


def found(
    name: str,
    result: Result,
    message: str,
    holds: Iterable[Key] = (),
    *,
    at: tuple[str | None, Day | None] = (None, None),
) -> Finding:
    """A finding, at the key of a series and an as-of where it is of one, with the changes that it holds."""
    series, as_of = at
    told = CheckResult(name=name, result=result, message=message, series=series, as_of=as_of)
    return Finding(told, frozenset(holds))


def run_all(checks: Sequence[Check], context: Context) -> Iterator[Finding]:
    """Run checks in their order; each knows what those before it hold."""
    for check in checks:
        if check.run is None:
            continue
        findings = list(check.run(context))
        yield from findings
        context = replace(context, held=context.held.union(*(finding.holds for finding in findings)))


def lay_holds(changes: Sequence[ProposedChange], findings: Sequence[Finding]) -> list[ProposedChange]:
    """The changes with the holds of all findings laid on them: the only place where a release's change is held."""
    held = frozenset().union(*(finding.holds for finding in findings)) if findings else frozenset()
    renames = {series_id: key for finding in findings for series_id, key in finding.renames.items()}
    return [
        msgspec.structs.replace(change, held=True, rename=renames.get(change.series_id))
        if change.key in held
        else change
        for change in changes
    ]
