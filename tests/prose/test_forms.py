"""Samples in the forms of the sources that the reader was made for are read whole record by whole record."""

from typing import Any

import pytest

from extractors.prose import read_figures
from model import Day
from tests.prose.golden import load
from tests.prose.test_examples import shown, wanted

FORMS = load("forms")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["source"])
def test_every_record_of_a_form_is_whole(form: dict[str, Any]) -> None:
    figures = read_figures(form["text"], language=form["language"], published=Day(form["published"]))
    assert [shown(figure) for figure in figures] == [wanted(entry) for entry in form["figures"]]
