"""The stages of the path: each takes the value of the one before and gives a frozen one; `flows.pipeline` joins them.

A stage that fails writes the attempt down before it raises: nothing that was tried leaves no row.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from functools import partial

import msgspec

import extractors
from flows.carriers import carried
from flows.desk import Desk
from flows.fetching.attempts import attempt_of, failed_attempt, write_unreadable
from flows.fetching.conditions import remembered, validators
from flows.fetching.costly import costly, sparing
from flows.fetching.pages import fetch_whole
from flows.fetching.ways import is_another_way, way_checks, with_way
from flows.reading.opening import Read
from model import (
    Cause,
    Day,
    Fetched,
    FetchError,
    FigureRule,
    Reading,
    SeriesRule,
    Snapshot,
    Source,
    UnreadableError,
    Why,
)
from storage import Attempt, ReadRelease, Recorded

log = logging.getLogger("tallybook")


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """How a release comes in: what made us read it, whether its doubts are held, and why what differs does.

    An `article` is one release of many: where nobody gave its day of publication its own page does, and where it states
    no followed figure, and the definition promises none, it is written down as read and makes no update. `ahead` gives
    what was read in it already.
    """

    cause: Cause = "fetch"
    hold: bool = True
    why: Why = "source"
    article: bool = False
    ahead: Callable[[], Read] | None = None


FETCHED, ARTICLE = Intake(), Intake(article=True)
"""What an ordinary fetch is taken in as, and one release of a listing."""


class Extracted(msgspec.Struct, frozen=True, kw_only=True):
    """A release that was opened and read: its bytes' digest and media type, its text, its day, and its figures."""

    fetched: Fetched
    sha256: str
    media_type: str
    text: str
    published: Day | None
    reading: Reading


def fetch(desk: Desk, source: Source, newest: Snapshot | None, last: Attempt | None) -> Fetched:
    """Fetch a source's one address; `last` is the attempt whose validators are sent, None to ask without.

    Raises `FetchError`.
    """
    asked = validators(last, desk.clock()) if last and _is_whole(desk, newest, last) else None
    fetched = _fetch(desk, source, asked)
    if last is None or fetched.content is not None:
        return fetched
    fetched = with_way(source.url or "", remembered(last, fetched))
    # With another way the bytes are asked for, too, so that it is told with them.
    return _fetch(desk, source, None) if is_another_way(last, fetched) else fetched


def _is_whole(desk: Desk, newest: Snapshot | None, last: Attempt) -> bool:
    """Whether a validator was given for the bytes that the newest release was read from, and they are still whole."""
    return newest is not None and last.sha256 == newest.sha256 and not desk.archive.lacks(newest.sha256)


def _fetch(desk: Desk, source: Source, asked: Mapping[str, str] | None) -> Fetched:
    began = time.monotonic()
    try:
        fetched = fetch_whole(desk, source, validators=asked)
    except FetchError as error:
        desk.ledger.attempt(source, failed_attempt(desk, source, source.url, error))
        raise
    log_fetched(source, fetched, began)
    return with_way(source.url or "", msgspec.structs.replace(fetched, at=desk.clock()))


def extract(desk: Desk, source: Source, fetched: Fetched, intake: Intake) -> Extracted:
    """Open the bytes and read their figures, in a process that may use only so much time and memory.

    Raises `UnreadableError`, with the bytes archived, when they are no report.
    """
    content, began = fetched.content or b"", time.monotonic()
    sha256 = hashlib.sha256(content).hexdigest()
    how = sparing(desk, source, fetched, sha256)
    try:
        if how.refused is not None:
            raise how.refused
        read = intake.ahead or partial(desk.read, source, fetched, article=intake.article, seconds=how.seconds)
        kind, text, published, reading = read()
    except UnreadableError as error:
        write_unreadable(desk, source, fetched, error, costly(desk, source, error, how.tried_at))
        raise
    log.info("%s: read %d cells in %d ms", source.id, len(reading.cells), _milliseconds(began))
    if intake.cause != "replay":
        reading = reading.with_checks((*carried(desk, source, reading), *way_checks(fetched.headers)))
    return Extracted(
        fetched=fetched, sha256=sha256, media_type=kind, text=text, published=published, reading=reading
    )  # fmt: skip


def archive(desk: Desk, source: Source, extracted: Extracted) -> Snapshot:
    """Store bytes and text before anything is concluded; page noise around an unchanged text keeps no copy.

    What is stored already is looked at, and written anew where it is damaged.
    """
    content, text = extracted.fetched.content or b"", extracted.text.encode()
    digest = hashlib.sha256(text).hexdigest()
    newest = desk.ledger.newest_release(source) if desk.archive.knows(digest) else None
    same = newest is not None and newest.snapshot.text_sha256 == digest and newest.reader == extractors.reader(source)
    if not same or (newest is not None and newest.snapshot.sha256 == extracted.sha256):
        desk.archive.put(content)
    desk.archive.put(text)
    return Snapshot(
        sha256=extracted.sha256,
        text_sha256=digest,
        size=len(content),
        media_type=extracted.media_type,
        charset=extracted.fetched.charset,
        known_at=extracted.fetched.at,
        published=extracted.published,
        url=extracted.fetched.url,
        picture=hashlib.sha256(extracted.fetched.picture).hexdigest() if extracted.fetched.picture else None,
    )


def record(desk: Desk, source: Source, extracted: Extracted, snapshot: Snapshot, intake: Intake) -> Recorded:
    """Evaluate a release against the accepted ledger, and append what changed; both in one transaction.

    Raises `LedgerError` for a release older than the newest one recorded.
    """
    began = time.monotonic()
    attempt = attempt_of(extracted.fetched, "unchanged", extracted.sha256)
    desk.note_definition(source)
    reader = extractors.reader(source)
    read = ReadRelease(
        snapshot, extracted.text, extracted.reading, reader, intake.cause, intake.why, intake.hold,
        picture=extracted.fetched.picture,
    )  # fmt: skip
    recorded = desk.ledger.record(source, read, attempt if intake.cause != "replay" else None)
    told = recorded.update or recorded.state
    log.info("%s: recorded %s, %d changes in %d ms", source.id, told, recorded.changes, _milliseconds(began))
    return recorded


def note_unfollowed(desk: Desk, source: Source, extracted: Extracted) -> Recorded:
    """Write an article down that states no followed figure, and how many of what is followed it states of others."""
    measures = {rule.match.measure for rule in source.series}
    reading = extracted.reading
    near = sum(figure.measure in measures for figure in (*reading.unmatched, *reading.ambiguous))
    message = "states no followed figure" + (f"; {near} of the same measures" if near else "")
    desk.ledger.attempt(source, attempt_of(extracted.fetched, "unchanged", extracted.sha256, message))
    return Recorded("unchanged", None, 0, 0, message)


def states_nothing(source: Source, extracted: Extracted) -> bool:
    """Whether a release holds no followed figure, and the definition says of none that every release states it."""
    bounds = source.expect.figures
    rules: tuple[FigureRule | SeriesRule, ...] = (*source.figures, *source.series)
    promised = bool(bounds and bounds[0]) or bool(source.expect.series) or any(rule.expected for rule in rules)
    return not (extracted.reading.cells or promised)


def log_fetched(source: Source, fetched: Fetched, began: float) -> None:
    """Leave a line of what a publisher answered, in how long; `began` is of the monotonic clock."""
    size = "nothing new" if fetched.content is None else f"{len(fetched.content)} bytes"
    log.info("%s: fetched %s, status %d, in %d ms", source.id, size, fetched.status, _milliseconds(began))


def _milliseconds(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
