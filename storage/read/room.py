"""What every question to the ledger needs: the database, and the texts of the archive."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Self

from sqlalchemy.engine import Engine

from model import ArchiveError
from storage.archive import Archive
from storage.database import open_engine

Texts = Callable[[str], str | None]
"""Archived texts by their digest; None where one was redacted or is missing."""


class LedgerReader:
    """Questions to the ledger; each method is one read-only transaction."""

    def __init__(self, engine: Engine, archive: Archive) -> None:
        self.engine = engine
        self.texts: Texts = _texts_of(archive)

    @classmethod
    def open(cls, url: str, archive: Archive) -> Self:
        """Open a ledger for reading alone; none is begun or changed."""
        return cls(open_engine(url, reading=True), archive)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def _texts_of(archive: Archive) -> Texts:
    @lru_cache(maxsize=64)
    def kept(digest: str) -> str:
        return archive.get(digest).decode(errors="replace")

    def read(digest: str) -> str | None:
        try:
            return kept(digest)
        except ArchiveError:
            return None  # not remembered: the same bytes may come again and heal it

    return read
