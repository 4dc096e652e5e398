"""What a rule sees of an update: how its values moved, and what it may ask of the past beside that."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

import msgspec

from model import AlertRule, ChangeKind, Content, Day, Instant, RuleAmount, Verdict, read_amount, read_content


class Step(NamedTuple):
    """One change that counts: of which series, at which as-of, from what to what (canonical contents), and since when.

    `base` is the as-of of `old`. `verdict` is that of the report's own increase; a step that tells of nothing else has
    no `kind`.
    """

    series_id: int
    series: str
    measure: str
    counted: str
    kind: ChangeKind | None
    as_of: Day
    base: Day | None = None
    old: str | None = None
    new: str | None = None
    verdict: Verdict | None = None


class RecordedNews(NamedTuple):
    """One update of a source as rules see it: its name, when it was known, and its steps by series and as-of.

    What is not `fresh` is told to nobody: an old copy that was recorded later, what only our own reading changed, what
    a person corrected. `counts` says whether anything of it does. `ended` are the items that a list has no longer.
    """

    update_id: int
    update: str
    at: Instant
    fresh: bool
    counts: bool
    steps: Sequence[Step] = ()
    ended: Sequence[str] = ()


class RuleFacts(Protocol):
    """The past of a source, asked only where an answer bears on a rule; always as it was recorded up to an update."""

    def observations(self, series_id: int, before: int) -> int:
        """How many days of a series counted before an update."""
        ...

    def newest_day(self, series_id: int, before: int) -> Day | None:
        """The newest as-of of a series that counted before an update."""
        ...

    def last_fall(self, series_id: int, until: int, before: Day, since: Day) -> Day | None:
        """The newest as-of from `since` up to `before` on which a series fell, as recorded up to an update."""
        ...

    def begins(self, series_id: int, until: int) -> Day | None:
        """The first as-of of a series, as recorded up to an update."""
        ...

    def broken(self, series_id: int, until: int, days: tuple[Day, Day]) -> bool:
        """Whether a series is counted anew between two as-ofs, as recorded up to an update."""
        ...


def is_of(rule: AlertRule, source: str, step: Step) -> bool:
    """Whether a rule looks at a series."""
    if rule.measure is not None and rule.measure != step.measure:
        return False
    if rule.series is None:
        return True
    wanted = rule.series.removeprefix(f"{source}/")
    key = step.series.removeprefix(f"{source}/")
    return key == wanted or key.startswith(f"{wanted}/")


def moved(step: Step) -> Decimal | None:
    """By how much a value moved at least; None for shares, ranges, blanks, and where a bound leaves it open."""
    if step.counted == "share" or not step.old or not step.new:
        return None
    old, new = _number(read_content(step.old)), read_content(step.new)
    by = None if old is None or new.value is None else new.value - old
    return by if by is not None and _is_sure(new, by) else None


def _is_sure(new: Content, by: Decimal) -> bool:
    """Whether what is new lies on that side: "more than 2,600" is above 200, and may be below 3,000 or not."""
    return {"more_than": by > 0, "less_than": by < 0, "range": False}.get(new.qualifier, True)


def _number(content: Content) -> Decimal | None:
    return content.value if content.qualifier in ("exact", "approximately") else None


def values_of(step: Step) -> tuple[Decimal, Decimal]:
    """The two values of a step that moved."""
    old, new = read_content(step.old or "").value, read_content(step.new or "").value
    assert old is not None
    assert new is not None
    return old, new


def as_amount(text: str | None) -> RuleAmount:
    """An amount that a definition was checked for."""
    found = read_amount(text or "")
    assert found is not None, text
    return found


class RuleEpisode(msgspec.Struct, frozen=True, omit_defaults=True):
    """Since when something lasts, which update began it with which as-of, and at which milestone."""

    since: Instant
    update: str = ""
    day: str = ""
    mark: Decimal | None = None
    up: bool = True


class RuleState(msgspec.Struct, omit_defaults=True):
    """What a rule remembers of a source from one update to the next: what lasts, and when there was news last."""

    open: dict[str, RuleEpisode] = {}
    last: dict[str, Instant] = {}


class RuleEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something began of which a rule tells, or has ended: of a series, or of the whole source (`series` is empty).

    `episode` is the same in both and in no other; `by` is what the value moved by (a day, with `per: day`), `percent`
    the same of what was before, `mark` the milestone, `fell` when it had fallen last (None: never on record).
    """

    phase: str
    at: Instant
    since: Instant
    episode: str
    series: str = ""
    update: str = ""
    as_of: Day | None = None
    base: Day | None = None
    old: str | None = None
    new: str | None = None
    by: Decimal | None = None
    percent: Decimal | None = None
    mark: Decimal | None = None
    fell: Day | None = None
    begins: Day | None = None
