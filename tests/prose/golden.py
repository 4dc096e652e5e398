"""Today's reading of every text that the prose tests hold, one line a figure, so that no change goes unseen.

    python -m tests.prose.golden           what is read otherwise than frozen
    python -m tests.prose.golden --write   freeze what is read now, wrong readings among them

A frozen reading is not a right one: the bars and examples say what is right. It tells which figures a change moves.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from extractors.prose import read_figures
from model import Day, Figure
from tests.prose.test_snippets import PUBLISHED
from tests.prose.test_statements import STATEMENTS

FOLDER = Path(__file__).parent
FROZEN = FOLDER / "golden.txt"
REPORTS = ("examples", "independent", "mixed", "reports_agencies", "reports_en", "reports_en_later", "unseen")


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


def shown(figure: Figure) -> str:
    """A figure in one line."""
    value = figure.value if figure.value is not None else f"{figure.low}..{figure.high}"
    kept = f"{value} {figure.qualifier} {figure.unit} {figure.measure} {figure.kind}{' denied' * figure.denied}"
    dates = f"{figure.period_start or ''}..{figure.period_end or ''} {figure.as_of or ''}".strip()
    names = "; ".join(figure.attributed_to)
    return f"{figure.start} {kept} | {figure.whom or ''} | {figure.category or ''} | {names} | {dates}"


def readings() -> list[str]:
    """All lines: a heading a text, then its figures."""
    lines: list[str] = []
    for name, text, language, published in texts():
        lines.append(" ".join(f"== {name}".split()))
        lines += [shown(figure) for figure in read_figures(text, language=language, published=published)]
    return lines


def differences() -> list[str]:
    """The lines by which today's readings differ from the frozen ones, with the heading of their text."""
    before, after = parted(FROZEN.read_text(encoding="utf-8").splitlines()), parted(readings())
    told: list[str] = []
    for heading in dict.fromkeys([*before, *after]):
        old, new = before.get(heading, []), after.get(heading, [])
        moved = [f"- {line}" for line in old if line not in new] + [f"+ {line}" for line in new if line not in old]
        told += [heading, *moved] if moved else []
    return told


def parted(lines: list[str]) -> dict[str, list[str]]:
    """The lines of each text by its heading."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in lines:
        if line.startswith("== "):
            heading = line
            found[heading] = []
        else:
            found[heading].append(line)
    return found


if __name__ == "__main__":
    if "--write" in sys.argv:
        FROZEN.write_text("\n".join(readings()) + "\n", encoding="utf-8")
    else:
        print("\n".join(differences()) or "Every text is read as frozen.")
