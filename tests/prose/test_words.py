"""Language files hold what the reader knows, and nothing that it does not."""

import pytest

from extractors.prose import explain, read_figures
from extractors.words import Lexicon, languages, lexicon


def test_a_key_that_is_no_role_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"unknown key 'evnts'; did you mean events\?"):
        Lexicon("xx", {"evnts": {"killed": ["dead"]}})


def test_every_language_file_is_read_without_an_unknown_key() -> None:
    assert all(lexicon(language).language == language for language in languages())


def test_a_field_taken_from_a_head_names_its_scope() -> None:
    text = "The Ministry of Health reports:\nLosses from 29 September to 5 October 2025:\ntanks – 31\ndrones – 1,940\n"
    figures = explain(text, language="en")
    assert [figure.attributed_to for figure, _ in figures] == [("Ministry of Health",)] * 2
    for _, why in figures:
        assert (why["attributed_to"].scope, why["dates"].scope, why["measure"].scope) == ("section", "list", "list")


def test_a_speaker_of_a_head_holds_until_another_speaks() -> None:
    text = "МОЗ повідомляє:\nЗа добу 120 нових випадків.\nПомерли 3 людини.\n\nПоліція повідомила про 5 поранених."
    speakers = [figure.attributed_to for figure in read_figures(text, language="uk")]
    assert speakers == [("МОЗ",), ("МОЗ",), ("Поліція",)]


def test_unsure_names_fields_of_a_figure() -> None:
    figures = read_figures(
        "Police said 12 people were killed on Friday. Later 30 were found, he added.", published="2025-10-08"
    )
    known = {"attributed_to", "period_start", "period_end", "as_of", "kind", "measure", "unit"}
    assert all(set(figure.unsure) <= known for figure in figures)
