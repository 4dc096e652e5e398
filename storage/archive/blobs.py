"""The archive of bytes: content-addressed, compressed, written whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from threading import Lock
from typing import Literal

import msgspec
import zstandard

from model import ArchiveError, Instant, OutageError, TallybookError, UsageError
from storage.archive.stores import open_store

log = logging.getLogger("tallybook")

MOST_BYTES = 2**30
"""More than any content has that is fetched or handed in."""


class Tombstone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands where a content was removed on purpose: which one, how long, by whom, why and when."""

    sha256: str
    size: int
    by: str
    why: str
    at: Instant


class Archive:
    """A place of contents, each under its SHA-256; the same content is stored once.

    `place` is a folder or an fsspec address; files there hold zstd-compressed bytes. With a `limit` in bytes nothing
    more is stored once all files together would be larger. A redacted content leaves a tombstone beside its place.
    """

    def __init__(self, place: Path | str, *, limit: int | None = None) -> None:
        self.store = open_store(place)
        self.limit = limit
        self._lock = Lock()
        self._later: ContextVar[set[str] | None] = ContextVar("later", default=None)
        self._stored: int | None = None
        self.beside = 0
        """Bytes of the ledger's database, which the limit holds for, too."""

    def put(self, content: bytes) -> str:
        """Store bytes and return their SHA-256 in hexadecimal; what is there already is only written again if damaged.

        Raises `OutageError` when the place cannot be written, or has reached its limit.
        """
        digest = hashlib.sha256(content).hexdigest()
        name = _name(digest)
        with self._reached():
            stone, stored = self.store.read_many([_stone(digest), name])
            if isinstance(stone, FileNotFoundError) and not _holds(stored, digest):
                if isinstance(stored, bytes):
                    log.warning(
                        "content %s was damaged in the archive; its bytes came again and are written anew", digest
                    )
                data = zstandard.ZstdCompressor(level=3).compress(content)
                later = self._later.get()
                with self._room(len(data)):
                    self.store.write(name, data, later=later is not None)
                if later is not None:
                    later.add(name)
        return digest

    @contextlib.contextmanager
    def together(self) -> Iterator[Callable[[], None]]:
        """Let what this thread stores within the block wait for the disk together, when it calls what it is given."""
        written: set[str] = set()
        before = self._later.set(written)

        def settle() -> None:
            with self._reached():
                self.store.settle(written)
            written.clear()

        try:
            yield settle
        finally:
            self._later.reset(before)

    def refuse_closed(self) -> None:
        """Refuse a place that takes nothing more. Raises `OutageError`."""
        with self._reached():
            self.store.refuse_closed()

    def refuse_growth(self, beside: int) -> None:
        """Refuse what would make the ledger grow, of which `beside` bytes are stored, where the limit is reached.

        Raises `OutageError` then.
        """
        self.beside = beside
        with self._room(0):
            pass

    @contextlib.contextmanager
    def _room(self, size: int) -> Iterator[None]:
        """Keep within the limit; files of other processes are counted when the first one is stored."""
        if self.limit is None:
            yield
            return
        with self._lock:
            if self._stored is None:
                self._stored = sum(size for _name, size in self.store.files())
            held = self._stored + self.beside
            together = "with the ledger it holds" if self.beside else "it holds"
            if held + size > self.limit:
                raise OutageError(
                    f"the archive at {self.store.shown} is full: {together} {_megabytes(held)} of the "
                    f"{_megabytes(self.limit)} it may; nothing was recorded",
                    "raise TALLYBOOK_ARCHIVE_LIMIT or make room",
                )
            self._stored += size
        try:
            yield
        except BaseException:
            with self._lock:
                self._stored -= size
            raise

    def get(self, digest: str) -> bytes:
        """Read bytes back, proved by their digest.

        Raises `ArchiveError` when they are missing, redacted or not what the digest says.
        """
        found = self.get_many([digest])[digest]
        if isinstance(found, ArchiveError):
            raise found
        return found

    def get_many(self, digests: Sequence[str]) -> dict[str, bytes | ArchiveError]:
        """Read several contents together; what would be raised of one stands in its place."""
        stored = self.store.read_many([name(digest) for digest in digests for name in (_stone, _name)])
        return {
            digest: _content(digest, stone, found)
            for digest, stone, found in zip(digests, stored[::2], stored[1::2], strict=True)
        }

    def sound(self, digest: str) -> bool:
        """Whether the content is stored and is what its digest says."""
        if not self.store.exists(_name(digest)):
            return False
        try:
            self.get(digest)
        except ArchiveError:
            return False
        return True

    def lacks(self, digest: str) -> bool:
        """Whether the content ought to be here and is not: it is missing or damaged, and nobody removed it."""
        return not self.store.exists(_stone(digest)) and not self.sound(digest)

    def has(self, digest: str) -> bool:
        """Whether the content is stored."""
        return self.store.exists(_name(digest)) and not self.store.exists(_stone(digest))

    def knows(self, digest: str) -> bool:
        """Whether the content was ever stored, though it may have been removed since."""
        return self.store.exists(_name(digest)) or self.store.exists(_stone(digest))

    def tombstone(self, digest: str) -> Tombstone | None:
        """What stands in the place of a content that was removed on purpose; None where none was.

        Raises `ArchiveError` for a tombstone that does not say who removed which content and why, `OutageError` where
        the place cannot be read.
        """
        with self._reached("read"):
            try:
                return _tombstone(digest, self.store.read(_stone(digest)))
            except FileNotFoundError:
                return None

    def tombstones(self) -> list[Tombstone]:
        """Every content that was removed on purpose, oldest first; damaged tombstones are left to `verify`."""
        found = []
        for name, _size in self.store.files():
            if name.endswith(REDACTED):
                with contextlib.suppress(ArchiveError):
                    found.append(self.tombstone(name.rpartition("/")[2].removesuffix(REDACTED)))
        return sorted((one for one in found if one is not None), key=lambda one: (one.at, one.sha256))

    def redact(self, digest: str, *, by: str, why: str, at: Instant) -> Tombstone:
        """Remove a content for good, leaving a tombstone; the same content is never stored again.

        Raises `UsageError` where no such content is stored, or it was removed before.
        """
        if not re.fullmatch("[0-9a-f]{64}", digest):
            raise UsageError(f"{digest!r} is no SHA-256", "write all of its 64 hexadecimal digits")
        if not self.has(digest):
            before = self.tombstone(digest)
            self.store.delete(_name(digest))  # a redaction that was cut off is finished
            if before is not None:
                raise UsageError(f"content {digest} was redacted on {before.at} by {before.by}: {before.why}")
            raise UsageError(f"the archive has no content {digest}", "tallybook log --json names them: snapshot")
        tombstone = Tombstone(sha256=digest, size=self._size(digest), by=by, why=why, at=at)
        with self._reached():
            self.store.write(_stone(digest), msgspec.json.encode(tombstone))
        self.store.delete(_name(digest))
        return tombstone

    def _size(self, digest: str) -> int:
        """How long a content is; 0 where it is damaged, which must not keep it from being removed."""
        try:
            return len(self.get(digest))
        except ArchiveError:
            return 0

    @contextlib.contextmanager
    def _reached(self, what: Literal["read", "written"] = "written") -> Iterator[None]:
        """Tell a place that cannot be reached in a sentence; what a remote one raises is of many kinds."""
        try:
            yield
        except TallybookError:
            raise
        except Exception as error:
            told = getattr(error, "strerror", None) or error
            raise OutageError(f"the archive at {self.store.shown} cannot be {what}: {told}") from None


def _tombstone(digest: str, stored: bytes) -> Tombstone:
    try:
        tombstone = msgspec.json.decode(stored, type=Tombstone)
    except msgspec.MsgspecError as error:
        raise ArchiveError(f"content {digest}: its tombstone is damaged: {error}") from None
    if tombstone.sha256 != digest:
        raise ArchiveError(f"content {digest}: its tombstone is that of {tombstone.sha256}")
    return tombstone


def _content(digest: str, stone: bytes | Exception, stored: bytes | Exception) -> bytes | ArchiveError:
    """A content out of what its two places hold, or why there is none."""
    try:
        if isinstance(stone, bytes):
            tombstone = _tombstone(digest, stone)
            return ArchiveError(f"content {digest} was redacted by {tombstone.by}: {tombstone.why}")
        return _proved(digest, _unpacked(_there(digest, stone, stored)))
    except ArchiveError as error:
        return error
    except zstandard.ZstdError as error:
        return ArchiveError(f"content {digest} is damaged: {error}")


def _there(digest: str, stone: Exception, stored: bytes | Exception) -> bytes:
    """What is stored. Raises `ArchiveError` where there is nothing, or it cannot be told."""
    for found in (stone, stored):
        if not isinstance(found, bytes | FileNotFoundError):  # a bad sector; a remote place raises what it likes
            told = getattr(found, "strerror", None) or found
            raise ArchiveError(f"content {digest} cannot be read from the archive: {told}")
    if not isinstance(stored, bytes):
        raise ArchiveError(f"content {digest} is missing from the archive")
    return stored


def _proved(digest: str, content: bytes) -> bytes:
    if hashlib.sha256(content).hexdigest() != digest:
        raise ArchiveError(f"content {digest} is not what its digest says")
    return content


def _holds(stored: bytes | Exception, digest: str) -> bool:
    """Whether what is stored is the content of a digest."""
    return isinstance(_content(digest, FileNotFoundError(), stored), bytes)


def _unpacked(stored: bytes) -> bytes:
    """What compressed bytes hold; a damaged head may promise more than any content has."""
    if zstandard.get_frame_parameters(stored).content_size > MOST_BYTES:
        raise zstandard.ZstdError("its head is not that of a content")
    return zstandard.ZstdDecompressor().decompress(stored, max_output_size=MOST_BYTES)


def _name(digest: str) -> str:
    return f"{digest[:2]}/{digest}{STORED}"


STORED, REDACTED = ".zst", ".redacted"
"""How the names of a content's file and of its tombstone end."""


def _stone(digest: str) -> str:
    return f"{digest[:2]}/{digest}{REDACTED}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
