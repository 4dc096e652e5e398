"""The history of definitions: which text was in force from when, and by whom; each update finds its own.

A text is kept without the passwords and keys of its addresses, beside the digest of the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from model import Instant, now, public_text
from storage import schema
from storage.proof import seals
from storage.read.names import update_id

_D = schema.definitions


class DefinitionVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One text of a source's definition: its number, when it came into force, who wrote it, and why."""

    source: str
    number: int
    since: Instant
    digest: str
    by: str
    why: str
    text: str


def note_definition(connection: Connection, source: str, text: str, by: str, why: str) -> bool:
    """Write down that a text is in force from now on; False where it is already."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    newest = connection.execute(
        sa.select(_D.c.number, _D.c.digest).where(_D.c.source == source).order_by(_D.c.number.desc()).limit(1)
    ).first()
    if newest is not None and newest.digest == digest:
        return False
    last = connection.execute(sa.select(sa.func.max(schema.updates.c.id))).scalar() or 0
    values = {
        "source": source, "number": newest.number + 1 if newest is not None else 1, "since": now(),
        "after_update": last, "digest": digest, "by": by, "why": why, "text": public_text(text),
    }  # fmt: skip
    seals.insert(connection, _D, values)
    return True


def newest_digest(connection: Connection, source: str) -> str | None:
    """The digest of the definition that is in force; None before the first."""
    query = sa.select(_D.c.digest).where(_D.c.source == source).order_by(_D.c.number.desc()).limit(1)
    return connection.execute(query).scalar()


def definitions_of(connection: Connection, source: str) -> list[DefinitionVersion]:
    """Every text that a source's definition had, newest first."""
    rows = connection.execute(sa.select(_D).where(_D.c.source == source).order_by(_D.c.number.desc()))
    return [_version(row) for row in rows.mappings()]


def definition_of(connection: Connection, update: str) -> DefinitionVersion | None:
    """The definition that was in force when an update was recorded; None for one that is older than the history."""
    of = sa.select(_D).where(_D.c.source == update.rpartition("/")[0])
    query = of.where(_D.c.after_update < update_id(connection, update)).order_by(_D.c.number.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return _version(row) if row is not None else None


def _version(row: sa.RowMapping) -> DefinitionVersion:
    return DefinitionVersion(**{name: row[name] for name in DefinitionVersion.__struct_fields__})


def numbered(versions: Sequence[DefinitionVersion], number: int) -> DefinitionVersion | None:
    """The one of these with a number."""
    return next((one for one in versions if one.number == number), None)
