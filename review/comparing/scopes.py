"""What claims of one thing do not have in common, in words: what is counted, how, since when, as of which day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from model import Observation
from publish.numbers import day, days
from review.comparing.witnesses import ClaimLine, Witness

MEANINGS = {"casualties": "killed and wounded together"}
"""Measures whose name alone would be taken for another."""

KINDS = {"total": "in all", "change": "within a time", "share": "as a share", "ratio": "as a ratio"}
BASES = {
    "counted": "counted one by one, or taken from a register",
    "estimated": "estimated",
    "claimed": "claimed, not counted",
}
NAMED = 6
"""So many names stand behind a difference; of more, the number."""


class ScopeDifference(NamedTuple):
    """One way in which claims are not alike: what they differ in, and who says which."""

    of: str
    values: tuple[tuple[str, str], ...]


def counted(one: Observation) -> str:
    """What a figure counts: its measure in plain words, and the subgroup that it is of."""
    name = MEANINGS.get(one.measure, one.measure.replace("_", " "))
    return f"{name}, {one.category} only" if one.category else name


def since(line: ClaimLine) -> str:
    """Since when a claim counts, as its report says, or since its series was counted anew."""
    one = line.figure
    if one.kind == "total" and one.period_start:
        return f"since {day(one.period_start)}"
    if one.series_break:
        return f"counted anew from {day(one.as_of)} on: {one.series_break}"
    return "its report does not say"


def span(one: Observation) -> str:
    """Which time a figure covers: all until a day, or a period."""
    if one.kind == "change" and one.period_start:
        return days(one.period_start, one.period_end) if one.period_end else f"from {day(one.period_start)}"
    return KINDS.get(one.kind, one.kind)


_ASKED: tuple[tuple[str, Callable[[ClaimLine], str]], ...] = (
    ("What is counted", lambda line: counted(line.figure)),
    ("How it is known", lambda line: BASES.get(line.claim.basis, line.claim.basis)),
    ("Of which time", lambda line: span(line.figure)),
    ("Since when", since),
    ("As of", lambda line: day(line.figure.as_of)),
    ("In what", lambda line: line.figure.unit),
)


def differences(found: Sequence[Witness]) -> list[ScopeDifference]:
    """What the witnesses' own figures are not alike in; nothing where there is one witness."""
    lines = [(one.who, line) for one in found for line in one.lines if not line.same_as]
    told = (_difference(of, [(who, asked(line)) for who, line in lines]) for of, asked in _ASKED)
    return [one for one in told if len(one.values) > 1] if len(found) > 1 else []


def _difference(of: str, said: Sequence[tuple[str, str]]) -> ScopeDifference:
    by_value: dict[str, dict[str, None]] = {}
    for who, value in said:
        by_value.setdefault(value, {})[who] = None
    return ScopeDifference(of, tuple((value, _names(list(names))) for value, names in by_value.items()))


def _names(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
