"""Figures of a text go to the series that a definition follows, one each, and denied ones nowhere."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from extractors.prose import read_figures
from extractors.prose_series import assign
from model import Day, Figure, Qualifier, Source
from tests.extractors.made import cells, source

KILLED = {"measure": "killed", "kind": "total", "whom": ["Russian"], "claimant": ["Mediazona", "BBC"]}


def _figure(value: int, **more: Any) -> Figure:
    usual = {"measure": "killed", "unit": "people", "whom": "Russian soldiers", "attributed_to": ("BBC Russian",)}
    return Figure(value=Decimal(value), **(usual | more))


def _source(*matches: dict[str, Any]) -> Source:
    return source("prose", [], series=[{"id": f"s{place}", "match": match} for place, match in enumerate(matches)])


def test_a_figure_that_meets_every_condition_is_followed() -> None:
    reading = assign(_source(KILLED), [_figure(121507, as_of=Day("2025-07-31"))])
    assert cells(reading) == [("s0", "2025-07-31", "121507")]
    assert (reading.unmatched, reading.ambiguous) == ((), ())


def test_one_unmet_condition_leaves_it_unmatched() -> None:
    unlike = [
        _figure(1, measure="wounded"),
        _figure(2, kind="share"),
        _figure(3, whom="Ukrainian soldiers"),
        _figure(4, whom=None),
        _figure(5, attributed_to=("the ministry",)),
        _figure(6, attributed_to=()),
        _figure(7, category="volunteers"),
    ]
    reading = assign(_source(KILLED), unlike)
    assert reading.cells == []
    assert reading.unmatched == tuple(unlike)


def test_whom_is_met_by_the_stem_of_a_word_but_not_by_a_part_of_another() -> None:
    rule = _source({"whom": ["soldier", "man"]})
    assert len(assign(rule, [_figure(1, whom="Russian soldiers")]).cells) == 1
    assert assign(rule, [_figure(1, whom="human rights workers")]).cells == []


def test_a_claimant_is_met_by_a_longer_or_a_shorter_name() -> None:
    rule = _source({"claimant": ["BBC News Russian"]})
    assert len(assign(rule, [_figure(1, attributed_to=("the BBC", "BBC"))]).cells) == 1


def test_two_series_that_fit_make_a_figure_ambiguous() -> None:
    figure = _figure(5)
    reading = assign(_source(KILLED, {"measure": "killed"}), [figure])
    assert (reading.cells, reading.ambiguous) == ([], (figure,))


def test_a_denied_number_is_neither_followed_nor_offered() -> None:
    reading = assign(_source(KILLED), [_figure(71000, denied=True)])
    assert (reading.cells, reading.unmatched, reading.ambiguous) == ([], (), ())


def test_an_increment_of_a_followed_total_is_what_the_report_states() -> None:
    total = _figure(121507, as_of=Day("2025-07-31"))
    reading = assign(_source(KILLED), [total, _figure(2353, kind="change")])
    (stated,) = reading.stated
    assert (stated.series, stated.as_of, stated.figure.value) == ("s0", "2025-07-31", Decimal(2353))
    assert len(reading.cells) == 1


def test_an_increments_own_date_wins_and_without_any_there_is_none() -> None:
    dated = _figure(930, kind="change", period_end=Day("2025-08-12"))
    undated = _figure(5, kind="change")
    stated = assign(_source(KILLED), [dated, undated]).stated
    assert [one.as_of for one in stated] == ["2025-08-12", None]


def test_a_followed_change_is_a_series_of_its_own() -> None:
    reading = assign(_source(KILLED, KILLED | {"kind": "change"}), [_figure(930, kind="change")])
    assert ([cell[0] for cell in reading.cells], reading.stated) == (["s1"], ())


def test_the_same_figure_told_twice_counts_once_and_another_value_is_kept() -> None:
    day = Day("2025-07-31")
    told = [_figure(121507), _figure(121507, as_of=day), _figure(121507, as_of=day), _figure(121000, as_of=day)]
    assert cells(assign(_source(KILLED), told)) == [("s0", day, "121507"), ("s0", day, "121000")]


def test_the_prose_extractor_reads_a_report_written_by_us() -> None:
    from extractors import derive, read, read_prose

    text = "Mediazona and the BBC have confirmed the deaths of 121,507 Russian soldiers as of July 31."
    document = derive(text.encode(), media_type="text/plain", published=Day("2025-08-13"))
    definition = _source({"measure": "killed", "whom": ["Russian"], "claimant": ["Mediazona"]})
    reading = read(definition, document)
    assert cells(reading) == [("s0", "2025-07-31", "121507")]
    figure = reading.figure(0)
    assert document.text[figure.start : figure.end] == figure.number_text
    assert [one.value for one in read_prose(document, language="en")] == [Decimal(121507)]


def test_a_count_said_with_and_without_its_hedge_keeps_the_hedge_and_tells() -> None:
    bare, hedged = _figure(63, number_text="63"), _figure(63, qualifier="more_than", number_text="at least 63")
    for figures in ([bare, hedged], [hedged, bare]):
        reading = assign(_source(KILLED), figures)
        assert cells(reading) == [("s0", None, ">63")]
        (check,) = reading.checks
        assert (check.name, check.result) == ("said_again", "pass")
        assert "“at least 63”" in check.message


@pytest.mark.parametrize(
    ("rough", "qualifier", "count"),
    [
        (120_000, "more_than", ["121507"]),
        (122_000, "less_than", ["121507"]),
        (120_000, "approximately", ["121507"]),
        (100_000, "more_than", ["121507", ">100000"]),
        (122_000, "more_than", ["121507", ">122000"]),
        (120_000, "less_than", ["121507", "<120000"]),
        (121_600, "exact", ["121507", "121600"]),
        (121_508, "less_than", ["121507", "<121508"]),
    ],
)
def test_a_count_in_round_numbers_is_no_second_count_where_it_rounds_the_first(
    rough: int, qualifier: Qualifier, count: list[str]
) -> None:
    figures = [_figure(121_507, as_of=Day("2025-07-31")), _figure(rough, qualifier=qualifier)]
    for order in (figures, figures[::-1]):
        assert sorted(cell[2] for cell in cells(assign(_source(KILLED), order))) == sorted(count)


def test_the_same_count_of_two_days_is_two_observations() -> None:
    figures = [_figure(63, as_of=Day("2025-07-31")), _figure(63, as_of=Day("2025-08-01"), qualifier="more_than")]
    seen = [cell[1:] for cell in cells(assign(_source(KILLED), figures))]
    assert seen == [("2025-07-31", "63"), ("2025-08-01", ">63")]


def test_where_a_movement_began_counts_for_its_own_day_alone() -> None:
    now, day, before = Day("2025-07-31"), Day("2025-07-31"), Day("2025-07-30")
    stated = [_figure(135, as_of=now), _figure(120, as_of=day, former=True), _figure(118, former=True)]
    assert cells(assign(_source(KILLED), stated)) == [("s0", now, "135")]
    dated = [_figure(135, as_of=now), _figure(120, as_of=before, former=True)]
    assert sorted(cells(assign(_source(KILLED), dated))) == [("s0", before, "120"), ("s0", now, "135")]


def test_beside_a_total_of_its_series_an_increment_is_what_the_report_states_of_that() -> None:
    anything = {"measure": "killed"}
    reading = assign(_source(anything), [_figure(1180, as_of=Day("2025-07-31")), _figure(24, kind="change")])
    assert cells(reading) == [("s0", "2025-07-31", "1180")]
    assert [(one.series, one.as_of, one.figure.value) for one in reading.stated] == [("s0", "2025-07-31", 24)]
    assert cells(assign(_source(anything), [_figure(24, kind="change")])) == [("s0", None, "24")]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "There are 1,180 patients in the hospitals, 24 fewer than on Monday."),
        ("de", "In den Kliniken liegen 1.180 Patienten, 24 weniger als am Montag."),
        ("uk", "У лікарнях 1180 пацієнтів, на 24 менше, ніж у понеділок."),
        ("es", "Hay 1.180 pacientes en los hospitales, 24 menos que el lunes."),
        ("fr", "Il y a 1 180 patients à l'hôpital, 24 de moins que lundi."),
    ],
)
def test_fewer_than_before_is_an_increment(language: str, text: str) -> None:
    assert [(figure.value, figure.kind) for figure in read_figures(text, language=language)] == [
        (1180, "total"), (24, "change"),
    ]  # fmt: skip
