"""Where a page dates all its figures: behind words that say so, or in a short line at its head."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from extractors.document import Document
from extractors.tables.dates import Days
from extractors.words import languages, months, shown_language
from model import AsOf

DATES = (
    (re.compile(r"\d{4}-\d\d-\d\d"), None),
    (re.compile(r"\d{1,2}(?:st|nd|rd|th)? [^\W\d_]{3,12},? \d{4}"), "%d %B %Y"),
    (re.compile(r"\d{1,2} de [^\W\d_]{3,12} de \d{4}"), "%d de %B de %Y"),
    (re.compile(r"\d{1,2} de [^\W\d_]{3,12} del \d{4}"), "%d de %B del %Y"),
    (re.compile(r"\d{1,2}\. [^\W\d_]{3,12} \d{4}"), "%d. %B %Y"),
    (re.compile(r"[^\W\d_]{3,12} \d{1,2}(?:st|nd|rd|th)?, \d{4}"), "%B %d, %Y"),
    (re.compile(r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d\d \d{4}"), "%b %d %Y"),
    (re.compile(r"\d{4}年\d{1,2}月\d{1,2}日"), "%Y年%m月%d日"),
    (re.compile(r"(?<![\d/])\d{4}/\d{1,2}/\d{1,2}(?![\d/])"), "%Y/%m/%d"),
    (re.compile(r"(?<![\d.])\d{4}\.\d{1,2}\.\d{1,2}(?!\d)"), "%Y.%m.%d"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), "%d.%m.%Y"),
    (re.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}\.\d\d(?![\d.])"), "%d.%m.%y"),
    # Day and month change places in silence: only what cannot be read the other way.
    (re.compile(r"(?<!\d)\d{1,2}/(?:1[3-9]|2\d|3[01])/\d{4}"), "%m/%d/%Y"),
    (re.compile(r"(?<!\d)(?:1[3-9]|2\d|3[01])/\d{1,2}/\d{4}"), "%d/%m/%Y"),
    (re.compile(r"(?<![\d-])(?:1[3-9]|2\d|3[01])-\d{1,2}-\d{4}(?!\d)"), "%d-%m-%Y"),
)
"""Forms of dates, and the formats that read them."""

_AS_OF = re.compile(
    r"(?i)\b(?:as (?:of|at)|updated?(?: on)?|data (?:through|to)|станом на|по состоянию на|оновлено|обновлено|"
    r"stand(?: vom)?|au|mis à jour le|al|actualizado(?: el)?|stan na|ke dni|generated(?: on)?|generálva|frissítve|"
    r"aktualizováno|aktualizacja|aggiornat[oi](?: al)?|atualizado(?: em)?|bijgewerkt(?: op)?|güncelle\w*)\b"
)
_EITHER_WAY = re.compile(r"(?<![\d/-])\d{1,2}([/-])\d{1,2}\1(\d{4}|\d\d)(?![\d/-])")
_FAR = 40
_HEAD, _SHORT = 500, 80


def page_as_of(document: Document) -> dict[str, str] | None:
    """How a definition finds the day of a page: its pattern and format; None where no one day is said."""
    for lead in _AS_OF.finditer(document.text):
        for found, rule in _dates(document, lead.end(), lead.end() + _FAR):
            return _behind(document, lead.start(), found, rule)
    return _at_the_head(document) or _either_way(document)


def _either_way(document: Document) -> dict[str, str] | None:
    """The same for a day that may be read in two ways, days first; `extractors.suggest.asked` asks."""
    for lead in _AS_OF.finditer(document.text):
        if found := _EITHER_WAY.search(document.text, lead.end(), lead.end() + _FAR):
            form = found[1].join(("%d", "%m", "%Y" if len(found[2]) > 2 else "%y"))
            return _behind(document, lead.start(), found, {"format": form})
    return None


def _behind(document: Document, start: int, found: re.Match[str], rule: Mapping[str, str]) -> dict[str, str]:
    return {"pattern": f"{loose(document.text[start : found.start()])}(?P<as_of>{_like(found[0])})", **rule}


def day_inside(texts: Sequence[str]) -> dict[str, str] | None:
    """How a definition finds the one day in each of some texts, such as `Stand: 13.04.2020 18:00 Uhr`; else None."""
    for form, name in DATES:
        rule: dict[str, Any] = {"format": name} if name else {}
        found = [[*form.finditer(text)] for text in texts]
        if not found or not all(len(matches) == 1 for matches in found):
            continue
        days = [matches[0][0] for matches in found]
        read = Days(AsOf(**rule), month_language(days, rule))
        if all(map(read.__getitem__, days)):
            return {"pattern": f"(?P<as_of>{_like(days[0])})", **rule}
    return None


def month_language(texts: Iterable[str], rule: Mapping[str, str]) -> str | None:
    """The language whose months some dates name, where it is not English; None too where they name none."""
    if not re.search("%[bB]", rule.get("format", "")):
        return None
    words = [word.casefold() for text in texts for word in _MONTH_WORD.findall(text)]
    if any(word in months("en") for word in words):
        return None
    return next((code for word in words for code in sorted(languages()) if word in months(code)), None)


_MONTH_WORD = re.compile(r"[^\W\d_]{3,12}")


def _at_the_head(document: Document) -> dict[str, str] | None:
    """The one day at the head of a bulletin, where it stands in a short line of its own."""
    text = document.text
    found = {match.start(): (match, rule) for match, rule in _dates(document, 0, _HEAD)}
    if len({match[0] for match, _ in found.values()}) != 1:
        return None
    match, rule = found[min(found)]
    start, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
    if (end if end >= 0 else len(text)) - start > _SHORT:
        return None
    return {"pattern": f"(?m)^{loose(text[start : match.start()])}(?P<as_of>{_like(match[0])})", **rule}


def _dates(document: Document, start: int, end: int) -> Iterator[tuple[re.Match[str], dict[str, Any]]]:
    language = document.language or shown_language(document.text)
    for form, name in DATES:
        rule: dict[str, Any] = {"format": name} if name else {}
        for found in form.finditer(document.text, start, min(end, len(document.text))):
            if Days(AsOf(**rule), language, document.published)[found[0]]:
                yield found, rule


def loose(text: str) -> str:
    """Words as a pattern: other numbers may change, and so may spaces."""
    parts = re.split(r"(\d[\d,.]*|\s+)", text)
    made = (r"\d[\d,.]*" if part[:1].isdigit() else r"\s+" if part.isspace() else _escaped(part) for part in parts)
    return "".join(made)


def _escaped(text: str) -> str:
    return re.sub(r"([\\.^$|()\[\]{}*+?])", r"\\\1", text)


def _like(date: str) -> str:
    """A pattern for dates that are written as this one is."""
    parts = re.split(r"(\d+|[^\W\d_]+)", date)
    made = (r"\d+" if part.isdigit() else r"\pL+" if part.isalpha() else _escaped(part) for part in parts)
    return "".join(made)
