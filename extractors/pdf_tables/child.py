"""Reads the tables of a PDF from standard input and writes them, within the limits that it is called with.

    python -I child.py MEMORY SECONDS MOST_PAGES MOST_GLYPHS

PDFium gives each glyph with its place and size, and the lines that are drawn; `extractors.pdf_tables.pages` finds the
tables. The answer is MessagePack: a list of blocks for each page. Run as a file in a process of its own. Exit: 0 read,
3 encrypted, 4 broken, 5 out of memory, 6 too long.
"""

from __future__ import annotations

import ctypes
import math
import sys
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

import msgspec
import pypdfium2
import pypdfium2.raw as c

from extractors.apart import BROKEN, ENCRYPTED, NO_MEMORY, TOO_LONG, bound
from extractors.pdf_tables.headings import PageBlock
from extractors.pdf_tables.pages import blocks_of, joined
from extractors.pdf_tables.words import DrawnLine, Glyph, PageInk

_UNSEEN = (c.FPDF_TEXTRENDERMODE_INVISIBLE, c.FPDF_TEXTRENDERMODE_CLIP)
_HYPHEN = 2
_HEAVY = (b"bold", b"black", b"heavy", b"semibold", b"demi")
_UNPRINTED = frozenset((9, 10, 13))
_LIFTED = 0.2
"""Parts of its size: a digit whose ink begins so far above the line is a mark."""
_LEANING = 0.05
"""Radians by which text may lean and still stand upright."""
_DEEPEST = 6
_HAIR = 3.0
"""Points: a filled shape so thin is a line."""


def main(memory: int, seconds: int, most_pages: int, most_glyphs: int) -> int:
    """Read one PDF; returns the exit code."""
    content = sys.stdin.buffer.read()
    bound(memory, seconds)
    try:
        pages = pages_of(content, most_pages, most_glyphs)
        if pages is None:
            return TOO_LONG
        sys.stdout.buffer.write(msgspec.msgpack.encode(pages))
    except MemoryError:
        return NO_MEMORY
    except pypdfium2.PdfiumError as error:
        return ENCRYPTED if error.err_code == c.FPDF_ERR_PASSWORD else BROKEN
    except Exception:  # whatever is wrong with it, a PDF that cannot be read is a broken one
        return BROKEN
    return 0


def pages_of(content: bytes, most_pages: int, most_glyphs: int) -> list[list[PageBlock]] | None:
    """The blocks of each page: no page where no text is to be seen, None where there is too much."""
    document = pypdfium2.PdfDocument(content)
    if len(document) > most_pages:
        return None
    pages, glyphs = [], 0
    for page in document:
        directions = list(_drawn(page))
        page.close()
        glyphs += sum(len(drawn.glyphs) for drawn in directions)
        if glyphs > most_glyphs:
            return None
        pages.append([block for drawn in directions for block in blocks_of(drawn)])
    return joined(pages) if glyphs else []


class _Turn:
    """From a page's own coordinates to points from the upper left corner of what is read, its text upright.

    `turns` are the quarters, against the clock, by which the text is turned on the page.
    """

    def __init__(self, page: Any, turns: int) -> None:
        left, bottom, right, top = page.get_cropbox()
        self._size = (top - bottom, right - left) if turns % 2 else (right - left, top - bottom)
        self._x, self._y = (
            ((1, 0, -left), (0, -1, top)),
            ((0, 1, -bottom), (1, 0, -left)),
            ((-1, 0, right), (0, 1, -bottom)),
            ((0, -1, top), (-1, 0, right)),
        )[turns]

    def shows(self, glyph: Glyph) -> bool:
        """Whether a glyph stands on the page."""
        width, height = self._size
        return glyph.right > 0 and glyph.left < width and 0 < glyph.base < height + glyph.size

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        (a, b, e), (c_, d, f) = self._x, self._y
        return a * x + b * y + e, c_ * x + d * y + f


class _Character(NamedTuple):
    """A glyph as PDFium gives it: its letter and number, loose box, origin, size, and the foot of a digit's ink."""

    text: str
    at: int
    box: tuple[float, float, float, float]
    origin: tuple[float, float]
    size: float
    foot: tuple[float, float] | None
    bold: bool


def _drawn(page: Any) -> Iterator[PageInk]:
    """What a page shows, for each direction of its text; that which most of it has comes first."""
    text = page.get_textpage()
    found: dict[int, list[_Character]] = {}
    for turns, one in _characters(text.raw):
        found.setdefault(turns, []).append(one)
    text.close()
    for turns in sorted(found, key=lambda turns: -len(found[turns])):
        glyphs, space = _glyphs(page, found[turns], turns)
        yield PageInk(glyphs, *_rules(page, _Turn(page, turns)), space)


def _glyphs(page: Any, characters: list[_Character], turns: int) -> tuple[list[Glyph], float]:
    """The glyphs inside of a page whose text is turned so, and how wide its spaces are to the letters."""
    turn = _Turn(page, turns)
    glyphs = [_placed(turn, one) for one in characters]
    spaces = [(one.right - one.left) / one.size for one in glyphs if one.text == " " and one.size]
    return [one for one in glyphs if one.text != " " and turn.shows(one)], median(spaces) if spaces else 0.0


def _placed(turn: _Turn, one: _Character) -> Glyph:
    (left, _), (right, _) = turn(*one.box[:2]), turn(*one.box[2:])
    base = turn(*one.origin)[1]
    lifted = one.foot is not None and base - turn(*one.foot)[1] > _LIFTED * one.size
    return Glyph(one.text, min(left, right), max(left, right), base, one.size, one.at, lifted, one.bold)


def _characters(text: Any) -> Iterator[tuple[int, _Character]]:
    """Each glyph that can be seen and stands straight, with the quarters that it is turned by."""
    (turns, scale, seen, bold), last = (0, 0.0, False, False), None
    matrix, loose = c.FS_MATRIX(), c.FS_RECTF()
    x, y, left, right, bottom, top = (ctypes.c_double() for _ in range(6))
    for at in range(c.FPDFText_CountChars(text)):
        code = c.FPDFText_GetUnicode(text, at)
        if code in _UNPRINTED or c.FPDFText_IsGenerated(text, at) == 1:
            continue
        pointer = c.FPDFText_GetTextObject(text, at)
        holder = ctypes.addressof(pointer.contents) if pointer else None
        if holder is None or holder != last:
            last, (turns, scale, seen, bold) = holder, _look(text, at, matrix)
        if not seen:
            continue
        c.FPDFText_GetLooseCharBox(text, at, loose)
        c.FPDFText_GetCharOrigin(text, at, x, y)
        foot = None
        if 48 <= code < 58:
            c.FPDFText_GetCharBox(text, at, left, right, bottom, top)
            foot = (
                (left.value, right.value, right.value, left.value)[turns],
                (bottom.value, bottom.value, top.value, top.value)[turns],
            )
        box = (loose.left, loose.bottom, loose.right, loose.top)
        yield (
            turns,
            _Character(
                _letter(code), at, box, (x.value, y.value), c.FPDFText_GetFontSize(text, at) * scale, foot, bold
            ),
        )


def _look(text: Any, at: int, matrix: Any) -> tuple[int, float, bool, bool]:
    """How the text around a glyph is written: the quarters it is turned by, its scale, whether it is seen, and bold."""
    c.FPDFText_GetMatrix(text, at, matrix)
    angle = math.atan2(matrix.b, matrix.a)
    turns = round(angle / (math.pi / 2))
    straight = abs(angle - turns * math.pi / 2) < _LEANING
    pointer = c.FPDFText_GetTextObject(text, at)
    mode = c.FPDFTextObj_GetTextRenderMode(pointer) if pointer else 0
    return turns % 4, math.hypot(matrix.c, matrix.d), straight and mode not in _UNSEEN, _is_bold(text, at)


def _is_bold(text: Any, at: int) -> bool:
    name = ctypes.create_string_buffer(200)
    c.FPDFText_GetFontInfo(text, at, name, 200, None)
    return any(word in name.value.lower() for word in _HEAVY)


def _letter(code: int) -> str:
    if code == _HYPHEN:
        return "-"
    if code in (32, 0xA0):
        return " "
    return chr(code) if 32 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _rules(page: Any, turn: _Turn) -> tuple[list[DrawnLine], list[DrawnLine]]:
    """The level and the upright lines of a page: (place, from, to)."""
    across: list[DrawnLine] = []
    down: list[DrawnLine] = []
    for left, top, right, bottom in _strokes(page.raw, turn):
        if bottom - top <= _HAIR < right - left:
            across.append(((top + bottom) / 2, left, right))
        elif right - left <= _HAIR < bottom - top:
            down.append(((left + right) / 2, top, bottom))
    return across, down


def _strokes(page: Any, turn: _Turn) -> Iterator[tuple[float, float, float, float]]:
    """The boxes of all that is drawn thin: strokes, and filled shapes."""
    objects = (c.FPDFPage_GetObject(page, at) for at in range(c.FPDFPage_CountObjects(page)))
    for points, is_shape in _paths(objects, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), 0):
        at = [turn(*point) for point in points]
        if is_shape:
            yield _box(at)
        else:
            for first, second in pairwise(at):
                yield _box([first, second])


def _box(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _paths(objects: Iterator[Any], outer: tuple[float, ...], deep: int) -> Iterator[tuple[list[Any], bool]]:
    """The parts of all paths, each as its points on the page, and whether it is filled rather than stroked."""
    matrix = c.FS_MATRIX()
    for one in objects:
        kind = c.FPDFPageObj_GetType(one)
        if kind not in (c.FPDF_PAGEOBJ_PATH, c.FPDF_PAGEOBJ_FORM):
            continue
        c.FPDFPageObj_GetMatrix(one, matrix)
        inner = _product((matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f), outer)
        if kind == c.FPDF_PAGEOBJ_FORM and deep < _DEEPEST:
            inside = (c.FPDFFormObj_GetObject(one, at) for at in range(c.FPDFFormObj_CountObjects(one)))
            yield from _paths(inside, inner, deep + 1)
        elif kind == c.FPDF_PAGEOBJ_PATH:
            yield from _parts(one, inner)


def _product(m: tuple[float, ...], n: tuple[float, ...]) -> tuple[float, ...]:
    return (
        m[0] * n[0] + m[1] * n[2], m[0] * n[1] + m[1] * n[3], m[2] * n[0] + m[3] * n[2], m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4], m[4] * n[1] + m[5] * n[3] + n[5],
    )  # fmt: skip


def _parts(path: Any, m: tuple[float, ...]) -> Iterator[tuple[list[Any], bool]]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    c.FPDFPath_GetDrawMode(path, fill, stroke)
    if not fill.value and not stroke.value:
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[Any] = []
    for at in range(c.FPDFPath_CountSegments(path)):
        segment = c.FPDFPath_GetPathSegment(path, at)
        if c.FPDFPathSegment_GetType(segment) == c.FPDF_SEGMENT_MOVETO and points:
            yield points, not stroke.value
            points = []
        c.FPDFPathSegment_GetPoint(segment, x, y)
        points.append((m[0] * x.value + m[2] * y.value + m[4], m[1] * x.value + m[3] * y.value + m[5]))
        if c.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if points:
        yield points, not stroke.value


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in sys.argv[1:5])))
