"""A reader is another one when a word list that it goes by says something else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import extractors
from extractors.wordlists import FOLDER, lists_digest
from model import Reader
from tests.extractors.made import source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the word lists, to alter."""
    return Path(shutil.copytree(FOLDER, tmp_path / "words"))


def alter(folder: Path, language: str, old: str, new: str) -> None:
    file = folder / f"{language}.yml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    lists_digest.cache_clear()


def test_another_hedge_or_month_makes_another_reader_of_tables(folder: Path) -> None:
    was = lists_digest(prose=False, folder=folder), lists_digest(prose=False, language="en", folder=folder)
    alter(folder, "en", "hedges:", "hedges: # altered")
    hedged = lists_digest(prose=False, folder=folder), lists_digest(prose=False, language="en", folder=folder)
    alter(folder, "en", "january, jan", "january, jan, jany")
    dated = lists_digest(prose=False, folder=folder), lists_digest(prose=False, language="en", folder=folder)
    assert len({was, hedged, dated}) == len({was[0], hedged[0], dated[0]}) == len({was[1], hedged[1], dated[1]}) == 3


def test_another_noun_makes_another_reader_of_prose_alone(folder: Path) -> None:
    tables, prose = lists_digest(prose=False, folder=folder), lists_digest(prose=True, folder=folder)
    alter(folder, "uk", "\nnouns:", "\n# altered\nnouns:")
    assert lists_digest(prose=False, folder=folder) == tables
    assert lists_digest(prose=True, folder=folder) != prose


def test_another_language_s_hedges_are_nothing_to_a_source_that_names_its_own(folder: Path) -> None:
    english = lists_digest(prose=False, language="en", folder=folder)
    alter(folder, "de", "\nhedges:", "\nhedges: # altered")
    assert lists_digest(prose=False, language="en", folder=folder) == english


def test_a_reader_s_identity_holds_the_lists_that_it_goes_by() -> None:
    table = source("csv", [{"id": "a", "column": "a"}])
    assert extractors.reader(table).options == Reader.of(table, 1, lists_digest(prose=False)).options
    assert extractors.reader(table).options != Reader.of(table, 1, lists_digest(prose=True)).options


def test_how_a_figure_is_judged_is_nothing_to_its_reader() -> None:
    plain = source("csv", [{"id": "a", "column": "a"}])
    judged = source("csv", [{"id": "a", "column": "a", "may_fall": True, "expected": True}])
    follows = source("prose", [], series=[{"id": "a", "match": {"measure": "killed"}}])
    quotes = source("prose", [], series=[{"id": "a", "match": {"measure": "killed"}, "counts_as": "b/a"}])
    assert extractors.reader(plain) == extractors.reader(judged)
    assert extractors.reader(follows) == extractors.reader(quotes)
