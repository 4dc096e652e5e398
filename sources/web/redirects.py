"""Where an address leads: what counts as another place, and what does not."""

from __future__ import annotations

from urllib.parse import unquote

from model import split_url


def led_elsewhere(asked: str, found: str) -> bool:
    """Whether an answer came from another host or path than was asked for.

    Another scheme (http to https), a port that says the same, a slash at the end and other parameters are no other
    place.
    """
    return _place(asked) != _place(found)


def _place(url: str) -> tuple[str, int | None, str]:
    parts = split_url(url)
    if parts is None:
        return url, None, ""
    port = None if parts.port in (80, 443) else parts.port
    return (parts.hostname or "").rstrip("."), port, unquote(parts.path).rstrip("/")
