"""Many sources in one run: hosts side by side, each host's sources one after the other.

`refresh_all` does so in threads of this process. For Prefect a run is cut into tasks: one a source while they are few,
then by host, since each task costs the server.
"""

from __future__ import annotations

import contextvars
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue

from flows.desk import Desk
from flows.operation.turns import PlacesInRun, by_host, host
from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from model import Source

log = logging.getLogger("tallybook")

FEW = 100
MOST_BATCHES = 40
HOSTS_AT_ONCE = 20
HOSTS_OF_A_BATCH = 8
"""So many hosts of one batch are asked side by side."""


class Batch:
    """Sources that one task refreshes, hosts side by side, and what became of each, kept over the task's retries."""

    def __init__(self, name: str, sources: Sequence[Source], turns: PlacesInRun | None = None) -> None:
        self.name = name
        self.sources = tuple(sources)
        self.outcomes: dict[str, Outcome] = {}
        self._turns = turns or PlacesInRun(HOSTS_AT_ONCE)

    def attempt(self, refresh: Callable[[Source], Outcome]) -> list[Outcome]:
        """Refresh every source that has not been, or that failed and may not again; returns those that failed."""
        left = by_host([source for source in self.sources if self._is_left(source)])
        if len(left) < 2:  # most tasks have one host: no thread is needed
            for waiting in left:
                self._one_after_the_other(waiting, refresh)
        else:
            with ThreadPoolExecutor(min(HOSTS_OF_A_BATCH, len(left)), "batch") as pool:
                # What a task logs is told to be its own by its context.
                for done in [
                    pool.submit(contextvars.copy_context().run, self._one_after_the_other, waiting, refresh)
                    for waiting in left
                ]:
                    done.result()
        return [outcome for outcome in self.outcomes.values() if outcome.state == "failed"]

    def _is_left(self, source: Source) -> bool:
        return source.id not in self.outcomes or self.outcomes[source.id].may_pass

    def _one_after_the_other(self, waiting: Sequence[Source], refresh: Callable[[Source], Outcome]) -> None:
        for source in waiting:
            with self._turns.of(source):
                self.outcomes[source.id] = refresh(source)


def refresh_all(
    desk: Desk,
    sources: Sequence[Source],
    *,
    force: bool = False,
    due: bool = False,
    tell: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """Refresh sources in threads, and return their outcomes in the order of the sources.

    `desk.settings.hosts_at_once` hosts are asked side by side; no source's failure reaches another. Sources that speak
    of another's series come after the others, whose ledgers theirs are compared with. `tell` hears of each outcome at
    once, in the caller's thread. `force` and `due` are those of `refresh_source`.
    """
    _ = desk.ledger, desk.fetcher, desk.alarms  # opened on first use, which must not be two threads' at once
    done: dict[str, Outcome] = {}
    for wave in _waves(sources):
        for outcome in _side_by_side(desk, wave, partial(refresh_source, force=force, due=due)):
            done[outcome.source] = outcome
            tell(outcome)
    return [done[source.id] for source in sources]


def _waves(sources: Sequence[Source]) -> list[list[Source]]:
    first: list[Source] = []
    later: list[Source] = []
    for source in sources:
        (later if source.carries else first).append(source)
    return [wave for wave in (first, later) if wave]


def _side_by_side(
    desk: Desk, sources: Sequence[Source], refresh: Callable[[Desk, Source], Outcome]
) -> Iterator[Outcome]:
    queues = by_host(sources)
    outcomes: SimpleQueue[Outcome] = SimpleQueue()
    leave = threading.Event()

    def work(waiting: list[Source]) -> None:
        for source in waiting:
            if leave.is_set():
                return
            outcomes.put(_refresh(desk, source, refresh))

    with ThreadPoolExecutor(min(desk.settings.hosts_at_once, len(queues)), "refresh") as pool:
        try:
            for waiting in queues:
                pool.submit(work, waiting)
            for _ in sources:
                yield outcomes.get()
        finally:
            leave.set()
            pool.shutdown(cancel_futures=True)


def _refresh(desk: Desk, source: Source, refresh: Callable[[Desk, Source], Outcome]) -> Outcome:
    try:
        return refresh(desk, source)
    except Exception as error:  # what even refresh_source could not write down or tell is still one source's alone
        log.error("%s: unexpected error", source.id, exc_info=error)
        return Outcome(source.id, "failed", None, 0, 0, f"unexpected {type(error).__name__}: {error}")


def cut(sources: Sequence[Source], at_once: int = HOSTS_AT_ONCE) -> list[Batch]:
    """One batch a source up to a hundred, else at most forty; beyond a hundred a host's sources stay together.

    They share the turns of one run: `at_once` hosts are asked side by side.
    """
    turns = PlacesInRun(at_once)
    if len(sources) <= FEW:
        return [Batch(source.id, [source], turns) for source in sources]
    bundles: list[list[Source]] = [[] for _ in range(MOST_BATCHES)]
    hosts = Counter(host(source) for source in sources)
    for name, _ in hosts.most_common():
        smallest = min(bundles, key=len)
        smallest.extend(source for source in sources if host(source) == name)
    return [Batch(_title(bundle), bundle, turns) for bundle in bundles if bundle]


def _title(bundle: Sequence[Source]) -> str:
    first, others = host(bundle[0]) or bundle[0].id, len({host(source) for source in bundle}) - 1
    return f"{first} and {others} more" if others else first
