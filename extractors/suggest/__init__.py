"""What a page offers to follow: its tables, rows and sentences as parts of a definition, ready to be chosen from.

Nothing here guesses what a figure counts: `measure`, `unit` and `whom` come from prose that says so, or from the person
who chooses. Every offer was tried on the page itself: the definition it leads to reads the sample that is shown.
"""

from __future__ import annotations

from extractors.document import Document
from extractors.registry import suggestions
from extractors.suggest.asked import asked_of
from extractors.suggest.columns import offers_of_tables
from extractors.suggest.offer import Way
from extractors.suggest.sentences import offers_of_text


def offers(document: Document, article: Document | None = None) -> list[Way]:
    """Every way to read a page that gives at least one figure, the likeliest first.

    `article` is the text that a prose source would read of the page, where it is not all that the page shows.
    """
    own = suggestions(document.media_type) if document.page is None else None
    if own is not None:
        found: list[Way] = own(document)
    else:
        tables = offers_of_tables(document)
        said, numbers = offers_of_text(document, article or document, tabled=bool(tables))
        found = [said, *tables, numbers]
    return [asked_of(reading, document.text) for reading in found if reading.offers]
