"""Named results of the checks that stand between reading a report and believing it."""

from __future__ import annotations

from typing import Literal

import msgspec

from model.times import Day

Result = Literal["pass", "warn", "hold"]


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one named check found, on one series' observation or on the page where `series` is null."""

    name: str
    result: Result
    message: str
    series: str | None = None
    as_of: Day | None = None
