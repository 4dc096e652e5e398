"""Manifests of old copies: JSON lines {path, fetched_at, published?}, paths inside the manifest's folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec

import extractors
from flows.past.clocks import refuse_to_come
from model import Day, Fetched, Instant, UsageError, now, parse_instant


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """One old copy of a report; `fetched_at` is when the world could read it, `read` gives its bytes.

    `name` is its address where it has one; what its archive said of `media_type` and `charset` counts. An `article` is
    one release of many, which may date itself where `published` does not.
    """

    name: str
    fetched_at: Instant
    published: Day | None
    sha256: str
    read: Callable[[], bytes]
    article: bool = False
    media_type: str | None = None
    charset: str | None = None

    def fetched(self, content: bytes) -> Fetched:
        """Its bytes as if they had been fetched when the world could read them; handed in, so without headers."""
        return Fetched(
            url=self.name,
            at=self.fetched_at,
            status=200,
            content=content,
            media_type=self.media_type or extractors.sniff(content, self.name),
            charset=self.charset,
            published=self.published,
        )


class _ManifestLine(msgspec.Struct, forbid_unknown_fields=True):
    path: str
    fetched_at: str
    published: str | None = None


def read_manifest(manifest: Path) -> list[Copy]:
    """Read and check a whole manifest; copies come back in the order they were known.

    Raises `UsageError` naming the line that is wrong: no JSON, a time that is none, a file that is missing or lies
    outside the manifest's folder.
    """
    try:
        lines = manifest.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(f"the manifest {manifest} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"the manifest {manifest} is not UTF-8 text") from None
    folder = manifest.resolve().parent
    copies = [_copy(folder, line, f"{manifest}:{at}") for at, line in enumerate(lines, start=1) if line.strip()]
    if not copies:
        raise UsageError(f"the manifest {manifest} names no copies")
    return sorted(copies, key=lambda copy: copy.fetched_at)


def _copy(folder: Path, text: str, where: str) -> Copy:
    try:
        line = msgspec.json.decode(text, type=_ManifestLine)
        fetched_at = parse_instant(line.fetched_at)
        published = Day(parse_instant(line.published)[:10]) if line.published else None
    except (msgspec.MsgspecError, UsageError) as error:
        raise UsageError(f"{where}: {error}", 'a line is {"path": …, "fetched_at": …}') from None
    refuse_to_come(fetched_at, now(), where)
    path = (folder / line.path).resolve()
    if not path.is_relative_to(folder):
        raise UsageError(f"{where}: {line.path} lies outside the manifest's folder")
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UsageError(f"{where}: {line.path} cannot be read: {error.strerror}") from None
    return Copy(name=line.path, fetched_at=fetched_at, published=published, sha256=digest, read=path.read_bytes)
