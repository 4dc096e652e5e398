"""Where an address leads: what counts as another place, and what is said of it."""

from __future__ import annotations

from urllib.parse import unquote

from model import Fetched, public_url, split_url

_LONGEST = 200


def led_elsewhere(asked: str, found: str) -> bool:
    """Whether an answer came from another host or path than was asked for.

    Another scheme (http to https), a port that says the same, a slash at the end and other parameters are no other
    place.
    """
    return _place(asked) != _place(found)


def tell_way(asked: str, fetched: Fetched, key: str = "url") -> str:
    """What is said of an answer that came from elsewhere; empty where it came from where it was asked for.

    Of an address that has moved for good, what to write in the definition (as `key`). Of any other redirect only what
    stays the same from look to look: parts of the path with digits, such as days and digests, are left out.
    """
    shown = public_url(asked)
    if fetched.moved and led_elsewhere(shown, public_url(fetched.moved)):
        there = public_url(fetched.moved)
        return f"{_cut(shown)} has moved for good; write `{key}: {_cut(there)}` in the definition"
    if not led_elsewhere(shown, fetched.url):
        return ""
    return f"{_cut(shown)} is answered from {_cut(_steady(fetched.url))}"


def _place(url: str) -> tuple[str, int | None, str]:
    parts = split_url(url)
    if parts is None:
        return url, None, ""
    port = None if parts.port in (80, 443) else parts.port
    return (parts.hostname or "").rstrip("."), port, unquote(parts.path).rstrip("/")


def _steady(url: str) -> str:
    parts = split_url(url)
    if parts is None:
        return url
    path = "/".join("…" if any(map(str.isdigit, step)) else step for step in parts.path.split("/"))
    return parts._replace(path=path, query="", fragment="").geturl()


def _cut(url: str) -> str:
    return url if len(url) <= _LONGEST else f"{url[:_LONGEST]}…"
