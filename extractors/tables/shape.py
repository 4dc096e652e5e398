"""What a release looks like around its figures, so that another shape is noticed before another number is believed.

Only what says what a number is counts: the words beside it, the headings of its row and column, the heading it stands
under, what kind of number it is. Digits, dates and words of grammar are no part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from extractors.document import Document
from extractors.patterns import Place
from extractors.tables.cells import Contents, Manner
from extractors.tables.numbers import is_blank, read_number
from extractors.tables.titles import BETWEEN, CLOCK, NUMBER, WORD, above, headings, shown, telling, title
from model import Trait

if TYPE_CHECKING:
    from extractors.page.layout import LaidOutCell


_BREAK = re.compile(r"(?<=[^\s\d])[.!?;](?=\s|$)|[{}\[\]\n]")
_ASIDE = re.compile(r"\([^()]*\d[^()]*\)")
_EMPHASIS = re.compile(r"[*_]{1,3}")
_UNITS = re.compile(r"[%‰$€£₴₽]")
_BESIDE = 8
_SHOWN = 90
_LABELLED = 200
_NAMES = 200
_SAMPLE = 6


class Surroundings:
    """The traits of the places of one document; the headings of one that is not `headed` are free prose."""

    def __init__(self, document: Document, language: str | None, *, headed: bool) -> None:
        self._document, self._language, self._text, self._headed = document, language, document.text, headed
        self._cells: dict[Place, tuple[str, str]] = {}

    def of(self, place: Place, count: int) -> dict[str, Trait]:
        """The traits of a number that stands at a place, and is one of `count` that its rule fits."""
        traits = {"label": self._label(place), "count": Trait(str(count), (str(count),))}
        if heading := above(self._text, self._headings, place):
            traits["heading"] = title(heading, self._language)
        row, column = self._in_table(place)
        if row:
            traits["row"] = self._trait(row)
        if column:
            traits["column"] = self._trait(column)
        return traits

    def names(self, place: Place) -> Iterator[str]:
        """What a number's label, heading, row and column are called, and what stands right behind it."""
        before, left = ("", *_BREAK.split(self._text[max(0, place[0] - _LABELLED) : place[0]].rstrip(" \t")))[-2:]
        yield left or (before if len(before) <= _SHOWN else "")
        yield _BREAK.split(self._text[place[1] : place[1] + _SHOWN // 3])[0]
        yield from above(self._text, self._headings, place).split(BETWEEN)
        yield from self._in_table(place)

    def _trait(self, text: str) -> Trait:
        return Trait(shown(text), telling(text, self._language))

    def _label(self, place: Place) -> Trait:
        start = max(0, place[0] - 400)
        left = _BREAK.split(_aside(self._text[start : place[0]]))[-1]
        right = _BREAK.split(_aside(self._text[place[1] : place[1] + 400]))[0].partition("\t")[0]
        before, after = self._near(left, last=True), self._near(right, last=False)
        printed = f"{_end(left)} # {_start(right)}"
        return Trait(shown(printed), tuple(dict.fromkeys((*before, *after))))

    def _near(self, side: str, *, last: bool) -> Sequence[str]:
        """The telling words next to the number, up to another number that stands behind some of them."""
        parts = NUMBER.split(side)
        for part in reversed(parts) if last else parts:
            if words := telling(part, self._language):
                return words[-_BESIDE:] if last else words[:_BESIDE]
        return ()

    @cached_property
    def _headings(self) -> list[tuple[Place, int]]:
        return headings(self._document) if self._headed else []

    @cached_property
    def _grids(self) -> list[list[list[LaidOutCell]]]:
        return list(self._document.page.tables()) if self._document.page else []

    def _in_table(self, place: Place) -> tuple[str, str]:
        """The same, looked for once: every cell of the page is asked."""
        if place not in self._cells:
            self._cells[place] = self._table(place)
        return self._cells[place]

    def _table(self, place: Place) -> tuple[str, str]:
        """The headings of the row and the column in which a number stands; "" for what has none."""
        inner: tuple[int, str, str] | None = None
        for grid in self._grids:
            for number, row in enumerate(grid):
                for column, cell in enumerate(row):
                    wide = cell.end - cell.start
                    if cell.start <= place[0] and place[1] <= cell.end and (inner is None or wide < inner[0]):
                        inner = (wide, self._row(row, cell), self._column(grid, number, column))
        return inner[1:] if inner else ("", "")

    def _row(self, row: list[LaidOutCell], cell: LaidOutCell) -> str:
        first = row[0]
        return self._name(first) if first != cell else ""

    def _column(self, grid: list[list[LaidOutCell]], number: int, column: int) -> str:
        above = [row[column] for row in grid[:number] if column < len(row)]
        headings = [cell for cell in above if cell.heading] or [cell for cell in above[:1] if self._name(cell)]
        return " ".join(dict.fromkeys(self._name(cell) for cell in headings))

    def _name(self, cell: LaidOutCell) -> str:
        """A short text of words; a number, or a paragraph in a table that is there for its looks, is no name."""
        text = " ".join(self._text[cell.start : cell.end].split())
        return text if len(text) <= _SHOWN and WORD.search(text) else ""


def columns(names: Iterable[Any]) -> Trait:
    """The names of all columns of a table."""
    listed = [str(name) for name in names][:_NAMES]
    return Trait("", tuple(dict.fromkeys(listed)))


def column(heading: str) -> Trait:
    """The heading of a followed column, whose signs of a unit must not change: its words are the definition's."""
    return Trait(shown(heading), tuple(sorted(set(_UNITS.findall(heading)))))


def sample(rows: Sequence[Any]) -> list[Any]:
    """The first and the last rows of a table."""
    return [*rows[:_SAMPLE], *rows[max(_SAMPLE, len(rows) - _SAMPLE) :]]


def form(values: Iterable[Any], language: str | None) -> Trait | None:
    """What kind of numbers values are, as most of them are printed; None where all are blank."""
    forms: dict[str, list[str]] = {}
    for value in values:
        text = "" if value is None else str(value).strip()
        if not is_blank(text):
            forms.setdefault(_form(text, language), []).append(text)
    if not forms:
        return None
    kind = max(forms, key=lambda name: len(forms[name]))
    return Trait(forms[kind][0][:_SHOWN], (kind,))


def _form(text: str, language: str | None) -> str:
    if text.endswith(("%", "‰")):
        return "percent"
    number = Decimal(text) if text.isascii() and text.isdigit() and len(text) < 30 else read_number(text, language)
    if number is None:
        return _form_beside(text, language)
    if number % 1:
        return "fraction" if abs(number) <= 100 else "number"
    return "count" if abs(number) > 100 else "number"


def _form_beside(text: str, language: str | None) -> str:
    """Letters behind a number are its scale, or the mark of a note: either way it is a number."""
    manners = Manner(language, letters="scale"), Manner(language, letters="note")
    return "number" if any(Contents("exact", None, manner)[text] for manner in manners) else "text"


def _aside(text: str) -> str:
    return CLOCK.sub(" ", _ASIDE.sub(" ", _EMPHASIS.sub("", text)))


def _end(left: str) -> str:
    return left[-60:] if len(left) <= 60 else left[-60:].partition(" ")[2]


def _start(right: str) -> str:
    return right[:60] if len(right) <= 60 else right[:60].rpartition(" ")[0]
