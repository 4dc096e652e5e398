"""Every check has a name of the enumeration, a line in the registry, and a line in docs/checks.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from changes.checks import CHECKS, REPEATED, table
from model import CheckName

HOME = Path(__file__).parents[2]
PACKAGES = ("changes", "extractors", "flows", "publish", "review", "storage", "cli")


def test_every_name_stands_once_in_the_registry() -> None:
    assert sorted(check.name for check in CHECKS) == sorted(CheckName)
    assert set(CheckName) >= REPEATED


def test_every_check_says_when_it_holds_or_warns() -> None:
    assert [check.name for check in CHECKS if not (check.holds or check.warns)] == []


def test_the_table_of_the_documentation_is_that_of_the_registry() -> None:
    assert table() in (HOME / "docs" / "checks.md").read_text(encoding="utf-8"), (
        "docs/checks.md has another table than changes.checks.table(); put that in"
    )


def literal_names() -> Iterator[str]:
    """Every literal that is given as the name of a check's result anywhere in the product."""
    for package in PACKAGES:
        for path in (HOME / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("CheckResult"):
                    for keyword in node.keywords:
                        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                            yield str(keyword.value.value)


def test_no_check_has_a_name_that_the_enumeration_does_not_know() -> None:
    found = set(literal_names())
    assert found
    assert found <= {name.value for name in CheckName}
