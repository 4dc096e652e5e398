"""An archived text as it is shown: the part around the quotes, in lines, with what matters marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

NumberPlace = tuple[int, int, int, int]
"""(start, end) of a number and (start, end) of its quote, in code points of the text."""

TextRole = Literal["plain", "quote", "number"]

AROUND = 900
"""So many characters are shown before the first and after the last quote."""
LONGEST_LINE = 4000
LONG_TEXT = 200_000


class Piece(NamedTuple):
    """A run of one line's text, and what it is."""

    text: str
    role: TextRole


class TextLine(NamedTuple):
    """One line of the text; `number` counts from 1."""

    number: int
    pieces: tuple[Piece, ...]

    @property
    def marked(self) -> bool:
        """Whether something on the line is marked."""
        return any(piece.role != "plain" for piece in self.pieces)


class Excerpt(NamedTuple):
    """Lines around the quotes; `before` and `after` are how many characters are left out, `length` those in all."""

    lines: tuple[TextLine, ...]
    before: int
    after: int
    length: int
    raw: bool


def excerpt(text: str, spans: Sequence[NumberPlace], *, raw: bool, around: int | None = AROUND) -> Excerpt:
    """Cut what is shown out of a text; `raw` keeps its layout (a file of data), `around=None` shows all of it."""
    start, end = _window(text, spans, around)
    lines = tuple(_lines(text, start, end, spans))
    return Excerpt(lines, start, len(text) - end, len(text), raw)


def cells_alone(text: str, spans: Sequence[NumberPlace]) -> tuple[str, tuple[NumberPlace, ...]]:
    """The numbers that spans name, one a line, and where they stand there: what may be shown of a table to anyone."""
    return quotes_alone(text, [(start, end, start, end) for start, end, _, _ in spans])


def quotes_alone(text: str, spans: Sequence[NumberPlace]) -> tuple[str, tuple[NumberPlace, ...]]:
    """The words that spans quote, one a line, and the places there: what may be shown of a page to anyone."""
    lines, begins, found = list[str](), dict[tuple[int, int], int](), list[NumberPlace]()
    for start, end, quote_start, quote_end in spans:
        quote = min(start, quote_start), max(end, quote_end)
        if quote not in begins:
            begins[quote] = sum(len(line) + 1 for line in lines)
            lines.append(text[slice(*quote)])
        moved = begins[quote] - quote[0]
        found.append((start + moved, end + moved, quote_start + moved, quote_end + moved))
    return "\n".join(lines), tuple(found)


def is_raw(media_type: str | None) -> bool:
    """Whether such a release is a file of data, shown line for line."""
    return (media_type or "").partition(";")[0] not in (
        "text/html",
        "application/xhtml+xml",
        "text/plain",
        "text/markdown",
    )


def _window(text: str, spans: Sequence[NumberPlace], around: int | None) -> tuple[int, int]:
    if around is None:
        return 0, min(len(text), LONG_TEXT)
    first = min((min(span[0], span[2]) for span in spans), default=0)
    last = max((max(span[1], span[3]) for span in spans), default=0)
    last = min(last, first + 4 * around)
    start, end = max(0, first - around), min(len(text), last + around)
    # Whole lines, where they are not far.
    line = text.rfind("\n", max(0, start - around), start)
    start = line + 1 if line >= 0 else (0 if start < around else start)
    line = text.find("\n", end, end + around)
    return start, line if line >= 0 else (len(text) if len(text) - end < around else end)


def _lines(text: str, start: int, end: int, spans: Sequence[NumberPlace]) -> Iterator[TextLine]:
    number = text.count("\n", 0, start) + 1
    at = start
    for part in re.split(r"\n", text[start:end]):
        stop = at + min(len(part), LONGEST_LINE)
        yield TextLine(number, tuple(_pieces(text, at, stop, spans)))
        at += len(part) + 1
        number += 1


def _pieces(text: str, start: int, end: int, spans: Sequence[NumberPlace]) -> Iterator[Piece]:
    edges = {start, end}
    for span in spans:
        edges.update(edge for edge in span if start < edge < end)
    places = sorted(edges)
    for begin, stop in pairwise(places):
        if any(span[0] <= begin < span[1] for span in spans):
            role: TextRole = "number"
        elif any(span[2] <= begin < span[3] for span in spans):
            role = "quote"
        else:
            role = "plain"
        yield Piece(text[begin:stop], role)
