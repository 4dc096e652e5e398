"""Asking whether anything changed, and not believing for ever that nothing did."""

from __future__ import annotations

import datetime as dt

import msgspec

from model import Fetched, Instant, moment
from storage import Attempt

WHOLE_AT = "Tallybook-Whole-At"
"""Beside the headers of an answer: when the bytes themselves were sent last."""

LONGEST_BELIEVED = dt.timedelta(days=6, hours=12)
"""A publisher's word that nothing changed is believed for so long: each week the bytes themselves are asked for."""


def validators(last: Attempt, now: Instant) -> dict[str, str] | None:
    """What to ask with, after this answer; None where the bytes are to be sent whatever they are."""
    whole = _whole_at(last)
    if whole is None or not dt.timedelta() <= moment(now) - moment(whole) < LONGEST_BELIEVED:
        return None
    return {name: value for name, value in last.headers.items() if name != WHOLE_AT}


def remembered(last: Attempt, fetched: Fetched) -> Fetched:
    """An answer that nothing changed, with the headers of those before it and when the bytes were sent last."""
    whole = _whole_at(last)
    headers = last.headers | fetched.headers | ({WHOLE_AT: whole} if whole else {})
    return msgspec.structs.replace(fetched, headers=headers)


def _whole_at(last: Attempt) -> Instant | None:
    told = last.headers.get(WHOLE_AT)
    return Instant(told) if told else None if last.status == NOT_MODIFIED else last.at


NOT_MODIFIED = 304
