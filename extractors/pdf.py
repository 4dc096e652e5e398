"""The text of a PDF, read by a process of its own that may use so much memory and time and no more."""

from __future__ import annotations

from extractors.apart import BROKEN, ENCRYPTED, HINT, TOO_LONG, Limits, read_apart
from model import UnreadableError

SECONDS = 30
MEMORY = 768 * 2**20
MOST_TEXT = 16 * 2**20
"""Bytes of the text, in UTF-8."""

MOST_PAGES = 2000

_SAYS = {
    ENCRYPTED: "is encrypted",
    BROKEN: "is broken",
    TOO_LONG: f"holds more than {MOST_TEXT // 2**20} MiB of text, or more than {MOST_PAGES:,} pages",
}


def pdf_text(content: bytes) -> str:
    """The text of a PDF, its pages apart by an empty line; raises `UnreadableError` where it gives none."""
    told = read_apart("PDF", content, Limits(MEMORY, SECONDS), (MOST_TEXT, MOST_PAGES), _SAYS)
    text = told.decode("utf-8", "replace")
    if not text.strip():
        raise UnreadableError("the release is a PDF that holds no text, perhaps a scan", HINT, reason="picture")
    return text
