"""What every question to the ledger needs: the database, and the texts of the archive."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Self

from sqlalchemy.engine import Engine

from storage.archive import Archive
from storage.database import open_engine

KEPT = 64
"""So many texts are kept at hand."""


class Texts:
    """Archived texts by their digest, the newest kept at hand; None where one was redacted or is missing."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._lock = Lock()

    def __call__(self, digest: str) -> str | None:
        with self._lock:
            if digest in self._kept:
                self._kept.move_to_end(digest)
                return self._kept[digest]
        return self._read([digest]).get(digest)

    def ahead(self, digests: Iterable[str | None]) -> None:
        """Read what will be asked for together, as a place far away answers many at once as fast as one."""
        with self._lock:
            wanted = [digest for digest in dict.fromkeys(digests) if digest and digest not in self._kept][:KEPT]
        if wanted:
            self._read(wanted)

    def _read(self, digests: Sequence[str]) -> dict[str, str]:
        # What could not be read is not remembered: the same bytes may come again and heal it.
        found = {
            digest: content.decode(errors="replace")
            for digest, content in self._archive.get_many(digests).items()
            if isinstance(content, bytes)
        }
        with self._lock:
            self._kept.update(found)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


class LedgerReader:
    """Questions to the ledger; each method is one read-only transaction."""

    def __init__(self, engine: Engine, archive: Archive) -> None:
        self.engine = engine
        self.texts = Texts(archive)

    @classmethod
    def open(cls, url: str, archive: Archive) -> Self:
        """Open a ledger for reading alone; none is begun or changed."""
        return cls(open_engine(url, reading=True), archive)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()
