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
