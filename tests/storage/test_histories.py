"""What is held in memory, and what is stored ready-made, changes nothing that the ledger says."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from model import Instant, Update, write_content
from storage import ClaimsWanted, append, groups
from tests.storage.books import Book, Row, days, source


def some_releases(seed: int) -> Iterator[tuple[str, list[Row]]]:
    """Thirty releases of a few series: steps, typos, rewritten and missing cells, labels in other spellings."""
    chance = random.Random(seed)
    cells = {(ref, day): chance.randrange(100, 200) for ref in ("tanks", "guns") for day in range(1, 5)}
    for hour in range(30):
        for ref in ("tanks", "guns"):
            newest = max(day for of, day in cells if of == ref)
            step = chance.choice([0, 1, 2, 3, 5, 900])
            cells[ref, min(newest + chance.randrange(2), 28)] = cells[ref, newest] + step
            if chance.random() < 0.3:
                cells[ref, chance.randrange(1, newest + 1)] = chance.randrange(100, 200)
            if chance.random() < 0.2 and newest > 3:
                cells.pop((ref, chance.randrange(1, newest)), None)
        shown = sorted(cells)[-chance.choice([1, 4, 40]) :]
        rows: list[Row] = [(ref, f"2025-01-{day:02}", str(cells[ref, day])) for ref, day in shown]
        yield f"2025-02-{1 + hour // 20:02}T{hour % 20:02}:00:00Z", rows


@pytest.mark.parametrize("coverage", ["full", "window", "latest"])
def test_a_ledger_opened_anew_for_each_release_says_what_one_kept_open_says(tmp_path: Path, coverage: str) -> None:
    def run(folder: Path, *, anew: bool) -> list[tuple[str, str]]:
        of = source(coverage=coverage)
        book = Book(folder, of)
        for at, rows in some_releases(5):
            book.release(at, rows)
            if at.endswith("T07:00:00Z"):
                decide_the_first(book)
            if anew:
                book.ledger.close()
                book = Book(folder, of)
        assert list(book.ledger.verify()) == []
        return [(one.update, one.content_digest) for one in book.ledger.views.log(limit=None)]

    assert run(tmp_path / "kept", anew=False) == run(tmp_path / "anew", anew=True)


def decide_the_first(book: Book) -> None:
    """Accept what was held first, long after later releases came."""
    if held := book.ledger.views.held():
        change = held[0].changes[0]
        book.ledger.decide(
            "book", held[0].update, "accept", who="Ann", why="true", series=change.series, as_of=change.as_of
        )


def newest_of(book: Book, at: str) -> dict[str, tuple[str, str]]:
    """Each series' newest value as known at a time, as claims are compared: (as-of, content)."""
    claims, _more = book.ledger.views.claims(ClaimsWanted("other", known_at=Instant(at)))
    rows = [claim.observation for claim in claims]
    return {row.series: (row.as_of, write_content(row.value, row.low, row.high, row.qualifier)) for row in rows}


def test_the_newest_values_known_at_any_time_are_those_of_the_table_of_that_time(tmp_path: Path) -> None:
    book = Book(tmp_path, source(coverage="window"))
    for at, rows in some_releases(11):
        book.release(at, rows)
        if at.endswith(("T05:00:00Z", "T11:00:00Z")):
            decide_the_first(book)
    causes = {update.cause for update in book.ledger.views.log(limit=None)}
    assert causes == {"fetch", "review"}
    for at, _rows in some_releases(11):
        newest: dict[str, tuple[str, str]] = {}
        for (ref, as_of), content in sorted(book.values(known_at=Instant(at)).items()):
            newest[f"book/{ref}"] = (as_of, content)
        assert newest_of(book, at) == newest
    assert newest_of(book, "2020-01-01T00:00:00Z") == {}


def test_a_decision_on_an_old_release_does_not_make_later_ones_known_earlier(tmp_path: Path) -> None:
    book = Book(tmp_path, source(coverage="window"))
    book.release("2025-01-20T06:00:00Z", [*days(1, 20), *days(1, 20, ref="guns")])
    book.release("2025-01-21T06:00:00Z", [("tanks", "2025-01-21", "1210")])
    book.release("2025-01-22T06:00:00Z", [("guns", "2025-01-21", "140")])
    book.ledger.decide("book", "book/2", "accept", who="Ann", why="true")
    then = newest_of(book, "2025-01-21T07:00:00Z")
    assert then == {"book/tanks": ("2025-01-21", "1210"), "book/guns": ("2025-01-20", "138")}
    assert newest_of(book, "2025-01-22T07:00:00Z")["book/guns"] == ("2025-01-21", "140")


def test_a_summary_made_when_it_is_told_is_the_one_that_would_be_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(folder: Path) -> list[Update]:
        book = Book(folder, source())
        for at, rows in some_releases(3):
            book.release(at, rows, hold=False)
        return book.ledger.views.log(limit=None)

    made = told(tmp_path / "made")
    monkeypatch.setattr(append, "STORED_ABOVE", -1)
    stored = told(tmp_path / "stored")
    assert any(len(update.groups) > 2 for update in made)
    assert [update.groups for update in made] == [update.groups for update in stored]
    assert groups.read_groups(groups.write_groups(made[0].groups)) == made[0].groups
