"""The archive of bytes: content-addressed, compressed, written whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path

import msgspec
import zstandard

from model import ArchiveError, Instant, UsageError


class Tombstone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands where a content was removed on purpose: which one, how long, by whom, why and when."""

    sha256: str
    size: int
    by: str
    why: str
    at: Instant


class Archive:
    """A folder of contents, each under its SHA-256; the same content is stored once.

    Files hold zstd-compressed bytes. A redacted content leaves a tombstone beside its place.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Store bytes and return their SHA-256 in hexadecimal; storing what is there already does nothing.

        Raises `ArchiveError` when the folder cannot be written.
        """
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if not path.exists() and not self._stone(digest).exists():
            try:
                self._write(path, zstandard.ZstdCompressor(level=3).compress(content))
            except OSError as error:
                raise ArchiveError(f"{path.parent} cannot be written: {error.strerror or error}") from None
        return digest

    def get(self, digest: str) -> bytes:
        """Read bytes back, proved by their digest.

        Raises `ArchiveError` when they are missing, redacted or not what the digest says.
        """
        if (tombstone := self.tombstone(digest)) is not None:
            raise ArchiveError(f"content {digest} was redacted by {tombstone.by}: {tombstone.why}")
        try:
            stored = self._path(digest).read_bytes()
        except FileNotFoundError:
            raise ArchiveError(f"content {digest} is missing from the archive") from None
        try:
            content = zstandard.ZstdDecompressor().decompress(stored, max_output_size=2**31)
        except zstandard.ZstdError as error:
            raise ArchiveError(f"content {digest} is damaged: {error}") from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise ArchiveError(f"content {digest} is not what its digest says")
        return content

    def has(self, digest: str) -> bool:
        """Whether the content is stored."""
        return self._path(digest).exists() and not self._stone(digest).exists()

    def tombstone(self, digest: str) -> Tombstone | None:
        """What stands in the place of a content that was removed on purpose; None where none was.

        Raises `ArchiveError` for a tombstone that does not say who removed which content and why.
        """
        try:
            tombstone = msgspec.json.decode(self._stone(digest).read_bytes(), type=Tombstone)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError as error:
            raise ArchiveError(f"content {digest}: its tombstone is damaged: {error}") from None
        if tombstone.sha256 != digest:
            raise ArchiveError(f"content {digest}: its tombstone is that of {tombstone.sha256}")
        return tombstone

    def tombstones(self) -> list[Tombstone]:
        """Every content that was removed on purpose, oldest first; damaged tombstones are left to `verify`."""
        found = []
        for stone in self.folder.glob("??/*.redacted"):
            with contextlib.suppress(ArchiveError):
                found.append(self.tombstone(stone.stem))
        return sorted((one for one in found if one is not None), key=lambda one: (one.at, one.sha256))

    def redact(self, digest: str, *, by: str, why: str, at: Instant) -> Tombstone:
        """Remove a content for good, leaving a tombstone; the same content is never stored again.

        Raises `UsageError` where no such content is stored, or it was removed before.
        """
        if not re.fullmatch("[0-9a-f]{64}", digest):
            raise UsageError(f"{digest!r} is no SHA-256", "write all of its 64 hexadecimal digits")
        if not self.has(digest):
            before = self.tombstone(digest)
            self._path(digest).unlink(missing_ok=True)  # a redaction that was cut off is finished
            if before is not None:
                raise UsageError(f"content {digest} was redacted on {before.at} by {before.by}: {before.why}")
            raise UsageError(f"the archive has no content {digest}", "tallybook log --json names them: snapshot")
        tombstone = Tombstone(sha256=digest, size=len(self.get(digest)), by=by, why=why, at=at)
        self._write(self._stone(digest), msgspec.json.encode(tombstone))
        self._path(digest).unlink()
        return tombstone

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / f"{digest}.zst"

    def _stone(self, digest: str) -> Path:
        return self.folder / digest[:2] / f"{digest}.redacted"

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
            _settle(path.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _settle(folder: Path) -> None:
    """Make a new name in a folder outlast a power cut, as its file does."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
