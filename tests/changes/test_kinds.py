"""One event is told alike whichever way it reached the ledger: four roads, seven kinds, and their marks, as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from changes.kinds import Before, classify
from model import CHANGE_KINDS, Change, Day, Expect, Instant, Reader, Reading, Snapshot, write_content
from storage import ReadRelease, Reread
from tests.storage.books import READER, Book, Row, figure, source

OTHER_READER = Reader("csv", 2, "options")
D1, D2, D3 = (Day(f"2025-01-0{day}") for day in (1, 2, 3))
FILLER: list[Row] = [("filler", f"2024-02-{day:02}", "1") for day in range(1, 30)]


class Told(NamedTuple):
    """What is told of one change: contents, and the marks; `reverts` only whether it names an update."""

    kind: str
    series: str
    as_of: Day
    old: str | None
    new: str | None
    difference: int | None
    how: str | None = None
    redated: Day | None = None
    reverts: bool = False


class Event(NamedTuple):
    """Tables that were recorded one after the other, the table that is then read, and what that must be told as."""

    history: list[list[Row]]
    then: list[Row]
    told: list[Told]


def tanks(*cells: tuple[Day, str]) -> list[Row]:
    return [("tanks", day, content) for day, content in cells]


def guns(*cells: tuple[Day, str]) -> list[Row]:
    return [("guns", day, content) for day, content in cells]


G = guns((D1, "7"))
EVENTS = {
    "a series that was not there": Event([G], [*G, *tanks((D1, "10"))], [Told("first", "tanks", D1, None, "10", None)]),
    "a later day": Event([tanks((D1, "10"))], tanks((D1, "10"), (D2, "12")), [Told("new", "tanks", D2, "10", "12", 2)]),
    "an earlier day": Event(
        [tanks((D1, "10"), (D3, "14"))],
        tanks((D1, "10"), (D2, "12"), (D3, "14")),
        [Told("late", "tanks", D2, None, "12", None)],
    ),
    "another value": Event([tanks((D1, "10"))], tanks((D1, "11")), [Told("revised", "tanks", D1, "10", "11", 1)]),
    "a value that was there before": Event(
        [tanks((D1, "10")), tanks((D1, "11"))],
        tanks((D1, "10")),
        [Told("revised", "tanks", D1, "11", "10", -1, reverts=True)],
    ),
    "another hedge": Event([tanks((D1, "10"))], tanks((D1, "~10")), [Told("requalified", "tanks", D1, "10", "~10", 0)]),
    "a row that went": Event(
        [tanks((D1, "10"), (D2, "12"))],
        tanks((D1, "10")),
        [Told("withdrawn", "tanks", D2, "12", None, None, how="row")],
    ),
    "a cell that went": Event(
        [[*tanks((D1, "10"), (D2, "12")), *guns((D1, "7"), (D2, "8"))]],
        [*tanks((D1, "10")), *guns((D1, "7"), (D2, "8"))],
        [Told("withdrawn", "tanks", D2, "12", None, None, how="cell")],
    ),
    "a series that went": Event(
        [[*tanks((D1, "10")), *G]], G, [Told("withdrawn", "tanks", D1, "10", None, None, how="series")]
    ),
    "what went, stated again": Event(
        [tanks((D1, "10"), (D2, "12")), tanks((D1, "10"))],
        tanks((D1, "10"), (D2, "13")),
        [Told("restored", "tanks", D2, "12", "13", 1)],
    ),
    "a row that moved": Event(
        [[*tanks((D1, "1000"), (D3, "1500")), *guns((D1, "200"), (D3, "300"))]],
        [*tanks((D1, "1000"), (D2, "1500")), *guns((D1, "200"), (D2, "300"))],
        [
            Told("late", "guns", D2, None, "300", None, redated=D3),
            Told("late", "tanks", D2, None, "1500", None, redated=D3),
            Told("withdrawn", "guns", D3, "300", None, None, how="row", redated=D2),
            Told("withdrawn", "tanks", D3, "1500", None, None, how="row", redated=D2),
        ],
    ),
}


class Shelf:
    """A ledger whose releases may be read again by another reader: a table is the text, and also what is read in it."""

    def __init__(self, folder: Path, expect: Expect) -> None:
        self.book = Book(folder, source(rules=("tanks", "guns", "filler"), expect=expect))
        self.kept: list[tuple[Snapshot, str]] = []

    def release(self, rows: Sequence[Row], **options: Any) -> None:
        """Record a release of a later day."""
        text = json.dumps([len(self.kept), rows])
        self.book.archive.put(text.encode())
        digest = hashlib.sha256(text.encode()).hexdigest()
        known_at = Instant(f"2025-03-{len(self.kept) + 1:02}T06:00:00Z")
        snapshot = Snapshot(
            sha256=digest, text_sha256=digest, size=len(text), media_type="text/csv", known_at=known_at
        )  # fmt: skip
        self.kept.append((snapshot, text))
        release = ReadRelease(snapshot, text, reading(rows), READER, **options)
        self.book.ledger.record(self.book.source, release)

    def newest_again(self, rows: Sequence[Row]) -> None:
        """Record what another reader reads in the newest release, as the next refresh does."""
        snapshot, text = self.kept[-1]
        release = ReadRelease(snapshot, text, reading(rows), OTHER_READER, cause="replay", why="extraction")
        self.book.ledger.record(self.book.source, release)

    def replay(self, tables: Sequence[Sequence[Row]]) -> None:
        """Read every release again."""
        past = self.book.ledger.releases(self.book.source)
        releases = [
            Reread(one.update_id, one.snapshot_id, one.snapshot, text, reading(rows))
            for one, (_, text), rows in zip(past, self.kept, tables, strict=True)
        ]
        self.book.ledger.replay(self.book.source, releases, OTHER_READER)


def reading(rows: Sequence[Row]) -> Reading:
    cells = [(ref, Day(day) if day else None, content, at) for at, (ref, day, content) in enumerate(rows)]
    return Reading(cells, lambda handle: figure(rows[handle][2]))


def by_release(shelf: Shelf, event: Event) -> None:
    shelf.release(event.then, hold=False)


def by_reading_again(shelf: Shelf, event: Event) -> None:
    shelf.newest_again(event.then)


def by_replay(shelf: Shelf, event: Event) -> None:
    shelf.replay([*event.history[:-1], event.then])


def by_decision(shelf: Shelf, event: Event) -> None:
    """The whole release waits, for it has more figures than it should, and is accepted by a person."""
    shelf.release([*event.then, *FILLER])
    held = shelf.book.newest()
    assert held.status == "held"
    shelf.book.ledger.decide("book", held.update, "accept", who="me", why="it is so")


ROADS: tuple[Callable[[Shelf, Event], None], ...] = (by_release, by_reading_again, by_replay, by_decision)


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("road", ROADS)
def test_an_event_is_told_alike_on_every_road(tmp_path: Path, road: Callable[[Shelf, Event], None], name: str) -> None:
    event = EVENTS[name]
    shelf = Shelf(tmp_path, Expect(figures=(0, 20)))
    for table in event.history:
        shelf.release(table, hold=False)
    road(shelf, event)
    changes = [told(change) for change in shelf.book.newest().changes]
    assert sorted(one for one in changes if one.series != "filler") == event.told


def told(change: Change) -> Told:
    marks = change.marks
    old, new = (
        None if one is None else write_content(one.value, one.low, one.high, one.qualifier)
        for one in (change.old, change.new)
    )
    difference = None if change.difference is None else int(change.difference)
    series = change.series.partition("/")[2]
    return Told(
        change.kind, series, change.as_of, old, new, difference, marks.how, marks.redated, marks.reverts is not None
    )  # fmt: skip


def test_the_table_knows_every_kind() -> None:
    assert {one.kind for event in EVENTS.values() for one in event.told} == set(CHANGE_KINDS)


def test_a_person_who_changes_the_hedge_alone_requalifies(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Expect())
    shelf.release(tanks((D1, "10")))
    shelf.book.ledger.decide(
        "book", "book/1", "correct", who="me", why="the page says about", series="book/tanks", as_of=D1,
        value="10", qualifier="approximately",
    )  # fmt: skip
    assert [told(change) for change in shelf.book.newest().changes] == [
        Told("requalified", "tanks", D1, "10", "~10", 0)
    ]


def test_later_days_that_only_a_replay_finds_count_from_one_another(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Expect())
    shelf.release(tanks((D1, "10")))
    shelf.release([*tanks((D1, "10")), *G])
    shelf.replay([tanks((D1, "10"), (D2, "12")), [*tanks((D1, "10"), (D2, "12"), (D3, "15")), *G]])
    newest, before = shelf.book.ledger.views.log(limit=2, changes=None)
    assert [told(change) for change in before.changes] == [Told("new", "tanks", D2, "10", "12", 2)]
    assert [told(change) for change in newest.changes] == [Told("new", "tanks", D3, "12", "15", 3)]


@pytest.mark.parametrize(
    ("before", "content", "kind"),
    [
        (Before(), "10", "first"),
        (Before(latest=D1), "10", "new"),
        (Before(latest=D2), "10", "late"),
        (Before(latest=D3), "10", "late"),
        (Before(live="10", latest=D2), "10", None),
        (Before(live="10", latest=D2), "11", "revised"),
        (Before(live="10", latest=D2), "~10", "requalified"),
        (Before(live="~10", latest=D2), ">10", "requalified"),
        (Before(live="10", latest=D2), None, "withdrawn"),
        (Before(gone="10", latest=D2), "10", "restored"),
        (Before(gone="10", latest=D2), "11", "restored"),
        (Before(gone="10", latest=D2), None, None),
        (Before(latest=D1), None, None),
        (Before(), None, None),
    ],
)
def test_a_kind_follows_from_what_was_accepted(before: Before, content: str | None, kind: str | None) -> None:
    assert classify(before, D2, content) == kind
