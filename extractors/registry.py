"""From the table of extractors (`model.extractor`) to their code, which is imported when it is first used."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol, cast

from extractors.document import Document
from extractors.paged import PageTurn
from model import EXTRACTORS, Extractor, Reading, Source


class ExtractorModule(Protocol):
    """What the module of an extractor has.

    `VERSION` names one way of reading: it is raised whenever the same bytes may be read differently, by this module or
    by what it rests on. The golden files (`python -m tests.golden`) take no changed reading until it is.
    """

    VERSION: int

    def read(self, source: Source, document: Document) -> Reading:
        """The figures of a document, as a source's definition follows them."""
        ...


class PagedModule(Protocol):
    """What the module of an extractor has that can read pages."""

    def turn(self, source: Source, document: Document) -> PageTurn:
        """What one page says of those that follow. Raises `UnreadableError` where it is none."""
        ...


def module_of(extractor: Extractor) -> ExtractorModule:
    """The code of an extractor."""
    return cast(ExtractorModule, import_module(f"extractors.{extractor.module}"))


def suggestions(media_type: str) -> Callable[[Document], Any] | None:
    """What finds the offers of documents that one extractor alone reads; None for pages and texts."""
    for extractor in EXTRACTORS.values():
        if media_type in extractor.forms and extractor.suggest:
            module, _, name = extractor.suggest.partition(":")
            return cast(Callable[[Document], Any], getattr(import_module(f"extractors.{module}"), name))
    return None
