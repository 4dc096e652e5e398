"""Whose turn it is on this machine: one source a host at a time within a run, and each list of sources in one run.

The locks between processes are the system's own: they go with the process that holds them, however that ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from model import OutageError, Source

FOLDER = "turns"


def host(source: Source) -> str:
    """The host that a source is fetched from; empty where it has no address (pages saved by hand)."""
    address = source.url or (source.listing.url if source.listing else "")
    return urlsplit(address).hostname or ""


def by_host(sources: Sequence[Source]) -> list[list[Source]]:
    """The sources of each host, in their order; the longest list first, since it decides when all are done."""
    found: dict[str, list[Source]] = {}
    for source in sources:
        found.setdefault(host(source) or source.id, []).append(source)
    return sorted(found.values(), key=len, reverse=True)


class HostTurns:
    """The turns within one run: a host's sources one after the other, and so many hosts at once.

    Whoever waits for a host takes no place among those that work, so that no host keeps another waiting.
    """

    def __init__(self, at_once: int) -> None:
        self._places = threading.BoundedSemaphore(at_once)
        self._hosts: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    @contextmanager
    def of(self, source: Source) -> Iterator[None]:
        """Wait for the turn of a source, and hold it for a block."""
        with self._guard:
            lock = self._hosts.setdefault(host(source) or source.id, threading.Lock())
        with lock, self._places:
            yield


@contextmanager
def alone_with(home: Path, sources: Sequence[str] | None) -> Iterator[bool]:
    """Hold the turn of a list of sources (None is all) for a block; gives False where another run holds it."""
    name = hashlib.sha256("\n".join(sorted(sources or ())).encode()).hexdigest()[:24] if sources else "all"
    folder = home / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise OutageError(f"{folder} cannot be written: {error.strerror}") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)
