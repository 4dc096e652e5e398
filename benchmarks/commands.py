"""What people call, timed as they call it: `python -m benchmarks.commands [MONTHS]`.

A shipped definition (`nics`: `coverage: full`, checks, holds) is refreshed from a server on loopback with made
numbers in the real table's columns; then the ledger is asked by the commands, each a process of its own. Prints
processor milliseconds and those by the clock, medians of three, start of Python and imports included.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from sources import SHIPPED
from tests.sources.publisher import Publisher

ROOT = Path(__file__).parents[1]
STATES, MONTHS, RUNS, REVISED = 55, 36, 3, 20
HELD = 3
"""The exit of a refresh that holds something."""


class Taken(NamedTuple):
    """What one call took, in milliseconds."""

    processor: float
    clock: float


class Table:
    """The publisher's table: every state, column and month so far, republished whole."""

    def __init__(self, columns: Sequence[str], months: int) -> None:
        self.columns, self.months, self.chance = columns, 0, random.Random(0)
        self.rows: list[tuple[str, str, list[int]]] = []
        self._level = {(state, name): self.chance.randint(200, 20_000) for state in range(STATES) for name in columns}
        for _ in range(months):
            self.next_month()

    def next_month(self) -> None:
        """Another month."""
        month = f"{2015 + self.months // 12}-{self.months % 12 + 1:02}"
        for state in range(STATES):
            values = [round(self._level[state, name] * self.chance.uniform(0.9, 1.1)) for name in self.columns]
            self.rows.append((month, f"State {state:02}", values))
        self.months += 1

    def revise(self) -> None:
        """Some values of the past, another by one."""
        for _ in range(REVISED):
            values = self.chance.choice(self.rows[:-STATES])[2]
            values[self.chance.randrange(len(values))] += 1

    def text(self, *, renamed: bool = False) -> bytes:
        """The table as it is published, the newest month first; `renamed` spells one state in capitals."""
        lines = [",".join(("month", "state", *self.columns))]
        lines += [f"{month},{state},{','.join(map(str, values))}" for month, state, values in reversed(self.rows)]
        text = "\n".join([*lines, ""])
        return (text.replace("State 07", "STATE 07") if renamed else text).encode()


def main() -> None:
    """Time refreshes and questions, a line each."""
    months = int(sys.argv[1]) if len(sys.argv) > 1 else MONTHS
    with tempfile.TemporaryDirectory() as folder, Publisher() as publisher:
        home = Path(folder)
        definition = yaml.safe_load((SHIPPED / "nics.yml").read_text(encoding="utf-8"))
        columns = [figure["column"] for figure in definition["figures"]]
        table, url = Table(columns, months), publisher.url("/nics.csv")
        _define(home, definition | {"url": url, "allow_private_addresses": True})
        publisher.page("/nics.csv", table.text(), headers={"Content-Type": "text/csv"})
        cells = STATES * len(columns) * months
        _say(f"the first refresh, {cells:,} cells", [_call(home, "refresh", "nics")])
        _refreshes(home, publisher, table)
        for arguments in _questions():
            _say(f"tallybook {' '.join(arguments)}", [_call(home, *arguments) for _ in range(RUNS)])


def _define(home: Path, definition: dict[str, Any]) -> None:
    (home / "sources").mkdir()
    (home / "sources/nics.yml").write_text(yaml.safe_dump(definition, sort_keys=False), encoding="utf-8")


def _refreshes(home: Path, publisher: Publisher, table: Table) -> None:
    _say("refresh, nothing new", [_call(home, "refresh", "nics") for _ in range(RUNS)])
    for what, held in ((f"refresh, a month more and {REVISED} revised", False), ("the same, a state held", True)):
        taken = []
        for _ in range(RUNS):
            table.next_month()
            table.revise()
            publisher.page("/nics.csv", table.text(renamed=held), headers={"Content-Type": "text/csv"})
            taken.append(_call(home, "refresh", "nics", exit_code=HELD if held else 0))
        _say(what, taken)


def _questions() -> list[tuple[str, ...]]:
    series = "nics/permit/state-50"
    return [
        ("--help",), ("log",), ("log", "--json"), ("show", series), ("table",), ("table", "--known-at", "2100-01-01"),
        ("series",), ("status",), ("verify",),
    ]  # fmt: skip


def _call(home: Path, *arguments: str, exit_code: int = 0) -> Taken:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("TALLYBOOK_")}
    surroundings |= {"TALLYBOOK_HOME": str(home), "TALLYBOOK_SOURCES": str(home / "sources"), "PYTHONPATH": str(ROOT)}
    before, began = _processor(), time.perf_counter()
    command = [sys.executable, "-c", "from cli.main import main; main()", *arguments]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    taken = Taken(1000 * (_processor() - before), 1000 * (time.perf_counter() - began))
    if done.returncode != exit_code:
        sys.exit(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return taken


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _say(what: str, runs: Sequence[Taken]) -> None:
    processor, clock = (statistics.median(column) for column in zip(*runs, strict=True))
    print(f"{what:<48}{processor:>9,.0f}{clock:>9,.0f}", flush=True)


if __name__ == "__main__":
    main()
