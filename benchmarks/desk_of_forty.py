"""A newsroom's desk to try: a ledger of forty sources, some 5,000 updates and 200 holds, built of real versions.

    python -m benchmarks.desk_of_forty HOME [--each N] build it; Ann logs in with "four plain words here"
    python -m benchmarks.desk_of_forty HOME --walk     go through its morning in Chromium, and tell the steps

The real versions lie beside the project. Ten sources are they themselves, up to a bound of copies; thirty are
the smaller ones again under the names of other places. The last three releases of each come as this morning's fetches,
and in nine of those a number has a digit too many. The walk counts the steps of who decides on all nine and has done
with all others, in seconds as the keystroke-level model has them (Card, Moran and Newell 1980).
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import yaml

from cli.commands.serve import office_of, store_of
from flows.desk import Desk
from flows.past.backfill import Wishes, backfill_copies
from flows.past.manifest import Copy, read_manifest
from flows.pipeline import take
from flows.settings import Settings
from model import Fetched, Instant, Source, TallybookError, now
from review.server import PageServer
from tests.real.corpus import DEFINITIONS, manifest
from tests.review.browsers import Walk, launched
from tests.review.made import PASSWORD

COPIES = {
    "mediazona_headline": 600, "scotland_govscot": 200, "wyoming": 200, "shasta": 200, "mediazona_by_death_date": 30,
    "nics": 8, "ua_personnel": 700, "oryx_types": 620, "uk_indicators": 600, "ua_equipment": 250,
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

POINT, KEY, THINK = 1.1, 0.3, 1.2
"""Seconds to point at something, to press a key, and to make up one's mind."""


def main() -> None:
    """Build the desk, or walk through its morning."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--walk", action="store_true")
    parser.add_argument("--each", type=int, default=110, help="so many copies at most of each of the thirty")
    given = parser.parse_args()
    home = given.home.resolve()
    if given.walk:
        walk(home)
    else:
        build(home, given.each)


def settings_of(home: Path) -> Settings:
    """Settings whose everything lies under `home`."""
    database = f"sqlite:///{home / 'ledger.sqlite'}"
    return Settings(home=home, database_url=database, archive=home / "archive", sources=home / "sources")


def build(home: Path, each: int) -> None:
    """Write the definitions, record the old copies, and then the morning."""
    origins = define(home)
    slips = set(range(0, len(origins), -(-len(origins) // SLIPS)))
    with Desk(settings_of(home)) as desk:
        for at, (name, origin) in enumerate(origins.items()):
            began = time.monotonic()
            copies = _copies(home, origin)[-(each if name != origin else COPIES[origin]) :]
            backfill_copies(desk, desk.catalogue[name], copies[: -2 * MORNING], wishes=Wishes(hold=True))
            made = morning(desk, desk.catalogue[name], copies[-2 * MORNING :], slip=at in slips)
            print(f"{name}: {len(copies)} copies, {made} of the morning, {time.monotonic() - began:.0f} s", flush=True)
        views = desk.ledger.views
        print(f"{len(origins)} sources, {views.newest()} updates, {views.waiting()} values held")
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


def morning(desk: Desk, source: Source, copies: list[Copy], *, slip: bool) -> int:
    """Record the last releases as if they were fetched today, and others where they say nothing new.

    With a `slip` the last one has a digit too many.
    """
    made, hours, last = 0, _hours(), copies[-1]
    for copy in copies:
        if made < MORNING - slip:
            made += _taken(desk, source, copy.read(), copy.name, next(hours))
    for step in range(1, 9):
        for typed in _typed(desk, source, last.read(), lambda written, step=step: _risen(written, step)):
            if made < MORNING - slip:
                made += _taken(desk, source, typed, last.name, next(hours))
    for typed in _typed(desk, source, last.read(), lambda written: written + b"0") if slip else ():
        if _taken(desk, source, typed, last.name, next(hours)):
            return made + 1
    return made


def _risen(written: bytes, step: int) -> bytes:
    """A number whose last digit is another one."""
    return written[:-1] + str((int(written[-1:]) + step) % 10).encode() if written[-1:].isdigit() else written


def today() -> str:
    """The day, in UTC."""
    return dt.datetime.now(dt.UTC).date().isoformat()


def _hours() -> Iterator[Instant]:
    return (Instant(f"{today()}T00:{minute:02}:00Z") for minute in range(1, 60))


def _taken(desk: Desk, source: Source, content: bytes, name: str, at: Instant) -> bool:
    from extractors import sniff

    at = min(at, now())
    release = Fetched(url=name, at=at, status=200, content=content, media_type=sniff(content, name), published=None)
    try:
        return take(desk, source, release).update is not None
    except TallybookError as error:
        print(f"  {source.id}: {error}")
        return False


def _typed(desk: Desk, source: Source, content: bytes, change: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """The release with one of the newest figures typed otherwise, each of a few in turn."""
    for series in desk.ledger.views.series(source.id)[:3]:
        written = series.latest.number_text.encode() if series.latest else b""
        if len(written) > 2 and content.count(written):
            at = content.rindex(written)
            yield content[:at] + change(written) + content[at + len(written) :]


class Clock:
    """The steps of a person, and the seconds that they take."""

    def __init__(self) -> None:
        self.keys = self.points = self.thoughts = 0

    @property
    def seconds(self) -> float:
        """All of them in seconds."""
        return self.keys * KEY + self.points * POINT + self.thoughts * THINK

    def __str__(self) -> str:
        minutes = f"{int(self.seconds // 60)} min {self.seconds % 60:.0f} s"
        return f"{self.keys} keys, {self.points} points, {self.thoughts} thoughts: {minutes}"


def walk(home: Path) -> None:
    """Have done with a whole morning: decide on what is held, look at the rest a line at a time, and tell the steps."""
    deciding, reading = Clock(), Clock()
    with (
        Desk(settings_of(home), now) as desk, launched() as browser,
        PageServer(office_of(desk), "127.0.0.1", 0) as server,
    ):  # fmt: skip
        visitor = Walk(browser, server.address)
        visitor.log_in()
        decided = _decide(visitor, deciding)
        done = _read(visitor, reading)
    whole = deciding.seconds + reading.seconds
    print(f"decided on {decided}: {deciding}")
    print(f"done with {done} updates: {reading}")
    print(
        f"together {int(whole // 60)} min {whole % 60:.0f} s; the page complained of {visitor.complaints or 'nothing'}"
    )


def _decide(visitor: Walk, clock: Clock) -> int:
    """Each held value of the morning: a proposed value is chosen, a reason is chosen, and the next one comes."""
    page, decided = visitor.page, 0
    visitor.go("/")
    while decided < SLIPS and page.locator(".mline a[data-hold]").count():
        page.locator(".mline a[data-hold]").first.focus()
        clock.keys += 1  # j, to the line; it is chosen already, as a rule
        page.goto(visitor.base + str(page.locator(".mline a[data-hold]").first.get_attribute("data-hold")))
        clock.keys += 1  # Enter
        clock.thoughts += 2  # read the finding and the proposals; make up one's mind
        choice = page.locator("[data-proposed]:not([value=''])").first
        if choice.count():
            choice.check()
        page.locator("[data-chip]").first.click()
        page.locator("[data-correct]" if choice.count() else "[data-key=r]").click()
        clock.points += 3  # the value, the reason, the button
        decided += 1
        page.wait_for_selector(".done-note, .decided")
        visitor.go("/")
        clock.keys += 1  # Esc, back to what is new
    return decided


def _read(visitor: Walk, clock: Clock) -> int:
    """Every other update: looked at a moment, and done with by one key."""
    page, done = visitor.page, 0
    visitor.go("/")
    while page.locator("[data-line]").count():
        left = page.locator("[data-line]:visible").count()
        for at in range(left):
            page.keyboard.press("e")
            clock.keys += 1
            clock.thoughts += 1
            done += 1
            while at < left - 1 and page.locator(".mline:not(.gone)").count() != left - at - 1:
                page.wait_for_timeout(5)
        # The page goes on by itself, to what is left or to the log.
        page.locator(".mline:not(.gone), [data-filters]").first.wait_for(state="attached")
    return done


if __name__ == "__main__":
    main()
