"""The words of dates and clocks in languages that have no word list here, from Unicode CLDR."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from extractors.words.lexicon import languages

_SCRIPTS = (
    ("ja", "[\u3041-\u30ff\u4e00-\u9fff]"), ("zh", "[\u4e00-\u9fff]"), ("ko", "[\uac00-\ud7a3]"),
    ("th", "[\u0e01-\u0e5b]"),
    ("el", "[\u0370-\u03ff]"), ("he", "[\u0590-\u05ff]"), ("hi", "[\u0900-\u097f]"), ("bn", "[\u0980-\u09ff]"),
    ("ta", "[\u0b80-\u0bff]"), ("ka", "[\u10a0-\u10ff]"), ("hy", "[\u0530-\u058f]"),
)  # fmt: skip
_UNSPACED = frozenset(("ja", "zh", "ko", "th"))
_JOINED = {"he": "[בלהמ]?"}
"""What is written together with the name of a month."""
_COUNTED = r"\d+\s*(?:年|月|日|時|时|点|點|分|秒|년|월|일|시|분|초)"
_ERAS = ("令和", "平成", "昭和", "民國", "民国")
"""Eras of which CLDR knows under calendars of their own."""


def without_dates(text: str, language: str | None) -> str:
    """A text without names of months, weekdays, parts of the day and eras, in a language or that of its script."""
    for code in [language] if language else [code for code, letters in _SCRIPTS if re.search(letters, text)]:
        if pattern := _names(code):
            text = pattern.sub(" ", text)
    return text


@functools.cache
def _names(code: str) -> re.Pattern[str] | None:
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return None
    names = sorted({name.rstrip(".") for name in _printed(locale)} - {""}, key=len, reverse=True)
    long = "|".join(re.escape(name) for name in names if len(name) > 1)
    short = "|".join(re.escape(name) for name in names if len(name) == 1)
    edges = ("", "") if code in _UNSPACED else (r"(?<![^\W\d_])" + _JOINED.get(code, ""), r"(?![^\W\d_])")
    aside = rf"|[(（]\s*(?:{short})\s*[)）]" if short else ""
    return re.compile(rf"{_COUNTED}|{edges[0]}(?:{long}){edges[1]}{aside}", re.IGNORECASE)


_REGIONS = ("ar_LB", "fa_AF", "de_AT")
"""Where the months of a language have other names."""


@functools.cache
def month_names() -> frozenset[str]:
    """The names of months in all of our languages, case-folded and without points, known at once."""
    from babel import Locale

    locales = map(Locale.parse, (*languages(), *_REGIONS))
    return frozenset(name.casefold().rstrip(".") for locale in locales for name in _names_of(locale.months))


def _names_of(names: Any) -> Iterator[str]:
    for form in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            yield from map(str, dict(names[form].get(width, {})).values())


def _printed(locale: Any) -> Iterator[str]:
    """All names of months, weekdays, parts of the day and eras, in all forms."""
    for names in (locale.months, locale.days, locale.day_periods):
        yield from _names_of(names)
    for width in locale.eras.values():
        yield from map(str, dict(width).values())
    yield from _ERAS
