"""The ledger against the truth of real series, update by update; docs/truth.md tells the rules and the counts."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain, pairwise

import pytest
import sqlalchemy as sa

from changes.baseline import resolve
from model import Day, Figure, Instant, Update, instant
from storage import Ledger, schema
from storage.facts import LedgerFacts
from tests.real.corpus import DATA, copies, truth
from tests.real.reckoning import Cell, Fill, Reckoner, Sheet, naive, sheets, table, told, written

TOTAL = "mediazona_headline/total"
QUICK = ("mediazona_by_death_date",)
SLOW = tuple(
    pytest.param(name, marks=pytest.mark.long)
    for name in ("ua_personnel", "uk_indicators", "oryx_types", "ua_equipment", "nics")
)
TIMES = 200


@pytest.mark.parametrize("name", [*QUICK, *SLOW])
def test_every_update_has_the_changes_that_the_rules_give_and_no_other(name: str, filled: Fill) -> None:
    ours, reckoner, unlike = written(filled(name), name), Reckoner(name), []
    for path, known_at, sheet in sheets(name):
        expected = reckoner.step(sheet, known_at[:10])
        if (ours[path] or {}) != expected:
            unlike.append(path)
    assert unlike == []


@pytest.mark.parametrize("name", [*QUICK, *SLOW])
def test_the_reckoning_counts_rows_and_cells_as_the_truth_table_does(name: str) -> None:
    lines = {line["seq"].zfill(4): line for line in truth(name)}
    compared = 0
    for (_, _, before), (path, _, after) in pairwise(sheets(name)):
        assert +naive(before, after) == +told(lines[path[:4]]), path
        compared += 1
    assert compared == len(lines) - 1


@pytest.mark.parametrize("name", [*QUICK, *SLOW])
def test_only_a_broken_version_or_one_that_states_nothing_new_makes_no_update(name: str, filled: Fill) -> None:
    ours, last, silent = written(filled(name), name), b"", set()
    for copy in copies(name):
        if copy.broken or copy.content == last:
            silent.add(copy.name)
        else:
            last = copy.content
    reckoner = Reckoner(name)
    unchanged = {path for path, known_at, sheet in sheets(name) if not reckoner.step(sheet, known_at[:10])}
    without = {path for path, changes in ours.items() if changes is None}
    assert silent - without == set()
    assert without - silent - unchanged == set()


@pytest.mark.long
def test_the_quiet_series_has_no_revised_cell(filled: Fill) -> None:
    kinds = {change.kind for changes in written(filled("nics"), "nics").values() for change in (changes or {}).values()}
    assert kinds == {"first", "new", "withdrawn"}


@pytest.mark.long
@pytest.mark.parametrize("name", ["ua_personnel", "uk_indicators", "oryx_types"])
def test_the_table_known_at_a_time_is_the_file_of_that_time(name: str, filled: Fill) -> None:
    ledger, times, reckoner, compared = filled(name), _times(name), Reckoner(name), 0
    for known_at, until, sheet in _spans(name):
        reckoner.step(sheet, known_at[:10])
        stated, doubtful = _stated(reckoner, sheet)
        for at in (one for one in times if known_at <= one < until):
            found = table(ledger, name, at)
            # What two rows disagree on keeps its last value, and what an undated table no longer has its history.
            excepted = doubtful | {cell for cell in reckoner.gone if not cell[1]}
            assert {cell: content for cell, content in found.items() if cell not in excepted} == stated, at
            compared += 1
    assert compared == TIMES


def _times(name: str) -> list[Instant]:
    known = [dt.datetime.fromisoformat(at) for _, at, _ in sheets(name)]
    chance = random.Random(name)
    return [instant(known[0] + (known[-1] + dt.timedelta(days=2) - known[0]) * chance.random()) for _ in range(TIMES)]


def _spans(name: str) -> Iterator[tuple[str, str, Sheet]]:
    """Every file with the time from which, and that until which, it was what the world could read."""
    for (_, at, sheet), (_, until, _) in pairwise(chain(sheets(name), [("", "9999", Sheet())])):
        yield at, until, sheet


def _stated(reckoner: Reckoner, sheet: Sheet) -> tuple[dict[Cell, str], set[Cell]]:
    """What a file states cell by cell, and the cells on which two of its rows disagree."""
    stated, doubtful = {}, set()
    for key, row in sheet.rows.items():
        for cell, column, content in reckoner.cells(key, row):
            if column in sheet.conflicts.get(key, ()):
                doubtful.add(cell)
            elif content:
                stated[cell] = content
    return stated, doubtful


PAGES = ("shasta", *(pytest.param(name, marks=pytest.mark.long) for name in ("scotland_govscot", "wyoming")))


def _days(ledger: Ledger, name: str) -> dict[str, Update]:
    return {update.known_at[:10]: update for update in ledger.views.log(name, limit=None, changes=None)}


@pytest.mark.parametrize("name", PAGES)
def test_the_differences_of_every_page_day_are_those_of_the_truth_table(name: str, filled: Fill) -> None:
    updates, compared = _days(filled(name), name), 0
    for line in truth(name):
        wanted = {part.partition(":")[0]: Decimal(part.partition(":")[2]) for part in line["changed"].split()}
        update = updates.get(line["fetched"])
        found = {
            change.series.partition("/")[2]: change.difference
            for change in (update.changes if update else ())
            if change.difference and change.kind in ("new", "revised")
        }
        assert found == wanted, line["fetched"]
        compared += len(wanted)
    assert compared > 20


@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_figures_changes_nothing_and_fails_a_check(name: str, filled: Fill) -> None:
    updates = _days(filled(name), name)
    silent = [line["fetched"] for line in truth(name) if line["state"] == "no_figure"]
    told = [updates[day] for day in silent if day in updates]
    assert len(silent) > 10
    assert told  # once, as long as nothing else is said
    for update in told:
        assert update.changes == ()
        assert "nothing_extracted" in {check.name for check in update.checks}
    assert not any(line["fetched"] in updates for line in truth(name) if line["state"] == "empty")


@pytest.mark.parametrize("name", PAGES)
def test_no_value_is_recorded_that_no_page_stated(name: str, filled: Fill) -> None:
    lines = {line["fetched"]: line for line in truth(name)}
    compared = 0
    for day, update in _days(filled(name), name).items():
        for change in update.changes:
            compared += 1
            assert change.new is not None
            assert str(change.new.value) == lines[day][change.series.partition("/")[2]], (day, change.series)
    assert compared


def test_the_headline_changes_as_the_truth_table_has_it(filled: Fill) -> None:
    found = _headline(filled("mediazona_headline"), "total")
    wanted = [
        (line["first_seen"], line["total_confirmed"], line["delta_total"]) for line in truth("mediazona_headline")
    ]
    assert [(day, str(value), "" if step is None else str(step)) for day, value, step in found] == wanted


def test_the_headline_has_an_update_for_each_of_its_changes_and_none_without(filled: Fill) -> None:
    updates = filled("mediazona_headline").views.log("mediazona_headline", limit=None, changes=0)
    without = [(update.update, update.checks[0].name) for update in updates if not update.changes_total]
    assert without == [("mediazona_headline/1", "nothing_extracted")]
    assert len(updates) == 1 + 41


def _headline(ledger: Ledger, figure: str) -> list[tuple[str, Decimal | None, Decimal | None]]:
    updates = reversed(ledger.views.log("mediazona_headline", limit=None, changes=None))
    return [
        (change.as_of, change.new.value, change.difference)
        for update in updates
        for change in update.changes
        if change.new and change.series == f"mediazona_headline/{figure}"
    ]


def test_the_headline_rises_by_2353_from_119154_to_121507(filled: Fill) -> None:
    (update,) = (
        update
        for update in filled("mediazona_headline").views.log("mediazona_headline", limit=None, changes=None)
        if any(change.new and change.new.value == 121507 for change in update.changes)
    )
    (change,) = (change for change in update.changes if change.series == "mediazona_headline/total")
    assert change.old is not None
    assert (change.kind, change.old.value, change.difference) == ("new", Decimal(119154), Decimal(2353))
    assert (change.old.as_of, change.as_of) == ("2025-07-18", "2025-08-02")


def test_the_increments_that_the_press_gave_count_from_the_version_of_that_day(filled: Fill) -> None:
    """Value first: the press named the wrong date twice in four."""
    ledger, compared = filled("mediazona_headline"), 0
    with (DATA / "facts" / "mediazona_reported.csv").open(encoding="utf-8") as lines:
        reports = [line for line in csv.DictReader(lines) if line["implied_base_first_seen"]]
    with ledger.engine.connect() as connection:
        series = connection.execute(sa.select(schema.series.c.id).where(schema.series.c.key == TOTAL)).scalar_one()
        for line in reports:
            stated = Figure(value=Decimal(line["stated_delta"]), kind="change")
            earlier = LedgerFacts(connection, 0).earlier(series, Day(""), Day(line["published"]))
            found = resolve(earlier, Decimal(line["total"]), stated)
            assert (found.verdict, found.as_of) == ("matches", line["implied_base_first_seen"])
            compared += 1
    assert compared == 4
