"""One fact in many wordings: a count, and by how much it moved, are told apart however a report puts it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from extractors.prose import read_figures
from model import Day

WORDINGS = (
    "The ministry has confirmed {total} deaths, an increase of {step} since the last update.",
    "The ministry has confirmed {total} deaths, up {step} since early July.",
    "{total} soldiers have been killed, up {step} on the previous count, the ministry said.",
    "The ministry has confirmed {total} deaths — a rise of about {step} in two weeks.",
    "Deaths reached {total}, up by {step} from the previous update.",
    "There are {total} people missing, {step} more than a week ago, police said.",
    "The toll climbed to {total}, {step} more than on Monday, the ministry said.",
    "The toll rose by {step} to {total}, officials said.",
    "The ministry has confirmed the deaths of {total} soldiers. That is {step} more than in early July.",
    "So far {total} deaths are confirmed; {step} have been added since early July.",
    "The number of dead reached {total} ({step} in the past day).",
    "La cifra de muertos asciende a {total}, un aumento de {step} respecto al lunes.",
    "El número de muertos llegó a {total} ({step} en las últimas 24 horas).",
    "Le bilan s'élève à {total} morts, soit {step} de plus que lundi.",
    "Die Zahl der Toten stieg auf {total}, ein Plus von {step} gegenüber Montag.",
    "Die Zahl der Toten stieg auf {total}, das sind {step} mehr als am Montag.",
    "Liczba zabitych wzrosła do {total}, o {step} więcej niż w poniedziałek.",
    "Кількість загиблих зросла до {total}, це на {step} більше, ніж у понеділок.",
    "Кількість загиблих становить {total} ({step} за добу).",
    "Міністерство підтвердило загибель {total} військових, це на {step} більше, ніж у попередньому оновленні.",
    "Число погибших достигло {total} человек (плюс {step} за сутки).",
    "Число погибших выросло на {step} и достигло {total}.",
    "Потери выросли до {total}, прирост составил {step}.",
)
"""Each with the count and the step that it made."""


@pytest.mark.parametrize("wording", WORDINGS)
@pytest.mark.parametrize(("total", "step"), [(304, 35), (8417, 212)])
def test_a_count_is_no_step_and_a_step_no_count(wording: str, total: int, step: int) -> None:
    read = read_figures(wording.format(total=total, step=step), published=Day("2025-08-15"))
    assert {(figure.value, figure.kind) for figure in read} == {(Decimal(total), "total"), (Decimal(step), "change")}


@pytest.mark.parametrize(
    ("text", "hedged"),
    [
        ("Потери оцениваются примерно в 8400 человек, сообщило министерство.", "примерно в 8400"),
        ("Втрати оцінюються приблизно у 8400 осіб, повідомило міністерство.", "приблизно у 8400"),
    ],
)
def test_a_hedge_reaches_a_number_past_a_preposition(text: str, hedged: str) -> None:
    (figure,) = read_figures(text)
    assert (figure.number_text, figure.qualifier) == (hedged, "approximately")


def test_a_few_words_of_a_script_are_not_read_as_english() -> None:
    assert [(figure.value, figure.kind) for figure in read_figures("Число погибших достигло 1204.")] == [
        (1204, "total")
    ]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("The strike killed 12 people, more than 30 were wounded.", ["total", "total"]),
        ("49 people voted, 3 more than in 2021, out of 60 who may.", ["total", "change", "total"]),
        ("1,204 people have died, 35 of them children.", ["total", "total"]),
    ],
)
def test_what_stands_beside_a_count_without_moving_it_is_no_step(text: str, kinds: list[str]) -> None:
    assert [figure.kind for figure in read_figures(text)] == kinds


FROM_TO = (
    "The number of dead rose from {old} to {new}.",
    "Das Ministerium hat die Zahl der Toten von {old} auf {new} erhöht.",
    "Le bilan est passé de {old} à {new} morts.",
    "Los muertos subieron de {old} a {new}.",
    "Los contagios pasaron de {old} a {new}.",
    "Il numero delle vittime è salito da {old} a {new}.",
    "O número de mortos subiu de {old} para {new}.",
    "Liczba ofiar wzrosła z {old} do {new}.",
    "Počet mrtvých vzrostl ze {old} na {new}.",
    "Het aantal doden steeg van {old} naar {new}.",
    "Кількість поранених зросла з {old} до {new}.",
    "Число погибших выросло с {old} до {new}.",
)


@pytest.mark.parametrize("wording", FROM_TO)
def test_a_movement_has_two_ends_and_is_no_range(wording: str) -> None:
    read = read_figures(wording.format(old=620, new=735))
    assert [(figure.value, figure.former, figure.kind) for figure in read] == [
        (620, True, "total"),
        (735, False, "total"),
    ]


@pytest.mark.parametrize(
    ("text", "measures"),
    [
        ("12 of the 30 wounded died.", ["killed", "wounded"]),
        ("12 der 30 Verletzten sind gestorben.", ["killed", "wounded"]),
        ("12 des 30 blessés sont morts.", ["killed", "wounded"]),
        ("12 de los 30 heridos murieron.", ["killed", "wounded"]),
        ("12 из 30 раненых умерли.", ["killed", "wounded"]),
        ("12 із 30 поранених померли.", ["killed", "wounded"]),
        ("Seventeen of the 60 people reported missing had been found alive.", ["other", "missing"]),
        ("Two of these 5 health workers died.", ["killed", "other"]),
        ("206 of the 252 workers were killed.", ["killed", "other"]),
    ],
)
def test_what_is_told_behind_a_whole_befell_the_part(text: str, measures: list[str]) -> None:
    assert [figure.measure for figure in read_figures(text)] == measures


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Das Robert Koch-Institut meldet 980 Fälle. Nach Angaben der Behörde starben 54 Menschen.", "Koch"),
        ("Santé publique France a recensé 980 cas. L'agence précise que 54 patients sont morts.", "Santé"),
        ("Роспотребнадзор сообщил о 980 случаях. В ведомстве уточнили, что умерли 54 человека.", "Роспотреб"),
        ("Держпродспоживслужба повідомила про 980 випадків. У відомстві уточнили, що померли 54 людини.", "Держпрод"),
        ("The National Weather Service confirmed 980 cases. The agency said 54 people died.", "National"),
    ],
)
def test_a_mere_role_is_whoever_was_named(text: str, name: str) -> None:
    first, second = read_figures(text)
    assert first.attributed_to == second.attributed_to
    assert name in second.attributed_to[0]


@pytest.mark.parametrize(
    "text",
    [
        "Police said 980 people were killed. Of these, 54 were over 80 years old.",
        "La préfecture a annoncé 980 morts. Parmi eux, 54 personnes avaient plus de 65 ans.",
        "Die Polizei meldete 980 Tote. Davon waren 54 Menschen über 65 Jahre alt.",
        "Policja podała, że zginęło 980 osób. Z tego 54 osoby miały ponad 80 lat.",
    ],
)
def test_who_is_parted_from_a_count_suffered_the_same(text: str) -> None:
    whole, part = read_figures(text)
    assert (part.value, part.measure, part.attributed_to) == (54, "killed", whole.attributed_to)


@pytest.mark.parametrize(
    "text",
    [
        "Ночью Россия атаковала Украину. Губернатор сообщил, что над его областью сбиты семь беспилотников.",
        "Уночі росіяни атакували країну. Голова області повідомив, що над нею збито сім дронів.",
        "Overnight Russia attacked the country. The air force said seven drones were shot down.",
    ],
)
def test_what_was_shot_down_in_a_night_is_no_sum(text: str) -> None:
    (figure,) = read_figures(text, published=Day("2024-12-15"))
    assert (figure.value, figure.kind) == (7, "change")


def test_a_further_number_of_another_place_is_a_total() -> None:
    text = "Some 800 jobs went at Siemens. A further 200 jobs at the Department of Health are to be cut."
    assert [figure.kind for figure in read_figures(text)] == ["total", "total"]


def test_a_week_of_cases_has_a_week_of_deaths() -> None:
    text = "Das Institut meldet für die Woche vom 6. bis 12. Januar 2025 850 Grippefälle. 54 Menschen starben."
    cases, deaths = read_figures(text)
    assert (deaths.kind, deaths.period_start, deaths.period_end) == ("change", cases.period_start, cases.period_end)
