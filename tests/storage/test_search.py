"""Searching the ledger: numbers, words, names, in their order, and how each stands."""

from __future__ import annotations

import hashlib
import random
from decimal import Decimal
from pathlib import Path

from model import Day, Figure, FigureRule, Instant, Reader, Reading, Snapshot
from publish.finding.find import PARTS, standing_of
from publish.finding.question import parse
from storage import ReadRelease
from storage.search.find import FoundChange, SearchPart, SearchQuestion, SearchWord
from storage.search.words import asked
from tests.storage.books import Book, source

PROSE = source(
    "courier", figures=(FigureRule(id="missing", css="p", pattern="x", unit="people"),), coverage="latest"
)  # fmt: skip
PROSE_READER = Reader("selectors", 1, "options")


def say(book: Book, known_at: str, sentence: str, number: str, by: tuple[str, ...] = ()) -> str:
    """Record a text whose first sentence states a number; returns its digest."""
    text = f"{sentence} Nobody else was named, but Olena was near."
    digest = book.archive.put(text.encode())
    assert digest == hashlib.sha256(text.encode()).hexdigest()
    snapshot = Snapshot(
        sha256=digest, text_sha256=digest, size=len(text.encode()), media_type="text/plain",
        known_at=Instant(known_at),
    )  # fmt: skip
    start = sentence.index(number)
    figure = Figure(
        value=Decimal(number.replace(",", "")), unit="people", measure="missing", quote=sentence, number_text=number,
        start=start, end=start + len(number), attributed_to=by,
    )  # fmt: skip
    reading = Reading([("missing", Day(known_at[:10]), figure.content, 0)], lambda _handle: figure)
    book.ledger.record(book.source, ReadRelease(snapshot, text, reading, PROSE_READER, hold=False))
    return digest


def find(book: Book, question: str, part: SearchPart = "value", limit: int = 10) -> list[FoundChange]:
    """What is found of a question in one part."""
    numbers, words = parse(question)
    asked_for = SearchQuestion(numbers=numbers, words=tuple(SearchWord(word) for word in asked(words)))
    if part == "words":
        return book.ledger.views.find_quoted(asked_for, limit=limit)
    return book.ledger.views.find_numbers(asked_for, PARTS[part], limit=limit)


def test_every_number_that_is_told_is_found_where_it_stands(tmp_path: Path) -> None:
    book, chance = Book(tmp_path, source(coverage="latest")), random.Random(11)
    for month in range(1, 7):
        values = [(ref, f"2025-{month:02}-{day:02}", chance.choice(("", "~", ">")) + str(chance.randrange(40)))
                  for ref in ("tanks", "guns") for day in sorted(chance.sample(range(1, 28), 3))]  # fmt: skip
        stated = {"tanks": str(chance.randrange(1, 20))}
        book.release(f"2025-{month:02}-28T06:00:00Z", values, stated=stated, hold=month % 2 == 0)
    told = [(update.update, change) for update in book.ledger.views.log(limit=None) for change in update.changes]
    for update, change in told:
        numbers = {"difference": change.difference, "stated": change.stated and change.stated.value}
        numbers["value" if change.new and change.new.qualifier == "exact" else "hedged"] = (
            change.new and change.new.value
        )
        for part, number in numbers.items():
            if number:
                there = {(one.update, one.change) for one in find(book, str(abs(number)), part, limit=200)}
                assert (update, change) in there, (part, number)
    for number in range(-40, 41):
        for part in ("value", "hedged", "difference", "stated"):
            for one in find(book, str(number), part, limit=200):
                value, stated_value = (
                    one.change.new and one.change.new.value,
                    one.change.stated and one.change.stated.value,
                )
                is_there = {"difference": one.change.difference, "stated": stated_value}.get(part, value)
                assert is_there is not None
                assert abs(is_there) == abs(number)
    places = [(one.update, one.change.as_of) for one in find(book, "7", "value", limit=200)]
    assert places == sorted(places, key=lambda place: int(place[0].partition("/")[2]), reverse=True)


def test_words_are_found_in_the_quote_in_which_all_of_them_stand(tmp_path: Path) -> None:
    book = Book(tmp_path, PROSE)
    say(book, "2025-01-02T06:00:00Z", "The ministry said that 1,234 are missing.", "1,234", ("Ministry of Health",))
    say(book, "2025-01-03T06:00:00Z", "По данным министерства, пропали 1,240 человек.", "1,240")
    say(book, "2025-01-04T06:00:00Z", "東京で1,250人が行方不明になった。", "1,250")
    say(book, "2025-01-05T06:00:00Z", "قال الوزير إن 1,260 شخصًا مفقودون.", "1,260")
    for question, update in (
        ("ministry missing", 1), ("health", 1), ("ПРОПАЛИ министер", 2), ("行方不明", 3), ("東京", 3), ("مفقودون", 4),
        ("شخصا", 4),
    ):  # fmt: skip
        assert [one.update for one in find(book, question, "words")] == [f"courier/{update}"], question
    assert find(book, "ministry пропали", "words") == []
    assert find(book, "olena", "words") == [], "what stands around a quote is no one's to find"
    assert [one.update for one in find(book, "courier", "words")] == []


def test_how_a_value_stands_is_found_with_it(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-02T06:00:00Z", [("tanks", "2025-01-01", "100"), ("tanks", "2025-01-02", "102")])
    book.release("2025-01-03T06:00:00Z", [("tanks", "2025-01-01", "101"), ("tanks", "2025-01-02", "102")])
    assert [(standing_of(one)) for one in find(book, "100")] == [("replaced", "book/2")]
    assert [(standing_of(one)) for one in find(book, "101")] == [("counts", None)]
    book.release("2025-01-04T06:00:00Z", [("tanks", "2025-01-01", "101"), ("tanks", "2025-01-02", "102000")])
    held = find(book, "102000")
    assert [standing_of(one) for one in held] == [("held", None)]
    book.ledger.decide("book", held[0].update, "reject", who="Ann", why="digits too many")
    assert [standing_of(one)[0] for one in find(book, "102000")] == ["rejected"]


def test_names_are_found_with_the_newest_first(tmp_path: Path) -> None:
    book = Book(tmp_path, source(by={"whom": "state"}))
    rows = [(f"tanks\x1fNew {name}", f"2025-01-0{day}", str(day)) for day, name in ((1, "York"), (3, "Jersey"))]
    book.release("2025-01-05T06:00:00Z", rows)
    named = SearchQuestion(words=tuple(SearchWord(word) for word in asked("new tank")))
    found = book.ledger.views.find_named(named, limit=5)
    assert [one.series for one in found] == ["book/tanks/new-jersey", "book/tanks/new-york"]
    by_title = SearchQuestion(
        words=(SearchWord(("zz",), sources=("book",)), SearchWord(("yy",), rules=(("book", "tanks"),)))
    )
    assert len(book.ledger.views.find_named(by_title, limit=5)) == 2
