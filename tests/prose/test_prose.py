"""What the prose extractor promises of every text: values, hedges, places, and what is no figure."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.prose import explain, read_figures
from extractors.words import detect, hedge, languages, months
from model import Day, Words
from tests.ending import ends


def values(text: str, language: str = "en") -> list[Decimal | tuple[Decimal | None, Decimal | None] | None]:
    figures = read_figures(text, language=language, published=Day("2025-08-13"))
    return [f.value if f.value is not None else (f.low, f.high) for f in figures]


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "1,234,567 people were displaced.", "1234567"),
        ("en", "At least 1.2 million people were displaced.", "1200000"),
        ("en", "Some 12,34,567 people were displaced.", "1234567"),
        ("en", "More than 34 lakh people were displaced.", "3400000"),
        ("en", "Three million people were displaced.", "3000000"),
        ("en", "Half a million people were displaced.", "500000"),
        ("en", "Three and a half million people were displaced.", "3500000"),
        ("en", "Two hundred and twenty-five people were killed.", "225"),
        ("en", "A dozen people were killed.", "12"),
        ("en", "14 680 people were killed.", "14680"),
        ("en", "As many as 1,065,\n220 soldiers were killed.", "1065220"),
        ("fr", "Plus d'un million de personnes ont fui.", "1000000"),
        ("ar", "قتل ٣٨٬٩١٩ شخصا.", "38919"),
        ("ar", "وأصيب 80 ألفا و104 أشخاص.", "80104"),
        ("en", "14\u202f680 people were killed.", "14680"),
        ("en", "1О8 people were killed.", "108"),
        ("uk", "Загинулo 25 coлдaтів.", "25"),
        ("uk", "Загинули близько восьмисот людей.", "800"),
        ("uk", "Загинули три десятки людей.", "30"),
        ("uk", "Загинули десятки людей, ще 12 поранено.", "12"),
        ("uk", "Поранено 418 тисячами осіб.", "418000"),
        ("uk", "Загинули 1,2 млн людей.", "1200000"),
        ("ru", "Погибли 17,5 тыс. человек.", "17500"),
        ("ru", "Погибли полтора миллиона человек.", "1500000"),
        ("ru", "Погибли сто двадцать пять человек.", "125"),
        ("de", "Etwa 85.000 Menschen starben.", "85000"),
        ("fr", "Une soixantaine de personnes ont été tuées.", "60"),
        ("es", "Murieron alrededor de 1,5 millones de personas.", "1500000"),
        ("fa", "۱۱٬۵۸۵ نفر کشته شدند.", "11585"),
        ("fa", "سه هزار و پانصد نفر کشته شدند.", "3500"),
    ],
)
def test_a_number_is_worth_what_its_writing_says(language: str, text: str, value: str) -> None:
    assert values(text, language) == [Decimal(value)]


@pytest.mark.parametrize(
    ("language", "text", "low", "high"),
    [
        ("en", "Between 7,000 and 15,000 soldiers were killed.", 7000, 15000),
        ("en", "They hire 500-800 people a day.", 500, 800),
        ("en", "An estimated 189,000 to 273,000 soldiers died.", 189000, 273000),
        ("en", "Between 45% and 65% of deaths are covered.", 45, 65),
        ("uk", "Загинули від 20-ти до 22-ох тисяч людей.", 20000, 22000),
        ("uk", "Поранено 300-400 тисяч осіб.", 300000, 400000),
        ("ru", "Погибли от 124 тысяч до 131 тысяч военных.", 124000, 131000),
        ("ru", "Их убивают в соотношении 7 к 1 или 8 к 1.", 7, 8),
        ("es", "Murió entre un 10 y un 30 % de la población.", 10, 30),
    ],
)
def test_a_range_has_two_ends_and_no_value(language: str, text: str, low: int, high: int) -> None:
    figure = read_figures(text, language=language)[0]
    assert (figure.value, figure.low, figure.high, figure.qualifier) == (None, low, high, "range")


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        ("About 300 people were killed.", "approximately"),
        ("At least 300 people were killed.", "more_than"),
        ("Nearly 300 people were killed.", "less_than"),
        ("Losses have exceeded one million.", "more_than"),
        ("Up to 300 people were killed.", "less_than"),
        ("300 people were killed.", "exact"),
        ("300 or more people were killed.", "more_than"),
    ],
)
def test_the_words_before_a_number_hedge_it(text: str, qualifier: str) -> None:
    assert read_figures(text, language="en")[0].qualifier == qualifier


def test_a_count_that_grew_to_a_number_is_not_limited_by_it() -> None:
    assert read_figures("Кількість загиблих зросла до 14 014.", language="uk")[0].qualifier == "exact"
    assert read_figures("Загинуло до 80 осіб.", language="uk")[0].qualifier == "less_than"


@pytest.mark.parametrize(
    "text",
    [
        "It happened on 12 June 2023 and again in 1998.",
        "He was 47 years old; his 8-year-old sister, aged 5 then, lives at 12 Main Street.",
        "The T-72 tank and the 36th Motorised Rifle Brigade came at 10:30, or 4.17 am.",
        "The bill rose by $5 million, or 3 million euros.",
        "They drove 360 kilometres in two days to reach 12 villages in 10 provinces.",
        "COVID-19 was declared on day 12; see article 238, page 3.",
        "Call +380 44 123 45 67 or read https://example.org/2023/05/12345.",
        "One of the ministers said that no one knew.",
        "A 7.8-magnitude quake lasted 85 seconds.",
        "Dozens were killed and hundreds of thousands fled.",
    ],
)
def test_dates_ages_times_names_money_and_distances_are_no_figures(text: str) -> None:
    assert read_figures(text, language="en", published=Day("2023-07-01")) == []


def test_a_number_given_as_denied_comes_marked() -> None:
    figures = read_figures("Ukraine suffered 17,000 deaths, not 71,000.", language="en")
    assert [(f.value, f.denied) for f in figures] == [(17000, False), (71000, True)]
    revised = read_figures("The death toll was revised up from 63 to 80.", language="en")
    assert [(f.value, f.denied) for f in revised] == [(63, True), (80, False)]


def test_a_change_and_a_total_in_one_clause_are_told_apart() -> None:
    figures = read_figures("Cases were up by 64,582 to 4,163,892.", language="en")
    assert [(f.value, f.kind) for f in figures] == [(64582, "change"), (4163892, "total")]


def test_an_increment_in_brackets_is_a_figure_of_its_own() -> None:
    figures = read_figures("Russia lost:\nTanks ‒ 11 132 (+3)\nHelicopters ‒ 340 (+0)", language="en")
    assert [(f.value, f.kind, f.measure) for f in figures] == [
        (11132, "total", "destroyed"),
        (3, "change", "destroyed"),
        (340, "total", "destroyed"),
        (0, "change", "destroyed"),
    ]


def test_a_shared_hedge_belongs_to_the_first_number() -> None:
    figures = read_figures("More than 300 people were injured, 40 missing and 80,000 displaced.", language="en")
    assert [(f.qualifier, f.measure) for f in figures] == [
        ("more_than", "wounded"),
        ("exact", "missing"),
        ("exact", "displaced"),
    ]


def test_elided_words_come_from_the_sentence_before() -> None:
    text = "Roe said that 60,000 soldiers were killed in July. Doe claimed that the number was around 20,000."
    first, second = read_figures(text, language="en", published=Day("2025-08-13"))
    assert (
        (second.measure, second.unit, second.kind)
        == (first.measure, first.unit, first.kind)
        == (
            "killed",
            "people",
            "change",
        )
    )
    assert (second.period_start, second.period_end) == ("2025-07-01", "2025-07-31")
    assert second.attributed_to == ("Doe",)


def test_a_report_named_later_is_the_source_of_the_figures_before() -> None:
    text = (
        "Reports indicate that 1,204 rebels were killed.\n"
        "The monitoring group Watchline has confirmed these figures. "
        "The report covers the period from 3 March 2024 to 30 June 2025.\n"
        "Among the deceased are 330 volunteers and 120 officers."
    )
    figures = read_figures(text, language="en", published=Day("2025-07-09"))
    assert [f.attributed_to for f in figures] == [("monitoring group Watchline",)] * 3
    assert {(f.period_start, f.period_end, f.as_of) for f in figures} == {("2024-03-03", "2025-06-30", "2025-06-30")}
    assert [f.category for f in figures] == [None, "volunteers", "officers"]


def test_a_definitions_own_words_are_read_beside_the_languages() -> None:
    words = Words(measures={"delivered": ("delivered",)}, groups={"boxes of aid": ("boxes of aid",)})
    figure = read_figures("The agency delivered 4,200 boxes of aid.", language="en", words=words)[0]
    assert (figure.measure, figure.unit, figure.whom) == ("delivered", "items", "boxes of aid")
    assert read_figures("The agency delivered 4,200 boxes of aid.", language="en")[0].measure == "other"


def test_a_day_of_publication_that_is_no_date_counts_as_unknown() -> None:
    text = "At least 14 people were killed on Friday."
    assert read_figures(text, published=Day("yesterday")) == read_figures(text, published=None)


def test_a_text_too_long_for_an_article_keeps_every_place() -> None:
    text = "At least 14 people were killed on Friday, and 1,250 were injured.\n" * 7000
    figures = read_figures(text, language="en")
    assert len(figures) == 14000
    assert {text[f.start : f.end] for f in figures} == {"At least 14", "1,250"}


@pytest.mark.parametrize(
    ("language", "text", "whom"),
    [
        ("en", "Russia has lost 1,065,220 soldiers.", "Russian soldiers"),
        ("en", "Total Russian casualties have exceeded one million.", "Russian casualties"),
        ("en", "Some 300 soldiers of the Ukrainian army were captured.", "Ukrainian soldiers"),
        ("en", "Russian missiles killed 12 people in Kharkiv.", "people"),
        ("en", "Israel killed at least 40 people in Gaza.", "people"),
        ("en", "Russian forces killed 12 people.", "people"),
        ("en", "According to Ukrainian officials, 12 people were killed.", "people"),
        ("uk", "Росія втратила 1 500 військових.", "Russian soldiers"),
        ("uk", "Втрати противника склали 1 500 осіб.", "Russian soldiers"),
        ("ru", "Украинская армия потеряла 300 военнослужащих.", "Ukrainian soldiers"),
        ("de", "Russland verlor 300 Soldaten.", "Russian soldiers"),
        ("fr", "La Russie a perdu 300 soldats.", "Russian soldiers"),
        ("es", "Rusia perdió 300 soldados.", "Russian soldiers"),
        ("pl", "Rosja straciła 300 żołnierzy.", "Russian soldiers"),
    ],
)
def test_the_side_that_a_clause_names_is_whose_loss_it_is(language: str, text: str, whom: str) -> None:
    assert read_figures(text, language=language)[0].whom == whom


def test_parts_and_later_figures_carry_the_nation_of_the_whole() -> None:
    text = (
        "Journalists have confirmed the deaths of 1,204 Russian soldiers. "
        "Among the deceased are 330 volunteers and 120 officers. Ukraine has lost 900 soldiers."
    )
    told = [f.whom for f in read_figures(text, language="en")]
    assert told == ["Russian soldiers", "Russian volunteers", "Russian officers", "Ukrainian soldiers"]


def test_explanations_name_words_of_the_text() -> None:
    text = "According to the ministry, at least 14 people were killed on Friday."
    ((figure, reasons),) = explain(text, language="en", published=Day("2023-10-05"))
    said = {field: reason.words for field, reason in reasons.items() if reason.words}
    assert said | {"dates": ""} == {
        "value": "14",
        "qualifier": "at least",
        "unit": "people",
        "measure": "killed",
        "whom": "people",
        "attributed_to": "According to the ministry",
        "dates": "",
    }
    assert "Friday" in said["dates"]
    assert "total" in (figure.kind, reasons["kind"].rule)
    places = [(reason.start, reason.end, reason.words) for reason in reasons.values() if reason.words]
    assert all(text[start:end] == words for start, end, words in places)


def test_a_field_that_no_word_gave_names_its_rule() -> None:
    text = "The ministry said 14 people were killed. It also said 9 were wounded."
    (_, second) = explain(text, language="en")
    assert second[1]["qualifier"].rule == "no hedge stands beside the number"
    assert all((reason.words is None) != (reason.rule is None) for reason in second[1].values())


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_field_that_says_anything_is_explained_in_every_language(language: str) -> None:
    text = "Близько 1 200 осіб загинули. About 1,200 people were killed. 300 Tote, 45 morts, +3 muertos, 5 %, 7:1."
    for figure, reasons in explain(text, language=language):
        assert reasons.keys() >= {"value", "qualifier", "unit", "measure", "kind"}
        assert ("attributed_to" in reasons) == bool(figure.attributed_to)
        assert ("dates" in reasons) == bool(figure.period_start or figure.period_end or figure.as_of)


@pytest.mark.parametrize(
    ("text", "language", "qualifier"),
    [
        ("about", "en", "approximately"),
        ("More than", "en", "more_than"),
        ("more", "en", "more_than"),
        ("almost", None, "less_than"),
        ("близько", None, "approximately"),
        ("понад", "uk", "more_than"),
        ("почти", "ru", "less_than"),
        ("mindestens", "de", "more_than"),
        ("près de", "fr", "less_than"),
        ("", None, None),
        ("banana", "en", None),
    ],
)
def test_a_hedge_word_alone_gives_its_qualifier(text: str, language: str | None, qualifier: str | None) -> None:
    assert hedge(text, language) == qualifier


def test_every_language_names_all_twelve_months() -> None:
    for language in languages():
        assert set(months(language).values()) == set(range(1, 13)), language
    assert months("uk")["серпня"] == 8


def test_languages_are_told_apart() -> None:
    assert detect("Вчора загинуло більше ніж сто осіб, повідомили у міністерстві") == "uk"
    assert detect("Вчера погибли более ста человек, сообщили в министерстве") == "ru"
    assert detect("") == "en"
    assert detect("La guerra ha causado 300 muertos.") == "es"
    assert detect("Almeno 12 persone sono morte nel naufragio") == "it"
    assert detect("Mais de 500 pessoas foram retiradas de suas casas") == "pt"


def test_grouped_numbers_are_found_in_a_language_without_words() -> None:
    swedish = "Ministeriet uppger att 3 400 personer har evakuerats och att 1 200 skadades i området under veckan."
    assert [figure.value for figure in read_figures(swedish)] == [3400, 1200]


@pytest.mark.parametrize(
    ("language", "text", "share"),
    [
        ("uk", "Кожен третій опитаний втратив близьких.", "33.3"),
        ("de", "Jede fünfte Wohnung ist zerstört.", "20"),
        ("fr", "Un train sur cinq est supprimé.", "20"),
        ("es", "Una persona de cada diez huyó.", "10"),
        ("pl", "Co piąty ankietowany popiera strajk.", "20"),
        ("it", "Una famiglia su quattro è senza casa.", "25"),
    ],
)
def test_a_share_may_be_told_as_each_nth_or_so_many_out_of(language: str, text: str, share: str) -> None:
    assert [(str(f.value), f.kind, f.unit) for f in read_figures(text, language=language)] == [
        (share, "share", "percent")
    ]


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("uk", "За словами Дмитра Лиховія, загинули 20 солдатів.", "Дмитро Лиховій"),
        ("uk", "За даними місцевої прокуратури, загинули 20 осіб.", "місцева прокуратура"),
        ("ru", "По словам Марии Захаровой, погибли 20 человек.", "Мария Захарова"),
        ("ru", "По данным американской разведки, погибли 20 тысяч военных.", "американская разведка"),
        ("uk", "Збито 40 дронів, — Повітряні сили", "Повітряні сили"),
    ],
)
def test_a_claimant_is_named_as_its_bearer_is_called(language: str, text: str, name: str) -> None:
    (figure,) = read_figures(text, language=language)
    assert figure.attributed_to == (name,)


def test_a_day_of_the_persian_calendar_is_told_in_ours() -> None:
    (figure,) = read_figures("در زلزله ۲۱ آبان ۱۳۹۶ کرمانشاه ۶۲۰ نفر جان باختند.", language="fa")
    assert (figure.value, figure.period_start) == (620, "2017-11-12")


def test_a_headline_without_a_mark_ends_where_the_text_begins() -> None:
    text = "Kiew meldet schwere Verluste der russischen Armee Der Generalstab spricht von 300 gefallenen Soldaten."
    (figure,) = read_figures(text, language="de")
    assert (figure.quote, figure.attributed_to) == (text[50:], ("Generalstab",))


@given(st.text(max_size=300), st.sampled_from([None, *sorted(languages())]))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_and_every_figure_stands_in_it(text: str, language: str | None) -> None:
    for figure in read_figures(text, language=language):
        assert text[figure.start : figure.end] == figure.number_text


PIECES = st.sampled_from(
    [
        *("12", "1,234", "2024", "half", "million", "three", "killed", "wounded", "people", "said", "on", "Friday"),
        *(
            ",",
            ".",
            ";",
            "(",
            ")",
            "(+3)",
            "-",
            "%",
            "from",
            "to",
            "between",
            "and",
            "\n",
            "12.06.2023",
            "more",
            "than",
        ),
        *("вбито", "осіб", "до", "від", "тисяч", "about", "not", "Tanks", ":", "according", "the", "ministry"),
    ]
)


@given(st.lists(PIECES, max_size=60).map(" ".join), st.sampled_from(["en", "uk", "ru", "de"]))
@settings(max_examples=150, deadline=None)
def test_places_always_hold_the_number(text: str, language: str) -> None:
    end = 0
    for figure in read_figures(text, language=language, published=Day("2024-02-29")):
        assert text[figure.start : figure.end] == figure.number_text
        assert figure.number_text in figure.quote
        assert figure.quote in text
        assert figure.start >= end
        end = figure.end


@pytest.mark.parametrize("text", ["Nearly , not 345 muertos personnes \x1b 345 blessés personnes", "Y 3 muertos"])
def test_a_text_that_ends_with_a_number_and_what_befell_whom_is_read(text: str) -> None:
    for language in sorted(languages()):
        assert all(text[one.start : one.end] == one.number_text for one in read_figures(text, language=language))


@pytest.mark.parametrize("piece", ["5 of ", "one and ", "1, ", "he said 5 people ", "5 % ", "(", "5-6-", "Aa said, "])
def test_a_long_text_of_one_piece_over_and_over_ends(piece: str) -> None:
    text = piece * 20_000
    with ends():
        figures = read_figures(text, language="en")
    assert all(text[one.start : one.end] == one.number_text for one in figures)


@pytest.mark.parametrize(
    ("text", "field", "told"),
    [
        ("At least 26 died and about 12 were missing.", "measure", ["killed", "missing"]),
        ("The toll from Tuesday's earthquake stood at 126 on Wednesday.", "as_of", ["2025-08-13"]),
        ("The army lost 1,140 men a day in May 2025.", "period_end", ["2025-05-31"]),
        ("Police counted 738 cases, 10 more than on Tuesday.", "kind", ["total", "change"]),
        ("It used 309 drones, of which the army shot down 288.", "measure", ["other", "destroyed"]),
        ("The agency treated 2,300 people and said 40 had died.", "attributed_to", [("agency",), ("agency",)]),
        ("The army fired 1,100 drones, of which Kyiv claims to have downed 82%.", "attributed_to", [(), ("Kyiv",)]),
        (
            "A study by the Institute of Peace and War put deaths at 61,000.",
            "attributed_to",
            [("Institute of Peace and War",)],
        ),
        ("At least 26 people died. The victims included three children.", "measure", ["killed", "killed"]),
        ("They found 3 dead, aged 8 and 12, and some 80 injured.", "value", [3, 80]),
    ],
)
def test_what_belongs_to_a_number_is_told_across_its_clause(text: str, field: str, told: list[object]) -> None:
    figures = read_figures(text, language="en", published=Day("2025-08-13"))
    assert [getattr(figure, field) for figure in figures] == told


def test_a_lists_head_names_its_source_and_its_day_ends_with_its_rows() -> None:
    text = (
        "Losses as of 11 August, per the General Staff:\nPersonnel: 887,940 (+1,190)\nTanks: 10,313 (+3)\n\n"
        "Overnight 126 drones were shot down, the Air Force says."
    )
    figures = read_figures(text, language="en", published=Day("2025-08-13"))
    assert [f.attributed_to for f in figures] == [("General Staff",)] * 4 + [("Air Force",)]
    assert [f.as_of for f in figures] == ["2025-08-11"] * 4 + [None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,845\nConfirmed cases\n44\nDeaths\n1 204\nTests performed\n", []),
        ("Tests\n1 204\nDeaths\n44\nRecovered\n60\n", [("killed", "44")]),
        ("Province\tDeaths[3]\tInjured\tMissing\n", []),
        ("At least 1,204[3] people were killed.[12][13]", [("killed", "1204")]),
        ("Losses: abandoned: 1, captured: 3", [("captured", "3")]),
    ],
)
def test_a_number_is_of_its_own_label_and_a_note_is_none(text: str, said: list[tuple[str, str]]) -> None:
    figures = read_figures(text, language="en", published=Day("2025-08-13"))
    named = [figure for figure in figures if figure.measure in ("killed", "wounded", "captured")]
    assert [(figure.measure, str(figure.value)) for figure in named] == said


@pytest.mark.parametrize(
    ("language", "text", "start", "end"),
    [
        ("uk", "За минулу добу загинули 12 людей.", "2025-08-12", "2025-08-13"),
        ("uk", "З початку року загинули 120 людей.", "2025-01-01", None),
        ("uk", "У першому півріччі загинули 120 людей.", "2025-01-01", "2025-06-30"),
        ("uk", "За перші сім місяців загинули 120 людей.", "2025-01-01", "2025-07-31"),
        ("uk", "Торік загинули 120 людей.", "2024-01-01", "2024-12-31"),
        ("ru", "За минувшие сутки погибли 12 человек.", "2025-08-12", "2025-08-13"),
        ("ru", "С начала года погибли 120 человек.", "2025-01-01", None),
        ("ru", "Во втором квартале погибли 120 человек.", "2025-04-01", "2025-06-30"),
        ("ru", "В июле погибли 120 человек.", "2025-07-01", "2025-07-31"),
        ("de", "Im Juli starben 120 Menschen.", "2025-07-01", "2025-07-31"),
        ("de", "Seit Jahresbeginn starben 120 Menschen.", "2025-01-01", None),
        ("de", "Im ersten Halbjahr starben 120 Menschen.", "2025-01-01", "2025-06-30"),
        ("de", "In den ersten sieben Monaten starben 120 Menschen.", "2025-01-01", "2025-07-31"),
        ("de", "Von Freitag bis Sonntag starben 120 Menschen.", "2025-08-08", "2025-08-10"),
        ("fr", "Depuis le 1er janvier, 120 personnes sont mortes.", "2025-01-01", None),
        ("fr", "Au deuxième trimestre, 120 personnes sont mortes.", "2025-04-01", "2025-06-30"),
        ("fr", "L'an passé, 120 personnes sont mortes.", "2024-01-01", "2024-12-31"),
        ("es", "En lo que va de año murieron 120 personas.", "2025-01-01", None),
        ("es", "Murieron 120 personas en los siete primeros meses del año.", "2025-01-01", "2025-07-31"),
        ("es", "Del 1 de enero al 31 de julio murieron 120 personas.", "2025-01-01", "2025-07-31"),
        ("pl", "Od początku roku zginęło 120 osób.", "2025-01-01", None),
        ("pl", "Minionej doby zginęło 12 osób.", "2025-08-12", "2025-08-13"),
        ("pl", "Od piątku do niedzieli zginęło 12 osób.", "2025-08-08", "2025-08-10"),
        ("pl", "W pierwszym półroczu zginęło 120 osób.", "2025-01-01", "2025-06-30"),
        ("cs", "Od začátku roku zahynulo 120 lidí.", "2025-01-01", None),
        ("cs", "Za posledních 24 hodin zahynulo 12 lidí.", "2025-08-12", "2025-08-13"),
        ("cs", "V prvním pololetí zahynulo 120 lidí.", "2025-01-01", "2025-06-30"),
        ("ar", "قتل 120 شخصا منذ بداية العام.", "2025-01-01", None),
        ("ar", "قتل 12 شخصا خلال الـ24 ساعة الماضية.", "2025-08-12", "2025-08-13"),
        ("ar", "قتل 120 شخصا في يوليو/تموز 2025.", "2025-07-01", "2025-07-31"),
        ("ar", "قتل 1200 شخص في السابع من أكتوبر 2023.", "2023-10-07", "2023-10-07"),
        ("fa", "از ابتدای سال ۱۲۰ نفر کشته شدند.", "2025-03-21", None),
        ("fa", "در چهار ماه نخست امسال ۱۲۰ نفر کشته شدند.", "2025-03-21", "2025-07-22"),
        ("fa", "در زلزله پنجم دی ۱۳۸۲ بم ۳۴ هزار نفر کشته شدند.", "2003-12-26", "2003-12-26"),
        ("uk", "У ніч на 13 серпня загинули 12 людей.", "2025-08-12", "2025-08-13"),
        ("uk", "За сім місяців 2025 року загинули 120 людей.", "2025-01-01", "2025-07-31"),
        ("ru", "За январь-июль погибли 120 человек.", "2025-01-01", "2025-07-31"),
        ("fa", "در تیر ماه ۱۲۰ نفر کشته شدند.", "2025-06-22", "2025-07-22"),
        ("uk", "За минулі вихідні загинули 12 людей.", "2025-08-09", "2025-08-10"),
        ("fr", "Dans la nuit de mardi à mercredi, 12 personnes sont mortes.", "2025-08-12", "2025-08-13"),
        ("es", "La noche del martes al miércoles murieron 12 personas.", "2025-08-12", "2025-08-13"),
        ("pl", "W nocy z wtorku na środę zginęło 12 osób.", "2025-08-12", "2025-08-13"),
        ("de", "Im Sommer 2022 starben 120 Menschen.", None, None),
        ("uk", "Загинули 120 людей, на 5% менше, ніж у 2024 році.", None, None),
    ],
)
def test_a_period_is_told_in_the_words_of_its_language(
    language: str, text: str, start: str | None, end: str | None
) -> None:
    told = read_figures(text, language=language, published=Day("2025-08-13"))
    assert {(figure.period_start, figure.period_end) for figure in told} == {(start, end)}


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("uk", "У прокуратурі уточнили, що загинули 12 людей.", ["прокуратура"]),
        ("ru", "Никто не говорит, что погибли 12 человек.", []),
        ("ru", "Погибли 12 человек, сообщает Reuters со ссылкой на полицию округа.", ["Reuters", "полиция округа"]),
        ("ru", "Зеленский 16 февраля 2025 года говорил, что погибли 46 тысяч солдат.", ["Зеленский"]),
        ("cs", "Generální štáb 18. prosince 2024 tvrdil, že padlo 46 000 vojáků.", ["Generální štáb"]),
        ("es", "Murieron 12 personas, según ha informado el alcalde, Juan Pérez.", ["alcalde, Juan Pérez"]),
        ("es", "Murieron 12 personas, según datos publicados este martes por el Ministerio.", ["Ministerio"]),
        ("de", "Seit Januar meldete das Robert Koch-Institut 219 Tote.", ["Robert Koch-Institut"]),
    ],
)
def test_who_says_it_is_found_behind_dates_and_verbs(language: str, text: str, names: list[str]) -> None:
    (figure,) = read_figures(text, language=language)
    assert list(figure.attributed_to) == names


def test_a_long_text_in_a_language_without_articles_ends() -> None:
    with ends():
        figures = read_figures("За минулу добу загинули 12 людей, повідомила поліція. " * 20_000, language="uk")
    assert len(figures) == 20_000


@pytest.mark.parametrize("text", ["Es gab 40 Tote laut", "Es gab 40 Tote nach Angaben von", "In Bayern gab"])
def test_a_text_may_end_where_a_source_is_about_to_be_named(text: str) -> None:
    assert all(figure.attributed_to == () for figure in read_figures(text, language="de"))


def test_an_outlet_and_whom_it_cites_are_both_the_reason_for_who_says_it() -> None:
    text = "At least 13 people were killed in the raid, AFP reported, citing the local hospital."
    ((figure, why),) = explain(text, language="en", published=Day("2025-10-08"))
    assert figure.attributed_to == ("AFP", "local hospital")
    assert why["attributed_to"].words == "AFP reported, citing the local hospital"


def test_a_name_ends_with_its_paragraph() -> None:
    text = "Some 950 died, says a study published on Tuesday by the Institute of War.\n\nThe tank estimates 80 fled."
    names = {
        name
        for figure in read_figures(text, language="en", published=Day("2025-10-08"))
        for name in figure.attributed_to
    }
    assert not any("tank" in name and "War" in name for name in names)


@pytest.mark.parametrize(
    ("language", "text", "former", "now"),
    [
        ("en", "The death toll rose from 120 to 135.", 120, 135),
        ("en", "The number of people killed fell from 1,350 to 1,200.", 1350, 1200),
        ("en", "The toll climbed to 88 from 80.", 80, 88),
        ("en", "The number of dead is now 135, up from 120.", 120, 135),
        ("en", "Some 310 people were in hospital, fewer than 345 on Monday.", 345, 310),
        ("de", "Die Zahl der Toten stieg von 120 auf 135.", 120, 135),
        ("es", "La cifra de muertos subió de 120 a 135.", 120, 135),
        ("fr", "Le bilan est passé de 12 à 17 morts.", 12, 17),
        ("uk", "Кількість загиблих зросла зі 120 до 135.", 120, 135),
        ("uk", "Кількість поранених зменшилася з 60 до 52 осіб.", 60, 52),
    ],
)
def test_where_a_movement_began_is_told_from_where_it_led(language: str, text: str, former: int, now: int) -> None:
    figures = read_figures(text, language=language, published=Day("2024-05-07"))
    assert {(figure.value, figure.former) for figure in figures} == {(former, True), (now, False)}


@pytest.mark.parametrize(
    "text",
    [
        "From 20 to 30 people were killed.",
        "The fire killed 35 people, more than 20 of them children.",
        "At least 135 people died, more than 120 were injured.",
    ],
)
def test_ranges_and_hedges_are_no_movement(text: str) -> None:
    assert [figure for figure in read_figures(text, language="en", published=Day("2024-05-07")) if figure.former] == []


@pytest.mark.parametrize(
    "clock", ["9am on ", "9 a.m. on ", "09:00 on ", "9:00 am, ", "noon on ", "8 pm local time on ", ""]
)
def test_the_hour_of_a_day_does_not_part_it_from_what_makes_it_an_as_of(clock: str) -> None:
    (figure,) = read_figures(f"As of {clock}20 March 2020, 976 people have died.", language="en")
    assert (figure.as_of, figure.period_start, figure.kind) == ("2020-03-20", None, "total")


@pytest.mark.parametrize("said", ["since the start of the year", "so far this year", "this year"])
def test_a_year_to_date_is_a_total_and_a_whole_year_a_change(said: str) -> None:
    published = Day("2025-08-12")
    (figure,) = read_figures(f"Police counted 738 deaths {said}.", language="en", published=published)
    assert (figure.kind, figure.period_start, figure.period_end) == ("total", "2025-01-01", None)
    (figure,) = read_figures("Police counted 738 deaths last year.", language="en", published=published)
    assert (figure.kind, figure.period_end) == ("change", "2024-12-31")
