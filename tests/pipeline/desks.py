"""A Tallybook of its own for a test: a home folder, definitions, and the command as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from flows.desk import Desk
from flows.settings import Settings
from model import Instant, now
from tests.pipeline import forked

ROOT = Path(__file__).parents[2]

DAILY = {
    "title": "A daily file",
    "publisher": {"name": "A publisher"},
    "method": "Typed in every morning.",
    "basis": "claimed",
    "tried_live": "2025-01-01",
    "coverage": "full",
    "extractor": "csv",
    "as_of": {"column": "date"},
    "figures": [
        {"id": "tanks", "column": "tanks", "unit": "items", "measure": "destroyed"},
        {"id": "guns", "column": "guns", "unit": "items", "measure": "destroyed"},
    ],
    "allow_private_addresses": True,
}


PAPER = {
    "title": "A paper",
    "publisher": {"name": "A publisher"},
    "method": "Reporters quote what they hear.",
    "basis": "claimed",
    "tried_live": "2025-01-01",
    "allow_private_addresses": True,
    "extractor": "prose",
    "language": "en",
}


def define(home: Path, source_id: str, url: str, **changes: Any) -> None:
    """Write a source definition into a home's folder of definitions."""
    folder = home / "sources"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{source_id}.yml").write_text(yaml.safe_dump(DAILY | {"url": url} | changes), encoding="utf-8")


def settings(home: Path, **changes: Any) -> Settings:
    """Settings whose everything lies under `home`."""
    given: dict[str, Any] = {
        "home": home,
        "database_url": f"sqlite:///{home / 'ledger.sqlite'}",
        "archive": home / "archive",
        "sources": home / "sources",
        "host_spacing": 0.0,
        "fetch_retries": 0,
    }
    return Settings(**given | changes)


def desk(home: Path, at: Instant | None = None, **changes: Any) -> Desk:
    """A desk over `home`, its clock standing at `at` where given."""
    return Desk(settings(home, **changes), (lambda: at) if at else now)


def tallybook(
    home: Path, *arguments: str, env: Mapping[str, str] = {}, input: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, against `home`."""
    surroundings = os.environ | {
        "TALLYBOOK_HOME": str(home),
        "TALLYBOOK_SOURCES": str(home / "sources"),
        "PYTHONPATH": str(ROOT),
        "TALLYBOOK_HOST_SPACING": "0",
        "TALLYBOOK_FETCH_RETRIES": "0",
        "COLUMNS": "100",
    }
    cwd = home if home.exists() else None
    if all(name.startswith("TALLYBOOK_") for name in env):
        return forked.run(arguments, surroundings | dict(env), cwd, input)
    # What else is set may bear on how Python itself starts.
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        capture_output=True, text=True, env=surroundings | dict(env), cwd=cwd, timeout=forked.SECONDS, input=input,
    )  # fmt: skip


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """The JSON lines that a command printed."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def table(days: int, *, tanks: int = 100, guns: int = 50) -> bytes:
    """A CSV of running totals for the first days of January 2025."""
    rows = [f"2025-01-{day:02},{tanks + 3 * day},{guns + 2 * day}" for day in range(1, days + 1)]
    return "\n".join(["date,tanks,guns", *rows, ""]).encode()
