"""Random releases, decisions, replays and redactions: what a process keeps in memory is what another one would read."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from changes.accepted import Accepted
from model import Instant, UsageError
from storage import Reread
from storage.archive.redact import redact
from storage.load import load, read_histories
from tests.changes.memory import OTHER_READER, reading
from tests.storage.books import Book, Row, source

CELLS = st.tuples(
    st.sampled_from(["tanks\x1fA", "tanks\x1fb", "guns"]),
    st.sampled_from([f"2025-01-0{day}" for day in range(1, 5)]),
    st.sampled_from(["", "100", "~100", "102", "15000", "3"]),
)
TABLE = st.lists(CELLS, min_size=1, max_size=6)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("release"), TABLE),
        st.tuples(st.just("again"), st.just(None)),
        st.tuples(st.just("backfill"), TABLE),
        st.tuples(st.just("decide"), st.tuples(st.sampled_from(["accept", "reject", "break"]), st.booleans())),
        st.tuples(st.just("correct"), st.sampled_from(["101", "9"])),
        st.tuples(st.just("replay"), TABLE),
        st.tuples(st.just("redact"), st.integers(0, 3)),
    ),
    min_size=2,
    max_size=9,
)


class Run:
    """One ledger, and the steps that are done to it."""

    def __init__(self, folder: Path) -> None:
        self.book = Book(folder, source())
        self.tables: list[list[Row]] = []

    def release(self, table: list[Row], **options: Any) -> None:
        self.book.release(f"2025-02-{len(self.tables) + 1:02}T06:00:00Z", table, salt=str(len(self.tables)), **options)
        self.tables.append(table)

    def backfill(self, table: list[Row]) -> None:
        self.release(table, cause="backfill", hold=False)

    def again(self, _none: None) -> None:
        if self.tables:
            self.release(self.tables[-1])

    def decide(self, answer: tuple[Any, bool]) -> None:
        action, named = answer
        for update in self.book.ledger.views.held()[:1]:
            change = update.changes[0]
            where: dict[str, Any] = {"series": change.series, "as_of": change.as_of} if named else {}
            try:
                self.book.ledger.decide("book", update.update, action, who="Ann", why="so", **where)
            except UsageError:
                assert action == "break"

    def correct(self, value: str) -> None:
        for update in self.book.ledger.views.log(limit=1, changes=None):
            for change in update.changes[:1]:
                where: dict[str, Any] = {"series": change.series, "as_of": change.as_of, "value": value}
                try:
                    self.book.ledger.decide("book", update.update, "correct", who="Ann", why="so", **where)
                except UsageError:
                    assert not change.held

    def replay(self, table: list[Row]) -> None:
        past = self.book.ledger.releases(self.book.source)
        rereads = [
            Reread(one.update_id, one.snapshot_id, one.snapshot, "", reading(table if one is past[-1] else rows))
            for one, rows in zip(past, self.tables, strict=True)
        ]
        self.book.ledger.replay(self.book.source, rereads, OTHER_READER)

    def redact(self, place: int) -> None:
        past = self.book.ledger.releases(self.book.source)[place : place + 1]
        for one in past:
            archive = self.book.archive
            if archive.tombstone(one.snapshot.sha256) is None:
                at = Instant("2025-03-01T06:00:00Z")
                redact(self.book.ledger.engine, archive, one.snapshot.sha256, by="Ann", why="names", at=at)

    def kept(self) -> Accepted | None:
        """What the process keeps in memory, with all histories."""
        found = self.book.ledger._states.get("book")
        if found is not None:
            with self.book.ledger.engine.connect() as connection:
                read_histories(connection, found)
        return found

    def read(self) -> Accepted:
        """What another process would read."""
        with self.book.ledger.engine.connect() as connection:
            found = load(connection, 1)
            read_histories(connection, found)
        return found


def plain(accepted: Accepted) -> dict[str, Any]:
    """All that bears on the next release; an empty history is none."""
    names = ("head", "number", "chain", "horizon", "release", "quiet", "standing", "refs", "held", "breaks", "series")
    histories = ("live", "gone", "origin", "days", "latest")
    found = {name: getattr(accepted, name) for name in names}
    return found | {name: {of: one for of, one in getattr(accepted, name).items() if one} for name in histories}


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_what_is_kept_in_memory_is_what_another_process_reads(steps: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder))
        try:
            for name, given_with in steps:
                getattr(run, name)(given_with)
                kept = run.kept()
                if kept is not None:
                    assert plain(kept) == plain(run.read()), name
            assert list(run.book.ledger.verify()) == []
        finally:
            run.book.ledger.close()
