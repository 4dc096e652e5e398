"""A text may end, or begin, at any word: figures are read from what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from extractors.prose import read_figures
from model import Day

FILES = sorted(Path(__file__).parent.glob("*.yml"))
EVERY, PIECE = 9, 160


def _pieces(text: str) -> Iterator[str]:
    for found in list(re.finditer(r"\S+", text))[::EVERY]:
        yield text[max(0, found.end() - PIECE) : found.end()]
        yield text[found.end() : found.end() + PIECE]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_piece_of_a_report_is_read_with_its_numbers_in_place(path: Path) -> None:
    found, read = yaml.safe_load(path.read_text(encoding="utf-8")), 0
    for report in found if isinstance(found, list) else [one for group in found.values() for one in group]:
        published = Day(report["published"]) if report.get("published") else None
        for piece in _pieces(report.get("text", "")):
            for figure in read_figures(piece, language=report.get("language"), published=published):
                read += 1
                assert piece[figure.start : figure.end] == figure.number_text
    assert read


def test_a_text_that_ends_with_the_day_of_a_statement_is_read() -> None:
    (figure,) = read_figures("At least 63 people were killed, the ministry said Friday", language="en")
    assert (figure.value, figure.attributed_to) == (63, ("ministry",))
