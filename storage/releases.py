"""Rows of sources, snapshots and releases: found, made, and read back as the model's nouns."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from changes.accepted import Accepted, NewestRelease
from changes.update import Evaluation
from model import Day, Instant, Reader, Snapshot, Source, public_url
from storage import schema
from storage.archive import Archive
from storage.driver.rows import first, raw
from storage.proof import seals


class Release(msgspec.Struct, frozen=True):
    """A recorded release: its snapshot, and who read it."""

    snapshot: Snapshot
    reader: Reader


class PastRelease(msgspec.Struct, frozen=True):
    """A recorded release to be read again: its update, and its snapshot's row and digests."""

    update_id: int
    snapshot_id: int
    snapshot: Snapshot


class KnownRelease(msgspec.Struct, frozen=True, kw_only=True):
    """A release that was read before: its update, where and when it was found, its day, its reader, its text."""

    update: str
    url: str | None
    known_at: Instant
    published: Day | None
    reader: Reader
    text_sha256: str


def past_releases(connection: Connection, source_id: int) -> list[PastRelease]:
    """Every release of a source, oldest first, those that changed nothing too; replays of one are left out."""
    rows = connection.execute(_PAST, {"source": source_id})
    return [PastRelease(row.update_id, row.snapshot_id, _snapshot(row)) for row in rows]


_PAST = sa.text("""
    SELECT r.*, s.sha256, s.text_sha256, s.size, s.media_type, s.charset FROM (
        SELECT id AS update_id, snapshot_id, known_at, published, cause, 0 AS quiet
        FROM updates WHERE source_id = :source
        UNION ALL
        SELECT update_id, snapshot_id, known_at, published, cause, id FROM quiet_releases WHERE source_id = :source
    ) r JOIN snapshots s ON s.id = r.snapshot_id
    WHERE r.cause IN ('fetch', 'backfill', 'manual') ORDER BY r.update_id, r.quiet
""")


def decided_cells(connection: Connection, source_id: int) -> set[tuple[int, Day]]:
    """The observations whose accepted value a person decided."""
    current, updates = schema.current, schema.updates
    rows = connection.execute(
        sa.select(current.c.series_id, current.c.as_of)
        .select_from(current.join(updates, updates.c.id == current.c.update_id))
        .where(updates.c.source_id == source_id, updates.c.cause == "review")
    )
    return {(series_id, as_of) for series_id, as_of in rows}


def _snapshot(row: Any) -> Snapshot:
    return Snapshot(
        sha256=row.sha256,
        text_sha256=row.text_sha256,
        size=row.size,
        media_type=row.media_type,
        charset=row.charset,
        known_at=row.known_at,
        published=row.published,
    )


def release_of(row: Any) -> Release:
    return Release(_snapshot(row), Reader(row.extractor, row.reader_version, row.options))


# What runs at every release is written out: building a statement costs more than running it.
_SOURCE = "SELECT id, title, basis, url FROM sources WHERE key = :key"
_SOURCE_ID = "SELECT id FROM sources WHERE key = :key"


_SNAPSHOT = "SELECT id, text_sha256 FROM snapshots WHERE sha256 = :sha256"


def known_copy(connection: Connection, source_id: int, text_sha256: str) -> Instant | None:
    """When the newest release with the same text was known, whether it changed anything or not."""
    found: Instant | None = connection.execute(_COPY, {"source": source_id, "text": text_sha256}).scalar()
    return found


# A release that changed nothing has no update of its own: it is found by its snapshot.
_KNOWN = """
    SELECT s.key, u.number, f.url, r.known_at, r.published, r.extractor, r.reader_version, r.options, p.text_sha256
    FROM sources s JOIN (
        SELECT id AS update_id, 0 AS quiet, source_id, snapshot_id, cause, known_at, published,
            extractor, reader_version, options
        FROM updates
        UNION ALL
        SELECT update_id, id, source_id, snapshot_id, cause, known_at, published, extractor, reader_version, options
        FROM quiet_releases
    ) r ON r.source_id = s.id JOIN updates u ON u.id = r.update_id JOIN snapshots p ON p.id = r.snapshot_id
    JOIN fetches f ON f.source_id = s.id AND f.snapshot_id = r.snapshot_id
    WHERE s.key = :key AND r.cause IN ('fetch', 'backfill', 'manual') AND f.state IN ('changed', 'unchanged', 'held')
"""
_KNOWN_CONTENT = sa.text(
    f"{_KNOWN} AND (p.sha256 = :sha256 OR p.text_sha256 = :text) ORDER BY r.update_id, r.quiet LIMIT 1"
)
_NEWEST_AT = sa.text(f"{_KNOWN} AND f.url = :url ORDER BY r.update_id DESC, r.quiet DESC LIMIT 1")


def known_release(connection: Connection, key: str, sha256: str, text_sha256: str) -> KnownRelease | None:
    """The first release of a source that was read from these bytes, or gave this text."""
    return _known(connection.execute(_KNOWN_CONTENT, {"key": key, "sha256": sha256, "text": text_sha256}).first())


def newest_at(connection: Connection, key: str, url: str) -> KnownRelease | None:
    """The newest release of a source that was read at an address."""
    return _known(connection.execute(_NEWEST_AT, {"key": key, "url": public_url(url)}).first())


def _known(row: sa.Row[Any] | None) -> KnownRelease | None:
    if row is None:
        return None
    return KnownRelease(
        update=f"{row.key}/{row.number}",
        url=row.url,
        known_at=row.known_at,
        published=row.published,
        reader=Reader(row.extractor, row.reader_version, row.options),
        text_sha256=row.text_sha256,
    )


_COPY = sa.text("""
    SELECT MAX(same.known_at) FROM (
        SELECT u.known_at FROM snapshots s JOIN updates u ON u.snapshot_id = s.id
        WHERE u.source_id = :source AND s.text_sha256 = :text
        UNION ALL
        SELECT q.known_at FROM snapshots s JOIN quiet_releases q ON q.snapshot_id = s.id
        WHERE q.source_id = :source AND s.text_sha256 = :text
    ) same
""")


def keep_quiet(
    connection: Connection, archive: Archive, accepted: Accepted, evaluation: Evaluation
) -> tuple[int, NewestRelease]:
    """Append a release that changed nothing, read when this was accepted; returns its row's id and what it is."""
    snapshot, reader = evaluation.snapshot, evaluation.reader
    assert snapshot is not None
    assert reader is not None
    # A page with a clock would bring a picture a look; those of changes are evidence.
    snapshot_id = snapshot_row(connection, msgspec.structs.replace(snapshot, picture=None))
    row = {
        "source_id": accepted.source_id,
        "update_id": accepted.head,
        "snapshot_id": snapshot_id,
        "cause": evaluation.cause,
        "known_at": evaluation.known_at,
        "published": snapshot.published,
        "extractor": reader.extractor,
        "reader_version": reader.version,
        "options": reader.options,
        "shape": _shape_of(archive, evaluation),
    }
    newest = NewestRelease(snapshot_id, snapshot.text_sha256, reader, evaluation.known_at)
    return seals.insert(connection, schema.quiet_releases, row), newest


def _shape_of(archive: Archive, evaluation: Evaluation) -> str | None:
    """The shape to be kept of a release; none where its bytes or its text were redacted before."""
    snapshot, shape = evaluation.snapshot, evaluation.shape
    if snapshot is None or shape is None:
        return None
    redacted = archive.tombstone(snapshot.sha256) or archive.tombstone(snapshot.text_sha256)
    return None if redacted else msgspec.json.encode(shape[0], order="deterministic").decode()


def source_row(connection: Connection, source: Source) -> int:
    """The id of a source's row, made or brought up to date."""
    table = schema.sources
    address = source.url or (source.listing.url if source.listing else None)
    facts = {"title": source.title, "basis": source.basis, "url": public_url(address) if address else None}
    row = first(connection, _SOURCE, {"key": source.id})
    if row is None:
        return seals.insert(connection, table, {"key": source.id, **facts})
    source_id, *stored = row
    if stored != list(facts.values()):
        seals.update(connection, table, source_id, facts)
    return int(source_id)


def source_of(connection: Connection, key: str) -> int | None:
    """A source's id in the ledger, None when nothing was recorded of it."""
    found = first(connection, _SOURCE_ID, {"key": key})
    return int(found[0]) if found else None


def snapshot_row(connection: Connection, snapshot: Snapshot) -> int:
    """The id of a snapshot's row; one content has one, and the picture with which it was recorded first."""
    known = raw(connection, _SNAPSHOT, {"sha256": snapshot.sha256})
    for row_id, text in known:
        if text == snapshot.text_sha256:
            return int(row_id)
    if not known and snapshot.picture is not None:
        seals.insert(connection, schema.pictures, {"sha256": snapshot.sha256, "picture": snapshot.picture})
    names = ("sha256", "text_sha256", "size", "media_type", "charset")
    return seals.insert(connection, schema.snapshots, {name: getattr(snapshot, name) for name in names})


def picture_of(connection: Connection, sha256: str) -> str | None:
    """The digest of how a browser drew a content."""
    found = first(connection, "SELECT picture FROM pictures WHERE sha256 = :sha256", {"sha256": sha256})
    return found[0] if found else None
