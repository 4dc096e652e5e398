"""Text laid out as a reader sees it, whatever tree it comes from.

Blocks stand on lines of their own, a table's row on one line with its cells parted by tabs, inline text is joined, and
white space is folded into one space. A no-break or thin space between two digits is kept as it is: there it says "one
number", where a plain space may part two; anywhere else it is folded like the rest, so that patterns need only know
plain spaces. Script, style, template, noscript, head, comments and struck text (`del`, `s`) are left out, and so are
zero-width spaces and soft hyphens. A lowered number after a digit is not another digit, and is parted by a space.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from model import UnreadableError

RAISED = frozenset(("sup", "sub"))
_UNPRINTED = ("head", "script", "style", "template", "noscript", "svg", "iframe", "object")
DROPPED = frozenset((*_UNPRINTED, "del", "s", "strike"))
_CELLS = frozenset(("td", "th"))
_NOT_SHOWN = re.compile(r"(?i)(?:^|;)\s*display\s*:\s*none\b")
_BLOCK_NAMES = """
    address article aside blockquote body br caption dd details dialog div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre search section select
    summary table tbody tfoot thead tr ul
"""
BLOCKS = frozenset(_BLOCK_NAMES.split())
_NUMBER_SPACES = frozenset("\u00a0\u2005\u2006\u2007\u2008\u2009\u200a\u202f")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Tags that close themselves, or are closed by the next of their kind: they do not nest, however many stand open.
_FLAT_NAMES = """
    area base br col embed hr img input link meta param source track wbr p li td th tr thead tbody tfoot colgroup option
    optgroup dt dd rp rt body html head
"""
_FLAT = frozenset(_FLAT_NAMES.split())
_DEEPEST = 1000
_ABOVE = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_NOTE = re.compile(r"[,;\s]*\d[\d,;\s]*", re.ASCII)
_GAPS = re.compile(r"[ \t\n\r\f\v]+")
_SPACES = re.compile(r"[ \t]+")
_RUN = re.compile(r"\s+|\S+(?: \S+)*")
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u2060\ufeff\u00ad"))
_RANK = {"": 0, " ": 2, "\t": 3, "\n": 4}


def is_dropped(name: str, style: str | None) -> bool:
    """Whether nothing of an element is read: what is never shown, and what its own style hides within a line.

    A block that is hidden may be a tab that a reader opens; within a line it is a sort key or a word for machines.
    """
    if name in DROPPED:
        return True
    return bool(style) and name not in BLOCKS and name not in _CELLS and bool(_NOT_SHOWN.search(style or ""))


def is_concealed(attributes: Mapping[str, str]) -> bool:
    """Whether an element's own attributes hide it from a reader."""
    style = attributes.get("style")
    return "hidden" in attributes or (bool(style) and bool(_NOT_SHOWN.search(style or "")))


def raised(text: str) -> str:
    """The mark of a note as it is printed, above the line: `1` becomes `¹`; other raised text is as it is."""
    return text.translate(_ABOVE) if _NOTE.fullmatch(text) else text


def refuse_too_deep(markup: str) -> None:
    """Raise `UnreadableError` for markup that nests deeper than any page made for reading."""
    # The parser's time grows with depth times length; nothing a person reads comes near the limit.
    depth = 0
    for closing, name in _TAG.findall(markup):
        if name.lower() not in _FLAT:
            depth = max(0, depth - 1) if closing else depth + 1
            if depth > _DEEPEST:
                raise UnreadableError(f"the page nests more than {_DEEPEST} elements, which no report does")


class Ink:
    """Text as it is written down: gaps are pending until a word follows, and the widest wins.

    With `parting` a number that one element ends and a word that the next begins stand apart ("63" "killed").
    """

    def __init__(self, *, parting: bool = False) -> None:
        self._parting = parting
        self.length = 0
        self._chunks: list[str] = []
        self._gap = ""
        self._last = ""
        self._cell_opens = False

    def text(self) -> str:
        """All that was written so far."""
        return "".join(self._chunks)

    def _wait(self, mark: str) -> None:
        if not self._cell_opens and _RANK.get(mark, 1) > _RANK.get(self._gap, 1 if self._gap else 0):
            self._gap = mark

    def open(self, name: str) -> None:
        """Begin an element: a cell, a block, or what stands in the line."""
        if name in _CELLS:
            self._gap = "\n" if self._gap == "\n" else "\t"
            self._cell_opens = True
        elif name in BLOCKS:
            self._wait("\n")

    def close(self, name: str) -> None:
        """End an element."""
        if name in _CELLS:
            self._cell_opens = False
            self._gap = ""
        elif name in BLOCKS:
            self._wait("\n")

    def _word(self, word: str, raised: bool) -> None:
        gap, self._gap, self._cell_opens = self._gap, "", False
        between_digits = self._last.isdigit() and word[0].isdigit()
        if gap in _NUMBER_SPACES and not between_digits:
            gap = " "
        if not gap and (between_digits if raised else self._parting and self._apart(word)):
            gap = " "
        if self.length:
            self._chunks.append(gap)
            self.length += len(gap)
        self._chunks.append(word)
        self.length += len(word)
        self._last = word[-1]

    def _apart(self, word: str) -> bool:
        return (self._last.isdigit() and word[0].isalpha()) or (self._last.isalpha() and word[0].isdigit())

    def write(self, text: str, raised: bool, pre: bool) -> None:
        """Write a piece of text; `raised` where it stands above or below the line, `pre` where its lines are kept."""
        if not pre and text.isascii():
            self._plain(text, raised)
            return
        folded = (_SPACES if pre else _GAPS).sub(" ", text.translate(_UNSEEN))
        for run in _RUN.findall(folded):
            if not run[0].isspace():
                self._word(run, raised)
                raised = False
            elif pre and "\n" in run:
                self._wait("\n")
            else:
                self._wait(run if run in _NUMBER_SPACES else " ")

    def _plain(self, text: str, raised: bool) -> None:
        """Write text in which no space and no character is special."""
        words = " ".join(text.split())
        if not words or text[0].isspace():
            self._wait(" ")
        if words:
            self._word(words, raised)
            if text[-1].isspace():
                self._wait(" ")
