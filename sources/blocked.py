"""Being turned away: how an answer says that the publisher will not serve us, whatever its status."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

_BY_STATUS = {
    401: "login",
    403: "forbidden",
    407: "proxy_login",
    429: "rate_limited",
    451: "legal",
}

# Whole titles of the interstitial pages themselves; an article about such pages has a longer one.
_CHALLENGE_TITLES = frozenset(
    {
        "just a moment...",
        "attention required! | cloudflare",
        "please wait... | cloudflare",
        "ddos-guard",
        "sucuri website firewall - access denied",
    }
)
_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{1,200})</title", re.IGNORECASE)


def blocked_reason(status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """How an answer turns us away, in a word; None when it does not.

    `headers` are looked up without regard to case; the beginning of `body` is enough. Words: `challenge`, `login`,
    `forbidden`, `proxy_login`, `rate_limited`, `legal`.
    """
    if _is_challenge({name.lower(): value.lower() for name, value in headers.items()}, body):
        return "challenge"
    return _BY_STATUS.get(status)


def _is_challenge(headers: Mapping[str, str], body: bytes) -> bool:
    if headers.get("cf-mitigated") == "challenge" or headers.get("x-amzn-waf-action") in ("challenge", "captcha"):
        return True
    if "html" not in headers.get("content-type", "html"):
        return False
    title = _TITLE.search(body[:65536])
    return title is not None and _words(title[1]) in _CHALLENGE_TITLES


def _words(title: bytes) -> str:
    return " ".join(html.unescape(title.decode("utf-8", "replace")).lower().split())
