"""How a table writes its numbers: what no single cell shows is inferred over whole columns, or asked.

`1,234` is one number in a column with `1,5` and another beside `12.5`. A column is asked first, then the others of the
table, then the language, then what is counted: people and things are whole. Where all are silent, or contradict one
another, the numbers are read as before and the release is held with the question.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from extractors.tables.cells import SCALES, ByHedge, Manner
from extractors.tables.numbers import Mark, decimal_mark, evidence, read_number
from model import FigureRule, Source

_SHOWN = 60


class ColumnQuestion(NamedTuple):
    """A question about a column that only a person, or the definition, can answer."""

    column: str
    question: str


class Column(NamedTuple):
    """A followed column: its name, its rule, and all that was read of it."""

    name: str
    rule: FigureRule
    cells: ByHedge


def stated(source: Source, rule: FigureRule, language: str | None) -> Manner:
    """What the definition itself says of how a figure is written."""
    scale = rule.scale or source.scale
    return Manner(
        language=language,
        decimal=source.numbers.decimal,
        group=source.numbers.group,
        letters="scale" if scale == "letters" else None,
        scale=SCALES.get(scale or "one", Decimal(1)),
        missing=frozenset(source.missing),
    )


def spoken(source: Source, page: str | None) -> str | None:
    """The language whose marks numbers follow, with a region: the definition's, narrowed by the page or publisher."""
    own = source.language or page
    if own is None or "-" in own:
        return own
    if page and page.split("-")[0] == own and "-" in page:
        return page
    country = source.publisher.country or ""
    return f"{own}-{country}" if len(country) == 2 and country.isupper() else own


def settle(columns: Sequence[Column], manners: Sequence[Manner]) -> tuple[list[Manner], list[ColumnQuestion]]:
    """The manner of each column once all of it was read, and what stays in doubt."""
    asked = any(map(_open, columns))
    shown = [_shown(column) if asked else frozenset[Mark]() for column in columns]
    settled: list[Manner] = []
    doubts: list[ColumnQuestion] = []
    for number, (column, manner) in enumerate(zip(columns, manners, strict=True)):
        if manner.decimal is None:
            others = frozenset().union(*(marks for place, marks in enumerate(shown) if place != number))
            mark, question = _mark(column, shown[number], others, manner.language)
            manner = manner._replace(decimal=mark)
        else:
            question = _contrary(column, manner.decimal)
        doubts += [ColumnQuestion(column.name, question)] if question else []
        settled.append(manner if manner.letters else manner._replace(letters=_letters(column)))
    return settled, doubts


def _contrary(column: Column, mark: Mark) -> str | None:
    """The doubt of a column whose numbers show another mark than the definition says: those that fit both are open."""
    contrary = _shown(column) - {mark} if column.cells.any_unreadable else None
    return f"the definition says decimal: {mark!r}, and its numbers show {min(contrary)!r}" if contrary else None


def _open(column: Column) -> list[str]:
    return sorted(text for contents in column.cells.read for text in contents.open)


def _texts(column: Column) -> Iterable[str]:
    return (raw for contents in column.cells.read for raw in contents if type(raw) is str)


def _shown(column: Column) -> frozenset[Mark]:
    """The decimal marks that the cells of a column show by their form."""
    return frozenset(mark for text in _texts(column) if (mark := evidence(text)) is not None)


def _mark(
    column: Column, own: frozenset[Mark], others: frozenset[Mark], language: str | None
) -> tuple[Mark | None, str | None]:
    """The decimal mark of a column with numbers that can be read in two ways, or the question that stays."""
    if not _open(column):
        return None, None
    printed = _open(column)[0][:_SHOWN]
    ask = f"{printed!r} may be thousands or decimals; say which with numbers: {{decimal: '.'}} or {{decimal: ','}}"
    if len(own) > 1:
        return None, f"its numbers show both decimal marks: {ask}"
    if own:
        return next(iter(own)), None
    if len(others) > 1:
        return None, f"other columns show both decimal marks: {ask}"
    spoken_mark = next(iter(others), None) or decimal_mark(language)
    if not column.rule.counts_whole or _scaled(column):
        return (spoken_mark, None) if spoken_mark else (None, ask)
    return _of_counts(column, spoken_mark, ask)


def _of_counts(column: Column, spoken_mark: Mark | None, ask: str) -> tuple[Mark | None, str | None]:
    """The same for what there are only whole ones of: their marks part thousands."""
    marks = {mark for text in _open(column) for mark in ".," if mark in text}
    if len(marks) > 1:
        return None, f"its numbers use both marks: {ask}"
    whole: Mark = "," if "." in marks else "."
    if spoken_mark and spoken_mark != whole:
        return None, f"it counts what is whole, and the language has decimals there: {ask}"
    return whole, None


def _scaled(column: Column) -> bool:
    """Whether a scale stands behind an open number, which may then have a fraction, whatever is counted."""
    return any(not text[-1].isdigit() for text in _open(column))


def _letters(column: Column) -> Literal["scale", "note"] | None:
    """What letters behind numbers are in this column: a scale, the mark of a note, or unknown."""
    lettered = [text for contents in column.cells.read for text in contents.lettered]
    if not lettered:
        return None
    letters = {_ending(text) for text in lettered}
    whole = all(map(_is_whole, lettered))
    plain = any(read_number(text) is not None for text in _texts(column))
    if letters <= _SCALE_LETTERS:
        # A fraction of a person, or a column in which every number has its letter, is of thousands.
        scaled = column.rule.counts_whole and (not whole or (letters <= _CAPITALS and not plain))
        return "scale" if scaled else None
    # Some letter that is no scale, beside numbers without any: an office marks what is preliminary or broken.
    return "note" if plain and whole else None


def _ending(text: str) -> str:
    return text.rstrip().lstrip("0123456789.,' \u00a0\u202f\u2009+-−<>~≈")


def _is_whole(text: str) -> bool:
    number = read_number(text[: len(text.rstrip()) - len(_ending(text))].strip())
    return number is not None and number == number.to_integral_value()


_SCALE_LETTERS = frozenset(("k", "K", "m", "M", "b", "B", "t", "T", "bn", "mn", "mm", "tn"))
_CAPITALS = frozenset(("k", "K", "M", "B"))
