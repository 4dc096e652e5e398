"""Whether what articles said is in the archive still."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import schema
from storage.archive import Archive
from storage.driver.schemas import there

_T = schema.print_texts


def lost(connection: Connection, archive: Archive) -> Iterator[str]:
    """Yield a sentence for every text of an article that is not in the archive as it was read."""
    if not there(connection, [_T]):
        return
    for row in connection.execute(sa.select(_T)):
        for digest in (row.sha256, row.text_sha256):
            if not archive.tombstone(digest) and not archive.sound(digest):
                yield f"what article {row.article_id} said is not in the archive: {digest}"
