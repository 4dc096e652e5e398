"""Glyphs of a page as words and lines, with the marks of notes apart."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median
from typing import NamedTuple

DrawnLine = tuple[float, float, float]
"""A drawn line: where it lies, and from where to where it goes."""

_JOINED = 0.14
"""Parts of the letters' size: glyphs nearer than this are of one word."""

_COLUMN, _SPACES = 0.6, 1.7
"""No gap between the words of one cell is so wide, in the letters' size or in spaces of a wider font; one that runs
through all rows parts two columns."""

_SAME_LINE, _OVER = 0.3, 0.3
_BESIDE, _THIN_SPACE = 0.4, 0.2
_NUMBER = re.compile(r"[<>~≈≤≥+\-−–($€£¥₴₽]*\d[\d.,'’\u00a0\u2009\u202f /:%‰–-]*\)?")
MARKS = re.compile(r"\[[\w .†‡*]{1,9}\]|[⁰¹²³⁴⁵⁶⁷⁸⁹*†‡§%‰€$£¥₴₽]")
_ABOVE = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_NOTE = re.compile(r"\(?\d[\d,;]*\)?")
_LEADERS = re.compile(r"[.…_·]")
_BLANK = frozenset(("", "-", "–", "—", "−", "n/a", "...", "…", "*", "x", "X", ".", "..", ":", "na", "N/A"))
_ORDINALS = ("st", "nd", "rd", "th", "er", "re")


class Glyph(NamedTuple):
    """One printed character: where it begins and ends, its base line, its size, its number on the page.

    `lifted` is a digit that is drawn above its base line; `bold` is of a heavy font.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    at: int
    lifted: bool
    bold: bool = False


class PageInk(NamedTuple):
    """What a page shows in one direction of text: glyphs, level and upright lines, and how wide spaces are."""

    glyphs: list[Glyph]
    across: list[DrawnLine]
    down: list[DrawnLine]
    space: float = 0.0


class Word(NamedTuple):
    """Glyphs without a gap, and how they read; `mark` is the mark of a note above the line.

    `reach` is how far behind it the next word of the same cell may stand.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    glyphs: tuple[Glyph, ...] = ()
    mark: bool = False
    reach: float = 0.0


class Box(NamedTuple):
    """A cell's text and where it stands: left, top, right, bottom."""

    text: str
    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0


EMPTY = Box("")

CellRow = list[Box]
"""The cells of a row."""


def words_of(drawn: PageInk) -> tuple[list[Word], list[tuple[float, str]]]:
    """The words of a page with the marks of notes apart, and where text lies over text."""
    ordered = sorted(drawn.glyphs, key=lambda one: (one.base, one.left, one.at))
    words: list[Word] = []
    doubts: list[tuple[float, str]] = []
    strip: list[Glyph] = []
    for glyph in ordered:
        if strip and glyph.base - strip[0].base > 0.1 * glyph.size:
            words += _words_of_line(strip, doubts)
            strip = []
        strip.append(glyph)
    words += _words_of_line(strip, doubts) if strip else []
    reach = max(_COLUMN, _SPACES * drawn.space)
    return _with_marks([word._replace(reach=reach * word.size) for word in words]), doubts


def _words_of_line(strip: list[Glyph], doubts: list[tuple[float, str]]) -> Iterator[Word]:
    line = _once(sorted(strip, key=lambda one: (one.left, one.at)))
    doubts += ((over.base, f"text lies over text at {over.text + under.text!r}") for over, under in _overlaps(line))
    word: list[Glyph] = []
    for glyph in _without_leaders(line):
        if word and _parts(word[-1], glyph):
            yield word_of(word)
            word = []
        word.append(glyph)
    if word:
        yield word_of(word)


def _overlaps(line: list[Glyph]) -> Iterator[tuple[Glyph, Glyph]]:
    """Letters that lie over others, of another text."""
    for over, under in pairwise(line):
        narrow = min(over.right - over.left, under.right - under.left)
        of_two_texts = abs(over.at - under.at) > 1 and (over.text + under.text).isalnum()
        if of_two_texts and over.right - under.left > _OVER * narrow > 0:
            yield over, under


def _once(line: list[Glyph]) -> list[Glyph]:
    """The glyphs without those that are drawn twice to look bold."""
    kept: list[Glyph] = []
    for glyph in line:
        twice = (one for one in kept[-3:] if one.text == glyph.text and glyph.left - one.left < 0.12 * glyph.size)
        if not any(abs(one.at - glyph.at) > 1 or not glyph.text.isalpha() for one in twice):
            kept.append(glyph)
    return kept


def _without_leaders(line: list[Glyph]) -> Iterator[Glyph]:
    """The glyphs without rows of dots that lead the eye to a number."""
    for leads, run in groupby(line, key=lambda one: bool(_LEADERS.fullmatch(one.text))):
        glyphs = list(run)
        if not leads or len(glyphs) < 4:
            yield from glyphs


def _parts(before: Glyph, after: Glyph) -> bool:
    size = max(before.size, after.size)
    return (
        after.left - before.right > _JOINED * size
        or min(before.size, after.size) < 0.9 * size
        or before.lifted != after.lifted
    )


def word_of(glyphs: list[Glyph]) -> Word:
    """Glyphs without a gap as a word."""
    text = "".join(one.text for one in glyphs)
    if _is_leftward(text):
        text = "".join(one.text for one in sorted(glyphs, key=lambda one: (-one.left, one.at)))
    first = glyphs[0]
    size = max(one.size for one in glyphs)
    return Word(text, first.left, max(one.right for one in glyphs), first.base, size, tuple(glyphs), first.lifted)


def _is_leftward(text: str) -> bool:
    return not text.isascii() and any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)


def _with_marks(words: list[Word]) -> list[Word]:
    """The words with raised and lowered ones on the line of the word beside them."""
    bases = [word.base for word in words]
    out: list[Word] = []
    for word in words:
        near = words[bisect_left(bases, word.base - word.size) : bisect_right(bases, word.base + 1.5 * word.size)]
        if word.mark:
            out.append(word._replace(text=_mark(word.text)))
            continue
        host = _host(word, near)
        if host is None:
            out.append(word)
        elif host.base > word.base:
            out.append(word._replace(text=_mark(word.text), base=host.base, mark=True))
        else:
            out.append(word._replace(base=host.base))
    return out


def _host(word: Word, near: Sequence[Word]) -> Word | None:
    """The larger word that a small one stands beside, above or below its line; None where it is a word of its own."""
    hosts = [(gap, other) for other in near if (gap := _gap_to(word, other)) is not None]
    if hosts:
        return min(hosts, key=lambda one: one[0])[1]
    # A second mark stands beside the first, not beside the number.
    first = next(
        (one for one in near if _follows(one, word) and any(_gap_to(one, host) is not None for host in near)), None
    )
    return _host(first, near) if first else None


def _gap_to(word: Word, other: Word) -> float | None:
    """How far a raised or lowered word stands from one on the line; None where it is none beside that one."""
    up = (other.base - word.base) / other.size
    if word.size > 0.9 * other.size or not (0.12 < up < 0.8 or -0.4 < up < -0.05):
        return None
    gap = max(word.left - other.right, other.left - word.right) / other.size
    far = 0.4 if word.left > other.left else max(0.4, word.reach / word.size)  # a mark before a note
    return gap if -0.2 < gap < far else None


def _follows(one: Word, word: Word) -> bool:
    return one is not word and abs(one.base - word.base) < 0.5 and 0 <= word.left - one.right < 0.4 * word.size


def _mark(text: str) -> str:
    if _NOTE.fullmatch(text):
        return text.strip("()").translate(_ABOVE).replace(";", ",")
    if text in _ORDINALS or not text.isalnum():
        return text
    return f"[{text[:9]}]"


class Segment(NamedTuple):
    """Words of one line without a gap that may part columns."""

    words: tuple[Word, ...]

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.words[0].left

    @property
    def right(self) -> float:
        """Where it ends."""
        return max(word.right for word in self.words)

    @property
    def text(self) -> str:
        """Its words, with the gaps that stand between them."""
        return said(self.words)


class Line(NamedTuple):
    """One line of text."""

    base: float
    size: float
    segments: tuple[Segment, ...]

    @property
    def is_parted(self) -> bool:
        """Whether it has gaps that may part columns."""
        return len(self.segments) > 1

    @property
    def words(self) -> list[Word]:
        """All words of the line."""
        return [word for segment in self.segments for word in segment.words]


def lines_of(words: Iterable[Word]) -> list[Line]:
    """Words as lines, from the top."""
    lines: list[list[Word]] = []
    for word in sorted(words, key=lambda one: (one.base, one.left)):
        if lines and word.base - lines[-1][0].base < _SAME_LINE * min(word.size, max(w.size for w in lines[-1])):
            lines[-1].append(word)
        else:
            lines.append([word])
    return [_line(sorted(line, key=lambda one: one.left)) for line in lines]


def _line(words: list[Word]) -> Line:
    segments: list[list[Word]] = []
    for word in words:
        if segments and word.left - segments[-1][-1].right <= max(word.reach, segments[-1][-1].reach):
            segments[-1].append(word)
        else:
            segments.append([word])
    base = median(word.base for word in words if not word.mark) if not all(w.mark for w in words) else words[0].base
    return Line(base, max(word.size for word in words), tuple(Segment(tuple(one)) for one in segments))


def said(words: Sequence[Word]) -> str:
    """Words as they read: a gap that parts no words is a thin space, a mark stands right beside its word."""
    if any(_is_leftward(word.text) for word in words):
        return " ".join(word.text for word in sorted(words, key=lambda one: -one.left))
    return "".join([*(word.text for word in words[:1]), *(_between(*both) + both[1].text for both in pairwise(words))])


def _between(before: Word, word: Word) -> str:
    """What stands between two words of one line."""
    gap = (word.left - before.right) / max(word.size, before.size)
    if word.mark or before.mark:
        return "" if gap < _BESIDE else " "
    if gap < _JOINED and not (before.text[-1].isdigit() and word.text[0].isdigit()):
        return ""
    return "\u202f" if 0 < gap < _THIN_SPACE else " "


def middle(one: Glyph | Word | Segment | Box) -> float:
    """Where the middle of a text stands, from the left."""
    return (one.left + one.right) / 2


def boxed(words: Sequence[Word]) -> Box:
    """Words as one cell, read line by line."""
    if not words:
        return EMPTY
    text = " ".join(said(line.words) for line in lines_of(words))
    top = min(word.base - 0.8 * word.size for word in words)
    bottom = max(word.base + 0.25 * word.size for word in words)
    return Box(text, min(word.left for word in words), top, max(word.right for word in words), bottom)


def together(boxes: Sequence[Box]) -> Box:
    """Boxes that are one cell, read from the top."""
    filled = [box for box in boxes if box.text]
    if len(filled) < 2:
        return filled[0] if filled else EMPTY
    lefts, tops, rights, bottoms = zip(*(box[1:] for box in filled), strict=True)
    return Box(" ".join(box.text for box in filled), min(lefts), min(tops), max(rights), max(bottoms))


def is_number(text: str) -> bool:
    """Whether a cell looks like a number or a date."""
    return _NUMBER.fullmatch(MARKS.sub("", text).strip()) is not None


def states_nothing(text: str) -> bool:
    """Whether a cell is blank, or has a mark for what is not known."""
    return text.strip() in _BLANK
