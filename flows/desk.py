"""Everything a run needs, opened once and only when it is asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from flows.settings import Settings, environment
from model import Instant, UsageError, now

if TYPE_CHECKING:
    from extractors.paged import PageTurn
    from flows.alarms import Alarms
    from flows.reading.opening import Read
    from flows.reading.readers import Readers
    from model import Fetched, Listing, Source
    from publish.names import SeriesNames
    from sources import Catalogue, Fetcher
    from sources.listing import ListingPage
    from storage import Archive, Ledger, Turns, Views

SQLITE = "sqlite:///"


class Desk:
    """Settings, catalogue, archive, ledger and fetcher of one Tallybook; a context manager that closes them.

    `clock` tells the time of a fetch; the demonstration walks through three days with one of its own.
    """

    def __init__(self, settings: Settings, clock: Callable[[], Instant] = now) -> None:
        self.settings = settings
        self.clock = clock
        self._definitions: tuple[tuple[str, int], ...] | None = None

    @classmethod
    def open(cls, settings: Settings | None = None) -> Desk:
        """A desk with the settings given, else those of the environment."""
        return cls(settings or Settings.load())

    @cached_property
    def archive(self) -> Archive:
        """The archive of bytes."""
        from storage import Archive

        return Archive(self.settings.archive, limit=self.settings.archive_limit)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger; one is begun where there is none."""
        from storage import Ledger

        return Ledger(self.settings.database_url, self.archive, attempt_days=self.settings.attempt_days)

    @cached_property
    def views(self) -> Views:
        """The ledger's answers to questions, without what writing it needs."""
        if "ledger" in self.__dict__:
            return self.ledger.views
        self.require_ledger()
        from storage import Views

        return Views.open(self.settings.database_url, self.archive)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The source definitions: those of the folder that is set, else the shipped ones and those of the home."""
        from sources import Catalogue

        chosen = self.settings.sources
        return Catalogue.load(chosen, own=None if chosen else self.settings.own_sources)

    def names(self) -> SeriesNames:
        """What the series of the ledger are called now."""
        from publish.names import SeriesNames

        return SeriesNames(self.views.refs(), self.catalogue.get)

    def newest_catalogue(self) -> Catalogue:
        """The catalogue, read again where a definition was written, changed or removed meanwhile."""
        chosen = self.settings.sources
        stamp = _stamp(chosen) if chosen else _stamp(self.settings.own_sources)
        if stamp != self._definitions:
            self._definitions = stamp
            self.__dict__.pop("catalogue", None)
        return self.catalogue

    def note_definition(self, source: Source, *, by: str = "", why: str = "") -> None:
        """Write down in the ledger which text defines a source now; nobody is named where somebody changed its file."""
        catalogue: Catalogue | None = self.__dict__.get("catalogue")  # who never read it has the source from elsewhere
        if catalogue is not None and catalogue.get(source.id) is source and (text := catalogue.text(source.id)):
            self.ledger.note_definition(source.id, text, by=by, why=why)

    @cached_property
    def turns(self) -> Turns:
        """Who has what in hand, over all processes that share the ledger."""
        from storage import Turns

        return Turns(self.settings.database_url, self.settings.home)

    @cached_property
    def fetcher(self) -> Fetcher:
        """The fetcher, shared by all sources of a run."""
        from flows.operation.turns import HostTurns
        from sources import Fetcher, FetchLimits, Manners

        settings = self.settings
        fetcher = Fetcher(
            user_agent=settings.user_agent,
            limits=FetchLimits(total_timeout=settings.fetch_seconds, max_bytes=settings.fetch_bytes),
            environment=environment(),
            manners=Manners(
                spacing=settings.host_spacing,
                connections=settings.host_connections,
                retries=settings.fetch_retries,
            ),
        )
        if self.has_ledger():
            fetcher.share(HostTurns(self.turns))
        return fetcher

    @cached_property
    def alarms(self) -> Alarms:
        """What a person is told of; sent at the end at the latest."""
        from flows.alarms import Alarms

        settings = self.settings
        return Alarms(settings.alert_url, settings.home / "alarms", lambda: self.ledger, self.clock)

    def has_ledger(self) -> bool:
        """Whether there is a ledger to read; one on a server is asked when it is read."""
        url = self.settings.database_url
        return not url.startswith(SQLITE) or "ledger" in self.__dict__ or Path(url.removeprefix(SQLITE)).exists()

    def require_ledger(self) -> Desk:
        """This desk. Raises `UsageError` where there is no ledger: who reads must not make an empty one."""
        if not self.has_ledger():
            raise UsageError(self.no_ledger())
        return self

    def no_ledger(self) -> str:
        """What is said where there is no ledger."""
        where = self.settings.database_url.removeprefix(SQLITE)
        return f"there is no ledger at {where} (is TALLYBOOK_HOME right? tallybook refresh, or demo, begins one)"

    def read(self, source: Source, fetched: Fetched, *, article: bool = False, seconds: int | None = None) -> Read:
        """Open and read a release in a process that may use so much time and memory; see `flows.reading.readers`."""
        return self._readers().read(source, fetched, article=article, seconds=seconds)

    def turn(self, source: Source, fetched: Fetched) -> PageTurn:
        """What one page of an answer says of those that follow, found in such a process, too."""
        return self._readers().turn(source, fetched)

    def find_releases(self, listing: Listing, fetched: Fetched, timezone: str) -> ListingPage:
        """Find the releases that a listing names, in such a process, too."""
        return self._readers().find_releases(listing, fetched, timezone)

    def _readers(self) -> Readers:
        from flows.reading.readers import shared_readers

        return shared_readers(self.settings.read_seconds, self.settings.read_memory)

    def ready(self) -> None:
        """Open archive and ledger to write, so that a wrong address is told before any source is tried."""
        _ = self.archive
        self.ledger.require_newest()

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close what was opened."""
        for name in ("alarms", "fetcher", "turns", "views", "ledger"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()


def _stamp(folder: Path) -> tuple[tuple[str, int], ...]:
    """What tells that a folder of definitions changed; nothing where there is none."""
    files = sorted(folder.glob("*.y*ml")) if folder.is_dir() else []
    found = []
    for path in files:
        with contextlib.suppress(OSError):
            found.append((path.name, path.stat().st_mtime_ns))
    return tuple(found)
