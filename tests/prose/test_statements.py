"""Short statements by class (who says it, when, what), each with the answer that the rules of annotation give."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from extractors.prose import read_figures
from model import Day, Figure

_SIGNS = {"~": "approximately", ">": "more_than", "<": "less_than", "..": "range"}
_KINDS = {"chg": "change", "share": "share", "ratio": "ratio"}
_UNITS = ("items", "families", "percent", "ratio", "other")


class Statement(NamedTuple):
    """A statement of one class and the figures it holds, as `told` writes them."""

    name: str
    language: str
    published: str | None
    text: str
    figures: tuple[str, ...]


def expected(line: str, year: str) -> str:
    """One line of the file in the form that `told` gives a figure."""
    number, words, by, when = ([part.strip() for part in line.split("|")] + ["", "", ""])[:4]
    given = words.split()
    sign = _SIGNS.get(given[0], "exact")
    given = given[sign != "exact" :]
    unit = given.pop(0) if len(given) > 1 and given[0] in _UNITS and given[1] not in _KINDS else "people"
    kind = _KINDS.get(given[-1], "total")
    when = re.sub(r"(?<![\d-])(\d\d-\d\d)", year + r"-\1", when)
    return f"{number} {sign} {unit} {given[0]} {kind} | {_keys(by.split(','))} | {when}".strip()


def _keys(names: list[str]) -> str:
    """Names by the beginnings of their last words: case endings and titles before a name do not matter."""
    return ", ".join(sorted(name.split()[-1].casefold()[:5] for name in names if name.strip()))


def told(figure: Figure) -> str:
    """A figure in one line: number, hedge, unit, measure, kind, claimants, dates."""
    start, end = figure.period_start or "", figure.period_end or ""
    when = f"p{start}..{end}" if start or end else ""
    when += f" a{figure.as_of}" if figure.as_of else ""
    fields = f"{figure.number_text} {figure.qualifier} {figure.unit} {figure.measure} {figure.kind}"
    return f"{fields} | {_keys(list(figure.attributed_to))} | {when.strip()}".strip()


def read(path: Path) -> list[Statement]:
    """The statements of a file: "== language class", then text and "> …" lines, parted by empty lines."""
    made: list[Statement] = []
    for part in re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.M)[1:]:
        head, _, body = part.partition("\n")
        for block in body.strip().split("\n\n"):
            text, *lines = block.split("\n")
            match = re.match(r"@(\S+) ", text)
            published = match.group(1) if match else None
            text = text[match.end() if match else 0 :].replace("¶", "\n\n")
            figures = tuple(expected(line[2:], (published or "0000")[:4]) for line in lines)
            made.append(Statement(f"{head}: {text[:40]}", head.split()[0], published, text, figures))
    return made


STATEMENTS = [statement for path in sorted(Path(__file__).parent.glob("statements_*.txt")) for statement in read(path)]


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.name)
def test_a_statement_is_read_as_the_rules_say(statement: Statement) -> None:
    published = Day(statement.published) if statement.published else None
    figures = read_figures(statement.text, language=statement.language, published=published)
    assert tuple(told(figure) for figure in figures if not figure.denied) == statement.figures
