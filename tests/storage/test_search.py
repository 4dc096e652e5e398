"""Searching the ledger: numbers, words, names, in their order, and how each stands."""

from __future__ import annotations

import hashlib
from decimal import Decimal

from model import Day, Figure, FigureRule, Instant, Reader, Reading, Snapshot
from storage import ReadRelease
from tests.storage.books import Book, source

PROSE = source(
    "courier", figures=(FigureRule(id="missing", css="p", pattern="x", unit="people"),), coverage="latest"
)  # fmt: skip
PROSE_READER = Reader("selectors", 1, "options")


def say(book: Book, known_at: str, sentence: str, number: str, by: tuple[str, ...] = ()) -> str:
    """Record a text whose first sentence states a number; returns its digest."""
    text = f"{sentence} Nobody else was named, but Olena was near."
    digest = book.archive.put(text.encode())
    assert digest == hashlib.sha256(text.encode()).hexdigest()
    snapshot = Snapshot(
        sha256=digest, text_sha256=digest, size=len(text.encode()), media_type="text/plain",
        known_at=Instant(known_at),
    )  # fmt: skip
    start = sentence.index(number)
    figure = Figure(
        value=Decimal(number.replace(",", "")), unit="people", measure="missing", quote=sentence, number_text=number,
        start=start, end=start + len(number), attributed_to=by,
    )  # fmt: skip
    reading = Reading([("missing", Day(known_at[:10]), figure.content, 0)], lambda _handle: figure)
    book.ledger.record(book.source, ReadRelease(snapshot, text, reading, PROSE_READER, hold=False))
    return digest
