"""A source without writing code: a page is fetched, what it offers is chosen from, and a definition is written."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import yaml

from extractors.suggest.offer import Way, slug
from extractors.suggest.proposal import OFTEN, FollowChoice
from flows.desk import Desk
from flows.drafts.definitions import NEW, sound, write_definition
from flows.drafts.kept import PageDraft
from flows.fetching.pages import fetch_first
from flows.reading.apart import apart
from flows.reading.looking import Found, ReadBack, markup, offered, reads, views
from model import (
    EXTRACTORS,
    PRESETS,
    FetchError,
    Paging,
    Publisher,
    Source,
    UsageError,
    day_of,
)
from sources.catalogue.reference import SCHEMA, SCHEMA_LINE

NOT_SAID = "Not written down yet: say here how the publisher counts."

_TITLE = re.compile(r"(?is)<title[^>]*>(.{1,200}?)</title>")


def look(desk: Desk, url: str, *, browser: bool = False, private: bool = True) -> Found:
    """Fetch a page, drawn by a browser where a person says so, and find what it offers.

    A host that is not public is asked where `private` allows it, because a person names it.

    Raises `FetchError` where it cannot be fetched, `UnreadableError` where it states nothing that can be followed.
    """
    allowed, private = private, False
    try:
        fetched = desk.fetcher.fetch(_page(url, private=False, browser=browser))
    except FetchError as error:
        if error.reason != "private_address" or not allowed:
            raise
        fetched, private = desk.fetcher.fetch(_page(url, private=True, browser=browser)), True
    seen = apart(offered, url, fetched)
    way = seen.ways[0]
    if (paging := _settings_of(way).get("paging")) is not None:
        # The first page alone does not show what tells rows apart, nor which columns have numbers.
        paging = msgspec.structs.replace(
            msgspec.convert(paging, Paging), most_pages=_MOST_PAGES, most_bytes=_MOST_BYTES
        )
        changes = {"extractor": way.extractor, "paging": paging, "rows": _settings_of(way).get("rows", "$")}
        whole = fetch_first(desk, msgspec.structs.replace(_page(url, private=private), **changes))
        return Found(url, whole, apart(offered, url, whole), private)
    return Found(url, fetched, seen, private)


_MOST_PAGES, _MOST_BYTES = 20, 16 * 2**20
"""So much of an answer in pages is looked at."""


def _settings_of(way: Way) -> dict[str, Any]:
    """What a way says of a source, and its preset for it."""
    preset = PRESETS.get(way.settings.get("preset", ""))
    return {**(preset.keys if preset else {}), **way.settings}


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
        "title": title_of(found),
        "publisher": {"name": urlsplit(found.url).hostname or found.url},
        "method": NOT_SAID,
        "basis": "claimed",
        "url": found.url,
        "schedule": {"cron": OFTEN["daily"], "timezone": "UTC"},
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


def text_of(content: dict[str, Any]) -> str:
    """A definition's content as the text of its file."""
    return SCHEMA_LINE + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=118)


def try_out(desk: Desk, source_id: str, content: dict[str, Any], found: Found) -> ReadBack:
    """What a definition reads on the page; nothing is written.

    Raises `UsageError` where the id is taken, `DefinitionError` or `UnreadableError` where it would not work.
    """
    chosen = desk.settings.sources  # the folder of the first definition is made with it
    if (chosen is None or chosen.is_dir()) and source_id in desk.newest_catalogue():
        raise UsageError(f"there is a source {source_id!r} already", "give another --id")
    return apart(reads, sound(source_id, text_of(content)), found)


def write(desk: Desk, source_id: str, content: dict[str, Any], found: Found) -> tuple[Path, ReadBack]:
    """Write a definition that is sound and reads the page; returns its file and what it reads there.

    Raises as `try_out` does; then nothing is written.
    """
    read = try_out(desk, source_id, content, found)
    folder = desk.settings.own_sources
    path = write_definition(folder, source_id, text_of(content), over=NEW)
    shutil.copyfile(SCHEMA, folder / SCHEMA.name)
    return path, read


def _page(url: str, *, private: bool, browser: bool = False) -> Source:
    return Source(
        id="page", title=url, publisher=Publisher(name=url), method="looked at by hand", basis="claimed",
        extractor="prose", tried_live="never", url=url, allow_private_addresses=private,
        fetch="browser" if browser else "plain",
    )  # fmt: skip


def title_of(found: Found) -> str:
    """What a page is called, by itself or by its address."""
    title = _TITLE.search(markup(found.fetched)) if found.offered.is_page else None
    words = " ".join(title[1].split()) if title else ""
    parts = urlsplit(found.url)
    return words or f"{parts.path.rpartition('/')[2] or parts.path.strip('/') or 'figures'} of {parts.hostname}"


def suggested_id(found: Found) -> str:
    """An id from the address: the host's own name and the last part of the path."""
    parts = urlsplit(found.url)
    host = (parts.hostname or "page").removeprefix("www.").split(".")
    last = parts.path.rstrip("/").rpartition("/")[2].partition(".")[0]
    return slug("_".join(filter(None, (host[0] if not host[0].isdigit() else "page", last))))[:64]


def answered(content: dict[str, Any], number: int, **said: str | None) -> None:
    """Set what a person says a chosen figure counts; `number` is its place among those chosen, from 0."""
    rules = content.get("series") or content["figures"]
    rule = rules[number]["match"] if "match" in rules[number] else rules[number]
    rule.update({name: value for name, value in said.items() if value and rule.get(name, UNSAID[name]) != value})


UNSAID = {"measure": "other", "unit": "other", "kind": "total"}
"""What a figure counts where nobody says otherwise."""


def chosen(found: Found, choice: FollowChoice) -> dict[str, Any]:
    """A definition's content as a person chose it of a page. Raises as `draft` does."""
    content = draft(found, choice.numbers, choice.date_format)
    if choice.often not in OFTEN:
        raise UsageError(f"{choice.often!r} is not how often a source is read", f"choose {', '.join(OFTEN)}")
    content["schedule"] = {"cron": OFTEN[choice.often], "timezone": "UTC"}
    said = {name: value for name, value in choice.said.items() if value}
    content.update({name: {"name": value} if name == "publisher" else value for name, value in said.items()})
    for place, counts in enumerate(choice.counts):
        answered(content, place, **counts)
    return content


def with_views(found: Found) -> PageDraft:
    """A page with each way to read it as it is shown."""
    return PageDraft(found, apart(views, found, _whole_ways(found)))


def _whole_ways(found: Found) -> list[Source | None]:
    """For each way of a page a source that follows all its offers; None where they go into no definition."""
    sources: list[Source | None] = []
    number = 1
    for way in found.ways:
        numbers = range(number, number + len(way.offers))
        number += len(way.offers)
        try:
            formats = way.formats[0] if way.formats else None
            sources.append(sound("page", text_of(draft(found, numbers, formats))))
        except UsageError:
            sources.append(None)
    return sources


def _open(way: Way) -> dict[str, str]:
    return {"question": way.question} if way.question else {}


def as_builtin(found: Found) -> list[dict[str, Any]]:
    """Every offer as plain data, numbered."""
    numbered = [(way, offer) for way in found.ways for offer in way.offers]
    return [
        {"number": number, "extractor": way.extractor, "from": way.title, **msgspec.to_builtins(offer), **_open(way)}
        for number, (way, offer) in enumerate(numbered, start=1)
    ]
