"""What was fetched, and what became of the attempt."""

from __future__ import annotations

from typing import Literal

import msgspec

from model.times import Day, Instant

State = Literal["changed", "unchanged", "held", "blocked", "failed", "overdue", "off"]
"""How a source stands after its newest attempt."""

Cause = Literal["fetch", "replay", "backfill", "review", "manual"]
"""Why an update came to be."""


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a publisher: bytes, and when, where and how they came.

    `content` is None when the publisher says that nothing changed (HTTP 304). `picture` is a PNG of what a browser
    drew, whose markup `content` then is. `moved` is where the asked address has moved for good, as its host says.
    """

    url: str
    at: Instant
    status: int
    content: bytes | None
    media_type: str = "application/octet-stream"
    charset: str | None = None
    published: Day | None = None
    headers: dict[str, str] = {}
    picture: bytes | None = None
    moved: str | None = None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Archived bytes by their SHA-256, with the text derived from them and its own SHA-256 (both hexadecimal).

    `picture` is the SHA-256 of how a browser drew them; one content has one picture, that of the first look.
    """

    sha256: str
    text_sha256: str
    size: int
    media_type: str
    charset: str | None = None
    known_at: Instant
    published: Day | None = None
    url: str | None = None
    picture: str | None = None
