"""The ledger as data for other programs."""

from __future__ import annotations

import csv
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, Any

import click

from flows.desk import Desk
from model import Observation, dumps, parse_instant, plain
from publish.safe import safe

COLUMNS = tuple(name for name in Observation.__struct_fields__ if name not in ("start", "end"))


@click.command(epilog="Example: tallybook export --format csv -o ledger.csv")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), required=True)
@click.option("--known-at", metavar="TIME", help="As the world could know it then.")
@click.option("--source", metavar="ID", help="One source only.")
@click.option("-o", "path", type=click.Path(path_type=Path, dir_okay=False), help="Write here instead of printing.")
def export(form: str, known_at: str | None, source: str | None, path: Path | None) -> None:
    """The accepted observations as CSV, or as JSON lines."""
    with Desk.open() as desk:
        rows = desk.views.table(source, known_at=parse_instant(known_at) if known_at else None)
    opened: AbstractContextManager[IO[str]] = (
        path.open("w", encoding="utf-8", newline="") if path else nullcontext(sys.stdout)
    )
    with opened as file:
        if form == "json":
            file.writelines(dumps(row) + "\n" for row in rows)
        else:
            write_csv(rows, file)


def write_csv(rows: list[Observation], file: IO[str]) -> None:
    """Write observations as CSV with a header; text from outside cannot become a formula."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(getattr(row, name)) for name in COLUMNS])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return safe(value, "csv")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return safe("; ".join(value), "csv")
    return str(value) if isinstance(value, int) else plain(value)
