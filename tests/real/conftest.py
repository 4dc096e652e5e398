"""Ledgers of real series, for all files here."""

from __future__ import annotations

import pytest

from storage import Ledger
from tests.real.corpus import manifest, need
from tests.real.reckoning import Fill, fill


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Fill:
    """Ledgers of real series, each filled by `backfill` once."""
    ledgers: dict[str, Ledger] = {}

    def of(name: str) -> Ledger:
        if name not in ledgers:
            need(name)
            folder = tmp_path_factory.mktemp(name)
            ledgers[name] = fill(folder / "home", name, manifest(name, folder))
        return ledgers[name]

    return of
