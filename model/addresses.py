"""How a web address is shown and stored: without passwords and keys."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import SplitResult, unquote, urlsplit

HIDDEN = "***"

_SECRET = re.compile(
    r"(?:^|[-_.])(?:pass|passwd|password|pwd|secret|token|auth|sig|signature|jwt|credentials?)$"
    r"|(?:api|access|auth|subscription|client|private)[-_.]?(?:key|token|secret|code)$"
    r"|(?:token|secret|password|signature)$"
    r"|(?:^|[-_.])(?:j|php|asp|asp\.net[-_])?(?:sess|session)[-_.]?(?:id|key)?$",
    re.IGNORECASE,
)
# These also name records: they are secrets where their value looks like one, so that two records stay two.
_EITHER = frozenset(("key", "sid", "code", "ticket"))
_LETTERS_AND_DIGITS = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_-]{12,}")
_LONG, _SWITCHES = 20, 3
_PAIR = re.compile(r"(?<![^&;=?])([^&;=?]+)=([^&;]+)")
_PATH_PAIR = re.compile(r"(?<![^;/])([^;=/]+)=([^;/]+)")


def public_url(url: str) -> str:
    """The address without user name, password and the values of parameters that are named like keys."""
    parts = split_url(url)
    if parts is None:
        return "an address that cannot be read"
    bare = parts._replace(
        netloc=parts.netloc.rpartition("@")[2],
        path=_PATH_PAIR.sub(_hidden, parts.path),
        query=_PAIR.sub(_hidden, parts.query),
        fragment=_PAIR.sub(_hidden, parts.fragment),
    )
    return url if bare == parts else bare.geturl()


def public_text(text: str) -> str:
    """A text without user names, passwords and keys in its addresses, and in what is JSON of it."""
    text = re.sub(r"https?://[^\s\"'<>]+", lambda found: public_url(found[0]), text, flags=re.IGNORECASE)
    return re.sub(r'"([^"\s]+)"(\s*:\s*)"([^"]+)"', _hidden_member, text)


def _hidden_member(member: re.Match[str]) -> str:
    return f'"{member[1]}"{member[2]}"{HIDDEN}"' if _SECRET.search(member[1]) else member[0]


def split_url(url: str) -> SplitResult | None:
    """The parts of an address; None where it has none."""
    try:
        parts = urlsplit(url)
        _ = parts.hostname, parts.port
    except ValueError:
        return None
    return parts


def _hidden(pair: re.Match[str]) -> str:
    """A parameter as it is shown; everything but a secret's value stays as it was written."""
    secret = _is_secret(unquote(pair[1]), pair[2]) or _leads_on_with_secrets(unquote(pair[2]))
    return f"{pair[1]}={HIDDEN}" if secret else pair[0]


def _is_secret(name: str, value: str) -> bool:
    return _SECRET.search(name) is not None or (name.lower() in _EITHER and _looks_random(value))


def _looks_random(value: str) -> bool:
    """Whether letters and digits stand as no words and numbers do: long, or changing places often."""
    if not _LETTERS_AND_DIGITS.fullmatch(value):
        return False
    switches = sum(one.isdigit() != two.isdigit() for one, two in pairwise(value) if one.isalnum() and two.isalnum())
    return len(value) >= _LONG or switches >= _SWITCHES


def _leads_on_with_secrets(value: str) -> bool:
    """Whether a value is an address of its own that has a user, or a parameter named like a key."""
    if "://" not in value:
        return False
    return "@" in value or any(_is_secret(pair[1], pair[2]) for pair in _PAIR.finditer(value.partition("?")[2]))
