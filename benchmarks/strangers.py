"""The checks on series of kinds that nobody tuned them on: `python -m benchmarks.strangers [NAME…] [--list]`.

Each stranger is made with the habits of its kind (weekly rhythm, backlogs, seasons, corrections), and republished whole
each day or month; now and then its newest value is mistyped as people mistype, and mended in the next release. A
typo that is held is a hit; anything else that is held is a false alarm and is accepted.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from model import FigureRule, plain
from tests.storage.books import Book, Row, source

RELEASES, QUIET, TYPO_EACH = 240, 40, 12
"""Releases of each stranger; the first ones are sound; then one in so many has a typo."""

LARGE, MIDDLE = Decimal("0.5"), Decimal("0.1")

Values = Iterator[tuple[str, Decimal, dict[str, Decimal]]]
"""Day by day: the day, its value, and earlier values that are corrected with it."""


class Stranger(NamedTuple):
    """A kind of series: how a definition would describe it, and how its values come to be."""

    rule: dict[str, Any]
    values: Callable[[random.Random], Values]


def _days(months: bool = False) -> Iterator[str]:
    day = dt.date(2023, 1, 1)
    while True:
        yield day.isoformat()
        day = (day + dt.timedelta(days=31)).replace(day=1) if months else day + dt.timedelta(days=1)


def _rounded(value: float, digits: int = 0) -> Decimal:
    return Decimal(f"{value:.{digits}f}")


def _cases(made: random.Random) -> Values:
    """Daily cases: a wave, few on weekends, and a backlog that is dumped on one day now and then."""
    for at, day in enumerate(_days()):
        wave = 900 + 700 * math.sin(at / 23) + 250 * math.sin(at / 9)
        rhythm = (1.2, 1.1, 1.0, 1.0, 0.95, 0.45, 0.35)[at % 7]
        backlog = 2.2 if made.random() < 0.02 else 1
        yield day, _rounded(max(20, wave * rhythm * backlog * made.uniform(0.85, 1.15))), {}


def _cumulative_cases(made: random.Random) -> Values:
    total = Decimal(0)
    for day, value, _ in _cases(made):
        total += value
        yield day, total, {}


def _layoffs(made: random.Random) -> Values:
    """People named in the notices of a week: mostly some hundreds, sometimes a whole plant."""
    for day in _days():
        yield day, _rounded(min(6000, made.lognormvariate(5.2, 0.9))), {}


def _quakes(made: random.Random) -> Values:
    """Earthquakes a day: few, and swarms that last some days."""
    swarm = 0.0
    for day in _days():
        swarm = made.uniform(15, 60) if made.random() < 0.015 else swarm * 0.6
        yield day, Decimal(made.randint(4, 16) + int(swarm)), {}


def _reservoir(made: random.Random) -> Values:
    """The level of a reservoir in metres, slowly down and, after rain, quickly up."""
    level = 181.5
    for day in _days():
        level += made.uniform(0.2, 1.4) if made.random() < 0.06 else -made.uniform(0.02, 0.11)
        yield day, _rounded(level, 2), {}


def _unemployment(made: random.Random) -> Values:
    """A rate in percent, month by month."""
    rate = 5.3
    for day in _days(months=True):
        rate = min(9.0, max(3.2, rate + made.choice((-0.2, -0.1, -0.1, 0, 0, 0.1, 0.1, 0.2))))
        yield day, _rounded(rate, 1), {}


def _election(made: random.Random) -> Values:
    """Ballots counted, hour by hour in days' clothes: quick at first, then ever slower, to all of them."""
    left = 5_400_000.0
    counted = 0.0
    for day in _days():
        step = left * made.uniform(0.01, 0.05)
        left, counted = left - step, counted + step
        yield day, _rounded(counted), {}


def _price(made: random.Random) -> Values:
    price = 84.2
    for day in _days():
        price *= math.exp(made.gauss(0, 0.018))
        yield day, _rounded(price, 2), {}


def _corrected_counter(made: random.Random) -> Values:
    """A running total from which duplicates are taken out each Monday."""
    total = 52_000
    for at, day in enumerate(_days()):
        total += made.randint(80, 240)
        if at % 7 == 0:
            total -= made.randint(400, 700)
        yield day, Decimal(total), {}


def _beds(made: random.Random) -> Values:
    """Patients in hospital: a stock that comes and goes."""
    for at, day in enumerate(_days()):
        yield day, _rounded(420 + 260 * math.sin(at / 31) + made.gauss(0, 9)), {}


def _displaced(made: random.Random) -> Values:
    """Displaced people, in round numbers, now and then a new census."""
    total = 1_250_000
    for day in _days(months=True):
        total += made.choice((0, 0, 5_000, 12_000, 20_000, 35_000))
        yield day, Decimal(total), {}


STRANGERS: dict[str, Stranger] = {
    "daily_cases": Stranger({"kind": "change", "unit": "people"}, _cases),
    "cumulative_cases": Stranger({"kind": "total", "unit": "people"}, _cumulative_cases),
    "layoffs": Stranger({"kind": "change", "unit": "people"}, _layoffs),
    "quakes": Stranger({"kind": "change", "unit": "items"}, _quakes),
    "reservoir": Stranger({"kind": "total", "unit": "metres", "may_fall": True}, _reservoir),
    "unemployment": Stranger({"kind": "share", "unit": "percent"}, _unemployment),
    "unemployment_as_total": Stranger({"kind": "total", "unit": "percent"}, _unemployment),
    "election": Stranger({"kind": "total", "unit": "items"}, _election),
    "price": Stranger({"kind": "total", "unit": "dollars", "may_fall": True}, _price),
    "price_as_total": Stranger({"kind": "total", "unit": "dollars"}, _price),
    "corrected_counter": Stranger({"kind": "total", "unit": "items"}, _corrected_counter),
    "beds": Stranger({"kind": "total", "unit": "people", "may_fall": True}, _beds),
    "displaced": Stranger({"kind": "total", "unit": "people"}, _displaced),
}


def mistype(value: Decimal, made: random.Random) -> Decimal:
    """A number as it may be mistyped: a digit dropped, doubled or swapped, a point moved, another column's number."""
    text = plain(value)
    places = [at for at, sign in enumerate(text) if sign.isdigit()]
    at = made.choice(places)
    swapped = [at for at in places[:-1] if text[at + 1 : at + 2].isdigit()]
    match made.choice(("drop", "double", "swap", "shift", "column")):
        case "drop" if len(places) > 1:
            return Decimal(text[:at] + text[at + 1 :] or "0")
        case "double":
            return Decimal(text[:at] + text[at] + text[at:])
        case "swap" if swapped:
            at = made.choice(swapped)
            return Decimal(text[:at] + text[at + 1] + text[at] + text[at + 2 :])
        case "shift":
            return (value * made.choice((Decimal(10), Decimal("0.1")))).quantize(value)
    return (value * Decimal(str(round(made.uniform(0.1, 6), 2)))).quantize(value)


class Tally(NamedTuple):
    """What came of one stranger: typos and hits by the size of the error, false alarms, and what was told of them."""

    typos: Counter[str]
    hits: Counter[str]
    false: int
    told: list[str]


def measure(name: str, seed: int = 1, releases: int = RELEASES) -> Tally:
    """Record a stranger with holds and decide each hold at once."""
    stranger, made, tally = STRANGERS[name], random.Random(f"{name} {seed}"), Tally(Counter(), Counter(), 0, [])
    rule = FigureRule(id="it", column="it", **stranger.rule)
    rows: dict[str, Decimal] = {}
    with tempfile.TemporaryDirectory() as folder:
        book = Book(Path(folder), source(figures=(rule,)))
        for at, (day, value, mended) in enumerate(stranger.values(made)):
            if at == releases:
                break
            rows |= {day: value} | mended
            shown, size = rows, ""
            if at > QUIET and made.random() < 1 / TYPO_EACH and (typo := mistype(value, made)) != value:
                shown, size = rows | {day: typo}, _size(typo, value)
            tally.typos.update([size] if size else [])
            tally = _release(book, tally, day, shown, size)
        book.ledger.close()
    return tally


def _size(typo: Decimal, value: Decimal) -> str:
    error = abs(typo - value) / abs(value) if value else Decimal(1)
    return "large" if error > LARGE else "middle" if error > MIDDLE else "small"


def _release(book: Book, tally: Tally, day: str, shown: dict[str, Decimal], size: str) -> Tally:
    table: list[Row] = [("it", one, plain(value)) for one, value in shown.items()]
    done = book.release(f"{day}T20:00:00Z", table)
    if done.update is None or not done.held:
        return tally
    (update,) = book.ledger.views.held()
    typo = bool(size) and {change.as_of for change in update.changes} == {day}
    tally.hits.update([size] if typo else [])
    action = "reject" if typo else "accept"
    told = f"{'hit  ' if typo else 'FALSE'} {day}: " + "; ".join(one.message for one in update.checks)
    book.ledger.decide("book", update.update, action, who="the truth", why="known")  # type: ignore[arg-type]
    return tally._replace(false=tally.false + (not typo), told=[*tally.told, told])


def report(tallies: dict[str, Tally], releases: int = RELEASES) -> str:
    """The table of docs/checks.md: of each stranger, typos held by the size of the error, and false alarms."""
    lines = ["|series|error > 50 %|10-50 %|less|false per 200|", "|---|---|---|---|---|"]
    for name, tally in tallies.items():
        cells = [f"{tally.hits[size]} of {tally.typos[size]}" for size in ("large", "middle", "small")]
        lines.append(f"|{name}|{'|'.join(cells)}|{Decimal(tally.false * 200) / releases:.1f}|")
    return "\n".join(lines)


def main() -> None:
    """Measure the strangers named on the command line, or all, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--list", action="store_true", help="tell every hold")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tallies = {name: measure(name, options.seed) for name in options.names or STRANGERS}
    for name, tally in tallies.items() if options.list else ():
        print(name, *tally.told, sep="\n    ")
    print(report(tallies))


if __name__ == "__main__":
    main()
