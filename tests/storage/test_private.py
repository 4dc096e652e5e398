"""What is private stays private: files are their owner's, addresses have no secrets, tables quote one cell."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from model import Instant, public_url
from storage import Archive, Attempt, Ledger, schema
from storage.database import migrate
from storage.proof import seals
from tests.storage.books import PRINTED, Book, database_url, days, source


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_home_and_files_are_their_owners_from_the_start(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        home = tmp_path / "home"
        book = Book(home, source())
        book.release("2025-01-20T06:00:00Z", days(1, 20))
    finally:
        os.umask(before)
    modes = {path.relative_to(home).parts[0]: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()}
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert modes == {"archive": 0o700, "ledger.sqlite": 0o600, "ledger.sqlite-shm": 0o600, "ledger.sqlite-wal": 0o600}
    kept = list((home / "archive").rglob("*"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o700, 0o600}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("http://bob:hunter2@host/a?b=1", "http://host/a?b=1"),
        ("https://host/a?apikey=SECRET&page=2", "https://host/a?apikey=***&page=2"),
        ("https://host/a?page=2&access_token=SECRET#x", "https://host/a?page=2&access_token=***#x"),
        ("https://host/a?X-Amz-Signature=SECRET", "https://host/a?X-Amz-Signature=***"),
        ("https://host/a?api%5Fkey=SECRET", "https://host/a?api%5Fkey=***"),
        ("https://host/a?key=0123456789abcdefGHIJ", "https://host/a?key=***"),
        ("https://host/a?api%5fkey=SECRET&%61pikey=SECRET", "https://host/a?api%5fkey=***&%61pikey=***"),
        ("https://host/a?sessionid=SECRET&session=SECRET", "https://host/a?sessionid=***&session=***"),
        ("https://host/a;jsessionid=SECRET?PHPSESSID=SECRET", "https://host/a;jsessionid=***?PHPSESSID=***"),
        ("https://host/token=SECRET/a", "https://host/token=***/a"),
        ("https://host/a?next=http%3A%2F%2Fbob%3ASECRET%40b.org", "https://host/a?next=***"),
        ("https://host/a?next=http://b.org/?apikey=SECRET&day=1", "https://host/a?next=***&day=1"),
        ("https://host/a?next=http%3A%2F%2Fb.org%2F%3Fday%3D1", "https://host/a?next=http%3A%2F%2Fb.org%2F%3Fday%3D1"),
        ("https://host/a?key=a1b2c3d4e5f60718", "https://host/a?key=***"),
        ("https://host/a?key=week45-2026&code=covid19-deaths", "https://host/a?key=week45-2026&code=covid19-deaths"),
        ("https://host/day=2026-11-30/a;v=2", "https://host/day=2026-11-30/a;v=2"),
        ("https://host/a?sessions=5&code=UA-63", "https://host/a?sessions=5&code=UA-63"),
        ("https://host/a?key=article-17&tokens=5&sid=9", "https://host/a?key=article-17&tokens=5&sid=9"),
        ("https://host/a?q=a=b&c", "https://host/a?q=a=b&c"),
        ("http://[", "an address that cannot be read"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_address_is_shown_without_its_secrets(written: str, shown: str) -> None:
    assert public_url(written) == shown


SECRET = "http://bob:hunter2secret@127.0.0.1/daily.csv?apikey=KEYSECRET99"


def test_no_secret_of_an_address_is_stored(tmp_path: Path) -> None:
    import msgspec

    followed = msgspec.structs.replace(source(), url=SECRET)
    url = database_url(tmp_path)
    with Ledger(url, Archive(tmp_path / "archive")) as ledger:
        failed = Attempt(
            at=Instant("2025-01-01T00:00:00Z"), url=SECRET, status=None, state="failed", headers={"Location": SECRET}
        )
        ledger.attempt(followed, failed)
        assert ledger.last_attempt(followed, url=SECRET) is not None
        with ledger.engine.connect() as connection:
            rows = [str(connection.execute(sa.text(f"SELECT * FROM {name}")).all()) for name in ("sources", "fetches")]
    assert "SECRET99" not in str(rows)
    assert "hunter2" not in str(rows)


def without_the_newest(connection: sa.Connection) -> None:
    """Take out what ledgers of earlier versions kept nothing of."""
    for table in ("numbers", "series_words", "quote_words"):
        connection.execute(sa.text(f"DROP TABLE {table}"))
        if connection.dialect.name == "sqlite" and table != "numbers":
            connection.execute(sa.text(f"DROP TABLE {table}_fts"))
    for table in ("definitions", "rule_events", "rule_states", *PRINTED):
        connection.execute(sa.text(f"DROP TABLE {table}"))
    connection.execute(sa.text("DROP INDEX ix_fetches_at"))


def test_a_ledger_of_an_earlier_version_is_cleaned_and_sealed(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-20T06:00:00Z", days(1, 20))
    with book.ledger.engine.begin() as connection:
        for table in ("seals", "redactions", "attempt_days", "quiet_releases", "pictures", "generations"):
            connection.execute(sa.text(f"DROP TABLE {table}"))
        without_the_newest(connection)
        connection.execute(sa.text("UPDATE sources SET url = :url"), {"url": SECRET})
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0002'"))
    book.ledger.close()
    migrate(book.url)
    with Ledger(book.url, book.archive) as ledger:
        assert list(ledger.verify()) == []
        assert {update.url for update in ledger.views.log()} == {"http://127.0.0.1/daily.csv?apikey=***"}


_OPENED = (
    "INSERT INTO series (source_id, key, ref, measure, kind, unit, attributed_to) "
    "VALUES (1, :key, :key, 'destroyed', 'total', 'items', '[]')"
)


def test_a_series_that_an_earlier_version_opened_for_a_blank_cell_goes_and_one_added_since_is_found(
    tmp_path: Path,
) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-20T06:00:00Z", days(1, 20))
    name = book.source.id
    at = Attempt(at=Instant("2025-01-21T06:00:00Z"), url="http://127.0.0.1/a?day=1", status=None, state="failed")
    book.ledger.attempt(book.source, at)
    with book.ledger.engine.begin() as connection:
        without_the_newest(connection)
        connection.execute(sa.text(_OPENED), {"key": f"{name}/blank"})
        old = connection.execute(sa.select(schema.fetches)).mappings().all()[-1]
        seals.update(connection, schema.fetches, old["id"], {"url": "http://127.0.0.1/a;jsessionid=SECRET99"})
        connection.execute(sa.text("DROP TABLE pictures"))
        connection.execute(sa.text("DROP TABLE generations"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0004'"))
    book.ledger.close()
    migrate(book.url)
    with Ledger(book.url, book.archive) as ledger:
        assert list(ledger.verify()) == []
        shown = ledger.last_attempt(book.source)
        assert shown is not None
        assert shown.url == "http://127.0.0.1/a;jsessionid=***"
        with ledger.engine.begin() as connection:
            connection.execute(sa.text(_OPENED), {"key": f"{name}/added"})
        found = list(ledger.verify())
        assert f"{name}/added: no update shows the series first" in found
        assert all(one.startswith(f"{name}/added: ") for one in found)


def test_a_table_is_quoted_by_the_cell_with_its_labels(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-20T06:00:00Z", [("tanks", "2025-01-20", "10")], salt="Next of Kin")
    (change,) = book.newest().changes
    (row,) = book.ledger.views.table()
    told = json.dumps([row.quote, change.new and change.new.quote])
    assert "Kin" not in told
