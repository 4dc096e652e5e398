"""Notes of people on series, as they are told: on charts, in sites, to programs; who wrote one is the desk's own."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from model import Day, Grade, Instant, Marker, MarkerKind
from publish.numbers import day, days, known_day

KINDS: dict[MarkerKind, str] = {
    "note": "note", "leak": "leak", "scope": "another scope", "holiday": "no reports", "method": "another method",
    "grade": "grade",
}  # fmt: skip
GRADES: tuple[Grade, ...] = ("A", "B", "C", "D")


class ToldMarker(msgspec.Struct, frozen=True):
    """A note as everybody may read it."""

    number: int
    about: str
    kind: MarkerKind
    text: str
    first: Day | None
    last: Day | None
    grade: Grade | None
    at: Instant


def told_markers(markers: Iterable[Marker]) -> tuple[ToldMarker, ...]:
    """Notes without who wrote them; of grades the newest of each series or source alone."""
    grades = {one.about: one.number for one in sorted(markers, key=lambda one: one.number) if one.kind == "grade"}
    return tuple(
        ToldMarker(one.number, one.about, one.kind, one.text, one.first, one.last, one.grade, one.at)
        for one in markers
        if one.kind != "grade" or grades[one.about] == one.number
    )


def marker_words(one: ToldMarker) -> str:
    """A note in words: its kind, its days, what it says, and when it was written."""
    kind = f"grade {one.grade}" if one.grade else KINDS[one.kind]
    span = "" if one.first is None else f" ({day(one.first) if one.last is None else days(one.first, one.last)})"
    return f"{kind}{span}: {one.text} (noted {known_day(one.at)})"


def on_chart(markers: Iterable[ToldMarker]) -> tuple[tuple[Day, str], ...]:
    """The days that notes mark on a chart, with their words."""
    return tuple((one.first, f"{KINDS[one.kind]}: {one.text}") for one in markers if one.first is not None)
