"""What the forms of cubes have in common: dimensions, rows, and which flags withhold a figure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

import msgspec

from extractors.tables.scales import is_unit_name
from model import UnreadableError

JsonPath: TypeAlias = tuple[str | int, ...]
"""The way from the document down to a value: member names and list places."""

MOST_OBSERVATIONS = 1_000_000
LABEL = ".label"

_WITHHELD = frozenset("CHLMOQZchlmoqz")
"""Flags of one letter: SDMX's H, L, M, O, Q (missing), c and z of Eurostat (confidential, not applicable)."""
_SEVERAL = re.compile("[bdefinprsuz]{0,2}[cz][bdefinprsuz]{0,2}")
"""Flags of Eurostat side by side, one of which is c or z."""
_DIGITS = 18
_SHOWN = 5
_Form = TypeVar("_Form")


class Dimension(NamedTuple):
    """One dimension of a cube: its codes, and their names where they have any."""

    id: str
    codes: list[str]
    labels: list[str] | None = None
    title: str = ""

    @property
    def names(self) -> list[str]:
        """Its columns."""
        return [self.id] if self.labels is None else [self.id, self.id + LABEL]

    @property
    def cells(self) -> list[tuple[str, ...]]:
        """What its columns say of each place on it."""
        return list(zip(self.codes, *filter(None, (self.labels,)), strict=True))

    def place(self, key: str) -> int:
        """The place that a key says. Raises `UnreadableError` where there is none."""
        return place_of(key, len(self.codes), self.id)


class Cube(NamedTuple):
    """A cube as rows: `ways` leads to each row in the document, `below` from there to the value of a column.

    `figures` are the columns of numbers, each with what it is called; `days` is the dimension of times, and `kinds` the
    one that says what is counted. `beside` are texts about all of it, and units.
    """

    names: list[str]
    rows: list[list[Any]]
    ways: list[JsonPath]
    below: dict[int, JsonPath]
    dimensions: list[Dimension]
    figures: dict[str, str]
    days: str | None = None
    kinds: str | None = None
    beside: Sequence[str] = ()

    def way(self, row: int, column: int) -> JsonPath:
        """The way to what stands in a column of a row."""
        return (*self.ways[row], *self.below.get(column, ()))


def converted(parsed: Any, form: type[_Form], what: str) -> _Form:
    """A document as the type of its form. Raises `UnreadableError` naming the place that does not fit."""
    try:
        return msgspec.convert(parsed, form)
    except msgspec.ValidationError as error:
        raise UnreadableError(f"the answer is no {what}: {error}") from None


def distinct(codes: Sequence[str], what: str) -> None:
    """Raise `UnreadableError` where a code is empty, or two are one."""
    if len(set(codes)) != len(codes) or not all(codes):
        raise UnreadableError(f"{what} has a code that is empty, or two of one code")


def place_of(key: str, count: int, what: str) -> int:
    """The place that a key says, of so many. Raises `UnreadableError` where there is none."""
    if not (key.isascii() and key.isdecimal() and len(key) <= _DIGITS and int(key) < count):
        raise UnreadableError(f"{what!r} has something at {key[:40]!r}, and places from 0 to {count - 1:,}")
    return int(key)


def bound(count: int) -> None:
    """Raise `UnreadableError` where there are more observations than a release may have."""
    if count > MOST_OBSERVATIONS:
        raise UnreadableError(f"the cube has more than {MOST_OBSERVATIONS:,} observations", reason="too_large")


@lru_cache(4096)
def withholds(flag: Any) -> bool:
    """Whether a flag says that there is no figure: missing, suppressed, confidential, not applicable."""
    text = flag.strip() if isinstance(flag, str) else ""
    dots = bool(text) and not text.strip(".…")
    return dots or ":" in text or text in _WITHHELD or _SEVERAL.fullmatch(text) is not None


def units(dimensions: Sequence[Dimension]) -> Iterator[str]:
    """What dimensions of units say that numbers are in."""
    for one in dimensions:
        if is_unit_name(one.id) or is_unit_name(one.title):
            yield from (f"({label})" for label in (one.labels or one.codes)[:_SHOWN])
