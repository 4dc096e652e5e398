"""Of which whole a series is a part, where its definition says so."""

from __future__ import annotations

from model import FigureRule, SeriesRef, Source


def whole_of(source: Source, ref: SeriesRef) -> SeriesRef | None:
    """The series that a series is a part of; None where the definition names none.

    A row is a part of the sum that counts it up, a figure of a subgroup (`category`) a part of the same without one.
    """
    rule = source.rule(ref.figure_id)
    if not isinstance(rule, FigureRule):
        return None
    sums = (_sum_of(source, one, ref) for one in source.figures)
    return next((one for one in sums if one), None) or _without_category(source, rule, ref)


def _sum_of(source: Source, one: FigureRule, row: SeriesRef) -> SeriesRef | None:
    """The sum that counts up a row, where a figure is that."""
    how = one.aggregate
    if how is None or how.sum_of != row.figure_id or how.each is not None:
        return None
    labels = dict(zip(source.by, row.labels, strict=False))
    return SeriesRef(one.id, tuple(labels.get(name, "") for name in how.by))


def _without_category(source: Source, rule: FigureRule, ref: SeriesRef) -> SeriesRef | None:
    """The figure of all of which a figure is a subgroup."""
    wholes = [one for one in source.figures if one.category is None and _counted(one) == _counted(rule)]
    return SeriesRef(wholes[-1].id, ref.labels) if rule.category is not None and wholes else None


def _counted(rule: FigureRule) -> tuple[object, ...]:
    return rule.measure, rule.kind, rule.unit, rule.whom
