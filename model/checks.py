"""Named results of the checks that stand between reading a report and believing it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Literal

import msgspec

from model.times import Day

Result = Literal["pass", "warn", "hold"]


class CheckName(StrEnum):
    """The name of every check; what each does stands in `changes.checks`."""

    NOTHING_EXTRACTED = "nothing_extracted"
    COUNT_OUT_OF_BOUNDS = "count_out_of_bounds"
    EXPECTED_SERIES_MISSING = "expected_series_missing"
    DUPLICATE_KEY = "duplicate_key"
    ROLLBACK = "rollback"
    RENAME = "rename"
    REWRITTEN = "rewritten"
    PARTIAL = "partial"
    FUTURE_AS_OF = "future_as_of"
    FALL = "fall"
    JUMP = "jump"
    PART_ABOVE_TOTAL = "part_above_total"
    SHAPE_DRIFT = "shape_drift"
    UNREADABLE_ROW = "unreadable_row"
    UNREADABLE_VALUE = "unreadable_value"
    COLUMN_MISSING = "column_missing"
    AS_OF_MISSING = "as_of_missing"
    UNKNOWN_HEDGE = "unknown_hedge"
    CORRECTED = "corrected"
    SAID_AGAIN = "said_again"
    UNFOLLOWED = "unfollowed"
    CARRIED = "carried"
    BREAK = "break"
    IMPOSSIBLE = "impossible"
    NUMBER_FORMAT = "number_format"
    SCALE = "scale"
    DATE_ORDER = "date_order"
    DATES_UNREADABLE = "dates_unreadable"
    DATE_OUT_OF_PLACE = "date_out_of_place"
    HEADING_TWICE = "heading_twice"
    ROW_TOO_WIDE = "row_too_wide"
    PART_OF_MANY = "part_of_many"
    ENDED = "ended"
    ENCODED_TWICE = "encoded_twice"


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one named check found, on one series' observation or on the page where `series` is null."""

    name: str
    result: Result
    message: str
    series: str | None = None
    as_of: Day | None = None


OF_CHANGES = frozenset((
    CheckName.ROLLBACK, CheckName.RENAME, CheckName.REWRITTEN, CheckName.FUTURE_AS_OF, CheckName.FALL, CheckName.JUMP,
    CheckName.PART_ABOVE_TOTAL, CheckName.IMPOSSIBLE, CheckName.BREAK,
    CheckName.ENCODED_TWICE,
))  # fmt: skip
"""Checks of what a release changes; all others are of how it stands, and find the same again in the next one."""

OVER = "no longer: "
"""How the end of a doubt is told."""


def standing(checks: Iterable[CheckResult]) -> frozenset[CheckResult]:
    """The doubts among checks that the next release, if it is the same, has again."""
    return frozenset(check for check in checks if check.result != "pass" and check.name not in OF_CHANGES)


def news_of(checks: Iterable[CheckResult], before: Iterable[CheckResult]) -> list[CheckResult]:
    """What a release's checks tell beside those of the one before: doubts that began, changed or ended, and passes.

    The end of another shape is not told: it was accepted, or what waited with it has ended, which is told already.
    """
    listed, known = list(checks), standing(before)
    fresh = [check for check in listed if check not in known]
    places = {(check.name, check.series, check.as_of) for check in fresh}
    over = sorted(known.difference(listed), key=lambda check: (check.name, check.series or "", check.as_of or ""))
    fresh += [
        msgspec.structs.replace(check, result="pass", message=OVER + check.message)
        for check in over
        if check.name != CheckName.SHAPE_DRIFT and (check.name, check.series, check.as_of) not in places
    ]
    return fresh
