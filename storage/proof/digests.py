"""Content and chain digests: what an update says, and its place in its source's chain.

A content digest covers canonical JSON of everything an update states, with series by key and updates by number, so
that it is equal on every database. A chain digest covers that, our clock, and the chain digest before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")

DigestRow = Sequence[Any]


def content_digest(head: Mapping[str, Any], parts: Mapping[str, Sequence[DigestRow]]) -> str:
    """Digest an update: its head fields, and its rows by table, each list in its canonical order."""
    return content_digest_of(content_bytes(head, parts))


def content_digest_of(content: bytes) -> str:
    """The digest of what `content_bytes` gives."""
    return hashlib.sha256(content).hexdigest()


def content_bytes(head: Mapping[str, Any], parts: Mapping[str, Sequence[DigestRow]]) -> bytes:
    """What a content digest is of: the head's JSON, then each part's name and JSON, a line each."""
    lines = [_encoder.encode(head)]
    for name in sorted(parts):
        lines += [name.encode(), _encoder.encode(parts[name])]
    return b"\n".join(lines)


def chain_digest(content: str, recorded_at: str, before: str) -> str:
    """Link an update to the one before it ('' for a source's first)."""
    return hashlib.sha256(f"{before}\n{content}\n{recorded_at}".encode()).hexdigest()


def checkpoint_digest(heads: Sequence[tuple[str, int, str]]) -> str:
    """Digest the heads of all sources: (source, number, chain digest), in the order of sources."""
    return hashlib.sha256(_encoder.encode(sorted(heads))).hexdigest()
