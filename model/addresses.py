"""How a web address is shown and stored: without passwords and keys."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

HIDDEN = "***"

_SECRET = re.compile(
    r"(?:^|[-_.])(?:pass|passwd|password|pwd|secret|token|auth|sig|signature|jwt|credentials?)$"
    r"|(?:api|access|auth|subscription|client|private)[-_.]?(?:key|token|secret|code)$"
    r"|(?:token|secret|password|signature)$",
    re.IGNORECASE,
)
# `key` alone also names records: it is a secret where its value looks like one, so that two records stay two.
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_-]{20,}")


def public_url(url: str) -> str:
    """The address without user name, password and the values of parameters that are named like keys."""
    parts = split_url(url)
    if parts is None:
        return "an address that cannot be read"
    query, fragment = _without_secrets(parts.query), _without_secrets(parts.fragment)
    if "@" not in parts.netloc and (query, fragment) == (parts.query, parts.fragment):
        return url
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query=query, fragment=fragment).geturl()


def public_text(text: str) -> str:
    """A text without user names, passwords and keys in its addresses, and in what is JSON of it."""
    text = re.sub(r"https?://[^\s\"'<>]+", lambda found: public_url(found[0]), text)
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


def _without_secrets(query: str) -> str:
    """A query string with the values of secrets hidden and everything else as it was written."""
    return re.sub(r"(?<![^&;=?])([^&;=?]+)=([^&;]+)", _hidden, query)


def _hidden(pair: re.Match[str]) -> str:
    name = pair[1].replace("%5F", "_").replace("%2D", "-")
    secret = _SECRET.search(name) or (name.lower() == "key" and _RANDOM.fullmatch(pair[2]))
    return f"{pair[1]}={HIDDEN}" if secret else pair[0]
