"""Today's reading of every text that the prose tests hold, one line a figure; frozen by `tests.golden`.

    python -m tests.golden prose           what is read otherwise than frozen
    python -m tests.golden prose --write   freeze what is read now, wrong readings among them

A frozen reading is not a right one: the bars and examples say what is right. It tells which figures a change moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from extractors.prose import VERSION, read_figures
from extractors.wordlists import lists_digest
from model import Day
from tests.golden import Golden, shown
from tests.prose.test_snippets import PUBLISHED
from tests.prose.test_statements import STATEMENTS

FOLDER = Path(__file__).parent
FROZEN = FOLDER / "golden.txt"
REPORTS = ("examples", "independent", "mixed", "reports_agencies", "reports_en", "reports_en_later", "unseen", "forms")


def texts() -> Iterator[tuple[str, str, str, Day | None]]:
    """Name, text, language and day of publication of every text of these tests."""
    for name in REPORTS:
        for place, report in enumerate(load(name)):
            published = Day(report["published"]) if report["published"] else None
            yield f"{name} {place} {report['source']}", report["text"], report["language"], published
    for construction, snippets in load("snippets_en").items():
        for place, snippet in enumerate(snippets):
            yield f"snippets_en {construction} {place}", snippet["text"], "en", PUBLISHED
    for place, statement in enumerate(STATEMENTS):
        published = Day(statement.published) if statement.published else None
        yield f"statements {place} {statement.name}", statement.text, statement.language, published


def load(name: str) -> Any:
    """One of the files of annotated texts."""
    return yaml.load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def readings() -> list[str]:
    """All lines: a heading a text, then its figures."""
    lines: list[str] = []
    for name, text, language, published in texts():
        lines.append(" ".join(f"== {name}".split()))
        lines += [shown(figure) for figure in read_figures(text, language=language, published=published)]
    return lines


PROSE = Golden(FROZEN, f"prose-texts {VERSION} {lists_digest(prose=True)}", readings)
