"""Where things stand in a site: an address depends on a key, a day and a time of knowledge alone, and never changes."""

from __future__ import annotations

import hashlib
import re

from model import Day, Instant, is_minute

LONGEST = 120
"""A folder's name has so many signs; a longer one ends in a digest of the whole."""

_PLAIN = re.compile("[a-z0-9_-]")


def folder(series: str) -> str:
    """The folder of a series: its key in letters that every system takes, one folder a key."""
    name = ".".join("".join(_letter(sign) for sign in part) for part in series.split("/"))
    if len(name) > LONGEST:
        name = f"{name[: LONGEST - 17]}~{hashlib.sha256(series.encode()).hexdigest()[:16]}"
    return f"series/{name}"


def year_of(as_of: Day) -> str:
    """The page of a series on which a day stands: its year, of minutes the month."""
    return as_of[:7] if is_minute(as_of) else as_of[:4]


def anchor(as_of: Day, known_at: Instant) -> str:
    """The place on that page of what was known of a day at a time."""
    return f"{as_of}_{known_at}"


def cited(as_of: Day, known_at: Instant) -> str:
    """The address to cite, within the folder of the series."""
    return f"{year_of(as_of)}.html#{anchor(as_of, known_at)}"


def frozen(known_at: Instant) -> str:
    """The page, within the folder of the series, on which its chart stands as it was known at a time."""
    return f"frozen-{known_at.replace(':', '').replace('-', '')}.html"


def _letter(sign: str) -> str:
    return sign if _PLAIN.match(sign) else f"~{ord(sign):x}~"
