"""The three days of the demo."""

from __future__ import annotations

from typing import NamedTuple

from model import Instant


class Day(NamedTuple):
    """One day of the demo: when the reports are fetched, and what happened in a sentence."""

    at: Instant
    story: str


DAYS: tuple[Day, ...] = (
    Day(Instant("2025-08-01T06:00:00Z"), "five publishers are read for the first time"),
    Day(
        Instant("2025-08-02T06:00:00Z"),
        "the count by name rises by 2,353; the bulletin, the files and the article go on",
    ),
    Day(Instant("2025-08-03T06:00:00Z"), "a digit too many, an increase that does not agree, and a rewritten past"),
)


def clock(day: int) -> Instant:
    """The instant at which a day's reports are known; `day` is a place in `DAYS`."""
    return DAYS[day].at
