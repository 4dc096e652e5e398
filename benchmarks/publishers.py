"""The checks on twelve kinds of ordinary publishers, made at random: `python -m benchmarks.publishers [KIND…]`.

Each kind is followed as a desk would that writes no more into the definition than it must, for 300 releases with each
of 50 seeds. Now and then a release has a fault of its kind, which the next one mends. A release with a fault is a hit
where what is false is held, a miss where some of it counts; a sound one in which anything is held is a false alarm.
Every hold is decided at once, by the truth.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from typing import Any, NamedTuple

from benchmarks.strangers import mistype
from changes.decide import Action
from changes.update import Evaluation
from model import Aggregate, FigureRule, Source, plain
from tests.changes.memory import MemoryLedger, Row, source

RELEASES, SEEDS, QUIET, FAULT_EACH = 300, 50, 20, 15

Cells = Mapping[tuple[str, str], Decimal]
"""What a release states: by series and day."""


class Release(NamedTuple):
    """One release: the instant it is fetched, what it states, and the cells that are false or wrongly missing."""

    at: str
    stated: Cells
    false: frozenset[tuple[str, str]] = frozenset()


class Publisher(NamedTuple):
    """A kind of publisher: what a definition says of it, and how its releases come to be."""

    rules: tuple[FigureRule, ...]
    settings: dict[str, Any]
    releases: Callable[[random.Random], Iterator[Release]]


START = dt.date(2024, 1, 1)
REGIONS = tuple(f"region {number}" for number in range(12))


def _day(at: int) -> str:
    return (START + dt.timedelta(days=at)).isoformat()


def _at(day: int, hour: int = 20) -> str:
    return f"{_day(day)}T{hour:02}:00:00Z"


def _cell(rule: str, label: str | None = None) -> str:
    return rule if label is None else f"{rule}\x1f{label}"


def _faulty(made: random.Random, at: int) -> bool:
    return at > QUIET and made.random() < 1 / FAULT_EACH


def _typed(made: random.Random, cells: dict[tuple[str, str], Decimal], day: str) -> frozenset[tuple[str, str]]:
    """Mistype one large number of a day badly; returns where."""
    key = max((key for key in cells if key[1] == day), key=lambda one: (cells[one] > 0, made.random()))
    for _ in range(20):
        typo = mistype(cells[key], made)
        if cells[key] and abs(typo - cells[key]) > cells[key] / 2:
            cells[key] = typo
            return frozenset([key])
    return frozenset()


def _quiet_total(made: random.Random) -> Iterator[Release]:
    """A page with a count and three parts of it, told every two weeks or so; nothing is ever wrong."""
    total, day = {"all": 9_000, "volunteers": 2_000, "drafted": 1_500, "officers": 700}, 0
    while True:
        day += made.choice((7, 14, 14, 14, 21))
        for name, step in (("volunteers", 500), ("drafted", 300), ("officers", 90)):
            grown = made.randint(step // 2, step)
            total[name] += grown
            total["all"] += grown
        yield Release(_at(day), {(name, _day(day)): Decimal(value) for name, value in total.items()})


def _stock(made: random.Random) -> Iterator[Release]:
    """Beds in use, by region: a number that comes and goes, of which the definition says nothing."""
    for at in range(1, RELEASES + 1):
        day = _day(at)
        cells = {
            (_cell("beds", name), day): Decimal(round(400 + 200 * math.sin(at / 31 + place) + made.gauss(0, 9)))
            for place, name in enumerate(REGIONS[:6])
        }
        false = _typed(made, cells, day) if _faulty(made, at) else frozenset()
        yield Release(_at(at), cells, false)


def _noisy_table(made: random.Random) -> Iterator[Release]:
    """New cases by region of the last 40 days: weekly rhythm, late corrections of the last days."""
    table: dict[tuple[str, str], Decimal] = {}
    for at in range(1, RELEASES + 1):
        for place, name in enumerate(REGIONS[:8]):
            level = (120 + 90 * math.sin(at / 19 + place)) * (1.1, 1.1, 1, 1, 0.9, 0.4, 0.3)[at % 7]
            table[_cell("new", name), _day(at)] = Decimal(max(0, round(level * made.uniform(0.75, 1.3))))
            if made.random() < 0.3 and (key := (_cell("new", name), _day(at - 1))) in table:
                table[key] += made.randint(0, 6)
        shown = {key: value for key, value in table.items() if key[1] > _day(at - 40)}
        false = _typed(made, shown, _day(at)) if _faulty(made, at) else frozenset()
        yield Release(_at(at), shown, false)


def _county_table(made: random.Random) -> Iterator[Release]:
    """Totals of forty counties as of today, small ones, taken down by one or two now and then."""
    totals = [made.randint(0, 900) for _ in range(40)]
    for at in range(1, RELEASES + 1):
        for place, total in enumerate(totals):
            step = made.randint(0, 4) if made.random() < 0.6 else -made.randint(1, 2) if made.random() < 0.05 else 0
            totals[place] = max(0, total + step)
        cells = {(_cell("cases", f"county {place}"), _day(at)): Decimal(one) for place, one in enumerate(totals)}
        false = _typed(made, cells, _day(at)) if _faulty(made, at) else frozenset()
        yield Release(_at(at), cells, false)


def _list_of_events(made: random.Random) -> Iterator[Release]:
    """Outages that begin, change and end, many of them in a storm; now and then the list is empty for a night.

    Their number and their customers together are followed, too.
    """
    outages: dict[str, int] = {}
    number = storm = 0
    for at in range(1, RELEASES + 1):
        outages = {
            name: max(1, round(size * made.uniform(0.3, 1.4))) for name, size in outages.items() if made.random() > 0.5
        }
        storm = made.randint(1, 3) if made.random() < 1 / 40 else storm - 1
        for _ in range(made.choice((0, 1, 1, 2, 5)) * (20 if storm > 0 else 1)):
            number += 1
            outages[f"outage {number}"] = made.randint(1, 4_000)
        cells = {(_cell("customers", name), _day(at)): Decimal(size) for name, size in outages.items()}
        together = {("outages", _day(at)): Decimal(len(outages)), ("out", _day(at)): Decimal(sum(outages.values()))}
        yield Release(_at(at), cells | together)


def _restating_table(made: random.Random) -> Iterator[Release]:
    """Deaths by day of death: each release adds to all of the last thirty days, most to the newest."""
    table: dict[str, int] = {}
    for at in range(1, RELEASES + 1):
        table[_day(at)] = made.randint(1, 5)
        for age in range(1, 30):
            if (day := _day(at - age)) in table:
                table[day] += max(0, round(made.gauss(12 / (age + 1), 1)))
        yield Release(_at(at), {("deaths", day): Decimal(value) for day, value in table.items()})


def _bulletin(made: random.Random) -> Iterator[Release]:
    """Eight counts of one day each; some days leave one or two of them out."""
    for at in range(1, RELEASES + 1):
        cells = {
            (f"kind {place}", _day(at)): Decimal(max(0, round(made.gauss(level, level / 4))))
            for place, level in enumerate((3, 9, 20, 40, 80, 160, 900, 2500))
            if made.random() > 0.06
        }
        false = _typed(made, cells, _day(at)) if _faulty(made, at) else frozenset()
        yield Release(_at(at), cells, false)


def _mirror(made: random.Random) -> Iterator[Release]:
    """A copy of another office's totals, irregularly, several days at once, the newest one last."""
    total, day, table = 50_000, 0, {}
    while True:
        for _ in range(made.choice((1, 1, 1, 2, 3, 6))):
            day += 1
            total += made.randint(600, 1_300)
            table["total", _day(day)] = Decimal(total)
        yield Release(_at(day), dict(table))


def _typo_prone(made: random.Random) -> Iterator[Release]:
    """Five daily totals, with a slip of the keyboard once in fifteen days."""
    totals = [100_000, 4_000, 800, 12_000, 300]
    for at in range(1, RELEASES + 1):
        for place, (low, high) in enumerate(((500, 1400), (2, 30), (0, 3), (20, 90), (0, 2))):
            totals[place] += made.randint(low, high)
        cells = {(f"total {place}", _day(at)): Decimal(value) for place, value in enumerate(totals)}
        false = _typed(made, cells, _day(at)) if _faulty(made, at) else frozenset()
        yield Release(_at(at), cells, false)


def _election_night(made: random.Random) -> Iterator[Release]:
    """Votes for four lists, counted batch by batch within two days; batches are withdrawn now and then."""
    left, votes = 6_000_000.0, [0.0] * 4
    for at in range(RELEASES):
        batch = left * made.uniform(0.004, 0.03)
        left -= batch
        for place, share in enumerate((0.38, 0.31, 0.2, 0.11)):
            votes[place] += batch * share * made.uniform(0.7, 1.3)
        minutes = at * 8
        moment = dt.datetime(2024, 6, 9, 18, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
        day = moment.date().isoformat()
        cells = {(f"list {place}", day): Decimal(round(value)) for place, value in enumerate(votes)}
        false = _typed(made, cells, day) if _faulty(made, at) else frozenset()
        yield Release(moment.strftime("%Y-%m-%dT%H:%M:%SZ"), cells, false)


def _part_lost(made: random.Random) -> Iterator[Release]:
    """A whole table of totals by region and day, of which a good part is not there now and then."""
    whole: dict[tuple[str, str], Decimal] = {}
    totals = [made.randint(500, 4_000) for _ in REGIONS[:6]]
    for at in range(1, RELEASES + 1):
        for place, name in enumerate(REGIONS[:6]):
            totals[place] += made.randint(0, 40)
            whole[_cell("cases", name), _day(at)] = Decimal(totals[place])
        kept = _lost(made, whole, at) if _faulty(made, at) else whole
        yield Release(_at(at), dict(kept), frozenset(key for key in whole if key not in kept and key[1] < _day(at)))


def _lost(made: random.Random, whole: Cells, at: int) -> Cells:
    """The table without two regions or more, or without its first or its last days."""
    if made.random() < 0.5:
        gone = {_cell("cases", name) for name in made.sample(REGIONS[:6], made.randint(2, 5))}
        return {key: one for key, one in whole.items() if key[0] not in gone}
    cut, first = _day(made.randint(at // 4, 3 * at // 4)), made.random() < 0.5
    return {key: one for key, one in whole.items() if (key[1] > cut if first else key[1] <= cut)}


def _past_overwritten(made: random.Random) -> Iterator[Release]:
    """Two columns by day, of which the whole past is false now and then: flat, tenfold, shifted, columns exchanged."""
    a: dict[str, Decimal] = {}
    b: dict[str, Decimal] = {}
    low, high = 2_000, 90_000
    for at in range(1, RELEASES + 1):
        low, high = low + made.randint(1, 30), high + made.randint(100, 900)
        a[_day(at)], b[_day(at)] = Decimal(low), Decimal(high)
        cells = {("a", day): value for day, value in a.items()} | {("b", day): value for day, value in b.items()}
        false = _overwritten(made, cells) if _faulty(made, at) else cells
        yield Release(_at(at), false, frozenset(key for key in cells if false[key] != cells[key]))


def _overwritten(made: random.Random, cells: dict[tuple[str, str], Decimal]) -> dict[tuple[str, str], Decimal]:
    days = sorted({day for _, day in cells})
    match made.choice(("flat", "tenfold", "shifted", "exchanged")):
        case "flat":
            last = {name: cells[name, days[-1]] for name in ("a", "b")}
            return {key: last[key[0]] for key in cells}
        case "tenfold":
            return {key: 10 * value if key[0] == "a" else value for key, value in cells.items()}
        case "shifted":
            before = dict(zip(days[1:], days, strict=False))
            return {key: cells[key[0], before.get(key[1], key[1])] for key in cells}
    return {key: cells["b" if key[0] == "a" else "a", key[1]] for key in cells}


def _rules(*names: str, **settings: Any) -> tuple[FigureRule, ...]:
    return tuple(FigureRule(id=name, column=name, **settings) for name in names)


_PEOPLE = {"unit": "people"}
PUBLISHERS: dict[str, Publisher] = {
    "quiet total": Publisher(
        _rules("all", "volunteers", "drafted", "officers", **_PEOPLE), {"coverage": "latest"}, _quiet_total
    ),
    "stock": Publisher(_rules("beds", unit="items"), {"coverage": "latest", "by": {"region": "region"}}, _stock),
    "noisy table": Publisher(
        _rules("new", kind="change", **_PEOPLE), {"coverage": "window", "by": {"region": "region"}}, _noisy_table
    ),
    "county table": Publisher(
        _rules("cases", **_PEOPLE), {"coverage": "latest", "by": {"county": "county"}}, _county_table
    ),
    "list of events": Publisher(
        (
            *_rules("customers", kind="change", unit="items"),
            FigureRule(id="outages", unit="items", aggregate=Aggregate(count_of="customers")),
            FigureRule(id="out", unit="items", aggregate=Aggregate(sum_of="customers")),
        ),
        {"coverage": "list", "by": {"id": "id"}},
        _list_of_events,
    ),
    "restating table": Publisher(
        _rules("deaths", kind="change", **_PEOPLE), {"coverage": "full", "restates": True}, _restating_table
    ),
    "daily bulletin": Publisher(
        _rules(*(f"kind {at}" for at in range(8)), kind="change", unit="items"), {"coverage": "latest"}, _bulletin
    ),
    "mirror": Publisher(_rules("total", **_PEOPLE), {"coverage": "full"}, _mirror),
    "typo-prone": Publisher(
        _rules(*(f"total {at}" for at in range(5)), unit="items"), {"coverage": "latest"}, _typo_prone
    ),
    "election night": Publisher(
        _rules(*(f"list {at}" for at in range(4)), unit="items"), {"coverage": "latest"}, _election_night
    ),
    "part of a table lost": Publisher(
        _rules("cases", **_PEOPLE), {"coverage": "full", "by": {"region": "region"}}, _part_lost
    ),
    "past overwritten": Publisher(_rules("a", "b", unit="items"), {"coverage": "full"}, _past_overwritten),
}


class Tally(NamedTuple):
    """What came of one publisher: releases, updates, hits, misses and false alarms by check, and some of them told."""

    counts: Counter[str]
    checks: Counter[str]
    told: list[str]


def measure(kind: str, seed: int, releases: int = RELEASES) -> Tally:
    """Follow one publisher for all its releases, deciding each hold by the truth."""
    publisher, made = PUBLISHERS[kind], random.Random(f"{kind} {seed}")
    followed: Source = source(figures=publisher.rules, **publisher.settings)
    book, tally = MemoryLedger(followed), Tally(Counter(), Counter(), [])
    for at, release in enumerate(publisher.releases(made)):
        if at == releases:
            break
        rows: list[Row] = [(ref, day, plain(value)) for (ref, day), value in release.stated.items()]
        done = book.release(release.at, rows)
        _judge(book, done, release, tally)
        _decide(book, done, release)
    return tally


def _judge(book: MemoryLedger, done: Evaluation, release: Release, tally: Tally) -> None:
    held = {(book.accepted.first_ref[one.series_id], str(one.as_of)) for one in done.changes if one.held}
    counts = {(book.accepted.first_ref[one.series_id], str(one.as_of)) for one in done.changes if not one.held}
    tally.counts.update(["releases"] + (["updates"] if done.changes else []))
    checks = sorted({check.name for check in done.checks if check.result == "hold"})
    if release.false:
        verdict = "miss" if counts & release.false else "hit" if held & release.false else "no change"
    else:
        verdict = "false" if held else ""
    if verdict:
        tally.counts[verdict] += 1
        tally.checks.update(f"{verdict} {name}" for name in checks or ["nothing"])
        messages = "; ".join(
            f"{one.name} {one.series or ''} {one.message}" for one in done.checks if one.result == "hold"
        )
        tally.told.append(f"{verdict} {release.at}: {messages}")


def _decide(book: MemoryLedger, done: Evaluation, release: Release) -> None:
    number = len(book.updates)
    held = [one for one in done.changes if one.held]
    keys = {one.key: (book.accepted.first_ref[one.series_id], str(one.as_of)) for one in held}
    wrong = [one for one in held if keys[one.key] in release.false]
    if not wrong or len(wrong) == len(held):
        if held:
            book.decide(number, "reject" if wrong else "accept")
        return
    for one in held:
        action: Action = "reject" if keys[one.key] in release.false else "accept"
        book.decide(number, action, series=book.accepted.keys[one.series_id], as_of=one.as_of)


def _measured(task: tuple[str, int]) -> tuple[str, Tally]:
    return task[0], measure(*task)


def report(tallies: Mapping[str, Tally]) -> str:
    """The table of docs/checks.md: by kind the releases, updates, faults hit and missed, and false alarms."""
    lines = ["|publisher|releases|updates|hits|misses|false|false per 200 updates|", "|---|---|---|---|---|---|---|"]
    for kind, tally in tallies.items():
        counts = tally.counts
        rate = Decimal(counts["false"] * 200) / max(1, counts["updates"])
        numbers = (f"{counts[name]:,}" for name in ("releases", "updates", "hit", "miss", "false"))
        lines.append(f"|{kind}|{'|'.join(numbers)}|{rate:.1f}|")
    return "\n".join(lines)


def main() -> None:
    """Measure the kinds named on the command line, or all, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument(
        "--first", type=int, default=1, help="the first seed; others than those that rules were made on"
    )
    parser.add_argument("--list", type=int, default=0, help="tell so many holds and misses of each kind")
    options = parser.parse_args()
    kinds = options.kinds or list(PUBLISHERS)
    tallies = {kind: Tally(Counter(), Counter(), []) for kind in kinds}
    with ProcessPoolExecutor(2) as pool:
        tasks = [(kind, seed) for kind in kinds for seed in range(options.first, options.first + options.seeds)]
        for kind, one in pool.map(_measured, tasks):
            tallies[kind].counts.update(one.counts)
            tallies[kind].checks.update(one.checks)
            tallies[kind].told.extend(one.told)
    for kind, tally in tallies.items() if options.list else ():
        print(kind, dict(tally.checks), *tally.told[: options.list], sep="\n    ")
    print(report(tallies))


if __name__ == "__main__":
    main()
