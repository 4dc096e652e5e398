"""The check of parts against their whole."""

from __future__ import annotations

from collections.abc import Iterator

from changes.checks.context import Context, Finding, found
from changes.checks.numbers import number_of, shown
from model import CheckName, FigureRule, SeriesRef


def part_above_total(context: Context) -> Iterator[Finding]:
    """Hold a part that is larger than the whole it belongs to, both as this release states them."""
    accepted, rules = context.accepted, {rule.id: rule for rule in context.source.figures}
    wholes = {_whole(rule): rule.id for rule in rules.values() if rule.category is None and rule.kind == "total"}
    for change in context.changes:
        ref = SeriesRef.parse(accepted.first_ref[change.series_id])
        rule = rules.get(ref.figure_id)
        if rule is None or rule.category is None or change.key in context.held or ref.labels:
            continue
        whole_id = accepted.refs.get(wholes.get(_whole(rule), ""))
        whole = number_of(context.seen.contents.get(whole_id, {}).get(change.as_of)) if whole_id else None
        part = number_of(change.content)
        if whole is not None and part is not None and part > whole:
            yield found(
                CheckName.PART_ABOVE_TOTAL,
                "hold",
                f"{shown(part)} is more than the whole of {shown(whole)}",
                series=accepted.keys[change.series_id],
                as_of=change.as_of,
                holds=[change.key],
            )


def _whole(rule: FigureRule) -> tuple[object, ...]:
    return rule.measure, rule.kind, rule.unit, rule.whom
