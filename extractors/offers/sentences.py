"""Text: numbers that stand in a sentence or beside a label, each found again by the words around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from extractors.dates import Days
from extractors.document import Document
from extractors.offers import MOST, Offer, Way
from extractors.offers.columns import named_apart, slug
from extractors.patterns import find
from model import AsOf, Figure

_NUMBER = re.compile(
    r"(?<![\w.,:/#-])\d{1,3}(?:[,.\u00a0\u202f\u2009' ]\d{3})+(?!\d)|(?<![\w.,:/#-])\d+(?:[.,]\d+)?(?![\d:/]|[-.]\d)"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_DATES = (
    (re.compile(r"\d{4}-\d\d-\d\d"), None),
    (re.compile(r"\d{1,2}(?:st|nd|rd|th)? [^\W\d_]{3,12},? \d{4}"), "%d %B %Y"),
    (re.compile(r"[^\W\d_]{3,12} \d{1,2}(?:st|nd|rd|th)?, \d{4}"), "%B %d, %Y"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), "%d.%m.%Y"),
)
_AS_OF = re.compile(
    r"(?i)\b(?:as (?:of|at)|updated?(?: on)?|data (?:through|to)|станом на|по состоянию на|оновлено|обновлено|"
    r"stand(?: vom)?|au|mis à jour le|al|actualizado(?: el)?|stan na|ke dni)\b"
)
_FAR = 40
_LONGEST_LINE = 600
_LABEL_WORDS = 5
_CONTEXTS = (
    (0, 3), (0, 2), (3, 0), (2, 0), (1, 1), (1, 0), (0, 1),
    (2, 2), (3, 3), (0, 5), (5, 0), (4, 4), (6, 6), (8, 8),
)  # fmt: skip
"""Words before and after a number that may find it again: enough to tell it apart, few enough to outlast an edit."""
VALUE = r"(?P<value>\d+(?:[,.\x{a0}\x{202f}\x{2009}' ]\d{2,3})*(?:[.,]\d+)?)"


class _Place(NamedTuple):
    start: int
    end: int
    line: tuple[int, int]


def offers_of_text(document: Document, article: Document) -> tuple[Way, Way]:
    """An article's figures as a prose source, where its words say what they count, and each number by its words."""
    figures = _stated(document)
    return _by_prose(figures if article is document else _stated(article)), _by_pattern(document, figures)


def _stated(document: Document) -> list[Figure]:
    from extractors.prose import read_figures

    read = read_figures(document.text, published=document.dated)
    return [figure for figure in read if not figure.denied and figure.content]


def _by_prose(figures: list[Figure]) -> Way:
    offers = []
    seen: set[str] = set()
    for figure in figures:
        match = _match(figure)
        if figure.measure == "other" or repr(match) in seen:
            continue
        seen.add(repr(match))
        name = "_".join(filter(None, (figure.measure, figure.category, "" if figure.kind == "total" else figure.kind)))
        said = f", by {', '.join(figure.attributed_to)}" if figure.attributed_to else ""
        label = f"{figure.measure} {figure.category or figure.whom or figure.unit} ({figure.kind}){said}"
        rule = {"match": match}
        quote = " ".join(figure.quote.split())
        offers.append(Offer(id=slug(name), label=label, sample=figure.number_text, quote=quote, count=1, rule=rule))
    found = tuple(named_apart(offers[:MOST]))
    return Way(extractor="prose", title="what the sentences say", coverage="latest", settings={}, offers=found)


def _match(figure: Figure) -> dict[str, Any]:
    match: dict[str, Any] = {"measure": figure.measure, "kind": figure.kind, "unit": figure.unit}
    if figure.whom:
        match["whom"] = [figure.whom]
    if figure.category:
        match["category"] = figure.category
    if figure.attributed_to:
        match["claimant"] = list(figure.attributed_to)
    return match


def _by_pattern(document: Document, figures: list[Figure]) -> Way:
    by_place = {figure.end: figure for figure in figures}
    offers = list(_patterned(document.text, by_place))
    settings: dict[str, Any] = {}
    if as_of := _as_of(document):
        settings["as_of"] = as_of
    return Way(
        extractor="selectors", title="numbers by the words around them", coverage="latest", settings=settings,
        offers=tuple(named_apart(offers[:MOST])),
    )  # fmt: skip


def _patterned(text: str, figures: dict[int, Figure]) -> Iterator[Offer]:
    taken = [found.span() for pattern, _ in _DATES for found in pattern.finditer(text)]
    for line in re.finditer(r"[^\n]+", text):
        if len(line[0]) > _LONGEST_LINE * 4:
            continue
        for number in _NUMBER.finditer(text, *line.span()):
            if any(start < number.end() and number.start() < end for start, end in taken):
                continue
            place = _Place(*number.span(), line.span())
            figure = figures.get(number.end())
            if figure is None and not _labelled(text, place):
                continue
            if (pattern := _pattern(text, place)) is not None:
                yield _offer(text, place, pattern, figure)


def _labelled(text: str, place: _Place) -> bool:
    """Whether a number that no sentence explains stands beside a short label, and is no year."""
    line = text[slice(*place.line)]
    number = text[place.start : place.end]
    year = re.fullmatch(r"(?:19|20)\d\d", number)
    return len(line) <= 120 and bool(_WORD.search(line)) and not year


def _offer(text: str, place: _Place, pattern: str, figure: Figure | None) -> Offer:
    line = " ".join(text[slice(*place.line)].split())
    words = _WORD.findall(text[place.end : place.line[1]])[:_LABEL_WORDS]
    words = words if len(words) > 1 else _WORD.findall(text[place.line[0] : place.start])[-_LABEL_WORDS:] + words
    label = " ".join(words)
    rule: dict[str, Any] = {"pattern": pattern}
    if figure is not None:
        about = {"measure": figure.measure, "kind": figure.kind, "unit": figure.unit, "whom": figure.whom}
        rule |= {name: said for name, said in about.items() if said and said != "other"}
    name = figure.measure if figure is not None and figure.measure != "other" else label
    sample = text[place.start : place.end]
    return Offer(id=slug(name), label=label, sample=sample, quote=line[:_LONGEST_LINE], count=1, rule=rule)


def _pattern(text: str, place: _Place) -> str | None:
    """A pattern of the words around a number that finds it first on the page; None where no words do."""
    before = text[place.line[0] : place.start]
    after = text[place.end : place.line[1]]
    above = text[: place.line[0]].rstrip().rpartition("\n")[2]
    for left, right in _CONTEXTS:
        pattern = _around(before, after, left, right)
        if pattern and _finds(pattern, text, place):
            return pattern
    if not _WORD.search(before + after) or len(before) < 3:
        pattern = f"{_loose(above[-80:])}\\s+{VALUE}"
        return pattern if _WORD.search(above) and _finds(pattern, text, place) else None
    return None


def _around(before: str, after: str, left: int, right: int) -> str | None:
    lead = _last_words(before, left) if left else ""
    tail = _first_words(after, right) if right else ""
    if (left and not lead) or (right and not tail):
        return None
    return f"{_loose(lead)}{VALUE}{_loose(tail)}"


def _last_words(text: str, count: int) -> str:
    places = [found.start() for found in re.finditer(r"\S+", text) if _WORD.search(found[0])]
    return text[places[-count] :] if len(places) >= count else ""


def _first_words(text: str, count: int) -> str:
    places = [found.end() for found in re.finditer(r"\S+", text) if _WORD.search(found[0])]
    return text[: places[count - 1]] if len(places) >= count else ""


def _loose(text: str) -> str:
    """Words as a pattern: other numbers may change, and so may spaces."""
    parts = re.split(r"(\d[\d,.]*|\s+)", text)
    made = (r"\d[\d,.]*" if part[:1].isdigit() else r"\s+" if part.isspace() else _escaped(part) for part in parts)
    return "".join(made)


def _escaped(text: str) -> str:
    return re.sub(r"([\\.^$|()\[\]{}*+?])", r"\\\1", text)


def _finds(pattern: str, text: str, place: _Place) -> bool:
    found = find(pattern, text, (0, len(text)))
    value = found.groups.get("value") if found else None
    return value == (place.start, place.end)


def _as_of(document: Document) -> dict[str, str] | None:
    """Where the page dates its figures: a date behind words that say so."""
    text = document.text
    for lead in _AS_OF.finditer(text):
        end = min(lead.end() + _FAR, len(text))
        for form, name in _DATES:
            found = form.search(text, lead.end(), end)
            rule: dict[str, Any] = {"format": name} if name else {}
            if found and Days(AsOf(**rule), None, document.published)[found[0]]:
                return {"pattern": f"{_loose(text[lead.start() : found.start()])}(?P<as_of>{_like(found[0])})", **rule}
    return None


def _like(date: str) -> str:
    """A pattern for dates that are written as this one is."""
    parts = re.split(r"(\d+|[^\W\d_]+)", date)
    made = (r"\d+" if part.isdigit() else r"\pL+" if part.isalpha() else _escaped(part) for part in parts)
    return "".join(made)
