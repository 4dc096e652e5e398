"""The house keeps its rules: imports go down, reading stays light, files name no machine, skips say why."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LONGEST_FUNCTION = 60
SKIPS = ("skip", "skipif", "xfail")
OUTSIDE = re.compile(
    # In parts, so that this file does not name what it forbids.
    r"py[p]i\.o[r]g|python[h]osted|npm[j]s\.|deb\.deb[i]an|/ro[o]t/|/ho[m]e/[a-z]|/wo[r]k/|/tm[p]/[a-z]|file:///op[t]"
)


@cache
def tracked() -> list[Path]:
    """The files that are, or would be, committed."""
    if not (ROOT / ".git").exists():
        pytest.skip("which files belong to the project is known to git alone, and this is no checkout")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def python_files(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """The parsed Python files of some folders, all where none is named."""
    for path in tracked():
        if path.suffix == ".py" and (not folders or path.relative_to(ROOT).parts[0] in folders):
            yield path, parsed(path)


@cache
def parsed(path: Path) -> ast.Module:
    """One file's tree; each is parsed once for all tests."""
    return ast.parse(path.read_text(encoding="utf-8"))


def test_imports_go_down_only() -> None:
    # In a process of its own: it silences every logger of the one that it runs in.
    command = [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked()
        if path != Path(__file__) and b"\0" not in (content := path.read_bytes())
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1)
        if OUTSIDE.search(line)
    ]
    assert found == []


def test_every_skip_and_expected_failure_says_why() -> None:
    assert [f"{path.relative_to(ROOT)}:{line}" for path, tree in python_files("tests") for line in silent(tree)] == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("@pytest.mark.skip\ndef test(): ...", [1]),
        ("@pytest.mark.xfail()\ndef test(): ...", [1]),
        ("pytest.skip()", [1]),
        ("@pytest.mark.skipif(True)\ndef test(): ...", [1]),
        ("@pytest.mark.skipif(True, reason='why')\ndef test(): ...\npytest.skip('why')", []),
    ],
)
def test_a_silent_skip_is_found(code: str, lines: list[int]) -> None:
    assert silent(ast.parse(code)) == lines


def test_every_test_can_fail() -> None:
    assert [f"{path.relative_to(ROOT)} {name}" for path, tree in python_files("tests") for name in blind(tree)] == []


def test_tests_import_their_helpers_by_their_whole_name() -> None:
    helpers = {path.stem for path, _ in python_files("tests") if not path.stem.startswith("test_")}
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.module}"
        for path, tree in python_files("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and not node.level and node.module in helpers
    ]
    assert found == [], "write from tests.<folder>.<helper> import …"


def test_no_function_is_longer_than_sixty_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{one.lineno} {one.name}"
        for path, tree in python_files()
        for one in ast.walk(tree)
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        and (one.end_lineno or one.lineno) - one.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_every_dependency_is_pinned_within_its_bounds_and_without_an_address() -> None:
    pins = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            assert re.fullmatch(r"[\w.-]+==[\w.+!-]+", line), line
            name, version = line.split("==")
            pins[canonicalize_name(name)] = version
    for wanted in _dependencies():
        assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)]), wanted


def test_every_dependency_has_its_line_that_says_why() -> None:
    lines = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8").splitlines()
    told = {found[1] for line in lines if (found := re.match(r"\| `([\w.-]+)` \| .{10,} \|$", line))}
    assert told == {wanted.name for wanted in _dependencies()}


def _dependencies() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"].values()
    return [Requirement(line) for line in (*PROJECT["dependencies"], *(line for extra in extras for line in extra))]


def silent(tree: ast.Module) -> list[int]:
    """The lines that leave a test out, or expect its failure, without a text that says why."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) in SKIPS]
    told = {node.func for node in calls if _reason(node)}
    marks = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in SKIPS]
    return [mark.lineno for mark in marks if mark not in told]


def _reason(call: ast.Call) -> bool:
    texts = [one for one in call.args if isinstance(one, ast.JoinedStr) or isinstance(getattr(one, "value", 0), str)]
    return bool(texts) or any(keyword.arg == "reason" for keyword in call.keywords)


def blind(tree: ast.Module) -> list[str]:
    """The tests that assert nothing, neither themselves nor through a function of their file."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    asserting = {"raises", "warns", "fail"}
    asserting |= {one.name for one in functions if not one.name.startswith("test_") and _asserts(one, asserting)}
    return [one.name for one in functions if one.name.startswith("test_") and not _asserts(one, asserting)]


def _asserts(function: ast.FunctionDef, names: set[str]) -> bool:
    return any(
        isinstance(node, ast.Assert) or (isinstance(node, ast.Call) and _called(node) in names)
        for node in ast.walk(function)
    )


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
