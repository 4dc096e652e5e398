"""What a cell of a table says: its number and hedge as canonical content, each distinct text read once.

A report's table is read whole at every release and most of its cells are known already, so the memos here answer a
known cell with one dictionary look-up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Any, Literal, NamedTuple, cast

from extractors.tables.numbers import (
    LARGEST_DIGITS,
    Mark,
    ambiguous,
    bounded,
    decimal_mark,
    is_blank,
    read_number,
    shortest,
)
from model import QUALIFIERS, FigureRule, Qualifier, write_content

_SIGNS: dict[str, Qualifier] = {
    "~": "approximately",
    "≈": "approximately",
    "c.": "approximately",
    "ca.": "approximately",
    ">": "more_than",
    "≥": "more_than",
    ">=": "more_than",
    "<": "less_than",
    "≤": "less_than",
    "<=": "less_than",
}
_NOTE = re.compile(r"\s?(?:\[[\w .†‡*]{1,9}\]|\([a-z]{1,2}\)|[*†‡§#]{1,11}|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,11},?)$")
_LONGEST_NOTE = 13

LEADING_NOTES = re.compile(r"^(?:[*†‡§]\s?)+(?=\S)")
"""Marks of footnotes before a number or a date: `* 01.04.2020`."""

SCALES: dict[str, Decimal] = {
    "one": Decimal(1),
    "hundreds": Decimal(100),
    "thousands": Decimal(1000),
    "ten-thousands": Decimal(10**4),
    "hundred-thousands": Decimal(10**5),
    "millions": Decimal(10**6),
    "ten-millions": Decimal(10**7),
    "hundred-millions": Decimal(10**8),
    "billions": Decimal(10**9),
}
"""What a definition's `scale` multiplies by."""

_SCALED = re.compile(r"(.*\d) ?([^\W\d_]{1,12}\.?)")
_FLAGGED = re.compile(r"(.*\d) ?([A-Za-z]{1,2})")
_HEDGED = re.compile(r"([^\d+\-−.,'’]{1,40}?|ca?\.)\s*([+\-−]?\d\S*(?:\s\d+)*)")
_RANGE = re.compile(r"(\d[\d.,' ]*?) ?(?:-|–|—|−|\.\.|(?: (?:to|bis|à|a|до|al) )) ?(\d[\d.,' ]*)")
_AT_MOST = re.compile(r"(\d+) (?:or|and) (?:fewer|less|under|below)", re.IGNORECASE)
_GROUPS = re.compile(r"[^\w+\-−%<>~≈]")
_WHOLE = re.compile(rf"[1-9][0-9]{{0,{LARGEST_DIGITS - 1}}}|0")
_YEARS = range(1800, 2200)


class Manner(NamedTuple):
    """How a column writes its numbers, as its definition states it or its cells show it.

    `decimal` is the decimal mark, None where each number's own form and the language decide. `letters` says what a
    short word behind a number is: a scale (`1.2k`), or the mark of a note (`1234 p`); None where nothing is known.
    `scale` multiplies all that is printed without one; `missing` are texts that state nothing.
    """

    language: str | None = None
    decimal: Mark | None = None
    group: str | None = None
    letters: Literal["scale", "note"] | None = None
    scale: Decimal = Decimal(1)
    missing: frozenset[str] = frozenset()

    @property
    def as_printed(self) -> bool:
        """Whether a plain whole number is itself."""
        return self.scale == 1 and not self.missing


def without_notes(text: str) -> str:
    """A number or heading without the marks of footnotes behind it.

    `1,234[1]`, `Lost[a]`, `88[note 2]`, `5.5(p)`, `130*`. One mark is taken at a time, so that the time is the text's
    length at most: a pattern that repeats them all is tried anew from every place.
    """
    end = len(text)
    while found := _NOTE.search(text[max(end - _LONGEST_NOTE, 0) : end]):
        end -= len(found[0])
    return text[:end]


class Contents(dict[Any, str | None]):
    """The canonical content of each distinct cell under one qualifier.

    "" is a blank cell, None one that is no number. Keys are what stands in the cell: text, a whole number, or None. A
    hedge printed in the cell itself (`<5`, `5,000+`, `about 300`) counts where the qualifier is `exact`; the mark of a
    footnote (`5[1]`) never does, and alone it is a blank. A scale is counted in: `1.2 million` is 1,200,000; a single
    letter is one only where `manner` says so. `1-4` and `3 or fewer` are ranges. `open` are the numbers that can be
    read in two ways, and `lettered` those with a letter behind them: the column decides (`extractors.tables.manner`).
    """

    def __init__(self, qualifier: Qualifier, language: str | None, manner: Manner | None = None) -> None:
        super().__init__()
        self._qualifier = qualifier
        self._manner = manner or Manner(language, letters="scale")
        self._mark = write_content(Decimal(0), qualifier=qualifier)[:-1]
        self._as_printed = self._manner.as_printed
        self.open: set[str] = set()
        self.lettered: set[str] = set()

    def __missing__(self, raw: Any) -> str | None:
        text = raw if type(raw) is str else "" if raw is None else str(raw)
        content: str | None
        if self._as_printed and text.isdigit() and _WHOLE.fullmatch(text):
            content = self._mark + text
        elif is_blank(text) or text.strip() in self._manner.missing:
            content = ""
        elif isinstance(raw, Decimal | float):
            content = self._typed(Decimal(text))
        else:
            content = self._read(text)
        self[raw] = content
        return content

    def _typed(self, exact: Decimal) -> str | None:
        number = bounded(shortest(exact)) if exact.is_finite() else None
        scaled = times(number, self._manner.scale) if number is not None else None
        return self._write(scaled, "exact") if scaled is not None else None

    def _read(self, text: str) -> str | None:
        plain = LEADING_NOTES.sub("", without_notes(text.strip()))
        if not plain and not any(map(str.isdigit, text)):
            return ""
        number, printed = self._hedged(plain)
        if number is not None:
            return self._write(number, printed)
        ends = self._ends(plain) if self._qualifier == "exact" else None
        return write_content(None, *ends) if ends else None

    def _write(self, number: Decimal, printed: Qualifier) -> str:
        return write_content(number, qualifier=printed if self._qualifier == "exact" else self._qualifier)

    def _hedged(self, text: str) -> tuple[Decimal | None, Qualifier]:
        number = self._scaled(text)
        if number is not None:
            return number, "exact"
        if text.endswith("+"):
            return self._scaled(text[:-1]), "more_than"
        parts = _HEDGED.fullmatch(text)
        hedge = read_hedge(parts[1].strip(), self._manner.language) if parts else None
        if parts is None or hedge is None:
            return None, "exact"
        return self._scaled(parts[2]), hedge

    def _scaled(self, text: str) -> Decimal | None:
        """A number, with a scale behind it where one stands there."""
        number = self._number(text)
        if number is not None:
            return times(number, self._manner.scale)
        if len(text) > 60:
            return None
        number = self._flagged(text)
        return self._multiplied(text) if number is None else times(number, self._manner.scale)

    def _flagged(self, text: str) -> Decimal | None:
        """A number with a letter or two behind it, where the column has such letters for notes."""
        parts = _FLAGGED.fullmatch(text)
        if parts is None or read_number(parts[1]) is None:
            return None
        self.lettered.add(text)
        scales = _multiplier(parts[2], self._manner) is not None
        number = self._before_scale(*parts.groups()) if scales else self._number(parts[1])
        return number if self._is_note(parts[2]) else None

    def _multiplied(self, text: str) -> Decimal | None:
        """A number times the scale behind it; a single letter is one only where the column's letters are."""
        parts = _SCALED.fullmatch(text)
        if parts is None or (len(parts[2].rstrip(".")) < 2 and self._manner.letters != "scale"):
            return None
        scale = _multiplier(parts[2].rstrip("."), self._manner)
        number = self._before_scale(*parts.groups()) if scale is not None else None
        return times(number, scale) if scale is not None and number is not None else None

    def _before_scale(self, printed: str, word: str) -> Decimal | None:
        """The number before a scale, whose mark the language or the column says: `6,865 thousand`, `6.865 million`."""
        manner = self._manner
        if manner.decimal is None and decimal_mark(manner.language) is None and ambiguous(printed):
            self.open.add(f"{printed} {word}")
        return read_number(printed, manner.language, manner.decimal)

    def _is_note(self, word: str) -> bool:
        return self._manner.letters == "note" and (len(word) == 1 or _multiplier(word, self._manner) is None)

    def _number(self, text: str) -> Decimal | None:
        manner = self._manner
        if manner.group and not set(_GROUPS.findall(text)) <= {manner.group, manner.decimal or "."}:
            return None
        number = read_number(text, manner.language, manner.decimal)
        if number is not None and manner.decimal is None and ambiguous(text):
            self.open.add(text)
        return number

    def _ends(self, text: str) -> tuple[Decimal, Decimal] | None:
        """The ends of a range, such as publishers print to keep small counts private."""
        if most := _AT_MOST.fullmatch(text):
            return self._between(Decimal(0), self._number(most[1]))
        found = _RANGE.fullmatch(text)
        low, high = (self._number(found[1]), self._number(found[2])) if found else (None, None)
        years = low is not None and high is not None and int(low) in _YEARS and int(high) in _YEARS
        return None if years else self._between(low, high)

    def _between(self, low: Decimal | None, high: Decimal | None) -> tuple[Decimal, Decimal] | None:
        if low is None or high is None or low >= high:
            return None
        ends = times(low, self._manner.scale), times(high, self._manner.scale)
        return (ends[0], ends[1]) if ends[0] is not None and ends[1] is not None else None


def times(number: Decimal, scale: Decimal) -> Decimal | None:
    """The product, exactly; None where it is larger or finer than a report's number can be."""
    return number if scale == 1 else bounded(EXACT.multiply(number, scale))


EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


class ByHedge(dict[Any, Contents]):
    """The contents to read a cell with, by the word of hedge that stands beside it; a blank is exact.

    `unknown` gathers words that no word list has, which are read as exact.
    """

    def __init__(self, manner: Manner) -> None:
        super().__init__()
        self._manner = manner
        self._contents: dict[Qualifier, Contents] = {}
        self.unknown: list[str] = []

    def __missing__(self, word: Any) -> Contents:
        text = "" if word is None else str(word).strip()
        found = "exact" if is_blank(text) else read_hedge(text, self._manner.language)
        if found is None:
            self.unknown.append(text)
        self[word] = self.of(found or "exact")
        return self[word]

    def of(self, qualifier: Qualifier) -> Contents:
        """The contents under a qualifier that the definition fixes."""
        if qualifier not in self._contents:
            self._contents[qualifier] = Contents(qualifier, None, self._manner)
        return self._contents[qualifier]

    @property
    def read(self) -> Iterator[Contents]:
        """All that was read so far, by hedge."""
        return iter(self._contents.values())

    @property
    def any_unreadable(self) -> bool:
        """Whether any cell read so far is no number."""
        return any(None in contents.values() for contents in self._contents.values())


def read_hedge(word: str, language: str | None) -> Qualifier | None:
    """The qualifier that a word of hedge means; None where no word list has it."""
    if word in QUALIFIERS and word != "range":
        return cast(Qualifier, word)
    if word in _SIGNS:
        return _SIGNS[word]
    from extractors.words import hedge

    return hedge(word, language)


def fixed_qualifier(rule: FigureRule) -> Qualifier | None:
    """The qualifier that a rule gives to all its figures; None where each row states its own."""
    if rule.qualifier is None:
        return "exact"
    return cast(Qualifier, rule.qualifier) if isinstance(rule.qualifier, str) else None


def _multiplier(word: str, manner: Manner) -> Decimal | None:
    from extractors.words import multiplier

    return multiplier(word, (manner.language or "").split("-")[0] or None)
