"""Many sources in one run: hosts side by side, each host's sources one after the other.

`refresh_all` does so in threads of this process. For Prefect a run is cut into tasks: one a source while they are few,
then by host, since each task costs the server.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from urllib.parse import urlsplit

from flows.desk import Desk
from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from model import Source

log = logging.getLogger("tallybook")

FEW = 100
MOST_BATCHES = 40


class Batch:
    """Sources that one task refreshes one after the other, and what became of each, kept over the task's retries."""

    def __init__(self, name: str, sources: Sequence[Source]) -> None:
        self.name = name
        self.sources = tuple(sources)
        self.outcomes: dict[str, Outcome] = {}

    def attempt(self, refresh: Callable[[Source], Outcome]) -> list[Outcome]:
        """Refresh every source that has not been, or that failed; returns those that failed (again)."""
        for source in self.sources:
            if source.id not in self.outcomes or self.outcomes[source.id].state == "failed":
                self.outcomes[source.id] = refresh(source)
        return [outcome for outcome in self.outcomes.values() if outcome.state == "failed"]


def refresh_all(
    desk: Desk, sources: Sequence[Source], *, force: bool = False, tell: Callable[[Outcome], None] = lambda _: None
) -> list[Outcome]:
    """Refresh sources in threads, and return their outcomes in the order of the sources.

    `desk.settings.hosts_at_once` hosts are asked side by side; no source's failure reaches another. Sources that speak
    of another's series come after the others, whose ledgers theirs are compared with. `tell` hears of each outcome at
    once, in the caller's thread.
    """
    _ = desk.ledger, desk.fetcher, desk.alarms  # opened on first use, which must not be two threads' at once
    done: dict[str, Outcome] = {}
    for wave in _waves(sources):
        for outcome in _side_by_side(desk, wave, force):
            done[outcome.source] = outcome
            tell(outcome)
    return [done[source.id] for source in sources]


def _waves(sources: Sequence[Source]) -> list[list[Source]]:
    first: list[Source] = []
    later: list[Source] = []
    for source in sources:
        (later if source.carries else first).append(source)
    return [wave for wave in (first, later) if wave]


def _side_by_side(desk: Desk, sources: Sequence[Source], force: bool) -> Iterator[Outcome]:
    queues: dict[str, list[Source]] = {}
    for source in sources:
        queues.setdefault(host(source) or source.id, []).append(source)
    outcomes: SimpleQueue[Outcome] = SimpleQueue()
    leave = threading.Event()

    def work(waiting: list[Source]) -> None:
        for source in waiting:
            if leave.is_set():
                return
            outcomes.put(_refresh(desk, source, force))

    with ThreadPoolExecutor(min(desk.settings.hosts_at_once, len(queues)), "refresh") as pool:
        try:
            # The longest queue first, since it decides when all are done.
            for waiting in sorted(queues.values(), key=len, reverse=True):
                pool.submit(work, waiting)
            for _ in sources:
                yield outcomes.get()
        finally:
            leave.set()
            pool.shutdown(cancel_futures=True)


def _refresh(desk: Desk, source: Source, force: bool) -> Outcome:
    try:
        return refresh_source(desk, source, force=force)
    except Exception as error:  # what even refresh_source could not write down or tell is still one source's alone
        log.error("%s: unexpected error", source.id, exc_info=error)
        return Outcome(source.id, "failed", None, 0, 0, f"unexpected {type(error).__name__}: {error}")


def cut(sources: Sequence[Source]) -> list[Batch]:
    """One batch a source up to a hundred, else at most forty; beyond a hundred a host's sources stay together."""
    if len(sources) <= FEW:
        return [Batch(source.id, [source]) for source in sources]
    bundles: list[list[Source]] = [[] for _ in range(MOST_BATCHES)]
    hosts = Counter(host(source) for source in sources)
    for name, _ in hosts.most_common():
        smallest = min(bundles, key=len)
        smallest.extend(source for source in sources if host(source) == name)
    return [Batch(_title(bundle), bundle) for bundle in bundles if bundle]


def host(source: Source) -> str:
    """The host that a source is fetched from; empty where it has no address (pages saved by hand)."""
    address = source.url or (source.listing.url if source.listing else "")
    return urlsplit(address).hostname or ""


def _title(bundle: Sequence[Source]) -> str:
    first, others = host(bundle[0]) or bundle[0].id, len({host(source) for source in bundle}) - 1
    return f"{first} and {others} more" if others else first
