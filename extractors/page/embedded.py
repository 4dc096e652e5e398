"""JSON inside of pages and scripts: what a page is drawn from, found by a pattern that its text must fit.

Looked at, in their order: script elements that hold JSON (`__NEXT_DATA__`, linked data), `JSON.parse('…')` literals,
and objects or lists that a name is set to (`window.DATA = {…}`). Nothing is executed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from extractors.patterns import find
from model import UnreadableError

_SCRIPTS = re.compile(r"<script\b(?=[^<>]*\bjson\b)[^<>]*+>((?:[^<]++|<(?!/script))*+)", re.IGNORECASE)
"""One that is not closed goes on to the end of the page, as it does in browsers."""
_PARSED = re.compile(
    r"""JSON\.parse\(\s*(?:'((?:[^'\\]++|\\.)*+)'|"((?:[^"\\]++|\\.)*+)"|`((?:[^`\\]++|\\.)*+)`)\s*\)""", re.DOTALL
)
_SET = re.compile(r"[=:(]\s*(?=[{\[]\s*[\"{\[])")
_NAME = re.compile(r'"([\w -]{1,60})"\s*:')
_SMALLEST = 12
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_decoder = json.JSONDecoder(strict=False)


def embedded_json(text: str, pattern: str) -> str:
    """The text of the first piece of JSON in a page or script that fits a pattern, as it would stand in a file.

    Raises `UnreadableError` where no piece does.
    """
    for piece in _pieces(text):
        if find(pattern, piece, (0, len(piece))):
            return piece
    raise UnreadableError(f"no JSON inside this page fits {pattern!r}", "the page may draw its figures from elsewhere")


def telling_patterns(text: str) -> Iterator[str]:
    """A pattern for each piece of JSON in a page that could hold figures: the first name that tells it apart."""
    seen: list[str] = []
    for piece in _pieces(text):
        if len(piece) < _SMALLEST or "@context" in piece[:200] or any(piece in one for one in seen):
            continue
        seen.append(piece)
        for name in dict.fromkeys(_NAME.findall(piece, 0, 2000)):
            pattern = f'"{name}"'
            if embedded_json(text, pattern) == piece:
                yield pattern
                break


def _pieces(text: str) -> Iterator[str]:
    for found in _SCRIPTS.finditer(text):
        yield found[1].strip()
    for found in _PARSED.finditer(text):
        yield _unescaped(found[1] or found[2] or found[3] or "")
    at = 0
    while opened := _SET.search(text, at):
        at = opened.end()
        try:
            _, end = _decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            continue
        yield text[at:end]
        at = end


def _unescaped(literal: str) -> str:
    def plain(found: re.Match[str]) -> str:
        code = found[1] or found[2] or found[3]
        if code is None:
            return _LETTERS.get(found[4], found[4])
        return chr(int(code, 16)) if int(code, 16) <= 0x10FFFF else "\ufffd"

    text = _ESCAPE.sub(plain, literal)
    # Two escapes may be the halves of one character.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
