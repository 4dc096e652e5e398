"""What a definition may learn from a decision, where it has a setting for that: offered, never written by itself."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import yaml

from model import Change, Source


class Lesson(NamedTuple):
    """A rule that a decision suggests: what it would say from now on, and the lines of the definition that say it."""

    words: str
    lines: str


class Ruled(NamedTuple):
    """A decision on one value: what was held, for which checks, what was done, what counts since, and why."""

    change: Change
    checks: frozenset[str]
    action: str
    counts: Decimal | None
    why: str

    @property
    def read(self) -> Decimal | None:
        """The number that was read."""
        return self.change.new.value if self.change.new else None

    @property
    def written(self) -> str:
        """The number as it was written."""
        return self.change.new.number_text if self.change.new else ""


def lesson(ruled: Ruled, source: Source | None) -> Lesson | None:
    """What a definition may learn from a decision; None where it has no setting for that."""
    if source is None or ruled.read is None:
        return None
    learn = _LESSONS.get(ruled.action)
    return learn(ruled, source) if learn else None


def _accepted(ruled: Ruled, source: Source) -> Lesson | None:
    rule = source.rule(ruled.change.series.split("/")[1])
    if rule is None or rule.may_fall or "fall" not in ruled.checks:
        return None
    words = "If this series may fall at any time, so that no fall of it is held:"
    return Lesson(words, _lines({"id": rule.id, "may_fall": True}))


def _rejected(ruled: Ruled, _source: Source) -> Lesson | None:
    if ruled.read is None or not _stands_for_unknown(ruled.read):
        return None
    return Lesson(
        "If that number stands for an unknown value, never for a count:", _lines({"missing": [ruled.written]})
    )


def _corrected(ruled: Ruled, source: Source) -> Lesson | None:
    if ruled.read is None or ruled.counts is None:
        return None
    if ruled.read in (ruled.counts * 1000, ruled.counts / 1000):
        mark = "," if ruled.read > ruled.counts else "."
        return Lesson("If the source writes its numbers so:", _lines({"numbers": {"decimal": mark}}))
    if source.extractor == "prose":
        return None
    told = {"as_of": str(ruled.change.as_of), "raw": ruled.written, "value": f"{ruled.counts:f}", "why": ruled.why}
    words = "If the source keeps its slip, so that it is read right each time:"
    return Lesson(words, _lines({"corrections": [told]}))


_LESSONS: dict[str, Callable[[Ruled, Source], Lesson | None]] = {
    "accept": _accepted,
    "reject": _rejected,
    "correct": _corrected,
}


def _stands_for_unknown(value: Decimal) -> bool:
    digits = f"{abs(value):f}".replace(".", "").rstrip("0")
    return (value < 0 and set(digits) == {"9"}) or digits in ("2147483647", "32767", "65535")


def _lines(rule: dict[str, object]) -> str:
    return yaml.safe_dump(rule, allow_unicode=True, sort_keys=False, width=100).strip()
