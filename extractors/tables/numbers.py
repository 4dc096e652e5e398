"""Numbers as reports print them, read into exact decimals.

The form decides, and the language only where the form cannot:

- groups of three parted by a comma, space, no-break or thin space or apostrophe are thousands (`1,234`, `1 234 567`,
  `1'234.5`), also the Indian `12,34,567`; a leading group of `0` is none (`0,234` is a decimal);
- where comma and dot both stand, the last one is the decimal mark (`1.234,5` and `1,234.5`);
- a comma or dot before any other count of digits is the decimal mark (`1,23`, `1.5`);
- one comma or dot before exactly three digits is open (`ambiguous`): a decimal where it is the decimal mark of the
  language, thousands where the other one is; without a language a comma parts thousands and a dot decimals;
- digits of every script count, as does U+2212 for minus; `%` says the unit and is left out;
- what a binary fraction printed to its last digit means is its shortest form (`18.629999999999999` is 18.63).

Footnote marks, brackets and words are not guessed away: what is no number gives None, never a zero. So does a number
of more than 24 digits before the point, or 30 in all.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Literal, TypeAlias

Mark: TypeAlias = Literal[".", ","]
"""A decimal mark; the other one may part thousands."""

_COMMA = (
    "af ast az be bg br bs ca cs da de el eo es et eu fi fo fr fy gl hr hsb hu hy ia id is it jv ka kk kl ku ky lb lo"
    " lt lv mk nb nl nn no pl ps pt rm ro ru rw sah sc se sk sl sq sr su sv tg tk tr tt uk uz vi wo"
)
_COMMA_REGIONS = "ar-DZ ar-LB ar-LY ar-MA ar-MR ar-TN ms-BN ms-ID qu-BO sw-CD"
_POINT_REGIONS = (
    "de-CH de-LI es-419 es-BR es-BZ es-CU es-DO es-GT es-HN es-MX es-NI es-PA es-PE es-PR es-SV es-US it-CH rm-CH"
)
_UNSETTLED = frozenset(("en-ZA",))  # the standard says comma, and most of what is published a point
DECIMAL_COMMA = frozenset(_COMMA.split())
"""Languages in which a dot or space parts thousands and a comma the fraction (Unicode CLDR), but for some regions."""

_BY_TAG: dict[str, Mark] = {
    **dict.fromkeys(_COMMA_REGIONS.split(), ","),
    **dict.fromkeys(_POINT_REGIONS.split(), "."),
}

BLANKS = frozenset(
    (
        "",
        "na",
        "n/a",
        "n.a.",
        "n. a.",
        "nd",
        "n/d",
        "n.d.",
        "s/d",
        "nan",
        "null",
        "н/д",
        "-",
        "--",
        "–",
        "—",
        "−",
        "*",
        ".",
        "..",
        "...",
        "…",
        ":",
    )
)
"""What publishers print in a cell that states nothing, in lower case; none of it is a zero."""

LARGEST_DIGITS, MOST_DIGITS = 24, 30
"""A number has so many digits before its point at most, and so many in all: beyond, it is no count of anything."""

_LONGEST = 60
_BINARY_DIGITS = 16
"""A fraction of so many digits is printed from a binary number, whose shortest form has fewer."""

_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t"
_SPELLING = str.maketrans(
    dict.fromkeys(_SPACES, " ")
    | {"’": "'", "ʼ": "'", "‘": "'", "＇": "'", "´": "'", "′": "'", "٬": "'", "٫": ".", "⹁": ",", "，": ",", "．": "."}
    | {"−": "-", "－": "-", "﹣": "-", "‐": "-", "‑": "-", "–": "-", "＋": "+", "٪": "%", "％": "%", "،": ","}
    | dict.fromkeys("\u200e\u200f\u061c\u2066\u2067\u2068\u2069\u202a\u202b\u202c", "")
)
_AROUND = " \t\n\r\f\v\u00a0\u2009\u202f\u200b\u200e\u200f\u061c\u2066\u2067\u2068\u2069"
_LOOSE_MARK = re.compile(r" ?([.,]) ?(?=\d{3}(?!\d))")
_SIGNED = re.compile(r"([+-]?) ?(.*?) ?%?")
_PLAIN = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?|\.\d+")
_SPACED = re.compile(r"[1-9]\d{0,2}(?:( |')\d{3})(?:\1\d{3})*(?:[.,]\d+)?")
_COMMAS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|[1-9]\d?(?:,\d\d)+,\d{3}(?:\.\d+)?")
_DOTS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3}){2,}(?:,\d+)?|[1-9]\d{0,2}\.\d{3},\d+")
_EITHER = re.compile(r"[1-9]\d{0,2}([.,])\d{3}")
_DECIMAL_COMMA = re.compile(r"\d+,\d+")
_SWAPPED = str.maketrans(",.", ".,")


def read_number(text: str, language: str | None = None, decimal: Mark | None = None) -> Decimal | None:
    """Read one printed number, nothing beside it; None where it is none.

    `language` is a tag such as `de` or `de-CH` and decides only what `1.234` and `1,234` mean. Where `decimal` says
    which mark is the decimal one, what does not fit it is no number.
    """
    signed = _signed(text)
    if signed is None:
        return None
    if decimal is None:
        digits = _digits(signed[1], decimal_mark(language))
    else:
        digits = _digits_under(signed[1].translate(_SWAPPED) if decimal == "," else signed[1])
    return bounded(shortest(Decimal(signed[0] + digits))) if digits else None


def decimal_mark(language: str | None) -> Mark | None:
    """The decimal mark of a language, in its region where the tag names one; None where that is not settled."""
    if not language or language in _UNSETTLED:
        return None
    return _BY_TAG.get(language) or ("," if language.split("-")[0] in DECIMAL_COMMA else ".")


def ambiguous(text: str) -> bool:
    """Whether a printed number is one of two: `1,234` and `1.234` may have thousands or three decimals."""
    signed = _signed(text)
    return signed is not None and _EITHER.fullmatch(signed[1]) is not None


def evidence(text: str) -> Mark | None:
    """The decimal mark that a printed number shows by its form alone; None where any would do."""
    signed = _signed(text)
    plain = signed[1] if signed else ""
    if ("," not in plain and "." not in plain) or _EITHER.fullmatch(plain):
        return None
    point, comma = _digits_under(plain), _digits_under(plain.translate(_SWAPPED))
    return None if bool(point) == bool(comma) else "." if point else ","


def shortest(number: Decimal) -> Decimal:
    """The number itself, but for a binary fraction printed to its last digit, which is its shortest form."""
    if len(number.as_tuple().digits) < _BINARY_DIGITS:
        return number
    if not number.is_finite() or number == number.to_integral_value():
        return number
    short = Decimal(repr(float(number)))
    return short if len(short.as_tuple().digits) < _BINARY_DIGITS else number


def bounded(number: Decimal) -> Decimal | None:
    """A number that is no larger and no finer than a report's can be; None where it is."""
    _, digits, exponent = number.as_tuple()
    fine = len(digits) <= MOST_DIGITS and isinstance(exponent, int) and exponent >= -MOST_DIGITS
    return number if fine and number.adjusted() < LARGEST_DIGITS else None


def is_blank(text: str) -> bool:
    """Whether a cell's text states nothing."""
    return text.strip(_AROUND).casefold() in BLANKS


def _signed(text: str) -> tuple[str, str] | None:
    """A number's sign and its digits with their marks, all spelled in ASCII."""
    if len(text) > _LONGEST:
        return None
    found = _SIGNED.fullmatch(_LOOSE_MARK.sub(r"\1", _spell(text)))
    return (found[1], found[2]) if found else None


def _spell(text: str) -> str:
    text = text.strip().translate(_SPELLING)
    if text.isascii():
        return text
    return "".join(_digit(char) for char in text)


def _digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)


def _digits(text: str, mark: Mark | None) -> str | None:
    if either := _EITHER.fullmatch(text):
        decimal = either[1] == (mark or ".")
        return text.replace(either[1], "." if decimal else "")
    if _PLAIN.fullmatch(text):
        return text
    if _SPACED.fullmatch(text):
        return text.replace(" ", "").replace("'", "").replace(",", ".")
    if _COMMAS.fullmatch(text):
        return text.replace(",", "")
    if _DOTS.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else None


def _digits_under(text: str) -> str | None:
    """The digits of a number whose decimal mark is a point, and whose thousands are parted by anything else."""
    if _PLAIN.fullmatch(text):
        return text
    if _SPACED.fullmatch(text):
        plain = text.replace(" ", "").replace("'", "")
        return None if "," in plain else plain
    return text.replace(",", "") if _COMMAS.fullmatch(text) else None
