"""The body of an answer: decompressed here, under a ceiling, and refused when it is cut short."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from model import FetchError
from model.packing import Packing, PackingError, unpacked_parts

CHUNK = 64 * 1024

ACCEPTED = "gzip, deflate, br, zstd"
"""The content codings that are asked for."""

_CODINGS: dict[str, Packing] = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate", "br": "br", "zstd": "zstd"}


def read_body(chunks: Iterable[bytes], coding: str, max_bytes: int) -> bytes:
    """Join and decompress a body; `coding` is the answer's Content-Encoding.

    Raises `FetchError`: `too_large` beyond `max_bytes` (on the wire or decompressed), `truncated` where compressed
    data end early, `encoding` where they are broken or compressed in a way that was not asked for.
    """
    parts: list[bytes] = []
    size = 0
    for part in plain_parts(_counted(chunks, max_bytes), coding):
        size += len(part)
        if size > max_bytes:
            raise _too_large(max_bytes)
        parts.append(part)
    return b"".join(parts)


def plain_parts(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """The decompressed parts of a body, of bounded size; raises `FetchError` (`truncated`, `encoding`)."""
    name = coding.strip().lower()
    if name in ("", "identity"):
        yield from chunks
        return
    packing = _CODINGS.get(name)
    if packing is None:
        raise FetchError("encoding", f"the answer is compressed as {coding[:40]!r}, which was not asked for")
    try:
        yield from unpacked_parts(chunks, packing)
    except PackingError as error:
        raise FetchError("truncated" if error.cut else "encoding", f"the answer: {error}") from None


def _too_large(max_bytes: int) -> FetchError:
    return FetchError("too_large", f"the answer is longer than {max_bytes} bytes")


def _counted(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    # Empty gzip members can go on for ever without a byte of output.
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise _too_large(max_bytes)
        yield chunk
