"""Figure cards: numbers that stand alone on their lines, and which side the label of each stands on.

`Deaths / 44` and `44 / Deaths` look alike in the middle of a row of cards. What tells them apart is where the row
begins and ends; where it does not, no side is taken.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from extractors.patterns import Place
from extractors.words import multiplier

LabelSide: TypeAlias = Literal["before", "after"]

BARE = re.compile(
    r"[ \t]*[+~≈<>≥≤−-]?[$€£₴]? ?\d[\d.,'’٬٫\u00a0\u202f\u2009 ]*+(?: ?(?P<scale>[^\W\d_]{1,10})\.?)?[%+*]?"
    r"(?:\[\w{1,3}\])*[ \t]*"
)
_LABEL = re.compile(r"(?=[^\n]*[^\W\d_]{2})(?:[^\d\t\n]|(?<!\d)\d{1,2}[- ](?=[^\W\d_])){2,80}")
_UNIT = 3
"""So many letters behind a number may be any unit or scale; a longer word is one, or a label."""
_LONGEST = 120
"""A line of more characters is no card; beyond, the patterns would take ever longer."""
_MOST = 60
"""So many lines of a row of cards are looked at in either direction."""


def side_of_label(text: str, place: Place, language: str | None = None) -> LabelSide | None:
    """On which side the label of a number stands that is alone on its line; None where that is unsure."""
    above, below = _labelled(text, place, -1, language), _labelled(text, place, 1, language)
    first, last = len(above) % 2, len(below) % 2
    # An odd count of lines on one side means that the row begins, or ends, with a label.
    if above and above[0].rstrip().endswith(":"):
        return "before"
    if first == last:
        return None
    return "before" if first else "after"


def is_bare(line: str, language: str | None = None) -> bool:
    """Whether a line is a number, with a scale or a short unit perhaps, and nothing else."""
    found = BARE.fullmatch(line) if len(line) <= _LONGEST else None
    if found is None:
        return False
    scale = found["scale"]
    return scale is None or len(scale) <= _UNIT or multiplier(scale, language) is not None


def _is_label(line: str) -> bool:
    return len(line) <= _LONGEST and _LABEL.fullmatch(line) is not None


def neighbour(text: str, place: Place, way: int) -> Place | None:
    """The nearest line above (-1) or below (1) a place that is not blank."""
    start, end = text.rfind("\n", 0, place[0]) + 1, text.find("\n", place[1])
    while True:
        if way < 0:
            if start == 0:
                return None
            start, end = text.rfind("\n", 0, start - 1) + 1, start - 1
        else:
            if end < 0:
                return None
            start, end = end + 1, text.find("\n", end + 1)
        stop = len(text) if end < 0 else end
        if text[start:stop].strip():
            return start, stop


def _labelled(text: str, place: Place, way: int, language: str | None) -> list[str]:
    """The lines of the row of cards on one side of a number, nearest first: labels and numbers by turns."""
    found: list[str] = []
    at: Place | None = place
    while at is not None and len(found) < _MOST:
        at = neighbour(text, at, way)
        line = text[slice(*at)] if at else ""
        bare = is_bare(line, language)
        fits = bare if len(found) % 2 else _is_label(line) and not bare
        if not fits:
            break
        found.append(line)
    return found
