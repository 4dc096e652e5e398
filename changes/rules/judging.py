"""Whether what a rule tells of holds for one series after one update: each kind of rule is one function."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from changes.rules.steps import RuleFacts, Step, as_amount, moved, values_of
from model import AlertRule, Day, When, date_of, days_between

_EVER = Day("0001-01-01")
_ODD = ("mismatch", "missed")


class RuleQuestion(NamedTuple):
    """What is judged: a rule, the steps of one series in one update, whether its episode lasts, and the past."""

    rule: AlertRule
    update_id: int
    steps: Sequence[Step]
    lasts: bool
    facts: RuleFacts


class RuleFinding(NamedTuple):
    """Whether it holds, by which step, and the numbers of it."""

    holds: bool
    step: Step
    by: Decimal | None = None
    percent: Decimal | None = None
    fell: Day | None = None
    begins: Day | None = None


def movements(asked: RuleQuestion) -> list[Step]:
    """The steps by which the newest value moved, oldest first; nothing is compared across a break."""
    new = [one for one in asked.steps if one.kind == "new" or (one.kind == "restored" and one.base != one.as_of)]
    found = [one for one in new or _corrected_newest(asked) if moved(one) is not None]
    return [one for one in found if not _broken(asked, one)]


def _corrected_newest(asked: RuleQuestion) -> list[Step]:
    """The newest value where it alone was stated anew: what a page says during its day moves with it."""
    revised = [one for one in asked.steps if one.kind == "revised"]
    if not revised:
        return []
    last = max(revised, key=lambda one: one.as_of)
    return [last] if asked.facts.newest_day(last.series_id, asked.update_id) == last.as_of else []


def _broken(asked: RuleQuestion, step: Step) -> bool:
    days = (step.base or step.as_of, step.as_of)
    return days[0] != days[1] and asked.facts.broken(step.series_id, asked.update_id, days)


def measured(rule: AlertRule, step: Step) -> tuple[Decimal, Decimal | None]:
    """By how much a step moved, and by how many per cent; for a day where the rule parts it so."""
    old, new = values_of(step)
    days = max(1, days_between(step.base or step.as_of, step.as_of)) if rule.per == "day" else 1
    by = (new - old) / days
    return by, (by / abs(old) * 100 if old else None)


def _reaches(rule: AlertRule, step: Step, sign: int) -> bool:
    by, percent = measured(rule, step)
    wanted = as_amount(rule.by)
    size = percent if wanted.percent else by
    return size is not None and size * sign >= wanted.number and _is_enough(rule, step)


def _is_enough(rule: AlertRule, step: Step) -> bool:
    old, new = values_of(step)
    return rule.least is None or abs(new - old) >= as_amount(rule.least).number


def _moves(asked: RuleQuestion, sign: int) -> RuleFinding | None:
    rule = asked.rule
    if not asked.lasts and not any(_reaches(rule, one, sign) for one in asked.steps if moved(one) is not None):
        return None
    found = movements(asked)
    if not found:
        return None
    step = max(found, key=lambda one: measured(rule, one)[0] * sign)
    holds = _reaches(rule, step, sign) and _is_young(asked, step)
    return RuleFinding(holds, step, *measured(rule, step))


def _is_young(asked: RuleQuestion, step: Step) -> bool:
    first = asked.rule.first
    return first is None or asked.facts.observations(step.series_id, asked.update_id) <= first


def _rises(asked: RuleQuestion) -> RuleFinding | None:
    return _moves(asked, 1)


def _falls(asked: RuleQuestion) -> RuleFinding | None:
    return _moves(asked, -1)


def _revises(asked: RuleQuestion) -> RuleFinding | None:
    found = [one for one in asked.steps if one.kind == "revised" and moved(one) is not None]
    if not found:
        return RuleFinding(False, asked.steps[-1]) if asked.steps else None
    wanted, rule = as_amount(asked.rule.by), asked.rule

    def size(step: Step) -> Decimal:
        by, percent = measured(rule, step)
        return abs(percent or Decimal(0)) if wanted.percent else abs(by)

    step = max(found, key=size)
    return RuleFinding(size(step) > wanted.number and _is_enough(rule, step), step, *measured(rule, step))


def _stated_differs(asked: RuleQuestion) -> RuleFinding | None:
    found = [one for one in asked.steps if one.verdict not in (None, "no_baseline")]
    odd = [one for one in found if one.verdict in _ODD]
    return RuleFinding(bool(odd), (odd or found)[-1]) if found else None


def _first_fall(asked: RuleQuestion) -> RuleFinding | None:
    if not asked.lasts and not any(map(_falling, asked.steps)):
        return None
    found = movements(asked)
    falls = list(filter(_falling, found))
    if not falls:
        return RuleFinding(False, found[-1]) if found else None
    return _fall(asked, falls[0])


def _falling(step: Step) -> bool:
    return (moved(step) or 0) < 0


def _fall(asked: RuleQuestion, step: Step) -> RuleFinding:
    """A fall; where the episode lasts it goes on, else it is judged by when the series fell last."""
    if asked.lasts:
        return RuleFinding(True, step, *measured(asked.rule, step))
    last = asked.facts.last_fall(step.series_id, asked.update_id, step.as_of, _EVER)
    begins = asked.facts.begins(step.series_id, asked.update_id)
    return RuleFinding(
        last is None or last < _since(asked.rule, step.as_of), step, *measured(asked.rule, step), last, begins
    )


def _since(rule: AlertRule, as_of: Day) -> Day:
    """The day before which an earlier fall is no objection."""
    if rule.days is None:
        return _EVER
    return Day((date_of(as_of) - dt.timedelta(days=rule.days)).isoformat())


JUDGES: dict[When, Callable[[RuleQuestion], RuleFinding | None]] = {
    "rises": _rises,
    "falls": _falls,
    "revises": _revises,
    "stated_differs": _stated_differs,
    "first_fall": _first_fall,
}
"""How each is judged; milestones and silence are states of their own (see `changes.rules.fold`).

None is no answer: nothing of the update bears on it, and what lasts goes on.
"""


def milestone(rule: AlertRule, old: Decimal, new: Decimal) -> Decimal | None:
    """The farthest milestone between two values: reached from below, or left downwards; None where there is none."""
    found = list(_milestones(rule, old, new))
    return None if not found else max(found) if new > old else min(found)


def _milestones(rule: AlertRule, old: Decimal, new: Decimal) -> Iterator[Decimal]:
    low, high = min(old, new), max(old, new)
    yield from (mark for mark in map(Decimal, rule.at) if low < mark <= high)
    if rule.every is not None:
        every = Decimal(rule.every)
        first = ((low / every).to_integral_value(ROUND_FLOOR) + 1) * every
        last = (high / every).to_integral_value(ROUND_FLOOR) * every
        if first <= high:
            yield from (first, last)
