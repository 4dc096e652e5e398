"""What a page offers, and what a new definition reads of it: pure looking, done where it can stop nothing else.

What is imported here is imported by the processes that read, too, so it stays light: no database, no network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

import extractors
from extractors.suggest import offers
from extractors.suggest.columns import why_no_table
from extractors.suggest.offer import Offer, Way
from extractors.suggest.presets import of_address
from extractors.suggest.proposal import LONGEST_VIEW, PlaceInText, WayView
from model import (
    EXTRACTORS,
    WHOLE,
    Day,
    Fetched,
    Figure,
    Portion,
    Reading,
    Source,
    TextRule,
    UnreadableError,
    UsageError,
    public_url,
)
from model.reading import PART, Cell

_LANG = re.compile(r"""(?i)<html\b[^>]{0,400}?\blang\s*=\s*["']?([a-z]{2})\b""")
_HEAD = 65536

FIRST = 60
"""So many figures that a new definition reads are told one by one."""

MARKED = 40
"""So many places of one offer are marked."""


class Offered(NamedTuple):
    """What was seen in the bytes of a page, as plain data: the ways to read it, what it is, and its language."""

    ways: tuple[Way, ...]
    media_type: str
    is_page: bool
    language: str | None


class ReadBack(NamedTuple):
    """What a new definition reads on its page: values, series, the first and last day, what is in doubt.

    `first` are the first of its figures, each with its series.
    """

    values: int
    series: int
    days: tuple[Day, Day] | None
    doubts: tuple[str, ...]
    first: tuple[tuple[str, Figure], ...] = ()


class Found(NamedTuple):
    """A fetched page, and what it offers; offers are numbered from 1 through all its ways."""

    url: str
    fetched: Fetched
    offered: Offered
    private: bool

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways to read it."""
        return self.offered.ways

    def readable(self, source: Source) -> extractors.Document:
        """The page as a source reads it."""
        content, kind = self.fetched.content or b"", source.reads_with.form or self.offered.media_type
        text = source.prose if source.piece == WHOLE else None
        return extractors.derive(content, media_type=kind, charset=self.fetched.charset, piece=source.piece, text=text)

    def offer(self, number: int) -> tuple[Way, Offer]:
        """An offer by its number. Raises `UsageError` where there is none."""
        numbered = [(way, offer) for way in self.ways for offer in way.offers]
        if not 1 <= number <= len(numbered):
            raise UsageError(f"there is no figure {number}", f"the page offers 1 to {len(numbered)}")
        return numbered[number - 1]


def offered(url: str, fetched: Fetched) -> Offered:
    """What a page offers to follow. Raises `UnreadableError` where it states nothing that can be followed."""
    content = fetched.content or b""
    pieces = extractors.pieces(content)
    if len(pieces) > 1:
        return _in_pieces(url, fetched, pieces)
    kind = _media_type(fetched, extractors.unpacked(extractors.first_page(content)))
    read = partial(extractors.derive, content, media_type=kind, charset=fetched.charset)
    document = read()
    article = document if document.page is None else read(text=TextRule())
    feed = extractors.is_feed(content)
    own = () if feed else tuple(of_address(way, url) for way in offers(document, article))
    ways = (*_of_pdf(content, document), *own, *(() if feed else _embedded(content, fetched.charset, document)))
    if not ways:
        raise UnreadableError(
            f"{public_url(url)} shows no figure or table that can be followed", _hint(document, fetched)
        )
    is_page = document.page is not None
    return Offered(ways, document.media_type, is_page, _language(document, markup(fetched) if is_page else ""))


def _in_pieces(url: str, fetched: Fetched, pieces: Sequence[Portion]) -> Offered:
    """What the files of a ZIP or the sheets of a workbook offer, each a way of its own."""
    read = [(piece, document) for piece in pieces[:_MOST_PIECES] if (document := _piece(fetched, piece))]
    ways = [way for piece, document in read for way in _ways_of(piece, document)]
    if not ways:
        names = ", ".join(dict.fromkeys(piece.sheet or piece.member or "" for piece in pieces[:_MOST_PIECES]))
        raise UnreadableError(f"{url} shows no table that can be followed", f"it holds {names}")
    return Offered(tuple(ways), read[0][1].media_type, is_page=False, language=_language(read[0][1], ""))


def _piece(fetched: Fetched, piece: Portion) -> extractors.Document | None:
    """A file or sheet made readable; None where it is no text, or a page."""
    content = fetched.content or b""
    try:
        kind = extractors.sniff(extractors.unpacked(content, piece.member), piece.member or fetched.url)
        document = extractors.derive(content, media_type=kind, charset=fetched.charset, piece=piece)
    except UnreadableError:
        return None
    return document if document.page is None else None


def _ways_of(piece: Portion, document: extractors.Document) -> Iterator[Way]:
    settings = {name: value for name, value in piece._asdict().items() if value}
    named = " of ".join(reversed([*settings.values()]))
    for way in offers(document):
        yield msgspec.structs.replace(way, title=f"{named}: {way.title}", settings={**settings, **way.settings})


_MOST_PIECES = 20


def _of_pdf(content: bytes, document: extractors.Document) -> Iterator[Way]:
    """The ways to read the tables of a PDF."""
    if document.media_type != "application/pdf":
        return
    try:
        yield from offers(extractors.derive(content, media_type=EXTRACTORS["pdf"].forms[0]))
    except UnreadableError:
        return  # its text was read; tables that ask too much are none that can be followed


def _embedded(content: bytes, charset: str | None, document: extractors.Document) -> Iterator[Way]:
    """The ways to read what a page is drawn from, where that is JSON inside of it."""
    if document.page is None:
        return
    seen: set[str] = set()
    for pattern in extractors.embedded_patterns(content, charset):
        chosen = Portion(embedded=pattern)
        piece = extractors.derive(content, media_type=document.media_type, charset=charset, piece=chosen)
        if piece.text in seen:
            continue
        seen.add(piece.text)
        for way in offers(piece):
            settings = {"embedded": pattern, **way.settings}
            yield msgspec.structs.replace(way, title=f"{way.title}, in the page's script", settings=settings)


def _hint(document: extractors.Document, fetched: Fetched) -> str:
    if extractors.is_feed(fetched.content or b""):
        return "it is a feed of releases; a definition with listing: {url: …} follows them, see docs/sources/README.md"
    if document.page is not None:
        data = "look in a browser's network panel for the address of its data, and give that"
        return data if fetched.picture else f"is it drawn by a script? Say --browser, or {data}"
    if document.media_type == "application/json":
        return "rows are objects that name their numbers; lists of bare numbers are not read"
    why = f": {why_no_table(document)}" if document.media_type in _DELIMITED else ""
    return f"it was read as {document.media_type}{why}"


_DELIMITED = ("text/csv", "text/tab-separated-values")


def views(found: Found, sources: Sequence[Source | None]) -> tuple[WayView, ...]:
    """Each way of a page as it is shown, its offers marked by what a definition with all of them reads.

    `sources` are these definitions, None for a way that has none; then nothing is marked.
    """
    return tuple(_view(found, source) if source else WayView("", "text/plain", {}) for source in sources)


def _view(found: Found, source: Source) -> WayView:
    try:
        document = found.readable(source)
        reading = extractors.read(source, document)
    except UnreadableError:
        return WayView("", "text/plain", {})
    places: dict[str, list[PlaceInText]] = {}
    for series, _day, content, handle in reading.cells:
        mine = places.setdefault(series.partition(PART)[0], [])
        if content and len(mine) < MARKED:
            mine.extend(_place(document.text, reading.figure(handle)))
    kept = {name: tuple(each) for name, each in places.items()}
    return WayView(document.text[:LONGEST_VIEW], document.media_type, kept)


def _place(text: str, figure: Figure) -> Iterator[PlaceInText]:
    """Where a figure stands in its text, and its quote around it; nothing where it is beyond what is shown."""
    if not figure.start < figure.end <= LONGEST_VIEW:
        return
    begins = text.rfind(figure.quote, 0, figure.start + 1) if figure.quote else -1
    ends = begins + len(figure.quote)
    whole = begins >= 0 and ends >= figure.end
    yield (figure.start, figure.end, *((begins, ends) if whole else (figure.start, figure.end)))


def reads(source: Source, found: Found) -> ReadBack:
    """What a definition reads on the page. Raises `UnreadableError` where a chosen figure is missing."""
    reading = extractors.read(source, found.readable(source))
    cells = [cell for cell in reading.cells if cell[2]]
    _refuse_missing(source, {cell[0].partition(PART)[0] for cell in cells})
    _refuse_doubles(reading)
    doubts = tuple(dict.fromkeys(check.message for check in reading.checks if check.result != "pass"))
    first = tuple((cell[0], reading.figure(cell[3])) for cell in cells[:FIRST])
    return ReadBack(len(cells), len({cell[0] for cell in cells}), _span(cells), doubts, first)


def _span(cells: Sequence[Cell]) -> tuple[Day, Day] | None:
    """The first and the last day that cells are of."""
    days = [cell[1] for cell in cells if cell[1] is not None]
    return (min(days), max(days)) if days else None


def _refuse_missing(source: Source, read: set[str]) -> None:
    rules = [*(rule.id for rule in source.figures), *(rule.id for rule in source.series)]
    if missing := [one for one in rules if one not in read]:
        raise UnreadableError(
            f"{', '.join(missing)} would not be read on this page again",
            "follow others, or write the definition by hand",
        )


def _refuse_doubles(reading: Reading) -> None:
    """Raise `UnreadableError` where one series would be stated with several values for one day."""
    values: dict[tuple[str, Any], set[str]] = {}
    for series, day, content, _handle in reading.cells:
        if content:
            values.setdefault((series, day), set()).add(content)
    doubled = [key for key, stated in values.items() if len(stated) > 1]
    if len(doubled) * 2 > len(values):
        series, day = doubled[0]
        told = f"{series.replace(PART, '/')} would be stated with several values" + (f" for {day}" if day else "")
        raise UnreadableError(told, "follow others, or write the definition by hand with `by` or `where`")


def _media_type(fetched: Fetched, content: bytes) -> str:
    """What the bytes are rather than what a server calls them: tables are often served as plain text."""
    sniffed = extractors.sniff(content, fetched.url)
    told = fetched.media_type.partition(";")[0].strip().lower()
    return told if told in ("text/html", "application/xhtml+xml") and sniffed == "text/plain" else sniffed


def markup(fetched: Fetched) -> str:
    """How a page begins, as it was sent."""
    return extractors.decode_page((fetched.content or b"")[:_HEAD], fetched.charset)


def _language(document: extractors.Document, markup: str) -> str | None:
    from extractors.words import languages, shown_language

    code, told = shown_language(document.text[:20000]), _LANG.search(markup)
    if code in (None, "en") and told:  # a few words show little; what a page says of itself is often a template's
        code = told[1].lower()
    return code if code in languages() else None


def article_text(content: bytes, name: str, charset: str | None) -> tuple[str, str]:
    """The text of an article by its bytes and name, and the day of publication that it gives itself ("" for none)."""
    kind = extractors.sniff(content, name)
    made = extractors.derive(content, media_type=kind, charset=charset, text=TextRule())
    return made.text, str(made.dated or "")
