"""A chart as a picture of its own: title, publisher, basis, as-of and knowledge stand inside it; as SVG and as PNG.

Looks are attributes of each mark, not a style sheet: they outlive editors and content systems that drop styles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from model import TallybookError
from publish.charts.draw import ChartDrawing, drawing, shortened
from publish.charts.picture import Picture
from publish.charts.scale import HEIGHT, WIDTH
from publish.charts.words import ChartFacts, contrast_words, keys, knowledge, notes
from publish.safe import safe

MARGIN, LINE, TITLE_LINE, TITLE_LINES = 24, 18, 27, 4
WIDE_SIGNS = re.compile(
    "[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U0001f300-\U0001faff]"
)
RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
FONTS = "Helvetica Neue, Arial, Liberation Sans, Noto Sans, DejaVu Sans, sans-serif"

_INK, _SOFT, _ACCENT, _PAST, _PAPER = "#1b1a17", "#55514a", "#0a5876", "#938e85", "#ffffff"
_DASHED = f'fill="none" stroke="{_PAST}" stroke-width="1.25" stroke-dasharray="2 3"'
LOOKS = {
    "grid": 'stroke="#e3dfd5"', "base": f'stroke="{_INK}"', "tick": 'stroke="#b9b3a6"',
    "dense": f'fill="none" stroke="{_ACCENT}" stroke-width="1.25" stroke-linejoin="round"',
    "zigzag": f'fill="none" stroke="{_INK}" stroke-width="1.25"',
    "line": f'fill="none" stroke="{_ACCENT}" stroke-width="2.25" stroke-linejoin="round"', "pt": f'fill="{_ACCENT}"',
    "later": _DASHED, "pt-later": f'fill="{_PAST}"', "vintage": f'fill="none" stroke="{_PAST}" stroke-width="1.25"',
    "first": f'fill="none" stroke="{_PAST}" stroke-width="1.5"', "band": 'fill="#cfdfe5"', "about": 'fill="#cfdfe5"',
    "cap": f'fill="none" stroke="{_SOFT}" stroke-width="1.25"', "cut": f'stroke="{_ACCENT}"',
    "rev": f'fill="{_PAPER}" stroke="#855300" stroke-width="1.6"', "rail": 'stroke="#855300" stroke-width="1.25"',
    "gone": 'fill="none" stroke="#a3261b" stroke-width="1.5"', "method": f'stroke="{_SOFT}" stroke-dasharray="4 3"',
    "break": f'stroke="{_INK}" stroke-width="1.25"', "pt-open": f'fill="none" stroke="{_ACCENT}" stroke-width="1.6"',
    "open": f'fill="none" stroke="{_ACCENT}" stroke-width="1.6"',
    "held": f'fill="{_PAPER}" stroke="#a3261b" stroke-width="1.8" stroke-dasharray="2 2"',
    "halo": f'paint-order="stroke" stroke="{_PAPER}" stroke-width="4" stroke-linejoin="round"',
    "t-ink": f'fill="{_INK}" font-weight="700"', "t-acc": f'fill="{_ACCENT}" font-weight="700"',
    "t-small": 'font-size="11.5"', "t-hold": 'fill="#a3261b"', "t-past": f'fill="{_PAST}"',
}  # fmt: skip
"""What a mark of a class looks like on paper."""

SAMPLES = {
    "line": "M0 0H9V-6H20", "later": "M0 0H9V-6H20", "vintage": "M0 0H9V-6H20", "first": "M0 0H9V-6H20",
    "rail": "M4 0v-8M10 0v-5M16 0v-10", "open": "M4 0h8M8 0v-9m-3 3l3 -3l3 3", "gone": "M6 -7l6 6m0 -6l-6 6",
    "method": "M10 1V-10", "break": "M10 1V-10", "band": "M4 0h12v-9h-12z",
    "held": "M14.500 -4a4.500 4.500 0 1 0 -9 0a4.500 4.500 0 1 0 9 0", "about": "M16 -4a6 6 0 1 0 -12 0a6 6 0 1 0 12 0",
}  # fmt: skip
"""A small piece of each kind of mark, for the key."""


def plate(shown: Picture, facts: ChartFacts) -> str:
    """The chart as a whole SVG file, with all that a reader elsewhere needs to know."""
    return plate_of(drawing(shown), shown, facts)


def plate_of(drawn: ChartDrawing | None, shown: Picture, facts: ChartFacts) -> str:
    """The same, of marks that were drawn already."""
    marks, width, height = drawn or ("", WIDTH, HEIGHT // 4)
    whole = width + 2 * MARGIN
    head, above = _stacked(_head(shown, facts), whole, MARGIN)
    foot, below = _stacked(_foot(shown, facts), whole, above + height + 8)
    body = f'<g transform="translate({MARGIN} {above})">{marks}</g>' if marks else ""
    size = f'width="{whole}" height="{below + 10}" viewBox="0 0 {whole} {below + 10}"'
    name = safe(f"{facts.title}. {facts.whose}. {knowledge(shown)}", "html")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{FONTS}" font-size="12.5" '
        f'fill="{_SOFT}"><title>{name}</title><rect width="100%" height="100%" fill="{_PAPER}"/>'
        f"{head}{dressed(body)}{foot}</svg>\n"
    )


def dressed(marks: str) -> str:
    """Marks with the looks of their classes instead of the classes."""
    return _CLASS.sub(lambda found: " ".join(LOOKS[name] for name in found[1].split()), marks)


_CLASS = re.compile(r'class="([^"]*)"')

Text = tuple[str, int, str]
"""A paragraph: its words, how high its lines are, and how they look."""


def _head(shown: Picture, facts: ChartFacts) -> Iterator[Text]:
    yield facts.title[:1].upper() + facts.title[1:], TITLE_LINE, f'font-size="20" font-weight="700" fill="{_INK}"'
    yield facts.whose, LINE, f'font-size="13.5" fill="{_INK}"'
    yield knowledge(shown), LINE, 'font-size="13.5"'
    contrast = contrast_words(shown)
    if contrast:
        yield contrast, LINE, f'font-size="13.5" fill="{_ACCENT}" font-weight="700"'


def _foot(shown: Picture, facts: ChartFacts) -> Iterator[Text]:
    for name, words in keys(shown):
        yield words, LINE, name
    told = " ".join(notes(shown))
    if told:
        yield told, LINE, ""
    yield f"Numbers are as their source states them. Every version and its evidence: {facts.proof}", LINE, ""


def _stacked(paragraphs: Iterator[Text], width: int, top: int) -> tuple[str, int]:
    """Paragraphs under one another, their lines broken; returns them and where they end."""
    made, y = "", top
    for words, height, look in paragraphs:
        sample, indent = SAMPLES.get(look), 0
        if sample:
            made += f'<path transform="translate({MARGIN} {y + height - 4})" d="{sample}" {LOOKS[look]}/>'
            look, indent = "", 30
        most = int((width - 2 * MARGIN - indent) / (12.5 if height == TITLE_LINE else 7.6))
        for line in broken(words, most, TITLE_LINES):
            y += height
            made += _text(line, y, width, indent, look)
    return made, y


def _text(line: str, y: int, width: int, indent: int, look: str) -> str:
    """A line of text; one that reads from right to left stands at the right."""
    arabic = len(RTL.findall(line)) * 2 > len(line)
    place = f'x="{width - MARGIN}" text-anchor="end"' if arabic else f'x="{MARGIN + indent}"'
    return f'<text {place} y="{y}" {look}>{safe(line, "html")}</text>'


def broken(words: str, most: int, lines: int) -> list[str]:
    """Words in lines of a width in signs; what does not fit ends in a sign that says so."""
    found = [""]
    for word in words.split():
        while _signs(word) > most:  # an address, or a name without spaces
            cut = next(at for at in range(len(word), 0, -1) if _signs(word[:at]) <= most)
            found += [word[:cut]]
            word = word[cut:]
        if found[-1] and _signs(found[-1]) + 1 + _signs(word) > most:
            found.append("")
        found[-1] = f"{found[-1]} {word}".strip()
    kept = [line for line in found if line]
    return kept if len(kept) <= lines else [*kept[: lines - 1], shortened(" ".join(kept[lines - 1 :]), most)]


def _signs(text: str) -> int:
    return len(text) + len(WIDE_SIGNS.findall(text))


class NoFontError(TallybookError):
    """This machine has no font to write the words of a picture with."""


def png(svg: str, *, times: float = 2.0) -> bytes:
    """An SVG of ours as PNG, so many times as large. Raises `NoFontError` where this machine has no font."""
    if not _has_fonts():
        raise NoFontError(
            "this machine has no font to write the words of a picture with",
            "install one (fonts-dejavu-core, fonts-noto-core), or take the SVG",
        )
    return _rendered(svg, times)


@cache
def _has_fonts() -> bool:
    """Whether words leave any mark: a chart without its words would be another chart."""
    blank = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">{}</svg>'
    word = f'<text x="2" y="15" font-family="{FONTS}" font-size="12">11</text>'
    return _rendered(blank.format(word), 1.0) != _rendered(blank.format(""), 1.0)


def _rendered(svg: str, times: float) -> bytes:
    from resvg_py import svg_to_bytes

    return svg_to_bytes(svg_string=svg, zoom=times)
