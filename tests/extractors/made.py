"""Sources and readings for the extractors' tests, made by us."""

from __future__ import annotations

from typing import Any

import msgspec

import extractors
from model import Day, Reading, Source

KINDS = {"csv": "text/csv", "json": "application/json", "table": "text/html", "selectors": "text/html"}


def source(extractor: str, figures: list[dict[str, Any]], **more: Any) -> Source:
    """A definition with the required keys filled in."""
    required = {
        "id": "made",
        "title": "Made for a test",
        "publisher": {"name": "Us"},
        "method": "Made up.",
        "basis": "counted",
        "tried_live": "never",
        "url": "https://example.org/",
    }
    return msgspec.convert({**required, "extractor": extractor, "figures": figures, **more}, Source)


def read(definition: Source, text: str, media_type: str | None = None, published: str | None = None) -> Reading:
    """Read a text by a definition, with the media type that its extractor usually meets."""
    return extractors.read(definition, document(definition, text, media_type, published))


def document(
    definition: Source, text: str, media_type: str | None = None, published: str | None = None
) -> extractors.Document:
    """The readable form of a text, as the pipeline would derive it."""
    kind = media_type or KINDS[definition.extractor]
    return extractors.derive(text.encode(), media_type=kind, published=Day(published) if published else None)


def cells(reading: Reading) -> list[tuple[str, str | None, str]]:
    """The cells without their handles, parts of a reference joined by a bar."""
    return [(series.replace("\x1f", "|"), day, content) for series, day, content, _ in reading.cells]


def checks(reading: Reading) -> list[str]:
    """The names of the checks of a reading."""
    return [check.name for check in reading.checks]
