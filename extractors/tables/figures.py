"""The whole figure of a followed cell, with its quote and its place in the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from extractors.patterns import Place
from model import Day, Figure, FigureRule, read_content

_LONGEST_QUOTE = 2000
_AROUND = 200


class PrintedAt(NamedTuple):
    """Where a number is printed: the text, its place there, and the span that is quoted with it."""

    text: str
    place: Place
    span: Place


def make_figure(
    rule: FigureRule,
    content: str,
    as_of: Day | None,
    printed: PrintedAt,
    parts: Mapping[str, str] | None = None,
) -> Figure:
    """Make the whole figure of a followed cell: what its rule and dimensions say, its number, quote and place."""
    text, place, span = printed
    number = read_content(content)
    parts = parts or {}
    return Figure(
        value=number.value,
        low=number.low,
        high=number.high,
        qualifier=number.qualifier,
        unit=rule.unit,
        measure=rule.measure,
        whom=parts.get("whom", rule.whom),
        category=parts.get("category", rule.category),
        kind=rule.kind,
        attributed_to=rule.attributed_to,
        as_of=as_of,
        quote=text[slice(*_quoted(span, place))],
        number_text=text[place[0] : place[1]],
        start=place[0],
        end=place[1],
    )


def _quoted(span: Place, place: Place) -> Place:
    if span[1] - span[0] <= _LONGEST_QUOTE:
        return span
    return max(span[0], place[0] - _AROUND), min(span[1], place[1] + _AROUND)
