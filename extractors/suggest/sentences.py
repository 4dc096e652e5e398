"""Text: numbers that stand in a sentence or beside a label, each found again by the words around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from extractors.document import Document
from extractors.page.cards import is_bare, neighbour, side_of_label
from extractors.patterns import find
from extractors.prose_series import fits, match_of
from extractors.suggest.columns import NO_FIGURE
from extractors.suggest.dated import DATES, loose, page_as_of
from extractors.suggest.offer import MOST, Offer, Way, named_apart, slug
from extractors.words import detect, multiplier
from extractors.words.calendar import month_names
from model import Figure
from model.source import Match

_BEFORE = r"(?<![\w.,:/#-])(?<!\d[\u00a0\u202f\u2009' ])(?<!\[)"
_AFTER = r"(?![\d:/]|[-.]\d|[-‑][^\W\d_])"
_NUMBER = re.compile(
    rf"{_BEFORE}\d{{1,3}}(?:[,.\u00a0\u202f\u2009' ]\d{{3}})+(?:[.,]\d+)?{_AFTER}|{_BEFORE}\d+(?:[.,]\d+)?{_AFTER}"
)
_SCALE = re.compile(r"[ \u00a0]?([^\W\d_]{1,12}\b\.?)")
_LAST_WORD = re.compile(r"(?<![^\W\d_])([^\W\d_]+)\W*\Z")
_SENTENCE = re.compile(r"(?<=[^\W\d_]{2})[.!?]['\"”»]?\s+(?=[^\W\d_a-zа-яёіїєґ]|\d)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_OTHER_DATES = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}|[^\W\d_]{3,12}\.? \d{1,2}\b(?!,? ?\d)|© ?(?:\d{4}[-–])?\d{4}")

_LONGEST_LINE = 600
_LONGEST_CARD = 120
_LOOKED_AT = 1000
"""So many numbers of a page are looked at; what comes first on a page is what it is about."""
_LABEL_WORDS = 5
_CONTEXTS = (
    (0, 3), (0, 2), (3, 0), (2, 0), (1, 1), (1, 0), (0, 1), (0, 4), (4, 0),
    (2, 2), (3, 3), (0, 5), (5, 0), (4, 4), (6, 6), (8, 8),
)  # fmt: skip
_LED = ((2, 0), (1, 0), (3, 0), (5, 0), *_CONTEXTS)
"""Words before and after a number that may find it again: enough to tell it apart, few enough to outlast an edit."""
_DIGITS = r"\d+(?:[,.\x{a0}\x{202f}\x{2009}' ]\d{2,3})*(?:[.,]\d+)?"


class _NumberInLine(NamedTuple):
    """A number and the line, or card, that it stands in; `scaled` where a scale (`1.2M`) is part of it."""

    start: int
    end: int
    line: tuple[int, int]
    scaled: bool = False

    @property
    def value(self) -> str:
        """The pattern of a number that is written as this one is."""
        scale = r"\s?\pL{1,12}\b\.?" if self.scaled else ""
        return f"(?P<value>{_DIGITS}{scale})"


def offers_of_text(document: Document, article: Document, *, tabled: bool = False) -> tuple[Way, Way]:
    """An article's figures as a prose source, where its words say what they count, and each number by its words.

    With `tabled` the rows of tables are left out: their columns are offered already.
    """
    figures = _stated(document)
    return _by_prose(figures if article is document else _stated(article)), _by_pattern(document, figures, tabled)


def _stated(document: Document) -> list[Figure]:
    from extractors.prose import read_figures

    read = read_figures(document.text, published=document.dated)
    return [figure for figure in read if not (figure.denied or figure.former) and figure.content]


def _by_prose(figures: list[Figure]) -> Way:
    first: dict[str, Figure] = {}
    for figure in figures:
        if figure.measure != "other" or figure.whom not in (None, "people"):
            first.setdefault(repr(match_of(figure)), figure)
    offers = [_prose_offer(figure) for figure in first.values() if _one_value(match_of(figure), figures)]
    found = tuple(named_apart(offers[:MOST]))
    return Way(extractor="prose", title="what the sentences say", coverage="latest", settings={}, offers=found)


def _prose_offer(figure: Figure) -> Offer:
    named = figure.category or ("" if figure.whom in (None, "people") else figure.whom)
    measure = "" if figure.measure == "other" else figure.measure
    name = "_".join(filter(None, (measure, named, "" if figure.kind == "total" else figure.kind)))
    said = f", by {', '.join(figure.attributed_to)}" if figure.attributed_to else ""
    label = f"{measure} {figure.category or figure.whom or figure.unit} ({figure.kind}){said}".lstrip()
    quote = " ".join(figure.quote.split())
    return Offer(
        id=slug(name), label=label, sample=figure.number_text, quote=quote, count=1, rule={"match": match_of(figure)}
    )


def _one_value(match: dict[str, Any], figures: list[Figure]) -> bool:
    """Whether all figures of one day that fit a match say the same, so that following it is told apart."""
    rule = msgspec.convert(match, Match)
    by_day: dict[object, set[object]] = {}
    for figure in figures:
        if fits(rule, figure):
            by_day.setdefault(figure.as_of or figure.period_end, set()).add((figure.value, figure.low, figure.high))
    return all(len(values) == 1 for values in by_day.values())


def _by_pattern(document: Document, figures: list[Figure], tabled: bool) -> Way:
    by_place = {figure.end: figure for figure in figures}
    offers = list(islice(_patterned(document, by_place, tabled), MOST))
    settings: dict[str, Any] = {}
    if as_of := page_as_of(document):
        settings["as_of"] = as_of
    return Way(
        extractor="selectors", title="numbers by the words around them", coverage="latest", settings=settings,
        offers=tuple(named_apart(offers)),
    )  # fmt: skip


def _patterned(document: Document, figures: dict[int, Figure], tabled: bool) -> Iterator[Offer]:
    text, language = document.text, detect(document.text)
    for place in islice(_numbers(document, language), _LOOKED_AT):
        if tabled and text.count("\t", *place.line) > 1:
            continue
        place = _with_scale(text, place, language)
        figure = figures.get(place.end)
        if figure is not None and not _same_label(text, place, figure):
            figure = None
        if figure is None and not _labelled(text, place):
            continue
        if (pattern := _pattern(text, place)) is not None:
            yield _offer(text, place, pattern, figure)


def _numbers(document: Document, language: str) -> Iterator[_NumberInLine]:
    """The numbers of a page that are no part of a date or a name, each with its line, or the card that it stands in."""
    text = document.text
    taken = [found.span() for pattern, _ in DATES for found in pattern.finditer(text)]
    taken += [found.span() for found in _OTHER_DATES.finditer(text) if _is_date(found[0])]
    for line in re.finditer(r"[^\n]+", text):
        if len(line[0]) > _LONGEST_LINE * 4:
            continue
        glued = _elements(document, line.span())
        bare = is_bare(line[0], language)
        for number in sorted({*(found.span() for found in _NUMBER.finditer(text, *line.span())), *glued}):
            if not any(start < number[1] and number[0] < end for start, end in taken):
                card = _card(document, number, language) if bare else _sentence(text, line.span(), number)
                yield _NumberInLine(*number, card)


def _sentence(text: str, line: tuple[int, int], number: tuple[int, int]) -> tuple[int, int]:
    """The sentence of a line in which a number stands: the words of the next tell nothing of it."""
    ends = [found.end() for found in _SENTENCE.finditer(text, *line)]
    start = max((end for end in ends if end <= number[0]), default=line[0])
    return start, min((end for end in ends if end >= number[1]), default=line[1])


def _is_date(text: str) -> bool:
    """Whether a word and a number are a day of a month; what has no word is a date already."""
    word = _WORD.search(text)
    return word is None or word[0].casefold().rstrip(".") in month_names()


def _elements(document: Document, line: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Numbers that fill an element and that nothing parts from the word before (`Deaths44`)."""
    for found in re.finditer(r"(?<=[^\W\d_])\d[\d.,' \u00a0\u202f\u2009]*(?<=\d)", document.text[slice(*line)]):
        place = (line[0] + found.start(), line[0] + found.end())
        if document.page is not None and next(document.page.around(place), None) == place:
            yield place


def _card(document: Document, number: tuple[int, int], language: str) -> tuple[int, int]:
    """The label and the number of a card: what tells them from their neighbours is the element around both.

    Where no element does, it is the row of cards; where that does not either, the number alone, which has no label.
    """
    text = document.text
    around = document.page.around(number) if document.page is not None else iter(())
    card = next(
        (at for at in around if _WORD.search(text[slice(*at)]) and not is_bare(text[slice(*at)], language)), None
    )
    alone = card is not None and sum(is_bare(line, language) for line in text[slice(*card)].split("\n")) == 1
    if card is not None and alone and card[1] - card[0] <= _LONGEST_CARD:
        side: str | None = "after" if not text[card[0] : number[0]].strip("$€£₴+~≈<>≥≤-− \n") else "before"
    else:
        side = side_of_label(text, number, language)
    line = text.rfind("\n", 0, number[0]) + 1, text.find("\n", number[1])
    label = neighbour(text, number, -1 if side == "before" else 1) if side else None
    if label is None:
        return line[0], line[1] if line[1] >= 0 else len(text)
    return min(label[0], line[0]), max(label[1], line[1])


def _with_scale(text: str, place: _NumberInLine, language: str) -> _NumberInLine:
    scale = _SCALE.match(text, place.end, place.line[1])
    if scale is None or multiplier(scale[1].rstrip("."), language) is None:
        return place
    return place._replace(end=scale.end(), scaled=True)


def _same_label(text: str, place: _NumberInLine, figure: Figure) -> bool:
    """Whether what prose takes a number for stands in its line, or card; a word of the next card is another's."""
    return figure.measure != "other" and figure.quote.count("\n") <= text[slice(*place.line)].count("\n")


def _labelled(text: str, place: _NumberInLine) -> bool:
    """Whether a number that no sentence explains stands beside a short label, and is no year."""
    line = text[slice(*place.line)]
    number = text[place.start : place.end]
    year = re.fullmatch(r"(?:19|20)\d\d", number)
    lead = _LAST_WORD.search(text, place.line[0], place.start)
    if lead and NO_FIGURE.fullmatch(lead[1]) and not re.match(r"\s+[^\W\d_]", text[place.end : place.line[1]]):
        return False  # "week 45", "page 2"
    rest = text[place.line[0] : place.start] + " " + text[place.end : place.line[1]]
    return len(line) <= _LONGEST_CARD and bool(_WORD.search(rest)) and not year


def _offer(text: str, place: _NumberInLine, pattern: str, figure: Figure | None) -> Offer:
    line = " ".join(text[slice(*place.line)].split())
    words = _WORD.findall(text[place.end : place.line[1]])[:_LABEL_WORDS]
    if re.search(r"[:=‒–—−-]\s*$", text[place.line[0] : place.start]):
        words = []
    words = words if len(words) > 1 else _WORD.findall(text[place.line[0] : place.start])[-_LABEL_WORDS:] + words
    label = " ".join(words)
    rule: dict[str, Any] = {"pattern": pattern}
    if text[place.end :].lstrip().startswith("%"):
        rule |= {"kind": "share", "unit": "percent"}
    if place.scaled:
        rule |= {"scale": "letters"}
    if figure is not None:
        about = {"measure": figure.measure, "kind": figure.kind, "unit": figure.unit, "whom": figure.whom}
        rule |= {name: said for name, said in about.items() if said and said != "other"}
    name = figure.measure if figure is not None and figure.measure != "other" else label
    sample = text[place.start : place.end]
    return Offer(id=slug(name), label=label, sample=sample, quote=line[:_LONGEST_LINE], count=1, rule=rule)


def _pattern(text: str, place: _NumberInLine) -> str | None:
    """A pattern of the words around a number that finds it first on the page; None where no words do."""
    before = text[place.line[0] : place.start]
    after = text[place.end : place.line[1]]
    labelled = re.search(r"[:=‒–—−-]\s*$", before)
    for left, right in _LED if labelled else _CONTEXTS:
        pattern = _around(before, place.value, after, left, right)
        if pattern and _finds(pattern, text, place):
            return pattern
    return None


def _around(before: str, value: str, after: str, left: int, right: int) -> str | None:
    lead = _last_words(before, left) if left else ""
    tail = _first_words(after, right) if right else ""
    if (left and not lead) or (right and not tail):
        return None
    return f"{loose(lead)}{value}{loose(tail)}"


def _last_words(text: str, count: int) -> str:
    places = [found.start() for found in re.finditer(r"\S+", text) if _WORD.search(found[0])]
    return text[places[-count] :] if len(places) >= count else ""


def _first_words(text: str, count: int) -> str:
    places = [found.end() for found in re.finditer(r"\S+", text) if _WORD.search(found[0])]
    return text[: places[count - 1]] if len(places) >= count else ""


def _finds(pattern: str, text: str, place: _NumberInLine) -> bool:
    found = find(pattern, text, (0, len(text)))
    value = found.groups.get("value") if found else None
    return value == (place.start, place.end)
