"""Removing archived bytes on purpose: what goes, and what stays of it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from model import Instant
from storage import schema
from storage.archive import Archive, Tombstone


def redact(
    engine: Engine, archive: Archive, sha256: str, *, by: str, why: str, at: Instant
) -> tuple[Tombstone, list[str]]:
    """Remove one content; returns its tombstone and the digests of texts derived from it that are still stored.

    Raises `UsageError` where no such content is stored, or it was removed before.
    """
    digest = sha256.strip().lower()
    tombstone = archive.redact(digest, by=by, why=why, at=at)
    table = schema.snapshots
    with engine.connect() as connection:
        texts = connection.execute(
            sa.select(table.c.text_sha256).where(table.c.sha256 == digest).order_by(table.c.id)
        ).scalars()
        return tombstone, [text for text in texts if text != digest and archive.has(text)]
