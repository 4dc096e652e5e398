"""A number that a person types for one cell: read like a printed one, and refused where it can be read in two ways."""

from __future__ import annotations

import re
from decimal import Decimal

from extractors.tables.numbers import DECIMAL_COMMA, read_number
from model import UsageError

_ONE_MARK = re.compile(r"[+-]?[1-9]\d{0,2}([.,])(\d{3})")
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def typed_number(text: str, language: str | None) -> Decimal:
    """The number that a person typed, in their language where it is known.

    Raises `UsageError` where it is none, is longer than a number can be, or means one thing in one language and another
    in the next (`1.234`); both readings are named then.
    """
    given = text.strip()
    mark = _ONE_MARK.fullmatch(given)
    if mark and language is None:
        whole, parted = given.replace(mark[1], ""), given.replace(mark[1], ".")
        raise UsageError(f"{text!r} is {whole} to some and {parted} to others", f"write {whole} or {parted}0")
    if mark and (mark[1] == ",") == ((language or "").partition("-")[0] in DECIMAL_COMMA):
        return Decimal(given.replace(",", "."))
    number = read_number(given, language)
    if number is None or "%" in given:
        raise UsageError(f"{text[:60]!r} is no number", "write it plainly, such as 11138; 24 digits at most")
    return _every_digit(given, number)


def _every_digit(given: str, number: Decimal) -> Decimal:
    """The number with all its digits: what would be a double's noise in a file is meant where a person types it."""
    meant = is_plain(given) and float(given) == float(number)
    return Decimal(given) if meant else number


def plain(number: Decimal) -> str:
    """The number as it is shown back and counts: digits and a point, nothing else."""
    return format(number, "f")


def is_plain(text: str) -> bool:
    """Whether what was typed is already written so, and cannot be taken for anything else."""
    return _PLAIN.fullmatch(text.strip()) is not None
