"""An update in plain lines: what a feed's entry and an alert tell, with names and never with keys."""

from __future__ import annotations

import pytest

from publish.lines import held_message, lines_below
from publish.telling import story
from tests.publish import law
from tests.publish.made import change, check, group, stated, update
from tests.publish.test_telling_law import TITLES, book


def test_an_alert_tells_what_is_held_and_why_by_name() -> None:
    slip = change("new", 11_132, 111_138, series="s/tanks", held=True)
    told = held_message(
        update(slip, status="held", checks=(check("hold", "rises by 100,006", series="s/tanks"),)), TITLES
    )
    assert told == (
        "demo_count/2: held: 100,006 more: 11,132 → 111,138 Tanks of type 72, as of 31 July 2025\n"
        "held, jump, Tanks of type 72: rises by 100,006"
    )


def test_of_many_findings_an_alert_tells_the_first_and_counts_the_rest() -> None:
    slip = change("new", 1, 11, series="s/tanks", held=True)
    holds = (check("hold", "rises"),) * 5
    told = held_message(update(slip, status="held", checks=holds))
    assert told.endswith("held, jump: rises\n2 more of jump")


def test_below_a_headline_stand_changes_statements_groups_and_what_is_only_counted() -> None:
    mine = change("new", 10, 12, series="s/tanks", stated=stated("mismatch", 3, computed=2))
    still = change("new", 7, 7, series="s/apc")
    few = list(lines_below(story(update(mine, still)), TITLES))
    assert few == [
        "Tanks of type 72, 2 more: 10 → 12, as of 31 July 2025",
        "States +3, but the ledger gives +2 since 10",
        "1 more figure stands as it was",
    ]
    rows = [change("revised", 1, 2, series="s/tanks", as_of=f"2023-01-{day:02}") for day in range(1, 21)]
    many = update(*rows, changes_total=92, groups=(group("revised", 92, up=60, down=30, net=5, series="s/tanks"),))
    assert list(lines_below(story(many), TITLES))[1:] == [
        "Tanks of type 72: 92 days revised (60 up, 30 down), net +5, 24 February 2022 to 10 January 2024"
    ]


@pytest.mark.parametrize("surface", ["alert", "feed"])
def test_the_law_finds_a_number_of_no_change(surface: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told, whole = book(3, 20)
    place = next(at for at, one in enumerate(told) if one.status == "partly_held")
    one = story(told[place], TITLES)
    assert law.breaks(one, whole[place], TITLES) == []
    if surface == "alert":
        monkeypatch.setattr(law, "held_message", lambda *_: "31,415,926 more wait")
    else:
        monkeypatch.setattr("review.feeds.lines_below", lambda *_: ["31,415,926 more"])
    found = law.breaks(one, whole[place], TITLES)
    assert [surface in breach and "31,415,926" in breach for breach in found] == [True]
