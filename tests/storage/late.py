"""Ledgers of small CSV files that were handed in, in whatever order, for tests of what comes late."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from changes.decide import Action
from flows.desk import Desk
from flows.outcomes import BackfillOutcome
from flows.past.backfill import Wishes, backfill_source
from storage.database import open_engine
from storage.ledger import Given
from storage.proof.verify import states
from tests.pipeline.desks import define, desk
from tests.storage.books import database_url

NAME = "daily"

Copies = Mapping[int, bytes]
"""What the file was on the days of January 2025."""


def sheet(tanks: Mapping[int, int | str]) -> bytes:
    """A file of running totals by the day of January 2025."""
    return "\n".join(
        ["date,tanks", *(f"2025-01-{day:02},{count}" for day, count in sorted(tanks.items())), ""]
    ).encode()


FOLLOWED = [{"id": "tanks", "column": "tanks", "unit": "items", "measure": "destroyed"}]


class Home:
    """A Tallybook in a folder, on the database that the test runs on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        define(folder, NAME, "http://127.0.0.1/daily.csv", figures=FOLLOWED)
        url = database_url(folder)
        if url.startswith("sqlite") and not (folder / "ledger.sqlite").exists():
            (folder / "ledger.sqlite").write_bytes(_empty())  # made once: migrations cost more than the rest
        self.desk: Desk = desk(folder, database_url=url)
        self.source = self.desk.catalogue[NAME]

    def __enter__(self) -> Home:
        return self

    def __exit__(self, *_error: object) -> None:
        self.desk.close()

    def hand_in(self, copies: Copies, *, hold: bool = True, **wishes: bool) -> BackfillOutcome:
        """Record copies, each known at six in the morning of its day."""
        manifest = written(self.folder, copies)
        return backfill_source(self.desk, self.source, manifest, wishes=Wishes(hold=hold, **wishes))

    def digests(self) -> list[tuple[str, str]]:
        """Every update in force by its name within its generation, with its content digest."""
        with self.desk.ledger.engine.connect() as connection:
            return list(states(connection))

    def values(self) -> dict[str, str]:
        """What counts, by day."""
        return {row.as_of[-2:]: str(row.value) for row in self.desk.ledger.views.table()}

    def held(self) -> list[tuple[str, str]]:
        """What waits for a person: day and value."""
        waiting = [change for update in self.desk.ledger.views.held() for change in update.changes]
        return [(change.as_of[-2:], str(change.new.value) if change.new else "") for change in waiting]

    def decide(self, action: Action, value: str | None = None) -> str:
        """Decide on the first value that waits."""
        update = self.desk.ledger.views.held()[0]
        change = update.changes[0]
        where = Given(series=change.series, as_of=change.as_of, value=value, who="Ann", why="she asked")
        return self.desk.ledger.decide(NAME, update.update, action, **where)

    def problems(self) -> list[str]:
        """What `verify` finds."""
        return list(self.desk.ledger.verify())


@cache
def _empty() -> bytes:
    """A ledger of nothing, as SQLite keeps it."""
    with TemporaryDirectory() as folder:
        open_engine(f"sqlite:///{folder}/ledger.sqlite").dispose()
        return (Path(folder) / "ledger.sqlite").read_bytes()


def written(folder: Path, copies: Copies) -> Path:
    """A manifest of copies."""
    folder.mkdir(parents=True, exist_ok=True)
    return _manifest(folder, copies.items())


def _manifest(folder: Path, copies: Iterable[tuple[int, bytes]]) -> Path:
    lines = []
    for day, content in copies:
        (folder / f"{day}.csv").write_bytes(content)
        lines.append(json.dumps({"path": f"{day}.csv", "fetched_at": f"2025-01-{day:02}T06:00:00Z"}))
    path = folder / "manifest.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path
