"""Numbers, hedges and dates as people write them."""

from __future__ import annotations

import re
from decimal import Decimal

from model.figure import Figure, Qualifier
from model.times import Day, Instant, is_minute, moment

ARROW = "→"
MINUS = "\u2212"

_HEDGES: dict[Qualifier, str] = {
    "exact": "",
    "approximately": "about",
    "more_than": "more than",
    "less_than": "less than",
    "range": "",
}
_OWN_WORDS: dict[Qualifier, re.Pattern[str]] = {
    "approximately": re.compile(r"(?i)(about|around|some|roughly|approximately|nearly|almost|close to)\b"),
    "more_than": re.compile(r"(?i)(over|above|more than|at least|no fewer than|no less than|well over)\b"),
    "less_than": re.compile(r"(?i)(under|below|less than|fewer than|nearly|almost|up to|at most|no more than)\b"),
}
# Not calendar.month_name, which follows the machine's locale.
_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]


def number(value: Decimal) -> str:
    """Write an exact decimal with thousands commas and a real minus: `121,507`, `−4`, `0.25`."""
    return format(value, ",f").replace("-", MINUS)


def signed(value: Decimal) -> str:
    """Write a difference with its sign: `+2,353`, `−4`, `0`."""
    return f"+{number(value)}" if value > 0 else number(value)


def hedge(figure: Figure) -> str:
    """The hedge in English words, the source's own where they are English: `over`, `about`, or nothing."""
    own = _OWN_WORDS.get(figure.qualifier)
    found = own.match(figure.number_text) if own else None
    return found[1].lower() if found else _HEDGES[figure.qualifier]


def amount(figure: Figure) -> str:
    """The number without its hedge: `121,507`, `189,000 to 273,000`, `13%`, `3 to 1`; `blank` where there is none."""
    if figure.value is not None:
        text = number(figure.value)
    elif figure.low is not None and figure.high is not None:
        text = f"{number(figure.low)} to {number(figure.high)}"
    elif figure.low is not None or figure.high is not None:
        text = (
            f"{number(figure.low)} or more" if figure.low is not None else f"up to {number(figure.high or Decimal())}"
        )
    else:
        return "blank"
    return text + {"percent": "%", "ratio": " to 1"}.get(figure.unit, "")


def told(figure: Figure) -> str:
    """The number with its hedge in front: `about 28,000`."""
    return " ".join(filter(None, (hedge(figure), amount(figure))))


def day(as_of: Day) -> str:
    """Write a date: `31 July 2025`; a minute with its time: `31 July 2025, 06:04 UTC`."""
    year, month, date = as_of[:10].split("-")
    return f"{int(date)} {_MONTHS[int(month) - 1]} {year}{time_of(as_of)}"


def newness(as_of: Day) -> int:
    """A number that is larger the newer an as-of is."""
    return int("".join(filter(str.isdigit, as_of)).ljust(len("202511050231"), "0"))


def time_of(as_of: Day) -> str:
    """The time of day of a minute, `, 06:04 UTC`; nothing of a date."""
    return f", {as_of[11:16]} UTC" if is_minute(as_of) else ""


def days(first: Day, last: Day) -> str:
    """Write a span of dates, saying what is common once: `3 to 31 July 2025`."""
    if first == last:
        return day(first)
    if time_of(first) or time_of(last):
        return f"{day(first)} to {day(last)}"
    start, end = day(first).split(), day(last).split()
    while len(start) > 1 and start[-1] == end[len(start) - 1]:
        start.pop()
    return f"{' '.join(start)} to {' '.join(end)}"


def known_day(at: Instant) -> str:
    """The day of an instant, in UTC: `18 July 2025`."""
    return day(Day(at[:10]))


def clock(at: Instant) -> str:
    """The time of day of an instant, in UTC: `06:00`."""
    return moment(at).strftime("%H:%M")


def count_of(count: int, noun: str, nouns: str | None = None) -> str:
    """Write a count with its noun: `1 day`, `1,626 days`."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
