"""A rule by which a person is told of a change: data, in a definition or in the file of rules; see `changes.rules`."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec

When = Literal["rises", "falls", "crosses", "revises", "stated_differs", "first_fall", "silent", "printed"]
"""What somebody may be told of."""


class RuleAmount(NamedTuple):
    """How much: a number, or so many per cent of what was before."""

    number: Decimal
    percent: bool = False


_AMOUNT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?)\s?(%?)")


def read_amount(text: str) -> RuleAmount | None:
    """An amount as people write it, `500` or `10%`; None for what is none, zero among it."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or not Decimal(found[1]):
        return None
    return RuleAmount(Decimal(found[1]), bool(found[2]))


class AlertRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of what a person is told: once when it begins, and once when it has ended."""

    id: str
    """Its name; it never changes. Example: `leap`"""
    when: When
    """What is told of: a value that `rises` or `falls`, `crosses` a milestone, or falls for the first time
    (`first_fall`); a report that `revises` the past, or whose own increase is not what the ledger gives
    (`stated_differs`); a source or series that is `silent`; a registered article whose number is true no longer
    (`printed`).

    Example: `rises`
    """
    by: str | None = None
    """By how much at least (`rises`, `falls`), or by more than how much (`revises`): a number, or per cent of what was
    before. Example: `"10%"`"""
    per: Literal["day"] | None = None
    """`day` parts what it moved by through the days between the two values (`rises`, `falls`). Example: `day`"""
    at: tuple[str, ...] = ()
    """The milestones (`crosses`). Example: `["100000", "150000"]`"""
    every: str | None = None
    """A milestone at every so many (`crosses`). Example: `"50000"`"""
    days: int | None = None
    """So many days without a new figure (`silent`), or without a fall before (`first_fall`; ever where absent).

    Example: `10`
    """
    first: int | None = None
    """Only while a series has at most so many days on record (`rises`, `falls`). Example: `20`"""
    least: str | None = None
    """And by at least so many, whatever the per cent (`rises`, `falls`, `revises`). Example: `"100"`"""
    series: str | None = None
    """The series it is about: an id of the file, or a key without the source; every one where absent.

    Example: `killed`
    """
    measure: str | None = None
    """The measure it is about; every one where absent. Example: `killed`"""
    to: tuple[str, ...] = ()
    """The names of those who are told, whose addresses the settings have; the address for all where absent.

    Example: `[anna, desk]`
    """

    @property
    def of_series(self) -> bool:
        """Whether it looks at series by themselves; a silence may be that of a whole source."""
        return self.when != "silent" or bool(self.series or self.measure)


class SharedRule(AlertRule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule for all sources, or those that it names."""

    source: str | None = None
    """The id of the one source it is about. Example: `mediazona`"""
    tag: str | None = None
    """The tag of the sources it is about. Example: `war`"""


class RulesFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file of rules for all sources."""

    rules: tuple[SharedRule, ...] = ()
    """The rules. Example: `[{id: leap, when: rises, by: "50%", tag: war}]`"""
    off: tuple[str, ...] = ()
    """Rules that ship with Tallybook and are not wanted. Example: `[tenfold]`"""


TENFOLD = SharedRule(id="tenfold", when="rises", by="900%", least="100", first=20)
"""A young series that jumps tenfold: the checks know nothing of its habits yet, so that nothing holds it."""

PRINTED = SharedRule(id="printed", when="printed")
"""A number of a registered article that is true no longer."""

SHIPPED_RULES: tuple[SharedRule, ...] = (TENFOLD, PRINTED)

RULE_KEYS: dict[When, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "rises": (("by",), ("per", "first", "least")),
    "falls": (("by",), ("per", "first", "least")),
    "crosses": (("at", "every"), ()),
    "revises": (("by",), ("least",)),
    "stated_differs": ((), ()),
    "first_fall": ((), ("days",)),
    "silent": (("days",), ()),
    "printed": ((), ()),
}
"""Of each, the keys of which it needs one, and those that it may have beside."""
