"""What a cell of a table says: its number and hedge as canonical content, each distinct text read once.

A report's table is read whole at every release and most of its cells are known already, so the memos here answer a
known cell with one dictionary look-up.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, cast

from extractors.tables.numbers import LARGEST_DIGITS, bounded, is_blank, read_number
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
_NOTE = re.compile(r"\s?(?:\[[\w .†‡*]{1,9}\]|\([a-z]\)|[*†‡§¹²³⁴⁵⁶⁷⁸⁹⁰]{1,11})$")
_LONGEST_NOTE = 12

_SCALED = re.compile(r"(.*\d) ?([^\W\d_]{1,12}\.?)")
_HEDGED = re.compile(r"([^\d+\-−.,'’]{1,40}?|ca?\.)\s*([+\-−]?\d\S*(?:\s\d+)*)")


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
    footnote (`5[1]`) never does, and alone it is a blank. A scale is counted in: `1.2M` is 1,200,000.
    """

    def __init__(self, qualifier: Qualifier, language: str | None) -> None:
        super().__init__()
        self._qualifier, self._language = qualifier, language
        self._mark = write_content(Decimal(0), qualifier=qualifier)[:-1]

    def __missing__(self, raw: Any) -> str | None:
        text = raw if type(raw) is str else "" if raw is None else str(raw)
        content: str | None
        if text.isdigit() and text.isascii() and len(text) <= LARGEST_DIGITS and (text[0] != "0" or text == "0"):
            content = self._mark + text
        elif is_blank(text):
            content = ""
        else:
            content = self._read(text)
        self[raw] = content
        return content

    def _read(self, text: str) -> str | None:
        plain = without_notes(text.strip())
        if not plain and not any(map(str.isdigit, text)):
            return ""
        number, printed = _hedged_number(plain, self._language)
        if number is None:
            return None
        return write_content(number, qualifier=printed if self._qualifier == "exact" else self._qualifier)


class ByHedge(dict[Any, Contents]):
    """The contents to read a cell with, by the word of hedge that stands beside it; a blank is exact.

    `unknown` gathers words that no word list has, which are read as exact.
    """

    def __init__(self, language: str | None) -> None:
        super().__init__()
        self._language = language
        self._contents: dict[Qualifier, Contents] = {}
        self.unknown: list[str] = []

    def __missing__(self, word: Any) -> Contents:
        text = "" if word is None else str(word).strip()
        found = "exact" if is_blank(text) else read_hedge(text, self._language)
        if found is None:
            self.unknown.append(text)
        self[word] = self.of(found or "exact")
        return self[word]

    def of(self, qualifier: Qualifier) -> Contents:
        """The contents under a qualifier that the definition fixes."""
        if qualifier not in self._contents:
            self._contents[qualifier] = Contents(qualifier, self._language)
        return self._contents[qualifier]

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


def _hedged_number(text: str, language: str | None) -> tuple[Decimal | None, Qualifier]:
    number = _scaled_number(text, language)
    if number is not None:
        return number, "exact"
    if text.endswith("+"):
        return _scaled_number(text[:-1], language), "more_than"
    parts = _HEDGED.fullmatch(text)
    hedge = read_hedge(parts[1].strip(), language) if parts else None
    if parts is None or hedge is None:
        return None, "exact"
    return _scaled_number(parts[2], language), hedge


def _scaled_number(text: str, language: str | None) -> Decimal | None:
    """A number, with a scale behind it where one stands there."""
    number = read_number(text, language)
    parts = _SCALED.fullmatch(text) if number is None and len(text) <= 60 else None
    if parts is None:
        return number
    from extractors.words import multiplier

    scale, number = multiplier(parts[2].rstrip("."), language), _before_scale(parts[1], language)
    return bounded(scale * number) if scale is not None and number is not None else None


def _before_scale(text: str, language: str | None) -> Decimal | None:
    # No thousands stand before millions: "1.234 million" has a fraction in every language.
    one = re.fullmatch(r"(\d{1,3})[.,](\d{3})", text.strip())
    return Decimal(f"{one[1]}.{one[2]}") if one else read_number(text, language)
