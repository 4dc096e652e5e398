"""Packed bytes laid open a little at a time, so that none can grow beyond what its reader allows."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Literal

from model.errors import UnreadableError

PART = 64 * 1024

Packing = Literal["gzip", "deflate", "br", "zstd"]
"""How bytes are packed, by the names of HTTP's content codings."""

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_TOLD = {"br": "Brotli", "zstd": "Zstandard"}


class PackingError(Exception):
    """Packed bytes are broken, or `cut` short."""

    def __init__(self, message: str, *, cut: bool = False) -> None:
        super().__init__(message)
        self.cut = cut


def packing_of(content: bytes) -> Packing | None:
    """How a file is packed, by its first bytes, None where it is not; Brotli has no mark: what is no text is tried."""
    if content.startswith(_GZIP):
        return "gzip"
    if content.startswith(_ZSTD):
        return "zstd"
    return "br" if _is_no_text(content[:512]) and _begins_as_brotli(content) else None


def laid_open(content: bytes, most: int, what: str) -> bytes:
    """What a file holds that may be packed; others as they are.

    Raises `UnreadableError`, which calls it `what`, where it is broken, cut short, or holds more than `most` bytes.
    """
    packing = packing_of(content)
    if packing is None:
        return content
    parts, size = [], 0
    try:
        for part in unpacked_parts([content], packing):
            size += len(part)
            if size > most:
                raise UnreadableError(f"{what} unpacks to more than {most // 2**20} MiB", reason="too_large")
            parts.append(part)
    except PackingError as error:
        raise UnreadableError(f"{what} cannot be unpacked: {error}") from None
    return b"".join(parts)


def unpacked_parts(chunks: Iterable[bytes], packing: Packing) -> Iterator[bytes]:
    """What packed bytes hold, in parts of bounded size. Raises `PackingError`.

    What follows the end is padding, but for further members of a gzip file.
    """
    if packing == "br":
        return _from_brotli(chunks)
    return _from_zstd(chunks) if packing == "zstd" else _from_zlib(chunks, packing)


def _is_no_text(beginning: bytes) -> bool:
    return any(byte < 0x09 or 0x0D < byte < 0x1B for byte in beginning)


def _begins_as_brotli(content: bytes) -> bool:
    """Whether the first bytes that it would hold are text: other bytes stop making sense to Brotli at once."""
    try:
        return not _is_no_text(next(_from_brotli([content]))[:512])
    except PackingError:
        return False


def _from_brotli(chunks: Iterable[bytes]) -> Iterator[bytes]:
    import brotli

    unpacker = brotli.Decompressor()
    try:
        for chunk in chunks:
            given = chunk
            while part := unpacker.process(given, output_buffer_limit=PART):
                yield part
                given = b""
                if unpacker.is_finished():
                    return
            if unpacker.is_finished():
                return
    except brotli.error:
        raise PackingError("the Brotli data are broken") from None
    raise PackingError("the Brotli data end too early", cut=True)


_ZSTD_STEP = 128
"""Bytes taken at once: Zstandard has no bound for what it gives, but for 128 KiB from some four bytes."""

_ZSTD_WINDOW = 2**27


def _from_zstd(chunks: Iterable[bytes]) -> Iterator[bytes]:
    import zstandard

    unpacker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
    try:
        for chunk in chunks:
            for at in range(0, len(chunk), _ZSTD_STEP):
                yield unpacker.decompress(chunk[at : at + _ZSTD_STEP])
                if unpacker.eof:
                    return
    except zstandard.ZstdError as error:
        raise PackingError(f"the Zstandard data are broken ({error})") from None
    raise PackingError("the Zstandard data end too early", cut=True)


def _from_zlib(chunks: Iterable[bytes], packing: Packing) -> Iterator[bytes]:
    try:
        yield from _inflated(chunks, packing)
    except zlib.error as error:
        raise PackingError(f"the {packing} data are broken ({error})") from None


def _inflated(chunks: Iterable[bytes], packing: Packing) -> Iterator[bytes]:
    inflater: zlib._Decompress | None = None
    waiting = b""
    for chunk in chunks:
        waiting += chunk
        while inflater or len(waiting) >= 2:
            inflater = inflater or _inflater(waiting, packing)
            part = inflater.decompress(waiting, PART)
            yield part
            waiting = inflater.unconsumed_tail
            if inflater.eof:
                waiting = inflater.unused_data
                if packing == "deflate" or not _GZIP.startswith(waiting[:2]):
                    return  # what follows the end is padding; browsers ignore it too
                inflater = None
            elif not waiting and len(part) < PART:
                break
    if inflater or waiting:
        raise PackingError(f"the {packing} data end too early", cut=True)


def _inflater(beginning: bytes, packing: Packing) -> zlib._Decompress:
    if packing == "gzip":
        return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    # Some servers send deflate without the zlib header that HTTP asks for.
    wrapped = beginning[0] & 0x0F == 8 and int.from_bytes(beginning[:2], "big") % 31 == 0
    return zlib.decompressobj(wbits=zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
