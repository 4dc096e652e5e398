"""Weigh the signs of sureness on annotated reports; extractors/prose/sureness.yml is written where that is asked for.

    python -m benchmarks.calibrate [--write]

It learns from the half of the shared reports that rules are written on and from our own annotated reports, which count
less, since their rules were fitted to them; the other half only checks. Each field has a logistic regression of its
own, and the record as a whole has one. What is printed is how figures fare whose document was left out of the weights.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.prose_halves import documents, half, predictions, scorer
from extractors.prose import sureness
from extractors.prose.reader import TextReader
from extractors.prose.sureness import FIELDS, signs_of
from extractors.words import detect, lexicon
from tests.prose import test_independent as own

SHARE = 0.55
"""The share of the shared reports' figures that are to be told as sure; chosen on the curve that this prints."""
FIELD = 1.5
"""The score below which a field of a figure that is not sure is named: four in five of them are right."""
_GOLD = {"dates": ("period_start", "period_end", "as_of")}
_OUT = Path(sureness.__file__).with_name("sureness.yml")
_RIDGE, _FOLDS, _EACH = 3.0, 6, 6
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
    for name in ("REPORTS", "UNSEEN", "MIXED", "ENGLISH", "LATER", "AGENCIES", "STRANGERS"):
        reports = [r for r in getattr(own, name) if r.get("half") != "b"]
        for at, report in enumerate(reports):
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


def matrix(rows: list[Row], names: list[str]) -> np.ndarray:
    """A line a figure and a column a sign."""
    column = {name: at for at, name in enumerate(names)}
    x = np.zeros((len(rows), len(names)))
    for at, row in enumerate(rows):
        x[at, [column[sign] for sign in row.signs if sign in column]] = 1.0
    return x


def fitted(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The weights of a logistic regression with a ridge, by Newton's steps."""
    beta = np.zeros(x.shape[1])
    for _ in range(5):
        p = 1 / (1 + np.exp(-x @ beta))
        slope = x.T @ (w * (y - p)) - _RIDGE * beta
        curve = (x * (w * p * (1 - p))[:, None]).T @ x + _RIDGE * np.eye(len(beta))
        beta += np.linalg.solve(curve, slope)
    return beta


def held_apart(rows: list[Row], x: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The score of each figure, by weights made without its document."""
    ids = sorted({row.document for row in rows})
    fold = np.array([ids.index(row.document) % _FOLDS for row in rows])
    scores = np.zeros(len(rows))
    for part in range(_FOLDS):
        rest = fold != part
        scores[~rest] = x[~rest] @ fitted(x[rest], y[rest], w[rest])
    return scores


def curve(scores: np.ndarray, whole: np.ndarray) -> list[tuple[float, float, float]]:
    """Share of figures told as sure, how many of them are whole, and the score of the last."""
    order = np.argsort(-scores)
    ends = [max(1, round(len(order) * share)) for share in np.arange(0.1, 1.01, 0.05)]
    return [(end / len(order), float(whole[order[:end]].mean()), float(scores[order[end - 1]])) for end in ends]


def main() -> None:
    """Fit, print the curves, and write the file where `--write` says so: every reader of prose is another then."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--write", action="store_true")
    write = asked.parse_args().write
    rows = shared_rows() + own_rows()
    many = Counter(row.document for row in rows)
    w = np.array([row.weight * min(1.0, _EACH / many[row.document]) for row in rows])
    seen: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for sign in row.signs:
            seen[sign].add(row.document)
    names = sorted(sign for sign, places in seen.items() if len(places) >= 6)
    x, whole = matrix(rows, names), np.array([all(row.right.values()) for row in rows], dtype=float)
    scores, shared = held_apart(rows, x, whole, w), np.array([row.document[2:3] == "-" for row in rows])
    for name, chosen in (("shared", shared), ("own", ~shared)):
        print(name, *(f"{share:.2f}:{right:.3f}" for share, right, _ in curve(scores[chosen], whole[chosen])))
    bound = float(np.quantile(scores[shared], 1 - SHARE))
    targets = [np.array([row.right[field] for row in rows], dtype=float) for field in FIELDS]
    weights = np.array([fitted(x, y, w) for y in (*targets, whole)]).T
    if write:
        head = "# Made by `python -m benchmarks.calibrate`; not to be edited. See extractors/prose/sureness.py.\n"
        table = zip(names, weights.round(2).tolist(), strict=True)
        lines = [f"  {json.dumps(name, ensure_ascii=False)}: {row}" for name, row in table]
        bounds = f"bounds: {{field: {FIELD}, whole: {bound:.2f}}}\nweights:\n"
        _OUT.write_text(head + bounds + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(rows)} figures, {len(names)} signs, bound {bound:.2f}", file=sys.stderr)


if __name__ == "__main__":
    main()
