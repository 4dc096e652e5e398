"""Figures that a person typed (see `extractors.statement`), as readings of a source's series; places point into it."""

from __future__ import annotations

import re

from extractors.statement import ManualEntry, Statement, line_of
from extractors.tables.cells import Contents
from extractors.tables.numbers import read_number
from model import Figure, FigureRule, Reading, SeriesRule, Source, UnreadableError, listed, read_content, series_ref
from model import write_content as write

_RANGE = re.compile(r"(\S.{0,60}?\d\S{0,30})\s{0,3}(?:\.\.|–|—|\bto\b|-)\s{0,3}(\d.{0,60})")


def read_value(printed: str, language: str | None) -> str | None:
    """The canonical content of a number as a person types it, with hedge or as a range; None where it is none."""
    content = Contents("exact", language)[printed]
    if content:
        return content
    ends = _RANGE.fullmatch(printed.strip())
    low, high = (read_number(end, language) for end in ends.groups()) if ends else (None, None)
    return write(None, low, high) if low is not None and high is not None else None


def read(source: Source, statement: Statement, text: str) -> Reading:
    """The typed figures as readings of the source's series.

    Raises `UnreadableError` for a series that the definition does not follow, or a value that is no number.
    """
    followed: list[tuple[str, Figure]] = []
    start = text.index("\n") + 1
    for entry in statement.figures:
        figure_id, *labels = entry.series.split("/")
        rule = source.rule(figure_id)
        content = read_value(entry.value, source.language)
        if rule is None or len(labels) != len(source.by):
            raise UnreadableError(f"{source.id} follows no series {entry.series!r}")
        if not content:
            raise UnreadableError(f"{entry.series}: {entry.value!r} is no number")
        end = start + len(line_of(entry))
        figure = _figure(rule, content, entry, text[start:end], start)
        followed.append((series_ref(figure_id, tuple(labels)), figure))
        start = end + 1
    return Reading(*listed(followed))


def _figure(rule: FigureRule | SeriesRule, content: str, entry: ManualEntry, line: str, start: int) -> Figure:
    number = " ".join(entry.value.split())
    about = rule.match if isinstance(rule, SeriesRule) else rule
    whom = about.whom if isinstance(about.whom, str | None) else " ".join(about.whom) or None
    said = read_content(content)
    return Figure(
        value=said.value, low=said.low, high=said.high, qualifier=said.qualifier,
        unit=about.unit or "other", measure=about.measure or "other", kind=about.kind or "total",
        whom=whom, category=about.category,
        attributed_to=rule.attributed_to if isinstance(rule, FigureRule) else rule.match.claimant,
        as_of=entry.as_of, quote=line, number_text=number, start=start, end=start + len(number),
    )  # fmt: skip
