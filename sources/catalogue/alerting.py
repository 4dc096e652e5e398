"""What must hold in a rule of which somebody is told, in a definition, in the file of rules, or as it is typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from model import RULE_KEYS, AlertRule, SharedRule, Source, read_amount

RuleProblem = tuple[str, str]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
_LIMITING = ("by", "per", "at", "every", "days", "first", "least")
MOST_DAYS = 3660


def rule_problems(rules: Sequence[AlertRule], path: str = "rules") -> Iterator[RuleProblem]:
    """Everything that is wrong with some rules, by key path."""
    seen: set[str] = set()
    for place, rule in enumerate(rules):
        here = f"{path}[{place}]"
        if rule.id in seen:
            yield f"{here}.id", f"{rule.id!r} stands twice"
        seen.add(rule.id)
        yield from one_rule_problems(rule, f"{here}.")


def one_rule_problems(rule: AlertRule, path: str = "") -> Iterator[RuleProblem]:
    """Everything that is wrong with one rule; each key path begins with `path`."""
    if not _NAME.fullmatch(rule.id):
        yield f"{path}id", f"must be small letters, digits and _, and begin with a letter, not {rule.id[:80]!r}"
    for name in rule.to:
        if not _NAME.fullmatch(name):
            told = "must be the name of an address of the settings (TALLYBOOK_ALERT_URL_ANNA is anna), not an address"
            yield f"{path}to", told
    yield from _keys(rule, path)
    yield from _amounts(rule, path)
    if isinstance(rule, SharedRule) and rule.series and not rule.source:
        yield f"{path}series", "names a series of a source; say source, too, or measure"


def _keys(rule: AlertRule, path: str) -> Iterator[RuleProblem]:
    needed, allowed = RULE_KEYS[rule.when]
    stated = [name for name in _LIMITING if getattr(rule, name)]
    given = [name for name in needed if name in stated]
    if needed and not given:
        yield f"{path}{needed[0]}", f"required key is missing; {rule.when} needs {' or '.join(needed)}"
    if len(given) > 1:
        yield f"{path}{given[1]}", f"give {' or '.join(given)}, not both"
    takes = " and ".join((*needed, *allowed)) or "none of these keys"
    for name in set(stated).difference(needed, allowed):
        yield f"{path}{name}", f"is nothing to {rule.when}, which takes {takes}"


def _amounts(rule: AlertRule, path: str) -> Iterator[RuleProblem]:
    wrong = "must be a number above 0 such as 500"
    if rule.by is not None and read_amount(rule.by) is None:
        yield f"{path}by", f"{wrong}, or per cent such as 10%, not {rule.by!r}"
    for name, text in (("every", rule.every), ("least", rule.least)):
        if not _is_plain(text or "1"):
            yield f"{path}{name}", f"{wrong}, not {text!r}"
    for mark in (one for one in rule.at if not _NUMBER.fullmatch(one)):
        yield f"{path}at", f"must be plain numbers such as 100000, not {mark!r}"
    yield from _counts(rule, path)


def _counts(rule: AlertRule, path: str) -> Iterator[RuleProblem]:
    counts = {"days": rule.days, "first": rule.first}
    for name in (name for name, number in counts.items() if number is not None and not 1 <= number <= MOST_DAYS):
        yield f"{path}{name}", f"must be 1 to {MOST_DAYS}"


def _is_plain(text: str) -> bool:
    found = read_amount(text)
    return found is not None and not found.percent


def alert_rules(source: Source) -> Iterator[RuleProblem]:
    """What is wrong with the rules of a definition, which may speak of its own series alone."""
    yield from rule_problems(source.rules)
    ids = [rule.id for rule in source.figures] + [rule.id for rule in source.series]
    for place, rule in enumerate(source.rules):
        name = (rule.series or "").removeprefix(f"{source.id}/").partition("/")[0]
        if rule.series is not None and name not in ids:
            yield f"rules[{place}].series", f"{rule.series!r} is no id of this file; known: {', '.join(ids) or 'none'}"
