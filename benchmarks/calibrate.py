"""Weigh the signs of sureness on annotated reports; extractors/prose/sureness.yml is written where that is asked for.

    python -m benchmarks.calibrate [--write]

It learns from the half of the shared reports that rules are written on and from our own annotated reports, which count
less, since their rules were fitted to them; the other half only checks. Each field has a logistic regression of its
own. What is printed is how figures fare whose document was left out of the weights.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from benchmarks.prose_halves import documents, half, predictions, scorer
from extractors.prose import sureness
from extractors.prose.reader import TextReader
from extractors.prose.sureness import FIELDS, signs_of
from extractors.words import detect, lexicon
from tests.prose import test_independent as own

BOUND = 0.80
"""The chance below which a field is told as unsure; chosen on the curves that this prints."""
_GOLD = {"dates": ("period_start", "period_end", "as_of")}
_OUT = Path(sureness.__file__).with_name("sureness.yml")
_RIDGE, _FOLDS, _EACH = 4.0, 6, 6
"""The ridge, the parts left out in turn, and so many figures of one document count as much as those of another."""


class Row:
    """One figure: its signs, which fields are right, how much it counts, and its document."""

    def __init__(self, signs: list[str], right: dict[str, bool], weight: float, document: str) -> None:
        self.signs, self.right, self.weight, self.document = signs, right, weight, document


def signs_in(text: str, language: str | None, published: Any) -> dict[tuple[int, int], list[str]]:
    """The signs of each figure of a text by its place."""
    reader = TextReader(text, lexicon(language or detect(text)), published)
    tokens = reader.tokens
    found = {}
    for draft, context in zip(reader.read(), reader.contexts, strict=True):
        place = tokens[draft.number.first].s, tokens[draft.number.last - 1].e
        found[place] = signs_of(draft, context)
    return found


def shared_rows() -> list[Row]:
    """The figures of the shared reports of the first half."""
    judge, rows = scorer(), []
    for name, document in documents(judge).items():
        if half(name) != "write":
            continue
        published = dt.date.fromisoformat(document["published"]) if document["published"] else None
        signs = signs_in(document["text"], None, published)
        _, _, false, pairs = judge.score_doc(document, predictions(document))
        weight = 0.5 if document["old"] else 2.0
        for gold, figure in pairs:
            right = {
                field: all(judge.field_equal(n, gold.get(n), figure.get(n)) for n in _GOLD.get(field, (field,)))
                for field in FIELDS
            }
            rows.append(Row(signs[figure["start"], figure["end"]], right, weight, name))
        rows += [Row(signs[f["start"], f["end"]], dict.fromkeys(FIELDS, False), weight, name) for f in false]
    return rows


def own_rows() -> list[Row]:
    """The figures of our own annotated reports, in other languages and English."""
    rows = []
    for name in ("REPORTS", "UNSEEN", "MIXED", "ENGLISH", "LATER", "AGENCIES"):
        for at, report in enumerate(getattr(own, name)):
            published = dt.date.fromisoformat(report["published"]) if report["published"] else None
            signs = signs_in(report["text"], None, published)
            for figure, entry in own.pairs(report):
                if figure is None:
                    continue
                right = own_right(figure, entry)
                rows.append(Row(signs[figure.start, figure.end], right, 0.4, f"{name} {at}"))
    return rows


def own_right(figure: Any, entry: dict[str, Any] | None) -> dict[str, bool]:
    """Which fields of a figure of our own reports are right; none where no such figure is annotated."""
    if entry is None:
        return dict.fromkeys(FIELDS, False)
    told, wanted = [n.casefold() for n in figure.attributed_to], [n.casefold() for n in entry.get("by", [])]
    named = all(any(a in b or b in a for b in wanted) for a in told)
    named = named and all(any(a in b or b in a for b in told) for a in wanted)
    _, unit, measure, kind = entry["is"].split()
    dates = [figure.period_start, figure.period_end, figure.as_of]
    dated = dates == [*entry.get("period", [None, None]), entry.get("as_of")]
    return {
        "attributed_to": named,
        "dates": dated,
        "kind": figure.kind == kind,
        "measure": figure.measure == measure,
        "unit": figure.unit == unit,
    }


def fitted(rows: list[Row], field: str, names: list[str]) -> np.ndarray:
    """The weights of a logistic regression with a ridge, by Newton's steps."""
    column = {name: at for at, name in enumerate(names)}
    x = np.zeros((len(rows), len(names)))
    for at, row in enumerate(rows):
        for sign in row.signs:
            if sign in column:
                x[at, column[sign]] = 1.0
    y = np.array([row.right[field] for row in rows], dtype=float)
    w = np.array([row.weight for row in rows])
    beta = np.zeros(len(names))
    for _ in range(6):
        p = 1 / (1 + np.exp(-x @ beta))
        slope = x.T @ (w * (y - p)) - _RIDGE * beta
        curve = (x * (w * p * (1 - p))[:, None]).T @ x + _RIDGE * np.eye(len(names))
        beta += np.linalg.solve(curve, slope)
    return beta


def chance(row: Row, weights: dict[str, float]) -> float:
    """How sure a field of a figure is."""
    return float(1 / (1 + np.exp(-sum(weights.get(sign, 0.0) for sign in row.signs))))


def held_apart(rows: list[Row], names: list[str]) -> dict[int, dict[str, float]]:
    """The chance of each field of each figure, by weights made without its document."""
    ids = sorted({row.document for row in rows})
    fold = {name: at % _FOLDS for at, name in enumerate(ids)}
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for part in range(_FOLDS):
        rest = [row for row in rows if fold[row.document] != part]
        for field in FIELDS:
            weights = dict(zip(names, fitted(rest, field, names), strict=True))
            for at, row in enumerate(rows):
                if fold[row.document] == part:
                    found[at][field] = chance(row, weights)
    return found


def curve(rows: list[Row], chances: dict[int, dict[str, float]], shared: bool) -> list[tuple[float, float, float]]:
    """Bound, share of figures told as sure, and how many of them are whole; over shared reports or our own."""
    told = []
    chosen = [at for at, row in enumerate(rows) if (row.document[2:3] == "-") == shared]
    for bound in np.arange(0.50, 0.96, 0.02):
        sure = [at for at in chosen if all(c > bound for c in chances[at].values())]
        if sure:
            right = sum(all(rows[at].right.values()) for at in sure)
            told.append((float(bound), len(sure) / len(chosen), right / len(sure)))
    return told


def main() -> None:
    """Fit, print the curve, and write the file where `--write` says so: every reader of prose is another then."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--write", action="store_true")
    write = asked.parse_args().write
    rows = shared_rows() + own_rows()
    many = Counter(row.document for row in rows)
    for row in rows:
        row.weight *= min(1.0, _EACH / many[row.document])
    seen: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for sign in row.signs:
            seen[sign].add(row.document)
    names = sorted(sign for sign, places in seen.items() if len(places) >= 3)
    chances = held_apart(rows, names)
    lines = [curve(rows, chances, shared) for shared in (True, False)]
    for name, line in zip(("shared", "own"), lines, strict=True):
        print(name, *(f"{bound:.2f}:{share:.2f}/{right:.2f}" for bound, share, right in line))
    bound = BOUND
    made: dict[str, Any] = {}
    for field in FIELDS:
        weights = dict(zip(names, fitted(rows, field, names), strict=True))
        kept = {name: round(float(weight), 2) for name, weight in weights.items() if abs(weight) >= 0.05}
        made[field] = {"bound": round(bound, 2), "weights": kept}
    head = "# Made by `python -m benchmarks.calibrate`; not to be edited. See extractors/prose/sureness.py.\n"
    if write:
        _OUT.write_text(head + yaml.safe_dump(made, allow_unicode=True, sort_keys=True), encoding="utf-8")
    print(f"{len(rows)} figures, {len(names)} signs, bound {bound:.2f}", file=sys.stderr)


if __name__ == "__main__":
    main()
