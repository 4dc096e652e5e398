"""The schema before is read as it is, nobody but `migrate` changes one, and what is older is told what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Engine, make_url

import storage
from model import LedgerError
from storage import Archive, Ledger, Views, schema
from storage.database import migrate, open_engine
from storage.driver.schemas import revision
from tests.pipeline.desks import define, settings, table, tallybook
from tests.sources.publisher import Publisher
from tests.storage import postgres
from tests.storage.books import Book, source

CSV = {"Content-Type": "text/csv"}
READING = [
    ("log", "--json"), ("series",), ("show", "daily/tanks"), ("find", "109"), ("status",), ("checkpoint",),
    ("review", "list"), ("export", "--format", "csv"), ("sources", "list"), ("table",), ("verify",),
]  # fmt: skip


def empty(engine: Engine, newest: str) -> None:
    """Make the tables of a schema in an empty database."""
    config = Config()
    config.set_main_option("script_location", str(Path(storage.__file__).parent / "migrations").replace("%", "%%"))
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, newest)


def copied(old: Engine, new: Engine) -> None:
    """Put every row that a schema has a place for into another one."""
    with old.connect() as rows, new.begin() as connection:
        absent = []
        for one in schema.metadata.sorted_tables:
            if not sa.inspect(connection).has_table(one.name):
                absent.append(one.name)
                continue
            there = {column["name"] for column in sa.inspect(connection).get_columns(one.name)}
            columns = [column for column in one.columns if column.name in there]
            if found := rows.execute(sa.select(*columns)).mappings().all():
                connection.execute(sa.insert(one), [dict(row) for row in found])
        connection.execute(sa.delete(schema.seals).where(schema.seals.c.scope.in_(absent)))


def of_schema(folder: Path, name: str) -> Path:
    """The home of a Tallybook with two updates, whose ledger has a schema."""
    with Publisher() as publisher:
        define(folder, "daily", publisher.url("/daily.csv"))
        for days in (3, 4):
            publisher.page("/daily.csv", table(days), headers=CSV)
            assert tallybook(folder, "refresh", "daily").returncode == 0
    path, kept = folder / "ledger.sqlite", folder / "newest.sqlite"
    path.rename(kept)
    old, new = sa.create_engine(f"sqlite:///{kept}"), sa.create_engine(f"sqlite:///{path}")
    empty(new, name)
    copied(old, new)
    old.dispose()
    new.dispose()
    return folder


def has(home: Path) -> str | None:
    engine = sa.create_engine(settings(home).database_url)
    with engine.connect() as connection:
        found = revision(connection)
    engine.dispose()
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("reading", [READING[-2:], pytest.param(READING, marks=pytest.mark.long)])
def test_the_schema_before_is_read_by_every_reading_command_and_changed_by_migrate_alone(
    tmp_path: Path, reading: list[tuple[str, ...]]
) -> None:
    home = of_schema(tmp_path, schema.PREVIOUS)
    done = {words: tallybook(home, *words) for words in reading}
    assert {words: (one.returncode, one.stderr) for words, one in done.items() if one.returncode} == {}
    assert "verified" in done[("verify",)].stdout
    for words in (
        ("refresh", "daily"),
        ("serve", "--port", "0"),
    ):
        refused = tallybook(home, *words)
        assert (refused.returncode, "run tallybook migrate" in refused.stderr) == (1, True), (words, refused.stderr)
    assert has(home) == schema.PREVIOUS
    moved = tallybook(home, "migrate")
    assert (moved.returncode, f"has schema {schema.HEAD}, and had {schema.PREVIOUS}" in moved.stderr) == (0, True)
    assert "already" in tallybook(home, "migrate").stderr
    assert tallybook(home, "verify").stdout == done[("verify",)].stdout
    assert tallybook(home, "refresh", "daily").returncode == 1  # its publisher is gone: it writes that down
    assert tallybook(home, "table").stdout == done[("table",)].stdout


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", ["0002", "0009"])
def test_what_is_older_is_told_what_to_do_by_who_reads_and_by_who_writes(tmp_path: Path, name: str) -> None:
    path = tmp_path / "ledger.sqlite"
    engine = sa.create_engine(f"sqlite:///{path}")
    empty(engine, name)
    engine.dispose()
    openings: list[Callable[[], object]] = [
        lambda: open_engine(f"sqlite:///{path}"),
        lambda: Views.open(f"sqlite:///{path}", Archive(tmp_path / "archive")),
        lambda: Ledger(f"sqlite:///{path}", Archive(tmp_path / "archive")),
    ]
    for opening in openings:
        with pytest.raises(LedgerError, match=f"schema {name}, and this .* {schema.HEAD}.*tallybook migrate"):
            opening()
    assert migrate(f"sqlite:///{path}") == (name, schema.HEAD)
    open_engine(f"sqlite:///{path}", reading=True).dispose()


def test_a_ledger_of_a_later_version_is_opened_by_nobody(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    with book.ledger.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    book.ledger.close()
    for opening in (open_engine, migrate):
        with pytest.raises(LedgerError, match="upgrade Tallybook"):
            opening(book.url)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_may_only_read_a_database_reads_and_begins_nothing(tmp_path: Path, postgres_address: str) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-20T06:00:00Z", [("tanks", "2025-01-19", "5")])
    reader = make_url(book.url).set(username="analyst")
    with psycopg.connect(book.url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS analyst")
        connection.execute("CREATE ROLE analyst LOGIN")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO analyst")
    views = Views.open(reader.render_as_string(hide_password=False), book.archive)
    assert len(list(views.table())) == len(list(book.ledger.views.table()))
    views.close()
    empty_one = make_url(postgres.create(postgres_address, "nothing_here", template="template1"))
    with pytest.raises(Exception, match="there is no ledger"):
        Views.open(empty_one.set(username="analyst").render_as_string(hide_password=False), book.archive)
