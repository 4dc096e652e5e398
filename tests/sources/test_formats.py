"""A date format by which no day can ever be read is an error of the definition, before anything is fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources import check
from tests.flows.defining import define


def problems(folder: Path, form: str) -> list[str]:
    define(folder, "weekly", "https://example.org/t.csv")
    path = folder / "weekly.yml"
    path.write_text(path.read_text("utf-8").replace("{column: date}", f'{{column: date, format: "{form}"}}'), "utf-8")
    return [str(problem) for problem in check(path)]


@pytest.mark.parametrize("form", ["%Y-W%V", "week %W", "%U", "%V", "%G"])
def test_a_format_that_names_no_day_is_refused_by_name(tmp_path: Path, form: str) -> None:
    [problem] = problems(tmp_path, form)
    assert "as_of.format" in problem
    assert form in problem
    assert "week" in problem or "%G" in problem


@pytest.mark.parametrize(
    "form",
    [
        "%G-W%V-%u",
        "%G-W%V",
        "%Y %U",
        "week %W of %Y",
        "%y/%W",
        "%Y-%m",
        "%Y",
        "%d %B %Y",
        "%Y %W %a",
        "%j/%Y",
        "%d.%m.%y",
    ],
)
def test_a_format_that_names_a_day_month_or_year_is_sound(tmp_path: Path, form: str) -> None:
    assert problems(tmp_path, form) == []
