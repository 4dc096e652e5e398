"""The ledger at a time: as the world could know it, and as we had recorded it."""

import random
from pathlib import Path

from model import Instant, now, parse_instant
from tests.storage.books import Book, Row, source


def test_the_table_known_at_any_time_is_the_release_of_that_time(tmp_path: Path) -> None:
    random.seed(7)
    book = Book(tmp_path, source())
    releases: list[tuple[str, dict[tuple[str, str], str]]] = []
    cells: dict[tuple[str, str], str] = {}
    for hour in range(40):
        for _ in range(3):
            key = (random.choice(["tanks", "guns"]), f"2025-01-{random.randint(1, 9):02}")
            if random.random() < 0.25 and len(cells) > 2:
                cells.pop(key, None)
            else:
                cells[key] = str(random.randint(1, 50))
        at = f"2025-02-{1 + hour // 20:02}T{hour % 20:02}:00:00Z"
        book.release(at, [(ref, day, value) for (ref, day), value in cells.items()], hold=False)
        releases.append((at, dict(cells)))
    for at, expected in releases:
        assert book.values(known_at=Instant(at)) == expected
        assert book.values(known_at=Instant(at.replace(":00:00Z", ":30:00Z"))) == expected
    assert book.values() == releases[-1][1]
    assert book.values(known_at=Instant("2025-01-31T23:59:59Z")) == {}


def test_known_and_recorded_are_two_clocks(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    before = Instant("2026-01-01T00:00:00Z")
    book.release("2020-01-02T06:00:00Z", [("tanks", "2020-01-01", "10")])
    assert book.values(recorded_by=before) == {}
    assert book.values(known_at=Instant("2020-01-02T06:00:00Z")) == {("tanks", "2020-01-01"): "10"}
    assert book.values(recorded_by=now()) == {("tanks", "2020-01-01"): "10"}


def test_a_decision_counts_from_when_the_world_could_read_the_value(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    rows: list[Row] = [("tanks", f"2025-01-{day:02}", str(100 + day)) for day in range(1, 21)]
    book.release("2025-01-20T06:00:00Z", rows)
    book.release("2025-01-21T06:00:00Z", [*rows, ("tanks", "2025-01-21", "1210")])
    book.ledger.decide("book", "book/2", "accept", who="Ann", why="true")
    key = ("tanks", "2025-01-21")
    assert key not in book.values(known_at=Instant("2025-01-21T05:00:00Z"))
    assert book.values(known_at=Instant("2025-01-21T07:00:00Z"))[key] == "1210"


def test_show_gives_every_version_and_what_superseded_it(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    for hour, value in enumerate(["10", "12", "11"], start=1):
        book.release(f"2025-01-01T0{hour}:00:00Z", [("tanks", "2025-01-01", value)])
    versions = book.ledger.views.show("book/tanks")
    assert [(str(one.value), one.update, one.superseded_by) for one in versions] == [
        ("10", "book/1", "book/2"),
        ("12", "book/2", "book/3"),
        ("11", "book/3", None),
    ]


def test_instants_are_whole_seconds_and_sort_as_they_are_written() -> None:
    told = [parse_instant(text) for text in ("2025-08-02T06:00:00.5Z", "2025-08-02T06:00:00Z", "2025-08-02")]
    assert told == ["2025-08-02T06:00:00Z", "2025-08-02T06:00:00Z", "2025-08-02T00:00:00Z"]
