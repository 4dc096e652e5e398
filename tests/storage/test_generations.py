"""Copies older than what is recorded: the source is derived again, and the generation before stays provable."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.past.generation import Derivation
from flows.past.manifest import read_manifest
from model import UsageError
from storage import Archive, Ledger, checkpoint
from storage.archive.redact import redact
from storage.database import migrate
from storage.proof.checkpoint import Checkpoint
from tests.storage.books import PRINTED
from tests.storage.late import NAME, Home, sheet, written

one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""Of what does not differ by the database."""

GROWING = {day: sheet({one: 100 + 3 * one for one in range(1, day + 1)}) for day in range(1, 9)}
REWRITTEN = GROWING | {4: sheet({1: 103, 2: 107, 3: 109, 4: 112}), 6: b"<html>down for maintenance</html>"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(tmp_path / "home") as made:
        yield made


def test_what_comes_late_is_recorded_as_if_it_had_come_in_its_order(home: Home, tmp_path: Path) -> None:
    home.hand_in({day: REWRITTEN[day] for day in (2, 3, 5, 8)})
    before = home.digests()
    kept = checkpoint(home.desk.ledger.engine)
    done = home.hand_in(REWRITTEN)
    with Home(tmp_path / "ordered") as ordered:
        ordered.hand_in(REWRITTEN)
        assert home.digests() == ordered.digests() != before
        assert home.values() == ordered.values()
        assert (done.generation, done.skipped, done.failed) == (2, 4, 1)
    assert list(home.desk.ledger.verify(Checkpoint.parse(kept))) == []


def test_the_generation_before_is_read_under_its_number_and_no_name_of_an_update_means_two(home: Home) -> None:
    views = home.desk.ledger.views
    home.hand_in({day: GROWING[day] for day in (2, 3, 5)})
    told = [update.content_digest for update in views.log(limit=None)]
    home.hand_in(GROWING)
    assert [update.update for update in views.log("daily~1")] == ["daily~1/3", "daily~1/2", "daily~1/1"]
    assert [update.content_digest for update in views.log("daily~1")] == told
    assert [update.update for update in views.log(limit=None)] == [f"daily/{number}" for number in range(11, 3, -1)]
    assert views.update("daily/2").update == "daily~1/2"
    assert len(views.show("daily~1/tanks")) < len(views.show("daily/tanks"))
    assert [series.series for series in views.series()] == ["daily/tanks"]
    assert [(one.source, one.first, one.last) for one in views.generations("daily")] == [
        ("daily~1", 1, 3),
        ("daily", 4, 11),
    ]


def test_what_was_recorded_by_a_time_is_what_was_in_force_then(home: Home) -> None:
    home.hand_in({5: GROWING[5]})
    views = home.desk.ledger.views
    first = views.log()[0].recorded_at
    home.hand_in({2: sheet({1: 1, 2: 2})})
    (before, now) = views.generations("daily")
    for source in (None, "daily"):
        assert len(views.table(source, recorded_by=first)) == 5
    assert before.until == now.since
    assert {row.update for row in views.table(recorded_by=now.since)} == {row.update for row in views.table()}


@one_database
def test_a_generation_goes_on_and_has_a_next_one(home: Home, tmp_path: Path) -> None:
    home.hand_in({day: GROWING[day] for day in (3, 6)})
    home.hand_in({4: GROWING[4]})
    home.hand_in({7: GROWING[7]})
    assert home.hand_in({1: GROWING[1]}).generation == 3
    with Home(tmp_path / "ordered") as ordered:
        ordered.hand_in({day: GROWING[day] for day in (1, 3, 4, 6, 7)})
        assert home.digests() == ordered.digests()
    assert home.problems() == []
    assert [one.source for one in home.desk.ledger.views.generations("daily")] == ["daily~1", "daily~2", "daily"]


FALL = GROWING | {5: sheet({1: 103, 2: 106, 3: 109, 4: 112, 5: 9})}


@one_database
@pytest.mark.parametrize(
    ("action", "value", "counts"), [("accept", None, "9"), ("reject", None, None), ("correct", "114", "114")]
)
def test_what_a_person_decided_holds_in_the_next_generation(
    home: Home, action: str, value: str | None, counts: str | None
) -> None:
    home.hand_in({day: FALL[day] for day in (3, 4, 5)})
    assert home.held() == [("05", "9")]
    home.decide(action, value)
    assert home.values().get("05") == counts
    before = home.values()
    done = home.hand_in({2: GROWING[2]})
    assert (done.carried, done.not_carried, done.held) == (1, (), 0)
    assert home.values() == before
    assert home.problems() == []
    decided = home.desk.ledger.views.decisions(NAME)
    assert [(one.action, one.who, one.why) for one in decided] == [(action, "Ann", "she asked")]


@one_database
def test_a_value_that_was_refused_waits_again_where_it_would_count_now(home: Home) -> None:
    """With only one release before it the fall was held; without hold nothing of the past would hold it."""
    home.hand_in({day: FALL[day] for day in (3, 4, 5)})
    home.decide("reject")
    home.hand_in({1: sheet({1: 103, 5: 9})}, hold=False)
    assert home.values().get("05") is None
    assert home.held() == []


@one_database
def test_a_decision_on_what_no_release_states_any_more_is_told(home: Home) -> None:
    home.hand_in({day: FALL[day] for day in (3, 4, 5)})
    home.decide("accept")
    digest = home.desk.ledger.releases(home.source)[-1].snapshot.sha256
    redact(home.desk.ledger.engine, home.desk.archive, digest, by="Ann", why="names", at=home.desk.clock())
    before = home.digests()
    with pytest.raises(UsageError, match="1 release cannot be read again"):
        home.hand_in({2: GROWING[2]})
    assert home.digests() == before
    done = home.hand_in({2: GROWING[2]}, without_unreadable=True)
    (lost,) = done.not_carried
    assert (lost.decision, lost.action, lost.as_of) == ("daily/4", "accept", "2025-01-05")
    assert home.desk.ledger.views.generations(NAME)[-1].told["not_carried"][0]["who"] == "Ann"
    assert home.problems() == []


@one_database
def test_nobody_decides_on_a_generation_that_is_not_in_force(home: Home) -> None:
    home.hand_in({day: FALL[day] for day in (3, 4, 5)})
    (held,) = home.desk.ledger.views.held()
    home.hand_in({2: GROWING[2]})
    with pytest.raises(UsageError, match="not in force any more"):
        home.desk.ledger.decide(NAME, held.update, "accept", who="Ann", why="late")
    assert [update.update for update in home.desk.ledger.views.held()] == ["daily/7"]


def test_what_is_being_derived_is_in_no_ones_sight_and_is_taken_out_where_it_was_left(home: Home) -> None:
    home.hand_in({day: GROWING[day] for day in (3, 5)})
    kept, shown = checkpoint(home.desk.ledger.engine), home.desk.ledger.views.log()
    begun = home.desk.ledger.next_generation(home.source)
    for event in begun.news():
        assert event.attempt is not None
        begun.attempt(event.attempt)
    views = home.desk.ledger.views
    assert views.log() == shown
    assert checkpoint(home.desk.ledger.engine) == kept
    assert [row[0] for row in views.sources()] == ["daily"]
    assert views.generations("daily") == []
    assert home.problems() == []
    with pytest.raises(UsageError):
        views.update("daily~2/1")
    home.hand_in(GROWING)
    assert home.problems() == []


@one_database
def test_what_is_recorded_while_a_generation_is_derived_is_in_it(home: Home, tmp_path: Path) -> None:
    home.hand_in({day: GROWING[day] for day in (3, 5)})
    copies = read_manifest(written(tmp_path / "late", {4: GROWING[4]}))
    for done in Derivation(home.desk, home.source, hold=True).derive(copies):
        if done == 3:
            home.hand_in({7: GROWING[7]})
    with Home(tmp_path / "ordered") as ordered:
        ordered.hand_in({day: GROWING[day] for day in (3, 4, 5, 7)})
        assert home.digests() == ordered.digests()


@contextmanager
def _two(folder: Path) -> Iterator[tuple[Home, Home]]:
    with Home(folder / "late") as late, Home(folder / "ordered") as ordered:
        yield late, ordered


SHEETS = st.dictionaries(st.integers(1, 4), st.sampled_from([100, 102, 103, 9, 15000, "", "?"]), min_size=1)
HISTORIES = st.dictionaries(st.integers(1, 28), SHEETS, min_size=2, max_size=7)


@one_database
@settings(max_examples=3, deadline=None)
@given(HISTORIES, st.data())
def test_of_any_history_any_part_may_come_late(history: dict[int, dict[int, int | str]], data: st.DataObject) -> None:
    copies = {day: sheet(tanks) for day, tanks in sorted(history.items())}
    first = data.draw(st.sets(st.sampled_from(sorted(copies)), min_size=1))
    with tempfile.TemporaryDirectory() as folder, _two(Path(folder)) as (late, ordered):
        late.hand_in({day: copies[day] for day in sorted(first)})
        late.hand_in(copies)
        ordered.hand_in(copies)
        assert late.digests() == ordered.digests()
        assert (late.values(), late.held()) == (ordered.values(), ordered.held())
        assert late.problems() == []


@one_database
@settings(max_examples=3, deadline=None)
@given(HISTORIES, st.lists(st.sampled_from(["accept", "reject", "correct"]), max_size=4), st.data())
def test_a_copy_that_says_nothing_new_leaves_all_that_people_decided(
    history: dict[int, dict[int, int | str]], actions: list[str], data: st.DataObject
) -> None:
    copies = {2 * day: sheet(tanks) for day, tanks in sorted(history.items()) if day < 14}
    if len(copies) < 2:
        return
    with tempfile.TemporaryDirectory() as folder, Home(Path(folder)) as home:
        for day, content in copies.items():
            home.hand_in({day: content})
            if actions and home.held():
                home.decide(actions.pop(), "104")
        before = (home.values(), home.held(), [(one.action, one.as_of) for one in home.desk.ledger.views.decisions()])
        again = data.draw(st.sampled_from(sorted(copies)[:-1]))
        done = home.hand_in({again + 1: copies[again]})
        after = (home.values(), home.held(), [(one.action, one.as_of) for one in home.desk.ledger.views.decisions()])
        assert (done.generation, done.not_carried) == (2, ())
        assert after == before
        assert home.problems() == []


def test_a_ledger_of_the_version_before_takes_late_copies(home: Home) -> None:
    home.hand_in({day: GROWING[day] for day in (3, 5)})
    url = home.desk.settings.database_url
    with home.desk.ledger.engine.begin() as connection:
        for table in ("generations", "definitions", "rule_events", "rule_states", *PRINTED):
            connection.execute(sa.text(f"DROP TABLE {table}"))
        connection.execute(sa.text("DROP INDEX ix_fetches_at"))
        connection.execute(sa.text("DELETE FROM seals WHERE scope IN ('generations', 'definitions')"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0007'"))
    home.desk.close()
    migrate(url)
    with Ledger(url, Archive(home.folder / "archive")) as ledger:
        assert list(ledger.verify()) == []
        assert len(ledger.views.show("daily/tanks")) == 5
    home.hand_in(GROWING)
    assert home.problems() == []
