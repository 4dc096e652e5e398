"""The ledger: every version of every observation, appended one update at a time, in one transaction each."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Generic, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from changes import marking
from changes.accepted import Accepted, NewestRelease
from changes.checks import LEFT_OUT, REPEATED
from changes.compare import Comparison
from changes.evaluate import evaluate, sort_cells, touched
from changes.kinds import Key, ProposedChange, propose
from changes.replay import Difference, Reread, differences
from changes.stated import stated_rows
from changes.update import FigureOf, PendingUpdate, is_quiet
from model import (
    Cause,
    Change,
    CheckName,
    Day,
    Figure,
    Instant,
    LedgerError,
    MovedOnError,
    OlderReleaseError,
    Qualifier,
    Reader,
    Reading,
    Snapshot,
    Source,
    Why,
    now,
)
from model import State as SourceState
from storage import decisions, episodes, record, schema
from storage.archive import Archive
from storage.archive.redact import scrub_what_came_again
from storage.database import open_engine, refuse_growth, writer
from storage.decisions import Action
from storage.doubts import NOTHING, Doubt, doubt
from storage.facts import LedgerFacts
from storage.fetchlog import attempts
from storage.fetchlog.attempts import Attempt, Standing
from storage.load import HEAD, load, newest_release, newest_release_of, read_histories
from storage.opening import drop_unshown, make_series, open_series
from storage.proof.checkpoint import Checkpoint
from storage.proof.verify import verify
from storage.read.names import source_id as views_source_id
from storage.read.views import Views
from storage.releases import (
    KnownRelease,
    PastRelease,
    Release,
    decided_cells,
    keep_quiet,
    known_release,
    newest_at,
    past_releases,
    release_of,
    snapshot_row,
    source_of,
    source_row,
)
from storage.rewind import Rewound, rewind


class Ledger:
    """The versioned ledger in one database.

    Keeps the accepted state of the sources it has written to in memory, and reads it again when another process has
    moved a source on. Several threads may share one ledger; they write one after the other.
    """

    def __init__(self, url: str, archive: Archive, *, attempt_days: int = attempts.KEPT_DAYS) -> None:
        self.attempt_days = attempt_days
        self.engine = open_engine(url)
        self.archive = archive
        self.views = Views(self.engine, archive)
        self._writer = writer(self.engine)
        # Threads that wait for SQLite's own lock ask for it again and again, ever more seldom.
        self._writing = threading.Lock()
        self._waiting: deque[_PendingWork[Any]] = deque()
        self._states: dict[str, Accepted] = {}

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        """A transaction with the ledger's write lock; this process' threads take turns for it."""
        with self._writing, self._writer.begin() as connection:
            yield connection

    def record(
        self,
        source: Source,
        snapshot: Snapshot,
        text: str,
        reading: Reading,
        reader: Reader,
        *,
        cause: Cause = "fetch",
        hold: bool = True,
        why: Why = "source",
        attempt: Attempt | None = None,
    ) -> Recorded:
        """Compare a reading with the accepted ledger, check it, and append what changed as one update.

        No update is made when the text and the reader equal those of the source's newest release, nor by a release
        that says nothing else than that one: it is kept as a release alone. Without `hold` the
        checks warn and nothing waits for a person, but a key stated with two values still counts neither. An
        `attempt` is appended in the same transaction, with its state and references filled in. Raises `LedgerError`
        for a release older than the newest one recorded.
        """
        try:
            with self._write() as connection:
                state = self._state(connection, source)
                if (newest := state.release) is not None:
                    same = newest.text_sha256 == snapshot.text_sha256 and newest.reader == reader
                    if same:
                        return self._unchanged(connection, state, attempt)
                    self._refuse_older(source, newest, snapshot)
                refuse_growth(connection, self.archive)
                step = PendingUpdate(cause, why, snapshot.known_at, now(), snapshot.published, reader=reader)
                step.snapshot_id = snapshot_row(connection, snapshot)
                step.snapshot_digests = (snapshot.sha256, snapshot.text_sha256)
                known = max(state.keys, default=0)
                make_series(connection, source, state, reading)
                seen = sort_cells(source, state, snapshot, reading)
                read_histories(connection, state, touched(source, state, seen))
                facts = LedgerFacts(connection, state.source_id)
                comparison = evaluate(source, state, snapshot, reading, seen, step, facts, hold)
                step.stated = stated_rows(facts, source, state, reading, comparison, text)
                if is_quiet(state, step):
                    return self._quiet(connection, state, step, snapshot, attempt)
                head = record.append(connection, state, step, text, _figure_finder(reading, comparison))
                scrub_what_came_again(connection, self.archive, snapshot, head)
                if max(state.keys, default=0) > known and drop_unshown(connection, state.source_id, known):
                    self._states.pop(source.id, None)
                done = _recorded(f"{source.id}/{state.number}", step)
                if attempt is not None:
                    filled = msgspec.structs.replace(
                        attempt, state=done.state, reason=done.message, snapshot_id=step.snapshot_id, update_id=head
                    )
                    attempts.insert(connection, state.source_id, filled, self.attempt_days)
                return done
        except BaseException:
            self._states.pop(source.id, None)
            raise

    def decide(
        self,
        source: str,
        update: str,
        action: Action,
        *,
        who: str,
        why: str,
        series: str | None = None,
        as_of: Day | None = None,
        value: str | None = None,
        qualifier: Qualifier | None = None,
    ) -> str:
        """Append a person's decision on what an update holds; returns the name of the update that it makes.

        Raises `UsageError` when nothing there waits for one.
        """
        # What was decided against bears on later comparing, so the state is read anew afterwards.
        try:
            with self._write() as connection:
                state = self._loaded(connection, source, views_source_id(connection, source))
                decisions.decide(
                    connection, state, update, action,
                    who=who, why=why, series=series, as_of=as_of, value=value, qualifier=qualifier,
                )  # fmt: skip
                return f"{source}/{state.number}"
        finally:
            self._states.pop(source, None)

    def attempt(self, source: Source, attempt: Attempt) -> None:
        """Append a row for an attempt to fetch a source, whatever came of it; it is stored when this returns.

        Attempts that wait for one another are stored in one transaction by whoever comes first.
        """
        self._together(lambda connection: self._insert_attempt(connection, source, attempt))

    def _insert_attempt(self, connection: Connection, source: Source, attempt: Attempt) -> None:
        attempts.insert(connection, source_row(connection, source), attempt, self.attempt_days)

    def _together(self, work: Callable[[Connection], _Done]) -> _Done:
        """Do work in one transaction with that of other threads which wait, whoever comes first for all of them."""
        mine = _PendingWork(work)
        self._waiting.append(mine)
        with self._writing:
            if not mine.stored:
                together = [mine, *(one for one in self._taken() if one is not mine)]
                try:
                    self._store(together)
                except Exception:
                    self._states.clear()  # read, perhaps, in the transaction that was undone
                    if len(together) == 1:
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
        with self.engine.connect() as connection:
            found = source_of(connection, source.id)
            return attempts.newest(connection, found, *states, url=url) if found is not None else None

    def read_addresses(self, source: Source, urls: Sequence[str]) -> dict[str, Attempt]:
        """Those of the addresses at which a release of the source was read before, each with the newest time it was."""
        with self.engine.connect() as connection:
            found = source_of(connection, source.id)
            return attempts.read_addresses(connection, found, urls) if found is not None else {}

    def known_release(self, source: Source, *, sha256: str = "", text_sha256: str = "") -> KnownRelease | None:
        """The first release of a source that was read from these bytes, or gave this text; None where none did."""
        with self.engine.connect() as connection:
            return known_release(connection, source.id, sha256, text_sha256)

    def newest_at(self, source: Source, url: str) -> KnownRelease | None:
        """The newest release of a source that was read at an address; None before the first."""
        with self.engine.connect() as connection:
            return newest_at(connection, source.id, url)

    def standings(self) -> list[Standing]:
        """How every recorded source stands, by key."""
        with self.engine.connect() as connection:
            return attempts.standings(connection)

    def standing(self, source: Source) -> Standing | None:
        """How one source stands; None before anything was written down of it."""
        with self.engine.connect() as connection:
            return next(iter(attempts.standings(connection, source.id)), None)

    def newest_release(self, source: Source) -> Release | None:
        """The source's newest release and who read it; None before the first."""
        with self.engine.connect() as connection:
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
                names = [self._append_reread(connection, source, now_state, state, one, reader) for one in proved]
                changes = [change for name in names for change in self.views.changes_of(connection, name)]
                if dry_run:
                    transaction.rollback()
                return ([] if dry_run else names), changes
        finally:
            self._states.pop(source.id, None)

    def _append_reread(
        self,
        connection: Connection,
        source: Source,
        state: Accepted,
        read_by: Accepted,
        one: Difference,
        reader: Reader,
    ) -> str:
        release = one.release
        step = PendingUpdate(
            "replay", "extraction", release.snapshot.known_at, now(), release.snapshot.published, reader=reader
        )
        step.snapshot_id = release.snapshot_id
        step.snapshot_digests = (release.snapshot.sha256, release.snapshot.text_sha256)
        figures: dict[Key, Figure] = {}
        for found, figure in one.changes:
            series_id = found.series_id
            if series_id < 0:
                ref = read_by.first_ref[series_id]
                if ref not in state.refs:
                    open_series(connection, source, state, [(ref, figure or Figure())])
                series_id = state.refs[ref]
            # The updates before this one have moved the ledger on: what it is a change of is asked of today's.
            change = propose(state, series_id, found.as_of, found.content, how=found.how)
            if change is None:
                continue
            change.redated = found.redated
            step.drafts.append(change)
            if figure is not None:
                figures[series_id, found.as_of] = figure
        marking.mark_breaks(source, state, step.drafts)
        marking.mark_reverts(LedgerFacts(connection, state.source_id), step.drafts)
        head = record.append(
            connection, state, step, release.text, lambda draft: figures.get((draft.series_id, draft.as_of))
        )
        scrub_what_came_again(connection, self.archive, release.snapshot, head)
        return f"{source.id}/{state.number}"

    def not_yet(self, source: Source, copies: Sequence[tuple[Instant, str]]) -> list[int]:
        """Which of these copies (known at, SHA-256 of the bytes), in their order, the ledger has not taken yet.

        One that could not be read is taken only once a later release is recorded: until then it may be tried again.
        Raises `LedgerError` when one that it has not taken is older than the source's newest release.
        """
        with self.engine.connect() as connection:
            found = source_of(connection, source.id)
            newest = newest_release(connection, found) if found is not None else None
            if found is None:
                return list(range(len(copies)))
            table = schema.fetches
            columns = (table.c.at, table.c.sha256, table.c.state, table.c.snapshot_id)
            rows = connection.execute(sa.select(*columns).where(table.c.source_id == found)).all()
            later = newest.known_at if newest is not None else Instant("")
            taken = {
                (at, sha256)
                for at, sha256, attempted, read in rows
                if attempted != "failed" or read is not None or at < later
            }
        waiting = [number for number, copy in enumerate(copies) if copy not in taken]
        late = [copies[number] for number in waiting if newest is not None and copies[number][0] < newest.known_at]
        if late and newest is not None:
            raise LedgerError(
                f"{source.id}: {len(late)} copies, the first of {late[0][0]}, are older than the newest release "
                f"recorded, {newest.known_at}",
                "older copies can only start a ledger: backfill into a new TALLYBOOK_HOME",
            )
        return waiting

    def rewind(self, source: str, at: Instant, *, who: str, why: str) -> Rewound | None:
        """Take back what a source's ledger holds of times later than `at`; see `storage.rewind`. None without any."""
        try:
            with self._write() as connection:
                found = source_of(connection, source)
                return rewind(connection, self.archive, (found, source), at, who=who, why=why) if found else None
        finally:
            self._states.pop(source, None)

    def claim_alert(self, source_id: str, episode: str, at: Instant) -> bool:
        """Whether an episode of a source is this process' to tell; see `storage.episodes`."""
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
        head = connection.execute(HEAD, {"source": source_id}).first()
        newest = (head.id, head.chain_digest, head.quiet) if head else (0, "", 0)
        if state is None or (state.head, state.chain, state.quiet) != newest:
            state = self._states[key] = load(connection, source_id)
        return state

    def doubt(self, source: Source) -> Doubt:
        """How a source stands while its newest release is what it was; see `storage.doubts`."""
        with self._write() as connection:
            state = self._state(connection, source)
            return doubt(connection, state.source_id, sum(held.open for held in state.held.values()))

    def unchanged(self, source: Source, attempt: Attempt) -> Recorded:
        """Append an attempt that found the newest release as it was; what was doubtful about that is still told."""
        return self._together(lambda connection: self._unchanged(connection, self._state(connection, source), attempt))

    def _quiet(
        self, connection: Connection, state: Accepted, step: PendingUpdate, snapshot: Snapshot, attempt: Attempt | None
    ) -> Recorded:
        """Keep a release that says nothing new as what was read last; what is doubtful about it is still told."""
        assert step.reader is not None
        assert step.snapshot_id is not None
        redacted = self.archive.tombstone(snapshot.sha256) or self.archive.tombstone(snapshot.text_sha256)
        shape = step.shape[0] if step.shape is not None and redacted is None else None
        state.quiet = keep_quiet(connection, state.source_id, state.head, step, shape)
        state.release = NewestRelease(step.snapshot_id, snapshot.text_sha256, step.reader, step.known_at)
        return self._unchanged(connection, state, attempt)

    def _unchanged(self, connection: Connection, state: Accepted, attempt: Attempt | None) -> Recorded:
        found = doubt(connection, state.source_id, sum(held.open for held in state.held.values()))
        if attempt is not None:
            newest = state.release.snapshot_id if state.release else None
            reason = attempt.reason if found.plain else found.message
            filled = msgspec.structs.replace(attempt, state=found.state, reason=reason, snapshot_id=newest)
            attempts.insert(connection, state.source_id, filled, self.attempt_days)
        return Recorded(found.state, None, 0, 0, found.message)

    def _refuse_older(self, source: Source, newest: NewestRelease, snapshot: Snapshot) -> None:
        if snapshot.known_at < newest.known_at:
            raise OlderReleaseError(
                f"{source.id}: a release of {snapshot.known_at} is older than the newest recorded, {newest.known_at}",
                "changes are computed in the order the world could read them; start a new ledger to add older copies",
            )


_Done = TypeVar("_Done")


class _PendingWork(Generic[_Done]):
    """Work that waits to be done and stored, and what came of it."""

    result: _Done

    def __init__(self, work: Callable[[Connection], _Done]) -> None:
        self.work = work
        self.stored = False


class Recorded(msgspec.Struct, frozen=True):
    """What became of one release: the source's state, the update made if any, and how much it changed and held.

    `left_out` says that rows or cells of it could not be read.
    """

    state: SourceState
    update: str | None
    changes: int
    held: int
    message: str
    left_out: bool = False


def _recorded(name: str, step: PendingUpdate) -> Recorded:
    changes = sum(not draft.echo for draft in step.drafts)
    waiting = [check for check in step.checks if check.result == "hold"]
    held = max(sum(draft.held for draft in step.drafts), len(waiting))
    message = "; ".join(f"{check.series or check.name}: {check.message}" for check in waiting[:3])
    if any(check.name == CheckName.NOTHING_EXTRACTED for check in step.checks):
        return Recorded("failed", name, 0, 0, NOTHING)
    left_out = any(check.name in LEFT_OUT and check.result == "warn" for check in step.checks)
    if held:
        return Recorded("held", name, changes, held, message, left_out)
    repeated = [check.message for check in step.checks if check.name in REPEATED and check.result == "warn"]
    warned = "; ".join(repeated[:3])
    return Recorded("changed" if changes else "unchanged", name, changes, 0, warned, left_out)


def _figure_finder(reading: Reading, comparison: Comparison) -> FigureOf:
    """Find each draft's figure in the reading."""
    news = comparison.seen.news

    def figure_of(draft: ProposedChange) -> Figure | None:
        handle = news.get((draft.series_id, draft.as_of)) if draft.content is not None else None
        return None if handle is None else reading.figure(handle)

    return figure_of
