"""What the checks hold on real series, and how often they are right: `python -m benchmarks.holds NAME=MANIFEST …`.

Every release is recorded with holds, and each hold is decided before the next one from what the source itself said
later: a value that it took back within 14 days was rightly held (a hit) and is rejected; any other is accepted and
counts as a false alarm. Two values under one key, a date still to come and an older copy are hits by themselves.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from flows.desk import Desk
from flows.past.backfill import backfill_one, backfill_source
from flows.past.manifest import read_manifest
from flows.settings import Settings
from model import Day, Instant, Source, read_content
from storage import schema
from storage.read.queries import held_query

DAYS = 14
SURE = ("duplicate_key", "future_as_of", "rollback")
"""Checks whose finding needs no later version to be right."""

Spoken = dict[str, list[tuple[Instant, Day, str | None]]]
"""By series key, all that a source ever said: (known at, as-of, content), in the order it was said."""


class Hold(msgspec.Struct):
    """One update that something was held in: its checks, its values, and which of them the source took back."""

    update: str
    known_at: Instant
    reasons: list[str]
    sure: bool
    values: list[tuple[str, Day, str | None, bool]]

    @property
    def hit(self) -> bool:
        """Whether at least one thing in it was rightly held."""
        return self.sure or any(taken_back for *_, taken_back in self.values)


class Tally(NamedTuple):
    """The outcome of one source: the releases that were read, and the updates with holds."""

    source: str
    releases: int
    holds: list[Hold]
    errors: list[Error]


class Error(NamedTuple):
    """A value that the source corrected within 14 days: its error as a share of the right one, and if it was held."""

    series: str
    as_of: Day
    share: Decimal
    held: bool


def measure(source: str, manifest: Path, plain_home: Path | None = None) -> Tally:
    """Record a series with holds, deciding each from later versions; `plain_home` keeps the ledger without holds."""
    with tempfile.TemporaryDirectory() as folder:
        with _desk(plain_home or Path(folder) / "plain") as desk:
            definition = desk.catalogue[source]
            backfill_source(desk, definition, manifest)
            spoken = _spoken(desk, source)
        holds, releases = [], 0
        with _desk(Path(folder) / "held") as desk:
            for copy in read_manifest(manifest):
                done = backfill_one(desk, definition, copy, hold=True)
                releases += done is not None
                if done is not None and done.update is not None and done.state == "held":
                    hold = _judge(desk, definition, spoken, done.update, copy.fetched_at)
                    _decide(desk, definition, hold)
                    holds.append(hold)
        return Tally(
            source, releases, holds, _errors(spoken, holds) if definition.as_of and not definition.restates else []
        )


def _desk(home: Path) -> Desk:
    settings = Settings.load()
    return Desk(
        msgspec.structs.replace(
            settings, home=home, database_url=f"sqlite:///{home / 'ledger.sqlite'}", archive=home / "archive"
        )
    )


def _spoken(desk: Desk, source: str) -> Spoken:
    versions, updates, series = schema.versions, schema.updates, schema.series
    query = (
        sa.select(series.c.key, updates.c.known_at, versions.c.as_of, versions.c.content)
        .select_from(versions.join(updates, updates.c.id == versions.c.update_id).join(series))
        .where(series.c.key.startswith(f"{source}/"))
        .order_by(updates.c.id)
    )
    found: Spoken = defaultdict(list)
    with desk.ledger.engine.connect() as connection:
        for key, known_at, as_of, content in connection.execute(query):
            found[key].append((known_at, as_of, content))
    return found


def _judge(desk: Desk, source: Source, spoken: Spoken, update: str, known_at: Instant) -> Hold:
    told = desk.ledger.views.update(update, changes=0)
    reasons = [f"{c.name} {c.series or ''}@{c.as_of or ''}: {c.message}" for c in told.checks if c.result == "hold"]
    sure = any(check.result == "hold" and check.name in SURE for check in told.checks)
    until = _later(known_at, DAYS)
    hold = Hold(update, known_at, reasons, sure, [])
    for key, as_of, content in _waiting(desk, update):
        later = list(_between(spoken.get(key, []), known_at, until))
        before = [one for one in spoken.get(key, []) if one[0] < known_at and one[2] is not None]
        if source.as_of is None:
            back = _undone(before[-1][2] if before else None, content, [one[2] for one in later])
        else:
            back = any(day == as_of and said != content for _, day, said in later)
        hold.values.append((key, as_of, content, back))
    return hold


def _waiting(desk: Desk, update: str) -> list[tuple[str, Day, str | None]]:
    number = int(update.rpartition("/")[2])
    held = held_query().order_by(None).subquery()
    query = (
        sa.select(schema.series.c.key, held.c.as_of, held.c.content)
        .select_from(held.join(schema.updates, schema.updates.c.id == held.c.update_id))
        .join(schema.series, schema.series.c.id == held.c.series_id)
        .where(held.c.action.is_(None), schema.updates.c.number == number)
    )
    with desk.ledger.engine.connect() as connection:
        return [(key, as_of, content) for key, as_of, content in connection.execute(query)]


def _between(
    said: list[tuple[Instant, Day, str | None]], after: Instant, until: Instant
) -> Iterator[tuple[Instant, Day, str | None]]:
    start = bisect_right(said, after, key=lambda one: one[0])
    for one in said[start:]:
        if one[0] > until:
            return
        yield one


def _errors(spoken: Spoken, holds: list[Hold]) -> list[Error]:
    """Every value that was followed by another one for the same as-of within 14 days."""
    held = {(key, day, content) for hold in holds for key, day, content, _ in hold.values}
    found = []
    for key, said in spoken.items():
        last: dict[Day, tuple[Instant, str | None]] = {}
        for known_at, day, content in said:
            before = last.get(day)
            last[day] = (known_at, content)
            if before is None or not before[1] or not content or known_at > _later(before[0], DAYS):
                continue
            wrong, right = read_content(before[1]).value, read_content(content).value
            if wrong is not None and right and wrong != right:
                found.append(Error(key, day, abs(wrong - right) / abs(right), (key, day, before[1]) in held))
    return found


def _undone(old: str | None, new: str | None, later: list[str | None]) -> bool:
    """Whether a later value of an undated series lies nearer to the one before than to the one that was held."""
    a, b = (read_content(one or "").value for one in (old, new))
    if a is None or b is None:
        return any(one != new for one in later)
    numbers = [read_content(one or "").value for one in later]
    return any(number is not None and abs(number - a) < abs(number - b) for number in numbers)


def _decide(desk: Desk, source: Source, hold: Hold) -> None:
    verdicts = {back for *_, back in hold.values}
    if len(verdicts) == 1:
        _settle(desk, source, hold.update, verdicts.pop())
        return
    for key, as_of, _, back in hold.values:
        _settle(desk, source, hold.update, back, series=key, as_of=as_of)


def _settle(desk: Desk, source: Source, update: str, back: bool, **where: str) -> None:
    action, why = ("reject", "taken back by the source") if back else ("accept", "the source stands by it")
    desk.ledger.decide(source.id, update, action, who="later versions", why=why, **where)  # type: ignore[arg-type]


def _later(at: Instant, days: int) -> Instant:
    moment = dt.datetime.fromisoformat(at.replace("Z", "+00:00")) + dt.timedelta(days=days)
    return Instant(moment.isoformat().replace("+00:00", "Z"))


def report(tallies: list[Tally]) -> str:
    """The table of docs/checks.md: releases, held, hits, false, false per 200 releases, and values held."""
    lines = [
        "|source|releases|held|hits|false|false per 200|values held|values taken back|",
        "|---|---|---|---|---|---|---|---|",
    ]
    for tally in tallies:
        hits = sum(hold.hit for hold in tally.holds)
        false = len(tally.holds) - hits
        values = [value for hold in tally.holds for value in hold.values]
        rate = Decimal(false * 200) / max(1, tally.releases)
        lines.append(
            f"|{tally.source}|{tally.releases:,}|{len(tally.holds)}|{hits}|{false}|{rate:.1f}|{len(values)}|"
            f"{sum(back for *_, back in values)}|"
        )
    return "\n".join(lines)


SIZES = (Decimal("0.1"), Decimal("0.02"), Decimal("0.005"), Decimal(0))


def caught(tallies: list[Tally]) -> str:
    """Of the values that were corrected within 14 days, how many were held, by the size of the error."""
    lines = ["|source|> 10 %|2-10 %|0.5-2 %|less|", "|---|---|---|---|---|"]
    for tally in (one for one in tallies if one.errors):
        cells, over = [], Decimal("Infinity")
        for size in SIZES:
            errors = [error for error in tally.errors if size < error.share <= over]
            cells.append(f"{sum(error.held for error in errors)} of {len(errors)}")
            over = size
        lines.append(f"|{tally.source}|{'|'.join(cells)}|")
    return "\n".join(lines)


def by_check(tallies: list[Tally]) -> str:
    """Of each check, the updates that it held something in, and those of them where nothing was taken back."""
    held: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for hold in (hold for tally in tallies for hold in tally.holds):
        names = {reason.partition(" ")[0] for reason in hold.reasons}
        held.update(names)
        false.update(() if hold.hit else names)
    rows = [f"|{name}|{held[name]}|{false[name]}|" for name in sorted(held)]
    return "\n".join(["|check|held|false|", "|---|---|---|", *rows])


def main() -> None:
    """Measure the series named on the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("series", nargs="+", metavar="NAME=MANIFEST")
    parser.add_argument("--plain", type=Path, help="a home that keeps the ledgers without holds between runs")
    parser.add_argument("--list", action="store_true", help="tell every hold")
    options = parser.parse_args()
    tallies = []
    for one in options.series:
        name, _, manifest = one.partition("=")
        tallies.append(measure(name, Path(manifest), options.plain))
        for hold in tallies[-1].holds if options.list else ():
            print(f"{'hit  ' if hold.hit else 'FALSE'} {hold.update} {hold.known_at}")
            print(*(f"        {reason}" for reason in hold.reasons[:8]), sep="\n")
            print(
                *(
                    f"        {'back ' if back else 'stays'} {key}@{day} {said}"
                    for key, day, said, back in hold.values[:6]
                ),
                sep="\n",
            )
    print(report(tallies), caught(tallies), by_check(tallies), sep="\n\n")


if __name__ == "__main__":
    main()
