"""A newsroom's desk to try: a ledger of forty sources, some 5,000 updates and 200 held values, of real versions.

    python -m benchmarks.desk_of_forty HOME [--each N]

`python -m benchmarks.walk_of_forty HOME` goes through its morning. Ann logs in with "four plain words here".

The real versions lie beside the project. Ten sources are they themselves, up to a bound of copies; thirty are
the smaller ones again under the names of other places. Three updates of each come as this morning's fetches: real
releases, and where these say nothing new the last one with a figure that rose by a little. In so many of them a number
has a digit too many that nine updates of the morning wait for a person. What is held beside them is what the checks
hold in the real histories, where nobody decides.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import time
from collections.abc import Callable, Iterator
from itertools import count, cycle
from pathlib import Path

import yaml

from cli.commands.serve import store_of
from flows.desk import Desk
from flows.past.backfill import Wishes, backfill_copies
from flows.past.manifest import Copy, read_manifest
from flows.pipeline import take
from flows.settings import Settings
from model import Fetched, Instant, Source, TallybookError, now
from tests.real.corpus import DEFINITIONS, manifest
from tests.review.made import PASSWORD

COPIES = {
    "mediazona_headline": 600, "scotland_govscot": 200, "wyoming": 200, "shasta": 200, "mediazona_by_death_date": 30,
    "nics": 8, "ua_personnel": 1520, "oryx_types": 620, "uk_indicators": 600, "ua_equipment": 600,
}  # fmt: skip
"""So many copies at most, the newest, of each real series."""

TEMPLATES = ("wyoming", "shasta", "scotland_govscot", "mediazona_headline")
PLACES = (
    "Albany", "Bonn", "Cork", "Dover", "Essen", "Flint", "Ghent", "Hull", "Imola", "Jena", "Kyle", "Lahti", "Mold",
    "Nice", "Oban", "Perth", "Quito", "Riga", "Siena", "Turku", "Utica", "Varna", "Wick", "Xanten", "Yeovil", "Zug",
    "Alta", "Bath", "Como", "Dijon",
)  # fmt: skip
TAGS = {"ua": "war", "mediazona": "war", "oryx": "war", "nics": "arms"}
MORNING, SLIPS = 3, 9


def main() -> None:
    """Build the desk."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--each", type=int, default=110, help="so many copies at most of each of the thirty")
    given = parser.parse_args()
    build(given.home.resolve(), given.each)


def settings_of(home: Path) -> Settings:
    """Settings whose everything lies under `home`."""
    database = f"sqlite:///{home / 'ledger.sqlite'}"
    return Settings(home=home, database_url=database, archive=home / "archive", sources=home / "sources")


def build(home: Path, each: int) -> None:
    """Write the definitions, record the old copies, and then the morning."""
    origins = define(home)
    made = held = 0
    with Desk(settings_of(home)) as desk:
        for at, (name, origin) in enumerate(origins.items()):
            began = time.monotonic()
            copies = _copies(home, origin)[-(each if name != origin else COPIES[origin]) :]
            backfill_copies(desk, desk.catalogue[name], copies[: -2 * MORNING], wishes=Wishes(hold=True))
            due = SLIPS * (at + 1) // len(origins) - held
            came, waits = Morning(desk, desk.catalogue[name], copies).come(slip=due > 0)
            made, held = made + came, held + waits
            told = (
                f"{len(copies)} copies, {came} of the morning, {waits} held, {desk.ledger.views.waiting()} values wait"
            )
            print(f"{name}: {told}, {time.monotonic() - began:.0f} s", flush=True)
        views = desk.ledger.views
        print(f"{len(origins)} sources, {views.newest()} updates, {views.waiting()} values held")
        print(f"the morning: {made} updates, {held} of them held")
    store_of(settings_of(home)).add("ann", PASSWORD)


def define(home: Path) -> dict[str, str]:
    """Write the definitions; returns by the id of each the real series that it is made of."""
    (home / "sources").mkdir(parents=True, exist_ok=True)
    origins = {name: name for name in COPIES}
    origins |= {f"{origin}_{place.lower()}": origin for place, origin in zip(PLACES, cycle(TEMPLATES), strict=False)}
    for name, origin in origins.items():
        text = yaml.safe_load((DEFINITIONS / f"{origin}.yml").read_text(encoding="utf-8"))
        place = name.removeprefix(origin).strip("_").title()
        text |= {"title": f"{place}: {text['title']}"[:80]} if place else {}
        text |= {"tags": [TAGS.get(name.partition("_")[0], "health")], "tried_live": "2026-01-01"}
        (home / "sources" / f"{name}.yml").write_text(yaml.safe_dump(text, allow_unicode=True), encoding="utf-8")
    return origins


def _copies(home: Path, origin: str) -> list[Copy]:
    folder = home / "copies" / origin
    if not folder.exists():
        folder.mkdir(parents=True)
        manifest(origin, folder)
    return list(read_manifest(folder / f"{origin}.jsonl"))


class Morning:
    """What comes of one source this morning, second by second; `last` is the newest release that says anything."""

    def __init__(self, desk: Desk, source: Source, copies: list[Copy]) -> None:
        self.desk, self.source, self.copies = desk, source, copies
        self.seconds = count()
        self.made = self.held = 0
        by_name = {one.name: one for one in copies}
        log = desk.ledger.views.log(source.id, limit=200, changes=0)
        newest = (one for one in log if one.changes_total and one.status == "accepted")
        self.last = next(by_name[one.copy or ""] for one in newest if one.copy in by_name).read()

    def come(self, *, slip: bool) -> tuple[int, int]:
        """Take three releases that say something new, the last with a slip or not; how many updates, how many held."""
        for copy in self.copies[-2 * MORNING :]:
            if self.made < MORNING - slip:
                self.take(copy.read(), copy.name)
        self.rise(MORNING - slip)
        for typed in self.typed(lambda number: 10 * number):
            if slip and not self.held and self.made < MORNING:
                self.take(typed, self.copies[-1].name)
        self.rise(MORNING)
        return self.made, self.held

    def rise(self, until: int) -> None:
        """Take releases in which one figure is a little larger, until there are so many updates."""
        for step in range(1, 30):

            def risen(number: int, step: int = step) -> int:
                return number + step

            for typed in self.typed(risen):
                if self.made < until:
                    self.take(typed, self.copies[-1].name)

    def take(self, content: bytes, name: str) -> None:
        """Take one release as if it were fetched this morning."""
        from extractors import sniff

        minute, second = divmod(next(self.seconds), 60)
        at = min(Instant(f"{today()}T00:{minute:02}:{second:02}Z"), now())
        release = Fetched(url=name, at=at, status=200, content=content, media_type=sniff(content, name), published=None)
        try:
            done = take(self.desk, self.source, release)
        except TallybookError as error:
            print(f"  {self.source.id}: {error}")
            return
        if done.update is None or done.state == "failed":
            return
        self.made += 1
        self.held += done.state == "held"
        if done.state != "held":
            self.last = content

    def typed(self, change: Callable[[int], int]) -> Iterator[bytes]:
        """The newest release with one of its largest figures typed otherwise, each of a few in turn."""
        texts = [one.latest.number_text.strip() for one in self.desk.ledger.views.series(self.source.id) if one.latest]
        for written in sorted(filter(re.compile(r"[1-9][\d,]+").fullmatch, texts), key=len, reverse=True)[:6]:
            number = change(int(written.replace(",", "")))
            before, there, after = self.last.rpartition(written.encode())
            if there:
                yield before + (f"{number:,}" if "," in written else str(number)).encode() + after


def today() -> str:
    """The day, in UTC."""
    return dt.datetime.now(dt.UTC).date().isoformat()


if __name__ == "__main__":
    main()
