"""How a refresh is cut into tasks: one a source while they are few, then by host, since each task costs the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from flows.pipeline import Outcome
from model import Source

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
