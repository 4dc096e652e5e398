"""Bytes or text to figures; pure: no network, no clock, no database.

`derive` makes bytes readable, `read` follows a source's definition through them, and a figure's place points into the
derived text. What an extractor needs is imported when it is first used, so importing this costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from extractors.document import Document, decode_page, derive, sniff
from extractors.packed import unpacked
from extractors.paged import PageTurn, joined, parted
from extractors.registry import PagedModule, module_of
from extractors.wordlists import lists_digest
from model import PRESETS, Fetched, Figure, Portion, Reader, Reading, Source, UnreadableError, Words, day_of

__all__ = [
    "Document",
    "check_pattern",
    "decode_page",
    "derive",
    "derive_for",
    "embedded_patterns",
    "first_page",
    "is_feed",
    "joined",
    "pieces",
    "read",
    "read_prose",
    "reader",
    "sniff",
    "turn",
    "unpacked",
]


def derive_for(source: Source, fetched: Fetched, media_type: str) -> Document:
    """Make fetched bytes readable as a source's definition asks; see `derive`, whose errors it raises.

    A date without a year lies near the day of publication, else near that on which the world could read the bytes.
    """
    document = derive(
        fetched.content or b"",
        media_type=media_type,
        charset=source.charset or fetched.charset,
        published=fetched.published,
        piece=source.piece,
        text=source.prose,
    )
    document.near = fetched.published or day_of(fetched.at, source.timezone)
    return document


def embedded_patterns(content: bytes, charset: str | None) -> list[str]:
    """Patterns that each choose one piece of JSON inside of a page, for `embedded`."""
    from extractors.page.embedded import telling_patterns

    return list(telling_patterns(decode_page(content, charset)))


def pieces(content: bytes) -> list[Portion]:
    """The parts that a release must be read by, one at a time: files of a ZIP, sheets of a workbook; else the whole."""
    from extractors.packed import members
    from extractors.workbook import is_workbook, sheets

    names = members(content)
    found: list[Portion] = []
    for member in names if len(names) > 1 else [None]:
        inner = unpacked(content, member)
        shown = sheets(inner) if is_workbook(inner) else []
        found += [Portion(member, sheet) for sheet in (shown if len(shown) > 1 else [None])]
    return found


def is_feed(content: bytes) -> bool:
    """Whether bytes are an RSS or Atom feed, which leads to releases and is none itself."""
    head = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"<") and any(name in head for name in (b"<rss", b"<feed", b"<rdf:RDF"))


def read(source: Source, document: Document) -> Reading:
    """Read a document by a source's definition.

    Raises `UnreadableError` for broken, empty or truncated input; a page that merely states nothing gives no cells.
    """
    if document.is_blank:
        raise UnreadableError("the release holds no text", "nothing was concluded from it")
    if document.statement is not None:
        from extractors.tables import typed

        return typed.read(source, document.statement, document.text)
    with _as_preset(source):
        reading = module_of(source.reads_with).read(source.as_printed(), document)
    if any(rule.aggregate for rule in source.figures):
        from extractors.tables.aggregates import counted_up

        return counted_up(source, reading, document.near)
    return reading


def turn(source: Source, document: Document) -> PageTurn:
    """What one page of an answer says of those that follow. Raises `UnreadableError` where it is no such page."""
    if document.is_blank:
        raise UnreadableError("the page holds no text")
    with _as_preset(source):
        return cast(PagedModule, module_of(source.reads_with)).turn(source, document)


@contextmanager
def _as_preset(source: Source) -> Iterator[None]:
    """Say of an answer that cannot be read as its definition's preset does what such an answer is."""
    try:
        yield
    except UnreadableError as error:
        if source.preset and error.hint is None:
            preset = PRESETS[source.preset]
            error.hint = f"preset: {source.preset} reads {preset.title}, such as {preset.example}; correct url, or say "
            error.hint += "rows and as_of in place of preset"
        raise


def first_page(content: bytes) -> bytes:
    """The first page of a release that was fetched in pages; other bytes as they are."""
    pages = parted(content)
    return pages[0].content if pages else content


def read_prose(document: Document, *, language: str | None = None, words: Words | None = None) -> list[Figure]:
    """All figures that a text states, where no definition says which are followed."""
    from extractors.prose import read_figures

    return read_figures(document.text, language=language, published=document.dated, words=words)


def reader(source: Source) -> Reader:
    """Who would read this source's bytes: its extractor, the version of that, and its words."""
    lists = lists_digest(prose=source.prose is not None, language=source.language)
    return Reader.of(source, module_of(source.reads_with).VERSION, lists)


def check_pattern(pattern: str) -> str | None:
    """What is wrong with a pattern, in a sentence; None where it compiles."""
    from extractors.patterns import problem

    return problem(pattern)
