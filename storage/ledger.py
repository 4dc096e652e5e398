"""The ledger: every version of every observation, appended one update at a time, in one transaction each."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Generic, Required, TypedDict, TypeVar, Unpack

from sqlalchemy.engine import Connection

from changes.accepted import Accepted
from changes.decide import Action, Ruling
from changes.evaluate import ReadRelease
from changes.replay import Reread, differences, evaluate_reread
from model import (
    Change,
    Day,
    Instant,
    MovedOnError,
    Qualifier,
    Reader,
    Source,
)
from model import State as SourceState
from storage.append import append
from storage.archive import Archive
from storage.database import open_engine
from storage.decisions import evaluate_decision
from storage.driver.schemas import require_newest, writer
from storage.facts import LedgerFacts
from storage.fetchlog import attempts, episodes
from storage.fetchlog.attempts import Attempt, Standing
from storage.generations.definitions import newest_digest, note_definition
from storage.generations.next import NextGeneration
from storage.load import load, newest_head, newest_release, newest_release_of, read_histories
from storage.marking.book import NewMarker, add_marker, end_marker
from storage.outcome import Doubt, Recorded, doubt
from storage.printed.book import PrintBook
from storage.proof.checkpoint import Checkpoint
from storage.proof.verify import verify
from storage.read.names import source_id as views_source_id
from storage.read.views import Views
from storage.recording import RecordingDesk, record, unchanged
from storage.releases import (
    KnownRelease,
    PastRelease,
    Release,
    decided_cells,
    known_release,
    newest_at,
    past_releases,
    release_of,
    source_of,
    source_row,
)
from storage.rewind import Rewound, rewind
from storage.rules.book import RuleBook


class Ledger:
    """The versioned ledger in one database.

    Keeps the accepted state of the sources it has written to in memory, and reads it again when another process has
    moved a source on. Several threads may share one ledger; they write one after the other.
    """

    def __init__(self, url: str, archive: Archive, *, attempt_days: int = attempts.KEPT_DAYS) -> None:
        self.attempt_days = attempt_days
        self.engine = open_engine(url)
        self._is_newest = False
        self.archive = archive
        self.views = Views(self.engine, archive)
        self._writer = writer(self.engine)
        # Threads that wait for SQLite's own lock ask for it again and again, ever more seldom.
        self._writing = threading.Lock()
        self._waiting: deque[_PendingWork[Any]] = deque()
        self._states: dict[str, Accepted] = {}
        self._block: tuple[int, Connection] | None = None
        self.rules = RuleBook(self.engine, self._write_here)
        self.printed = PrintBook(self.engine, self._write_here)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def require_newest(self) -> None:
        """Refuse to write where the schema is not the newest. Raises `LedgerError`."""
        if not self._is_newest:
            require_newest(self.engine)
            self._is_newest = True

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        """A transaction with the ledger's write lock; this process' threads take turns for it."""
        self.require_newest()
        with self._writing, self._writer.begin() as connection:
            yield connection

    def record(self, source: Source, read: ReadRelease, attempt: Attempt | None = None) -> Recorded:
        """Compare a release with the accepted ledger, check it, and append what changed as one update.

        No update is made when the text and the reader equal those of the source's newest release, nor by a release
        that says nothing else than that one: it is kept as a release alone. Where it is read without `hold` the
        checks warn and nothing waits for a person, but a key stated with two values still counts neither. An
        `attempt` is appended in the same transaction, with its state and references filled in. Raises `LedgerError`
        for a release older than the newest one recorded.
        """
        return self._together(lambda connection: self._record(connection, source, read, attempt))

    def _record(self, connection: Connection, source: Source, read: ReadRelease, attempt: Attempt | None) -> Recorded:
        desk = RecordingDesk(connection, self.archive, self.attempt_days)
        return record(desk, source, self._state(connection, source), read, attempt)[0]

    def decide(
        self, source: str, update: str, action: Action, *, dry_run: bool = False, **given: Unpack[Given]
    ) -> str:  # fmt: skip
        """Append a person's decision on what an update holds; returns the name of the update that it makes.

        It is on the held changes of the update, on one series' of it, or on one observation's. `correct` needs series,
        as-of and value, may give another hedge, and may also mend a value that was accepted. What a person decided
        against (rejected, or corrected) may be accepted or corrected after all, where it is named by series and as-of
        and the source has said nothing else since: the newest decision counts, all stay. `same` answers a proposed
        rename: the new label is the old series from then on. `break` accepts a value, where it was held, as the first
        of a count that began anew, and with it those held values of the series that go on from there; `unbreak` takes
        the mark back. A `dry_run` records nothing and names no update. Raises `UsageError` when nothing there waits
        for a decision.
        """
        # What was decided against bears on later comparing, so the state is read anew afterwards.
        try:
            with self._write() as connection:
                accepted = self._loaded(connection, source, views_source_id(connection, source))
                answer = Ruling(update=update, action=action, **given)
                evaluation = evaluate_decision(connection, accepted, answer)
                if dry_run:
                    return ""
                return f"{source}/{append(connection, self.archive, accepted, evaluation).number}"
        finally:
            self._states.pop(source, None)

    def note_definition(self, source: str, text: str, *, by: str, why: str) -> None:
        """Write down which text defines a source from now on, by whom and why, where it is another than before."""
        with self._read() as connection:
            if newest_digest(connection, source) == hashlib.sha256(text.encode()).hexdigest():
                return
        self._together(lambda connection: note_definition(connection, source, text, by, why))

    def mark(self, new: NewMarker, *, by: str) -> int:
        """Note something of a series or a source; returns the note's number."""
        return self._together(lambda connection: add_marker(connection, new, by))

    def unmark(self, number: int, *, why: str, by: str) -> int:
        """Take a note back; its row stays, and a further one says why."""
        return self._together(lambda connection: end_marker(connection, number, why, by))

    def attempt(self, source: Source, attempt: Attempt) -> None:
        """Append a row for an attempt to fetch a source, whatever came of it; it is stored when this returns."""
        self._together(lambda connection: self._insert_attempt(connection, source, attempt))

    def _insert_attempt(self, connection: Connection, source: Source, attempt: Attempt) -> None:
        attempts.insert(connection, source_row(connection, source), attempt, self.attempt_days)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Store all that this thread records and archives within the block at once, when it ends.

        Other writers wait meanwhile. Where the block raises, nothing of it is recorded.
        """
        with self.archive.together() as settle, self._writing, self._writer.begin() as connection:
            self._block = threading.get_ident(), connection
            try:
                yield
                settle()  # before the rows that name what was archived
            except BaseException:
                self._states.clear()
                raise
            finally:
                self._block = None

    def _own_block(self) -> Connection | None:
        """The transaction of the block that this thread is in."""
        block = self._block
        return block[1] if block is not None and block[0] == threading.get_ident() else None

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        """A connection to read by, which sees what this thread has recorded."""
        if (mine := self._own_block()) is not None:
            yield mine
            return
        with self.engine.connect() as connection:
            yield connection

    def _together(self, work: Callable[[Connection], _Done]) -> _Done:
        """Do work in one transaction with that of other threads which wait, whoever comes first for all of them.

        It is stored when this returns; a commit waits for the disk, which costs more than the work does.
        """
        if (block := self._own_block()) is not None:
            return work(block)
        mine = _PendingWork(work)
        self._waiting.append(mine)
        with self._writing:
            if not mine.stored:
                together = [mine, *(one for one in self._taken() if one is not mine)]
                try:
                    self._store(together)
                except BaseException as error:
                    self._states.clear()  # read, or moved on, in the transaction that was undone
                    if len(together) == 1 or not isinstance(error, Exception):
                        raise
                    # One that cannot be stored must not take the others with it: each is stored by its own thread.
                    self._waiting.extend(together[1:])
                    self._store([mine])
        return mine.result

    def _taken(self) -> list[_PendingWork[Any]]:
        return [self._waiting.popleft() for _ in range(len(self._waiting))]

    def _store(self, together: Sequence[_PendingWork[Any]]) -> None:
        with self._writer.begin() as connection:
            for one in together:
                one.result = one.work(connection)
        for one in together:
            one.stored = True

    def last_attempt(self, source: Source, *states: SourceState, url: str | None = None) -> Attempt | None:
        """The newest attempt of a source, among those with one of `states`, or at one address, where given."""
        with self._read() as connection:
            found = source_of(connection, source.id)
            return attempts.newest(connection, found, *states, url=url) if found is not None else None

    def read_addresses(self, source: Source, urls: Sequence[str]) -> dict[str, Attempt]:
        """Those of the addresses at which a release of the source was read before, each with the newest time it was."""
        with self.engine.connect() as connection:
            found = source_of(connection, source.id)
            return attempts.read_addresses(connection, found, urls) if found is not None else {}

    def marked_attempts(self, source: Source, header: str) -> list[Attempt]:
        """The newest attempt at each address of a source among those that have a header of ours."""
        with self.engine.connect() as connection:
            found = source_of(connection, source.id)
            return attempts.marked(connection, found, header) if found is not None else []

    def known_release(self, source: Source, *, sha256: str = "", text_sha256: str = "") -> KnownRelease | None:
        """The first release of a source that was read from these bytes, or gave this text; None where none did."""
        with self._read() as connection:
            return known_release(connection, source.id, sha256, text_sha256)

    def newest_at(self, source: Source, url: str) -> KnownRelease | None:
        """The newest release of a source that was read at an address; None before the first."""
        with self._read() as connection:
            return newest_at(connection, source.id, url)

    def standings(self) -> list[Standing]:
        """How every recorded source stands, by key."""
        with self.engine.connect() as connection:
            return attempts.standings(connection)

    def looked_at(self) -> dict[str, Instant]:
        """When each recorded source was looked at last, whatever came of it."""
        with self._read() as connection:
            return attempts.looked_at(connection)

    def standing(self, source: Source) -> Standing | None:
        """How one source stands; None before anything was written down of it."""
        with self.engine.connect() as connection:
            return next(iter(attempts.standings(connection, source.id)), None)

    def newest_release(self, source: Source) -> Release | None:
        """The source's newest release and who read it; None before the first."""
        with self._read() as connection:
            row = newest_release_of(connection, source.id)
        return release_of(row) if row is not None else None

    def newest_known(self, source: Source, *states: SourceState) -> tuple[Release | None, Attempt | None]:
        """The source's newest release, and its newest attempt with one of `states`, both of one moment."""
        with self.engine.connect() as connection:
            row = newest_release_of(connection, source.id)
            found = source_of(connection, source.id) if row is None else row.source_id
            last = attempts.newest(connection, found, *states) if found is not None else None
        return (release_of(row) if row is not None else None), last

    def releases(self, source: Source) -> list[PastRelease]:
        """Every recorded release of a source whose bytes were read, oldest first."""
        with self.engine.connect() as connection:
            found = source_of(connection, source.id)
            return past_releases(connection, found) if found is not None else []

    def replay(
        self, source: Source, releases: Iterable[Reread], reader: Reader, *, dry_run: bool = False
    ) -> tuple[list[str], list[Change]]:
        """Record what today's reader reads otherwise in releases read again; returns the updates and their changes.

        Each update holds what one release's bytes prove. People's decisions stay. A `dry_run` writes nothing and
        names no updates. Raises `MovedOnError` when the source moved on meanwhile.
        """
        with self.engine.connect() as connection:
            found = source_of(connection, source.id)
            if found is None:
                return [], []
            state, decided = load(connection, found), decided_cells(connection, found)
            read_histories(connection, state)
        proved = list(differences(source, state, releases, decided))
        if not proved:
            return [], []
        try:
            with self._writing, self._writer.connect() as connection, connection.begin() as transaction:
                now_state = self._state(connection, source)
                if now_state.head != state.head:
                    raise MovedOnError(f"{source.id} moved on while it was read again", "call tallybook replay again")
                read_histories(connection, now_state)
                facts = LedgerFacts(connection, now_state.source_id)
                names = []
                for one in proved:
                    evaluation = evaluate_reread(source, now_state, one, reader, facts)
                    appended = append(connection, self.archive, now_state, evaluation)
                    names.append(f"{source.id}/{appended.number}")
                changes = [change for name in names for change in self.views.changes_of(connection, name)]
                if dry_run:
                    transaction.rollback()
                return ([] if dry_run else names), changes
        finally:
            self._states.pop(source.id, None)

    def not_yet(self, source: Source, copies: Sequence[tuple[Instant, str]]) -> list[int]:
        """Which of these copies (known at, SHA-256 of the bytes), in their order, the ledger has not taken yet.

        One that could not be read is taken only once a later release is recorded: until then it may be tried again.
        """
        with self.engine.connect() as connection:
            found = source_of(connection, source.id)
            newest = newest_release(connection, found) if found is not None else None
            if found is None:
                return list(range(len(copies)))
            later = newest.known_at if newest is not None else Instant("")
            taken = attempts.taken(connection, found, later)
        return [number for number, copy in enumerate(copies) if copy not in taken]

    def next_generation(self, source: Source) -> NextGeneration:
        """Begin to derive a source again; what an earlier attempt left, which never came into force, is removed."""
        return NextGeneration(self._write_here, self.archive, source, self.attempt_days, self._states)

    @contextmanager
    def _write_here(self) -> Iterator[Connection]:
        """A transaction of its own, or that of the block that this thread is in."""
        if (mine := self._own_block()) is not None:
            yield mine
            return
        with self._write() as connection:
            yield connection

    def rewind(self, source: str, at: Instant, *, who: str, why: str) -> Rewound | None:
        """Take back what a source's ledger holds of times later than `at`; see `storage.rewind`. None without any."""
        try:
            with self._write() as connection:
                found = source_of(connection, source)
                return rewind(connection, self.archive, (found, source), at, who=who, why=why) if found else None
        finally:
            self._states.pop(source, None)

    def claim_alert(self, source_id: str, episode: str, at: Instant) -> bool:
        """Whether an episode of a source is this process' to tell; see `storage.fetchlog.episodes`."""
        with self._write() as connection:
            return episodes.claim(connection, source_of(connection, source_id), episode, at)

    def settle_alert(self, source_id: str, episode: str, at: Instant, *, told: bool) -> None:
        """Give a claim up, because the episode was told or because it could not be."""
        with self._write() as connection:
            episodes.settle(connection, source_of(connection, source_id), episode, at, told=told)

    def verify(self, against: Checkpoint | None = None) -> Iterator[str]:
        """Yield a sentence for everything stored that is not what its digest, or a checkpoint kept elsewhere, says."""
        return verify(self.engine, self.archive, against)

    def _state(self, connection: Connection, source: Source) -> Accepted:
        return self._loaded(connection, source.id, source_row(connection, source))

    def _loaded(self, connection: Connection, key: str, source_id: int) -> Accepted:
        """The accepted state, read again when another process has moved the source on."""
        state = self._states.get(key)
        head = newest_head(connection, source_id)
        newest = (head.update_id, head.chain, head.quiet) if head else (0, "", 0)
        if state is None or (state.head, state.chain, state.quiet) != newest:
            state = self._states[key] = load(connection, source_id, head)
        return state

    def doubt(self, source: Source) -> Doubt:
        """How a source stands while its newest release is what it was; see `storage.outcome`."""
        with self._write() as connection:
            state = self._state(connection, source)
            return doubt(connection, state.source_id, sum(held.open for held in state.held.values()))

    def unchanged(self, source: Source, attempt: Attempt) -> Recorded:
        """Append an attempt that found the newest release as it was; what was doubtful about that is still told."""
        return self._together(lambda connection: self._unchanged(connection, source, attempt))

    def _unchanged(self, connection: Connection, source: Source, attempt: Attempt | None) -> Recorded:
        desk = RecordingDesk(connection, self.archive, self.attempt_days)
        return unchanged(desk, self._state(connection, source), attempt)


_Done = TypeVar("_Done")


class _PendingWork(Generic[_Done]):
    """Work that waits to be done and stored, and what came of it."""

    result: _Done

    def __init__(self, work: Callable[[Connection], _Done]) -> None:
        self.work = work
        self.stored = False


class Given(TypedDict, total=False):
    """What a decision may be given beside the update and what is done: see `changes.decide.Ruling`."""

    who: Required[str]
    why: Required[str]
    series: str | None
    as_of: Day | None
    value: str | None
    qualifier: Qualifier | None
