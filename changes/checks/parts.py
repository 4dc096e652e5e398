"""The check of parts against their whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from functools import partial

from changes.checks.context import Check, Context, Finding, found
from changes.checks.numbers import number_of, shown
from changes.kinds import Key, ProposedChange
from model import Aggregate, Day, FigureRule, SeriesRef, last_day_of


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


def counted_of_held(context: Context) -> Iterator[Finding]:
    """Hold what is counted up of rows of which one waits: its number is in it."""
    rules = {rule.id: how for rule in context.source.figures if (how := rule.aggregate) and not how.count_of}
    waiting = _waiting(context) if rules else ()
    for change in context.changes:
        how = rules.get(context.figure_id(change.series_id))
        if how is None or change.content is None or change.key in context.held:
            continue
        for row in filter(partial(_counts_up, context, how, change), waiting):
            at = (context.accepted.keys[change.series_id], change.as_of)
            message = f"counts up {context.accepted.keys[row[0]]}, which waits"
            yield found("counted_of_held", "hold", message, at=at, holds=[change.key])
            break


def _counts_up(context: Context, how: Aggregate, change: ProposedChange, row: Key) -> bool:
    """Whether a row is one of those that an observation counts up."""
    (series_id, as_of), refs = row, context.accepted.first_ref
    ref = SeriesRef.parse(refs[series_id])
    labels = dict(zip(context.source.by, ref.labels, strict=False))
    together = tuple(labels.get(name, "") for name in how.by), last_day_of(how.each, as_of)
    return ref.figure_id == how.of and together == (SeriesRef.parse(refs[change.series_id]).labels, change.as_of)


def _waiting(context: Context) -> Collection[Key]:
    """What is held of this release, now or since before."""
    contents = context.seen.contents
    earlier = (
        key
        for key, held in context.accepted.held.items()
        if held.open and contents.get(key[0], {}).get(key[1]) == held.content
    )
    return sorted(context.held.union(earlier))


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
    Check(
        "counted_of_held",
        counted_of_held,
        order=900,
        holds="a sum or largest value (`aggregate:`) has a value in it that is held itself",
        of_changes=True,
    ),
)
