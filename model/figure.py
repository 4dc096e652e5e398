"""A figure: one number that a report states, with all that the report says of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, get_args

import msgspec

from model.times import Day
from model.wire import plain

Qualifier = Literal["exact", "approximately", "more_than", "less_than", "range"]
Kind = Literal["total", "change", "share", "ratio"]

KINDS: frozenset[str] = frozenset(get_args(Kind))
QUALIFIERS: frozenset[str] = frozenset(get_args(Qualifier))


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number that a report states: value, hedge, of whom, who says it, for when, and where it stands.

    `start` and `end` are code points in the snapshot's text, where `number_text` (the number with its hedge)
    stands; `quote` is the sentence or row around it. A range has `low` and `high` and no `value`. `unsure` names the
    fields that may well be read wrong, by a calibration on annotated reports. A `former` one is where a movement began
    ("rose from 63 to 80").
    """

    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    qualifier: Qualifier = "exact"
    unit: str = "other"
    measure: str = "other"
    whom: str | None = None
    category: str | None = None
    kind: Kind = "total"
    attributed_to: tuple[str, ...] = ()
    period_start: Day | None = None
    period_end: Day | None = None
    as_of: Day | None = None
    denied: bool = False
    former: bool = False
    quote: str = ""
    number_text: str = ""
    start: int = 0
    end: int = 0
    unsure: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        """The figure's number and hedge in canonical text; see `write_content`."""
        return write_content(self.value, self.low, self.high, self.qualifier)


_MARK: dict[str, str] = {"exact": "", "approximately": "~", "more_than": ">", "less_than": "<"}
_QUALIFIER: dict[str, Qualifier] = {"~": "approximately", ">": "more_than", "<": "less_than"}


class Content(msgspec.Struct, frozen=True):
    """The part of a figure that makes one version of an observation differ from another."""

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    qualifier: Qualifier


def write_content(
    value: Decimal | None,
    low: Decimal | None = None,
    high: Decimal | None = None,
    qualifier: Qualifier = "exact",
) -> str:
    """Write number and hedge canonically: `121507`, `~20000`, `>100000`, `<3`, `189000..273000`, `` for a blank.

    Equal numbers give equal text (`5.0` and `5` are one number), so contents compare as strings.
    """
    if value is not None:
        return _MARK[qualifier] + _number(value)
    if low is None and high is None:
        return ""
    return f"{_number(low) if low is not None else ''}..{_number(high) if high is not None else ''}"


def read_content(content: str) -> Content:
    """Read canonical content back; the inverse of `write_content`."""
    if not content:
        return Content(None, None, None, "exact")
    low, dots, high = content.partition("..")
    if dots:
        return Content(None, Decimal(low) if low else None, Decimal(high) if high else None, "range")
    qualifier = _QUALIFIER.get(content[0])
    return Content(Decimal(content[1:] if qualifier else content), None, None, qualifier or "exact")


def _number(number: Decimal) -> str:
    text = plain(number)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
