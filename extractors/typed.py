"""Figures that a person typed beside an image or a document that holds no text.

The release is then a statement of that person: who read which evidence where, and what it says. It is archived as JSON
beside the evidence itself, so that it can be read again like any page, and checked by eyes. The derived text is the
statement in words, a line a figure; places point into it.
"""

from __future__ import annotations

import re

import msgspec

from extractors.cells import Contents
from extractors.document import TYPED
from extractors.numbers import read_number
from model import Day, Figure, FigureRule, Reading, SeriesRule, Source, UnreadableError, read_content, series_ref
from model import write_content as write

__all__ = ["TYPED", "Entry", "Statement", "lay_out", "read", "read_statement", "read_value", "write_statement"]

_RANGE = re.compile(r"(\S.*?\d\S*)\s*(?:\.\.|–|—|\bto\b|-)\s*(\d.*)")


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One typed figure: `series` is a rule's id with its labels after slashes, `value` is as printed, hedge and all."""

    series: str
    value: str
    as_of: Day | None = None
    quote: str = ""


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person read where; `evidence` is the SHA-256 of the archived image or document, `media_type` its form."""

    by: str
    url: str
    evidence: str
    media_type: str
    figures: tuple[Entry, ...]


def write_statement(statement: Statement) -> bytes:
    """The statement as bytes to archive."""
    return msgspec.json.format(msgspec.json.encode(statement), indent=1) + b"\n"


def read_statement(text: str) -> Statement:
    """Read what `write_statement` wrote. Raises `UnreadableError` for anything else."""
    try:
        return msgspec.json.decode(text, type=Statement)
    except msgspec.MsgspecError as error:
        raise UnreadableError(f"the typed figures cannot be read: {error}") from None


def lay_out(statement: Statement) -> str:
    """The statement in words, a line a figure after the one that says who, where and from what."""
    head = f"Typed by {statement.by} from {statement.media_type} at {statement.url} (SHA-256 {statement.evidence})"
    return "\n".join([head, *(_line(entry) for entry in statement.figures)]) + "\n"


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
        end = start + len(_line(entry))
        figure = _figure(rule, content, entry, text[start:end], start)
        followed.append((series_ref(figure_id, tuple(labels)), figure))
        start = end + 1
    return Reading.of_figures(followed)


def _line(entry: Entry) -> str:
    day = f", as of {entry.as_of}" if entry.as_of else ""
    quote = f": {' '.join(entry.quote.split())}" if entry.quote.strip() else ""
    return f"{' '.join(entry.value.split())} {entry.series}{day}{quote}"


def _figure(rule: FigureRule | SeriesRule, content: str, entry: Entry, line: str, start: int) -> Figure:
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
