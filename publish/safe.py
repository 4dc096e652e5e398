"""Text from outside is hostile: one function makes it safe at every exit."""

from __future__ import annotations

import html
import re
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

Exit = Literal["terminal", "html", "markdown", "csv"]
"""Where a text leaves us."""


def safe(text: str, for_: Exit) -> str:
    """Make a text from outside harmless for one exit, on one line.

    At every exit line breaks become spaces, control characters become visible signs, and what is invisible or turns
    the reading direction is dropped. Then HTML is escaped (for content and quoted attributes), Markdown is escaped
    (also for a table cell), or a CSV cell that a spreadsheet would calculate gets an apostrophe in front. For a
    terminal, print the result without a markup language of your own around it.

    Raises `ValueError` for an exit it does not know.
    """
    cleaned = _clean(text)
    if for_ == "terminal":
        return cleaned
    if for_ == "html":
        return html.escape(cleaned, quote=True)
    if for_ == "markdown":
        return _markdown(cleaned)
    if for_ == "csv":
        return _csv(cleaned)
    raise ValueError(f"{for_!r} is no exit")


def web_address(url: str | None) -> str | None:
    """Return an http(s) address without user and password, or None when it is no such address."""
    try:
        parts = urlsplit(_clean(url or "").strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return urlunsplit((parts.scheme, host + port, parts.path, parts.query, parts.fragment))


_BREAKS = re.compile("\r\n|[\t\n\v\f\r\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_BROKEN = re.compile("[\ud800-\udfff\ufffe\uffff]")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Joiners belong to the spelling of these scripts and to emoji; anywhere else they only hide.
_JOINED = "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u2600-\u27bf\ufe0e\ufe0f\U0001f000-\U0001faff"
_JOINERS = re.compile(f"(?<![{_JOINED}])[\u200c\u200d]+|[\u200c\u200d]+(?![{_JOINED}\u200c\u200d])")
_JOINER_RUNS = re.compile("([\u200c\u200d])[\u200c\u200d]+")
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_PILES = re.compile(f"([{_MARKS}]{{4}})[{_MARKS}]+")
_ORDINARY = re.compile(r"[ -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u058f\u2010-\u2027\u2030-\u205e]*")


def _clean(text: str) -> str:
    if _ORDINARY.fullmatch(text):
        return text
    text = _BREAKS.sub(" ", text)
    text = _CONTROLS.sub(_picture, text)
    text = _BROKEN.sub("\ufffd", text)
    text = _JOINER_RUNS.sub(r"\1", _UNSEEN.sub("", text))
    return _PILES.sub(r"\1", _JOINERS.sub("", text))


def _picture(control: re.Match[str]) -> str:
    code = ord(control[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKDOWN = re.compile(r"[\\`*_{}\[\]#!|~$^@]|:(?=//)|(?<=www)\.", re.IGNORECASE)


def _markdown(text: str) -> str:
    text = _MARKDOWN.sub(r"\\\g<0>", text.strip())
    # A list, a rule or a heading begins only at the start of a line, and there is but one line.
    start = re.match(r"[-+=:]|\d{1,9}[.)]", text)
    if start:
        text = f"{text[: start.end() - 1]}\\{text[start.end() - 1 :]}"
    return text.translate(_ENTITIES)


_FORMULA = re.compile(r"\s*[=+\-@\uff0b\uff0d\uff1d\uff20]")
_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d+)?|\.\d+)\s*", re.ASCII)


def _csv(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
