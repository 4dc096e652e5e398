"""Does the ledger still say what it said? Every digest is computed again from what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from model import ArchiveError, LedgerError
from storage import schema
from storage.archive import Archive
from storage.driver.schemas import tables
from storage.generations.naming import in_force, update_named, was_in_force
from storage.printed.texts import lost
from storage.proof import layout, seals
from storage.proof.checkpoint import Checkpoint, Head
from storage.proof.digests import chain_digest, content_bytes, content_digest
from storage.search.index import out_of_step, text_of

UPDATES_AT_ONCE = 100
ROWS_AT_ONCE = 10_000

_PARTS = (schema.versions, schema.checks, schema.stated, schema.settlements, schema.unfollowed, schema.shapes)


def verify(engine: Engine, archive: Archive, against: Checkpoint | None = None) -> Iterator[str]:
    """Yield a sentence for every recorded value, byte or text that is not what its digest says.

    Checks each source's chain of updates, the archive's bytes and derived texts, that what is accepted follows from
    the versions, and, against a checkpoint kept elsewhere, that no chain was cut or written anew since. An empty
    answer means that everything verifies.
    """
    with engine.connect() as connection:
        yield from problems(connection, archive)
        if against is not None:
            yield from _against(connection, against)


def problems(connection: Connection, archive: Archive) -> Iterator[str]:
    """The same within a transaction, of the ledger alone; a part that cannot be read is told, and the next one read."""
    parts: tuple[Callable[[], Iterator[str]], ...] = (
        lambda: _pages(connection),
        lambda: chains(connection),
        lambda: seals.orphans(connection, tables(connection)),
        lambda: seals.broken(connection),
        lambda: rows_out_of_form(connection),
        lambda: accepted(connection),
        lambda: out_of_step(connection, lambda digest: text_of(archive, digest)),
        lambda: _snapshots(connection, archive),
        lambda: lost(connection, archive),
    )
    for part in parts:
        try:
            yield from part()
        except (LedgerError, sa.exc.SQLAlchemyError, msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
            yield f"the ledger cannot be read to its end: {error}"


def _pages(connection: Connection) -> Iterator[str]:
    """What SQLite itself finds damaged in its file."""
    if connection.dialect.name == "sqlite":
        for (told,) in connection.exec_driver_sql("PRAGMA integrity_check(20)"):
            if told != "ok":
                yield f"the database file: {' '.join(str(told).split())}"


def checkpoint(engine: Engine) -> str:
    """One line to keep elsewhere: every source's newest number and chain digest, and a digest of them all."""
    with engine.connect() as connection:
        return Checkpoint(heads(connection)).line()


def heads(connection: Connection) -> tuple[Head, ...]:
    """The newest update of every source, by the source's key; of its generations that are or were in force."""
    updates, sources = schema.updates, schema.sources
    newest = (
        sa.select(updates.c.source_id, sa.func.max(updates.c.number).label("number"))
        .group_by(updates.c.source_id)
        .subquery()
    )
    rows = connection.execute(
        sa.select(sources.c.key, updates.c.number, updates.c.chain_digest)
        .select_from(updates.join(sources))
        .join(newest, (newest.c.source_id == updates.c.source_id) & (newest.c.number == updates.c.number))
        .where(was_in_force(updates.c.source_id))
        .order_by(sources.c.key)
    )
    return tuple(Head(*row) for row in rows)


_S, _P, _G = schema.snapshots, schema.pictures, schema.generations
_UPDATES = sa.select(
    schema.updates, schema.sources.c.key, sa.func.coalesce(_G.c.begins, 0).label("begins"),
    _S.c.sha256, _S.c.text_sha256, _P.c.picture,
).select_from(
    schema.updates.join(schema.sources).outerjoin(_G, _G.c.source_id == schema.sources.c.id)
    .outerjoin(_S, _S.c.id == schema.updates.c.snapshot_id).outerjoin(_P, _P.c.sha256 == _S.c.sha256)
)  # fmt: skip


def chains(connection: Connection) -> Iterator[str]:
    """Yield a sentence for every update that is missing, altered, or not the one its chain goes on from."""
    query = _UPDATES.order_by(schema.sources.c.key, schema.updates.c.number)
    named, redacted = layout.Names(connection), redacted_digests(connection)
    source, chain, expected = "", "", 1
    for row, content in _with_digests(connection, query, named):
        if row["key"] != source:
            source, chain, expected = row["key"], "", row["begins"] + 1
        name = f"{source}/{row['number']}"
        if row["number"] != expected:
            yield f"{name}: update {source}/{expected} is missing before it"
        expected = row["number"] + 1
        if content != redacted.get(row["id"], row["content_digest"]):
            yield f"{name}: what it records is not what its content digest says"
        if chain_digest(row["content_digest"], row["recorded_at"], chain) != row["chain_digest"]:
            yield f"{name}: its chain digest does not follow from the update before it"
        chain = row["chain_digest"]


def redacted_digests(connection: Connection) -> dict[int, str]:
    """What is left of updates after a redaction, by the update."""
    table = schema.redactions
    return dict(connection.execute(sa.select(table.c.update_id, table.c.digest)).all())


def digests_of(connection: Connection, updates: Sequence[int]) -> dict[int, str | None]:
    """The content digests of updates as they are stored now; None where one cannot be read."""
    query = _UPDATES.where(schema.updates.c.id.in_(updates))
    return {row["id"]: digest for row, digest in _with_digests(connection, query, layout.Names(connection))}


def content_of(connection: Connection, update: int) -> tuple[Any, bytes]:
    """The row of an update, and what its content digest is of, as it is stored now."""
    ((row, parts),) = _with_parts(connection, _UPDATES.where(schema.updates.c.id == update))
    named = layout.Names(connection)
    head = layout.head(row, _snapshot_of(row), row["begins"])
    return row, content_bytes(head, layout.parts(parts, connection, named))


def _with_digests(
    connection: Connection, query: sa.Select[Any], named: layout.Names
) -> Iterator[tuple[Any, str | None]]:
    """Updates with the digest of what each records; None where that cannot be read at all."""
    for row, parts in _with_parts(connection, query):
        yield row, _digest_of(row, parts, connection, named)


def _with_parts(connection: Connection, query: sa.Select[Any]) -> Iterator[tuple[Any, dict[str, list[Any]]]]:
    """Updates with the rows that hang on each, by table."""
    rows = connection.execute(query.execution_options(yield_per=UPDATES_AT_ONCE)).mappings()
    for batch in rows.partitions():
        ids = [row["id"] for row in batch]
        found: dict[str, dict[int, list[Any]]] = {table.name: {} for table in _PARTS}
        for table in _PARTS:
            order = [table.c.position] if "position" in table.c else []
            for part in connection.execute(
                sa.select(table).where(table.c.update_id.in_(ids)).order_by(table.c.update_id, *order)
            ).mappings():
                found[table.name].setdefault(part["update_id"], []).append(part)
        for row in batch:
            yield row, {name: of.get(row["id"], []) for name, of in found.items()}


def _digest_of(row: Any, rows: dict[str, list[Any]], connection: Connection, named: layout.Names) -> str | None:
    try:
        head = layout.head(row, _snapshot_of(row), row["begins"])
        return content_digest(head, layout.parts(rows, connection, named))
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError):
        return None


def _snapshot_of(row: Any) -> tuple[str, ...] | None:
    return layout.snapshot(row["sha256"], row["text_sha256"], row["picture"]) if row["sha256"] else None


def rows_out_of_form(connection: Connection) -> Iterator[str]:
    """Yield a sentence for rows that no writer writes so, whatever their digests say."""
    for table in (schema.checks, schema.unfollowed):
        places = sa.select(
            table.c.update_id, sa.func.max(table.c.position), sa.func.min(table.c.position), sa.func.count()
        )
        for update, last, first, count in connection.execute(places.group_by(table.c.update_id)):
            if (first, last) != (0, count - 1):
                yield f"{table.name}: the rows of update {update} are not numbered from 0 on"
    for table, conditions in _ODD.items():
        for what, condition in conditions.items():
            query = sa.select(sa.func.count()).select_from(table).where(condition)
            if count := connection.execute(query).scalar():
                yield f"{table.name}: {count} rows {what}"
    yield from _foreign_rows(connection)


def _foreign_rows(connection: Connection) -> Iterator[str]:
    """Series and shapes that stand under another source than the one whose updates made them."""
    series, sources, shapes, updates = schema.series, schema.sources, schema.shapes, schema.updates
    named = sa.func.coalesce(_G.c.source, sources.c.key).label("source")
    query = sa.select(series.c.key, named).select_from(
        series.join(sources, sources.c.id == series.c.source_id).outerjoin(_G, _G.c.source_id == sources.c.id)
    )
    for row in connection.execute(query):
        if not row.key.startswith(f"{row.source}/"):
            yield f"{row.key}: the series stands under the source {row.source}"
    other = shapes.join(updates, updates.c.id == shapes.c.update_id)
    strays = sa.select(sa.func.count()).select_from(other).where(shapes.c.source_id != updates.c.source_id)
    if count := connection.execute(strays).scalar():
        yield f"shapes: {count} rows stand under another source than their update"
    for table in (schema.versions, schema.stated):
        rows = table.join(series, series.c.id == table.c.series_id).join(updates, updates.c.id == table.c.update_id)
        strays = sa.select(sa.func.count()).select_from(rows).where(series.c.source_id != updates.c.source_id)
        if count := connection.execute(strays).scalar():
            yield f"{table.name}: {count} rows stand under another source than their update"
    shown = sa.exists().where(schema.versions.c.series_id == series.c.id, schema.versions.c.kind == "first")
    for key in connection.execute(sa.select(series.c.key).where(~shown)).scalars():
        yield f"{key}: no update shows the series first"


def _half_placed(table: sa.Table) -> sa.ColumnElement[bool]:
    places = [table.c[name].is_(None) for name in ("start", "end", "quote_start", "quote_end")]
    return sa.or_(*places) & ~sa.and_(*places)


_ODD: dict[sa.Table, dict[str, sa.ColumnElement[bool]]] = {
    schema.versions: {
        "have half a place in the text": _half_placed(schema.versions),
        "have an empty base": (schema.versions.c.base_as_of == "") | (schema.versions.c.base_update_id == 0),
        "have an empty detail": schema.versions.c.detail == "",
    },
    schema.stated: {
        "have half a place in the text": _half_placed(schema.stated),
        "have an empty base": (schema.stated.c.base_as_of == "")
        | (schema.stated.c.base_update_id == 0)
        | (schema.stated.c.base_series_id == 0)
        | (schema.stated.c.versions_back == 0)
        | (schema.stated.c.implied == "")
        | (schema.stated.c.computed == ""),
    },
}


def _snapshots(connection: Connection, archive: Archive) -> Iterator[str]:
    seen: set[str] = set()
    for row in connection.execute(sa.select(schema.snapshots)).all():
        for what, digest in (("bytes", row.sha256), ("text", row.text_sha256)):
            if digest not in seen:
                seen.add(digest)
                yield from _stored(archive, row.sha256, what, digest, row.size)
    for row in connection.execute(sa.select(schema.pictures)).all():
        yield from _stored(archive, row.sha256, "picture", row.picture)


def _stored(archive: Archive, snapshot: str, what: str, digest: str, size: int | None = None) -> Iterator[str]:
    """Yield a sentence where a content of a snapshot is not what was recorded."""
    try:
        found = len(archive.get(digest)) if archive.tombstone(digest) is None else size
    except ArchiveError as error:
        yield f"snapshot {snapshot[:12]}: {what}: {error}"
        return
    if what == "bytes" and found != size:
        yield f"snapshot {snapshot[:12]}: it has {found} bytes, not the {size} that were recorded"


def accepted(connection: Connection) -> Iterator[str]:
    """Yield a sentence for every place where the accepted table is not the last version that counts there."""
    keys = _Keys(connection)
    table = iter(_rows(connection, schema.current))
    shown = next(table, None)
    for last in _last_versions(connection):
        while shown is not None and _place(shown) < _place(last):
            yield f"{keys.name(shown)}: it is accepted, and no version of it counts"
            shown = next(table, None)
        if shown is None or _place(shown) != _place(last):
            yield f"{keys.name(last)}: a version counts that the accepted table does not have"
            continue
        if (shown.update_id, shown.content, shown.withdrawn) != _expected(last):
            yield f"{keys.name(shown)}: the accepted value is not its last version that counts"
        shown = next(table, None)
    while shown is not None:
        yield f"{keys.name(shown)}: it is accepted, and no version of it counts"
        shown = next(table, None)


class _Last:
    """The last version that counts of one observation, with the last one that had a value."""

    __slots__ = ("as_of", "row", "series_id", "valued")

    def __init__(self, row: Any) -> None:
        self.series_id, self.as_of = row.series_id, row.as_of
        self.row, self.valued = row, row

    def step(self, row: Any) -> None:
        self.row = row
        if row.content is not None:
            self.valued = row


def _expected(last: _Last) -> tuple[int, str | None, int]:
    return last.valued.update_id, last.valued.content, int(last.row.content is None)


def _last_versions(connection: Connection) -> Iterator[_Last]:
    last: _Last | None = None
    for row in _rows(connection, schema.versions, schema.versions.c.held == 0):
        if last is not None and _place(last) == _place(row):
            last.step(row)
            continue
        if last is not None:
            yield last
        last = _Last(row)
    if last is not None:
        yield last


def _rows(connection: Connection, table: sa.Table, *where: Any) -> Iterable[Any]:
    names = ("series_id", "as_of", "update_id", "content", *(["withdrawn"] if "withdrawn" in table.c else []))
    query = sa.select(*(table.c[name] for name in names)).where(*where)
    order = (table.c.series_id, table.c.as_of, table.c.update_id)
    return connection.execute(query.order_by(*order).execution_options(yield_per=ROWS_AT_ONCE))


def _place(row: Any) -> tuple[int, str]:
    return row.series_id, row.as_of


class _Keys:
    """What series are called, looked up when the first of them is told of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._keys: dict[int, str] = {}

    def name(self, row: Any) -> str:
        if not self._keys:
            series = schema.series
            self._keys = dict(self._connection.execute(sa.select(series.c.id, series.c.key)).all())
        return f"{self._keys.get(row.series_id, f'series {row.series_id}')}@{row.as_of}"


def _against(connection: Connection, kept: Checkpoint) -> Iterator[str]:
    now = {head.source: head.number for head in heads(connection)}
    for head in kept.heads:
        name = f"{head.source}/{head.number}"
        newest = now.get(head.source)
        if newest is None:
            yield f"{name}: the checkpoint knows it, and the ledger has nothing of this source"
        elif newest < head.number:
            yield f"{name}: the checkpoint knows it, and the ledger ends at {head.source}/{newest}: its tail was cut"
        elif _chain_at(connection, head) != head.chain:
            yield f"{name}: its chain digest is not the checkpoint's: the history up to it was written anew"


def _chain_at(connection: Connection, head: Head) -> str | None:
    query = sa.select(schema.updates.c.chain_digest).where(update_named(head.source, head.number))
    return connection.execute(query).scalar()


def states(connection: Connection) -> Sequence[tuple[str, str]]:
    """The name within its generation and the content digest of every update in force, by source and number.

    Equal ledgers give equal lists.
    """
    updates, sources = schema.updates, schema.sources
    number = updates.c.number - sa.func.coalesce(_G.c.begins, 0)
    query = (
        sa.select(sources.c.key, number, updates.c.content_digest)
        .select_from(updates.join(sources).outerjoin(_G, _G.c.source_id == sources.c.id))
        .where(in_force(updates.c.source_id))
    )
    rows = connection.execute(query.order_by(sources.c.key, updates.c.number))
    return [(f"{key}/{number}", digest) for key, number, digest in rows]
