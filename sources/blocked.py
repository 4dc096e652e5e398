"""Being served no report: how an answer says, whatever its status and in many languages, that it is another page.

Words of pages are data (`turned_away.yml`). A phrase counts where it is nearly all that a heading says, or where the
page says hardly anything else: a report about suspended accounts or a page with a cookie banner is none of these.
"""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import NamedTuple

BLOCKED = frozenset(
    {
        "challenge",
        "consent",
        "forbidden",
        "legal",
        "login",
        "parked",
        "proxy_login",
        "rate_limited",
        "robots",
        "suspended",
    }
)
"""The words that mean that a person must do something: the publisher, or whoever has the address now, turns us away."""

_BY_STATUS = {
    401: "login",
    403: "forbidden",
    407: "proxy_login",
    429: "rate_limited",
    451: "legal",
}

LOOKED_AT = 256 * 1024
SHORT, SHORTER, LONGEST = 1000, 300, 6000
"""Code points of visible text: up to the first a phrase anywhere counts, beyond the last not even a heading's."""

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
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,300})</title", re.IGNORECASE)
_HEADING = re.compile(r"<h1[^>]{0,500}>(.{1,400}?)</h1", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|template|svg|head|title|noscript)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_NOSCRIPT = re.compile(r"<noscript\b[^>]*>(.*?)(?:</noscript\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,5000}>")
_PASSWORD = re.compile(r"<input\b[^>]{0,300}type\s*=\s*[\"']?password", re.IGNORECASE)
_MOUNT = re.compile(
    r"<(div|main|section|app-root)\b[^>]{0,200}?(?:id\s*=\s*[\"']?[\w-]{0,30}(?:root|app|next|nuxt|gatsby|mount)[\w-]{0,30}[\"']?"
    r"[^>]{0,200})?>\s*</\1>",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    rb"^\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body|title|meta|script|div|h1|p)\b", re.I | re.S
)
_SEGMENTS = re.compile(r"\s[|–—·•»:-]+\s|[|–—·•»]")
_NOT_WORDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_DIGIT = re.compile(r"\d")


def blocked_reason(status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """How an answer says that it is no report, in a word; None where it may be one.

    `headers` are looked up without regard to case; the beginning of `body` is enough. Words of `BLOCKED` mean that
    the publisher turns us away; `maintenance`, `not_found`, `server_error`, `script_shell` and `error_answer` that it
    failed, and are only given for an answer with a status of success.
    """
    found = {name.lower(): value.lower() for name, value in headers.items()}
    if found.get("cf-mitigated") == "challenge" or found.get("x-amzn-waf-action") in ("challenge", "captcha"):
        return "challenge"
    beginning = body[:LOOKED_AT]
    if is_html(beginning, found.get("content-type", "")):
        page = _PageClues.of(beginning.decode("utf-8", "replace"), body, found.get("content-type", ""))
        if page.title in _CHALLENGE_TITLES:
            return "challenge"
        return _BY_STATUS.get(status) or (_of_page(page) if status < 400 else None)
    return _BY_STATUS.get(status) or (_of_text(beginning) if status < 400 and len(body) < LOOKED_AT else None)


def is_html(beginning: bytes, content_type: str = "") -> bool:
    """Whether bytes are a web page: they begin like one, or are said to be one and hold a tag."""
    if _MARKUP.match(beginning.removeprefix(b"\xef\xbb\xbf")[:4096]):
        return True
    return "html" in content_type and b"<" in beginning[:4096]


class _PageClues(NamedTuple):
    """What of a page bears on the judgement; all in small letters, blanks collapsed."""

    title: str
    headings: tuple[str, ...]
    text: str
    unscripted: str
    asks_password: bool
    is_mount: bool

    @classmethod
    def of(cls, markup: str, body: bytes, content_type: str) -> _PageClues:
        if "�" in markup[:20000]:
            markup = _decoded(body[:LOOKED_AT], content_type) or markup
        markup = _COMMENT.sub(" ", markup)
        title = _TITLE.search(markup)
        told = _words(title[1]) if title else ""
        headings = [_words(_TAG.sub(" ", found[1])) for found in _HEADING.finditer(markup)]
        return cls(
            title=told,
            headings=tuple(part.strip() for part in (*_SEGMENTS.split(told), *headings) if part.strip()),
            text=_words(_TAG.sub(" ", _UNSEEN.sub(" ", markup))),
            unscripted=" ".join(_words(_TAG.sub(" ", found[1])) for found in _NOSCRIPT.finditer(markup)),
            asks_password=_PASSWORD.search(markup) is not None,
            is_mount=_MOUNT.search(markup) is not None and "<script" in markup.lower(),
        )


def _of_page(page: _PageClues) -> str | None:
    size = len(page.text)
    if size > LONGEST:
        return None
    return _in_headings(page) or _in_short(page.text, asks_password=page.asks_password) or _in_scripts(page)


def _in_headings(page: _PageClues) -> str | None:
    for name, phrases in _phrases().items():
        kind = name.removesuffix("_title")
        counts = page.asks_password if name == "login_title" else kind != "script_shell"
        if counts and any(_is_said(heading, phrases) for heading in page.headings):
            return kind
    return None


def _in_short(text: str, *, asks_password: bool = False) -> str | None:
    """What a page says that says hardly anything else; a failing of theirs is told in fewer words than a refusal."""
    if len(text) > SHORT:
        return None
    if asks_password:
        return "login"
    kinds = ((kind, phrases) for kind, phrases in _phrases().items() if kind in BLOCKED or len(text) <= SHORTER)
    said = (kind for kind, phrases in kinds if any(one in text for one in phrases))
    return next((kind for kind in said if kind != "script_shell" and not kind.endswith("_title")), None)


def _in_scripts(page: _PageClues) -> str | None:
    """Whether scripts would draw what the page should say: nothing is said, or only that scripts are needed."""
    if len(page.text) > SHORTER or _DIGIT.search(page.text):
        return None
    told = f"{page.text} {page.unscripted}"
    drawn = page.is_mount or any(one in told for one in _phrases()["script_shell"])
    return "script_shell" if drawn else None


def _is_said(heading: str, phrases: tuple[str, ...]) -> bool:
    """Whether a heading says one of the phrases and next to nothing else."""
    said = _NOT_WORDS.sub("", heading)
    return any(one in said and len(said) <= len(one) * 3 // 2 + 8 for one in phrases)


def _of_text(body: bytes) -> str | None:
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"{", b"["):
        return _of_json(start) if len(start) < 16384 else None
    if not start or start[:1] == b'"' or len(start) > SHORTER or b"\0" in start:
        return None
    return _in_short(_words(start.decode("utf-8", "replace")))


_FAULTS = ("error", "errors", "fault", "exception")
_ABOUT = frozenset(
    {
        "code",
        "detail",
        "details",
        "documentation_url",
        "error",
        "errors",
        "exception",
        "fault",
        "instance",
        "message",
        "messages",
        "msg",
        "ok",
        "path",
        "reason",
        "request_id",
        "requestid",
        "status",
        "status_code",
        "statuscode",
        "success",
        "timestamp",
        "title",
        "trace",
        "trace_id",
        "type",
        "url",
    }
)
_FAILED_STATUS = re.compile(r"[45]\d\d|error|fail(ed|ure)?", re.IGNORECASE)


def _of_json(body: bytes) -> str | None:
    """What a short JSON answer that tells of an error and holds nothing else says."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not value:
        return None
    low = {str(name).lower(): one for name, one in value.items()}
    statuses = (str(low.get(name)) for name in ("status", "statuscode", "status_code", "code"))
    fails = (
        any(low.get(name) for name in _FAULTS)
        or any(low.get(name) is False for name in ("success", "ok"))
        or any(_FAILED_STATUS.fullmatch(status) for status in statuses)
        or low.keys() in ({"message"}, {"detail"})
    )
    if not fails or low.keys() - _ABOUT:
        return None
    return _in_short(" ".join(_texts(value))) or "error_answer"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield _words(value)
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _decoded(body: bytes, content_type: str) -> str | None:
    declared = re.search(rb"charset\s*=\s*[\"']?([\w.:-]{2,40})", content_type.encode("ascii", "replace") + body[:4096])
    try:
        return body.decode(declared[1].decode("ascii"), "replace") if declared else None
    except (LookupError, UnicodeError, ValueError):
        return None


def _words(text: str) -> str:
    return " ".join(html.unescape(text).replace("’", "'").lower().split())


@functools.cache
def _phrases() -> dict[str, tuple[str, ...]]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = yaml.load(resources.files("sources").joinpath("turned_away.yml").read_text("utf-8"), Loader=loader)
    return {kind: tuple(phrases) for kind, phrases in found.items()}
