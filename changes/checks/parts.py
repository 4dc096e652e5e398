"""The check of parts against their whole."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from changes.checks.context import Check, Context, Finding, found
from changes.checks.numbers import number_of, shown
from changes.kinds import ProposedChange
from model import Day, FigureRule, SeriesRef


def part_above_total(context: Context) -> Iterator[Finding]:
    """Hold a part that is larger than the whole it belongs to, both as this release states them."""
    rules = {rule.id: rule for rule in context.source.figures if rule.category is not None}
    for change in context.changes:
        ref = SeriesRef.parse(context.accepted.first_ref[change.series_id])
        if ref.figure_id in rules and not ref.labels and change.key not in context.held:
            yield from _judge(context, rules[ref.figure_id], change)


def _judge(context: Context, rule: FigureRule, change: ProposedChange) -> Iterator[Finding]:
    part, whole = number_of(change.content), _stated_whole(context, rule, change.as_of)
    if part is not None and whole is not None and part > whole:
        yield found(
            "part_above_total",
            "hold",
            f"{shown(part)} is more than the whole of {shown(whole)}",
            at=(context.accepted.keys[change.series_id], change.as_of),
            holds=[change.key],
        )


def _stated_whole(context: Context, part: FigureRule, as_of: Day) -> Decimal | None:
    """What the release states of the whole that a part belongs to."""
    whole = [
        one.id
        for one in context.source.figures
        if one.category is None and one.kind == "total" and _whole(one) == _whole(part)
    ]
    series_id = context.accepted.refs.get(whole[-1]) if whole else None
    return None if series_id is None else number_of(context.seen.contents.get(series_id, {}).get(as_of))


def _whole(rule: FigureRule) -> tuple[object, ...]:
    return rule.measure, rule.kind, rule.unit, rule.whom


CHECKS = (
    Check(
        "part_above_total",
        part_above_total,
        order=140,
        holds="a subgroup is larger than the whole that the same release states",
        of_changes=True,
    ),
)
