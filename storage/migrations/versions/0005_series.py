"""Series that no update shows, which earlier versions opened for a label without a value, and keys in addresses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from model import public_text, public_url
from storage.proof.seals import digest_row, move, scope_of
from storage.schema import attempt_days, fetches, sources

revision = "0005"
down_revision = "0004"

_SHOWN = " AND ".join(
    f"NOT EXISTS (SELECT 1 FROM {table} t WHERE t.series_id = series.id)"
    for table in ("versions", "stated", "settlements", "current")
)
_ADDRESSES = (
    (sources, {"url": public_url}),
    (fetches, {"url": public_url, "reason": public_text, "headers": public_text}),
    (attempt_days, {"reason": public_text}),
)


def upgrade() -> None:
    """Take out what says nothing, and clean what is stored of addresses, under its seals."""
    bind = op.get_bind()
    bind.execute(sa.text(f"DELETE FROM series WHERE {_SHOWN}"))
    for table, columns in _ADDRESSES:
        for row in bind.execute(sa.select(table)).mappings().all():
            cleaned = {name: clean(row[name]) for name, clean in columns.items() if row[name] is not None}
            fresh = {**row, **cleaned}
            if fresh != dict(row):
                mine = sa.and_(*(column == row[column.name] for column in table.primary_key.columns))
                bind.execute(sa.update(table).where(mine).values(cleaned))
                move(bind, scope_of(table, row), add=[digest_row(table, fresh)], take=[digest_row(table, row)])
