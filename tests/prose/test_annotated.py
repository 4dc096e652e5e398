"""The annotated reports of the shared data: the scorer's own figures, held as bounds."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from extractors.prose import read_figures
from model import Day

SHARED = Path(__file__).parents[2] / "../shared"
GOLD, SCORER = SHARED / "data/annotated", SHARED / "tools/score_figures.py"
pytestmark = pytest.mark.skipif(not (GOLD.is_dir() and SCORER.is_file()), reason="needs ../shared/data/annotated")


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_figures", SCORER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def predictions(documents: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for doc_id, document in documents.items():
        published = Day(document["published"]) if document["published"] else None
        for figure in read_figures(document["text"], published=published):
            if not figure.denied:
                fields = {name: getattr(figure, name) for name in figure.__struct_fields__}
                found.append({"doc_id": doc_id, **fields, "attributed_to": list(figure.attributed_to)})
    return found


def test_the_seed_report_is_read_whole() -> None:
    module = scorer()
    documents = {doc_id: d for doc_id, d in module.load_gold(GOLD).items() if doc_id == "en-000"}
    told = module.score(documents, predictions(documents))["all"]
    assert (told["f1"], told["whole"], told["predicted"]) == (1.0, 1.0, 12)
    russian = [p for p in predictions(documents) if "Russian" in (p["whom"] or "") and p["unit"] != "families"]
    assert len(russian) == 11


def test_the_shared_reports_are_read_above_the_bars() -> None:
    module = scorer()
    documents = module.load_gold(GOLD)
    told = module.score(documents, predictions(documents))
    assert told["english"]["f1"] >= 0.97
    assert told["not_english"]["f1"] >= 0.95
    assert told["all"]["whole"] >= 0.65
    bars = {"qualifier": 0.97, "unit": 0.95, "kind": 0.93, "measure": 0.92, "attributed_to": 0.80}
    bars |= dict.fromkeys(("as_of", "period_start", "period_end", "category"), 0.75)
    fields = told["all"]["fields"]
    assert {name: fields[name]["accuracy"] >= bar for name, bar in bars.items()} == dict.fromkeys(bars, True)
