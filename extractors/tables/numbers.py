"""Numbers as reports print them, read into exact decimals.

The form decides, and the language only where the form cannot:

- groups of three parted by a comma, space, no-break or thin space or apostrophe are thousands (`1,234`, `1 234 567`,
  `1'234.5`), also the Indian `12,34,567`; a leading group of `0` is none (`0,234` is a decimal);
- where comma and dot both stand, the last one is the decimal mark (`1.234,5` and `1,234.5`);
- a comma or dot before any other count of digits is the decimal mark (`1,23`, `1.5`);
- one dot before exactly three digits (`1.234`) is thousands in a language with a decimal comma, else a decimal;
- digits of every script count, as does U+2212 for minus; `%` says the unit and is left out.

Footnote marks, brackets and words are not guessed away: what is no number gives None, never a zero. So does a number
of more than 24 digits before the point, or 30 in all.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_CODES = (
    "az be bg bs ca cs da de el es et eu fi fr gl hr hu hy id is it ka kk lt lv mk nb nl nn no pl pt ro ru sk sl sq sr"
    " sv tr uk uz vi"
)
DECIMAL_COMMA = frozenset(_CODES.split())
"""Languages in which a dot parts thousands and a comma the fraction."""

BLANKS = frozenset(
    ("", "na", "n/a", "n.a.", "n. a.", "nan", "null", "н/д", "-", "--", "–", "—", "−", "*", ".", "..", "...", "…", ":")
)
"""What publishers print in a cell that states nothing, in lower case; none of it is a zero."""

LARGEST_DIGITS, MOST_DIGITS = 24, 30
"""A number has so many digits before its point at most, and so many in all: beyond, it is no count of anything."""

_LONGEST = 60
_SPACES = "\u00a0\u2005\u2006\u2007\u2008\u2009\u200a\u202f\t"
_SPELLING = str.maketrans(
    dict.fromkeys(_SPACES, " ")
    | {"’": "'", "ʼ": "'", "‘": "'", "٬": "'", "٫": ".", "，": ",", "．": "."}
    | {"−": "-", "－": "-", "﹣": "-", "＋": "+", "٪": "%", "％": "%"}
)
_LOOSE_MARK = re.compile(r" ?([.,]) ?(?=\d{3}(?!\d))")
_SIGNED = re.compile(r"([+-]?) ?(.*?) ?%?")
_PLAIN = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?|\.\d+")
_SPACED = re.compile(r"[1-9]\d{0,2}(?:( |')\d{3})(?:\1\d{3})*(?:[.,]\d+)?")
_COMMAS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|[1-9]\d?(?:,\d\d)+,\d{3}(?:\.\d+)?")
_DOTS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3}){2,}(?:,\d+)?|[1-9]\d{0,2}\.\d{3},\d+")
_ONE_DOT = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_DECIMAL_COMMA = re.compile(r"\d+,\d+")


def read_number(text: str, language: str | None = None) -> Decimal | None:
    """Read one printed number, nothing beside it; None where it is none.

    `language` is a code such as `de` and decides only what `1.234` means.
    """
    if len(text) > _LONGEST:
        return None
    signed = _SIGNED.fullmatch(_LOOSE_MARK.sub(r"\1", _spell(text)))
    digits = _digits(signed[2], language) if signed else None
    return bounded(Decimal(signed[1] + digits)) if signed and digits else None


def bounded(number: Decimal) -> Decimal | None:
    """A number that is no larger and no finer than a report's can be; None where it is."""
    _, digits, exponent = number.as_tuple()
    fine = len(digits) <= MOST_DIGITS and isinstance(exponent, int) and exponent >= -MOST_DIGITS
    return number if fine and number.adjusted() < LARGEST_DIGITS else None


def is_blank(text: str) -> bool:
    """Whether a cell's text states nothing."""
    return text.strip().casefold() in BLANKS


def _spell(text: str) -> str:
    text = text.strip().translate(_SPELLING)
    if text.isascii():
        return text
    return "".join(_digit(char) for char in text)


def _digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)


def _digits(text: str, language: str | None) -> str | None:
    if _ONE_DOT.fullmatch(text) and (language or "").split("-")[0] in DECIMAL_COMMA:
        return text.replace(".", "")
    if _PLAIN.fullmatch(text):
        return text
    if _SPACED.fullmatch(text):
        return text.replace(" ", "").replace("'", "").replace(",", ".")
    if _COMMAS.fullmatch(text):
        return text.replace(",", "")
    if _DOTS.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else None
