"""Releases that took too much time or memory to read: they are not read at full cost again at every turn."""

from __future__ import annotations

import datetime as dt

import msgspec

import extractors
from flows.desk import Desk
from model import Fetched, Instant, Source, UnreadableError, moment

READ_BY, READ_AT = "Tallybook-Read-By", "Tallybook-Read-At"
"""Beside the headers of a release that took too much: what it was read with, and when that was tried last."""

AGAIN = dt.timedelta(days=1)
"""After so long the same bytes are tried again: what they cost may have been another's doing."""

SHARE = 4
"""Other bytes at the same address are read meanwhile, within this part of the time: most take far less."""

_COSTLY = ("too_slow", "too_large")


class Sparing(msgspec.Struct, frozen=True, kw_only=True):
    """How a release is to be read: within how many seconds (None: our own limit), or not at all, and why not."""

    seconds: int | None = None
    refused: UnreadableError | None = None
    tried_at: Instant


def sparing(desk: Desk, source: Source, fetched: Fetched, sha256: str) -> Sparing:
    """How to read a release after what those before it at its address took."""
    now = desk.clock()
    last = desk.ledger.last_attempt(source, "failed", url=fetched.url)
    tried = Instant(last.headers.get(READ_AT, "")) if last is not None else Instant("")
    if last is None or not tried or last.headers.get(READ_BY) != _read_by(desk, source):
        return Sparing(tried_at=now)
    if not dt.timedelta() <= moment(now) - moment(tried) < AGAIN:
        return Sparing(tried_at=now)
    if last.sha256 != sha256:
        return Sparing(seconds=max(1, desk.settings.read_seconds // SHARE), tried_at=now)
    reason, _, told = (last.reason or "").partition(": ")
    return Sparing(refused=UnreadableError(told, reason=reason), tried_at=tried)


def costly(desk: Desk, source: Source, error: UnreadableError, tried_at: Instant) -> dict[str, str]:
    """What is written down beside the headers of a release that took too much; nothing of another."""
    return {READ_BY: _read_by(desk, source), READ_AT: tried_at} if error.reason in _COSTLY else {}


def _read_by(desk: Desk, source: Source) -> str:
    reader, settings = extractors.reader(source), desk.settings
    return f"{reader.extractor} {reader.version} {reader.options[:40]} {settings.read_seconds} {settings.read_memory}"
