"""What the review page needs of the rest, handed to it by whoever starts it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from model import DefinitionError, Instant, Source, State
from publish.names import SeriesNames
from publish.words import series_label
from review.people.acts import ActBook
from review.people.deciding import NOBODY_ELSE, DecisionDesk, SecondPerson
from review.store import AccountStore

if TYPE_CHECKING:
    from extractors.statement import HandedIn
    from extractors.suggest.proposal import FollowChoice, PageProposal, Trial
    from sources import Catalogue
    from sources.catalogue.written import DryRun, WrittenDefinition
    from storage.printed.book import PrintArticle, PrintFinding
from storage import Archive, Ledger, Placed, Recorded, Rhythm, Views, Wanted

FRESH_SECONDS, STALE_SECONDS = 5.0, 60.0
"""So long a look at the states of all sources serves every page, unless something was done meanwhile; longer, where
nothing was recorded or defined since."""


DEFINED_SECONDS = 2.0
"""So long the definitions are not looked at again."""


class RefreshOutcome(Protocol):
    """What one refresh of one source came to."""

    @property
    def source(self) -> str: ...
    @property
    def state(self) -> State: ...
    @property
    def update(self) -> str | None: ...
    @property
    def changes(self) -> int: ...
    @property
    def held(self) -> int: ...
    @property
    def told(self) -> str: ...


class SourceStanding(Protocol):
    """How a source stands, as `tallybook status` tells it."""

    @property
    def source(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def state(self) -> State: ...
    @property
    def last_success(self) -> Instant | None: ...
    @property
    def last_attempt(self) -> Instant | None: ...
    @property
    def oldest_hold(self) -> Instant | None: ...
    @property
    def open_holds(self) -> int: ...
    @property
    def next_run(self) -> Instant | None: ...
    @property
    def message(self) -> str: ...
    @property
    def rhythm(self) -> Rhythm | None: ...


class DefinitionBench(Protocol):
    """Where definitions are made and changed: see `flows.drafts.workshop`."""

    def propose(self, url: str, *, browser: bool) -> str:
        """Look at a page, and return the name of its draft."""

    def proposal(self, key: str) -> PageProposal:
        """What a draft's page offers."""

    def trial(self, key: str, choice: FollowChoice) -> Trial:
        """What following a choice would come to."""

    def enable(self, key: str, choice: FollowChoice, *, who: str) -> str:
        """Write the definition of a choice; returns the source's id."""

    def by_hand(self, source_id: str, given: HandedIn) -> Recorded:
        """Record a page that somebody saved."""

    def written(self, source_id: str) -> WrittenDefinition:
        """A definition as it is written now."""

    def problems(self, source_id: str, text: str) -> list[DefinitionError]:
        """Everything that is wrong with a text, by line."""

    def dry_run(self, source_id: str, text: str) -> DryRun:
        """What a text would read otherwise in archived releases."""

    def save(self, source_id: str, text: str, over: str, *, who: str, why: str) -> None:
        """Write a definition over the text whose digest is `over`."""

    def pause(self, source_id: str, *, who: str, why: str) -> None:
        """Let a source's schedule rest until it is resumed."""

    def resume(self, source_id: str, *, who: str) -> None:
        """Let a source's schedule go on."""

    def switch_on(self, source_id: str, *, who: str) -> None:
        """Read a source live, and write today into its definition where it reads."""


class Books(NamedTuple):
    """What was recorded: the ledger's answers, the ledger to decide in, and the archive of bytes."""

    browser: Views
    ledger: Ledger
    archive: Archive


class RulesDesk(Protocol):
    """The rules that people are told by, as `flows.rules.bench` has them."""

    def every(self) -> Sequence[tuple[str, str, str, str]]:
        """Every rule: its name, of what it is, in words, and whom it tells."""
        ...

    def rehearse(self, limits: Mapping[str, Any], /) -> Sequence[tuple[str, str, str]]:
        """What a rule would have told: (day, source, sentence)."""
        ...

    def save(self, limits: Mapping[str, Any], /) -> None:
        """Save a rule."""
        ...

    def remove(self, name: str, /) -> None:
        """Take a rule away."""
        ...

    def told(self, limit: int, /) -> Sequence[tuple[str, str, str, str, str]]:
        """What was told: (day, rule, whom, sentence, what became of it)."""
        ...


class PrintRegister(Protocol):
    """The articles of our own that are watched, as `flows.rules.printed` has them."""

    def articles(self) -> Sequence[PrintArticle]:
        """All that is registered."""
        ...

    def findings(self, limit: int, /) -> Sequence[PrintFinding]:
        """What in them is true no longer, the newest first."""
        ...

    def add(self, address: str, /, *, on: str = "") -> PrintArticle:
        """Register an article by its address."""
        ...

    def remove(self, address: str, /) -> None:
        """Take an article out of the register."""
        ...


class Followed(NamedTuple):
    """The sources that are followed: their definitions, how they stand, how one is read now, how they are changed."""

    catalogue: Callable[[], Catalogue]
    statuses: Callable[[], Sequence[SourceStanding]]
    refresh: Callable[[str], RefreshOutcome]
    workshop: DefinitionBench
    rules: RulesDesk
    printed: PrintRegister


class Health(NamedTuple):
    """What machines ask: what keeps us from recording, by part, and how it stands, as Prometheus reads it."""

    wrong: Callable[[], dict[str, str]] = dict
    metrics: Callable[[], bytes] = bytes


class Door(NamedTuple):
    """How requests reach us.

    `hosts` are the names that a request may call us by, without port; `secure` says that we are reached by https,
    `proxies` name the addresses whose word on who asks (X-Forwarded-For) is believed, `framers` those whose pages may
    frame our charts. `upload_most` is how many bytes a page may have that somebody saved; `health` answers machines.
    """

    hosts: tuple[str, ...] = ()
    secure: bool = False
    proxies: tuple[str, ...] = ()
    framers: tuple[str, ...] = ()
    upload_most: int = 32 * 2**20
    health: Health = Health()


class Office:
    """The ledger to read and to decide in, the sources, the users, and how requests reach us.

    One source is written by one at a time: `writing` gives its lock.
    """

    def __init__(
        self, books: Books, followed: Followed, store: AccountStore, door: Door, second: SecondPerson = NOBODY_ELSE
    ) -> None:  # fmt: skip
        self.browser, self.ledger, self.archive = books
        self._newest_catalogue, self._statuses, self.refresh, self.workshop, self.rules, self.printed = followed
        self.store, self.secure, self.proxies, self.framers = store, door.secure, door.proxies, door.framers
        self.acts = ActBook(store.path)
        self.second = second
        self.deciding = DecisionDesk(self.ledger, self.acts, self.needs_two)
        self.wrong, self.metrics = door.health
        self.hosts = frozenset(("127.0.0.1", "localhost", "::1", *door.hosts))
        self.upload_most = door.upload_most
        self.first_code = secrets.token_urlsafe(9)
        self._named: tuple[int, Catalogue, SeriesNames] | None = None
        self._defined: tuple[float, Catalogue] | None = None
        self._seen: tuple[float, object, Sequence[SourceStanding]] = (0.0, None, ())
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    @property
    def catalogue(self) -> Catalogue:
        """The definitions, as they were a few seconds ago at most: who changes one sees it here."""
        if self._defined is None or time.monotonic() - self._defined[0] > DEFINED_SECONDS:
            self._defined = (time.monotonic(), self._newest_catalogue())
        return self._defined[1]

    def source(self, source_id: str) -> Source | None:
        """The definition of a source; None where it is broken or gone."""
        return self.catalogue.get(source_id)

    def needs_two(self, source_id: str) -> bool:
        """Whether a decision on a source waits for a second person. Raises `UsageError` for a setting with a slip."""
        if self.second.words:
            self.second.refuse_unknown([self.catalogue[one] for one in self.catalogue])
        return self.second.needed(source_id, self.source(source_id))

    @property
    def names(self) -> SeriesNames:
        """What the series of the ledger are called, as its newest update and the definitions have it."""
        newest, catalogue = self.browser.newest(), self.catalogue
        if self._named is None or self._named[0] != newest or self._named[1] is not catalogue:
            self._named = (newest, catalogue, SeriesNames(self.browser.refs(), catalogue.get))
        return self._named[2]

    def log_of(self, wanted: Wanted, **of: Any) -> list[Placed]:
        """Updates of the log; none, and no error, of a source that is defined and was never read."""
        asked = wanted.source
        if asked and self.source(asked) and asked not in {key for key, _, _ in self.browser.sources()}:
            return []
        return self.browser.page(wanted, **of)

    def label(self, series: str) -> str:
        """What a series is called."""
        return series_label(series, self.names)

    def standings(self) -> Sequence[SourceStanding]:
        """How every source stands, a few seconds old at most; what the clock alone makes late, a minute."""
        at, pulse, known = self._seen
        age = time.monotonic() - at
        if age <= FRESH_SECONDS:
            return known
        found = (self.browser.pulse(), self.catalogue)
        if found != pulse or age > STALE_SECONDS:
            known = self._statuses()
            self._seen = (time.monotonic(), found, known)
        return known

    def forget(self) -> None:
        """Something was recorded or defined: look at the sources anew."""
        self._seen, self._defined = (0.0, None, ()), None

    def writing(self, source: str) -> threading.Lock:
        """The lock that whoever writes a source's ledger holds."""
        with self._guard:
            return self._locks.setdefault(source, threading.Lock())
