"""The command that shows what Tallybook reads in a text or page, and records nothing."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

import extractors
from cli.output import as_json, console, print_json
from flows.reading.apart import apart
from model import Day, Fetched, Figure, Publisher, Source, TextRule, UsageError, now, parse_day

if TYPE_CHECKING:
    from extractors.prose.explaining import Reason


@click.command(epilog="Example: tallybook extract article.html --published 2025-08-13")
@click.argument("target", metavar="FILE|URL|-")
@click.option("--published", metavar="DAY", help="When the text was published; relative dates count from it.")
@click.option("--language", metavar="CODE", help="The text's language, such as en; found out when not given.")
@click.option("--source", "source_id", metavar="ID", help="Read it as this source's definition says.")
@click.option("--explain", is_flag=True, help="Show which words gave each field.")
@as_json
def extract(
    target: str, published: str | None, language: str | None, source_id: str | None, explain: bool, as_json: bool
) -> None:
    """The figures of one text or page; nothing is recorded."""
    _check_language(language)
    day = parse_day(published) if published else None
    source = _source(source_id) if source_id else None
    content, name, charset = content_of(target, source)

    def opened() -> extractors.Document:
        if source:
            return _opened(source, content, name, charset, day)
        kind = extractors.sniff(content, name)
        return extractors.derive(content, media_type=kind, charset=charset, published=day, text=TextRule())

    if explain:
        _print_explained(apart(lambda: _explained(opened(), source, language)), as_json)
        return
    figures = apart(
        lambda: _followed(source, opened()) if source else list(extractors.read_prose(opened(), language=language))
    )
    if as_json:
        print_json(figures)
    else:
        from publish.text import render_figures

        render_figures(figures, console())


def _opened(source: Source, content: bytes, name: str, charset: str | None, day: Day | None) -> extractors.Document:
    from flows.reading.opening import open_release

    fetched = Fetched(url=name, at=now(), status=200, content=content, charset=charset, published=day)
    return open_release(source, fetched, article=source.listing is not None).document


def _check_language(language: str | None) -> None:
    from extractors.words import languages

    if language is not None and language not in languages():
        raise UsageError(
            f"there are no words for the language {language!r}",
            hint=f"known are {', '.join(sorted(languages()))}; without --language it is found out",
        )


def _source(source_id: str) -> Source:
    from flows.desk import Desk

    with Desk.open() as desk:
        return desk.catalogue[source_id]


def content_of(target: str, source: Source | None = None) -> tuple[bytes, str, str | None]:
    """The bytes of a file, an address or standard input, with its name, and its charset where that is known."""
    if target == "-":
        return sys.stdin.buffer.read(), "stdin.txt", "utf-8"
    if "://" in target:
        from flows.desk import Desk

        with Desk.open() as desk:
            fetched = desk.fetcher.fetch(_by_hand(target, source))
        return fetched.content or b"", fetched.url, fetched.charset
    try:
        return Path(target).read_bytes(), target, None
    except OSError as error:
        raise UsageError(f"{target} cannot be read: {error.strerror}") from None


def _by_hand(url: str, source: Source | None) -> Source:
    """A source for one page that a person named, drawn where `source` is; a person may look at an intranet page."""
    made = Source(
        id="page", title=url, publisher=Publisher(name=url), method="read once by hand", basis="claimed",
        extractor="prose", tried_live="never", url=url, allow_private_addresses=True,
    )  # fmt: skip
    return msgspec.structs.replace(made, fetch=source.fetch, wait_for=source.wait_for) if source else made


def _followed(source: Source, document: extractors.Document) -> list[Figure]:
    reading = extractors.read(source, document)
    followed = [
        msgspec.structs.replace(reading.figure(handle), as_of=as_of or Day("")) if as_of else reading.figure(handle)
        for _ref, as_of, content, handle in reading.cells
        if content
    ]
    return [*followed, *(one.figure for one in reading.stated), *reading.unmatched, *reading.ambiguous]


def _explained(
    document: extractors.Document, source: Source | None, language: str | None
) -> list[tuple[Figure, dict[str, Reason]]]:
    from extractors.prose import explain

    if source and not source.prose:
        raise UsageError(f"{source.id} is read by {source.extractor}, whose definition says where each field stands")
    told = explain(
        document.text,
        language=source.language if source and not language else language,
        published=document.dated,
        words=source.words if source else None,
    )
    return list(told)


def _print_explained(told: list[tuple[Figure, dict[str, Reason]]], as_json: bool) -> None:
    if as_json:
        print_json({**msgspec.to_builtins(figure, builtin_types=(Decimal,)), "why": why} for figure, why in told)
        return
    from cli.explained import print_explained

    print_explained(told, console())
