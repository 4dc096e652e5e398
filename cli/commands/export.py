"""The ledger as data for other programs, with its data dictionary."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import click

from cli.output import note
from flows.desk import Desk
from model import Instant, Observation, UsageError, dumps, now, parse_instant, plain
from publish.package import COLUMNS, describe
from publish.safe import safe


@click.command(epilog="Example: tallybook export --format csv -o ledger.csv")
@click.option("--format", "form", type=click.Choice(["csv", "json", "parquet"]), required=True)
@click.option("--known-at", metavar="TIME", help="As the world could know it then.")
@click.option("--source", metavar="ID", help="One source only.")
@click.option("-o", "path", type=click.Path(path_type=Path, dir_okay=False), help="Write here instead of printing.")
def export(form: str, known_at: str | None, source: str | None, path: Path | None) -> None:
    """The accepted observations as CSV, JSON lines or Parquet.

    With -o PATH a data dictionary (a Frictionless data package) is written beside it as PATH.datapackage.json.
    """
    if form == "parquet" and path is None:
        raise UsageError("Parquet is no text to print", "give -o FILE.parquet")
    at = parse_instant(known_at) if known_at else None
    with Desk.open() as desk:
        rows = desk.views.table(source, known_at=at)
    if path is None:
        (write_json if form == "json" else write_csv)(rows, sys.stdout)
        return
    _write_file(rows, form, path, at)
    note(f"{len(rows)} observations written to {path}, what the columns mean to {path.name}.datapackage.json")


def _write_file(rows: Sequence[Observation], form: str, path: Path, known_at: Instant | None) -> None:
    """Write beside the target first, so that a failed export leaves the old file as it was."""
    part = path.with_name(f".{path.name}.part")
    try:
        if form == "parquet":
            write_parquet(rows, part)
        else:
            with part.open("w", encoding="utf-8", newline="") as file:
                (write_json if form == "json" else write_csv)(rows, file)
        part.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)
    package = describe(path, form, rows, known_at=known_at, exported_at=now())
    beside = path.with_name(f"{path.name}.datapackage.json")
    beside.write_text(json.dumps(package, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_json(rows: Sequence[Observation], file: IO[str]) -> None:
    """Write observations as JSON, one a line."""
    file.writelines(dumps(row) + "\n" for row in rows)


def write_csv(rows: Sequence[Observation], file: IO[str]) -> None:
    """Write observations as CSV with a header; text from outside cannot become a formula."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(getattr(row, name)) for name in COLUMNS])


def write_parquet(rows: Sequence[Observation], path: Path) -> None:
    """Write observations as Parquet; numbers are exact decimals of 38 digits, 9 of them behind the point."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise UsageError("Parquet needs pyarrow", "install tallybook[parquet]") from None
    kinds = {
        "number": pa.decimal128(38, 9), "string": pa.string(), "date": pa.string(), "datetime": pa.string(),
        "boolean": pa.bool_(),
    }  # fmt: skip
    schema = pa.schema([(name, kinds[form]) for name, (form, _) in COLUMNS.items()])
    columns = {name: [_flat(getattr(row, name)) for row in rows] for name in COLUMNS}
    try:
        parquet.write_table(pa.table(columns, schema=schema), path)
    except pa.ArrowInvalid as error:
        raise UsageError(
            f"a number does not fit Parquet's exact decimals: {error}", "export it as csv or json"
        ) from None


def _flat(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, tuple) else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | tuple):
        return safe(_flat(value), "csv")
    return plain(value)
