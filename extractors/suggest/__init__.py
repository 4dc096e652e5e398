"""What a page offers to follow: its tables, rows and sentences as parts of a definition, ready to be chosen from.

Nothing here guesses what a figure counts: `measure`, `unit` and `whom` come from prose that says so, or from the person
who chooses. Every offer was tried on the page itself: the definition it leads to reads the sample that is shown.
"""

from __future__ import annotations

from typing import Any

import msgspec

from extractors.document import Document
from extractors.registry import suggestions
from model.extractor import ExtractorName
from model.source import Coverage

MOST = 60
"""So many offers are shown at most; a page with more wants a person who writes the definition."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One figure or column that can be followed.

    `rule` is its entry under `figures` or `series`; `sample` is the number as the page prints it, `quote` what stands
    around it; `count` is how many values it has on the page.
    """

    id: str
    label: str
    sample: str
    quote: str
    count: int
    rule: dict[str, Any]


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way to read the page: what a definition needs beside the figures, and the figures to choose from."""

    extractor: ExtractorName
    title: str
    coverage: Coverage
    settings: dict[str, Any]
    offers: tuple[Offer, ...]


def offers(document: Document, article: Document | None = None) -> list[Way]:
    """Every way to read a page that gives at least one figure, the likeliest first.

    `article` is the text that a prose source would read of the page, where it is not all that the page shows.
    """
    own = suggestions(document.media_type) if document.page is None else None
    if own is not None:
        found: list[Way] = own(document)
    else:
        from extractors.suggest.columns import offers_of_tables
        from extractors.suggest.sentences import offers_of_text

        tables = offers_of_tables(document)
        said, numbers = offers_of_text(document, article or document, tabled=bool(tables))
        found = [said, *tables, numbers]
    return [reading for reading in found if reading.offers]
