"""Words as a search compares them, in every script: folded alike where they are kept and where they are asked for.

Words are runs of letters, marks and digits after Unicode's compatibility forms and case folding, Latin, Greek,
Cyrillic, Hebrew and Arabic without their accents and points, digits of every script as ASCII's. Scripts that do not
part words (Han, kana, Thai, Lao, Khmer, Burmese) are cut into pairs of neighbouring signs, so that a word of two signs
is found wherever it stands. The databases' own tokenizers differ from each other and part no Chinese at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 64
"""A word counts up to so many signs; what is longer is an address or a digest."""

MOST_BYTES = 900_000
"""So many bytes of words one row may have (PostgreSQL takes 1 MiB)."""

SHORTEST_BEGINNING = 3
"""From so many letters on a word is found by its beginning too; from two on where its letters are not ASCII's."""

_MARKS = re.compile("[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u065f\u0670\u0640]")
# Indic and South-East Asian words go on behind the marks that Python takes for no part of a word.
_GOES_ON = "\u0900-\u0963\u0966-\u096f\u0971-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff"
_WORD = re.compile(rf"[^\W_]+(?:[{_GOES_ON}][^\W_]*)*")
_UNPARTED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U000323af"
)
_PLAIN = re.compile("[a-z0-9]+")
_PARTS = re.compile(f"[{_UNPARTED}]+|[^{_UNPARTED}]+")
_IS_UNPARTED = re.compile(f"[{_UNPARTED}]")


def fold(text: str) -> str:
    """A text as words are compared: without case, accents, points and forms that only look different."""
    if text.isascii():
        return text.lower()
    opened = unicodedata.normalize("NFKD", text).casefold()
    folded = unicodedata.normalize("NFC", _MARKS.sub("", opened))
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in folded)


def terms(text: str) -> list[str]:
    """The words of a text as they are kept, in their order."""
    if text.isascii():
        return [word[:LONGEST] for word in _PLAIN.findall(text.lower())]
    found: list[str] = []
    for run in _runs(text):
        found += [*_pairs(run), run[-1]] if _IS_UNPARTED.match(run) else [run]
    return found


def asked(text: str) -> list[tuple[str, ...]]:
    """The words of a question, each as the terms that all must be there; a last `*` stands for any ending."""
    return [_asked(run) for run in _runs(text)]


def kept(texts: Iterable[str]) -> str:
    """The words of some texts as one row keeps them: each once, in order, parted by spaces."""
    words = " ".join(sorted(set(terms("\n".join(filter(None, texts))))))
    if len(words) > MOST_BYTES // 4 and len(encoded := words.encode()) > MOST_BYTES:
        words = encoded[:MOST_BYTES].decode(errors="ignore").rpartition(" ")[0]
    return words


def fits(asked_terms: tuple[str, ...], there: set[str]) -> bool:
    """Whether a word of a question is among the words of something."""
    return all(
        any(word.startswith(term[:-1]) for word in there) if term.endswith("*") else term in there
        for term in asked_terms
    )


def _runs(text: str) -> list[str]:
    return [part[:LONGEST] for word in _WORD.findall(fold(text)) for part in _PARTS.findall(word)]


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _asked(run: str) -> tuple[str, ...]:
    if _IS_UNPARTED.match(run):
        return tuple(_pairs(run)) if len(run) > 1 else (f"{run}*",)
    enough = SHORTEST_BEGINNING if run.isascii() else SHORTEST_BEGINNING - 1
    return (f"{run}*",) if len(run) >= enough and not run.isdigit() else (run,)
