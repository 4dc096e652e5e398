"""Every check declares its name, its place and when it speaks, and has a line in docs/checks.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from changes.checks import CHECKS, OF_CHANGES, REPEATED
from model import CheckName
from sources.catalogue import reference

HOME = Path(__file__).parents[2]
PACKAGES = ("changes", "extractors", "flows", "publish", "doors", "review", "storage", "cli")


NAMES = [check.name for check in CHECKS]


def test_every_name_is_declared_once() -> None:
    assert sorted(NAMES) == sorted(set(NAMES))
    assert {*CheckName, *OF_CHANGES, *REPEATED} <= set(NAMES)


def test_checks_that_run_have_places_of_their_own() -> None:
    places = [check.order for check in CHECKS if check.run is not None]
    assert sorted(places) == sorted(set(places))


def test_every_check_says_when_it_holds_or_warns() -> None:
    assert [check.name for check in CHECKS if not (check.holds or check.warns)] == []


def test_the_table_of_the_documentation_is_that_of_the_registry() -> None:
    assert reference.CHECKS_PAGE.read_text(encoding="utf-8") == reference.checks(), "run `make reference`"


def literal_names() -> Iterator[str]:
    """Every literal that is given as the name of a check's result anywhere in the product."""
    for package in PACKAGES:
        for path in (HOME / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("CheckResult"):
                    for keyword in node.keywords:
                        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                            yield str(keyword.value.value)


def test_no_result_has_a_name_that_no_check_declares() -> None:
    found = set(literal_names())
    assert found
    assert found <= set(NAMES)
