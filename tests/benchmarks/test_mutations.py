"""Mistakes are put where they are said to be, and told apart from those that tests see."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from benchmarks import mutations

CODE = '''"""A text."""
def one(a: int = 3) -> int:
    """A text, 5."""
    if a < 2 and not a:
        return a - 1
    seen.append("é")
    return 0
'''


def wrong(code: str) -> set[tuple[str, str]]:
    """What stood and what stands instead, of all mistakes in some code."""
    return {(one.old, one.new) for one in mutations.mutants("x.py", code)}


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("x = a < b", "a < b", "(a <= b)"),
        ("x = a < b", "a < b", "(a >= b)"),
        ("x = a in b", "a in b", "(a not in b)"),
        ("x = a and b", "a and b", "(a or b)"),
        ("x = a and b", "a and b", "(b)"),
        ("x = 7", "7", "8"),
        ("x = 7", "7", "(6)"),
        ("x = True", "True", "False"),
        ("x = not a", "not a", "(a)"),
        ("x = a + b", "a + b", "(a - b)"),
        ("x = [a for a in b if a == 1]", "a == 1", "(a != 1)"),
        ("x = a if b else c", "a if b else c", "(a if not b else c)"),
        ("def f():\n    return a", "return a", "return None"),
        ("if a:\n    raise b", "if a:\n    raise b", "pass"),
        ("f(é, 1)", "f(é, 1)", "pass"),
    ],
)
def test_a_kind_of_mistake_is_made(code: str, old: str, new: str) -> None:
    assert (old, new) in wrong(code)


def test_each_mistake_is_code_that_differs_from_what_stood() -> None:
    found = mutations.mutants("x.py", CODE)
    right = ast.dump(ast.parse(CODE))
    assert len(found) > 8
    assert all(ast.dump(ast.parse(one.text)) != right for one in found)
    assert not any("text" in one.old or one.old == "int" for one in found)
    assert {one.function for one in found} == {"one"}


def test_the_same_seed_chooses_the_same_and_equivalents_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    first = mutations.chosen(["benchmarks/mutations.py"], 5, 1)
    assert (
        first
        == mutations.chosen(["benchmarks/mutations.py"], 5, 1)
        != mutations.chosen(["benchmarks/mutations.py"], 5, 2)
    )
    monkeypatch.setattr(mutations, "equivalents", lambda: {first[0].name: "why"})
    assert first[0] not in mutations.chosen(["benchmarks/mutations.py"], 9999, 1)


def test_an_equivalent_needs_a_reason(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("# head\nx.py f: a → b  # why\n")
    assert mutations.equivalents(tmp_path / "list.txt") == {"x.py f: a → b": "why"}
    (tmp_path / "list.txt").write_text("x.py f: a → b\n")
    with pytest.raises(SystemExit):
        mutations.equivalents(tmp_path / "list.txt")


def test_a_mistake_that_a_test_sees_does_not_survive_and_another_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "here"
    project.mkdir()
    (project / "code.txt").write_text("")
    (project / "thing.py").write_text("def seen(): return 1\ndef unseen(): return 2\n")
    (project / "test_thing.py").write_text("import thing\ndef test(): assert thing.seen() == 1\n")
    monkeypatch.setattr(mutations, "_copy", lambda _target: project)
    bench = mutations.Bench(tmp_path, ["test_thing.py"], 1)
    assert bench.sound()
    found = mutations.mutants("thing.py", (project / "thing.py").read_text())
    lives = {one.function: bench.survives(one) for one in found if one.new == "return None"}
    assert lives == {"seen": False, "unseen": True}
    endless = mutations.Mutant("thing.py", "seen", "", "", "def seen():\n    while True: pass\n")
    bench.limit = 3
    assert not bench.survives(endless)
