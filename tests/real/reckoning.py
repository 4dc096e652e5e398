"""A reckoning of real series by plain means, to set the ledger against: what changed from one file to the next.

`naive` compares each file with the one before it, as the truth tables do. `Reckoner` follows the same files by the
ledger's rules, in another way than the ledger does: row by row, with the standard library alone, in memory.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from flows.desk import Desk
from flows.past.backfill import backfill_source
from flows.settings import Settings
from model import Instant, SeriesRef, write_content
from storage import Ledger, schema
from tests.real.corpus import copies, source

Key = tuple[str, ...]
Cell = tuple[tuple[str, ...], str]
"""(series: figure and labels, as-of); the as-of is empty where a table is undated."""

RULES = frozenset({"duplicates", "hedges", "blanks", "labels", "followed"})
BLANK = ("", "NA", "NaN", "null", "None", "-", "*")
HEDGES = {"about": "~", "more": ">", "more than": ">", "almost": "<", "": ""}
KEYS = {
    "ua_personnel": ("date",),
    "ua_equipment": ("date",),
    "nics": ("month", "state"),
    "uk_indicators": ("Date", "Country", "Indicator"),
    "mediazona_by_death_date": ("date",),
    "oryx_types": ("country", "equipment_type"),
}


@dataclass
class Sheet:
    """One file: its rows (the last one where a key is repeated), and the cells that repeated rows disagree on."""

    rows: dict[Key, dict[str, str]] = field(default_factory=dict)
    conflicts: dict[Key, set[str]] = field(default_factory=dict)
    repeated: int = 0


def sheets(name: str) -> Iterator[tuple[str, str, Sheet]]:
    """Every sound file of a series, oldest first: its name, when it was known, and its rows."""
    for copy in copies(name):
        if not copy.broken:
            yield copy.name, copy.fetched_at, _sheet(name, copy.name, copy.content.decode("utf-8-sig"))


def _sheet(name: str, path: str, text: str) -> Sheet:
    read = Sheet()
    rows: Iterable[Mapping[str, Any]] = json.loads(text) if path.endswith("json") else csv.DictReader(io.StringIO(text))
    for row in rows:
        key = tuple(str(row[part]).strip() for part in KEYS[name])
        cells = {column: _plain(value) for column, value in row.items() if column not in (*KEYS[name], "day")}
        if (before := read.rows.get(key)) is not None:
            read.repeated += 1
            unlike = {column for column in cells | before if before.get(column) != cells.get(column)}
            read.conflicts.setdefault(key, set()).update(unlike)
        read.rows[key] = cells
    return read


def _plain(value: object) -> str:
    text = "" if value is None else str(value).strip()
    return "" if text in BLANK or value != value else re.sub(r"^(-?\d+)\.0+$", r"\1", text)


def naive(before: Sheet, after: Sheet) -> Counter[str]:
    """Compare two files row by row: rows that came and went; cells that changed, were filled and blanked."""
    found = Counter(came=len(after.rows.keys() - before.rows.keys()), went=len(before.rows.keys() - after.rows.keys()))
    for key in after.rows.keys() & before.rows.keys():
        old, new = before.rows[key], after.rows[key]
        for column in old.keys() & new.keys() if old != new else ():
            if old[column] != new[column]:
                found["changed" if old[column] and new[column] else "filled" if new[column] else "blanked"] += 1
    return found


class Change(NamedTuple):
    """One change of one cell, as the ledger's rules have it."""

    kind: str
    content: str | None


class Reckoner:
    """Follows the files of one series by the ledger's rules; any of `RULES` may be left out, to see what it does."""

    def __init__(self, name: str, rules: frozenset[str] = RULES) -> None:
        self.name, self.rules = name, rules
        self.ids = _ids(name)
        self.before = Sheet()
        self.live: dict[Cell, str] = {}
        self.gone: set[Cell] = set()
        self.latest: dict[tuple[str, ...], str] = {}

    def step(self, sheet: Sheet, day: str) -> dict[Cell, Change]:
        """What the next file changes; `day` is the as-of of an undated table."""
        old = self.before
        touched = {key for key in sheet.rows if old.rows.get(key) != sheet.rows[key]}
        touched |= (old.rows.keys() - sheet.rows.keys()) | old.conflicts.keys() | sheet.conflicts.keys()
        stated: dict[Cell, str] = {}
        doubtful: set[Cell] = set()
        for key in touched:
            for cell, column, content in self.cells(key, sheet.rows.get(key, {})):
                if "duplicates" in self.rules and column in sheet.conflicts.get(key, ()):
                    doubtful.add(cell)
                elif content:
                    stated[cell] = content
        was = {cell for key in touched for cell, _, _ in self.cells(key, old.rows.get(key, {}))}
        changes: dict[Cell, Change] = {}
        fresh = {cell[0] for cell in stated} - self.latest.keys()
        for cell in (was | stated.keys()) - doubtful:
            if (change := self._change(cell, stated.get(cell), cell[0] in fresh)) is not None:
                changes[cell] = change
        self._accept(changes, day)
        self.before = sheet
        return changes

    def cells(self, key: Key, row: Mapping[str, str]) -> Iterator[tuple[Cell, str, str]]:
        """The cells of a row: where each stands, its column, its content."""
        for column, value in row.items():
            figure = self.ids.get(column if self.name != "uk_indicators" else key[2])
            if figure is None and "followed" in self.rules:
                continue
            if self.name == "uk_indicators" and column != "Value":
                continue
            yield self._place(key, figure or column), column, self._content(column, value, row)

    def _place(self, key: Key, figure: str) -> Cell:
        if self.name == "oryx_types":
            return (figure, key[0], _alike(key[1]) if "labels" in self.rules else key[1]), ""
        return (figure, *key[1:2]), key[0]

    def _content(self, column: str, value: str, row: Mapping[str, str]) -> str:
        if self.name != "ua_personnel" or column != "personnel" or "hedges" not in self.rules:
            return value
        return HEDGES[row.get("personnel*", row.get("*personnel", ""))] + value

    def _change(self, cell: Cell, content: str | None, fresh: bool) -> Change | None:
        known = self.live.get(cell)
        if content == known:
            return None
        if content is None:
            return Change("withdrawn", None)
        if known is not None:
            if not cell[1]:
                return Change("new", content)  # undated: it grew, within the day too
            return Change("requalified" if known.strip("~<>") == content.strip("~<>") else "revised", content)
        if cell in self.gone:
            return Change("restored", content)
        return Change("first" if fresh else "new" if cell[1] > self.latest[cell[0]] else "late", content)

    def _accept(self, changes: Mapping[Cell, Change], day: str) -> None:
        for cell, change in changes.items():
            if change.content is None:
                del self.live[cell]
                self.gone.add(cell)
                continue
            self.live[cell] = change.content
            self.gone.discard(cell)
            self.latest[cell[0]] = max(self.latest.get(cell[0], ""), cell[1] or day)


def _ids(name: str) -> dict[str, str]:
    """The followed columns (for a tidy table: indicators) of a definition, and the figure that each makes."""
    rules = source(name).figures
    ids = {rule.where.get("Indicator") or rule.path or rule.column or "": rule.id for rule in rules}
    return ids | {"groun d robotic systems": ids["ground robotic systems"]} if name == "ua_equipment" else ids


def _alike(label: str) -> str:
    return re.sub(r"[\W\d_]+", "", label.casefold())


Fill = Callable[[str], Ledger]


def fill(home: Path, name: str, manifest: Path, url: str | None = None) -> Ledger:
    """Backfill a series into a ledger of its own, an SQLite file unless `url` says otherwise, and return the ledger."""
    url = url or f"sqlite:///{home / 'ledger.sqlite'}"
    desk = Desk(Settings(home=home, database_url=url, archive=home / "archive"))
    backfill_source(desk, desk.catalogue[name], manifest)
    return desk.ledger


def written(ledger: Ledger, name: str) -> dict[str, dict[Cell, Change] | None]:
    """By the name of each copy: the changes that its update recorded, None where it made no update."""
    fetches, sources, versions, series = schema.fetches, schema.sources, schema.versions, schema.series
    of_source = fetches.join(sources, sources.c.id == fetches.c.source_id)
    by_update: dict[int, dict[Cell, Change]] = defaultdict(dict)
    with ledger.engine.connect() as connection:
        attempts = connection.execute(
            sa.select(fetches.c.url, fetches.c.update_id).select_from(of_source).where(sources.c.key == name)
        ).all()
        rows = connection.execute(
            sa.select(versions.c.update_id, versions.c.kind, series.c.ref, versions.c.as_of, versions.c.content)
            .select_from(versions.join(series).join(sources, sources.c.id == series.c.source_id))
            .where(sources.c.key == name)
        )
        for update, kind, ref, as_of, content in rows:
            by_update[update][place(name, SeriesRef.parse(ref), as_of)] = Change(kind, content)
    return {url.rpartition("/")[2]: None if update is None else by_update[update] for url, update in attempts}


def table(ledger: Ledger, name: str, known_at: Instant) -> dict[Cell, str]:
    """The ledger's table as known at a time, by cell; of an undated series its newest observation."""
    series = schema.series
    with ledger.engine.connect() as connection:
        refs = dict(connection.execute(sa.select(series.c.key, series.c.ref)).all())
    placed = (
        (place(name, SeriesRef.parse(refs[row.series]), row.as_of), row)
        for row in ledger.views.table(name, known_at=known_at, quotes=False)
    )
    return {cell: write_content(row.value, row.low, row.high, row.qualifier) for cell, row in placed}


def place(name: str, series: SeriesRef, as_of: str) -> Cell:
    """Where the ledger's observation stands in the reckoning."""
    if name == "oryx_types":
        return (series.figure_id, series.labels[0], _alike(series.labels[1])), ""
    return (series.figure_id, *series.labels), as_of[:7] if name == "nics" else as_of


def told(line: Mapping[str, str]) -> Counter[str]:
    """What a truth table's line says, by the names of `naive`."""

    def of(*names: str) -> int:
        return sum(int(line[name] or 0) for name in names)

    return Counter(
        came=of("new_asof_rows", "backfill_rows"),
        went=of("removed_rows"),
        changed=of("revised_cells"),
        filled=of("filled"),
        blanked=of("blanked"),
    )
