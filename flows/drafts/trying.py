"""Trying a source live: one fetch, read as the definition says, and nothing recorded."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from flows.desk import Desk
from flows.drafts.definitions import ANY, write_definition
from flows.fetching.pages import fetch_whole
from flows.listings import peek
from model import Day, Fetched, FetchError, Figure, Instant, Source, UnreadableError
from model.reading import SeriesRef
from sources import SHIPPED

_MOST = 5000
_RELEASES = 5
_TRIED = re.compile(r"""(?m)^tried_live:[ \t]*(?:'[^'\n]*'|"[^"\n]*"|[^\s#]+)""")


class Tried(msgspec.Struct, frozen=True):
    """What a live page gave: its figures, and why it cannot be followed (nothing, where it can)."""

    at: Instant
    figures: list[Figure]
    problems: list[str]


def try_live(desk: Desk, source: Source) -> Tried:
    """Fetch a source and read it, or the newest release of its listing that states a followed figure.

    Raises `FetchError` where it cannot be fetched.
    """
    if source.listing is None:
        return _read(desk, source, fetch_whole(desk, source), article=False)
    try:
        releases = peek(desk, source, source.listing)[:_RELEASES]
    except UnreadableError as error:
        return Tried(desk.clock(), [], [str(error)])
    problems = ["" if releases else f"no release that {source.listing.url} names fits `titles`"]
    for release in releases:
        try:
            fetched = fetch_whole(desk, source, release.url)
        except FetchError as error:
            problems.append(str(error))
            continue
        tried = _read(desk, source, msgspec.structs.replace(fetched, published=release.published), article=True)
        if tried.figures:
            return tried
        problems += tried.problems
    none = f"none of the newest {len(releases)} releases states a followed figure" if releases else ""
    return Tried(desk.clock(), [], [one for one in dict.fromkeys([none, *problems]) if one])


def _read(desk: Desk, source: Source, fetched: Fetched, *, article: bool) -> Tried:
    try:
        reading = desk.read(source, fetched, article=article).reading
    except UnreadableError as error:
        return Tried(fetched.at, [], [str(error)])
    cells = [cell for cell in reading.cells if cell[2]]
    figures = [reading.figure(cell[3]) for cell in cells[:_MOST]]
    read = {SeriesRef.parse(cell[0]).figure_id for cell in cells}
    rules = [*(rule.id for rule in source.figures), *(rule.id for rule in source.series)]
    wanted = set(source.expect.series) or set(rules[:1] if not read else ())
    missing = [one for one in rules if one in wanted and one not in read]
    problems = [f"{', '.join(missing)}: not found on the page as it is now"] if missing else []
    problems += [check.message for check in reading.checks if check.result == "hold"]
    return Tried(fetched.at, figures, problems)


def enable_source(desk: Desk, source: Source, day: Day) -> Path:
    """Write the day into the definition's `tried_live`; a shipped definition is copied into one's own folder first.

    Raises `UsageError` where the file cannot be written, `DefinitionError` where it would not be sound.
    """
    folder = desk.settings.own_sources
    name = f"{source.id}.yml"
    own = folder / name
    text = (own if own.exists() else (desk.settings.sources or SHIPPED) / name).read_text(encoding="utf-8")
    return write_definition(folder, source.id, _TRIED.sub(f"tried_live: {day}", text, count=1), over=ANY)
