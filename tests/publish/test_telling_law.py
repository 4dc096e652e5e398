"""The one law of telling: every number, arrow and "nothing" in it comes from the changes that it names."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from decimal import Decimal

import pytest

from model import Change, Update
from publish.numbers import number
from publish.telling import Story, fold_phrase, runs, story, tell
from publish.words import joined
from storage.groups import Summed, difference, summarise
from tests.publish.made import change, check, figure, group, stated, update

SERIES = ("s/tanks", "s/apc", "s/guns", "s/dead/all", "s/dead/north", "s/trucks")
NUMBER = re.compile(r"(?<![\w/])[+−]?\d[\d,]*(?:\.\d+)?")


def made(chance: random.Random, values: dict[str, int], day: int) -> Update:
    """One update of a random ledger: some series go on by a day or by several, some stand still, some are rewritten."""
    changes: list[Change] = []
    for series in chance.sample(SERIES, chance.randint(0, len(SERIES))):
        for step in range(chance.choice((1, 1, 1, 2, 9))):
            old, values[series] = values.get(series), values.get(series, 1000) + chance.choice((0, 0, 1, 17, 2353, -3))
            kind = "first" if old is None else chance.choice(("new",) * 9 + ("revised",))
            held = chance.random() < 0.03
            said = stated("matches", values[series] - old) if old is not None and chance.random() < 0.1 else None
            as_of = f"20{10 + day // 12:02}-{day % 12 + 1:02}-{step + 1:02}"
            before = None if old is None else figure(old)
            changes.append(
                change(kind, before, figure(values[series]), as_of=as_of, series=series, held=held, stated=said)
            )
            if held and old is not None:
                values[series] = old
    notes = (check("warn", "look at this"),) if chance.random() < 0.05 else ()
    status = "partly_held" if any(one.held for one in changes) else "accepted"
    known, groups = f"2025-01-01T{day // 60 % 24:02}:{day % 60:02}:00Z", summarise(summed(changes))
    return update(
        *changes, number=day + 1, source="s", known_at=known, checks=notes, groups=groups, status=status
    )  # fmt: skip


def summed(changes: Sequence[Change]) -> list[Summed]:
    return [
        Summed(
            one.kind, one.series, "other", "total", one.as_of, one.old.content if one.old else None,
            one.new.content if one.new else None, one.held,
        )
        for one in changes
    ]  # fmt: skip


def allowed(stories: Sequence[Story]) -> dict[str, set[str]]:
    """By series: every value that its changes name, and every difference between two of them."""
    values: dict[str, set[Decimal]] = {}
    for one in stories:
        for told in one.update.changes:
            for side in (told.old, told.new):
                if side is not None and side.value is not None:
                    values.setdefault(told.series, set()).add(side.value)
    return {series: {number(one) for one in found} for series, found in values.items()}


def violations(members: Sequence[Story]) -> list[str]:
    """What the line over folded updates says that their changes do not."""
    line, found = joined(fold_phrase(members)), []
    changed = [one for story_ in members for one in story_.update.changes if not one.held and differs(one)]
    if ("no figure changed" in line) != (not changed):
        found.append(f"denies or makes up changes: {line}")
    names = {series.partition("/")[2].replace("_", " ").replace("/", " · "): series for series in SERIES}
    values = allowed(members)
    for old, new in re.findall(r"([\w, ·]+?[\d,]+) → ([\d,]+)", line):
        name, _, before = old.strip().rpartition(" ")
        series = names.get(name.strip())
        if series is None or not {before, new} <= values.get(series, set()):
            found.append(f"an arrow between values of no one series: {line}")
    for story_ in members:
        update_ = story_.update
        if update_.status != "accepted" or any(one.kind not in ("new", "first") for one in update_.changes):
            found.append(f"folds what needs a reader: {update_.update}")
        if any(one.stated and one.stated.verdict == "matches" for one in update_.changes):
            found.append(f"folds what its source states: {update_.update}")
    return found


def differs(one: Change) -> bool:
    return one.new is not None and (one.old is None or one.old.content != one.new.content)


@pytest.mark.parametrize("seed", range(12))
def test_no_fold_of_a_random_ledger_breaks_the_law(seed: int) -> None:
    _lawful(seed, 40)


@pytest.mark.long
def test_no_fold_of_ten_thousand_random_updates_breaks_the_law() -> None:
    for seed in range(100, 350):
        _lawful(seed, 40)


def _lawful(seed: int, length: int) -> None:
    chance, values = random.Random(seed), dict[str, int]()
    stories = [story(made(chance, values, day)) for day in range(length)][::-1]
    folds = [run for run in runs(stories) if run.folded]
    assert folds
    assert [one for run in folds for one in violations(run.members)] == []
    for one in stories:
        head = joined(one.headline)
        if "no figure changed" in head:
            assert not one.update.changes
        if "→" in head and one.about_lead and one.lead is not None:
            assert all(number(side.value) in head for side in (one.lead.old, one.lead.new) if side and side.value)


@pytest.mark.parametrize("seed", range(8))
def test_every_number_of_a_group_is_its_own_or_of_one_of_its_changes(seed: int) -> None:
    chance, values = random.Random(seed), dict[str, int]()
    for day in range(30):
        one = made(chance, values, day)
        for told in one.groups:
            mine = [row for row in one.changes if (row.kind, row.series) == (told.kind, told.series) and not row.held]
            assert told.count == len([row for row in one.changes if (row.kind, row.series) == (told.kind, told.series)])
            if told.kind == "new" and told.net is not None:
                ordered = sorted(mine, key=lambda row: row.as_of)
                first, last = ordered[0].old, ordered[-1].new
                assert first is not None
                assert last is not None
                assert told.net == difference("new", "total", first.content, last.content)


def test_a_sum_over_series_is_told_nowhere() -> None:
    told = tell(update(changes_total=92, groups=(group("new", 92, up=60, down=30, series=None, measure="other"),)))
    assert told.headline == "new: 92 values of 1 series (60 up, 30 down), to 10 January 2024"


def test_the_fold_over_the_2353_names_it() -> None:
    days = [update(change("new", 119_154, 119_154, as_of=f"2025-07-{n}"), number=n) for n in range(20, 31)]
    risen = update(change("new", 119_154, 121_507), number=31, known_at="2025-08-02T07:00:00Z")
    after = update(change("new", 121_507, 121_507, as_of="2025-08-01"), number=32, known_at="2025-08-03T06:00:00Z")
    line = joined(fold_phrase([story(one) for one in (after, risen, *days[::-1])]))
    assert line == "13 updates, 2 to 3 August 2025: killed 119,154 → 121,507 +2,353 in 1 update"


def test_the_lead_is_the_newest_day_of_the_whole_before_its_parts() -> None:
    rows = [
        change("new", 5, 6, series="s/dead/north", as_of="2025-02-09"),
        change("new", 100, 110, series="s/dead", as_of="2025-01-02"),
        change("new", 110, 150, series="s/dead", as_of="2025-02-09"),
    ]
    lead = story(update(*rows)).lead
    assert lead is not None
    assert (lead.series, lead.as_of) == ("s/dead", "2025-02-09")
