"""Whose turn it is: one source a host at a time within a run, and what `storage.turns` keeps for all processes."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from model import Source

if TYPE_CHECKING:
    from storage import Turns


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


class PlacesInRun:
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


class HostTurns:
    """The turns of hosts over all processes that share a ledger, as the fetcher asks for them."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def take(self, host: str, spacing: float) -> float:
        """Take a host's turn; see `storage.turns.book.Turns.take`."""
        return self._turns.take("host", host, rest=spacing)

    def give_back(self, host: str, rest: float) -> None:
        """Let go of a host; see `storage.turns.book.Turns.give_back`."""
        self._turns.give_back("host", host, rest)


def list_name(sources: Sequence[str] | None) -> str:
    """A name for a list of sources, whatever their order; None is all of them."""
    return hashlib.sha256("\n".join(sorted(sources)).encode()).hexdigest()[:24] if sources else "all"
