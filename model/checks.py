"""Named results of the checks that stand between reading a report and believing it."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from model.times import Day

Result = Literal["pass", "warn", "hold"]


class CheckName(StrEnum):
    """The names of checks that others speak of; all names are those of `changes.checks.CHECKS`."""

    NOTHING_EXTRACTED = "nothing_extracted"
    FALL = "fall"
    JUMP = "jump"
    SHAPE_DRIFT = "shape_drift"
    UNREADABLE_ROW = "unreadable_row"
    UNREADABLE_VALUE = "unreadable_value"
    BREAK = "break"
    ENDED = "ended"
    REDIRECTED = "redirected"


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one named check found, on one series' observation or on the page where `series` is null."""

    name: str
    result: Result
    message: str
    series: str | None = None
    as_of: Day | None = None
