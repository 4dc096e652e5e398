"""The Retry-After header: seconds, or a date."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime


def retry_after(header: str, at: dt.datetime | None = None) -> float | None:
    """Seconds for which a server asks to be left alone; None where the header says nothing that can be read.

    Dates that have passed are 0; `at` stands for this moment.
    """
    text = header.strip()
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
    return max((until - (at or dt.datetime.now(dt.UTC))).total_seconds(), 0.0)
