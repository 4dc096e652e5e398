"""What a person saved or typed, recorded as such: the file is the evidence, and who brought it is told."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import extractors
from extractors.statement import TYPED, HandedIn, ManualEntry, Statement, write_statement
from extractors.tables.typed import read_value
from flows.desk import Desk
from flows.pipeline import take
from flows.stages import Intake
from model import Fetched, Source, UsageError, now, parse_day
from storage import Recorded

UNTYPABLE = "write it as ID=VALUE, or ID=VALUE@DAY, such as casualties='about 1,000,000'@2025-06-12"


class _ToRead(NamedTuple):
    """The bytes to read, and what they are."""

    bytes: bytes
    media_type: str


def record_by_hand(desk: Desk, source: Source, given: HandedIn) -> Recorded:
    """Archive a file that a person saved, and record what it says, or the figures that were typed beside it.

    Raises `UsageError` for what cannot be recorded, and `UnreadableError` where the file is no report.
    """
    if given.at > now():
        raise UsageError(f"--at {given.at} has not come yet", "give the time when the file was saved")
    if given.typed:
        stated = _statement(given, tuple(_entry(source, one, given.quote) for one in given.typed))
        desk.archive.put(given.content)
        read = _ToRead(stated, TYPED)
    else:
        read = _ToRead(given.content, _readable(given))
    fetched = Fetched(
        url=given.url, at=given.at, status=200, content=read.bytes, media_type=read.media_type,
        published=given.published, headers={"saved-by": given.who},
    )  # fmt: skip
    return take(desk, source, fetched, Intake(cause="manual", article=source.listing is not None))


def _readable(given: HandedIn) -> str:
    kind = extractors.sniff(given.content, given.name)
    if kind.startswith("image/"):
        raise UsageError(f"{given.name} is an image, whose figures nobody has typed", f"--figure: {UNTYPABLE}")
    return kind


def _statement(given: HandedIn, entries: tuple[ManualEntry, ...]) -> bytes:
    statement = Statement(
        by=given.who,
        url=given.url,
        evidence=hashlib.sha256(given.content).hexdigest(),
        media_type=extractors.sniff(given.content, given.name),
        figures=entries,
    )
    return write_statement(statement)


def _entry(source: Source, typed: str, quote: str) -> ManualEntry:
    series, equals, rest = typed.partition("=")
    value, _, day = rest.partition("@")
    if not equals or not value.strip():
        raise UsageError(f"--figure {typed!r} names no value", UNTYPABLE)
    figure_id, *labels = series.strip().split("/")
    if source.rule(figure_id) is None or len(labels) != len(source.by):
        ids = [*(rule.id for rule in source.figures), *(rule.id for rule in source.series)]
        known = ", ".join("/".join([one, *source.by]) for one in ids)
        raise UsageError(f"{source.id} follows no series {series.strip()!r}", f"it follows {known}")
    if not read_value(value, source.language):
        raise UsageError(f"--figure {typed!r}: {value!r} is no number", UNTYPABLE)
    return ManualEntry(
        series=series.strip(), value=value, as_of=parse_day(day.strip()) if day.strip() else None, quote=quote
    )
