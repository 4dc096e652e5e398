"""Changes are told in sentences that people understand, with exact numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Change, Group, Stated
from publish.numbers import days, number, signed, told
from publish.telling import tell
from publish.words import change_phrase, change_sentence, group_sentence, joined, series_label, stated_sentence
from tests.publish.made import baseline, change, figure, group, stated, update


@pytest.mark.parametrize(
    ("told_change", "sentence"),
    [
        (change("new", 119_154, 121_507), "2,353 more: 119,154 → 121,507, as of 31 July 2025"),
        (change("new", 119_158, 119_154), "4 fewer: 119,158 → 119,154, as of 31 July 2025"),
        (change("new", 21, 21), "unchanged: 21, as of 31 July 2025"),
        (change("new", None, 21), "new: 21, as of 31 July 2025"),
        (change("new", "1.50", "1.25"), "0.25 less: 1.50 → 1.25, as of 31 July 2025"),
        (
            change("new", figure(2000, qualifier="approximately"), figure(2000, qualifier="more_than")),
            "same number: about 2,000 → more than 2,000, as of 31 July 2025",
        ),
        (
            change(
                "new",
                figure(low=138500, high=200000, qualifier="range"),
                figure(low=189000, high=273000, qualifier="range"),
            ),
            "138,500 to 200,000 → 189,000 to 273,000, as of 31 July 2025",
        ),
        (change("first", None, 119_154), "first seen: 119,154, as of 31 July 2025"),
        (change("late", None, 38_450, as_of="2022-07-18"), "filled in late: 18 July 2022 is 38,450"),
        (
            change("revised", 8_866, 8_865, as_of="2022-05-16"),
            "revised: 16 May 2022 was 8,866, now 8,865 (1 fewer)",
        ),
        (
            change("revised", 8_865, 8_866, as_of="2022-05-16", reverts="table/7"),
            "revised: 16 May 2022 was 8,865, now 8,866 (1 more), as table/7 had it",
        ),
        (
            change("revised", 8_866, 8_865, as_of="2022-05-16", why="extraction"),
            "our reading corrected: 16 May 2022 was 8,866, now 8,865 (1 fewer)",
        ),
        (
            change("new", 6_542, 6_555, why="review"),
            "13 more: 6,542 → 6,555, as of 31 July 2025, decided by a person",
        ),
        (
            change("requalified", figure(28000, qualifier="approximately"), figure(28000, qualifier="more_than")),
            "hedge changed: about 28,000 → more than 28,000, as of 31 July 2025",
        ),
        (
            change("withdrawn", 4_693, None, how="cell"),
            "withdrawn: the cell is blank now (last value 4,693), as of 31 July 2025",
        ),
        (
            change("withdrawn", 4_693, None, how="row"),
            "withdrawn: the row is gone (last value 4,693), as of 31 July 2025",
        ),
        (
            change("withdrawn", 4_693, None, how="series"),
            "withdrawn: the series is gone (last value 4,693), as of 31 July 2025",
        ),
        (change("restored", 249, 249), "stated again: 249, as of 31 July 2025"),
        (change("restored", 249, 251), "stated again, another value: 249 → 251 (2 more), as of 31 July 2025"),
        (
            change("withdrawn", 265_680, None, as_of="2023-09-06", how="row", redated="2023-09-05"),
            "moved: 265,680 was dated 6 September 2023, now 5 September 2023",
        ),
        (
            change("late", None, 265_680, as_of="2023-09-05", redated="2023-09-06"),
            "moved: 265,680 was dated 6 September 2023, now 5 September 2023",
        ),
        (
            change("revised", 1_455_420, 1_456_610, as_of="2026-08-08", redated="2026-08-07"),
            "revised: 8 August 2026 was 1,455,420, now 1,456,610 (1,190 more); 1,455,420 is dated 7 August 2026 now",
        ),
        (
            change("new", 11_132, 111_138, held=True),
            "held: 100,006 more: 11,132 → 111,138, as of 31 July 2025",
        ),
    ],
)
def test_a_change_is_told_in_one_sentence(told_change: Change, sentence: str) -> None:
    assert change_sentence(told_change) == sentence


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        (
            stated("matches", baseline=baseline()),
            "Matches the stated +2,353, counted from 119,154 (mediazona/12, known 18 July 2025)",
        ),
        (
            stated("matches", baseline=baseline(versions_back=9)),
            "Matches the stated +2,353, counted from 119,154 (mediazona/12, known 18 July 2025), 9 versions back",
        ),
        (
            stated("approximately", 2_400, computed=2_353, baseline=baseline()),
            "Roughly matches the stated +2,400: the ledger gives +2,353, "
            "counted from 119,154 (mediazona/12, known 18 July 2025)",
        ),
        (
            stated("mismatch", 1_200, computed=1_150, baseline=baseline()),
            "States +1,200, but the ledger gives +1,150 since 119,154 (mediazona/12, known 18 July 2025)",
        ),
        (stated("mismatch", 1_200, computed=1_150), "States +1,200, but the ledger gives +1,150 since 119,154"),
        (stated("mismatch", 1_200), "States +1,200, but no earlier value in the ledger gives that"),
        (
            stated("missed", 920, implied_base=1_055_210),
            "States +920; an update between was missed: the report counts from 1,055,210",
        ),
        (stated("no_baseline"), "States +2,353; nothing earlier to compare"),
        (stated("no_baseline", -4), "States −4; nothing earlier to compare"),
        (stated("no_baseline", None), "States a difference; nothing earlier to compare"),
    ],
)
def test_a_stated_difference_is_told_with_what_it_counts_from(verdict: Stated, sentence: str) -> None:
    assert stated_sentence(verdict, change("new", 119_154, 120_304)) == sentence


@pytest.mark.parametrize(
    ("told_group", "sentence"),
    [
        (group("revised", 564, up=545, down=19, net=3552), "564 days revised (545 up, 19 down), net +3,552"),
        (group("revised", 1, up=1, net=3), "1 day revised (1 up), net +3"),
        (group("new", 21, net=25), "21 new days, +25"),
        (group("first", 1626), "first seen: 1,626 days"),
        (group("first", 25, series=None, measure="other"), "first seen: 25 values"),
        (group("new", 12, net=-5, first="2024-01-31", last="2024-12-31"), "12 new months, −5"),
        (group("new", 300, first="2024-01-31", last="2024-12-31"), "300 new days"),
        (group("late", 3), "3 days filled in late"),
        (group("withdrawn", 79), "79 days withdrawn"),
        (group("restored", 4), "4 days stated again after being withdrawn"),
        (group("requalified", 2), "2 days with another hedge, same number"),
    ],
)
def test_a_group_is_told_in_one_sentence(told_group: Group, sentence: str) -> None:
    assert group_sentence(told_group) == sentence


def test_telling_fills_every_sentence_and_touches_nothing_else() -> None:
    plain = update(
        change("new", 119_154, 121_507, stated=stated("matches", baseline=baseline())), change("first", None, 5)
    )
    told_update = tell(plain)
    assert told_update.changes[0].sentence == "2,353 more: 119,154 → 121,507, as of 31 July 2025"
    assert told_update.changes[0].stated is not None
    assert told_update.changes[0].stated.sentence.startswith("Matches the stated +2,353")
    assert told_update.changes[1].sentence == "first seen: 5, as of 31 July 2025"
    assert tell(told_update) == told_update
    assert plain.changes[0].sentence == ""


def test_a_title_begins_the_sentence_of_its_series() -> None:
    told_update = tell(update(change("new", 1, 3)), {"demo_count/killed": "Norlandic soldiers killed"})
    assert told_update.changes[0].sentence == "Norlandic soldiers killed, 2 more: 1 → 3, as of 31 July 2025"


def test_old_and_new_are_set_apart_in_the_phrase() -> None:
    roles = {span.role: span.text for span in change_phrase(change("new", 119_154, 121_507))}
    assert (roles["old"], roles["new"]) == ("119,154", "121,507")


@pytest.mark.parametrize(
    ("number_text", "qualifier", "unit", "value", "words"),
    [
        ("over 5,400", "more_than", "people", 5400, "over 5,400"),
        ("around 20,000", "approximately", "people", 20000, "around 20,000"),
        ("nearly three times", "less_than", "ratio", 3, "nearly 3 to 1"),
        ("близько 1 067 100", "approximately", "people", 1067100, "about 1,067,100"),
        ("~28 000", "approximately", "people", 28000, "about 28,000"),
        ("more than 100,000", "more_than", "families", 100000, "more than 100,000"),
        ("exceeded one million", "more_than", "people", 1000000, "more than 1,000,000"),
        ("overall 12", "more_than", "people", 12, "more than 12"),
        ("13%", "exact", "percent", 13, "13%"),
        ("about", "exact", "people", 7, "7"),
    ],
)
def test_the_hedge_stands_in_words_before_the_number(
    number_text: str, qualifier: str, unit: str, value: int, words: str
) -> None:
    assert told(figure(value, number_text=number_text, qualifier=qualifier, unit=unit)) == words


def test_a_range_with_one_end_and_a_blank_are_told() -> None:
    assert told(figure(low=5, qualifier="range")) == "5 or more"
    assert told(figure(high=5, qualifier="range")) == "up to 5"
    assert told(figure()) == "blank"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**15), max_value=10**15))
def test_a_written_number_is_exactly_the_number(value: Decimal) -> None:
    for text in (number(value), signed(value)):
        assert Decimal(text.replace(",", "").replace("\u2212", "-")) == value
        assert "E" not in text


def test_numbers_have_commas_a_real_minus_and_no_exponent() -> None:
    assert number(Decimal("1E+6")) == "1,000,000"
    assert number(Decimal("-1234.50")) == "−1,234.50"
    assert (signed(Decimal(0)), signed(Decimal(-4)), signed(Decimal(4))) == ("0", "−4", "+4")


@pytest.mark.parametrize(
    ("first", "last", "span"),
    [
        ("2025-07-31", "2025-07-31", "31 July 2025"),
        ("2025-07-03", "2025-07-31", "3 to 31 July 2025"),
        ("2025-06-03", "2025-07-03", "3 June to 3 July 2025"),
        ("2024-07-03", "2025-07-03", "3 July 2024 to 3 July 2025"),
    ],
)
def test_a_span_of_dates_says_what_is_common_once(first: str, last: str, span: str) -> None:
    assert days(first, last) == span  # type: ignore[arg-type]


def test_a_series_without_a_title_is_called_by_its_key() -> None:
    assert series_label("nics/permit/new_york") == "permit · new york"
    assert series_label("odd") == "odd"
    assert series_label("a/b", {"a/b": "Beds"}) == "Beds"


def test_a_sentence_and_its_phrase_say_the_same() -> None:
    one = change("revised", 8_866, 8_865)
    assert joined(change_phrase(one)) == change_sentence(one)
