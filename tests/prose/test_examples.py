"""Reports of our own making, of many kinds and languages, are read as a careful reader would read them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from extractors.prose import read_figures
from model import Day, Figure

EXAMPLES = yaml.safe_load((Path(__file__).parent / "examples.yml").read_text(encoding="utf-8"))


def shown(figure: Figure) -> dict[str, Any]:
    told: dict[str, Any] = {"text": figure.number_text}
    if figure.value is not None:
        told["value"] = str(figure.value)
    else:
        told["range"] = [str(figure.low), str(figure.high)]
    told["is"] = f"{figure.qualifier} {figure.unit} {figure.measure} {figure.kind}"
    told["by"] = list(figure.attributed_to)
    told["category"] = figure.category
    told["period"] = [figure.period_start, figure.period_end]
    told["as_of"] = figure.as_of
    told["denied"] = figure.denied
    return told


def wanted(entry: dict[str, Any]) -> dict[str, Any]:
    empty = {"by": [], "category": None, "period": [None, None], "as_of": None, "denied": False}
    return {**empty, **entry}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e['language']}: {e['source']}")
def test_every_figure_of_an_example_is_read_with_all_its_fields(example: dict[str, Any]) -> None:
    published = Day(example["published"]) if example["published"] else None
    figures = read_figures(example["text"], language=example["language"], published=published)
    assert [shown(figure) for figure in figures] == [wanted(entry) for entry in example["figures"]]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e['language']}: {e['source']}")
def test_the_language_of_an_example_is_detected(example: dict[str, Any]) -> None:
    published = Day(example["published"]) if example["published"] else None
    told = read_figures(example["text"], language=example["language"], published=published)
    assert read_figures(example["text"], published=published) == told
