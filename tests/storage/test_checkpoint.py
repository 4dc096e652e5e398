"""A checkpoint kept elsewhere finds what the chains alone cannot: a cut tail, and a history written anew."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from cli.commands.verify import checkpoint as checkpoint_command
from cli.commands.verify import verify as verify_command
from model import UsageError
from storage import checkpoint, schema
from storage.proof.checkpoint import MARK, Checkpoint, Head
from tests.storage.books import Book, database_url, source

RELEASES = ("10", "12", "15", "19")


@pytest.fixture
def book(tmp_path: Path) -> Book:
    book = Book(tmp_path, source(coverage="latest"))
    record(book, RELEASES)
    other = Book(tmp_path, source("other", coverage="latest"))
    record(other, RELEASES[:2])
    return book


def record(book: Book, values: tuple[str, ...]) -> None:
    for day, value in enumerate(values, start=1):
        book.release(f"2025-01-0{day}T06:00:00Z", [("tanks", f"2025-01-0{day}", value)], hold=False)


def kept(book: Book) -> Checkpoint:
    return Checkpoint.parse(checkpoint(book.ledger.engine))


def cut_tail(book: Book, name: str, left: int) -> None:
    """Remove a source's newest updates and all that hangs on them, as if they had never been."""
    updates = schema.updates
    key = sa.select(schema.sources.c.id).where(schema.sources.c.key == name).scalar_subquery()
    gone = sa.select(updates.c.id).where(updates.c.source_id == key, updates.c.number > left)
    current = schema.current
    with book.ledger.engine.begin() as connection:
        ids = list(connection.execute(gone).scalars())
        connection.execute(sa.delete(current).where(current.c.update_id.in_(ids)))
        for table in (schema.numbers, schema.quote_words):
            connection.execute(sa.delete(table).where(table.c.update_id.in_(ids)))
        for table in (schema.versions, schema.checks, schema.settlements, schema.stated, schema.unfollowed):
            connection.execute(sa.delete(table).where(table.c.update_id.in_(ids)))
        connection.execute(sa.update(schema.fetches).where(schema.fetches.c.update_id.in_(ids)).values(update_id=None))
        connection.execute(sa.delete(updates).where(updates.c.id.in_(ids)))
        # A series that no update shows any more would be found without a checkpoint.
        shown = sa.select(schema.versions.c.series_id)
        words = schema.series_words
        connection.execute(sa.delete(words).where(words.c.series_id.not_in(shown)))
        connection.execute(sa.delete(schema.series).where(schema.series.c.id.not_in(shown)))


def test_a_ledger_that_only_grew_verifies_against_its_checkpoint(book: Book) -> None:
    before = kept(book)
    assert list(book.ledger.verify(before)) == []
    book.release("2025-01-09T06:00:00Z", [("tanks", "2025-01-09", "30")], hold=False)
    assert list(book.ledger.verify(before)) == []
    assert before.heads[0].number == 4
    assert kept(book).heads[0].number == 5


def test_a_cut_tail_is_found_by_the_checkpoint_alone(book: Book) -> None:
    before = kept(book)
    cut_tail(book, "book", 3)
    assert list(book.ledger.verify()) == []
    assert list(book.ledger.verify(before)) == [
        "book/4: the checkpoint knows it, and the ledger ends at book/3: its tail was cut"
    ]


def test_a_source_that_is_gone_is_found(book: Book) -> None:
    before = kept(book)
    cut_tail(book, "other", 0)
    assert list(book.ledger.verify()) == []
    assert list(book.ledger.verify(before)) == [
        "other/2: the checkpoint knows it, and the ledger has nothing of this source"
    ]


def test_a_history_written_anew_with_sound_chains_is_found(book: Book, tmp_path: Path) -> None:
    before = kept(book)
    forged = Book(tmp_path / "forged", source(coverage="latest"))
    record(forged, ("10", "13", "15", "19", "23"))
    record(Book(tmp_path / "forged", source("other", coverage="latest")), ("10", "13"))
    assert list(forged.ledger.verify()) == []
    assert [problem.partition(":")[0] for problem in forged.ledger.verify(before)] == ["book/4", "other/2"]


def test_a_tail_cut_and_grown_again_is_found(book: Book) -> None:
    before = kept(book)
    cut_tail(book, "book", 3)
    again = Book(book.kept.parent, book.source)
    again.release("2025-01-04T06:00:00Z", [("tanks", "2025-01-04", "20")], hold=False)
    assert list(again.ledger.verify()) == []
    assert [problem.partition(":")[0] for problem in again.ledger.verify(before)] == ["book/4"]


def test_a_checkpoint_is_one_printable_line_that_reads_back(book: Book) -> None:
    line = checkpoint(book.ledger.engine)
    assert line.isascii()
    assert line.isprintable()
    assert "2 sources 6 updates" in line
    assert Checkpoint.parse(f"noted on Monday:\nverified: {line}\n") == kept(book)


def test_heads_of_any_name_read_back() -> None:
    heads = (Head("ä b", 1, "00" * 32), Head("z", 2**40, "ff" * 32))
    assert Checkpoint.parse(Checkpoint(heads).line()).heads == heads
    assert Checkpoint.parse(Checkpoint(()).line()).heads == ()


def test_a_damaged_line_is_refused_and_never_taken_for_a_checkpoint(book: Book) -> None:
    line = checkpoint(book.ledger.engine)
    digest, packed = line.split()[2], line.split()[7]
    swapped = "A" if packed[20] != "A" else "B"
    for wrong in (
        "",
        line[:-30],
        line.replace(digest, "0" * 64),
        line.replace(packed, packed[:20] + swapped + packed[21:]),
        line.replace(packed, "%%%"),
        line.replace(f"{MARK} 1", f"{MARK} 2"),
        line.replace(MARK, MARK + "s"),
    ):
        with pytest.raises(UsageError):
            Checkpoint.parse(wrong)


def test_the_command_takes_a_line_or_a_file_and_exits_with_1_when_it_does_not_verify(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLYBOOK_HOME", str(tmp_path))
    monkeypatch.setenv("TALLYBOOK_DATABASE_URL", database_url(tmp_path))
    line = CliRunner().invoke(checkpoint_command, [], catch_exceptions=False).output.strip()
    (tmp_path / "kept.txt").write_text("a first line\n" + line + "\n")
    for against in (line, str(tmp_path / "kept.txt")):
        done = CliRunner().invoke(verify_command, ["--against", against], catch_exceptions=False)
        assert (done.exit_code, done.stdout) == (0, f"verified: {line}\n")
    cut_tail(book, "book", 3)
    done = CliRunner().invoke(verify_command, ["--against", line], catch_exceptions=False)
    assert (done.exit_code, "its tail was cut" in done.stdout) == (1, True)
    with pytest.raises(UsageError, match=r"missing.txt cannot be read: No such file"):
        CliRunner().invoke(verify_command, ["--against", "missing.txt"], catch_exceptions=False)
