"""The house measured: `python -m benchmarks.house` prints a table a folder, and what is over its bounds by name.

`--write` strikes from tests/house/ratchet.txt what is no longer so. It never adds: what got worse is mended.
Branches are counted as radon counts them (`and`, `or`, comprehensions and conditional expressions too, which ruff's
C901 leaves out), the effort of reading as complexipy does.
"""

from __future__ import annotations

import ast
import math
import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
RATCHET = ROOT / "tests/house/ratchet.txt"
PACKAGES = ("model", "sources", "extractors", "changes", "storage", "publish", "review", "flows", "cli", "tallybook")

MOST_BRANCHES, MOST_EFFORT, MOST_ARGUMENTS, MOST_MODULES, MOST_AND_OR = 10, 15, 5, 15, 5

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef
Bounds = Counter[tuple[str, str]]
"""(what is counted, of what) → how much; only what is over its bound stands there."""


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


def over(every: list[Module]) -> Bounds:
    """All that is over its bound today, by name and not by place, so that a move changes nothing."""
    found: Bounds = Counter()
    for function in (one for module in every for one in functions(module)):
        for what, number, most in (
            ("branches", function.branches, MOST_BRANCHES),
            ("effort", function.effort, MOST_EFFORT),
            ("arguments", function.arguments, MOST_ARGUMENTS),
        ):
            if number > most:
                found[what, function.name] += number
    found.update({("type", name): len(homes) for name, homes in type_names(every).items() if len(homes) > 1})
    found.update(("undocumented", name) for module in every for name in undocumented(module))
    found.update({("circle", group): group.count(" ") + 1 for group in circles(every)})
    sizes = Counter(module.folder for module in every)
    found.update({("modules", folder): size for folder, size in sizes.items() if size > MOST_MODULES})
    for package in PACKAGES:
        density = math.ceil(and_or(module for module in every if module.folder.split("/")[0] == package))
        found.update({("and_or", package): density} if density > MOST_AND_OR else {})
    return found


def worse(now: Bounds, known: Bounds) -> list[str]:
    """What is over its bound, and not written down or higher than written down, a line each."""
    return _lines({key: number for key, number in now.items() if number > known[key]})


def better(now: Bounds, known: Bounds) -> list[str]:
    """What is written down and is lower now, a line each."""
    return _lines({key: number for key, number in known.items() if now[key] < number})


def _lines(bounds: Mapping[tuple[str, str], int]) -> list[str]:
    return [f"{what} {number} {name}" for (what, name), number in sorted(bounds.items())]


def read_ratchet(path: Path = RATCHET) -> Bounds:
    """What was over its bounds when it was written down; of two lines for one name the smaller counts."""
    found: Bounds = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            what, number, name = line.split(" ", 2)
            found[what, name] = min(int(number), found.get((what, name), int(number)))
    return found


def write_ratchet(path: Path = RATCHET) -> None:
    """Strike what is no longer over its bound and lower what got better; nothing is added or raised."""
    now, known = over(modules()), read_ratchet(path)
    head = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    kept = {key: min(number, now[key]) for key, number in known.items() if now[key]}
    path.write_text("\n".join([*head, *_lines(kept)]) + "\n", encoding="utf-8")


_WIDTHS = (8, 8, 14, 8, 8, 11, 8)


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
        write_ratchet()
    else:
        all_modules = modules()
        print(*_table(all_modules), *_rest(all_modules), sep="\n")
