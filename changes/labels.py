"""How the label of a series is read: what makes two labels the same, and what a series is called.

A label's digits, punctuation, spaces and case carry no identity ("... - 17594, of which: ...", a comma, a stray
newline), unless they are all that tells two labels of one release apart ("T-72B3" beside "T-72B", age groups).
"""

from __future__ import annotations

import re
import unicodedata

from model import SeriesRef

_WORDS = re.compile(r"[^\W_]+")


def strict(ref: str) -> str:
    """A reference without case, punctuation and spaces; digits stay."""
    figure_id, labels = SeriesRef.parse(ref)
    return "\x1f".join([figure_id, *("".join(_WORDS.findall(_folded(label))) for label in labels)])


def loose(ref: str) -> str:
    """A reference without case, punctuation, spaces and digits."""
    return re.sub(r"\d", "", strict(ref)) if "\x1f" in ref else ref


def has_words(ref: str) -> bool:
    """Whether every label of a reference has something beside digits and punctuation."""
    return all(SeriesRef.parse(loose(ref)).labels)


def name(ref: str, *, digits: bool) -> str:
    """The readable id of a series inside its source, such as `permit/district-of-columbia`.

    Numbers that stand alone in a label are left out unless `digits`.
    """
    figure_id, labels = SeriesRef.parse(ref)
    return "/".join([figure_id, *(_slug(label, digits) for label in labels)])


def _slug(label: str, digits: bool) -> str:
    words = _WORDS.findall(_folded(label))
    kept = [word for word in words if digits or not word.isdigit()]
    return "-".join(kept or words) or "blank"


def _folded(label: str) -> str:
    return unicodedata.normalize("NFKC", label).casefold()
