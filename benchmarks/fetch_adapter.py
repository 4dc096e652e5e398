"""The project as one more peer of a fetching benchmark: addresses on several hosts, one connection a host, no spacing.

A peer is made with (folder, urls) and has fetch(), which is called for a first, an unchanged and a changed pass.
`Fetch` is the fetching stage alone: threads by host, robots.txt obeyed, bodies and validators kept in memory.
`Refresh` is all
of `tallybook refresh`: fetched, archived, read, compared, recorded, in this process.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

from flows.batches import refresh_all
from flows.desk import Desk
from flows.settings import Settings
from model import Fetched, FigureRule, Publisher, Source
from sources import Fetcher, Manners

HOSTS = 20


def followed(number: int, url: str) -> Source:
    """A source that follows one number of a page; it changes with every version of the page."""
    return Source(
        id=f"bench_{number}", title=f"Page {number}", publisher=Publisher(name="P"), method="m", basis="counted",
        extractor="selectors", tried_live="2025-01-01", url=url, allow_private_addresses=True,
        figures=(FigureRule(id="version", css="h1", pattern=r" v(?P<value>\d+)", unit="items", may_fall=True),),
    )  # fmt: skip


class Fetch:
    """The fetching stage alone."""

    def __init__(self, _folder: str, urls: Iterable[str]) -> None:
        self.sources = [followed(number, url) for number, url in enumerate(urls)]
        self._fetcher = Fetcher(user_agent="Tallybook/bench", manners=Manners(spacing=0))
        self._seen: dict[str, Fetched] = {}

    def fetch(self) -> None:
        """Ask for every address once."""
        queues: dict[str, list[Source]] = {}
        for source in self.sources:
            queues.setdefault(urlsplit(source.url or "").hostname or "", []).append(source)
        with ThreadPoolExecutor(HOSTS) as pool:
            list(pool.map(self._one_host, queues.values()))

    def _one_host(self, sources: list[Source]) -> None:
        for source in sources:
            seen = self._seen.get(source.id)
            found = self._fetcher.fetch(source, validators=seen.headers if seen else None)
            if found.content is not None:
                self._seen[source.id] = found


class Refresh:
    """The whole path, with archive and ledger."""

    def __init__(self, folder: str, urls: Iterable[str]) -> None:
        home = Path(folder)
        self.sources = [followed(number, url) for number, url in enumerate(urls)]
        self.desk = Desk(
            Settings(
                home=home,
                database_url=f"sqlite:///{home / 'ledger.sqlite'}",
                archive=home / "archive",
                hosts_at_once=HOSTS,
                host_spacing=0.0,
            )
        )
        _ = self.desk.ledger, self.desk.fetcher

    def fetch(self) -> None:
        """Refresh every source once; raises where one could not be."""
        outcomes = refresh_all(self.desk, self.sources)
        wrong = [outcome for outcome in outcomes if outcome.state not in ("changed", "unchanged")]
        if wrong:
            raise RuntimeError(f"{len(wrong)} of {len(outcomes)} failed, the first so: {wrong[0]}")
