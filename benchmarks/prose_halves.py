"""How well annotated reports are read, in two halves: one that rules are written on, one that only checks them.

    python -m benchmarks.prose_halves                 the half that rules are written on, by language and field
    python -m benchmarks.prose_halves --check         both halves; asked only when a piece of work is done
    python -m benchmarks.prose_halves --wrong [DOC]   what is read otherwise than annotated, in the first half only

A document falls into a half by a hash of its name, so that the halves stay what they are when documents are added.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
from collections import Counter, defaultdict
from pathlib import Path
from types import ModuleType
from typing import Any

from extractors.prose import read_figures
from model import Day

SHARED = Path(__file__).parents[1] / "../shared"
FOLDERS = (SHARED / "data/annotated", SHARED / "data/annotated-new")
SCORER = SHARED / "tools/score_figures.py"
FIELDS = ("qualifier", "unit", "measure", "category", "kind", "attributed_to", "period_start", "period_end", "as_of")


def half(name: str) -> str:
    """ "write" or "check", by the name of a document alone."""
    return "write" if hashlib.sha256(name.encode()).digest()[0] % 2 else "check"


def scorer() -> ModuleType:
    """The scorer of the shared data as a module."""
    spec = importlib.util.spec_from_file_location("score_figures", SCORER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def predictions(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures that are read in a document, as the scorer takes them; denied ones are not annotated."""
    published = Day(document["published"]) if document["published"] else None
    found = []
    for figure in read_figures(document["text"], published=published):
        if not figure.denied:
            fields = {name: getattr(figure, name) for name in figure.__struct_fields__}
            found.append({"doc_id": document["doc_id"], **fields, "attributed_to": list(figure.attributed_to)})
    return found


class Tally:
    """Counts of one group of documents; figures told as sure are counted apart."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def add(self, judge: ModuleType, document: dict[str, Any], read: list[dict[str, Any]]) -> None:
        """Count one document's figures."""
        hit, missed, false, pairs = judge.score_doc(document, read)
        self.counts.update(hit=hit, missed=len(missed), false=len(false), gold=hit + len(missed))
        for gold, figure in pairs:
            whole = not wrong(judge, gold, figure)
            self.counts.update(whole=whole, pairs=1, sure=not figure.get("unsure"))
            self.counts["sure_whole"] += whole and not figure.get("unsure")
            for name in FIELDS:
                if gold.get(name) or figure.get(name):
                    self.counts["n_" + name] += 1
                    self.counts["ok_" + name] += judge.field_equal(name, gold.get(name), figure.get(name))
        self.counts["sure"] += sum(not figure.get("unsure") for figure in false)

    def row(self) -> str:
        """F1, whole, the sure ones' share and precision, then one accuracy a field."""
        c = self.counts
        base = (
            rate(2 * c["hit"], 2 * c["hit"] + c["missed"] + c["false"]),
            rate(c["whole"], c["pairs"] + c["missed"]),
            rate(c["sure"], c["pairs"] + c["false"]),
            rate(c["sure_whole"], c["sure"]),
        )
        return " ".join([f"{c['gold']:5d}", *base, *(rate(c["ok_" + f], c["n_" + f]) for f in FIELDS)])


def rate(part: int, whole: int) -> str:
    """A share as text of fixed width."""
    return f"{part / whole:5.3f}" if whole else "    -"


def wrong(judge: ModuleType, gold: dict[str, Any], figure: dict[str, Any]) -> list[str]:
    """The fields of a whole record that are read otherwise than annotated."""
    return [name for name in judge.WHOLE if not judge.field_equal(name, gold.get(name), figure.get(name))]


def show_wrong(judge: ModuleType, document: dict[str, Any], read: list[dict[str, Any]]) -> None:
    """Print what is read otherwise than annotated in one document."""
    _, missed, false, pairs = judge.score_doc(document, read)
    print(f"\n=== {document['doc_id']} {document['published']} {document['url']}")
    for gold in missed:
        print(f"  MISSED {gold['number_text']!r} in {gold['quote'][:200]!r}")
    for figure in false:
        print(f"  FALSE  {figure['number_text']!r} in {figure['quote'][:200]!r}")
    for gold, figure in pairs:
        if names := wrong(judge, gold, figure):
            print(f"  {gold['number_text']!r} in {gold['quote'][:220]!r}")
            for name in names:
                print(f"      {name}: annotated {gold.get(name)!r}, read {figure.get(name)!r}")


def documents(judge: ModuleType) -> dict[str, dict[str, Any]]:
    """All annotated documents; those of the first folder are marked as old."""
    found: dict[str, dict[str, Any]] = {}
    for folder in FOLDERS:
        for name, document in judge.load_gold(folder).items():
            found[name] = {**document, "old": folder == FOLDERS[0]}
    return found


def main() -> None:
    """Print the tables, or the first half's errors."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true", help="also score the half that rules must not be written on")
    parser.add_argument("--wrong", nargs="?", const="", help="print what is read wrong in the first half")
    options = parser.parse_args()
    judge = scorer()
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for name, document in sorted(documents(judge).items()):
        side = half(name)
        if side == "check" and not options.check:
            continue
        read = predictions(document)
        if options.wrong is not None and side == "write" and name.startswith(options.wrong):
            show_wrong(judge, document, read)
        age = "old" if document["old"] else "new"
        tongue = "en" if document["lang"] == "en" else "other"
        for group in (f"{side} all", f"{side} {age} {tongue}", f"{side} {document['lang']}"):
            tallies[group].add(judge, document, read)
    print(
        f"{'':18s}{'gold':>5s} {'F1':>5s} {'whole':>5s} {'sure':>5s} {'right':>5s} " + " ".join(f[-5:] for f in FIELDS)
    )
    for group in sorted(tallies):
        print(f"{group:18s}{tallies[group].row()}")


if __name__ == "__main__":
    main()
