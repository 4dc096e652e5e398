"""SQLite and PostgreSQL beside each other: equal digests, one schema, and ledgers that move between them."""

import random
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import make_url

from cli.main import main
from model import LedgerError, Reader, UsageError, series_ref
from storage import Archive, Ledger, schema
from storage.database import open_engine, shown
from storage.migrations.upgrade import migrated
from storage.move import move
from storage.proof.verify import states
from tests.storage import books, postgres
from tests.storage.books import Book, Row, source

LABELS = ("ä", "Z", "a", "Б", "ґ", "a-b", "a b2", "中", "ß", "é", "e\u0301", "_x")


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests choose their databases themselves."""
    monkeypatch.delenv(books.SERVER, raising=False)


@pytest.fixture
def server(postgres_address: str) -> Iterator[str]:
    yield postgres_address
    postgres.drop_many(postgres_address)


def home(kind: str, folder: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Book:
    """A book that keeps its ledger on the kind of database named."""
    if kind == "sqlite":
        monkeypatch.delenv(books.SERVER, raising=False)
    else:
        monkeypatch.setenv(books.SERVER, server)
    return Book(folder, source())


def tell_a_story(book: Book) -> None:
    """Many releases with everything in them that a ledger records; the same ones each time."""
    made = random.Random(11)
    cells: dict[tuple[str, str], str] = {}
    for hour in range(24):
        for _ in range(6):
            key = (series_ref("tanks", (made.choice(LABELS),)), f"2025-01-{made.randint(1, 9):02}")
            if made.random() < 0.2 and len(cells) > 8:
                cells.pop(key, None)
            else:
                cells[key] = made.choice(["", "~", ">"]) + str(made.randint(1, 30))
        cells["guns", f"2025-01-{1 + hour:02}"] = str(1000 + hour * 5 if hour not in (9, 20) else 90000)
        cells["guns", "2025-01-01"] = "1000" if hour % 5 else "~1000"
        rows: list[Row] = [(ref, day, value) for (ref, day), value in cells.items()]
        stated = {"guns": "5"} if hour % 3 == 1 else {}
        reader = Reader("csv", 1 + hour // 12, "options")
        published = f"2025-02-0{1 + hour // 4}" if hour % 2 else None
        book.release(f"2025-03-{1 + hour:02}T06:00:00Z", rows, stated=stated, reader=reader, published=published)
    for update in book.ledger.views.held()[:2]:
        book.ledger.decide("book", update.update, "accept", who="Ann", why="єдина правда")


def digests(ledger: Ledger) -> list[tuple[str, str]]:
    with ledger.engine.connect() as connection:
        return list(states(connection))


def told(ledger: Ledger) -> list[object]:
    """Everything that readers see, without our own clock."""
    views = ledger.views
    log = [(one.update, one.status, one.groups, one.checks, one.changes) for one in views.log(limit=None, changes=None)]
    table = [(one.series, one.as_of, one.value, one.update, one.quote) for one in views.table()]
    shows = [(one.series, [(v.as_of, v.value, v.update) for v in views.show(one.series)]) for one in views.series()]
    return [*log, *table, *shows]


def test_the_same_releases_have_equal_digests_and_equal_views_on_both(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = home("sqlite", tmp_path / "one", server, monkeypatch)
    two = home("postgresql", tmp_path / "two", server, monkeypatch)
    for book in (one, two):
        tell_a_story(book)
        assert list(book.ledger.verify()) == []
    kinds = {change.kind for update in one.ledger.views.log(limit=None) for change in update.changes}
    assert kinds == {"first", "new", "late", "revised", "requalified", "withdrawn", "restored"}
    assert len(digests(one.ledger)) == 26
    assert digests(one.ledger) == digests(two.ledger)
    assert told(one.ledger) == told(two.ledger)


def _of_the_words(name: str) -> bool:
    """Whether a table or index is the database's own index of words, which no schema of both can name."""
    return "_words_fts" in name or name.endswith("_words_words")


def parts(tables: Iterable[Any]) -> list[tuple[str, list[str]]]:
    """Tables by what they consist of: one that was made anew has its name in quotes, and another order."""
    lines = ((row.name, re.split(r",?\s*[\n\t]\s*", (row.sql or "").replace('"', ""))) for row in tables)
    return [(name, sorted(" ".join(line.split()) for line in told if line)) for name, told in lines]


_MADE_OF = {
    "sqlite": "SELECT name, sql FROM sqlite_master ORDER BY name",
    "postgresql": """
        SELECT table_name || '.' || column_name AS name,
            concat_ws(' ', data_type, is_nullable, column_default, collation_name) AS sql
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        ORDER BY 1, 2""",
}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_ledger_that_is_made_at_once_is_what_the_migrations_make_and_the_code_knows(
    kind: str, tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = home(kind, tmp_path / "made", server, monkeypatch).ledger.engine
    empty = "sqlite://" if kind == "sqlite" else postgres.create(server, "step_by_step", template="template0")
    stepped = sa.create_engine(empty.replace("postgresql:", "postgresql+psycopg:"))
    with made.connect() as connection, stepped.begin() as other:
        migrated(other, None)
        at_once, by_steps = (parts(one.exec_driver_sql(_MADE_OF[kind]).all()) for one in (connection, other))
        assert at_once == by_steps
        ours = {"include_name": lambda name, _kind, _parents: not _of_the_words(name or "")}
        assert compare_metadata(MigrationContext.configure(connection, opts=ours), schema.metadata) == []
        if kind == "postgresql":
            texts = [what for name, (what,) in at_once if what.startswith("text ")]
            assert len(texts) > 20
            assert all(what.endswith(" C") for what in texts)


def test_a_database_that_cannot_hold_every_language_is_refused(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    with pytest.raises(LedgerError, match=r"encoding is LATIN1; a ledger needs UTF8"):
        open_engine(postgres.of_database(server, "latin"))


@pytest.mark.parametrize(("kind", "other"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
def test_a_ledger_moves_to_the_other_database_with_equal_digests_and_goes_on_there(
    kind: str, other: str, tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = home(kind, tmp_path / "old", server, monkeypatch)
    tell_a_story(old)
    (tmp_path / "old" / "archive").rename(tmp_path / "archive")
    new = home(other, tmp_path / "new", server, monkeypatch)
    steps: list[tuple[int, int]] = []
    moved = move(old.ledger.engine, new.url, lambda done, total: steps.append((done, total)))
    assert (moved.updates, steps[-1]) == (26, (moved.rows, moved.rows))
    with Ledger(new.url, Archive(tmp_path / "archive")) as ledger:
        assert list(ledger.verify()) == []
        assert digests(ledger) == digests(old.ledger)
    (tmp_path / "archive").rename(tmp_path / "old" / "archive")
    new.archive.store = old.archive.store
    assert told(new.ledger) == told(old.ledger)
    for book in (old, new):
        book.source = source("another")
        book.release("2025-05-01T06:00:00Z", [("tanks", "2025-05-01", "7"), ("guns", "2025-05-01", "8")])
    assert digests(new.ledger)[:1] == digests(old.ledger)[:1]
    assert list(new.ledger.verify()) == []


def test_a_move_refuses_a_database_that_holds_a_ledger(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = home("sqlite", tmp_path / "old", server, monkeypatch)
    new = home("postgresql", tmp_path / "new", server, monkeypatch)
    for book in (old, new):
        book.release("2025-05-01T06:00:00Z", [("tanks", "2025-05-01", "7")])
    before = digests(new.ledger)
    with pytest.raises(UsageError, match="holds a ledger already"):
        move(old.ledger.engine, new.url)
    assert digests(new.ledger) == before


def test_an_altered_ledger_is_not_moved_and_nothing_is_left_behind(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = home("sqlite", tmp_path / "old", server, monkeypatch)
    tell_a_story(old)
    with old.ledger.engine.begin() as connection:
        connection.execute(sa.text("UPDATE versions SET content = '77' WHERE update_id = 5"))
    new = home("postgresql", tmp_path / "new", server, monkeypatch)
    with pytest.raises(LedgerError, match=r"book/5: what it records"):
        move(old.ledger.engine, new.url)
    with new.ledger.engine.connect() as connection:
        rows = [
            connection.execute(sa.select(sa.func.count()).select_from(t)).scalar()
            for t in schema.metadata.sorted_tables
        ]
    assert set(rows) == {0}


def test_what_is_written_while_a_ledger_moves_is_not_lost(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = home("sqlite", tmp_path / "old", server, monkeypatch)
    tell_a_story(old)
    new = home("postgresql", tmp_path / "new", server, monkeypatch)
    late = Book(tmp_path / "old", source())
    late.ledger, writing = Ledger(old.url, old.archive), []

    def write_once(done: int, total: int) -> None:
        if done == total and not writing:
            writing.append(late.release("2025-06-01T06:00:00Z", [("tanks", "2025-06-01", "7")]))

    with pytest.raises(LedgerError, match="written to meanwhile"):
        move(old.ledger.engine, new.url, write_once)
    assert digests(new.ledger) == []


def test_the_command_moves_the_ledger_and_the_new_one_answers_to_its_checkpoint(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old = home("sqlite", tmp_path, server, monkeypatch)
    tell_a_story(old)
    target = postgres.create(server, "moved_to", template="template0")
    monkeypatch.setenv("TALLYBOOK_HOME", str(tmp_path))
    monkeypatch.setenv("TALLYBOOK_DATABASE_URL", old.url)
    assert run("move", target) == 0
    line = capsys.readouterr().out.strip()
    assert run("move", target) == 2
    assert "holds a ledger already" in capsys.readouterr().err
    monkeypatch.setenv("TALLYBOOK_DATABASE_URL", target)
    assert run("verify", "--against", line) == 0
    assert capsys.readouterr().out == f"verified: {line}\n"
    assert run("move", "postgresql://ann:Geheim7@127.0.0.1:1/ledger") == 1
    told = "".join(capsys.readouterr())
    assert "the ledger at postgresql://ann:***@127.0.0.1:1/ledger does not answer" in told
    assert "Geheim7" not in told


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def test_addresses_of_every_usual_form_open_the_same_ledger(server: str) -> None:
    address = postgres.create(server, "forms")
    rest = address.partition("://")[2]
    for form in ("postgresql", "postgres", "postgresql+psycopg"):
        engine = open_engine(f"{form}://{rest}")
        assert engine.driver == "psycopg"
        engine.dispose()
    for wrong in ("mysql://h/d", "postgresql+asyncpg://h/d", "nonsense", "postgresql://h:port/d", ""):
        with pytest.raises(UsageError, match="no address of a ledger's database"):
            open_engine(wrong)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:Geheim7@127.0.0.1:1/ledger",
        "postgresql://ann:Geheim7@127.0.0.1:1/ledger?password=Geheim7",
        "postgresql://ann@127.0.0.1:1/ledger?password=Geheim7",
        "postgresql://ann:Geheim7@127.0.0.1:1/ledger?Geheim7=Geheim7",
        "postgresql://ann:Geheim7@127.0.0.1:nine/ledger",
        "mysql://ann:Geheim7@127.0.0.1/ledger",
    ],
)
def test_a_password_is_never_shown(address: str) -> None:
    with pytest.raises((LedgerError, UsageError)) as caught:
        open_engine(address)
    assert "Geheim7" not in str(caught.value)


def test_an_address_is_shown_without_password_and_options() -> None:
    assert (
        shown("postgres://ann:Geheim7@db.test:5433/ledger?sslmode=require")
        == "postgresql://ann:***@db.test:5433/ledger"
    )


def test_a_lost_connection_is_made_again_and_a_lost_database_is_told_in_a_sentence(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = home("postgresql", tmp_path, server, monkeypatch)
    book.release("2025-05-01T06:00:00Z", [("tanks", "2025-05-01", "7")])
    with psycopg.connect(server, autocommit=True) as connection:
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        assert connection.execute(end, (make_url(book.url).database,)).rowcount > 0
    assert book.values() == {("tanks", "2025-05-01"): "7"}
    postgres.drop_many(server, above=0)
    with pytest.raises(LedgerError, match=r"the ledger at postgresql://.* does not answer: .*does not exist"):
        book.values()


def test_a_locked_file_is_told_in_a_sentence(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    book = home("sqlite", tmp_path, server, monkeypatch)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as other, book.ledger.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match=r"the ledger at sqlite:///.* does not answer: database is locked"):
            connection.execute(sa.delete(schema.alerts))


WRITER = """
import sys
from pathlib import Path
from model import LedgerError
from tests.storage.books import Book, source
name = sys.argv[2]
book = Book(Path(sys.argv[1]), source())
own = Book(Path(sys.argv[1]), source(name))
print("ready", flush=True)
sys.stdin.readline()
for number in range(30):
    book.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", str(number)), ("guns", "2025-01-01", name)],
                 salt=f"{name} {number}", hold=False)
    own.release("2025-01-01T06:00:00Z", [("tanks", "2025-01-01", str(number))], salt=str(number), hold=False)
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_processes_that_write_at_once_make_one_truth(
    kind: str, tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = home(kind, tmp_path, server, monkeypatch)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[2],
        )
        for name in ("1", "2")
    ]  # fmt: skip
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, errors = writer.communicate(timeout=120)
        assert (writer.returncode, errors) == (0, "")
    numbers = [int(name.partition("/")[2]) for name, _ in digests(book.ledger) if name.startswith("book/")]
    assert numbers == list(range(1, 61))
    assert len(digests(book.ledger)) == 120
    assert list(book.ledger.verify()) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_new_ledger_may_be_opened_by_several_at_once(kind: str, tmp_path: Path, server: str) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    if kind == "postgresql":
        url = postgres.create(server, "opened_by_two", template="template0")
    code = "import sys; from storage.database import open_engine; open_engine(sys.argv[1]).dispose()"
    openers = [
        subprocess.Popen([sys.executable, "-c", code, url], stderr=subprocess.PIPE, cwd=Path(__file__).parents[2])
        for _ in range(3)
    ]
    errors = [(opener.communicate()[1], opener.returncode) for opener in openers]
    assert errors == [(b"", 0)] * 3
