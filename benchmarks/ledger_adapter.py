"""The project's ledger as one more peer of an append-and-diff benchmark.

A peer has apply(day, rows), last_diff(), value_at(id, day), table_at(day); rows are dicts with id, source, measure,
category, as_of and value, re-published whole at each update. `Warm` keeps one ledger open, as `serve` does; `Cold`
opens it anew for each update, as a command does. Kinds, checks, baselines, digests and the chain are all done.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from model import Figure, FigureRule, Instant, Publisher, Reader, Reading, Snapshot, Source, series_ref
from storage import Archive, Ledger, ReadRelease

MEASURES = ("killed", "wounded", "missing", "captured", "displaced", "destroyed", "recruited", "cases")
READER = Reader("csv", 1, "benchmark")
SOURCE = Source(
    id="bench", title="Benchmark", publisher=Publisher(name="P"), method="m", basis="counted", extractor="csv",
    tried_live="never", url="http://127.0.0.1/", coverage="window", restates=False,
    figures=tuple(FigureRule(id=name, column=name, unit="people", may_fall=True) for name in MEASURES),
)  # fmt: skip


class Warm:
    """One ledger kept open from update to update."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self._ledger: Ledger | None = None
        self._refs: dict[str, str] = {}
        self._ids: dict[str, str] = {}

    @property
    def ledger(self) -> Ledger:
        """The ledger, opened when it is first asked for."""
        if self._ledger is None:
            self._ledger = Ledger(f"sqlite:///{self.folder / 'l.db'}", Archive(self.folder / "archive"))
        return self._ledger

    def apply(self, day: str, rows: list[dict[str, Any]]) -> None:
        """Record one published update, figures already extracted."""
        refs = self._refs
        if not refs:
            for row in rows:
                refs[row["id"]] = series_ref(row["measure"], (row["source"], row["category"]))
        cells = [(refs[row["id"]], row["as_of"], str(row["value"]), at) for at, row in enumerate(rows)]

        def figure(handle: int) -> Figure:
            row = rows[handle]
            return Figure(value=row["value"], unit="people", measure=row["measure"], category=row["category"])

        digest = hashlib.sha256(day.encode()).hexdigest()
        snapshot = Snapshot(
            sha256=digest, text_sha256=digest, size=0, media_type="text/csv", known_at=Instant(f"{day}T06:00:00Z")
        )
        self.ledger.record(SOURCE, ReadRelease(snapshot, "", Reading(cells, figure), READER, hold=False))
        self.after()

    def after(self) -> None:
        """What happens between two updates."""

    def finish(self) -> dict[str, Any]:
        """Nothing is left to do."""
        keys = {series.series for series in self.ledger.views.series()}
        for name, ref in self._refs.items():
            measure, source, category = ref.split("\x1f")
            key = f"bench/{measure}/{source}/{category}"
            assert key in keys
            self._ids[key] = name
        self._keys = {name: key for key, name in self._ids.items()}
        return {}

    def paths(self) -> list[str]:
        """Where the ledger's bytes lie."""
        return [str(self.folder)]

    def last_diff(self) -> dict[str, tuple[Any, Any]]:
        """The newest update's changes: {id: (old, new)}."""
        (update,) = self.ledger.views.log("bench", limit=1, changes=None)
        return {
            self._ids[change.series]: (change.old and change.old.value, change.new and change.new.value)
            for change in update.changes
        }

    def value_at(self, name: str, day: str) -> tuple[str, int] | None:
        """One series' newest value as known at a day."""
        versions = self.ledger.views.show(self._keys[name], known_at=Instant(f"{day}T23:59:59Z"))
        counting = [one for one in versions if one.value is not None and not one.held and one.superseded_by is None]
        return (counting[-1].as_of, int(counting[-1].value)) if counting else None

    def table_at(self, day: str) -> dict[str, tuple[str, int]]:
        """Every series' newest value as known at a day."""
        rows = self.ledger.views.table(known_at=Instant(f"{day}T23:59:59Z"))
        return {self._ids[row.series]: (row.as_of, int(row.value)) for row in rows if row.value is not None}


class Cold(Warm):
    """The ledger opened anew for each update."""

    def after(self) -> None:
        """Let go of everything that is in memory."""
        self.ledger.close()
        self._ledger = None
