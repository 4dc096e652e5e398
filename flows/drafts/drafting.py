"""A source without writing code: a page is fetched, what it offers is chosen from, and a definition is written."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
import yaml

import extractors
from extractors.suggest import offers
from extractors.suggest.columns import why_no_table
from extractors.suggest.offer import Offer, Way, slug
from extractors.suggest.presets import of_address
from flows.desk import Desk
from flows.drafts.definitions import write_definition
from flows.fetching.pages import fetch_first
from flows.reading.apart import apart
from model import (
    EXTRACTORS,
    PRESETS,
    WHOLE,
    Day,
    Fetched,
    FetchError,
    Paging,
    Portion,
    Publisher,
    Reading,
    Source,
    TextRule,
    UnreadableError,
    UsageError,
    day_of,
    public_url,
)
from model.reading import PART
from sources.catalogue.reference import SCHEMA, SCHEMA_LINE

_LANG = re.compile(r"""(?i)<html\b[^>]{0,400}?\blang\s*=\s*["']?([a-z]{2})\b""")
_HEAD = 65536
_TITLE = re.compile(r"(?is)<title[^>]*>(.{1,200}?)</title>")


class Offered(NamedTuple):
    """What was seen in the bytes of a page, as plain data: the ways to read it, what it is, and its language."""

    ways: tuple[Way, ...]
    media_type: str
    is_page: bool
    language: str | None


class ReadBack(NamedTuple):
    """What a new definition reads on its page: values, series, the first and last day, and what is in doubt."""

    values: int
    series: int
    days: tuple[Day, Day] | None
    doubts: tuple[str, ...]


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


def look(desk: Desk, url: str, *, browser: bool = False) -> Found:
    """Fetch a page, drawn by a browser where a person says so, and find what it offers.

    A host that is not public is asked because a person names it.

    Raises `FetchError` where it cannot be fetched, `UnreadableError` where it states nothing that can be followed.
    """
    private = False
    try:
        fetched = desk.fetcher.fetch(_page(url, private=False, browser=browser))
    except FetchError as error:
        if error.reason != "private_address":
            raise
        fetched, private = desk.fetcher.fetch(_page(url, private=True, browser=browser)), True
    offered = apart(lambda: _offered(url, fetched))
    way = offered.ways[0]
    if (paging := _settings_of(way).get("paging")) is not None:
        # The first page alone does not show what tells rows apart, nor which columns have numbers.
        paging = msgspec.structs.replace(
            msgspec.convert(paging, Paging), most_pages=_MOST_PAGES, most_bytes=_MOST_BYTES
        )
        changes = {"extractor": way.extractor, "paging": paging, "rows": _settings_of(way).get("rows", "$")}
        whole = fetch_first(desk, msgspec.structs.replace(_page(url, private=private), **changes))
        return Found(url, whole, apart(lambda: _offered(url, whole)), private)
    return Found(url, fetched, offered, private)


_MOST_PAGES, _MOST_BYTES = 20, 16 * 2**20
"""So much of an answer in pages is looked at."""


def _settings_of(way: Way) -> dict[str, Any]:
    """What a way says of a source, and its preset for it."""
    preset = PRESETS.get(way.settings.get("preset", ""))
    return {**(preset.keys if preset else {}), **way.settings}


def _offered(url: str, fetched: Fetched) -> Offered:
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
    return Offered(ways, document.media_type, is_page, _language(document, _markup(fetched) if is_page else ""))


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


def draft(found: Found, numbers: Sequence[int], date_format: str | None = None) -> dict[str, Any]:
    """A definition's content for the offers chosen; `date_format` is how its dates are written, where a person says so.

    Raises `UsageError` where the offers cannot be read by one definition, and where the page leaves open whether days
    or months come first and nobody says.
    """
    chosen = [found.offer(number) for number in numbers]
    ways = {way.title: way for way, _offer in chosen}
    if len(ways) != 1:
        names = " and ".join(ways)
        raise UsageError(f"{names} cannot be read by one definition", "follow each in one of its own")
    (way,) = ways.values()
    settings = _answered_dates(way, found.offered.language, date_format)
    rules = [{"id": offer.id, **offer.rule} for _way, offer in chosen]
    made: dict[str, Any] = {
        "title": _title(found),
        "publisher": {"name": urlsplit(found.url).hostname or found.url},
        "method": "Not written down yet: say here how the publisher counts.",
        "basis": "claimed",
        "url": found.url,
        "schedule": {"cron": "0 6 * * *", "timezone": "UTC"},
        "tried_live": day_of(found.fetched.at, "UTC"),
        "coverage": way.coverage,
        "extractor": way.extractor,
        **settings,
        EXTRACTORS[way.extractor].follows: rules,
    }
    readable = (EXTRACTORS[way.extractor].form is None or way.extractor == "pdf") and "language" not in made
    if readable and found.offered.language:
        made["language"] = found.offered.language
    return made | _asked_by(found)


def _asked_by(found: Found) -> dict[str, Any]:
    """How a definition is to ask, as its page was asked."""
    drawn = {"fetch": "browser"} if found.fetched.picture is not None else {}
    return drawn | ({"allow_private_addresses": True} if found.private else {})


def _answered_dates(way: Way, language: str | None, date_format: str | None) -> dict[str, Any]:
    """A way's settings with the dates as a person, or else a language that puts days first, says that they are."""
    if date_format is not None and "as_of" in way.settings:
        return {**way.settings, "as_of": {**way.settings["as_of"], "format": date_format}}
    if way.question and language in (None, "en"):
        raise UsageError(way.question, f"say which with --date-format {' or '.join(map(repr, way.formats))}")
    return way.settings


def write(desk: Desk, source_id: str, content: dict[str, Any], found: Found) -> tuple[Path, ReadBack]:
    """Write a definition that is sound and reads the page; returns its file and what it reads there.

    Raises `UsageError` where the id is taken, `DefinitionError` or `UnreadableError` where it would not work; then
    nothing is written.
    """
    folder = desk.settings.own_sources
    folder.mkdir(parents=True, exist_ok=True)
    if source_id in desk.catalogue:
        raise UsageError(f"there is a source {source_id!r} already", "give another --id")
    text = SCHEMA_LINE + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=118)
    read: list[ReadBack] = []

    def prove(source: Source) -> None:
        read.append(apart(lambda: _reads(source, found)))

    path = write_definition(folder, source_id, text, replace=False, prove=prove)
    shutil.copyfile(SCHEMA, folder / SCHEMA.name)
    return path, read[0]


def _reads(source: Source, found: Found) -> ReadBack:
    """What a definition reads on the page. Raises `UnreadableError` where a chosen figure is missing."""
    reading = extractors.read(source, found.readable(source))
    cells = [cell for cell in reading.cells if cell[2]]
    _refuse_missing(source, {cell[0].partition(PART)[0] for cell in cells})
    _refuse_doubles(reading)
    days = sorted({cell[1] for cell in cells if cell[1] is not None})
    open_ = tuple(dict.fromkeys(check.message for check in reading.checks if check.result != "pass"))
    return ReadBack(len(cells), len({cell[0] for cell in cells}), (days[0], days[-1]) if days else None, open_)


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


def _page(url: str, *, private: bool, browser: bool = False) -> Source:
    return Source(
        id="page", title=url, publisher=Publisher(name=url), method="looked at by hand", basis="claimed",
        extractor="prose", tried_live="never", url=url, allow_private_addresses=private,
        fetch="browser" if browser else "plain",
    )  # fmt: skip


def _media_type(fetched: Fetched, content: bytes) -> str:
    """What the bytes are rather than what a server calls them: tables are often served as plain text."""
    sniffed = extractors.sniff(content, fetched.url)
    told = fetched.media_type.partition(";")[0].strip().lower()
    return told if told in ("text/html", "application/xhtml+xml") and sniffed == "text/plain" else sniffed


def _title(found: Found) -> str:
    title = _TITLE.search(_markup(found.fetched)) if found.offered.is_page else None
    words = " ".join(title[1].split()) if title else ""
    parts = urlsplit(found.url)
    return words or f"{parts.path.rpartition('/')[2] or parts.path.strip('/') or 'figures'} of {parts.hostname}"


def suggested_id(found: Found) -> str:
    """An id from the address: the host's own name and the last part of the path."""
    parts = urlsplit(found.url)
    host = (parts.hostname or "page").removeprefix("www.").split(".")
    last = parts.path.rstrip("/").rpartition("/")[2].partition(".")[0]
    return slug("_".join(filter(None, (host[0] if not host[0].isdigit() else "page", last))))[:64]


def _markup(fetched: Fetched) -> str:
    """How a page begins, as it was sent."""
    return extractors.decode_page((fetched.content or b"")[:_HEAD], fetched.charset)


def _language(document: extractors.Document, markup: str) -> str | None:
    from extractors.words import languages, shown_language

    code, told = shown_language(document.text[:20000]), _LANG.search(markup)
    if code in (None, "en") and told:  # a few words show little; what a page says of itself is often a template's
        code = told[1].lower()
    return code if code in languages() else None


def answered(content: dict[str, Any], number: int, **said: str | None) -> None:
    """Set what a person says a chosen figure counts; `number` is its place among those chosen, from 0."""
    rules = content.get("series") or content["figures"]
    rule = rules[number]["match"] if "match" in rules[number] else rules[number]
    rule.update({name: value for name, value in said.items() if value})


def _open(way: Way) -> dict[str, str]:
    return {"question": way.question} if way.question else {}


def as_builtin(found: Found) -> list[dict[str, Any]]:
    """Every offer as plain data, numbered."""
    numbered = [(way, offer) for way in found.ways for offer in way.offers]
    return [
        {"number": number, "extractor": way.extractor, "from": way.title, **msgspec.to_builtins(offer), **_open(way)}
        for number, (way, offer) in enumerate(numbered, start=1)
    ]
