"""What a definition may say, made from model/source.py: the reference that people read, the JSON Schema of editors.

`make reference` writes both. A key's meaning and example stand below its field there, and nowhere else.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import msgspec.inspect as types

from changes.checks import CHECKS
from model import EXTRACTORS, Source
from sources.catalogue.folder import load_definition

SCHEMA_NAME = "definition.schema.json"
SCHEMA_LINE = f"# yaml-language-server: $schema={SCHEMA_NAME}\n"
"""The first line of a definition: editors then offer keys and tell mistakes. The schema lies beside the definition."""

SCHEMA = Path(__file__).parents[1] / "definitions" / SCHEMA_NAME
REFERENCE = Path(__file__).parents[2] / "docs/reference/definition.md"
SHIPPED_PAGE = REFERENCE.parents[1] / "sources/README.md"
CHECKS_PAGE = REFERENCE.parents[1] / "checks.md"
_BEGIN, _END = "<!-- made by `make reference` -->", "<!-- end -->"

_PLAIN = {types.StrType: "text", types.BoolType: "true or false", types.IntType: "whole number"}


class DocKey(NamedTuple):
    """One key of a definition, ready to print; meaning and example are empty where nobody wrote them."""

    name: str
    type: str
    default: str
    meaning: str
    example: str


def parts() -> dict[str, type[msgspec.Struct]]:
    """Every part of a definition by its name, in the order in which a reader meets them."""
    found: dict[str, type[msgspec.Struct]] = {}
    todo: list[type[msgspec.Struct]] = [Source]
    while todo:
        part = todo.pop(0)
        if part.__name__ not in found:
            found[part.__name__] = part
            todo.extend(inner for field in _fields(part) for inner in _structs(field.type))
    return found


def keys(part: type[msgspec.Struct]) -> list[DocKey]:
    """The keys of one part; the id of a source is its file's name, and no key."""
    written = _written(part)
    return [
        DocKey(field.name, _type(field.type), _default(field), *written.get(field.name, ("", "")))
        for field in _fields(part)
        if (part, field.name) != (Source, "id")
    ]


def _fields(part: type[msgspec.Struct]) -> tuple[types.Field, ...]:
    info = types.type_info(part)
    assert isinstance(info, types.StructType)
    return info.fields


def _written(part: type[msgspec.Struct]) -> dict[str, tuple[str, str]]:
    """Meaning and example of each field, out of the text below it."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(part))).body
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for field, text in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            meaning, _, example = inspect.cleandoc(str(text.value.value)).partition("Example: `")
            told = (" ".join(meaning.split()), example[:-1]) if example.endswith("`") else ("", "")
            found[ast.unparse(field.target)] = told
    return found


def _structs(kind: types.Type) -> Iterator[type[msgspec.Struct]]:
    if isinstance(kind, types.StructType):
        yield kind.cls
    for inner in _inner(kind):
        yield from _structs(inner)


def _inner(kind: types.Type) -> tuple[types.Type, ...]:
    if isinstance(kind, types.UnionType):
        return kind.types
    if isinstance(kind, types.TupleType):
        return kind.item_types
    if isinstance(kind, types.VarTupleType):
        return (kind.item_type,)
    return (kind.value_type,) if isinstance(kind, types.DictType) else ()


def _type(kind: types.Type) -> str:
    inner = [_type(one) for one in _inner(kind) if not isinstance(one, types.NoneType)]
    if isinstance(kind, types.StructType):
        return f"[{kind.cls.__name__}](#{kind.cls.__name__.lower()})"
    if isinstance(kind, types.LiteralType):
        return ", ".join(f"`{value}`" for value in kind.values)
    if isinstance(kind, types.DictType):
        return f"names, each with {inner[0]}"
    if isinstance(kind, types.VarTupleType):
        return f"list of {inner[0]}"
    if isinstance(kind, types.TupleType):
        return f"list of {len(inner)}: {', '.join(inner)}"
    return " or ".join(inner) if inner else _PLAIN[type(kind)]


def _default(field: types.Field) -> str:
    if field.required:
        return "required"
    if field.default is None or isinstance(field.default, msgspec.Struct) or field.default in ((), {}):
        return ""
    return "" if field.default is msgspec.NODEFAULT else f"`{json.dumps(field.default).strip(chr(34))}`"


def reference() -> str:
    """The reference of all keys, as Markdown."""
    sections = [_section(name, part) for name, part in parts().items()]
    return "\n".join([_HEAD, *sections, _extractors()])


_HEAD = f"""# The keys of a definition

<!-- Made from model/source.py by `make reference`: change it there. -->

A source is one file, `sources/definitions/<id>.yml`, or `<id>.yml` in the folder that `TALLYBOOK_SOURCES` names. Its
name is its id. `tallybook sources check FILE` names file, line and key of every mistake. Editors with a YAML language
server offer the keys and underline mistakes where the file begins with

    {SCHEMA_LINE.strip()}

and `{SCHEMA_NAME}` lies beside it; `tallybook sources new` writes both.
"""


def _section(name: str, part: type[msgspec.Struct]) -> str:
    about = " ".join((inspect.getdoc(part) or "").split()) if part.__doc__ else ""
    rows = [f"| {' | '.join(_cells(key))} |" for key in keys(part)]
    return "\n".join([f"## {name}", "", about, "", "| key | type | default | meaning | example |", _RULE, *rows, ""])


_RULE = "|---|---|---|---|---|"


def _cells(key: DocKey) -> Iterator[str]:
    example = f"`` {key.example} ``" if "`" in key.example else f"`{key.example}`"
    for text in (f"`{key.name}`", key.type, key.default, key.meaning, example):
        yield text.replace("|", "\\|")


def _extractors() -> str:
    rows = [
        f"| `{one.name}` | `{one.follows}` | {_words(one.places)} | {_words(one.days)} | {_words(one.keys)} |"
        for one in EXTRACTORS.values()
    ]
    head = ["## Extractors", "", "What each takes; keys that are not named here are for all.", ""]
    return "\n".join([*head, "| extractor | follows | a figure by | its day by | further keys |", _RULE, *rows, ""])


def _words(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def schema() -> str:
    """The JSON Schema of a definition, as text."""
    made = msgspec.json.schema(Source)
    for name, part in parts().items():
        shape = made["$defs"][name]
        for key in keys(part):
            shape["properties"][key.name] |= {"description": key.meaning, "examples": [key.example]}
    source = made["$defs"]["Source"]
    del source["properties"]["id"]
    source["required"].remove("id")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A source of Tallybook"}
    return json.dumps(_lenient(head | made), indent=1, ensure_ascii=False) + "\n"


def _lenient(node: Any) -> Any:
    """The same schema where a text may look like a number, as our reader of YAML allows."""
    if isinstance(node, list):
        return [_lenient(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: value if key == "examples" else _lenient(value) for key, value in node.items()}
    return made | {"type": ["string", "number"]} if node.get("type") == "string" else made


def shipped() -> str:
    """The page of the sources that ship, with the table that their definitions give."""
    rows = [
        f"| [{source.id}]({source.id}.md) | {source.title} | {source.basis} | {source.extractor} |"
        for source in map(load_definition, sorted(SCHEMA.parent.glob("*.yml")))
    ]
    return _with_table(SHIPPED_PAGE, "\n".join(["| id | what | basis | read by |", "|---|---|---|---|", *rows]))


def checks() -> str:
    """The page of the checks, with the table that they declare."""
    rows = [f"| `{check.name}` | {check.holds} | {check.warns} |" for check in CHECKS]
    return _with_table(CHECKS_PAGE, "\n".join(["| check | holds when | warns when |", "|---|---|---|", *rows]))


def _with_table(page: Path, table: str) -> str:
    head, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    return f"{head}{_BEGIN}\n{table}\n{_END}{rest.partition(_END)[2]}"


def write() -> None:
    """Write the reference, the schema and the tables of sources and checks to where they belong."""
    CHECKS_PAGE.write_text(checks(), encoding="utf-8")
    SHIPPED_PAGE.write_text(shipped(), encoding="utf-8")
    REFERENCE.parent.mkdir(parents=True, exist_ok=True)
    REFERENCE.write_text(reference(), encoding="utf-8")
    SCHEMA.write_text(schema(), encoding="utf-8")


if __name__ == "__main__":
    write()
