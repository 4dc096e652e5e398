"""What one release, one reading again or one decision would append: changes, checks, settlements, stated increments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from changes.accepted import Accepted
from changes.kinds import ProposedChange
from model import Cause, CheckResult, Day, Figure, Instant, Reader, Shape, Why, standing

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


@dataclass(slots=True)
class PendingUpdate:
    """One update about to be appended."""

    cause: Cause
    why: Why
    known_at: Instant
    recorded_at: Instant
    published: Day | None = None
    snapshot_id: int | None = None
    snapshot_digests: tuple[str, str] | None = None
    reader: Reader | None = None
    drafts: list[ProposedChange] = field(default_factory=list)
    checks: list[CheckResult] = field(default_factory=list)
    stated: list[StatedRow] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    unfollowed: list[tuple[str, Figure]] = field(default_factory=list)
    shape: tuple[Shape, bool] | None = None


def is_quiet(accepted: Accepted, step: PendingUpdate) -> bool:
    """Whether a release says nothing else than the one before: no change, no end of a hold, no other doubt."""
    doubts = [check for check in step.checks if check.result != "pass"]
    return (
        accepted.head > 0
        and not (step.drafts or step.settlements or step.stated)
        and frozenset(doubts) == standing(doubts) == accepted.standing
    )


FigureOf = Callable[[ProposedChange], Figure | None]


def locate(figure: Figure, text: str) -> tuple[int, int, int, int]:
    """Where number and quote stand in the text: (start, end, quote start, quote end), in code points."""
    size = len(figure.quote)
    at = text.find(figure.quote, max(0, figure.end - size), figure.start + size) if size else -1
    return (
        (figure.start, figure.end, at, at + size) if at >= 0 else (figure.start, figure.end, figure.start, figure.end)
    )
