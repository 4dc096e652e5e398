"""A typed question taken apart: its numbers, however they are written, and its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from model import UsageError
from storage.search.words import fold

LONGEST = 200
"""A question has so many signs at most."""

_SPACE = "\u00a0\u2007\u2009\u202f "
_NUMBER = re.compile(
    rf"(?<![\w.,])(?<!\w[\-\u2212\u2013])[+\-\u2212\u2013]?(\d{{1,3}}(?:[{_SPACE}'\u2019\u066c]\d{{3}})+(?:[.,\u066b]\d+)?|\d+(?:[.,\u066b\u066c]\d+)*)\s?%?(?!\w)"
)
_GROUPING = re.compile(rf"[{_SPACE}'\u2019\u066c]")


class TypedQuestion(NamedTuple):
    """A question taken apart: its numbers, each in the ways it may be read, and the words beside them."""

    numbers: tuple[tuple[str, ...], ...]
    words: str


def parse(text: str) -> TypedQuestion:
    """Take a typed question apart. `2,353`, `2353` and `2 353` are one number; `2.353` may be either of two.

    Raises `UsageError` for a question that is too long.
    """
    if len(text) > LONGEST:
        raise UsageError(f"a question has at most {LONGEST} signs", "leave words out")
    plain = "".join(_digit(sign) for sign in text)
    numbers = tuple(dict.fromkeys(readings(found[1]) for found in _NUMBER.finditer(plain)))
    return TypedQuestion(numbers, " ".join(_NUMBER.sub(" ", plain).split()))


def places(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Where the numbers of a text stand (start and end, in code points), each in the ways it may be read."""
    plain = "".join(_digit(sign) for sign in text)
    for found in _NUMBER.finditer(plain):
        yield found.start(1), found.end(1), readings(found[1])


def _digit(sign: str) -> str:
    return fold(sign) if sign.isdecimal() else sign


def readings(written: str) -> tuple[str, ...]:
    """The numbers that a written one may mean, the likelier first: `2,353` is 2353, and might be 2.353."""
    text = _GROUPING.sub("", written).replace("\u066b", ".")
    whole = re.sub("[.,]", "", text)
    head, mark, tail = text[: -len(re.split("[.,]", text)[-1])], *_last(text)
    if not mark:
        return (_plain(whole),)
    fraction = f"{re.sub('[.,]', '', head)}.{tail}"
    marks = re.findall("[.,]", text)
    if len(tail) != 3 or head[:-1] == "0" or head[:-1].startswith("0"):
        return (_plain(fraction),) if len(set(marks)) == len(marks) else (_plain(whole),)
    if len(marks) > 1:
        return (_plain(whole),) if len(set(marks)) == 1 else (_plain(fraction), _plain(whole))
    return _plain(whole), _plain(fraction)


def _last(text: str) -> tuple[str, str]:
    """The last mark of a written number, and what stands behind it."""
    at = max(text.rfind("."), text.rfind(","))
    return (text[at], text[at + 1 :]) if at >= 0 else ("", "")


def _plain(number: str) -> str:
    """A number in the one form in which it is looked up."""
    whole, mark, fraction = number.partition(".")
    fraction = fraction.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{fraction}" if mark and fraction else "")
