"""What proves an update outside of its ledger: what its digest is of, its chain, its snapshot, and a checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import LedgerError, UsageError
from storage import schema
from storage.archive.blobs import Archive
from storage.proof.checkpoint import Checkpoint
from storage.proof.digests import content_digest_of
from storage.proof.verify import content_of, heads
from storage.read.names import update_id
from storage.read.room import LedgerReader


class PackedUpdate(NamedTuple):
    """An update: what its content digest is of, and the digests of its release (None for a decision)."""

    name: str
    source: str
    content: bytes
    sha256: str | None
    text_sha256: str | None
    picture: str | None


class ChainRow(NamedTuple):
    """One update's place in its source's chain."""

    number: int
    content_digest: str
    recorded_at: str
    chain_digest: str


class PackedLedger(NamedTuple):
    """Updates, the chains of their sources from the first to the newest, and a checkpoint of the whole ledger."""

    updates: list[PackedUpdate]
    chains: dict[str, list[ChainRow]]
    checkpoint: str


class PackReader(LedgerReader):
    """Takes out of the ledger what proves updates elsewhere."""

    def packed(self, names: Iterable[str]) -> PackedLedger:
        """The updates with their chains. Raises `UsageError` where words of one were redacted: it proves no more."""
        with self.engine.connect() as connection:
            updates = [_packed(connection, name) for name in dict.fromkeys(names)]
            chains = {one.source: list(_chain(connection, one.source)) for one in updates}
            return PackedLedger(updates, chains, Checkpoint(heads(connection)).line())


def contents_of(archive: Archive, update: PackedUpdate) -> dict[str, bytes]:
    """The bytes of an update's release, its text, and its picture, by their digests.

    Raises `ArchiveError` where one is missing, redacted or damaged.
    """
    digests = dict.fromkeys(one for one in (update.sha256, update.text_sha256, update.picture) if one)
    return {digest: archive.get(digest) for digest in digests}


def _packed(connection: Connection, name: str) -> PackedUpdate:
    update = update_id(connection, name)
    row, content = content_of(connection, update)
    redacted = schema.redactions
    if connection.execute(sa.select(redacted.c.why).where(redacted.c.update_id == update)).first():
        raise UsageError(f"{name}: words of it were redacted, so it cannot be proved outside of its ledger")
    if content_digest_of(content) != row["content_digest"]:
        raise LedgerError(f"{name}: what it records is not what its content digest says", "run tallybook verify")
    return PackedUpdate(name, row["key"], content, row["sha256"], row["text_sha256"], row["picture"])


def _chain(connection: Connection, source: str) -> Iterator[ChainRow]:
    table, sources = schema.updates, schema.sources
    columns: tuple[sa.Column[Any], ...] = tuple(table.c[name] for name in ChainRow._fields)
    query = sa.select(*columns).select_from(table.join(sources)).where(sources.c.key == source)
    return (ChainRow(*row) for row in connection.execute(query.order_by(table.c.number)).all())
