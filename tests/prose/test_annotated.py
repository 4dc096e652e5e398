"""The annotated reports of the shared data: the scorer's own figures, held as bounds."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.prose_halves import predictions, scorer

SHARED = Path(__file__).parents[2] / "../shared"
GOLD, SCORER = SHARED / "data/annotated", SHARED / "tools/score_figures.py"
pytestmark = pytest.mark.skipif(not (GOLD.is_dir() and SCORER.is_file()), reason="needs ../shared/data/annotated")


def read_all(documents: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures read in documents, as the scorer takes them."""
    return [figure for document in documents.values() for figure in predictions(document)]


def test_the_seed_report_is_read_whole() -> None:
    module = scorer()
    documents = {doc_id: d for doc_id, d in module.load_gold(GOLD).items() if doc_id == "en-000"}
    told = module.score(documents, read_all(documents))["all"]
    assert (told["f1"], told["whole"], told["predicted"]) == (1.0, 1.0, 12)
    russian = [p for p in read_all(documents) if "Russian" in (p["whom"] or "") and p["unit"] != "families"]
    assert len(russian) == 11


def test_the_shared_reports_are_read_above_the_bars() -> None:
    module = scorer()
    documents = module.load_gold(GOLD)
    told = module.score(documents, read_all(documents))
    assert told["english"]["f1"] >= 0.97
    assert told["not_english"]["f1"] >= 0.95
    assert told["all"]["whole"] >= 0.65
    bars = {"qualifier": 0.97, "unit": 0.95, "kind": 0.93, "measure": 0.92, "attributed_to": 0.80}
    bars |= dict.fromkeys(("as_of", "period_start", "period_end", "category"), 0.75)
    fields = told["all"]["fields"]
    assert {name: fields[name]["accuracy"] >= bar for name, bar in bars.items()} == dict.fromkeys(bars, True)
