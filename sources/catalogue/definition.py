"""One definition file → a Source, or everything that is wrong with it, each with file, line and key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import msgspec.inspect as types

from model import PRESETS, DefinitionError, RulesFile, Source
from sources.catalogue.alerting import rule_problems
from sources.catalogue.rules import RULES, ids_problem, patterns
from sources.catalogue.yamltree import Items, Node, Pairs, Scalar, TreeError, read_tree

MAX_BYTES = 2**20

CheckPattern = Callable[[str], str | None]
"""Says what is wrong with a pattern, or None; the extractors' own, handed in from above."""

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_UNREADABLE_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SOURCE = types.type_info(Source)
assert isinstance(_SOURCE, types.StructType)
_FIELDS = {field.name: field for field in _SOURCE.fields if field.name != "id"}
_RULES = types.type_info(RulesFile)
assert isinstance(_RULES, types.StructType)
_RULE_FIELDS = {field.name: field for field in _RULES.fields}
_UNSTATED = {name: None for name, field in _FIELDS.items() if field.required}


class Definition(NamedTuple):
    """What a file holds: the source where it is sound, all its problems by line, and its text if it has one."""

    source: Source | None
    problems: list[DefinitionError]
    text: str = ""


def read_definition(path: Path, check_pattern: CheckPattern | None = None) -> Definition:
    """Read one file and find everything that is wrong with it; raises nothing."""
    name = "/".join(path.absolute().parts[-2:])
    try:
        text = _text(path)
    except TreeError as error:
        return Definition(None, [DefinitionError(error.message, file=name, line=error.line)])
    return read_definition_text(text, name, check_pattern)


def read_definition_text(text: str, name: str, check_pattern: CheckPattern | None = None) -> Definition:
    """Read a definition that is called `name`, whose stem is the source's id, as `read_definition` does a file."""
    try:
        tree = read_tree(text)
    except TreeError as error:
        return Definition(None, [DefinitionError(error.message, file=name, line=error.line)])
    reading = _DefinitionReader(name)
    source = reading.source(PurePath(name).stem, tree, check_pattern)
    problems = sorted(reading.problems, key=lambda problem: problem.line or 0)
    return Definition(None if problems else source, problems, text)


def read_rules_file(path: Path) -> tuple[RulesFile | None, list[DefinitionError]]:
    """Read the file of rules for all sources, and find everything that is wrong with it; an absent one has none."""
    if not path.exists():
        return RulesFile(), []
    name = "/".join(path.absolute().parts[-2:])
    try:
        tree = read_tree(_text(path))
    except TreeError as error:
        return None, [DefinitionError(error.message, file=name, line=error.line)]
    reading = _DefinitionReader(name)
    found = reading.rules(tree)
    return (None if reading.problems else found), sorted(reading.problems, key=lambda problem: problem.line or 0)


def nearest(word: str, known: Iterable[str]) -> str:
    """A question that offers the nearest known word, ready to follow a message; empty when none is near."""
    near = difflib.get_close_matches(word.lower(), known, 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():  # a pipe would be waited for without end
        raise TreeError(None, "is no file")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise TreeError(None, f"cannot be read: {error.strerror or error}") from None
    if len(content) > MAX_BYTES:
        raise TreeError(None, f"is longer than {MAX_BYTES} bytes, which no definition is")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TreeError(line, "is not UTF-8 text; save it as UTF-8") from None


class _DefinitionReader:
    """Walks a file's tree beside the types of `model.Source`, and keeps what is wrong and where each key stands."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[DefinitionError] = []
        self.lines: dict[str, int] = {}

    def source(self, source_id: str, tree: Node | None, check_pattern: CheckPattern | None) -> Source | None:
        wrong_id = ids_problem(source_id)
        if wrong_id:
            self.report("id", f"the file's name is the id and {wrong_id}", None)
        if not isinstance(tree, Pairs):
            self.report("", "is empty" if tree is None else "must be keys and values, such as title: …", None)
            return None
        values = self.keys(tree, _FIELDS, "")
        preset = PRESETS.get(values.get("preset", ""))
        if preset and values.get("extractor") in preset.extractors:
            values = preset.filled(values)
        source = Source(**{"id": source_id, **_UNSTATED, **values})
        self.judge(source, check_pattern)
        return source

    def rules(self, tree: Node | None) -> RulesFile | None:
        """The file of rules."""
        if tree is None:
            return RulesFile()
        if not isinstance(tree, Pairs):
            self.report("", "must be keys and values, such as rules: […]", None)
            return None
        found = RulesFile(**self.keys(tree, _RULE_FIELDS, ""))
        if not self.problems:
            for key, message in rule_problems(found.rules):
                self.report(key, message, self.line_of(key))
        return found

    def judge(self, source: Source, check_pattern: CheckPattern | None) -> None:
        # What a rule looks at must be sound itself, else one slip is told three times.
        broken = {re.split(r"[.\[]", problem.key or "", maxsplit=1)[0] for problem in self.problems}
        for keys, rule in RULES:
            if not broken & keys:
                for key, message in rule(source):
                    self.report(key, message, self.line_of(key))
        if check_pattern and not broken & {"figures", "as_of", "listing", "embedded"}:
            for key, pattern in patterns(source):
                wrong = check_pattern(pattern)
                if wrong:
                    self.report(key, wrong, self.line_of(key))

    def report(self, key: str, message: str, line: int | None) -> None:
        self.problems.append(DefinitionError(message, file=self.file, line=line, key=key or None))

    def line_of(self, key: str) -> int:
        while key and key not in self.lines:
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        return self.lines.get(key, 1)

    def keys(self, node: Pairs, fields: dict[str, Any], path: str) -> dict[str, Any]:
        """The values of a mapping whose keys are known; reports the unknown and the missing ones."""
        values: dict[str, Any] = {}
        for name, value in self.pairs(node, path).items():
            field = fields.get(name)
            if field is None:
                note = "; the file's name is the id" if name == "id" and not path else nearest(name, fields)
                self.report(path + name, f"unknown key{note}", self.lines[path + name])
                continue
            before = len(self.problems)
            read = self.read(value, field.type, path + name)
            if len(self.problems) == before:
                values[name] = read
        for name, field in fields.items():
            if field.required and path + name not in self.lines:
                self.report(path + name, "required key is missing", node.line)
        return values

    def pairs(self, node: Pairs, path: str) -> dict[str, Node]:
        """A mapping's pairs by the text of their keys; reports keys that are no text or stand twice."""
        found: dict[str, Node] = {}
        for key, value in node.pairs:
            if not isinstance(key, Scalar) or key.is_null:
                self.report(path.rstrip("."), "a key must be plain text", key.line)
            elif key.text in found:
                first = self.lines[path + key.text]
                self.report(path + key.text, f"stands twice; the first is on line {first}", key.line)
            else:
                self.lines[path + key.text] = key.line
                found[key.text] = value
        return found

    def read(self, node: Node, kind: types.Type, path: str) -> Any:
        """A node's value as its field wants it; None, and a problem reported, where it is something else."""
        self.lines.setdefault(path, node.line)
        if isinstance(kind, types.UnionType):
            return self.either(node, kind, path)
        if isinstance(kind, types.StructType):
            return self.struct(node, kind, path)
        if isinstance(kind, types.DictType):
            return self.mapping(node, kind, path)
        if isinstance(kind, types.VarTupleType | types.TupleType):
            return self.listed(node, kind, path)
        return self.scalar(node, kind, path)

    def either(self, node: Node, kind: types.UnionType, path: str) -> Any:
        if isinstance(node, Scalar) and node.is_null:
            return None
        wanted = [each for each in kind.types if not isinstance(each, types.NoneType)]
        shaped = _SHAPED.get(type(node), types.StrType)
        fitting = [each for each in wanted if isinstance(each, shaped)]
        return self.read(node, (fitting or wanted)[0], path)

    def struct(self, node: Node, kind: types.StructType, path: str) -> Any:
        if not isinstance(node, Pairs):
            self.report(path, f"must be keys and values ({', '.join(f.name for f in kind.fields)})", node.line)
            return None
        before = len(self.problems)
        values = self.keys(node, {field.name: field for field in kind.fields}, path + ".")
        return kind.cls(**values) if len(self.problems) == before else None

    def mapping(self, node: Node, kind: types.DictType, path: str) -> dict[str, Any]:
        if not isinstance(node, Pairs):
            self.report(path, "must be keys and values, such as {name: text}", node.line)
            return {}
        pairs = self.pairs(node, path + ".")
        return {name: self.read(value, kind.value_type, f"{path}.{name}") for name, value in pairs.items()}

    def listed(self, node: Node, kind: types.VarTupleType | types.TupleType, path: str) -> tuple[Any, ...]:
        if not isinstance(node, Items):
            self.report(path, "must be a list, such as [a, b]", node.line)
            return ()
        kinds = kind.item_types if isinstance(kind, types.TupleType) else [kind.item_type] * len(node.items)
        if len(kinds) != len(node.items):
            self.report(path, f"must be a list of {len(kinds)}, not of {len(node.items)}", node.line)
            return ()
        places = enumerate(zip(node.items, kinds, strict=True))
        return tuple(self.read(item, item_kind, f"{path}[{place}]") for place, (item, item_kind) in places)

    def scalar(self, node: Node, kind: types.Type, path: str) -> Any:
        if not isinstance(node, Scalar):
            self.report(path, f"must be {_WANTED[type(kind)]}, not {_SHAPE[type(node)]}", node.line)
            return None
        if node.is_null:
            self.report(path, f"must be {_WANTED[type(kind)]}, not empty", node.line)
            return None
        value, wrong = _SCALARS[type(kind)](node, kind)
        if wrong:
            self.report(path, wrong, node.line)
        return value


def _string(node: Scalar, _: types.Type) -> tuple[Any, str]:
    if _UNREADABLE_TEXT.search(node.text):
        return None, "holds a control character"
    return node.text, "" if node.text.strip() else "must not be empty"


def _choice(node: Scalar, kind: Any) -> tuple[Any, str]:
    if node.text in kind.values:
        return node.text, ""
    return None, f"{node.text!r} is not one of {', '.join(kind.values)}{nearest(node.text, kind.values)}"


def _flag(node: Scalar, _: types.Type) -> tuple[Any, str]:
    if node.bare and node.text in ("true", "false"):
        return node.text == "true", ""
    return None, f"must be true or false, not {node.text!r}"


def _whole(node: Scalar, _: types.Type) -> tuple[Any, str]:
    if node.bare and _WHOLE.fullmatch(node.text):
        return int(node.text), ""
    return None, f"must be a whole number, not {node.text!r}"


_SCALARS: dict[type, Callable[[Scalar, types.Type], tuple[Any, str]]] = {
    types.StrType: _string,
    types.LiteralType: _choice,
    types.BoolType: _flag,
    types.IntType: _whole,
}
_SHAPED: dict[type, type[types.Type] | tuple[type[types.Type], ...]] = {
    Pairs: (types.StructType, types.DictType),
    Items: types.VarTupleType,
}
_WANTED = {
    types.StrType: "text",
    types.LiteralType: "one word",
    types.BoolType: "true or false",
    types.IntType: "a whole number",
}
_SHAPE = {Items: "a list", Pairs: "keys and values"}
