"""Latin letters and digits that stand for Cyrillic ones: some publishers mix them in, to keep copyists out.

Only the search for words sees the mended text; places, quotes and numbers are those of the text as it was published.
"""

from __future__ import annotations

import re

CYRILLIC = frozenset(("be", "bg", "mk", "ru", "sr", "uk"))
"""Languages, by code, in whose texts a lookalike is taken for the Cyrillic letter."""

_LETTERS = dict(zip("ABCEHIKMOPTXYaceikopxy", "АВСЕНІКМОРТХУасеікорху", strict=True))
_DIGITS = {"3": "З", "0": "О", "6": "б"}
_TOKEN = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
_IS_LATIN = re.compile("[A-Za-z]")
_IS_CYRILLIC = re.compile("[\u0400-\u04ff]")


def mended(text: str) -> str:
    """The text with lookalikes replaced in words that are Cyrillic but for them; as long as the text given."""
    return _TOKEN.sub(lambda token: _word(token[0]), text)


def _word(word: str) -> str:
    letters = sum(char.isalpha() for char in word)
    if letters == len(word) and not _IS_LATIN.search(word):
        return word
    if letters < 2 or not (_IS_CYRILLIC.search(word) or word.isupper()):
        return word
    turned = "".join(_LETTERS.get(char) or _DIGITS.get(char) or char for char in word)
    return word if _IS_LATIN.search(turned) or any(char.isdigit() for char in turned) else turned
