"""A late source: whether it says nothing new, or we could not have heard it. The two are never mixed up."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from model import Instant, moment
from storage import Rhythm, Standing

Silence = Literal["source silent", "we are blind"]
"""Two that look alike and are not: the source says nothing new, or we could not have heard it."""


def silence_of(standing: Standing | None, now: dt.datetime) -> Silence | None:
    """Whether a source that is late says nothing new, or is not heard; a look that succeeded after it was due tells."""
    if standing is None or standing.rhythm is None or now <= moment(standing.rhythm.due):
        return None
    heard = standing.last_success is not None and moment(standing.last_success) >= moment(standing.rhythm.due)
    return "source silent" if heard else "we are blind"


def tell_silence(silence: Silence, rhythm: Rhythm, last_success: Instant | None, reason: str = "") -> str:
    """A late source in a sentence: what was heard last, how often it speaks, and whose the silence is."""
    habit = f"its last news is of {rhythm.last}, it usually speaks every {tell_span(rhythm.usual)}"
    within = f" and 19 times in 20 within {tell_span(rhythm.longest)}" if rhythm.longest > rhythm.usual else ""
    if silence == "source silent":
        return f"source silent: {habit}{within}; we looked at {last_success} and it said nothing new"
    blind = f"the last look that succeeded was at {last_success}" if last_success else "no look has succeeded"
    return f"we are blind: {blind}; {habit}{within}" + (f"; {reason}" if reason else "")


def tell_span(seconds: int) -> str:
    """A span of time as people say it: minutes below two hours, hours below two days, then days."""
    if seconds < 2 * 3600:
        return f"{max(1, round(seconds / 60))} min"
    if seconds < 48 * 3600:
        return f"{round(seconds / 3600)} hours"
    return f"{round(seconds / 86400)} days"
