"""The data dictionary of an export: a Frictionless data package that says what each column means.

Specification: Data Package v1 (a resource with a table schema); only plain JSON, so nothing is imported for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from model import Instant, Observation, is_minute

_NUMBER, _TEXT, _DAY, _TIME = "number", "string", "date", "datetime"

COLUMNS: dict[str, tuple[str, str]] = {
    "series": (_TEXT, "The series' key, <source>/<id>; it never changes."),
    "as_of": (_DAY, "When it was so: the date that the figure is about."),
    "as_of_basis": (_TEXT, "Where the as-of comes from: stated in the report, its publication date, or our fetch."),
    "value": (_NUMBER, "The exact number; empty for a range."),
    "low": (_NUMBER, "The lower end of a range."),
    "high": (_NUMBER, "The upper end of a range."),
    "qualifier": (_TEXT, "The hedge: exact, approximately, more_than, less_than or range."),
    "unit": (_TEXT, "What is counted: people, families, items, percent, ratio, other, or the definition's word."),
    "measure": (_TEXT, "What happened to them, such as killed, missing or destroyed."),
    "kind": (_TEXT, "total (standing or cumulative), change (an increment), share or ratio."),
    "whom": (_TEXT, "Of whom or what."),
    "category": (_TEXT, "A subgroup of it."),
    "attributed_to": (_TEXT, "Who counts or says it, parted by semicolons; not who carries the report."),
    "period_start": (_DAY, "First day of the period, where the report names one."),
    "period_end": (_DAY, "Last day of the period, where the report names one."),
    "denied": ("boolean", "True where the report states the number to deny it."),
    "quote": (_TEXT, "The sentence or row that states it."),
    "number_text": (_TEXT, "The number with its hedge as it stands in the report."),
    "update": (_TEXT, "The update that recorded the value, such as mediazona/42."),
    "known_at": (_TIME, "When the world could read it (UTC)."),
    "recorded_at": (_TIME, "When we recorded it (UTC)."),
    "series_break": (
        _TEXT,
        "Why the series is counted anew from here on (not to be compared with before); mostly empty.",
    ),
}
"""Every column of an export, in its order: type and meaning."""

_FORMATS = {"csv": "text/csv", "json": "application/x-ndjson", "parquet": "application/vnd.apache.parquet"}


def describe(
    path: Path, form: str, rows: Sequence[Observation], *, known_at: Instant | None, exported_at: Instant
) -> dict[str, Any]:
    """The data package of one exported file: its resource, its table schema, and what the export covers.

    As-ofs of which some are minutes in UTC, no dates, are text.
    """
    minutes = any(is_minute(row.as_of) for row in rows)
    as_known = f"as the world could know them at {known_at}" if known_at else "as they are accepted now"
    return {
        "profile": "tabular-data-package" if form == "csv" else "data-package",
        "name": "tallybook-observations",
        "title": "Observations of a Tallybook ledger",
        "description": f"{len(rows)} accepted observations, {as_known}. Held and refused values are not in it.",
        "created": exported_at,
        "resources": [
            {
                "name": "observations",
                "path": path.name,
                "format": "jsonl" if form == "json" else form,
                "mediatype": _FORMATS[form],
                "encoding": "utf-8",
                "schema": {
                    "fields": [_field(name, minutes) for name in COLUMNS],
                    "primaryKey": ["series", "as_of"],
                    "missingValues": [""],
                },
            }
        ],
    }


def _field(name: str, minutes: bool) -> dict[str, str]:
    form, meaning = COLUMNS[name]
    if minutes and name == "as_of":
        form, meaning = _TEXT, f"{meaning[:-1]}, or the minute in UTC."
    return {"name": name, "type": form, "description": meaning}
