"""What each language knows: numbers, hedges, measures, groups, months. Data in one file a language."""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import cast

from extractors.words.detect import detect, shown_language
from extractors.words.lexicon import BIT, NOTHING, Entry, Lexicon, fits, languages, lexicon, split_words, subject
from model import Qualifier

__all__ = [
    "BIT",
    "NOTHING",
    "Entry",
    "Lexicon",
    "detect",
    "fits",
    "hedge",
    "languages",
    "lexicon",
    "months",
    "multiplier",
    "shown_language",
    "split_words",
    "subject",
]


def hedge(text: str, language: str | None = None) -> Qualifier | None:
    """The qualifier that a hedge word or phrase means, or None when it is unknown.

    Without a language every language's hedges are tried, the detected one's first.
    """
    words = tuple(text.casefold().strip().strip(".:;()").split())
    if not words:
        return None
    order = [language] if language in languages() else [detect(text), *sorted(languages())]
    for code in order:
        entry = lexicon(code or "en").phrase(words)
        for role in ("hedges", "hedges_after", "hedges_alone"):
            if entry is not None and role in entry.values:
                return cast(Qualifier, entry.values[role])
    return None


_SCALES = {"K": 1000, "M": 1000000, "B": 1000000000}


@functools.cache
def multiplier(word: str, language: str | None = None) -> Decimal | None:
    """What a word or letter behind a number multiplies it by (million, `M`, тис), or None when it is no scale.

    Capital K, M and B mean the same everywhere; other words are those of the language, else of English.
    """
    if word in _SCALES:
        return Decimal(_SCALES[word])
    for code in dict.fromkeys((language if language in languages() else "en", "en")):
        values = lexicon(code or "en").lookup(word.casefold()).values
        if "multipliers" in values:
            return Decimal(str(values["multipliers"]))
    return None


@functools.cache
def months(language: str) -> dict[str, int]:
    """Month names of a language in all inflections, case-folded, to 1..12; English where there is no such file."""
    return lexicon(language).month_names()
