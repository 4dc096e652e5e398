"""Every key of a definition is explained, with an example that works; what is made from that is up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from sources.catalogue import reference
from sources.catalogue.definition import read_definition

KEYS = [(part, key) for part in reference.parts().values() for key in reference.keys(part)]
NAMES = [f"{part.__name__}.{key.name}" for part, key in KEYS]
SCHEMA = msgspec.json.decode(reference.schema())
SHIPPED = sorted(reference.SCHEMA.parent.glob("*.yml"))


class Loader(yaml.SafeLoader):
    """YAML as the language server of editors reads it: a date is a text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, fit) for tag, fit in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(text: str) -> Any:
    """The value of a text in YAML."""
    return yaml.load(text, Loader)


def test_the_reference_and_the_schema_are_made_from_the_model() -> None:
    told = "model/source.py changed: run `make reference`"
    assert reference.REFERENCE.read_text(encoding="utf-8") == reference.reference(), told
    assert reference.SCHEMA.read_text(encoding="utf-8") == reference.schema(), told
    assert reference.SHIPPED_PAGE.read_text(encoding="utf-8") == reference.shipped(), "run `make reference`"


@pytest.mark.parametrize(("part", "key"), KEYS, ids=NAMES)
def test_every_key_has_a_meaning_and_an_example_of_its_type(part: type[msgspec.Struct], key: reference.DocKey) -> None:
    assert len(key.meaning) >= 10, f"say below {part.__name__}.{key.name} in model/source.py what it means"
    assert key.example, f"end the text below {part.__name__}.{key.name} in model/source.py with Example: `…`"
    shape = SCHEMA["$defs"][part.__name__]["properties"][key.name]
    jsonschema.validate(load(f"{key.name}: {key.example}")[key.name], shape | {"$defs": SCHEMA["$defs"]})


def test_the_reference_names_every_key_of_every_part() -> None:
    text = reference.REFERENCE.read_text(encoding="utf-8")
    sections = {section.partition("\n")[0]: section for section in text.split("\n## ")}
    assert len(KEYS) > 80
    assert [
        name for (part, key), name in zip(KEYS, NAMES, strict=True) if f"`{key.name}`" not in sections[part.__name__]
    ] == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_editors_find_no_mistake_in_what_ships(path: Path) -> None:
    mistakes = jsonschema.Draft202012Validator(SCHEMA).iter_errors(load(path.read_text(encoding="utf-8")))
    assert [one.message for one in mistakes] == []


@pytest.mark.parametrize(
    "line", ["colour: red", "coverage: all", "listing: {links: a}", "figures: {id: a}", "restates: perhaps"]
)
def test_editors_find_the_mistakes_that_we_find(line: str, tmp_path: Path) -> None:
    text = SHIPPED[0].read_text(encoding="utf-8")
    kept = [one for one in text.splitlines() if one.partition(":")[0] != line.partition(":")[0]]
    wrong = "\n".join([*kept, line])
    (tmp_path / "wrong.yml").write_text(wrong, encoding="utf-8")
    assert read_definition(tmp_path / "wrong.yml").problems
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(load(wrong), SCHEMA)


def test_a_key_that_nobody_explained_is_found() -> None:
    class Bare(msgspec.Struct):
        told: str = "x"
        """What it means. Example: `y`"""
        untold: bool = False
        half: int = 1
        """Without one."""

    told, untold, half = reference.keys(Bare)
    assert told == ("told", "text", "`x`", "What it means.", "y")
    assert (untold.meaning, half.example) == ("", "")
