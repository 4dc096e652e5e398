"""Single alterations of the demonstration's ledger, each column of each table: `verify` finds every one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from cli.demo.command import demo
from model import Day, Figure, Instant, Reader, Reading, Snapshot
from storage import Archive, Attempt, Ledger, ReadRelease, schema
from storage.archive.redact import redact
from storage.marking.book import NewMarker
from storage.printed.book import PrintArticle
from storage.proof.verify import problems
from tests.storage.books import source

UNSHOWN = {
    "alerts": "nothing shows which episodes were told",
    "rule_states": "it follows from the updates, and proves nothing",
    "rule_events": "what was told to whom proves nothing of a publisher",
    "print_articles": "what was printed is in print_texts and the archive; this is where it was read",
    "print_numbers": "it follows from what was printed",
    "print_findings": "it follows from the updates and from what was printed",
}

ELSEWHERE = 999_999


class Altered(NamedTuple):
    """One alteration: what it is called, and the statement that makes it."""

    name: str
    statement: str
    values: tuple[Any, ...]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's ledger, with a decision, a redaction and attempts that were summed up."""
    folder = tmp_path_factory.mktemp("demo")
    done = CliRunner().invoke(demo, ["--folder", str(folder)])
    assert done.exit_code == 0, done.output
    with Ledger(f"sqlite:///{folder / 'ledger.sqlite'}", Archive(folder / "archive")) as ledger:
        held = ledger.views.held()[0]
        ledger.decide(held.source, held.update, "accept", who="Ann", why="true")
        fill(ledger)
        assert list(ledger.verify()) == []
    return folder


def fill(ledger: Ledger) -> None:
    """Whatever the demonstration leaves empty: old attempts, figures nobody follows, a generation, a redaction."""
    followed = source("aside")
    for day in ("2024-01-01T06:00:00Z", "2024-01-01T07:00:00Z", "2024-06-01T06:00:00Z"):
        ledger.attempt(followed, Attempt(at=Instant(day), url="http://127.0.0.1/", status=None, state="failed"))
    text = "Seven tanks, and 9 ships."
    digest = ledger.archive.put(text.encode())
    found = Snapshot(
        sha256=digest,
        text_sha256=digest,
        size=len(text),
        media_type="text/plain",
        known_at=Instant("2024-06-01T07:00:00Z"),
    )
    ships = Figure(value=Decimal(9), unit="items", quote="9 ships", number_text="9", start=17, end=18)
    reading = Reading([("tanks", Day("2024-06-01"), "7", 0)], lambda _handle: ships, unmatched=(ships, ships))
    ledger.record(followed, ReadRelease(found, text, reading, Reader("csv", 1, "o")))
    again = ledger.archive.put(b"Seven tanks, again.")
    later = Instant("2024-06-01T08:00:00Z")
    quiet = msgspec.structs.replace(
        found, size=19, sha256=again, text_sha256=again, known_at=later, published=Day("2024-06-01")
    )
    ledger.record(followed, ReadRelease(quiet, "Seven tanks, again.", reading, Reader("csv", 1, "o")))
    drawn, eight = ledger.archive.put(b"<p>Eight"), ledger.archive.put(b"Eight")
    now = Instant("2024-06-01T09:00:00Z")
    page = msgspec.structs.replace(found, sha256=drawn, text_sha256=eight, size=8, picture=eight, known_at=now)
    other = Reading([("tanks", Day("2024-05-01"), "8", 0)], lambda _handle: ships)
    ledger.record(followed, ReadRelease(page, "Eight", other, Reader("csv", 1, "o"), picture=b"Eight"))
    generation = ledger.next_generation(source("aside"))
    for event in generation.news():
        if event.snapshot is not None:
            generation.record(ReadRelease(event.snapshot, text, reading, Reader("csv", 1, "o")), event.attempt)
    assert generation.put_in_force({})
    article = PrintArticle(
        address="article.txt", added_at=now, read_at=now, printed_on="2024-06-01", sha256=drawn, text_sha256=eight
    )
    ledger.printed.keep(article, ())
    ledger.mark(NewMarker(followed.id, "grade", "copied by hand", grade="C"), by="ann")
    redact(ledger.engine, ledger.archive, digest, by="Ann", why="names a child", at=Instant("2024-06-02T06:00:00Z"))


def row_of(connection: sqlite3.Connection, table: sa.Table, end: str) -> dict[str, Any] | None:
    """The first or the last row of a table."""
    keys = ", ".join(f'"{column.name}" {end}' for column in table.primary_key.columns)
    found = connection.execute(f"SELECT * FROM {table.name} ORDER BY {keys} LIMIT 1")
    names = [one[0] for one in found.description]
    row = found.fetchone()
    return dict(zip(names, row, strict=True)) if row else None


def alterations(connection: sqlite3.Connection) -> Iterator[Altered]:
    """Each column of each table changed, emptied or filled, each reference broken, and rows taken out and put in."""
    for table in schema.metadata.sorted_tables:
        if table.name in UNSHOWN:
            continue
        for end in ("ASC", "DESC"):
            row = row_of(connection, table, end)
            assert row is not None, f"{table.name} is empty: nothing of it would be tried"
            key = [column.name for column in table.primary_key.columns]
            where = " AND ".join(f'"{name}" = ?' for name in key)
            at = tuple(row[name] for name in key)
            yield Altered(f"{table.name} {end} deleted", f"DELETE FROM {table.name} WHERE {where}", at)
            for column in table.columns:
                for what, value in others(column, row[column.name]):
                    statement = f'UPDATE OR IGNORE {table.name} SET "{column.name}" = ? WHERE {where}'
                    yield Altered(f"{table.name}.{column.name} {end} {what}", statement, (value, *at))
            yield Altered(f"{table.name} {end} copied", *copied(table, row))


def others(column: sa.Column[Any], value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, int):
        yield "changed", value + 1
        if value:
            yield "emptied to 0", 0
    elif value is not None:
        yield "changed", f"{value}x"
        if value:
            yield "emptied", ""
    if column.nullable and value is not None:
        yield "null", None
    if value is None:
        yield "filled", 0 if isinstance(column.type, sa.Integer) else "2025-01-01"
    if column.foreign_keys:
        yield "orphaned", ELSEWHERE


def copied(table: sa.Table, row: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """The same row once more under another key."""
    last = list(table.primary_key.columns)[-1]
    fresh = row | {last.name: ELSEWHERE if isinstance(row[last.name], int) else f"{row[last.name]}z"}
    for name in [one.name for one in table.columns if one.unique and one.name != last.name]:
        fresh[name] = f"{row[name]}z"
    names = ", ".join(f'"{name}"' for name in fresh)
    marks = ", ".join("?" for _ in fresh)
    return f"INSERT OR IGNORE INTO {table.name} ({names}) VALUES ({marks})", tuple(fresh.values())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_single_alteration_is_found(home: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{home / 'ledger.sqlite'}", isolation_level="AUTOCOMMIT")
    archive, unseen, tried = Archive(home / "archive"), list[str](), 0
    with closing(sqlite3.connect(home / "ledger.sqlite")) as planning:
        planned = list(alterations(planning))
    with engine.connect() as connection:  # no foreign key is looked at, as with whoever alters a file
        for altered in planned:
            connection.exec_driver_sql("BEGIN")
            try:
                made = connection.exec_driver_sql(altered.statement, altered.values).rowcount
                if made:
                    tried += 1
                    unseen += [] if next(problems(connection, archive), None) else [altered.name]
            except sa.exc.IntegrityError:
                pass  # the database refuses it itself
            connection.exec_driver_sql("ROLLBACK")
    engine.dispose()
    assert unseen == []
    assert tried >= 114
