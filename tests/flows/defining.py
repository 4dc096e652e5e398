"""Definitions that tests write: tables that lie on this machine."""

from __future__ import annotations

from pathlib import Path

CSV = {"Content-Type": "text/csv; charset=utf-8"}


def define(folder: Path, name: str, url: str, *, cron: str = "0 6 * * *", tried_live: str = "2025-08-01") -> None:
    """Write the definition of a table with the columns `date` and `dead`."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yml").write_text(
        f"""title: The {name} of the test
publisher: {{name: A test}}
method: Counted for a test.
basis: counted
url: {url}
schedule: {{cron: "{cron}"}}
tried_live: {tried_live}
coverage: full
extractor: csv
as_of: {{column: date}}
figures:
  - {{id: dead, column: dead, measure: killed, kind: total, unit: people}}
allow_private_addresses: true
""",
        encoding="utf-8",
    )
