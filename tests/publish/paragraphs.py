"""Paragraphs written for tests over real series, what each of their numbers is, and a ledger of those series."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from model import Day, Figure, Instant, Reading, Snapshot
from publish.names import SeriesNames
from publish.printing.printed import PrintedDesk, PrintedNumber, PrintedText
from sources import Catalogue
from storage import Archive, Ledger, ReadRelease
from tests.storage.books import READER, figure

FOLDER = Path(__file__).parent / "printed"


class Expected(NamedTuple):
    """What a number of a paragraph is: its digits as printed, the verdict, and the series where it has one."""

    number: str
    verdict: str
    series: str | None


def paragraphs() -> list[dict[str, Any]]:
    """Those of `paragraphs.json` are over two series, those of `later.json` over nine sources."""
    found = [json.loads((FOLDER / name).read_text(encoding="utf-8")) for name in ("paragraphs.json", "later.json")]
    return [*found[0], *found[1]]


class PrintedLedger:
    """The real series of the paragraphs, as they were known day by day."""

    def __init__(self, folder: Path) -> None:
        self.home = folder
        self.archive = Archive(folder / "archive")
        self.ledger = Ledger(f"sqlite:///{folder / 'ledger.sqlite'}", self.archive)
        self.catalogue = Catalogue.load()
        kept = json.loads((FOLDER / "ledger.json").read_text(encoding="utf-8"))
        with self.ledger.together():
            for day, total, dated in kept["mediazona_headline"]:
                self._record("mediazona_headline", day, [("total", day, total), ("dated", day, dated)])
            table: list[tuple[str, str, str]] = []
            for day, personnel in kept["ua_personnel"]:
                table.append(("personnel", day, personnel))
                self._record("ua_personnel", day, list(table))
            for source, day, rows in kept["more"]:
                self._record(source, day, rows)
        names = SeriesNames(self.ledger.views.refs(), self.catalogue.get)
        self.desk = PrintedDesk(self.ledger.views, self.catalogue, names)

    def _record(self, source: str, day: str, rows: Sequence[Sequence[str]]) -> None:
        """Rows are of a series, its day and content; of a table with dimensions, of whom and what category, too."""
        of = self.catalogue[source]
        text = json.dumps(rows)
        digest = self.archive.put(text.encode())
        snapshot = Snapshot(
            sha256=digest, text_sha256=digest, size=len(text), media_type="text/csv",
            known_at=Instant(f"{day}T12:00:00Z"), published=None,
        )  # fmt: skip
        rules = {rule.id: rule for rule in of.figures}

        def read(handle: int) -> Figure:
            ref, _, content, *named = rows[handle]
            rule = rules[ref.partition("/")[0]]
            whom, category = [*named, *(rule.whom, rule.category)[len(named) :]]
            said = figure(content, measure=rule.measure, kind=rule.kind, whom=whom)
            return replace(said, unit=rule.unit, category=category, attributed_to=rule.attributed_to)

        cells = [(ref, Day(as_of), content, at) for at, (ref, as_of, content, *_) in enumerate(rows)]
        self.ledger.record(of, ReadRelease(snapshot, text, Reading(cells, read), READER, hold=False))

    def check(self, paragraph: dict[str, Any]) -> PrintedText:
        return self.desk.check(paragraph["text"], on=Day(paragraph["on"]), language=paragraph["language"])


def found(checked: PrintedText, number: str) -> PrintedNumber | None:
    """The number of a text that is printed with these digits."""
    fit = [one for one in checked.numbers if number in one.number_text]
    return fit[0] if fit else None
