"""What is told of real series: facts are those that brute force finds over all their versions."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from changes.news.complete import BandTrial, CompletenessRun, ReportingTriangle
from changes.news.past import PastVersion, state_now
from changes.news.record import fine, record_of
from changes.news.told import all_facts
from storage import Ledger, schema
from tests.news.brute import Book, Row, age, facts
from tests.news.test_facts import plainly
from tests.real.corpus import SERIES, source
from tests.real.reckoning import Fill

QUICK = "scotland_govscot"


def books(ledger: Ledger, restates: bool) -> Iterator[tuple[str, Book]]:
    """Every series as brute force reads it: rows of the tables, nothing else."""
    v, u, s, t = schema.versions, schema.updates, schema.series, schema.settlements
    with ledger.engine.connect() as connection:
        known = dict(connection.execute(sa.select(u.c.id, u.c.known_at)).all())
        for key, series_id, kind in connection.execute(sa.select(s.c.key, s.c.id, s.c.kind)).all():
            found = sa.select(v).where(v.c.series_id == series_id).order_by(v.c.update_id, v.c.as_of)
            rows = [
                Row(one.update_id, one.as_of, one.kind, one.content or "", bool(one.held), "echo" in (one.detail or ""))
                for one in connection.execute(found)
            ]
            marked = sa.select(t).where(t.c.series_id == series_id, t.c.action.in_(("break", "unbreak")))
            marks = [
                (one.update_id, one.as_of, one.why if one.action == "break" else None)
                for one in connection.execute(marked.order_by(t.c.update_id))
            ]
            mine = {row.update: known[row.update] for row in rows}
            yield key, Book(rows, mine, marks, kind, restates)


@pytest.mark.parametrize(
    "name", [QUICK, *(pytest.param(one, marks=pytest.mark.long) for one in SERIES if one != QUICK)]
)
def test_facts_of_real_series_are_those_of_brute_force(name: str, filled: Fill) -> None:
    ledger, restates, count = filled(name), source(name).restates, 0
    for key, book in books(ledger, restates):
        (past,) = ledger.views.pasts([key], restates=restates)
        numbers = {one.name: update for update, one in past.updates.items()}
        found: dict[int, set[object]] = {}
        for fact in all_facts(past):
            found.setdefault(numbers[fact.update], set()).add(plainly(fact, numbers))
            assert not fact.fresh  # an old copy was no news when it was recorded
        assert found == {update: set(told) for update, told in facts(book) if told}, key
        count += sum(map(len, found.values()))
    print(f"{name}: {count} facts")


@pytest.mark.parametrize(
    "name", [QUICK, *(pytest.param(one, marks=pytest.mark.long) for one in SERIES if one != QUICK)]
)
def test_what_counts_now_is_what_the_ledger_says_counts(name: str, filled: Fill) -> None:
    ledger, c, s = filled(name), schema.current, schema.series
    query = sa.select(c.c.as_of, c.c.content).join(s, s.c.id == c.c.series_id).where(c.c.withdrawn == 0)
    for key in ledger.views.refs(name):
        (past,) = ledger.views.pasts([key])
        with ledger.engine.connect() as connection:
            expected = dict(connection.execute(query.where(s.c.key == key)).all())
        state = state_now(past)
        assert {day: content_of(past.versions, state[day].update_id, day) for day in state.days} == expected, key


def content_of(versions: list[PastVersion], update: int, day: str) -> str:
    return next(one.content for one in versions if (one.update_id, one.as_of) == (update, day))


def test_the_facts_of_one_update_are_those_that_a_series_has_of_it(filled: Fill) -> None:
    ledger = filled(QUICK)
    (past,) = ledger.views.pasts([next(iter(ledger.views.refs(QUICK)))])
    every, ids = list(all_facts(past)), {one.name: update for update, one in past.updates.items()}
    assert every == [one for name in dict.fromkeys(fact.update for fact in every) for one in all_facts(past, ids[name])]


@pytest.mark.long
@pytest.mark.parametrize("name", ["mediazona_by_death_date", "uk_indicators"])
def test_bands_of_what_is_still_to_come_hold_and_come_nearer_than_what_is_published(name: str, filled: Fill) -> None:
    trials: list[BandTrial] = []
    for key in filled(name).views.refs(name):
        if key == "mediazona_by_death_date/total":
            continue  # the running sum of the other one
        triangle = ReportingTriangle(*filled(name).views.pasts([key]))
        if triangle.ahead is not None:
            trials += CompletenessRun(triangle, triangle.ahead).trials()
    held = sum(one.holds for one in trials) / len(trials)
    published = sum(abs(one.came - one.day.value) for one in trials) / len(trials)
    expected = sum(abs(one.came - (one.day.expected or 0)) for one in trials) / len(trials)
    print(
        f"{name}: {len(trials)} bands, {held:.3f} held; off by {published:.2f} as published, {expected:.2f} as expected"
    )
    assert 0.75 <= held <= 0.85
    assert expected < published


@pytest.mark.parametrize(
    "name", [QUICK, *(pytest.param(one, marks=pytest.mark.long) for one in SERIES if one != QUICK)]
)
def test_the_record_of_a_real_publisher_is_what_its_versions_give_one_by_one(name: str, filled: Fill) -> None:
    ledger = filled(name)
    found = {one.name: (one.value, one.of) for one in record_of(ledger.views.record_rows(name)).numbers}
    v, u = schema.versions, schema.updates
    cells: dict[tuple[int, str], list[Any]] = {}
    with ledger.engine.connect() as connection:
        releases = sorted(one for (one,) in connection.execute(sa.select(u.c.known_at).where(u.c.changes > 0)))
        query = sa.select(v, u.c.known_at).join(u, u.c.id == v.c.update_id).where(v.c.held == 0).order_by(u.c.id)
        for row in connection.execute(query):
            if "echo" not in (row.detail or ""):
                cells.setdefault((row.series_id, row.as_of), []).append(row)
    restated = sum(any(one.kind == "revised" for one in rows) for rows in cells.values())
    lags, ages = [], []
    for (_, day), rows in cells.items():
        known = [dt.date.fromisoformat(one.known_at[:10]) for one in rows if one.kind in ("new", "late", "revised")]
        lag = [(at - dt.date.fromisoformat(day[:10])).days for at in known]
        dated = [one for one in rows if one.kind in ("new", "late") and "basis" not in (one.detail or "")]
        lags += [age(day, one.known_at) for one in dated]
        if dated and rows[0].kind != "first" and age(day, releases[-1]) >= 30:
            ages += [lag[-1]] + [age(day, one.known_at) for one in dated[1:]]
    assert found["releases"] == (len(releases), len(releases))
    assert found["restated"][1] == len(cells)
    assert found["lag_usual"] == (_middle(lags), len(lags))
    if not any(len([one for one in rows if one.kind in ("new", "late")]) > 1 for rows in cells.values()):
        assert found["final_usual"] == (_middle(ages), len(ages))
    assert found["restated"][0] == fine(Decimal(restated) * 100 / len(cells))


def _middle(days: list[int]) -> Decimal | None:
    return fine(Decimal(statistics.median(days))) if len(days) >= 5 else None
