"""The archive of bytes: content-addressed, compressed, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import zstandard

from model import ArchiveError


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
        if not path.exists() and not self._tombstone(digest).exists():
            try:
                self._write(path, zstandard.ZstdCompressor(level=3).compress(content))
            except OSError as error:
                raise ArchiveError(f"{path.parent} cannot be written: {error.strerror or error}") from None
        return digest

    def get(self, digest: str) -> bytes:
        """Read bytes back, proved by their digest.

        Raises `ArchiveError` when they are missing, redacted or not what the digest says.
        """
        try:
            stored = self._path(digest).read_bytes()
        except FileNotFoundError:
            gone = "was redacted" if self._tombstone(digest).exists() else "is missing from the archive"
            raise ArchiveError(f"content {digest} {gone}") from None
        try:
            content = zstandard.ZstdDecompressor().decompress(stored, max_output_size=2**31)
        except zstandard.ZstdError as error:
            raise ArchiveError(f"content {digest} is damaged: {error}") from None
        if hashlib.sha256(content).hexdigest() != digest:
            raise ArchiveError(f"content {digest} is not what its digest says")
        return content

    def has(self, digest: str) -> bool:
        """Whether the content is stored."""
        return self._path(digest).exists()

    def redacted(self, digest: str) -> bool:
        """Whether the content was removed on purpose, leaving a tombstone."""
        return self._tombstone(digest).exists()

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / f"{digest}.zst"

    def _tombstone(self, digest: str) -> Path:
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
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
