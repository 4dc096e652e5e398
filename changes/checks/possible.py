"""What no count can be, and what stands for "unknown": doubted in a first release and in increments too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from changes.checks.context import Check, Context, Finding, found
from changes.kinds import ProposedChange
from model import FigureRule, read_content

MOST_PEOPLE = Decimal(10) ** 11
MOST_DIGITS = 30
"""Counts of people above the one, and any number of more digits than the other, are of no report."""

TIMES_OF_OTHERS = 3
_LARGEST_INTEGERS = frozenset(Decimal(2**bits - less) for bits in (15, 16, 31, 32, 53, 63, 64) for less in (0, 1))
_NINES = re.compile(r"9{4,}(\.0*)?|-(9{3,}(\.[09]*)?|9{2,}\.9+)")
_MINUS_NINES = re.compile(r"-(99+|88+|77+|66+|1)(\.0*)?")


def impossible(context: Context) -> Iterator[Finding]:
    """Hold values that cannot be what their definition says is counted, or that stand for an unknown one."""
    for change in context.changes:
        content = read_content(change.content or "")
        value = content.value if content.value is not None else content.low
        if value is None or change.key in context.held:
            continue
        if told := _doubt_of(context, change, value):
            at = (context.accepted.keys[change.series_id], change.as_of)
            yield found("impossible", "hold", f"{_shown(value)} {told}", [change.key], at=at)


def _doubt_of(context: Context, change: ProposedChange, value: Decimal) -> str | None:
    rule = context.source.rule(context.figure_id(change.series_id))
    told = _impossible(rule, value) if isinstance(rule, FigureRule) else _too_long(value)
    if told is None and _is_stand_in(value) and abs(value) >= TIMES_OF_OTHERS * _largest(context, change):
        where = "above" if value > 0 else "below"
        return f"is far {where} all others, and may stand for an unknown one"
    return told


def _is_stand_in(value: Decimal) -> bool:
    """Whether a number is one that stands for "unknown": all nines, or the largest that a computer's integer holds."""
    return abs(value) in _LARGEST_INTEGERS or _NINES.fullmatch(str(value)) is not None


def _impossible(rule: FigureRule, value: Decimal) -> str | None:
    people = rule.counts_whole and rule.unit != "items"
    if value < 0:
        return _negative(value) if people or (rule.counts_whole and rule.kind == "total") else _no_share(rule, value)
    return "is more than there are people" if people and value > MOST_PEOPLE else _no_share(rule, value)


def _no_share(rule: FigureRule, value: Decimal) -> str | None:
    if rule.kind == "share" and rule.unit == "percent" and not 0 <= value <= 100:
        return "is no share of a whole"
    return _too_long(value)


def _negative(value: Decimal) -> str:
    unknown = " and may stand for an unknown one" if _MINUS_NINES.fullmatch(str(value)) else ""
    return f"is less than none{unknown}; counts are not negative"


def _too_long(value: Decimal) -> str | None:
    return "has more digits than any count" if value.adjusted() >= MOST_DIGITS else None


def _largest(context: Context, change: ProposedChange) -> Decimal:
    """The largest other value of the same figure in this release, and of the same series before, by its amount."""
    values = (read_content(content).value for content in _others(context, change))
    # Alone on its page, and the first, it is one number as good as another.
    return max((abs(one) for one in values if one is not None and not _is_stand_in(one)), default=Decimal("Infinity"))


def _others(context: Context, change: ProposedChange) -> Iterator[str]:
    figure_id, before = context.figure_id(change.series_id), context.accepted.live.get(change.series_id, {})
    for series_id, contents in context.seen.contents.items():
        if context.figure_id(series_id) == figure_id:
            yield from (content for as_of, content in contents.items() if (series_id, as_of) != change.key)
    yield from (content for as_of, content in before.items() if as_of != change.as_of)


def _shown(value: Decimal) -> str:
    text = f"{value:f}"
    return text if len(text) <= MOST_DIGITS else f"{text[:12]}… ({len(text)} digits)"


CHECKS = (
    Check(
        "impossible",
        impossible,
        order=100,
        holds=(
            "a value cannot be what is counted (people below none, a share above the whole, too many digits), "
            "or stands for an unknown one (9999)"
        ),
        of_changes=True,
    ),
)
