"""A small ledger to write to in tests: releases as plain tables, recorded through the real parts."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from model import (
    CheckResult,
    Day,
    Figure,
    FigureRule,
    Increment,
    Instant,
    Publisher,
    Reader,
    Reading,
    Snapshot,
    Source,
    Update,
    read_content,
    write_content,
)
from storage import Archive, Ledger, ReadRelease, Recorded

READER = Reader("csv", 1, "options")

Row = tuple[str, str | None, str]
"""(series reference, as-of, canonical content)."""


def source(source_id: str = "book", rules: Sequence[str] = ("tanks", "guns"), **options: Any) -> Source:
    """A source that follows some running totals; options as in a definition."""
    figures = options.pop("figures", tuple(FigureRule(id=rule, column=rule, unit="items") for rule in rules))
    return Source(
        id=source_id, title="A book", publisher=Publisher(name="P"), method="m", basis="counted", extractor="csv",
        tried_live="never", url="http://127.0.0.1/", figures=figures,
        **({"coverage": "full"} | options),
    )  # fmt: skip


PRINTED = ("print_articles", "print_texts", "print_numbers", "print_findings", "markers")
"""What a ledger of a schema before 0015 has not."""

SERVER = "TALLYBOOK_TEST_POSTGRES"
"""The environment variable that names a PostgreSQL server; where it is not set, ledgers are SQLite files."""


def database_url(folder: Path) -> str:
    """The address of a folder's ledger: always the same one, for other processes too."""
    if SERVER not in os.environ:
        return f"sqlite:///{folder / 'ledger.sqlite'}"
    note = folder / "database.url"
    if not note.exists():
        from tests.storage import postgres

        folder.mkdir(parents=True, exist_ok=True)
        note.write_text(postgres.create(os.environ[SERVER], f"book_{uuid.uuid4().hex}"))
    return note.read_text()


class Book:
    """One ledger in a folder; `release` records a table as known at a time."""

    def __init__(self, folder: Path, of: Source) -> None:
        self.source = of
        self.kept = folder / "archive"
        self.archive = Archive(self.kept)
        self.url = database_url(folder)
        self.ledger = Ledger(self.url, self.archive)
        self._quiet = ""

    def release(
        self,
        known_at: str,
        rows: Sequence[Row],
        *,
        stated: Mapping[str, str] = {},
        reader: Reader = READER,
        salt: str = "",
        checks: Sequence[CheckResult] = (),
        **options: Any,
    ) -> Recorded:
        """Record a release.

        `checks` were found while reading; `stated` gives increments by series reference, at the series' newest as-of.
        """
        text = json.dumps([rows, dict(stated), salt])
        content = text.encode()
        self.archive.put(content)
        digest = hashlib.sha256(content).hexdigest()
        snapshot = Snapshot(
            sha256=digest, text_sha256=digest, size=len(content), media_type="text/csv",
            known_at=Instant(known_at), published=options.pop("published", None),
        )  # fmt: skip
        cells = [(ref, Day(day) if day else None, content, at) for at, (ref, day, content) in enumerate(rows)]
        increments = tuple(
            Increment(ref, max((day for other, day, _, _ in cells if other == ref and day), default=None),
                      figure(content, kind="change"))
            for ref, content in stated.items()
        )  # fmt: skip
        reading = Reading(cells, lambda handle: figure(rows[handle][2]), stated=increments, checks=tuple(checks))
        done = self.ledger.record(self.source, ReadRelease(snapshot, text, reading, reader, **options))
        self._quiet = self.newest().update if done.update is None else ""
        return done

    def newest(self) -> Update:
        """The newest update, with all its changes."""
        return self.ledger.views.log(limit=1, changes=None)[0]

    def kinds(self) -> list[tuple[str, str, str]]:
        """(kind, series, as-of) of the changes of the newest release or decision, sorted."""
        if self.newest().update == self._quiet:
            return []
        return sorted((change.kind, change.series, change.as_of) for change in self.newest().changes)

    def values(self, **when: Any) -> dict[tuple[str, str], str]:
        """The accepted contents by series and as-of."""
        return {
            (row.series.partition("/")[2], row.as_of): write_content(row.value, row.low, row.high, row.qualifier)
            for row in self.ledger.views.table(**when)
        }

    def checks(self) -> list[tuple[str, str]]:
        """(name, result) of what the checks tell of the newest release or decision."""
        if self.newest().update == self._quiet:
            return []
        return [(check.name, check.result) for check in self.newest().checks]


def figure(content: str, **facts: Any) -> Figure:
    """A figure with a canonical content."""
    read = read_content(content if content != "?" else "")
    return Figure(
        value=read.value, low=read.low, high=read.high, qualifier=read.qualifier, unit="items", **facts
    )  # fmt: skip


def days(first: int, last: int, start: int = 100, step: int = 2, ref: str = "tanks") -> list[Row]:
    """A steady running total for the days of January 2025 from `first` to `last`."""
    return [(ref, f"2025-01-{day:02}", str(start + step * (day - 1))) for day in range(first, last + 1)]


def number(text: str) -> Decimal:
    """A decimal, exactly."""
    return Decimal(text)
