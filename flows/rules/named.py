"""Which rules there are: shipped ones, those of the file of rules, those of definitions; and writing that file."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any, NamedTuple, get_args

import msgspec

from flows.desk import Desk
from model import (
    SHIPPED_RULES,
    AlertRule,
    DefinitionError,
    MalformedError,
    RulesFile,
    SharedRule,
    Source,
    UsageError,
    When,
)
from model.wire import canonical

log = logging.getLogger("tallybook")


class NamedRule(NamedTuple):
    """A rule and what it is called: `mediazona:leap` of a definition, `leap` of the rules for all sources."""

    name: str
    rule: AlertRule

    @property
    def key(self) -> str:
        """Under what a source's memory of it is kept: another rule, another memory, whoever is told of it."""
        told = {name: value for name, value in msgspec.to_builtins(self.rule).items() if name != "to"}
        return f"{self.name} {hashlib.sha256(canonical(told)).hexdigest()[:16]}"

    def is_for(self, source: Source) -> bool:
        """Whether it is about a source."""
        if not isinstance(self.rule, SharedRule):
            return self.name.partition(":")[0] == source.id
        of, tag = self.rule.source, self.rule.tag
        return (of is None or of == source.id) and (tag is None or tag in source.tags)


def shared_rules(desk: Desk) -> RulesFile:
    """The file of rules for all sources. Raises `DefinitionError` naming file, line and key of its first mistake."""
    from sources.catalogue.definition import read_rules_file

    found, problems = read_rules_file(desk.settings.rules_file)
    if found is None:
        raise problems[0]
    return found


def all_rules(desk: Desk) -> list[NamedRule]:
    """Every rule: those for all sources, the shipped ones that are not off among them, and those of definitions."""
    file = shared_rules(desk)
    own = {rule.id for rule in file.rules}
    shipped = [rule for rule in SHIPPED_RULES if rule.id not in (*file.off, *own)]
    sources = [source for key in desk.catalogue if (source := desk.catalogue.get(key)) is not None]
    return [
        *(NamedRule(rule.id, rule) for rule in (*shipped, *file.rules)),
        *(NamedRule(f"{source.id}:{rule.id}", rule) for source in sources for rule in source.rules),
    ]


def rules_for(desk: Desk, source: Source) -> list[NamedRule]:
    """The rules about one source; where the file of rules is broken, its own and the shipped ones alone."""
    try:
        file = shared_rules(desk)
    except DefinitionError as error:
        log.error("the rules for all sources are not used: %s", error)
        file = RulesFile()
    shipped = [rule for rule in SHIPPED_RULES if rule.id not in (*file.off, *(one.id for one in file.rules))]
    every = [NamedRule(rule.id, rule) for rule in (*shipped, *file.rules)]
    every += [NamedRule(f"{source.id}:{rule.id}", rule) for rule in source.rules]
    return [one for one in every if one.is_for(source)]


def typed_rule(name: str, limits: Mapping[str, Any]) -> SharedRule:
    """A rule as it is typed. Raises `UsageError` for what is wrong with it."""
    from sources.catalogue.alerting import one_rule_problems

    given = {key: value for key, value in limits.items() if value not in (None, "", ())}
    if "when" not in given:
        raise UsageError("it is not said what is told of", f"say when: {', '.join(get_args(When))}")
    rule = SharedRule(id=name, **given)
    for key, message in one_rule_problems(rule):
        raise MalformedError(f"{key}: {message}")
    return rule


def save_rule(desk: Desk, rule: SharedRule) -> None:
    """Save a rule in the file of rules for all sources, in place of one of the same name."""
    file = shared_rules(desk)
    rules = (*(one for one in file.rules if one.id != rule.id), rule)
    _write(desk, msgspec.structs.replace(file, rules=rules, off=tuple(one for one in file.off if one != rule.id)))


def remove_rule(desk: Desk, name: str) -> None:
    """Take a rule out of the file, or switch one off that ships. Raises `UsageError` where there is none."""
    file = shared_rules(desk)
    shipped = name in {one.id for one in SHIPPED_RULES}
    if not shipped and name not in {one.id for one in file.rules}:
        hint = "a rule of a definition is removed there; tallybook rules list names all"
        raise UsageError(f"there is no rule {name!r} in {desk.settings.rules_file}", hint)
    off = tuple(dict.fromkeys((*file.off, name))) if shipped else file.off
    _write(desk, RulesFile(rules=tuple(one for one in file.rules if one.id != name), off=off))


def _write(desk: Desk, file: RulesFile) -> None:
    """Write the file of rules anew, whole or not at all."""
    path = desk.settings.rules_file
    lines = [f"off: {json.dumps(list(file.off))}"] if file.off else []
    lines += ["rules:", *(f"  - {_flow(rule)}" for rule in file.rules)] if file.rules else []
    path.parent.mkdir(parents=True, exist_ok=True)
    partial_file = path.with_name(f".{path.name}.new")
    partial_file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    partial_file.replace(path)


def _flow(rule: SharedRule) -> str:
    """A rule as one line of YAML, its texts in quotes."""
    given = {key: value for key, value in msgspec.to_builtins(rule).items() if value not in (None, [], ())}
    return "{" + ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in given.items()) + "}"
