"""The house measured: `python -m benchmarks.house` prints a table a folder, and what is over its bounds by name.

`--write` writes down in tests/house/ratchet.txt what got better, and refuses where something got worse. Numbers
are compared, largest with largest, and not names: a move or a new name changes nothing.
Branches are counted as radon counts them (`and`, `or`, comprehensions and conditional expressions too, which ruff's
C901 leaves out), the effort of reading as complexipy does.
"""

from __future__ import annotations

import ast
import itertools
import math
import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
RATCHET = ROOT / "tests/house/ratchet.txt"
PACKAGES = (
    "model",
    "sources",
    "extractors",
    "changes",
    "storage",
    "publish",
    "doors",
    "review",
    "flows",
    "cli",
    "tallybook",
)

MOST_BRANCHES, MOST_EFFORT, MOST_ARGUMENTS, MOST_MODULES, MOST_AND_OR = 10, 15, 5, 15, 5

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


class Excess(NamedTuple):
    """One thing over its bound: what is counted, of what, how much."""

    what: str
    name: str
    number: int

    def __str__(self) -> str:
        return f"{self.what} {self.number} {self.name}"


class Module(NamedTuple):
    """One parsed file, by its dotted name and the folder that it lies in."""

    name: str
    folder: str
    text: str
    tree: ast.Module


class Function(NamedTuple):
    """One function, by class and name, with its size in lines, arguments, branches and effort of reading."""

    name: str
    folder: str
    lines: int
    arguments: int
    branches: int
    effort: int


def modules(root: Path = ROOT) -> list[Module]:
    """Every module of the product; tests and benchmarks are none."""
    paths = sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return [_module(path, root) for path in paths]


def _module(path: Path, root: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    inside = path.relative_to(root)
    name = ".".join(inside.with_suffix("").parts).removesuffix(".__init__")
    return Module(name, inside.parent.as_posix(), text, ast.parse(text))


@cache
def functions(module: Module) -> list[Function]:
    """The functions and methods of a module; one inside of another counts to the outer one."""
    branches, effort = dict(_branches(module)), dict(_effort(module))
    return [
        Function(
            name,
            module.folder,
            (node.end_lineno or node.lineno) - node.lineno + 1,
            _arguments(node),
            branches.get(node.lineno, 1),
            effort.get(node.lineno, 0),
        )
        for name, node in _outermost(module.tree)
    ]


def _outermost(tree: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, AnyFunction]]:
    for node in tree.body:
        if isinstance(node, AnyFunction):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _outermost(node, f"{prefix}{node.name}.")


def _branches(module: Module) -> Iterator[tuple[int, int]]:
    from radon.visitors import ComplexityVisitor

    visitor = ComplexityVisitor.from_ast(module.tree)
    classes = list(visitor.classes)
    for one in classes:
        classes.extend(one.inner_classes)
    for block in (*visitor.functions, *(method for one in classes for method in one.methods)):
        yield block.lineno, block.complexity


def _effort(module: Module) -> Iterator[tuple[int, int]]:
    from complexipy import code_complexity

    for function in code_complexity(module.text).functions:
        yield function.line_start, function.complexity


def _arguments(node: AnyFunction) -> int:
    named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return sum(one.arg not in ("self", "cls") for one in named) + bool(node.args.vararg) + bool(node.args.kwarg)


def type_names(every: Iterable[Module]) -> dict[str, list[str]]:
    """Each name of a class or alias, with the modules that define it anew."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for module in every:
        for name in {name for node in module.tree.body for name in _defined(node)}:
            found[name].append(module.name)
    return found


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.ClassDef):
        yield node.name.lstrip("_")
    elif isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation).endswith("TypeAlias"):
        yield ast.unparse(node.target).lstrip("_")
    elif isinstance(node, ast.Assign) and _is_alias(node):
        yield ast.unparse(node.targets[0]).lstrip("_")


def _is_alias(node: ast.Assign) -> bool:
    name = ast.unparse(node.targets[0]).lstrip("_")
    camel = re.fullmatch(r"[A-Z][A-Za-z]*[a-z][A-Za-z]*", name)
    return bool(camel) and isinstance(node.value, ast.Subscript | ast.BinOp)


def undocumented(module: Module) -> Iterator[str]:
    """Public classes, functions and methods without a docstring; a private module has no public names."""
    if not any(part.startswith("_") for part in module.name.split(".")):
        yield from _silent(module.tree)


def _silent(tree: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in tree.body:
        if not isinstance(node, AnyFunction | ast.ClassDef) or node.name.startswith("_"):
            continue
        if not ast.get_docstring(node):
            yield node.name
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{name}" for name in _silent(node))


def circles(every: list[Module]) -> list[str]:
    """Groups of modules that import one another, as text; imports inside of functions count too."""
    names = {module.name for module in every}
    graph = {module.name: set(_imports(module, names)) - {module.name} for module in every}
    reach = {name: _reachable(graph, name) for name in graph}
    groups = {frozenset(b for b in reach[a] if a in reach[b]) for a in graph if a in reach[a]}
    return sorted(" ".join(sorted(group)) for group in groups)


def _imports(module: Module, names: set[str]) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = [f"{node.module}.{one.name}" for one in node.names]
            # `from a import b` needs a's own code only where b is no module of its own.
            yield from (name for name in whole if name in names)
            if node.module in names and not all(name in names for name in whole):
                yield node.module


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    todo = list(graph[start])
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(graph[name])
    return found


def and_or(every: Iterable[Module]) -> float:
    """How many `and` and `or` stand in a hundred lines."""
    every = list(every)
    lines = sum(module.text.count("\n") for module in every)
    words = sum(
        len(node.values) - 1 for module in every for node in ast.walk(module.tree) if isinstance(node, ast.BoolOp)
    )
    return 100 * words / max(lines, 1)


def over(every: list[Module]) -> list[Excess]:
    """All that is over its bound, sorted."""
    found = [excess for module in every for function in functions(module) for excess in _excesses(function)]
    found += [Excess("type", name, len(homes)) for name, homes in type_names(every).items() if len(homes) > 1]
    found += [Excess("undocumented", name, 1) for module in every for name in undocumented(module)]
    found += [Excess("circle", group, group.count(" ") + 1) for group in circles(every)]
    sizes = Counter(module.folder for module in every)
    found += [Excess("modules", folder, size) for folder, size in sizes.items() if size > MOST_MODULES]
    for package in PACKAGES:
        density = math.ceil(and_or(module for module in every if module.folder.split("/")[0] == package))
        found += [Excess("and_or", package, density)] if density > MOST_AND_OR else []
    return sorted(found)


def _excesses(function: Function) -> Iterator[Excess]:
    for what, number, most in (
        ("branches", function.branches, MOST_BRANCHES),
        ("effort", function.effort, MOST_EFFORT),
        ("arguments", function.arguments, MOST_ARGUMENTS),
    ):
        if number > most:
            yield Excess(what, function.name, number)


def worse(now: list[Excess], known: list[Excess]) -> list[str]:
    """What is over its bound where numbers rose, a line each: the names that were not written down so."""
    return [str(one) for one in now if one not in known and one.what in _risen(now, known)]


def better(now: list[Excess], known: list[Excess]) -> list[str]:
    """What is counted that fell, and is still written down as it was."""
    return sorted(_risen(known, now) - _risen(now, known))


def _risen(now: list[Excess], known: list[Excess]) -> set[str]:
    return {
        what
        for what in {one.what for one in (*now, *known)}
        for new, old in itertools.zip_longest(_numbers(now, what), _numbers(known, what), fillvalue=0)
        if new > old
    }


def _numbers(every: list[Excess], what: str) -> list[int]:
    return sorted((one.number for one in every if one.what == what), reverse=True)


def read_ratchet(path: Path = RATCHET) -> list[Excess]:
    """What was over its bounds when it was written down."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    parts = [line.split(" ", 2) for line in lines]
    return [Excess(what, name, int(number)) for what, number, name in parts]


def write_ratchet(now: list[Excess], path: Path = RATCHET) -> None:
    """Write down what got better; exits with the lines that got worse, and nothing written, where there are some."""
    if lines := worse(now, read_ratchet(path)):
        sys.exit("\n".join(["worse than it was; mend it:", *lines]))
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    path.write_text("\n".join([*head, *map(str, now)]) + "\n", encoding="utf-8")


_WIDTHS = (8, 8, 14, 8, 8, 11, 8)


def report(every: list[Module]) -> str:
    """The table by folder, and what is named twice, undocumented or goes round in circles, as lines."""
    return "\n".join([*_table(every), *_rest(every)])


def _table(every: list[Module]) -> Iterator[str]:
    heads = ("modules", "lines", "p50/p90/max", ">10", ">20", "effort>15", "and/or")
    yield f"{'folder':26}" + "".join(f"{head:>{width}}" for head, width in zip(heads, _WIDTHS, strict=True))
    folders = sorted({module.folder for module in every})
    for folder in folders:
        yield _row(folder, [module for module in every if module.folder == folder])
    prose = ("extractors/prose", "extractors/words")
    yield _row("all without prose", [module for module in every if not module.folder.startswith(prose)])
    yield _row("all", every)


def _row(title: str, every: list[Module]) -> str:
    found = [one for module in every for one in functions(module)]
    lengths = sorted(one.lines for one in found) or [0]
    p90 = statistics.quantiles(lengths, n=10)[-1] if len(lengths) > 1 else lengths[0]
    shares = [
        f"{100 * sum(condition) / max(len(found), 1):.1f} %"
        for condition in (
            [one.branches > 10 for one in found],
            [one.branches > 20 for one in found],
            [one.effort > MOST_EFFORT for one in found],
        )
    ]
    lines = sum(module.text.count("\n") for module in every)
    sizes = f"{statistics.median(lengths):.0f}/{p90:.0f}/{lengths[-1]}"
    cells = (str(len(every)), f"{lines:,}", sizes, *shares, f"{and_or(every):.1f}")
    return f"{title:26}" + "".join(f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))


def _rest(every: list[Module]) -> Iterator[str]:
    found = [one for module in every for one in functions(module)]
    many = sum(one.arguments > MOST_ARGUMENTS for one in found)
    yield f"functions with more than five arguments: {many} of {len(found):,} ({100 * many / len(found):.1f} %)"
    twice = {name: homes for name, homes in type_names(every).items() if len(homes) > 1}
    yield f"type names with two meanings: {len(twice)}"
    yield from (f"  {name}: {', '.join(homes)}" for name, homes in sorted(twice.items()))
    yield f"public names without a docstring: {sum(1 for module in every for _ in undocumented(module))}"
    yield f"import circles: {len(circles(every))}"
    yield from (f"  {group}" for group in circles(every))


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        write_ratchet(over(modules()))
    else:
        print(report(modules()))
