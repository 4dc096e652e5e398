"""The print check: what is open about a figure is found, and stands in every sentence that is offered for printing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from model import (
    Day,
    Figure,
    FigureRule,
    Increment,
    Instant,
    Match,
    Reader,
    Reading,
    SeriesRule,
    Snapshot,
    Source,
    UsageError,
)
from publish.names import SeriesNames
from publish.printing.check import PrintDesk, PrintPlace
from publish.printing.facts import PrintCheck
from publish.printing.text import lines
from publish.vocabulary import LANGUAGES
from storage import ReadRelease
from storage.archive.redact import redact
from tests.storage.books import Book, source

COUNT = source("count", figures=(FigureRule(id="dead", css="p", pattern="x", unit="people"),), coverage="latest")
_CLAIM = SeriesRule(id="dead", match=Match(measure="killed"), counts_as="count/dead")
PAPER = msgspec.structs.replace(source("paper", figures=(), coverage="latest"), extractor="prose", series=(_CLAIM,))


def say(book: Book, known_at: str, as_of: str, sentence: str, number: str, more: str = "", hold: bool = False) -> str:
    """Record a sentence that states a total, and perhaps its change; returns the digest of the text."""
    content = sentence.encode()
    digest = book.archive.put(content)
    assert digest == hashlib.sha256(content).hexdigest()
    snapshot = Snapshot(
        sha256=digest, text_sha256=digest, size=len(content), media_type="text/plain", known_at=Instant(known_at)
    )
    figure, stated = _figure(sentence, number), ()
    if more:
        stated = (Increment("dead", Day(as_of), _figure(sentence, more, kind="change")),)
    reading = Reading([("dead", Day(as_of), figure.content, 0)], lambda _handle: figure, stated=stated)
    book.ledger.record(book.source, ReadRelease(snapshot, sentence, reading, Reader("selectors", 1, "o"), hold=hold))
    return digest


def _figure(sentence: str, number: str, **fields: Any) -> Figure:
    start = sentence.index(number)
    return Figure(
        value=Decimal(number.replace(",", "")), unit="people", measure="killed", quote=sentence, number_text=number,
        start=start, end=start + len(number), **fields,
    )  # fmt: skip


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """A count that was published twice, the second time with the increase that the ledger gives."""
    book = Book(tmp_path, COUNT)
    say(book, "2025-07-19T06:00:00Z", "2025-07-18", "By 18 July 119,154 dead are named.", "119,154")
    yield book
    book.ledger.close()


def check(book: Book, update: str, series: str = "count/dead", as_of: str | None = None, *others: Source) -> PrintCheck:
    """A check with the definitions of the book's source and others; its sentences must say all that is open."""
    definitions = {one.id: one for one in (book.source, *others)}
    names = SeriesNames(book.ledger.views.refs(), definitions.get)
    found = PrintDesk(book.ledger.views, definitions, names).check(
        PrintPlace(update, series, Day(as_of) if as_of else None)
    )
    assert tuple(found.sentences) == LANGUAGES
    for said in found.sentences.values():
        assert "{" not in said.short + said.long + said.footnote
        assert found.update in said.footnote
        assert "None" not in said.footnote
    assert [line.sign for line in lines(found)].count("hold") == (found.verdict == "not_yet")
    return found


def test_a_figure_about_which_nothing_is_open_is_clear(book: Book) -> None:
    say(book, "2025-08-02T06:00:00Z", "2025-07-31", "121,507 dead, 2,353 more since 18 July.", "121,507", "2,353")
    found = check(book, "count/2")
    assert (found.verdict, found.open) == ("clear", ())
    assert found.in_text is not None
    assert found.in_text.reads is True
    assert found.old is not None
    assert (found.old.update, found.old.as_of, found.change.difference) == ("count/1", "2025-07-18", 2353)
    assert found.increment is not None
    assert found.increment.baseline is not None
    assert (found.increment.baseline.update, found.increment.baseline.told.value) == ("count/1", 119154)
    assert [one.words for one in found.increment.named] == ["18 July"]
    assert "counted from 119,154 of 18 July 2025 (count/1)" in found.sentences["en"].long
    assert found.sentences["de"].short == "121.507 Getötete (dead), Stand 31. Juli 2025, P, 2.353 mehr."


def test_another_date_than_the_one_that_fits_is_said(book: Book) -> None:
    say(book, "2025-08-02T06:00:00Z", "2025-07-31", "121,507 dead; since early July 2,353 more.", "121,507", "2,353")
    found = check(book, "count/2")
    assert (found.verdict, found.open) == ("care", ("other_date",))
    for language, day in (("en", "18 July 2025"), ("uk", "18 липня 2025"), ("fr", "18 juillet 2025")):
        said = found.sentences[language]
        assert "early July" in said.short
        assert day in said.short
        assert "early July" in said.long


@pytest.mark.parametrize(("more", "verdict"), [("2,300", "mismatch"), ("2,100", "missed")])
def test_a_stated_change_that_the_ledger_does_not_give_is_in_every_sentence(
    book: Book, more: str, verdict: str
) -> None:
    total = "121,507" if verdict == "missed" else "121,400"
    say(book, "2025-08-02T06:00:00Z", "2025-07-31", f"{total} dead, {more} more.", total, more)
    found = check(book, "count/2")
    assert found.increment is not None
    assert found.increment.verdict in ("mismatch", "missed")
    assert found.increment.verdict in found.open
    for language in LANGUAGES:
        number = {
            "en": more,
            "de": more.replace(",", "."),
            "es": more.replace(",", "."),
            "fr": more.replace(",", "\u202f"),
        }
        told = number.get(language, more.replace(",", "\u00a0"))
        assert told in found.sentences[language].short
        assert told in found.sentences[language].long


def test_what_came_since_is_said(book: Book) -> None:
    say(book, "2025-08-02T06:00:00Z", "2025-07-31", "121,507 dead are named.", "121,507")
    found = check(book, "count/1")
    assert (found.verdict, found.open) == ("clear", ("newer",))
    assert "a newer value is known: 121,507, as of 31 July 2025 (count/2)" in found.sentences["en"].short
    say(book, "2025-08-03T06:00:00Z", "2025-07-31", "121,500 dead are named.", "121,500")
    replaced = check(book, "count/2")
    assert (replaced.verdict, replaced.open) == ("not_yet", ("replaced",))
    assert replaced.counts is not None
    assert (replaced.counts.update, replaced.counts.told.value) == ("count/3", 121500)


def test_what_does_not_count_is_not_yet_to_be_printed(book: Book) -> None:
    say(book, "2025-08-02T06:00:00Z", "2025-07-31", "12,150,700 dead are named.", "12,150,700", hold=True)
    assert check(book, "count/2").open == ("held",)
    assert "held, does not count" in check(book, "count/2").sentences["en"].short
    book.ledger.decide("count", "count/2", "reject", who="Ann", why="digits")
    assert check(book, "count/2").open == ("rejected",)


def test_another_source_that_says_otherwise_of_the_same_count_is_named(book: Book, tmp_path: Path) -> None:
    paper = Book(tmp_path, PAPER)
    paper.source = PAPER
    say(paper, "2025-07-20T06:00:00Z", "2025-07-18", "The count has 119,145 dead.", "119,145")
    found = check(book, "count/1", "count/dead", None, PAPER)
    assert found.open == ("disputed",)
    assert "119,145" in found.sentences["en"].long
    back = check(paper, "paper/1", "paper/dead", None, COUNT)
    assert [one.value.update for one in back.disputes] == ["count/1"]


def test_a_text_that_is_gone_or_reads_otherwise_is_said(book: Book) -> None:
    digest = say(book, "2025-08-02T06:00:00Z", "2025-07-31", "121,507 dead are named.", "121,507")
    redact(book.ledger.engine, book.archive, digest, by="Ann", why="a name", at=Instant("2025-08-03T06:00:00Z"))
    book.ledger.close()
    book = Book(book.kept.parent, COUNT)
    assert check(book, "count/2").open == ("text_gone",)


def test_a_place_that_has_no_such_change_is_refused(book: Book) -> None:
    with pytest.raises(UsageError, match="changes nothing"):
        check(book, "count/1", as_of="2025-07-01")
    with pytest.raises(UsageError, match="no series"):
        check(book, "count/1", "count/wounded")
    with pytest.raises(UsageError, match="no update"):
        check(book, "count/7")
