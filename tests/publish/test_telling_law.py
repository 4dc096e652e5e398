"""The one law of telling: every number, arrow and "nothing" in it comes from the changes that it names."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import pytest

from model import Change, Figure, Update
from publish.telling import SHOWN, fold_phrase, is_cut, runs, story, tell
from publish.words import joined
from storage.groups import Summed, difference, summarise
from tests.publish.law import breaks, fold_breaks, summary_breaks
from tests.publish.made import baseline, change, check, figure, group, stated, update

KINDS = {
    "s/tanks": ("total", "destroyed"), "s/apc": ("total", "destroyed"), "s/guns": ("total", "other"),
    "s/dead/all": ("total", "killed"), "s/dead/north": ("total", "killed"), "s/permits": ("change", "other"),
    "s/share": ("share", "other"), "s/trucks": ("total", "destroyed"), "s/range": ("total", "missing"),
}  # fmt: skip
TITLES = {"s/tanks": "Tanks of type 72", "s/dead/north": "Dead · District 7", "s/permits": "Permits 2,000 and more"}
STEPS = (0, 0, 0, 1, 17, 2353, 98_765, -3)
LISTED = 50
"""So many changes of an update the pages read; the law looks at all of them."""


class Book(NamedTuple):
    """A random ledger as it is told: each update as the pages read it, and whole."""

    told: list[Update]
    whole: list[Update]


def said(chance: random.Random, series: str, value: int) -> Figure:
    """What a source states of one series: a number with some hedge, a share, or a range."""
    kind, measure = KINDS[series]
    if series == "s/range":
        return figure(low=value, high=value + chance.choice((10, 5000)), kind=kind, measure=measure)
    hedge = chance.choice(("exact",) * 8 + ("more_than", "approximately"))
    return figure(value, kind=kind, measure=measure, qualifier=hedge, unit="percent" if kind == "share" else "people")


def moved(chance: random.Random, known: dict[str, Figure], series: str, as_of: str, number: int) -> Change:
    """One change of a series in an update: most go on, some rewrite the past, are held, stated or decided."""
    old = known.get(series)
    base = int((old.value if old.value is not None else old.low) or 0) if old else 1000
    new = said(chance, series, base + chance.choice(STEPS))
    kind: Any = "first" if old is None else chance.choice(("new",) * 20 + ("revised", "late", "withdrawn", "restored"))
    if old is not None and chance.random() < 0.4:
        new = old
    if kind in ("revised", "restored") and old is not None and new.content == old.content:
        kind = "new"
    marks: dict[str, Any] = {}
    if kind == "revised" and chance.random() < 0.3:
        marks["reverts"] = f"s/{max(1, number - 3)}"
    if kind == "new" and chance.random() < 0.02:
        marks["series_break"] = "another method since 2015"
    if kind in ("withdrawn", "late") and chance.random() < 0.3:
        marks["redated"] = "2009-05-05"
    one = change(
        kind, None if kind == "late" else old, None if kind == "withdrawn" else new, as_of=as_of, series=series,
        held=chance.random() < 0.02, why=chance.choice(("source",) * 30 + ("extraction",)), **marks,
    )  # fmt: skip
    if KINDS[series][0] == "share" or kind in ("first", "late", "withdrawn") or marks.get("series_break"):
        one = msgspec.structs.replace(one, difference=None)
    if one.difference is not None and kind == "new" and chance.random() < 0.06:
        verdict: Any = chance.choice(("matches", "mismatch", "missed", "no_baseline", "approximately"))
        told = stated(verdict, int(one.difference), computed=int(one.difference), implied_base=777)
        one = msgspec.structs.replace(one, stated=msgspec.structs.replace(told, baseline=baseline(4711, 9)))
    return one


def made(chance: random.Random, known: dict[str, Figure], day: int) -> Update:
    """One update of a random ledger, with all of its changes."""
    changes: list[Change] = []
    for series in chance.sample(list(KINDS), chance.randint(0, len(KINDS))):
        for step in range(chance.choice((1, 1, 1, 1, 2, 2, 12))):
            as_of = f"20{10 + day // 12:02}-{day % 12 + 1:02}-{step + 1:02}"
            one = moved(chance, known, series, as_of, day + 1)
            if one.new is not None and not one.held and one.kind in ("first", "new"):
                known[series] = one.new
            elif one.kind == "revised":
                as_of = f"20{9 + day // 12:02}-{day % 12 + 1:02}-{step + 1:02}"
                one = msgspec.structs.replace(one, as_of=as_of)
            changes.append(one)
    notes = (check("warn", "look at these 999,999"),) * chance.choice((0,) * 15 + (1, 5))
    held = [one for one in changes if one.held]
    status = "accepted" if not held else "held" if len(held) == len(changes) else "partly_held"
    at = f"2025-01-{1 + day // 24:02}T{day % 24:02}:00:00Z"
    return update(
        *changes, number=day + 1, source="s", known_at=at, checks=notes, groups=summarise(summed(changes)),
        status=status, title="The 3 counts", echoes=chance.choice((0,) * 9 + (3,)),
    )  # fmt: skip


def summed(changes: Sequence[Change]) -> list[Summed]:
    return [
        Summed(
            one.kind, one.series, KINDS[one.series][1], KINDS[one.series][0], one.as_of,
            one.old.content if one.old and not one.marks.series_break else None,
            one.new.content if one.new else None, one.held,
        )
        for one in changes
    ]  # fmt: skip


def book(seed: int, length: int) -> Book:
    """A random ledger, oldest first."""
    chance, known = random.Random(seed), dict[str, Figure]()
    whole = [made(chance, known, day) for day in range(length)]
    return Book([msgspec.structs.replace(one, changes=one.changes[:LISTED]) for one in whole], whole)


def lawful(seed: int, length: int) -> int:
    """Hold a random ledger against the law; how many folds it has."""
    told, whole = book(seed, length)
    stories = [story(one, TITLES) for one in told]
    by_name = {one.update: one for one in whole}
    found = [breach for one, all_ in zip(stories, whole, strict=True) for breach in breaks(one, all_, TITLES)]
    found += summary_breaks(stories, whole)
    folds = [run.members for run in runs(stories[::-1]) if run.folded]
    for members in folds:
        found += fold_breaks(members, [by_name[one.update.update] for one in members], TITLES)
    assert found == [], f"seed {seed}"
    return len(folds)


def test_no_telling_of_a_random_ledger_breaks_the_law() -> None:
    assert sum(lawful(seed, 20) for seed in range(4)) > 2


@pytest.mark.long
@pytest.mark.parametrize("thousand", range(1, 11))
def test_no_telling_of_ten_thousand_random_ledgers_breaks_the_law(thousand: int) -> None:
    assert sum(lawful(seed, 6) for seed in range(1000 * thousand, 1000 * (thousand + 1))) > 100


@pytest.mark.parametrize("seed", range(8))
def test_every_number_of_a_group_is_its_own_or_of_one_of_its_changes(seed: int) -> None:
    for one in book(seed, 30).whole:
        for told in one.groups:
            mine = [row for row in one.changes if (row.kind, row.series) == (told.kind, told.series) and not row.held]
            assert told.count == len([row for row in one.changes if (row.kind, row.series) == (told.kind, told.series)])
            if told.kind == "new" and told.counted == "total" and told.net is not None:
                ordered = sorted(mine, key=lambda row: row.as_of)
                first, last = ordered[0].old, ordered[-1].new
                assert first is not None
                assert last is not None
                assert told.net == difference("new", "total", first.content, last.content)


def test_a_sum_over_series_is_told_nowhere() -> None:
    rows = [change("new", 1, 2, series=f"s/t{n}") for n in range(SHOWN)]
    of_all = group("new", 92, up=60, down=30, series=None, measure="other")
    told = tell(update(*rows, changes_total=92, groups=(of_all,)))
    assert told.headline == "new: 92 values of 1 series (60 up, 30 down), to 10 January 2024"


def test_of_an_update_that_was_read_in_part_nothing_is_told_of_the_whole() -> None:
    """What waits of it, or the first few that an address asks for: each is told, and no headline is made of them."""
    for place, whole in enumerate(book(2, 20).whole):
        for few in range(min(whole.changes_total, SHOWN)):
            part = msgspec.structs.replace(whole, changes=whole.changes[:few])
            one = story(part, TITLES)
            told = joined(one.headline)
            assert (is_cut(part), one.ordinary, one.unchanged, one.groups) == (True, False, 0, ())
            assert few % 7 != place % 7 or breaks(one, whole, TITLES) == []
            assert "no figure changed" not in told
            assert "every figure stands" not in told
            assert one.lead is not None or told == f"{whole.changes_total:,} changes"
            assert not any(run.folded for run in runs([one, one]))


def test_the_fold_over_the_2353_names_it() -> None:
    days = [update(change("new", 119_154, 119_154, as_of=f"2025-07-{n}"), number=n) for n in range(20, 31)]
    risen = update(change("new", 119_154, 121_507), number=31, known_at="2025-08-02T07:00:00Z")
    after = update(change("new", 121_507, 121_507, as_of="2025-08-01"), number=32, known_at="2025-08-03T06:00:00Z")
    line = joined(fold_phrase([story(one) for one in (after, risen, *days[::-1])]))
    assert line == "13 updates, 2 to 3 August 2025: killed 119,154 → 121,507 +2,353 in 1 update"


def test_a_fold_that_ends_where_it_began_says_that_others_were_between() -> None:
    hedged = figure(1001, qualifier="approximately")
    two = update(
        change("new", 1001, hedged, as_of="2025-08-01"), change("new", hedged, 1001, as_of="2025-08-02"), number=2
    )
    line = joined(fold_phrase([story(two)]))
    assert line == "demo_count/2: killed 1,001 → 1,001, and others between"


def test_the_lead_is_the_newest_day_of_the_whole_before_its_parts() -> None:
    rows = [
        change("new", 5, 6, series="s/dead/north", as_of="2025-02-09"),
        change("new", 100, 110, series="s/dead", as_of="2025-01-02"),
        change("new", 110, 150, series="s/dead", as_of="2025-02-09"),
    ]
    lead = story(update(*rows)).lead
    assert lead is not None
    assert (lead.series, lead.as_of) == ("s/dead", "2025-02-09")
