"""How the label of a series is read: what makes two labels one series, what only looks alike, and what it is called.

A label is its text after Unicode normalisation (NFC) and with spaces joined: `District 1` and `District 7`, `<65` and
`65+` are two. Raised digits behind a word are the mark of a footnote and no part of it (`North¹`); a star or dagger is
one (`South*`) where the release has no row without it. Where a label carries what is no identity (a running count in
its own name), the definition says which part is, with `label: {pattern: ...}`. What differs by digits, signs, marks,
case or padding alone is *like* another, which is reason to ask a person and no more.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from model import SeriesRef, Source, series_ref

_WORDS = re.compile(r"[^\W_]+")
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_PADDED = re.compile(r"(?<![0-9])0+(?=[0-9])")
_MARKED = re.compile(r"(?<=\w)[*†‡§#]{1,3}(?=\x1f|$)")
_WHOLE = re.compile(r"(?<=[0-9])\.0+(?![0-9])")

_REMEMBERED = 1 << 16

Identity = Callable[[str], str]
"""From a reference as printed to what makes it one series with another."""


def identity_of(source: Source) -> Identity:
    """How the labels of a source are told apart."""
    return _identity(source.label.pattern if source.label else None)


@lru_cache(maxsize=256)
def _identity(pattern: str | None) -> Identity:
    compiled = _compiled(pattern) if pattern else None

    def identity(ref: str) -> str:
        figure_id, labels = SeriesRef.parse(ref)
        return series_ref(figure_id, tuple(_part(compiled, _joined(label)) for label in labels))

    return identity


def _joined(label: str) -> str:
    joined = " ".join(unicodedata.normalize("NFC", label).split())
    bare = joined.rstrip(_RAISED)
    return bare if len(bare) > 2 and bare[-3:].isalpha() else joined


def unmarked(ref: str) -> str:
    """A reference without the marks of footnotes at the end of its labels: `South*`, `70756#`."""
    return _MARKED.sub("", ref)


def _part(compiled: Any, label: str) -> str:
    """The part of a label that is its identity: the pattern's groups, else what it fits; all, where it fits not."""
    found = compiled.search(label) if compiled is not None else None
    if found is None:
        return label
    return "".join(group or "" for group in found.groups()) or found.group() or label


def _compiled(pattern: str) -> Any:
    import re2  # google-re2 has no catastrophic backtracking; most sources have no pattern and do not pay for it

    return re2.compile(pattern)


@lru_cache(maxsize=_REMEMBERED)
def unpadded(ref: str) -> str:
    """A reference without case, signs, marks, spaces and padding: `01001`, `1001` and `1001.0` are like one another."""
    figure_id, labels = SeriesRef.parse(ref)
    return series_ref(figure_id, tuple(_bare(_PADDED.sub("", _WHOLE.sub("", label))) for label in labels))


@lru_cache(maxsize=_REMEMBERED)
def noteless(ref: str) -> str:
    """A reference as `unpadded` has it, without notes behind its labels: `Bern (revised)`, `Bern [a]`, `Bern 1)`."""
    figure_id, labels = SeriesRef.parse(ref)
    return unpadded(series_ref(figure_id, tuple(_without_notes(label) or label for label in labels)))


def _without_notes(label: str) -> str:
    """A label without the notes in brackets at its end, and without marks such as ` 1)`."""
    while (bare := label.rstrip()) and bare[-1] in _BRACKETS:
        opening, before = _BRACKETS[bare[-1]], bare[:-1]
        at = before.rfind(opening)
        if at >= 0 and bare[-1] not in before[at:]:
            label = bare[:at].rstrip()
        elif bare[-1] == ")" and before[-2:-1].isspace() and before[-1] in _MARKS_OF_NOTES:
            label = before[:-1].rstrip()
        else:
            break
    return label


_BRACKETS = {")": "(", "]": "["}
_MARKS_OF_NOTES = "abcdefghijklmnopqrstuvwxyz0123456789"


@lru_cache(maxsize=_REMEMBERED)
def letters(label: str) -> str:
    """The letters of a label, without case and accents: what tells how names are spelled."""
    return "".join(filter(str.isalpha, _bare(label)))


@lru_cache(maxsize=_REMEMBERED)
def wordless(ref: str) -> str | None:
    """A reference without digits either, None where a label has nothing else: numbers alone are not like each other."""
    figure_id, labels = SeriesRef.parse(ref)
    left = tuple(re.sub(r"\d", "", _bare(label)) for label in labels)
    return series_ref(figure_id, left) if labels and all(left) else None


def name(ref: str) -> str:
    """The readable id of a series inside its source, such as `permit/district-of-columbia`."""
    figure_id, labels = SeriesRef.parse(ref)
    return "/".join([figure_id, *("-".join(_WORDS.findall(_folded(label))) or "blank" for label in labels)])


@lru_cache(maxsize=_REMEMBERED)
def decoded(label: str) -> str:
    """A label without what encoding it twice made of its letters: `ZÃ¼rich` is Zürich, `РљРёС—РІ` Київ."""
    return label if label.isascii() else _TWICE.sub(_decoded_run, label)


def _decoded_run(run: re.Match[str]) -> str:
    # Two letters of a Cyrillic name may be one of UTF-8 by chance, as those of Рі are.
    for charset in ("cp1252", "cp1251") if len(run[0]) > _CHANCE else ("cp1252",):
        try:
            return b"".join(_byte(char, charset) for char in run[0]).decode("utf-8")
        except UnicodeError:
            continue
    return run[0]


def _byte(char: str, charset: str) -> bytes:
    return char.encode("latin-1") if "\x80" <= char < "\xa0" else char.encode(charset)


_CHANCE = 3
_CHARS = "".join(bytes(range(128, 256)).decode(charset, "ignore") for charset in ("cp1252", "cp1251"))
_TWICE = re.compile(f"[{re.escape(_CHARS)}\x80-\x9f]{{2,}}")


def _bare(label: str) -> str:
    decomposed = unicodedata.normalize("NFKD", decoded(label)).casefold()
    return "".join(_WORDS.findall("".join(one for one in decomposed if not unicodedata.combining(one))))


def _folded(label: str) -> str:
    return unicodedata.normalize("NFKC", label).casefold()
