"""What pages of strangers offer is what they say, and the definition of an offer reads it."""

from __future__ import annotations

import json
from functools import partial

import msgspec
import pytest

import extractors
from extractors.page.cards import side_of_label
from extractors.suggest import offers
from extractors.suggest.offer import Offer, Way
from model import Portion, Source, UnreadableError
from tests.extractors.made import cells, source


def ways(text: str, kind: str = "text/html") -> tuple[extractors.Document, list[Way]]:
    document = extractors.derive(text.encode(), media_type=kind)
    return document, offers(document)


def found(text: str, extractor: str, kind: str = "text/html") -> list[Offer]:
    return [offer for way in ways(text, kind)[1] if way.extractor == extractor for offer in way.offers]


def reading(way: Way, document: extractors.Document, **more: object) -> list[tuple[str, str | None, str]]:
    """What the definition made of all offers of a way reads."""
    rules = [{"id": offer.id, **offer.rule} for offer in way.offers]
    return cells(extractors.read(source(way.extractor, rules, **way.settings, **more), document))


def card(number: str, label: str, *, first: bool) -> str:
    parts = (f"<div>{number}</div>", f"<div>{label}</div>")
    return "<div class=card>" + "".join(parts if first else parts[::-1]) + "</div>"


CARDS = [("1,845", "Confirmed cases"), ("44", "Deaths"), ("1 204", "Tests performed"), ("2.4%", "Case fatality rate")]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("boxed", [True, False])
def test_a_card_is_offered_under_its_own_label_whichever_comes_first(first: bool, boxed: bool) -> None:
    inner = "".join(card(*one, first=first) for one in CARDS)
    row = inner if boxed else inner.replace("<div class=card>", "")
    page = f"<html><body><p>As of 12 August 2025</p>{row}</body>"
    offered = {offer.label: offer.sample for offer in found(page, "selectors")}
    assert offered == {label: number.rstrip("%") for number, label in CARDS}
    assert [offer for offer in found(page, "prose") if offer.sample == "1 204"] == []


def test_the_definition_of_a_card_follows_it_when_the_numbers_change() -> None:
    page = "<html><body>" + "".join(card(*one, first=True) for one in CARDS) + "</body></html>"
    _, found_ways = ways(page)
    later, _ = ways(page.replace(">44<", ">51<").replace(">1,845<", ">1,900<"))
    read = {series: value for series, _, value in reading(found_ways[-1], later)}
    assert (read["deaths"], read["confirmed_cases"]) == ("51", "1900")


def test_cards_that_could_be_read_either_way_are_not_guessed() -> None:
    text = "Key figures\n1845\nCases\n44\nDeaths"
    assert side_of_label(text, (text.index("44"), text.index("44") + 2)) is None


def test_a_number_glued_to_its_label_is_offered_whole() -> None:
    page = "<html><body><div><span>Suspected cases</span><span>12 345</span></div></body></html>"
    assert [(offer.id, offer.sample) for offer in found(page, "selectors")] == [("suspected_cases", "12 345")]


@pytest.mark.parametrize(("printed", "value"), [("1.2M", "1200000"), ("800K", "800000"), ("1.4 billion", "1400000000")])
def test_a_scale_is_part_of_the_number(printed: str, value: str) -> None:
    page = f"<html><body>{card('$' + printed, 'Funding required', first=True)}</body></html>"
    document, found_ways = ways(page)
    assert reading(found_ways[0], document) == [("funding_required", None, value)]


@pytest.mark.parametrize("text", ["7-day average", "© 2025 The Office", "since 7 October 2023", "until October 7"])
def test_a_number_that_is_part_of_a_name_or_date_is_no_offer(text: str) -> None:
    assert found(f"<html><body><p>{text}</p></body></html>", "selectors") == []


def test_marks_of_notes_are_no_figures_and_do_not_hide_a_column() -> None:
    page = (
        "<table><tr><th>Province<th>Deaths<sup>[3]</sup><tr><td>North<td>801<sup>[a]</sup>"
        "<tr><td>South<td><span style='display:none'>7003403</span>403<sup>[12]</sup></table>"
    )
    document, (way, *_) = ways(page)
    assert [(offer.id, offer.rule) for offer in way.offers] == [("deaths", {"column": "Deaths"})]
    assert reading(way, document) == [("deaths|North", None, "801"), ("deaths|South", None, "403")]


def test_tables_with_the_same_headings_are_told_apart_by_what_they_stand_under() -> None:
    table = "<table><tr><th>Type<th>Destroyed<tr><td>Tanks<td>{}<tr><td>Trucks<td>{}</table>"
    page = f"<h2>North</h2>{table.format(5, 6)}<h2>South</h2>{table.format(7, 8)}"
    document, (one, two, *_) = ways(page)
    assert [value for _, _, value in reading(one, document)] == ["5", "6"]
    assert [value for _, _, value in reading(two, document)] == ["7", "8"]


def test_a_row_where_a_heading_is_due_makes_no_table_of_columns() -> None:
    page = "<table><tr><td>Exchanges held<td>67<tr><td>People returned<td>5,857</table>"
    assert found(page, "table") == []
    assert {offer.id: offer.sample for offer in found(page, "selectors")}["people_returned"] == "5,857"


WIDE = "Area,Lat,8/10/25,8/11/25\nNorth,1.5,100,110\nSouth,2.5,7,9\n"


def test_dates_that_run_across_become_the_dates_of_one_figure() -> None:
    document, (way,) = ways(WIDE, "text/csv")
    longer = "Area,Lat,8/10/25,8/11/25,8/12/25\nNorth,1.5,100,111,125\nSouth,2.5,7,9,12\n"
    later, _ = ways(longer, "text/csv")
    assert [day for _, day, _ in reading(way, document)] == ["2025-08-10", "2025-08-11"] * 2
    assert ("value|North", "2025-08-12", "125") in reading(way, later)


def test_the_months_of_a_year_are_not_dated_at_its_end() -> None:
    page = "<table><tr><th>Year<th>Jan<th>Feb<th>Total<tr><td>2023<td>1<td>2<td>3<tr><td>2024<td>4<td>5<td>9</table>"
    assert [offer.id for offer in found(page, "table")] == ["total"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Fecha;Casos\n2025-08-10;1.204\n2025-08-11;980\n2025-08-12;1.310\n", "1204"),
        ("Datum;Fälle;Rate\n2025-08-10;1.204;13,4\n2025-08-11;1.310;14,0\n", "1204"),
        ("date;rate\n2025-08-10;1.204\n2025-08-11;1.31\n", "1.204"),
        ("date;people;rate\n2025-08-10;1,204;1.204\n2025-08-11;1,300;1.310\n", "1204"),
    ],
)
def test_a_dot_parts_thousands_only_where_the_table_says_so(text: str, value: str) -> None:
    document, (way,) = ways(text, "text/csv")
    assert reading(way, document)[0][2] == value


def test_rows_of_one_day_are_told_apart_by_names_rather_than_codes_hours_or_gaps() -> None:
    rows = [
        {"id": "785", "name": "Poland", "note": "", "time": 1755140000000, "people": 5},
        {"id": "786", "name": "Norway", "note": "x", "time": 1755130000000, "people": 6},
        {"id": "785", "name": "Poland", "note": "", "time": 1755000000000, "people": 4},
    ]
    document, (way, *_) = ways(json.dumps(rows), "application/json")
    assert (way.settings["as_of"], way.settings["by"]) == ({"path": "time"}, {"name": "name"})
    assert [offer.id for offer in way.offers] == ["people"]
    assert reading(way, document)[0] == ("people|Poland", "2025-08-14", "5")


def test_a_heading_names_its_unit() -> None:
    text = "Month,Employed (thousand persons),Rate (%)\n2025-05,5120.4,5.7\n2025-06,5131.1(p),5.6\n"
    rules = [offer.rule for offer in found(text, "csv", "text/csv")]
    assert [(rule["unit"], rule.get("kind")) for rule in rules] == [("thousand persons", None), ("percent", "share")]


def test_a_tidy_table_offers_each_thing_that_its_rows_count() -> None:
    text = "Date,Area,Indicator,Value\n2025-08-11,N,Cases,100\n2025-08-11,N,Deaths,3\n2025-08-11,S,Cases,7\n"
    document, (way,) = ways(text, "text/csv")
    assert [offer.id for offer in way.offers] == ["cases", "deaths"]
    assert reading(way, document) == [
        ("cases|N", "2025-08-11", "100"), ("deaths|N", "2025-08-11", "3"), ("cases|S", "2025-08-11", "7"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ['{"dates": ["2025-08-10"], "deaths": [1]}', "[]", "{}", "[[1, 2]]"])
def test_json_without_rows_offers_nothing(text: str) -> None:
    assert ways(text, "application/json")[1] == []


def test_a_sentence_that_fits_several_values_is_not_offered_as_one_series() -> None:
    page = "<p>The north lost 12 tanks destroyed.</p><p>The south lost 30 tanks destroyed.</p>"
    assert [offer.sample for offer in found(page, "prose") if offer.rule["match"]["measure"] == "destroyed"] == []


def test_what_a_page_is_drawn_from_is_chosen_by_a_name_that_tells_it_apart() -> None:
    scripts = 'window.a = {"theme": "dark"};window.b = {"days": [{"date": "2025-08-12", "dead": 5}]};'
    page = f"<p>x</p><script>{scripts}</script>"
    patterns = extractors.embedded_patterns(page.encode(), None)
    read = partial(extractors.derive, page.encode(), media_type="text/html")
    pieces = [read(piece=Portion(embedded=one)).text for one in patterns]
    assert [list(msgspec.json.decode(piece)) for piece in pieces] == [["theme"], ["days"]]


def test_a_source_that_names_the_headings_as_data_says_when_none_is_a_date() -> None:
    made: Source = source("csv", [{"id": "n", "column": "@value"}], as_of={"column": "@key"}, by={"whom": "Area"})
    document = extractors.derive(b"Area,8/10/25\nNorth,1\n", media_type="text/csv")
    with pytest.raises(UnreadableError, match="no heading of the table is a date in the form ISO"):
        extractors.read(made, document)


def test_a_list_of_notices_is_read_by_who_gave_them_and_not_as_a_series_in_time() -> None:
    rows = [("11/23/2026", "Acme", "1,210"), ("10/28/2026", "Blue", "88"), ("10/14/2026", "Harbor", "64")]
    body = "".join(f"<tr><td>{date}</td><td>{who}</td><td>{count}</td></tr>" for date, who, count in rows)
    page = f"<table><tr><th>Notice date</th><th>Company</th><th>Employees</th></tr>{body}</table>"
    document, found_ways = ways(page)
    (way,) = [way for way in found_ways if way.extractor == "table"]
    assert (way.settings["by"], way.offers[0].rule["kind"]) == ({"company": "Company"}, "change")
    assert ("employees|Acme", "2026-11-23", "1210") in reading(way, document)


@pytest.mark.parametrize("heading", ["Comment", "Source", "Report"])
def test_a_series_in_time_with_a_remark_in_each_row_stays_one(heading: str) -> None:
    rows = [("2026-11-21", "first of all", "88"), ("2026-11-22", "then this", "90"), ("2026-11-23", "at last", "95")]
    body = "".join(f"<tr><td>{date}</td><td>{said}</td><td>{count}</td></tr>" for date, said, count in rows)
    page = f"<table><tr><th>Date</th><th>{heading}</th><th>Cases</th></tr>{body}</table>"
    (way,) = [way for way in ways(page)[1] if way.extractor == "table"]
    assert ("by" in way.settings, way.offers[0].rule.get("kind")) == (False, None)


def test_a_panel_of_places_and_days_counts_on_in_time() -> None:
    rows = [(f"2026-11-{day}", place, day * 10) for day in (21, 22, 23) for place in ("North", "South")]
    body = "".join(f"<tr><td>{date}</td><td>{place}</td><td>{count}</td></tr>" for date, place, count in rows)
    page = f"<table><tr><th>Date</th><th>Place</th><th>Cases</th></tr>{body}</table>"
    (way,) = [way for way in ways(page)[1] if way.extractor == "table"]
    assert (way.settings["by"], way.offers[0].rule.get("kind")) == ({"place": "Place"}, None)


@pytest.mark.parametrize("space", ["", " "])
def test_a_number_and_its_label_on_one_line_are_a_card_of_their_own(space: str) -> None:
    cards = "".join(f"<div><span>{number}</span>{space}<span>{label}</span></div>" for number, label in CARDS[:3])
    offered = {offer.label: offer.sample for offer in found(f"<body>{cards}</body>", "selectors")}
    assert offered == {"Confirmed cases": "1,845", "Deaths": "44", "Tests performed": "1 204"}


def test_a_number_is_told_by_its_own_sentence_and_the_number_of_a_week_is_none() -> None:
    page = "<h1>Measles, week 45</h1><p>So far 1,326 cases were seen, and 14 died. In a week 54 new cases came.</p>"
    offered = found(page, "selectors")
    assert [offer.sample for offer in offered] == ["1,326", "14", "54"]
    assert not any("In a week" in offer.quote for offer in offered[:2])


def test_cases_that_a_sentence_states_are_offered_as_well() -> None:
    offered = found("<p>As of 8 November 2026 the ministry has recorded 1,326 confirmed cases of measles.</p>", "prose")
    assert [(offer.id, offer.sample) for offer in offered] == [("cases", "1,326")]


def columns_of(text: str, kind: str = "text/csv") -> tuple[dict[str, str], dict[str, str], list[str]]:
    """What a table is dated by, what its rows are told apart by, and what it offers."""
    _, (way, *_) = ways(text, kind)
    return way.settings.get("as_of", {}), way.settings.get("by", {}), [offer.label for offer in way.offers]


def test_a_column_of_days_comes_before_one_of_years_and_is_no_key() -> None:
    rows = "".join(
        f"{area},2024,{month},2024-{month:02}-01T08:00:00Z,{month * 7}\n" for month in (1, 2, 3) for area in "AB"
    )
    assert columns_of(f"area,year,month,date,count\n{rows}") == ({"column": "date"}, {"area": "area"}, ["count"])
    edited = "".join(f"{year},2026-01-05,{year * 3}\n" for year in (2021, 2022, 2023))
    assert columns_of(f"year,edited,count\n{edited}")[0] == {"column": "year"}


def test_days_in_two_columns_are_not_dated_at_the_end_of_the_year() -> None:
    rows = "".join(f"{area},2024,{month},{month * 7}\n" for month in (1, 2, 3) for area in "AB")
    assert found(f"area,year,month,count\n{rows}", "csv", "text/csv") == []


@pytest.mark.parametrize(
    "key",
    ["#", "No.", "index"],
)
def test_a_number_of_rows_is_no_key(key: str) -> None:
    rows = "".join(f"{20 - at},{at:02}.03.20 10:00,{at * 9}\n" for at in range(1, 15))
    form = {"column": "Date", "format": "%d.%m.%y %H:%M"}
    assert columns_of(f"{key},Date,Total\n{rows}") == (form, {}, ["Total"])


def test_texts_that_move_are_no_keys() -> None:
    days = [(f"2024-03-0{day}", day, area) for day in (1, 2, 3) for area in ("kl", "rj")]
    rows = [{"id": f"{at}T10:00|{of}", "rev": f"{n}-{n:032x}", "at": at, "area": of, "ill": n} for at, n, of in days]
    assert columns_of(json.dumps(rows), "application/json") == ({"path": "at"}, {"area": "area"}, ["ill"])
    two = [{"outage_id": 7, "crew_status": "On site", "out": 20}, {"outage_id": 9, "crew_status": "Awaited", "out": 3}]
    assert columns_of(json.dumps(two), "application/json")[1] == {"outage_id": "outage_id"}


def test_months_that_come_first_are_read_as_months() -> None:
    rows = "".join(f"{month} 1 2000,{at * 10}\n" for at, month in enumerate(("Jan", "Feb", "Mar", "Apr"), 1))
    document, (way,) = ways(f"date,price\n{rows}", "text/csv")
    assert [day for _, day, _ in reading(way, document)] == ["2000-01-01", "2000-02-01", "2000-03-01", "2000-04-01"]


def test_places_each_with_a_day_of_its_own_are_no_events() -> None:
    days = ("2024-05-15", "2024-05-31", "2023-11-30", "2024-06-02", "2024-01-31", "2024-04-30")
    rows = "".join(f"Country {at},{day},{at * 100}\n" for at, day in enumerate(days, 1))
    _, (way,) = ways(f"Country,Date,Individuals\n{rows}", "text/csv")
    assert "kind" not in way.offers[0].rule


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Health bulletin\n12 April 2020 - 19:14\n\nTotal cases: 2,173\nDeaths: 25\n", "text/plain"),
        (
            "# Report\n\n### Al 13-04-2020\n\n| Item | Count |\n|---|---|\n| Cases | 2173 |\n| Deaths | 25 |\n",
            "text/markdown",
        ),
        ("<h1>Election, 13 April 2020</h1><p>Electorate: 2,173</p>", "text/html"),
    ],
)
def test_the_day_at_the_head_of_a_bulletin_dates_it(text: str, kind: str) -> None:
    document, found_ways = ways(text, kind)
    way = next(way for way in found_ways if way.extractor in ("selectors", "table"))
    assert {day for _, day, _ in reading(way, document)} <= {"2020-04-12", "2020-04-13"}


def test_two_days_at_the_head_of_a_page_date_nothing() -> None:
    text = "News\n12 April 2020\nThe count from 1 March 2020 on\n\nTotal cases: 2,173\n"
    assert all("as_of" not in way.settings for way in ways(text, "text/plain")[1])


DAYS = [f"2026-08-{day:02}" for day in range(3, 10)]
JSON = "application/json"


def read_rows(data: object) -> dict[str, list[str]]:
    """What the first way of a JSON document reads, by series: day and value."""
    document, [way, *_] = ways(json.dumps(data), JSON)
    rows: dict[str, list[str]] = {}
    for series, day, value in reading(way, document):
        rows.setdefault(series, []).append(f"{day} {value}")
    return rows


@pytest.mark.parametrize(
    ("beside", "day"),
    [
        ({"updated": "2026-08-12T09:00:00Z"}, "2026-08-12"),
        ({"meta": {"as_of": "12.08.2026", "next_update": "19.08.2026"}}, "2026-08-12"),
        ({"time": "Wed, 12 Aug 2026 18:00:00 GMT"}, "2026-08-12"),
        ({"stand": "12.08.2026 18:00 Uhr"}, "2026-08-12"),
        ({"actualizado": "miércoles 12 de agosto de 2026"}, "2026-08-12"),
        ({"оновлено": "12 серпня 2026 року"}, "2026-08-12"),
        ({"updated": 1786528800000}, "2026-08-12"),
        ({"updated": "20260812"}, "2026-08-12"),
        ({"next_update": "2026-08-19"}, None),
        ({"from": "2026-08-01", "license_date": "2020-01-01", "as_of": "2026-08-12"}, None),
        ({}, None),
    ],
)
def test_rows_without_a_day_have_that_which_the_document_states_of_all(beside: object, day: str | None) -> None:
    towns = [{"town": name, "ill": ill} for name, ill in (("Alpha", 5), ("Beta", 7), ("Gamma", 9))]
    assert isinstance(beside, dict)
    found_rows = read_rows({**beside, "answer": {"towns": towns}})
    assert sorted(found_rows.values()) == [[f"{day} {ill}"] for ill in (5, 7, 9)]


def test_days_or_rows_below_names_of_places_are_one_table_keyed_by_the_place() -> None:
    places = {"Alpha": 1, "Beta": 2}
    by_day = read_rows({name: dict.fromkeys(DAYS, 10 * times) for name, times in places.items()})
    rows = read_rows({name: [{"day": day, "ill": 10 * times} for day in DAYS] for name, times in places.items()})
    for found_rows in (by_day, rows):
        assert [len(days) for days in found_rows.values()] == [len(DAYS)] * 2
        assert sorted(days[0] for days in found_rows.values()) == ["2026-08-03 10", "2026-08-03 20"]


def test_members_called_by_days_are_no_figures_of_their_own() -> None:
    rows = [{"town": name, **dict.fromkeys(DAYS, 5)} for name in ("Alpha", "Beta")]
    assert found(json.dumps(rows), "json", JSON) == []


def test_a_mark_of_each_row_is_no_key_of_a_series_in_time() -> None:
    rows = [{"date": day, "ill": place, "hash": f"ab{place}"} for place, day in enumerate(DAYS)]
    _, [way] = ways(json.dumps(rows), JSON)
    assert ("by" in way.settings, [offer.rule for offer in way.offers]) == (False, [{"path": "ill"}])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("new_cases", {"kind": "change"}), ("Neuinfektionen", {"kind": "change"}), ("Nouveaux cas", {"kind": "change"}),
        ("casos nuevos", {"kind": "change"}), ("Нові випадки", {"kind": "change"}), ("daily dead", {"kind": "change"}),
        ("cases_per_100k", {"kind": "ratio"}), ("incidence", {"kind": "ratio"}), ("price", {"kind": "ratio"}),
        ("in hospital", {"may_fall": True}), ("renewed", {"may_fall": True}), ("generated", {"may_fall": True}),
    ],
)  # fmt: skip
def test_what_rises_and_falls_is_of_a_period_or_a_ratio_where_its_name_says_so(
    name: str, said: dict[str, object]
) -> None:
    rows = "".join(f"{day},{value}\n" for day, value in zip(DAYS, (5, 9, 3, 8, 2, 7, 6), strict=True))
    (offer,) = found(f"date,{name}\n{rows}", "csv", "text/csv")
    assert offer.rule == {"column": name, **said}


def test_a_place_with_new_in_its_name_that_only_rises_is_a_total() -> None:
    rows = "".join(f"{day},{at}\n" for at, day in enumerate(DAYS))
    (offer,) = found(f"date,New York\n{rows}", "csv", "text/csv")
    assert offer.rule == {"column": "New York"}


@pytest.mark.parametrize(
    ("days", "formats"),
    [
        (["03/04/2026", "04/04/2026", "05/04/2026"], ("%d/%m/%Y", "%m/%d/%Y")),
        (["03/04/2026", "14/04/2026"], ()),
        (["04/03/2026", "04/14/2026"], ()),
        (["03/04/2026", "01/05/2026", "02/05/2026"], ()),  # only days first run in order
        (["03/03/2026", "04/04/2026"], ()),
        (["03.04.2026", "04.04.2026"], ()),  # with points months never come first
    ],
)
def test_whether_days_or_months_come_first_is_asked_where_neither_dates_nor_order_say(
    days: list[str], formats: tuple[str, ...]
) -> None:
    rows = "".join(f"{day},{at}\n" for at, day in enumerate(days))
    _, [way] = ways(f"date,ill\n{rows}", "text/csv")
    assert (way.formats, bool(way.question)) == (formats, bool(formats))
