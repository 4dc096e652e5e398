"""A late source: whether it says nothing new, or we could not have heard it. The two are never mixed up."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from model import Instant, moment
from storage import Rhythm, Standing

Silence = Literal["publisher_late", "not_polled"]
"""Two that look alike and are not: the publisher says nothing new, or we did not read it."""


def silence_of(standing: Standing | None, now: dt.datetime) -> Silence | None:
    """Whether a source that is late says nothing new, or is not heard; a look that succeeded after it was due tells."""
    if standing is None or standing.rhythm is None or now <= moment(standing.rhythm.due):
        return None
    heard = standing.last_success is not None and moment(standing.last_success) >= moment(standing.rhythm.due)
    return "publisher_late" if heard else "not_polled"


def tell_silence(silence: Silence, rhythm: Rhythm, last_success: Instant | None, reason: str = "") -> str:
    """A late source in a sentence: what was read last, and how often it usually publishes."""
    within = f" and 19 times in 20 within {tell_span(rhythm.longest)}" if rhythm.longest > rhythm.usual else ""
    habit = f"its last news is of {rhythm.last}, it usually publishes every {tell_span(rhythm.usual)}{within}"
    if silence == "publisher_late":
        return f"nothing new when it was read at {last_success}: {habit}"
    return f"{tell_unread(last_success)}: {habit}" + (f"; {reason}" if reason else "")


def tell_unread(last_success: Instant | None) -> str:
    """Since when a source was not read."""
    return f"not read since {last_success}" if last_success else "never read"


def tell_span(seconds: int) -> str:
    """A span of time as people say it: minutes below two hours, hours below two days, then days."""
    if seconds < 2 * 3600:
        return f"{max(1, round(seconds / 60))} min"
    if seconds < 48 * 3600:
        return f"{round(seconds / 3600)} hours"
    return f"{round(seconds / 86400)} days"
