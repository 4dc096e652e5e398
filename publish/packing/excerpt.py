"""A marked excerpt as a picture: the words around a figure, the figure's own underlined, as SVG and from it as PNG.

The same words as in the excerpt's page; drawn by resvg, which is at hand wherever charts are made, and gives the
same bytes for the same words, as no browser does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from publish.charts.plate import FONTS, MARGIN, RTL, WIDE_SIGNS, broken
from publish.safe import safe

WIDTH, LINE, SIGNS, MOST_LINES = 900, 20, 100, 70
MARK = 'fill="#9c1c1c" font-weight="bold" text-decoration="underline"'


class ExcerptPart(NamedTuple):
    """One text of an excerpt: what it is, its words, and the places of the figure's own in them."""

    title: str
    text: str
    spans: tuple[tuple[int, int], ...]


def excerpt_svg(head: str, parts: Sequence[ExcerptPart]) -> str:
    """The excerpt as SVG."""
    rows = [(line, 'font-weight="bold" font-size="17"') for line in broken(head, SIGNS - 20, 3)]
    drawn = [_line(safe(words, "html"), at, look) for at, (words, look) in enumerate(rows)]
    for part in parts:
        titles = broken(part.title, SIGNS, 4)
        drawn += [
            _line(safe(words, "html"), len(drawn) + at + 1, 'fill="#55514a" font-size="12"')
            for at, words in enumerate(titles)
        ]
        drawn.append("")
        drawn += [_line(words, len(drawn) + at, "") for at, words in enumerate(_lines(part))]
        drawn.append("")
    height = LINE * len(drawn) + 2 * MARGIN
    body = "\n".join(filter(None, drawn))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
        f' font-family="{FONTS}" font-size="15">'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _line(words: str, at: int, look: str) -> str:
    place = f'x="{WIDTH - MARGIN}" text-anchor="end"' if RTL.search(words) else f'x="{MARGIN}"'
    return f'<text {place} y="{MARGIN + LINE * (at + 1)}" xml:space="preserve" {look}>{words}</text>'


def _lines(part: ExcerptPart) -> list[str]:
    """The words in lines, the figure's own marked; of a long excerpt the lines around these."""
    places = list(_broken(part.text))
    marked = [at for at, (start, end) in enumerate(places) if any(a < end and start < b for a, b in part.spans)]
    first = max(0, marked[0] - MOST_LINES // 2) if marked else 0
    return [_marked(part, start, end) for start, end in places[first : first + MOST_LINES]]


def _broken(text: str) -> Iterator[tuple[int, int]]:
    """Where lines of a text begin and end: at its own ends, and between words where one gets too long."""
    start = 0
    for line in text.splitlines(keepends=True):
        until = start + len(line)
        while until - start > (most := SIGNS // 2 if WIDE_SIGNS.search(text[start:until]) else SIGNS):
            cut = text.rfind(" ", start, start + most) + 1
            cut = cut if cut > start else start + most
            yield start, cut
            start = cut
        yield start, until
        start = until


def _marked(part: ExcerptPart, start: int, end: int) -> str:
    made, at = "", start
    for a, b in sorted(part.spans):
        a, b = max(a, at), min(b, end)
        if a < b:
            made += safe(part.text[at:a], "html") + f"<tspan {MARK}>{safe(part.text[a:b], 'html')}</tspan>"
            at = b
    return made + safe(part.text[at:end].rstrip("\r\n"), "html")
