"""Do the tests see it when the code is wrong? One small mistake at a time is put into some modules, and tests are run.

    python -m benchmarks.mutations changes/compare.py changes/checks --tests tests/changes tests/storage --sample 60

Prints each mistake that no test saw, as a diff; exits with 1 where more than a tenth of them survive. Works in a copy.
A mistake that changes nothing is written into benchmarks/equivalents.txt with its reason, and is then left out.

Of our own, since mutmut wants whole suites and no sample, and cosmic-ray a database and a session for each module.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import os
import queue
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
EQUIVALENTS = Path(__file__).parent / "equivalents.txt"
WANTED = 0.9

_COMPARED = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_COUNTED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult}
_SPARED = ("annotation", "returns", "decorator_list", "bases")
_DROPPED = (ast.AugAssign, ast.Raise, ast.Continue, ast.Break, ast.Delete)


class Mutant(NamedTuple):
    """One mistake: where, what stood there and what stands there instead, and the whole module with it."""

    path: str
    function: str
    old: str
    new: str
    text: str

    @property
    def name(self) -> str:
        """What tells it from others, without a line number that moves."""
        return f"{self.path} {self.function}: {_short(self.old)} → {_short(self.new)}"


def _short(text: str) -> str:
    return " ".join(text.split())[:100]


def mutants(path: str, text: str) -> list[Mutant]:
    """Every mistake of the known kinds in a module."""
    starts = [0]
    for line in text.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    content = text.encode()
    found = []
    for function, node, wrong in _mistakes(ast.parse(text), ""):
        first = starts[node.lineno - 1] + node.col_offset
        last = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        old = content[first:last].decode()
        changed = (content[:first] + wrong.encode() + content[last:]).decode()
        found.append(Mutant(path, function or "module", old, wrong, changed))
    return found


def _mistakes(node: ast.AST, function: str) -> Iterator[tuple[str, ast.stmt | ast.expr, str]]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        function = f"{function}.{node.name}".lstrip(".")
    for field, value in ast.iter_fields(node):
        if field in _SPARED or (field == "keywords" and isinstance(node, ast.ClassDef)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.stmt | ast.expr) and not _is_text(child):
                yield from ((function, child, wrong) for wrong in _wrong(child))
            if isinstance(child, ast.AST):
                yield from _mistakes(child, function)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _wrong(node: ast.stmt | ast.expr) -> Iterator[str]:
    """What might stand in a node's place by mistake, as code."""
    if isinstance(node, ast.stmt):
        yield from _wrong_statement(node)
    elif isinstance(node, ast.Compare):
        yield from _wrong_comparison(node)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield _code(ast.BoolOp(other, node.values))
        yield from (_code(_joined(node, place)) for place in range(len(node.values)))
    elif isinstance(node, ast.BinOp) and type(node.op) in _COUNTED:
        yield _code(ast.BinOp(node.left, _COUNTED[type(node.op)](), node.right))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield _code(node.operand)
    elif isinstance(node, ast.Constant):
        yield from _wrong_constant(node.value)
    elif isinstance(node, ast.IfExp):
        yield _code(ast.IfExp(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse))


def _wrong_statement(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) != "None":
        yield "return None"
    elif isinstance(node, ast.If) and not node.orelse:
        yield "pass"  # a guard, or whatever is done on a condition, is gone
    elif isinstance(node, _DROPPED) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call | ast.Yield)):
        yield "pass"


def _wrong_comparison(node: ast.Compare) -> Iterator[str]:
    for place, operator in enumerate(node.ops):
        for other in _COMPARED[type(operator)]:
            yield _code(ast.Compare(node.left, [*node.ops[:place], other(), *node.ops[place + 1 :]], node.comparators))


def _joined(node: ast.BoolOp, without: int) -> ast.expr:
    kept = [value for place, value in enumerate(node.values) if place != without]
    return kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)


def _wrong_constant(value: object) -> Iterator[str]:
    if isinstance(value, bool):
        yield repr(not value)
    elif isinstance(value, int):
        yield from (repr(value + 1), f"({value - 1})")


def _code(node: ast.expr) -> str:
    return f"({ast.unparse(ast.fix_missing_locations(node))})"


class Bench:
    """Copies of the project in which mistakes are tried, one a worker."""

    def __init__(self, folder: Path, tests: list[str], workers: int) -> None:
        self.tests = tests
        self.limit = 600.0
        self.copies: queue.Queue[Path] = queue.Queue()
        self.workers = workers
        for number in range(workers):
            self.copies.put(_copy(folder / str(number)))

    def sound(self) -> bool:
        """Whether the tests pass without a mistake; how long they take bounds the others."""
        start = time.monotonic()
        copy = self.copies.get()
        passed = self._passes(copy)
        self.copies.put(copy)
        self.limit = 20 + 5 * (time.monotonic() - start)
        return passed

    def survives(self, mutant: Mutant) -> bool:
        """Whether all tests pass with the mistake; one that never ends is seen."""
        copy = self.copies.get()
        path = copy / mutant.path
        before = path.read_text(encoding="utf-8")
        try:
            path.write_text(mutant.text, encoding="utf-8")
            return self._passes(copy)
        finally:
            path.write_text(before, encoding="utf-8")
            self.copies.put(copy)

    def _passes(self, copy: Path) -> bool:
        # Without byte code: two mistakes of one length within a second would be taken for one another.
        environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *self.tests]
        with subprocess.Popen(
            command, cwd=copy, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as running:  # fmt: skip
            try:
                return running.wait(self.limit) == 0
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
                return False


def _copy(target: Path) -> Path:
    """The files that are, or would be, committed; beside them the shared data, where there are some."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for name in listed:
        if (ROOT / name).is_file():
            (target / "project" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, target / "project" / name)
    if (ROOT.parent / "shared").exists():
        (target / "shared").symlink_to((ROOT.parent / "shared").resolve())
    return target / "project"


def equivalents(path: Path = EQUIVALENTS) -> dict[str, str]:
    """Mistakes that change nothing, each with its reason."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    found = {}
    for line in lines:
        name, _, reason = line.partition("  # ")
        if not reason.strip():
            raise SystemExit(f"{path.name}: {name} is without a reason")
        found[name.strip()] = reason
    return found


def chosen(paths: list[str], sample: int, seed: int) -> list[Mutant]:
    """A random choice among the mistakes of some files and folders, the same for the same seed."""
    files = sorted(
        {file for path in paths for file in (ROOT / path).rglob("*.py")}
        | {ROOT / p for p in paths if p.endswith(".py")}
    )
    every = [one for file in files for one in mutants(str(file.relative_to(ROOT)), file.read_text(encoding="utf-8"))]
    known = equivalents()
    every = [one for one in every if one.name not in known]
    return random.Random(seed).sample(every, min(sample, len(every)))


def difference(mutant: Mutant) -> str:
    """A mistake as a diff."""
    before = (ROOT / mutant.path).read_text(encoding="utf-8").splitlines()
    return "\n".join(difflib.unified_diff(before, mutant.text.splitlines(), mutant.path, mutant.path, n=2, lineterm=""))


def main() -> None:
    """Try the mistakes and print those that no test saw."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("paths", nargs="+", help="modules or folders to put mistakes into")
    asked.add_argument("--tests", nargs="+", required=True, help="test files or folders that should see them")
    asked.add_argument("--sample", type=int, default=60)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--workers", type=int, default=2)
    options = asked.parse_args()
    tried = chosen(options.paths, options.sample, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.tests, options.workers)
        if not bench.sound():
            sys.exit("the tests fail without a mistake already")
        with ThreadPoolExecutor(options.workers) as pool:
            survived = [one for one, lives in zip(tried, pool.map(bench.survives, tried), strict=True) if lives]
    _report(tried, survived)


def _report(tried: list[Mutant], survived: list[Mutant]) -> None:
    for mutant in survived:
        print(f"survived: {mutant.name}\n{difference(mutant)}\n")
    of, lived = Counter(one.path for one in tried), Counter(one.path for one in survived)
    for path in sorted(of):
        print(f"{path}: {of[path] - lived[path]} of {of[path]} killed")
    killed = len(tried) - len(survived)
    print(f"{killed} of {len(tried)} killed")
    sys.exit(killed < WANTED * len(tried))


if __name__ == "__main__":
    main()
