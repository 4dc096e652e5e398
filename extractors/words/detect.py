"""Which of our languages a text is written in, by its commonest words and its letters."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

from extractors.words.loading import load_yaml

_SAMPLE = 4000
_FEW, _SHARE = 8, 10
"""A Latin text of at least so many words of which not one in so many is common in the best language is in none."""
_LATIN = frozenset(("de", "fr", "es", "it", "pt", "cs", "pl", "nl"))
_WORD = re.compile(r"[^\W\d_]+")


def detect(text: str) -> str:
    """The language whose common words and letters the beginning of a text shows most; English when none does."""
    return shown_language(text) or _of_the_script(text) or "en"


def shown_language(text: str) -> str | None:
    """The same; None where the text shows no language that is known."""
    sample = text[:_SAMPLE].casefold()
    words, letters = _marks()
    scores = dict.fromkeys(letters, 0)
    found = _WORD.findall(sample)
    for word in found:
        for language in words.get(word, ()):
            scores[language] += 3
    for language, own in letters.items():
        if own:
            scores[language] += sum(map(sample.count, own))
    best = max(scores, key=lambda language: (scores[language], language == "en"))
    if not scores[best]:
        return None
    common = sum(best in words.get(word, ()) for word in found)
    latin = best in _LATIN
    return None if latin and len(found) >= _FEW and common * _SHARE < len(found) else best


def _of_the_script(text: str) -> str | None:
    """The language that stands for a script where a few words show none by themselves."""
    sample = text[:_SAMPLE].casefold()
    most = {language: sum(map(sample.count, script)) for language, script in _scripts().items()}
    best = max(most, key=lambda language: most[language])
    return best if 2 * most[best] > sum(map(str.isalpha, sample)) else None


@functools.cache
def _scripts() -> dict[str, str]:
    return {language: marks["script"] for language, marks in _data().items() if "script" in marks}


@functools.cache
def _data() -> dict[str, Any]:
    return load_yaml(Path(__file__).parent / "detect.yml", plain=True)


@functools.cache
def _marks() -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    data = _data()
    words: dict[str, tuple[str, ...]] = {}
    for language, marks in data.items():
        for word in marks["words"]:
            words[word] = (*words.get(word, ()), language)
    return words, {language: marks.get("letters", "") for language, marks in data.items()}
