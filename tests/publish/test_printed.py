"""What was printed is set against what was known that day: paragraphs over real series, with known errors in them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from model import Day, Figure
from publish.printing.past import rounds
from publish.printing.printed import PrintedText
from sources import SHIPPED
from tests.pipeline.desks import tallybook
from tests.publish.paragraphs import PrintedLedger, found, paragraphs

FACTS = Path(__file__).parents[3] / "shared" / "data" / "facts" / "mediazona_reported.csv"
RIGHT_ENOUGH, MOST_ALARMS = 0.95, 0.03


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrintedLedger]:
    made = PrintedLedger(tmp_path_factory.mktemp("printed"))
    yield made
    made.ledger.close()


def misses(printed: PrintedLedger) -> list[tuple[str, str, str, str]]:
    """The numbers of which something else is said: (paragraph, number, what it is, what is said)."""
    wrong = []
    for paragraph in paragraphs():
        checked = printed.check(paragraph)
        for number, verdict, series in paragraph["expect"]:
            one = found(checked, number)
            said = one.verdict if one else "unknown"
            tied = one is None or verdict == "unknown" or one.series == series
            if said != verdict or not tied:
                wrong.append((paragraph["id"], number, verdict, said))
    return wrong


def test_the_verdicts_on_paragraphs_with_known_errors_are_right(printed: PrintedLedger) -> None:
    every = [one[1] for paragraph in paragraphs() for one in paragraph["expect"]]
    wrong = misses(printed)
    assert len(wrong) <= (1 - RIGHT_ENOUGH) * len(every), wrong
    sound = [one for one in every if one in ("right", "unknown")]
    alarms = [one for one in wrong if one[2] in ("right", "unknown") and one[3] not in ("right", "unknown")]
    assert len(alarms) <= MOST_ALARMS * len(sound), alarms


def check(printed: PrintedLedger, text: str, on: str = "2025-08-05", language: str = "en") -> PrintedText:
    return printed.desk.check(text, on=Day(on), language=language)


def test_what_reports_said_is_known_again_with_the_base_that_they_name(printed: PrintedLedger) -> None:
    if not FACTS.exists():
        pytest.skip(f"what reports said is not here: {FACTS} is missing")
    lines = [line for line in csv.DictReader(FACTS.open(encoding="utf-8")) if line["published"] >= "2024-05"]
    told: dict[str, Any] = {}
    for line in lines:
        more = f", {line['stated_delta']} more since the {line['stated_base']}" if line["stated_delta"] else ""
        text = f"Mediazona has confirmed the deaths of {line['total']} Russian soldiers{more}."
        told[line["published"]] = [one.verdict for one in check(printed, text, line["published"]).numbers]
    assert told == {
        "2024-07-23": ["right", "right"], "2024-08-12": ["right", "wrong_baseline"], "2024-09-20": ["unknown"],
        "2024-11-09": ["right"], "2025-01-24": ["unknown"], "2025-03-29": ["right", "right"],
        "2025-08-08": ["unknown"], "2025-08-13": ["right", "wrong_baseline"],
    }  # fmt: skip


def test_what_is_right_that_day_says_what_became_of_it(printed: PrintedLedger) -> None:
    text = "Mediazona has confirmed 119,154 Russian soldiers killed."
    [then], [later] = (check(printed, text, on).numbers for on in ("2025-07-20", "2025-08-05"))
    assert (then.verdict, then.since) == ("right", "newer")
    assert (later.verdict, later.since) == ("outdated", "newer")
    assert later.sentence == "121,507 confirmed dead, as of 2 August 2025, Mediazona × BBC, 2,353 more."
    assert check(printed, text, "2024-01-01").numbers[0].verdict == "unknown"


def test_a_value_of_a_later_day_than_is_named_is_not_of_that_day(printed: PrintedLedger) -> None:
    [one] = check(printed, "As of 18 July 2025, Mediazona had confirmed 121,507 Russian soldiers killed.").numbers
    assert (one.verdict, one.reason[:26]) == ("misattributed", "it is of 2 August 2025; fo")


def test_where_two_series_fit_both_are_named_and_nothing_is_guessed(printed: PrintedLedger) -> None:
    series = printed.desk._series("")
    twin = next(one for one in series if one.series.endswith("/total"))
    other = type(twin)(**{name: getattr(twin, name) for name in twin.__struct_fields__} | {"series": twin.series + "2"})
    versions = printed.ledger.views.show(twin.series)
    from publish.printing.claimants import Claimants
    from publish.printing.past import SeriesPast
    from publish.printing.tying import PrintedReading

    past = SeriesPast(versions, Day("2025-08-05"))
    reading = PrintedReading([twin, other], lambda _: past, Claimants(printed.catalogue), (Day("2025-08-05"), "en", ""))
    figure = Figure(value=Decimal(121507), unit="people", measure="killed", whom="Russian soldiers")
    assert [tie.series.series for tie in reading.ties(figure)] == [twin.series, other.series]


@pytest.mark.parametrize(
    ("value", "qualifier", "of", "fits"),
    [
        ("121000", "more_than", "121507", True), ("121000", "more_than", "122000", False),
        ("121000", "more_than", "120999", False), ("122000", "less_than", "121507", True),
        ("122000", "less_than", "120999", False), ("121500", "exact", "121507", True),
        ("121400", "exact", "121507", False), ("121508", "exact", "121507", False),
        ("120000", "approximately", "121507", True), ("100000", "approximately", "121507", False),
    ],
)  # fmt: skip
def test_a_number_rounds_a_value_to_its_own_last_digit(value: str, qualifier: Any, of: str, fits: bool) -> None:
    assert rounds(Figure(value=Decimal(value), qualifier=qualifier), Decimal(of)) is fits


def test_the_command_says_so_too_and_ends_with_three(printed: PrintedLedger) -> None:
    home = printed.home
    text = "Mediazona has confirmed 119,154 Russian soldiers killed."
    env = {"TALLYBOOK_SOURCES": str(SHIPPED)}
    done = tallybook(home, "check", "-", "--on", "2025-08-05", env=env, input=text)
    assert done.returncode == 3, done.stderr
    assert "119,154: outdated: it is of 18 July 2025; known was 121,507 as of 2 August 2025" in " ".join(
        done.stdout.split()
    )
