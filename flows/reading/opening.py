"""From fetched bytes to what they say: one road for refresh, try, extract, backfill and replay.

What is imported here is imported by the processes that read, too, so it stays light: no database, no network.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import extractors
from extractors.paged import PageTurn
from extractors.statement import TYPED
from model import Day, Fetched, Reading, Snapshot, Source
from sources.forms import refuse_garbled, refuse_wrong_form

_UNTOLD = frozenset(("", "text/plain", "application/octet-stream", "binary/octet-stream"))


class Opened(NamedTuple):
    """A release made readable, with the media type that its bytes were taken for."""

    media_type: str
    document: extractors.Document


class Read(NamedTuple):
    """What one release says, as plain data: its media type, its text, when it was published, and its figures."""

    media_type: str
    text: str
    published: Day | None
    reading: Reading


class Made(NamedTuple):
    """What a function here came to, in a process that reads."""

    made: Any


def open_release(source: Source, fetched: Fetched, *, article: bool = False) -> Opened:
    """Fetched bytes as the document that is read; an `article` may date itself.

    Raises `UnreadableError` where they are no report of the kind that the definition is written for.
    """
    content = fetched.content or b""
    refuse_wrong_form(source, extractors.first_page(content))
    kind = _media_type(source, fetched, content)
    document = extractors.derive_for(source, fetched, kind)
    refuse_garbled(document.text, fetched.charset)
    if article:
        document.published = document.dated
    return Opened(kind, document)


def read_release(source: Source, fetched: Fetched, article: bool = False) -> Read:
    """Open a release and read it, here and now. Raises `UnreadableError` where it is no report."""
    kind, document = open_release(source, fetched, article=article)
    return Read(kind, document.text, document.published, extractors.read(source, document))


def turn_page(source: Source, fetched: Fetched) -> PageTurn:
    """What one page says of those that follow, here and now. Raises `UnreadableError` where it is no page."""
    return extractors.turn(source, open_release(source, fetched).document)


def archived(source: Source, snapshot: Snapshot, content: bytes) -> Fetched:
    """Archived bytes as they were fetched, to be read again."""
    return Fetched(
        url=source.url or source.id,
        at=snapshot.known_at,
        status=200,
        content=content,
        media_type=snapshot.media_type,
        charset=snapshot.charset,
        published=snapshot.published,
    )


def _media_type(source: Source, fetched: Fetched, content: bytes) -> str:
    """What the bytes are: a table's form is the definition's word; servers often mislabel it, or say nothing."""
    if fetched.media_type == TYPED:
        return TYPED
    if source.reads_with.form is not None:
        return source.reads_with.form
    return extractors.sniff(content, fetched.url) if fetched.media_type in _UNTOLD else fetched.media_type
