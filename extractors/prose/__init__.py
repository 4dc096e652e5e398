"""Reads what reports say: value, hedge, who says it, of whom, for when. Deterministic, pure, linear in the text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from extractors.prose.explaining import Reason, reasons
from extractors.prose.figures import Draft
from extractors.prose.reader import TextReader
from extractors.prose.sureness import TextContext, unsure
from extractors.words import detect, lexicon
from model import Day, Figure, Words

__all__ = ["VERSION", "Reason", "explain", "read_figures"]

VERSION = 25
"""Raised by hand when the same text, or the same page, may be read differently."""
_LONGEST = 400_000
"""Characters that are read in one piece; what settles later sentences does not carry over from piece to piece."""


def read_figures(
    text: str, *, language: str | None = None, published: Day | None = None, words: Words | None = None
) -> list[Figure]:
    """The figures that a text states, in the order of their places, denied ones among them.

    `start` and `end` are code points of `number_text` in `text`. The language is detected when not given;
    `published` settles dates such as "Friday" and is taken as unknown when it is no ISO date; `words` adds a
    definition's own words. Never raises on any text.
    """
    language = language or detect(text)
    figures: list[Figure] = []
    for offset, part in _parts(text):
        reader, drafts = _drafts(part, language, published, words)
        pairs = zip(drafts, reader.contexts, strict=True)
        figures += [_figure(reader, draft, context, offset) for draft, context in pairs]
    return figures


def explain(
    text: str, *, language: str | None = None, published: Day | None = None, words: Words | None = None
) -> list[tuple[Figure, dict[str, Reason]]]:
    """The figures of a text as `read_figures` gives them, each with the reason for every field that says anything."""
    language = language or detect(text)
    told: list[tuple[Figure, dict[str, Reason]]] = []
    for offset, part in _parts(text):
        reader, drafts = _drafts(part, language, published, words)
        for draft, context in zip(drafts, reader.contexts, strict=True):
            figure = _figure(reader, draft, context, offset)
            told.append((figure, reasons(part, reader.tokens, draft, figure, offset)))
    return told


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """A text as it is, or one too long for an article in parts cut at line ends, so that memory stays bounded."""
    start = 0
    while len(text) - start > _LONGEST:
        end = max(text.rfind("\n", start + _LONGEST // 2, start + _LONGEST), start) + 1
        if end <= start + 1:
            end = max(text.rfind(" ", start + _LONGEST // 2, start + _LONGEST) + 1, 0) or start + _LONGEST
        yield start, text[start:end]
        start = end
    yield start, text[start:] if start else text


def _drafts(
    text: str, language: str | None, published: Day | None, words: Words | None
) -> tuple[TextReader, list[Draft]]:
    reader = TextReader(text, lexicon(language or detect(text), words), _day(published))
    return reader, reader.read()


def _day(published: Day | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(published) if published else None
    except (TypeError, ValueError):
        return None


def _figure(reader: TextReader, draft: Draft, context: TextContext, offset: int) -> Figure:
    tokens, number, sentence = reader.tokens, draft.number, draft.sentence
    start, end = tokens[number.first].s, tokens[number.last - 1].e
    measure, _, _ = draft.measure.partition(".")
    if measure == "lost":
        unit = _compared_unit(reader, draft) if draft.unit == "ratio" else draft.unit
        measure = {"people": "casualties", "items": "destroyed", "ratio": "casualties"}.get(unit, "other")
    elif measure == "destroyed" and draft.unit == "people":
        measure = "casualties"
    elif measure == "displaced" and draft.unit == "items":
        measure = "other"
    elif measure == "casualties" and draft.unit == "items":
        measure = "destroyed"
    return Figure(
        value=_whole(number.value),
        low=_whole(number.low),
        high=_whole(number.high),
        qualifier=number.qualifier or "exact",  # type: ignore[arg-type]
        unit=draft.unit or "other",
        measure=measure or "other",
        whom=_whom(draft),
        category=draft.category or _event_category(reader, draft),
        kind=draft.kind if draft.kind != "elided" else "total",  # type: ignore[arg-type]
        attributed_to=draft.names,
        period_start=_iso(draft.period_start),
        period_end=_iso(draft.period_end),
        as_of=_iso(draft.as_of),
        denied=draft.denied,
        former=draft.number.former,
        quote=reader.text[tokens[sentence.a].s : tokens[sentence.b - 1].e],
        number_text=reader.text[start:end],
        start=start + offset,
        end=end + offset,
        unsure=unsure(draft, context),
    )


def _compared_unit(reader: TextReader, draft: Draft) -> str:
    """Items where a ratio compares things: "five times as many vehicles"."""
    counted = reader.tokens[draft.head].values.get("nouns") if draft.head >= 0 else None
    return "items" if counted and counted[0] == "items" else draft.unit


def _event_category(reader: TextReader, draft: Draft) -> str | None:
    category = reader.tokens[draft.event].values.get("categories") if draft.event >= 0 else None
    return category if isinstance(category, str) else None


def _whole(value: Decimal | None) -> Decimal | None:
    """The same number without idle zeros behind the point: 2300000, not 2300000.0."""
    if value is None or value != value.to_integral_value():
        return value
    return value.quantize(Decimal(1)) if abs(value) < Decimal(10) ** 25 else value


def _whom(draft: Draft) -> str | None:
    group = draft.group
    if draft.nation and group in (None, "people"):
        group = {"casualties": "casualties", "lost": "soldiers"}.get(draft.measure, group)
    return " ".join(part for part in (draft.nation, group) if part) or None


def _iso(day: dt.date | None) -> Day | None:
    return Day(day.isoformat()) if day else None
