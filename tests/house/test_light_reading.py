"""Reading commands start quickly because they import neither Prefect nor pandas."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows.desk import Desk
from flows.pipeline import refresh_source
from flows.settings import Settings
from tests.flows.defining import CSV, define
from tests.sources.publisher import Publisher

HEAVY = ("prefect", "pandas", "numpy", "fastapi", "apprise", "mcp")
COMMANDS = (
    "log --json",
    "log",
    "show counts/dead --json",
    "series --json",
    "table --json",
    "find 7 dead --json",
    "ask how many dead --json",
    "check-print counts/2 counts/dead --json",
    "pack counts/2 evidence.zip",
    "extract report.txt --json",
    "export --format csv",
    "status --json",
    "review list",
    "verify",
)
# One process for all: what one of them imports stays, so that the first to import something heavy is seen.
WATCH = f"""
import sys
from cli.main import main
for line in {COMMANDS!r}:
    try:
        main(line.split())
    except SystemExit as left:
        heavy = [name for name in {HEAVY!r} if name in sys.modules]
        print("left:", line, left.code or 0, *heavy, sep="|", file=sys.stderr)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose ledger holds two updates of one source."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(
        home=home,
        database_url=f"sqlite:///{home / 'ledger.sqlite'}",
        archive=home / "archive",
        sources=home / "defs",
    )
    with Publisher() as publisher, Desk.open(settings) as desk:
        define(home / "defs", "counts", publisher.url("/counts.csv"))
        for value in (119154, 121507):
            publisher.page("/counts.csv", f"date,dead\n2025-07-31,{value}\n".encode(), headers=CSV)
            assert refresh_source(desk, desk.catalogue["counts"]).state == "changed"
    (home / "report.txt").write_text("By 31 July 2025, the ministry had confirmed the deaths of 1,234 soldiers.\n")
    return home


@pytest.fixture(scope="module")
def left(home: Path) -> dict[str, list[str]]:
    """By command: its exit code and the heavy modules that were imported when it had ended."""
    environment = os.environ | {"TALLYBOOK_HOME": str(home), "TALLYBOOK_SOURCES": str(home / "defs")}
    command = [sys.executable, "-c", WATCH]
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line.split("|") for line in done.stderr.splitlines() if line.startswith("left:|")]
    return {row[1]: row[2:] for row in rows}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_reading_command_imports_nothing_heavy(left: dict[str, list[str]], command: str) -> None:
    code, *heavy = left[command]
    assert heavy == []
    assert code == "0" or command.startswith("status")
