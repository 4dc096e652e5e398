"""The body of an answer: decompressed here, under a ceiling, and refused when it is cut short."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from model import FetchError

if TYPE_CHECKING:
    from zlib import _Decompress

CHUNK = 64 * 1024

_GZIP_MAGIC = b"\x1f\x8b"
_CODINGS = {"": "identity", "identity": "identity", "gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}


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
    """The decompressed parts of a body, at most 64 KiB each; raises `FetchError` (`truncated`, `encoding`)."""
    kind = _CODINGS.get(coding.strip().lower())
    if kind is None:
        raise FetchError("encoding", f"the answer is compressed as {coding[:40]!r}, which was not asked for")
    try:
        yield from chunks if kind == "identity" else _inflated(chunks, kind)
    except zlib.error as error:
        raise FetchError("encoding", f"the answer's {kind} data are broken ({error})") from None


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


def _inflated(chunks: Iterable[bytes], kind: str) -> Iterator[bytes]:
    inflater: _Decompress | None = None
    waiting = b""
    for chunk in chunks:
        waiting += chunk
        while inflater or len(waiting) >= 2:
            inflater = inflater or _inflater(waiting, kind)
            part = inflater.decompress(waiting, CHUNK)
            yield part
            waiting = inflater.unconsumed_tail
            if inflater.eof:
                waiting = inflater.unused_data
                if kind == "deflate" or not _GZIP_MAGIC.startswith(waiting[:2]):
                    return  # what follows the end is padding; browsers ignore it too
                inflater = None
            elif not waiting and len(part) < CHUNK:
                break
    if inflater or waiting:
        raise FetchError("truncated", f"the answer's {kind} data end too early")


def _inflater(beginning: bytes, kind: str) -> _Decompress:
    if kind == "gzip":
        return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    # Some servers send deflate without the zlib header that HTTP asks for.
    wrapped = beginning[0] & 0x0F == 8 and int.from_bytes(beginning[:2], "big") % 31 == 0
    return zlib.decompressobj(wbits=zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
