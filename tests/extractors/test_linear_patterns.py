"""No pattern of ours takes more than time as its text is long, whatever the text: shown by growth, not by the clock.

Every pattern of the code is found, with the methods by which it is asked, and asked so over odd texts of two lengths.
What takes measurable processor time must not take many times as much for a text four times as long.
"""

from __future__ import annotations

import ast
import importlib
import re
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PARSER: Any = importlib.import_module("re._parser")
"""What the standard library takes patterns apart with."""

ROOT = Path(__file__).parents[2]
PACKAGES = ("model", "sources", "extractors", "changes", "storage", "publish", "doors", "review", "flows", "cli")
SHORT, TIMES = 1_600, 4
"""A text of SHORT characters, and one TIMES as long."""

NOTICED = 0.002
"""Seconds of processor time below which a text of SHORT characters is read in no time at all."""

FAR_TOO_MUCH = 0.2
"""Seconds beyond which a text of SHORT characters needs no longer one beside it."""

MOST = 8.0
"""What four times the length may cost at most; 4 is linear, 16 the square."""

UNITS = (
    *" \n\t\r0159aAzéяЯ*.,-–—()[]{}<>/:;'\"’%$€|_=+&#@!?~^\\",
    *"\u00a0\u200b\u202f\u0661\u0301\u2212½²و",
    *("1 ", "10,", "1.", "a1", "<a", "a ", "A b ", "2025-", "1/", "(a", "[1]", " - ", "a-", "“a", "1,234 ", "ab,"),
    *("<<", "&lt;", "a.b", "1:", "..", "http://", "a@", "{x}", 'a="', "\r\n", "\n ", "* ", ") ", "1%", "$ ", "No. "),
    *(
        "one ",
        "of the ",
        "and ",
        "1 2",
        "A. ",
        "AaB",
        "1a ",
        "\t1",
        "|1",
        "[a",
        "1–2 ",
        "'a",
        "1e",
        "+1",
        "<script ",
        "<!--",
    ),
    *("January ", "<h1>", '"a":"', "|-", "|a|\n", "1 to ", "a: "),
)


class Asked(NamedTuple):
    """A pattern, where it stands, and how it is asked: `match` and `fullmatch` begin at one place, others at each."""

    where: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]


ANCHORED = frozenset(("match", "fullmatch"))


@cache
def trees() -> dict[Path, ast.Module]:
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return {path: ast.parse(path.read_text()) for path in paths if "migrations" not in path.parts}


def inline() -> Iterator[Asked]:
    """Patterns that are written where they are asked: `re.sub("…", …)`."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            function = getattr(node, "func", None)
            if not (isinstance(node, ast.Call) and isinstance(function, ast.Attribute) and node.args):
                continue
            if not (isinstance(function.value, ast.Name) and function.value.id == "re") or function.attr == "escape":
                continue
            written = node.args[0]
            if isinstance(written, ast.Constant) and function.attr != "compile":
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                yield Asked(where, re.compile(written.value), frozenset((function.attr,)))


def named() -> Iterator[Asked]:
    """Patterns that modules hold by name, in tables and tuples too."""
    for path in trees():
        module = importlib.import_module(
            ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        )
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                yield Asked(f"{path.relative_to(ROOT)} {name}", value, methods(path, name))
            for inner in _held(value) if not name.startswith("__") else ():
                yield Asked(f"{path.relative_to(ROOT)} {name}", inner, frozenset())


def _held(value: object, depth: int = 3) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and depth < 3:
        yield value
    elif depth and isinstance(value, tuple | list | frozenset | set):
        for inner in list(value)[:200]:
            yield from _held(inner, depth - 1)
    elif depth and isinstance(value, dict):
        for inner in list(value.values())[:200]:
            yield from _held(inner, depth - 1)


@cache
def uses() -> dict[Path, dict[str, set[str]]]:
    """By what methods names are asked in each module; a name that is handed on may be asked by any."""
    found: dict[Path, dict[str, set[str]]] = {}
    for path, tree in trees().items():
        here = found.setdefault(path, {})
        owned = {id(node.value): node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                here.setdefault(node.id, set()).add(owned.get(id(node), "finditer"))
            elif isinstance(node, ast.ImportFrom):
                here.update({alias.name: set() for alias in node.names if alias.name not in here})
    return found


def methods(path: Path, name: str) -> frozenset[str]:
    """By what methods a module's name is asked, there and wherever it may have been imported."""
    places = uses().values() if not name.startswith("_") else [uses()[path]]
    return frozenset(method for here in places for method in here.get(name, ()))


def sample(parsed: Any) -> str:
    """A text that a pattern nearly fits, made of what it asks for; classes and choices give their first."""
    made = ""
    for kind, given in parsed:
        match str(kind):
            case "LITERAL":
                made += chr(given)
            case "ANY" | "NOT_LITERAL":
                made += "a"
            case "IN":
                made += _first(given)
            case "BRANCH":
                made += sample(given[1][0])
            case "SUBPATTERN":
                made += sample(given[3])
            case "ATOMIC_GROUP":
                made += sample(given)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                made += sample(given[2]) * min(max(given[0], 1), 4)
    return made


def _first(given: list[tuple[Any, Any]]) -> str:
    shown = {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a"}
    for kind, value in given:
        match str(kind):
            case "NEGATE":
                return "a"
            case "LITERAL":
                return chr(value)
            case "RANGE":
                return chr(value[0])
            case "CATEGORY":
                return shown.get(str(value), "a")
    return "a"


def own_units(one: Asked) -> Iterator[str]:
    """Texts of which a pattern finds the beginning, again and again."""
    made = sample(PARSER.parse(one.pattern.pattern, one.pattern.flags & ~re.UNICODE))
    for end in {len(made), len(made) - 1, len(made) // 2, len(made) * 3 // 4}:
        if end > 0:
            yield made[:end]


def all_asked() -> list[Asked]:
    every: dict[tuple[str | bytes, int], Asked] = {}
    for one in (*named(), *inline()):
        key = (one.pattern.pattern, one.pattern.flags)
        before = every.get(key)
        every[key] = one if before is None else before._replace(methods=_both(before.methods, one.methods))
    return list(every.values())


def _both(some: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    return some | others if some and others else frozenset()


def odd_texts(one: Asked, length: int) -> Iterator[str]:
    for unit in (*UNITS, *own_units(one)):
        long = (unit * (length // len(unit) + 1))[:length]
        yield from (long, f"x{long}\0", f"1 {long}\nq", f"{long}q 1")


def cost(one: Asked, method: str, text: str) -> float:
    given = text.encode(errors="replace") if isinstance(one.pattern.pattern, bytes) else text
    began = time.process_time()
    if method == "finditer":
        for _ in one.pattern.finditer(given):
            pass
    else:
        getattr(one.pattern, method)(given)
    return time.process_time() - began


def grows(one: Asked, method: str, short: str, long: str) -> bool:
    """Whether a text four times as long costs far more; the least of several tries, since others use the machine."""
    if cost(one, method, short) < NOTICED:
        return False
    least = min(cost(one, method, short) for _ in range(3))
    if least < NOTICED / 2 or least > FAR_TOO_MUCH:
        return least > FAR_TOO_MUCH
    return all(cost(one, method, long) > MOST * least for _ in range(3))


def slow(one: Asked) -> Iterator[str]:
    methods = {"finditer"} if not one.methods or one.methods - ANCHORED else set(one.methods)
    for method in methods:
        for short, long in zip(odd_texts(one, SHORT), odd_texts(one, SHORT * TIMES), strict=True):
            if grows(one, method, short, long):
                yield f"{one.where}: {method} of {one.pattern.pattern!r:.120} over {short[:12]!r}…"
                break


def test_every_pattern_is_found() -> None:
    assert len(all_asked()) > 150


def test_a_pattern_that_grows_is_caught() -> None:
    assert list(slow(Asked("here", re.compile(r"\s+$"), frozenset(("search",)))))
    assert not list(slow(Asked("here", re.compile(r"\s+$"), frozenset(("match",)))))


@pytest.mark.parametrize("package", PACKAGES)
def test_no_pattern_grows_faster_than_its_text(package: str) -> None:
    assert [found for one in all_asked() if one.where.startswith(package) for found in slow(one)] == []
