"""Does the ledger still say what it said? Every digest is computed again from what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from model import ArchiveError
from storage import schema
from storage.archive import Archive
from storage.digests import chain_digest, checkpoint_digest, content_digest
from storage.record import Names, settlement_tuple, stated_tuple, version_tuple


def verify(engine: Engine, archive: Archive) -> Iterator[str]:
    """Yield a sentence for every recorded value, byte or text that is not what its digest says.

    Checks each source's chain of updates, the archive's bytes and derived texts, and that what is accepted follows
    from the versions. An empty answer means that everything verifies.
    """
    with engine.connect() as connection:
        yield from _chains(connection)
        yield from _snapshots(connection, archive)
        yield from _accepted(connection)


def checkpoint(engine: Engine) -> str:
    """One line to keep elsewhere: a digest of the heads of all sources."""
    with engine.connect() as connection:
        heads = _heads(connection)
    return f"{checkpoint_digest(heads)} {len(heads)} sources, {sum(number for _, number, _ in heads)} updates"


def _heads(connection: Connection) -> list[tuple[str, int, str]]:
    updates, sources = schema.updates, schema.sources
    newest = sa.select(sa.func.max(updates.c.id)).group_by(updates.c.source_id)
    rows = connection.execute(
        sa.select(sources.c.key, updates.c.number, updates.c.chain_digest)
        .select_from(updates.join(sources))
        .where(updates.c.id.in_(newest))
        .order_by(sources.c.key)
    )
    return [(key, number, chain) for key, number, chain in rows]


def _chains(connection: Connection) -> Iterator[str]:
    updates, sources, snapshots = schema.updates, schema.sources, schema.snapshots
    rows = connection.execute(
        sa.select(updates, sources.c.key, snapshots.c.sha256, snapshots.c.text_sha256)
        .select_from(updates.join(sources).outerjoin(snapshots))
        .order_by(sources.c.key, updates.c.number)
    ).mappings()
    named = Names(connection)
    source, chain, expected = "", "", 1
    for row in rows.all():
        if row["key"] != source:
            source, chain, expected = row["key"], "", 1
        name = f"{source}/{row['number']}"
        if row["number"] != expected:
            yield f"{name}: update {source}/{expected} is missing before it"
        expected = row["number"] + 1
        content = content_digest(*_digest_input(connection, row, named))
        if content != row["content_digest"]:
            yield f"{name}: what it records is not what its content digest says"
        if chain_digest(content, row["recorded_at"], chain) != row["chain_digest"]:
            yield f"{name}: its chain digest does not follow from the update before it"
        chain = row["chain_digest"]


def _digest_input(connection: Connection, row: Any, named: Names) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    digests = (row["sha256"], row["text_sha256"]) if row["sha256"] else None
    reader = (row["extractor"], row["reader_version"], row["options"]) if row["extractor"] else None
    head = {
        "number": row["number"],
        "cause": row["cause"],
        "why": row["why"],
        "known_at": row["known_at"],
        "published": row["published"],
        "snapshot": digests,
        "reader": reader,
    }

    def rows(table: sa.Table, *order: sa.Column[Any]) -> Any:
        query = sa.select(table).where(table.c.update_id == row["id"]).order_by(*order)
        return connection.execute(query).mappings()

    checks, unfollowed = schema.checks, schema.unfollowed
    parts = {
        "versions": sorted(version_tuple(one, named) for one in rows(schema.versions)),
        "checks": [
            (c["name"], c["result"], c["message"], c["series"], c["as_of"]) for c in rows(checks, checks.c.position)
        ],
        "stated": sorted(stated_tuple(one, named) for one in rows(schema.stated)),
        "settlements": sorted(settlement_tuple(one, named) for one in rows(schema.settlements)),
        "unfollowed": [(one["why"], one["figure"]) for one in rows(unfollowed, unfollowed.c.position)],
    }
    return head, parts


def _snapshots(connection: Connection, archive: Archive) -> Iterator[str]:
    seen: set[str] = set()
    for row in connection.execute(sa.select(schema.snapshots)):
        for what, digest in (("bytes", row.sha256), ("text", row.text_sha256)):
            if digest in seen or archive.redacted(digest):
                continue
            seen.add(digest)
            try:
                archive.get(digest)
            except ArchiveError as error:
                yield f"snapshot {row.sha256[:12]}: {what}: {error}"


def _accepted(connection: Connection) -> Iterator[str]:
    """The accepted table must be the last version that counts of each series and as-of, no more and no less."""
    versions, current, series = schema.versions, schema.current, schema.series
    last = (
        sa.select(versions.c.series_id, versions.c.as_of, sa.func.max(versions.c.update_id).label("update_id"))
        .where(versions.c.held == 0)
        .group_by(versions.c.series_id, versions.c.as_of)
        .subquery()
    )
    counting = {
        (row.series_id, row.as_of): row.content
        for row in connection.execute(
            sa.select(versions.c.series_id, versions.c.as_of, versions.c.content).select_from(
                versions.join(
                    last,
                    (last.c.series_id == versions.c.series_id)
                    & (last.c.as_of == versions.c.as_of)
                    & (last.c.update_id == versions.c.update_id),
                )
            )
        )
    }
    keys = {row.id: row.key for row in connection.execute(sa.select(series.c.id, series.c.key))}
    for row in connection.execute(sa.select(current)):
        content = counting.pop((row.series_id, row.as_of), "")
        if content != (None if row.withdrawn else row.content):
            yield f"{keys[row.series_id]}@{row.as_of}: the accepted value is not its last version that counts"
    for series_id, as_of in counting:
        yield f"{keys[series_id]}@{as_of}: a version counts that the accepted table does not have"
