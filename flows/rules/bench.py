"""Rules from the page: which there are, what one would have told, saving and removing one, and what was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flows.desk import Desk
from flows.rules.named import NamedRule, all_rules, remove_rule, save_rule, typed_rule
from flows.rules.running import rehearse
from model import Source

REHEARSED = "rehearsed"
"""What a rule is called that nobody has named yet."""


class RuleBench:
    """The rules of one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def every(self) -> list[tuple[str, str, str, str]]:
        """Every rule: its name, of what it is, in words, and whom it tells; the names of people, never addresses."""
        from publish.alerts import rule_words

        found = []
        for one in all_rules(self._desk):
            about = getattr(one.rule, "source", None) or getattr(one.rule, "tag", None) or "every source"
            of = one.name.partition(":")[0] if ":" in one.name else about
            found.append((one.name, of, rule_words(one.rule), self._whom(one)))
        return found

    def _whom(self, one: NamedRule) -> str:
        names = one.rule.to or ("",)
        return ", ".join((name or "all") + self._missing(name) for name in names)

    def _missing(self, name: str) -> str:
        return "" if self._desk.settings.address(name) else " (no address is set)"

    def rehearse(self, limits: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """What a rule would have told, newest first: (day, source, sentence). Raises `UsageError` for what is wrong."""
        rule = typed_rule(str(limits.get("id") or REHEARSED), _without_id(limits))
        told = rehearse(self._desk, NamedRule(rule.id, rule), self._sources())
        return [(one.day, one.source, one.told) for one in reversed(told)]

    def save(self, limits: Mapping[str, Any]) -> None:
        """Save a rule in the file of rules. Raises `UsageError` for what is wrong with it."""
        save_rule(self._desk, typed_rule(str(limits.get("id") or ""), _without_id(limits)))

    def remove(self, name: str) -> None:
        """Take a rule out of the file of rules, or switch one off that ships."""
        remove_rule(self._desk, name)

    def told(self, limit: int) -> list[tuple[str, str, str, str, str]]:
        """What was told, newest first: (day, rule, whom, sentence, what became of it)."""
        found = self._desk.ledger.rules.messages(limit=limit)
        return [(one.at[:10], one.rule, one.address or "all", one.told, one.state) for one in found]

    def _sources(self) -> Sequence[Source]:
        catalogue = self._desk.newest_catalogue()
        return [catalogue[one] for one in catalogue]


def _without_id(limits: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in limits.items() if key != "id"}
