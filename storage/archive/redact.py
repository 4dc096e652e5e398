"""Removing what was published from the archive and from the ledger: what goes, and what stays of it.

The figures stay. Bytes, the texts derived from them, and whatever an update kept of their words go: an update that is
scrubbed keeps its place in the chain, and what is left of it has a digest of its own in `redactions`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from model import ArchiveError, Figure, Instant, OutageError, Snapshot, UsageError
from storage import schema
from storage.archive.blobs import Archive, Tombstone
from storage.driver.schemas import require_newest, writer
from storage.proof import seals

WORDS = ("quote", "number_text")
"""What a version's detail and an unfollowed figure have of a report's own words."""


def redact(
    engine: Engine, archive: Archive, sha256: str, *, by: str, why: str, at: Instant
) -> tuple[Tombstone, list[str]]:
    """Remove one content, the texts derived from it, its picture, and their words in the ledger.

    Returns its tombstone and the digests of what went with it. Raises `UsageError` where no such content is stored, or
    it was removed before; a removal that was cut off is finished all the same.
    """
    digest = sha256.strip().lower()
    require_newest(engine)
    before: UsageError | None = None
    try:
        tombstone = archive.redact(digest, by=by, why=why, at=at)
    except UsageError as error:
        found = archive.tombstone(digest) if len(digest) == 64 and digest.isalnum() else None
        if found is None:
            raise
        before, tombstone = error, found
    table = schema.snapshots
    with writer(engine).begin() as connection:
        texts = [text for text in _derived(connection, digest) if archive.has(text)]
        for text in texts:
            archive.redact(text, by=by, why=why, at=at)
        gone = [digest, *texts]
        of = sa.or_(table.c.sha256.in_(gone), table.c.text_sha256.in_(gone))
        updates = sa.select(schema.updates.c.id).join(table).where(of).order_by(schema.updates.c.id)
        scrub(connection, list(connection.execute(updates).scalars()), tombstone)
        _scrub_quiet(connection, of)
    if before is not None:
        raise before
    return tombstone, texts


def _derived(connection: Connection, digest: str) -> list[str]:
    """The texts of a content, and its picture."""
    texts, pictures = schema.snapshots, schema.pictures
    found = sa.union(
        sa.select(texts.c.text_sha256).where(texts.c.sha256 == digest, texts.c.text_sha256 != digest),
        sa.select(pictures.c.picture).where(pictures.c.sha256 == digest),
    )
    return list(connection.execute(found).scalars())


def scrub_what_came_again(connection: Connection, archive: Archive, snapshot: Snapshot, update: int) -> None:
    """Take a release's words out of its update where its bytes or its text were redacted before."""
    tombstone = _stone(archive, snapshot.sha256, snapshot.known_at) or _stone(
        archive, snapshot.text_sha256, snapshot.known_at
    )
    if tombstone is not None:
        scrub(connection, [update], tombstone)


def _stone(archive: Archive, digest: str, at: Instant) -> Tombstone | None:
    """What stands where a content was removed; one that cannot be read (any more) removes all the same."""
    try:
        return archive.tombstone(digest)
    except OutageError:  # nothing is known of what was removed
        raise
    except ArchiveError as error:
        return Tombstone(sha256=digest, size=0, by="unknown", why=str(error), at=at)


def scrub(connection: Connection, updates: Iterable[int], tombstone: Tombstone) -> None:
    """Take the words of reports out of updates, each of which gets a digest of what is left."""
    from storage.proof.verify import digests_of
    from storage.search.index import forget_quotes

    for update in updates:
        _scrub_versions(connection, update)
        forget_quotes(connection, update)
        _scrub_unfollowed(connection, update)
        connection.execute(sa.update(schema.shapes).where(schema.shapes.c.update_id == update).values(shape="{}"))
        table = schema.redactions
        seals.delete(connection, table, table.c.update_id == update)
        digest = digests_of(connection, [update])[update]
        row = {"update_id": update, "digest": digest, "by": tombstone.by, "why": tombstone.why, "at": tombstone.at}
        seals.insert(connection, table, row)


def _scrub_quiet(connection: Connection, of: sa.ColumnElement[bool]) -> None:
    """Take the shapes of releases that changed nothing out where their bytes or texts go."""
    table = schema.quiet_releases
    query = sa.select(table.c.id).join(schema.snapshots).where(of, table.c.shape.is_not(None))
    for row_id in connection.execute(query).scalars().all():
        seals.update(connection, table, row_id, {"shape": None})


def _scrub_versions(connection: Connection, update: int) -> None:
    table = schema.versions
    mine = table.c.update_id == update
    for row in connection.execute(sa.select(table).where(mine, table.c.detail.is_not(None))).mappings().all():
        detail: dict[str, Any] = msgspec.json.decode(row["detail"])
        if kept := {name: value for name, value in detail.items() if name not in WORDS}:
            fresh = msgspec.json.encode(kept).decode()
        else:
            fresh = None
        if fresh != row["detail"]:
            place = (table.c.series_id == row["series_id"]) & (table.c.as_of == row["as_of"])
            connection.execute(sa.update(table).where(mine, place).values(detail=fresh))


def _scrub_unfollowed(connection: Connection, update: int) -> None:
    table = schema.unfollowed
    for row in connection.execute(sa.select(table).where(table.c.update_id == update)).all():
        figure = msgspec.json.decode(row.figure, type=Figure)
        fresh = msgspec.json.encode(msgspec.structs.replace(figure, **dict.fromkeys(WORDS, ""))).decode()
        mine = (table.c.update_id == update) & (table.c.position == row.position)
        connection.execute(sa.update(table).where(mine).values(figure=fresh))
