"""What questions are asked with in each language, as data in words.yml."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

import yaml

from extractors.words import detect
from publish.vocabulary import LANGUAGES, Language
from storage.search.words import fold


@cache
def _phrasing() -> dict[str, dict[str, Any]]:
    text = resources.files("publish.asking").joinpath("words.yml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, Any]] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


def phrase(name: str, language: Language, **parts: str | int) -> str:
    """A sentence about an answer, in a language."""
    return str(_phrasing()[language][name]).format(**parts)


@cache
def asking_words(language: Language) -> frozenset[str]:
    """The words of a language that ask and name nothing, folded."""
    return frozenset(fold(str(word)) for word in _phrasing()[language]["asks"])


@cache
def leading(name: str, language: Language) -> re.Pattern[str]:
    """What finds the phrases that stand before a day of knowledge (`known`), or ask for what was said first."""
    phrases = sorted(map(str, _phrasing()[language][name]), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)", re.IGNORECASE)


def language_of(text: str) -> Language:
    """The language that a question is asked in: by the words it asks with, else by all of its words."""
    words = [fold(word) for word in re.findall(r"[^\W\d_]+", text)]
    asked = {language: sum(word in asking_words(language) for word in words) for language in LANGUAGES}
    best = [language for language in LANGUAGES if asked[language] == max(asked.values())]
    found = detect(text)
    return next((one for one in best if one == found), best[0])
