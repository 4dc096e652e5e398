"""Who states a number and for when, construction by construction: each class of short texts is read above its bar."""

from pathlib import Path

import pytest
import yaml

from extractors.prose import read_figures
from model import Day, Figure

SNIPPETS = yaml.safe_load((Path(__file__).parent / "snippets_en.yml").read_text(encoding="utf-8"))
PUBLISHED = Day("2025-10-08")


def answer(line: str) -> tuple[str, list[str], tuple[str | None, str | None], str | None]:
    """The parts of "number | who; who | start..end | as_of"."""
    number, names, period, as_of = ([part.strip() for part in line.split("|")] + [""] * 3)[:4]
    start, _, end = period.partition("..")
    return (
        number,
        [name.strip() for name in names.split(";") if name.strip()],
        (start or None, end or None),
        as_of or None,
    )


def right(figure: Figure, line: str) -> bool:
    _, names, period, as_of = answer(line)
    told, wanted = [name.casefold() for name in figure.attributed_to], [name.casefold() for name in names]
    named = all(any(a in b or b in a for b in wanted) for a in told)
    named = named and all(any(a in b or b in a for b in told) for a in wanted)
    return named and (figure.period_start, figure.period_end) == period and figure.as_of == as_of


def read_right(snippet: dict[str, list[str] | str]) -> list[bool]:
    """For each figure of a snippet, whether it was found with the right claimants and dates."""
    figures = read_figures(str(snippet["text"]), language="en", published=PUBLISHED)
    found = []
    for line in snippet["told"]:
        number = answer(line)[0]
        hit = next((f for f in figures if number in f.number_text or f.number_text in number), None)
        found.append(hit is not None and right(hit, line))
        if hit is not None:
            figures.remove(hit)
    return found


@pytest.mark.parametrize("construction", sorted(SNIPPETS))
def test_each_construction_of_the_news_is_read_above_the_bar(construction: str) -> None:
    told = [hit for snippet in SNIPPETS[construction] for hit in read_right(snippet)]
    assert len(told) >= 7
    assert sum(told) >= 0.75 * len(told)


def test_the_constructions_together_are_read_far_above_it() -> None:
    told = [hit for snippets in SNIPPETS.values() for snippet in snippets for hit in read_right(snippet)]
    assert sum(told) >= 0.93 * len(told)
