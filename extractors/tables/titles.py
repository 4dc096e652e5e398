"""What headings and captions say: their words, their years, and the numbers that say of whom or of how long.

A number in a heading mostly moves by itself (a day, a count, the number of a report); one of an age, a span of time or
a district is part of a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.document import Document
from extractors.patterns import Place
from model import Trait

WORD = re.compile(r"[^\W\d_]+(?:['’ʼ][^\W\d_]+)*|[%‰]")
NUMBER = re.compile(r"(?<![^\W\d_])(?<![^\W\d_]-)\d+(?:[.,:/ \u00a0\u202f-]\d+)*")
CLOCK = re.compile(r"(?<!\d)\d{1,2}(?:[.:]\d\d)? ?(?:[ap]\.?m\b\.?|uhr\b|hrs?\b)", re.IGNORECASE)
_SHOWN = 90
_GRAMMAR = ("articles", "determiners", "prepositions", "conjunctions", "auxiliaries", "pronouns", "relatives")
_AMOUNTS = ("numbers", "hedges", "hedges_after", "hedges_alone")
_TIMES = ("months", "solar_months", "weekdays", "days", "time_words", "recent")
_SINCE = "since|from|seit|ab|depuis|dès|desde|dal|sinds|sedan|od|от|с|з|від"
_YEAR = re.compile(rf"(?P<since>\b(?:{_SINCE})\s)?(?<![\d.,])(?P<year>(?:19|20)\d\d)(?![\d.,]\d|\d)", re.IGNORECASE)
_NUMBER = r"\d{1,3}(?:\s?[-–+]\s?\d{0,3})?"
_TIME = (
    "hours?|days?|weeks?|months?|years?|stunden?|tagen?|wochen?|monaten?|jahren?|heures?|jours?|semaines?|mois|ans?|"
    "horas?|d[ií]as?|semanas?|meses|años?|anos?|giorn[io]|settiman[ae]|mes[ei]|ann[io]|dni|tygodni|miesięcy|lat|"
    "годин|днів|дні|тижнів|місяців|років|часов|дней|дня|недель|месяцев|лет"
)
_SPAN = re.compile(rf"(?<![\d.,/:])(?P<of>{_NUMBER})[ -]?(?:{_TIME})\b", re.IGNORECASE)
_AGE = re.compile(
    r"\b(?:aged?|ages|over|under|above|below|alter|unter|über|plus de|moins de|mayores de|menores de|powyżej|poniżej|"
    rf"старше|младше|старші за|молодші за|понад)\s(?P<of>{_NUMBER})(?![\d.,/:])",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"(?<![\d.,/:–-])(?P<of>\d{1,3}\s?(?:[-–]\s?\d{1,3}|\+))(?![\d.,/:–-])")
_DIVISIONS = (
    "district|distrikt|bezirk|kreis|distrito|dystrykt|okręg|район|округ|ward|region|región|région|регіон|регион|zone|"
    "zona|strefa|зона|camp|lager|campo|obóz|табір|лагерь|block|sector|secteur|sektor|сектор|group|gruppe|groupe|grupo|"
    "grupa|група|группа|phase|fase|faza|фаза|division|area|precinct|arrondissement|canton|province|unit|reactor"
)
_DIVISION = re.compile(
    rf"\b(?P<of>(?:{_DIVISIONS})\s(?:no\.?\s|nr\.?\s|№\s?|#\s?)?\d{{1,3}})(?![\d.,:/])", re.IGNORECASE
)
_COUNTERS = re.compile(
    r"(?i)\b(?:weeks?|wochen?|semaines?|semanas?|tydzień|тиждень|неделя|days?|tage?|pages?|tables?|no\.?|nr\.?)\s*$"
)
BETWEEN = " · "
_LEVELS = ("h1", "h2", "h3", "h4", "h5", "h6", "caption, legend, summary", "p > b, p > strong, div > b, div > strong")
CAPTION, _BOLD = 6, 7
"""Headings of these levels are captions; a short bold line serves as one."""
_SHORT = 70


def telling(text: str, language: str | None) -> tuple[str, ...]:
    """The words of a text that say what it is about, case-folded: no numbers, no dates, no words of grammar."""
    from extractors.words import BIT, detect, languages, lexicon
    from extractors.words.calendar import without_dates

    code = (language or "").split("-")[0]
    text, code = (text, code) if code in languages() else (without_dates(text, code), detect(text))
    known = lexicon(code)
    empty = sum(BIT[role] for role in (*_GRAMMAR, *_AMOUNTS, *_TIMES))
    words = (found[0].casefold() for found in WORD.finditer(CLOCK.sub(" ", text)))
    return tuple(
        word
        for word in dict.fromkeys(words)
        if word in "%‰" or (len(word) > 1 and not known.lookup(word).roles & empty)
    )


def shown(text: str) -> str:
    """A text as a person is told of it: numbers are #, white space is single, and it is not long."""
    plain = " ".join(NUMBER.sub("#", text).split())
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…"


def title(text: str, language: str | None) -> Trait:
    """A heading as a person is told of it, and what in it must not change in silence."""
    return Trait(shown(text), (*telling(text, language), *dict.fromkeys(_scopes(text))))


def _scopes(text: str) -> Iterator[str]:
    for found in _YEAR.finditer(text):
        yield f"since {found['year']}" if found["since"] else found["year"]
    for pattern in (_SPAN, _AGE, _BETWEEN, _DIVISION):
        for found in pattern.finditer(text):
            if not _COUNTERS.search(text[: found.start()]):
                yield re.sub(r"\s+", "", found["of"]).replace("–", "-").casefold()


def headings(document: Document) -> list[tuple[Place, int]]:
    """The headings of a page with their levels, in the order of the page."""
    if document.page is None:
        return []
    found = [(place, level) for level, css in enumerate(_LEVELS) for place in document.page.select(css)]
    return sorted(one for one in found if one[1] < _BOLD or _is_line(document.text, one[0]))


def _is_line(text: str, place: Place) -> bool:
    """Whether a place is a short line of its own."""
    before, after = text[max(0, place[0] - 1) : place[0]], text[place[1] : place[1] + 1]
    return before in ("", "\n") and after in ("", "\n") and place[1] - place[0] <= _SHORT


def above(text: str, known: list[tuple[Place, int]], place: Place) -> str:
    """The headings that a place stands under, the outermost first."""
    chain: list[str] = []
    deepest = len(_LEVELS)
    for heading, level in reversed([one for one in known if one[0][1] <= place[0]]):
        if level < deepest:
            chain.append(text[slice(*heading)])
            deepest = level
    return BETWEEN.join(reversed(chain))
