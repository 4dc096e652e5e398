"""The checks of one change as a step of its series: does it fall, does it jump out of its own history?

Rules and thresholds come from a trial on 4,386 real versions of nine publications; docs/checks.md tells each in a
sentence.
"""

from __future__ import annotations

import bisect
import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from changes.accepted import Accepted
from changes.checks.context import Check, Context, Finding, found
from changes.checks.numbers import number_of, shown
from changes.kinds import ProposedChange
from changes.marks.breaks import NONE, Breaks
from changes.marks.marking import breaks_of
from model import CheckName, Day, Result, date_of, days_between

FALL = Decimal("0.003")
AS_BEFORE = Decimal("1.25")
"""A rise that was believed may grow by so much (batches of a night beside the day before) and is not asked again."""

SMALL_FALL_UNITS, SMALL_FALL, STEPS_FOR_SMALL_FALL = 2, Decimal("0.01"), 5
STEP_OF_STOCK, STEP_OF_STOCK_AT_LEAST = Decimal("0.2"), 5
STEPS_FOR_SPREAD, STEPS_FOR_LARGEST, STEPS_OF_YEAR, STEPS_NEEDED = 28, 60, 365, 14
SPREADS, LARGEST_TIMES = 10, 2
YOUNG_SHARE, YOUNG_AT_LEAST, YOUNG_TIMES = Decimal("0.25"), 100, 5
RESTATED_DAYS = 7
RESTART_SHARE = Decimal("0.05")
TIMES_OF_MANY = 3 * LARGEST_TIMES
FALLS_NEEDED, FALLS_OF_LEVEL = 3, 4
"""So many falls are a habit; one step in so many, and the series is a level, whatever its definition calls it."""


def fall_and_jump(context: Context) -> Iterator[Finding]:
    """Judge each change as a step between neighbouring as-ofs, once the whole update is applied.

    A step is flagged only where it got worse, so that a repair is not held; a held change leaves the baseline before
    its later neighbour is judged. What is counted anew is not compared with what was before.
    """
    source, accepted = context.source, context.accepted
    by_series: dict[int, list[ProposedChange]] = defaultdict(list)
    for change in context.changes:
        if change.kind != "first" and change.key not in context.held and not change.echo:
            by_series[change.series_id].append(change)
    kin = _Kin(context)
    for series_id, changes in by_series.items():
        rule = source.rule(context.figure_id(series_id))
        if rule is None:
            continue
        since = _judged_since(context, series_id, changes)
        breaks = breaks_of(source, accepted, series_id)
        # The more series one release brings, the farther out lies the farthest of them by chance.
        times = LARGEST_TIMES * len(str(len(by_series)))
        level = times if rule.goes_either_way else None
        manner = StepManner(rule.may_fall, breaks, level, partial(kin.fall, context.figure_id(series_id)))
        yield from Steps(accepted, series_id, changes, manner).judge(since)


def _judged_since(context: Context, series_id: int, changes: Sequence[ProposedChange]) -> Day:
    """The day from which steps are judged: where restating is a habit, the last days alone."""
    if not context.source.restates:
        return Day("")
    newest = max(context.accepted.latest[series_id], *(change.as_of for change in changes))
    return _days_before(newest, RESTATED_DAYS)


def _limit(steps: Sequence[Decimal], least: Decimal) -> Decimal:
    """What a step may reach by the spread of those before it; `least` is the spread that any series is allowed."""
    median = statistics.median(steps)
    spread = statistics.median(abs(step - median) for step in steps)
    return median + SPREADS * max(Decimal("1.4826") * spread, median / 4, least)


def _days(one: Day, other: Day) -> int:
    """The days that a step took; one within a day is no faster for it."""
    return days_between(one, other) or 1


def _days_before(day: Day, days: int) -> Day:
    return Day((date_of(day) - dt.timedelta(days=days)).isoformat())


class _Kin:
    """The series of one rule together: what three of them were accepted to do, the others may do too."""

    def __init__(self, context: Context) -> None:
        self._context, self._known = context, dict[str, bool]()

    def fall(self, rule: str) -> bool:
        """Whether every fourth of their last steps was a fall."""
        if rule not in self._known:
            self._known[rule] = self._fall(rule)
        return self._known[rule]

    def _fall(self, rule: str) -> bool:
        steps = falls = 0
        for series_id, live in self._context.accepted.live.items():
            if self._context.figure_id(series_id) == rule:
                days = self._context.accepted.days[series_id][-STEPS_FOR_SPREAD:]
                values = _numbers((day, live[day]) for day in days).values()
                moved = [b - a for a, b in pairwise(values) if a != b]
                steps, falls = steps + len(moved), falls + sum(step < 0 for step in moved)
        return falls >= FALLS_NEEDED and falls * FALLS_OF_LEVEL >= steps


class StepManner(NamedTuple):
    """How a series moves: whether it may fall, where it is counted anew, and whether it is a level.

    `level` is given for what is no running total (increments, shares): how often the largest step of its history a step
    may be, up or down. `kin_fall` says whether the series of its rule go down as they go up.
    """

    may_fall: bool = False
    breaks: Breaks = NONE
    level: int | None = None
    kin_fall: Callable[[], bool] = bool


class Steps:
    """One series' accepted values with this update's changes applied, and the judgement of its steps."""

    def __init__(self, state: Accepted, series_id: int, changes: Sequence[ProposedChange], manner: StepManner) -> None:
        self.state, self.series_id = state, series_id
        self.may_fall, self.breaks, self.level, self.kin_fall = manner
        self.key = state.keys[series_id]
        self.live = state.live.get(series_id, {})
        self.changes = sorted(changes, key=lambda draft: draft.as_of)
        self.changed = {draft.as_of for draft in changes}
        self.known = days = state.days.get(series_id, [])
        first = max(0, bisect.bisect_left(days, self.changes[0].as_of) - STEPS_FOR_LARGEST - 1)
        last = bisect.bisect_right(days, self.changes[-1].as_of) + 1
        self.before = _numbers((day, self.live[day]) for day in days[first:last])
        self.days_before = list(self.before)
        self.after = dict(self.before)
        for draft in self.changes:
            self.after.pop(draft.as_of, None)
            self.after.update(_numbers([(draft.as_of, draft.content)]))
        self.days = sorted(self.after)

    def judge(self, since: Day) -> Iterator[Finding]:
        """Judge the changes dated `since` a day or later, oldest first; those before it count as they stand."""
        for draft in self.changes:
            if draft.as_of not in self.after or draft.as_of < since:
                continue
            results = list(self._judge_one(draft))
            yield from results
            if any(finding.holds for finding in results):
                self._leave_out(draft)

    def _judge_one(self, draft: ProposedChange) -> Iterator[Finding]:
        for left, right in self._sides(draft):
            if self._anew(left, right):
                continue
            step = self._value(right) - self._value(left)
            if not self._is_worse(step, self._step_before(self.days[left], self.days[right])):
                continue
            if self.level is not None:
                yield from self._off_level(draft, left, right)
            elif step < 0:
                yield from self._fall(draft, left, right)
            else:
                yield from self._jump(draft, left, right)

    def _sides(self, draft: ProposedChange) -> Iterator[tuple[int, int]]:
        """The places of the steps to and from a change; between two changes the later one is judged."""
        place = bisect.bisect_left(self.days, draft.as_of)
        if place > 0:
            yield place - 1, place
        if place + 1 < len(self.days) and self.days[place + 1] not in self.changed:
            yield place, place + 1

    def _is_worse(self, step: Decimal, was: Decimal | None) -> bool:
        """Whether a step is new, or goes further than it went before; a rise that was believed, a good deal further."""
        if was is None:
            return True
        if self.level is not None:
            return abs(step) > abs(was)
        return step < was if step < 0 else step > AS_BEFORE * was

    def _anew(self, left: int, right: int) -> bool:
        """Whether the series is counted anew between two places."""
        return bool(self.breaks) and self.breaks.between(self.days[left], self.days[right]) is not None

    def _history(self, place: int) -> list[int]:
        """Where the steps before a place end, without those across which the series is counted anew."""
        ends = range(max(0, place - STEPS_FOR_LARGEST) + 1, place + 1)
        return [end for end in ends if not self._anew(end - 1, end)]

    def _value(self, place: int) -> Decimal:
        return self.after[self.days[place]]

    def _step_before(self, left: Day, right: Day) -> Decimal | None:
        """The same step before this update; for an inserted value, the whole step across the place."""
        days = self.days_before
        a, b = bisect.bisect_right(days, left) - 1, bisect.bisect_left(days, right)
        return None if a < 0 or b == len(days) else self.before[days[b]] - self.before[days[a]]

    def _fall(self, draft: ProposedChange, left: int, right: int) -> Iterator[Finding]:
        a, b = self._value(left), self._value(right)
        if self.may_fall:
            if self._large_for_stock(draft, left, b):
                yield self._fallen(draft, left, right, "hold", ", more than this series is used to")
        elif self._is_level(left):
            yield from self._off_level(draft, left, right)
        elif self.kin_fall():
            if self._large_for_stock(draft, left, b):
                yield self._fallen(draft, left, right, "hold", ", more than the others of its kind are used to")
        elif not self._falls_so(left, a - b):
            result: Result = "warn" if self._is_small(left, a - b) else "hold"
            yield self._fallen(draft, left, right, result, "; a running total does not")

    def _fallen(self, draft: ProposedChange, left: int, right: int, result: Result, why: str) -> Finding:
        a, b = self._value(left), self._value(right)
        message = f"falls by {shown(a - b)} from {shown(a)} to {shown(b)}{why}{self._restart(draft, left, right)}"
        return self._result(CheckName.FALL, result, message, draft)

    def _jump(self, draft: ProposedChange, left: int, right: int) -> Iterator[Finding]:
        a, b = self._value(left), self._value(right)
        per_day = (b - a) / self._gap(left, right)
        if self.may_fall and not self._large_for_stock(draft, left, b):
            return
        if (left if not self.breaks else len(self._history(left))) < STEPS_NEEDED:
            yield from self._young_jump(draft, a, b, self._gap(left, right))
            return
        # Most steps are ordinary beside the one just before, and need no look further back.
        if not self._anew(left - 1, left) and per_day <= LARGEST_TIMES * self._step(left):
            return
        if not self.may_fall and self._is_level(left):
            yield from self._off_level(draft, left, right)
            return
        steps = [self._step(end) for end in self._history(left)]
        if self._is_ordinary(steps, per_day) or self._has_precedent(left, right, per_day):
            return
        message = (
            f"rises by {shown(b - a)} from {shown(a)} to {shown(b)}, {shown(per_day)} a day; "
            f"the largest of the last {len(steps)} steps was {shown(max(steps))} a day"
        )
        yield self._result(CheckName.JUMP, "hold", message, draft)

    def _young_jump(self, draft: ProposedChange, a: Decimal, b: Decimal, gap: int) -> Iterator[Finding]:
        if b - a >= YOUNG_AT_LEAST and a > 0 and (b - a) / a > YOUNG_SHARE:
            message = f"rises by {shown(b - a)} from {shown(a)} to {shown(b)} in a young series"
            manifold = (b - a) / gap > (YOUNG_TIMES - 1) * a
            yield self._result(CheckName.JUMP, "hold" if manifold else "warn", message, draft)

    def _is_ordinary(self, steps: Sequence[Decimal], step: Decimal) -> bool:
        """Whether a step is within the spread of those before it, or not far above the largest."""
        return step <= _limit(steps[-STEPS_FOR_SPREAD:], 2 * self._unit()) or step <= LARGEST_TIMES * max(steps)

    def _is_level(self, left: int) -> bool:
        """Whether a series goes down as it goes up (a price, a rate), though its definition calls it a total."""
        changes = self._changes(left)
        falls = sum(step < 0 for step in changes)
        return falls >= FALLS_NEEDED and falls * FALLS_OF_LEVEL >= len(changes)

    def _falls_so(self, left: int, down: Decimal) -> bool:
        """Whether a total is taken down now and then, by about as much (a counter that is cleared of duplicates)."""
        falls = [-step for step in self._changes(left) if step < 0]
        return len(falls) >= FALLS_NEEDED and down <= LARGEST_TIMES * max(falls)

    def _is_small(self, left: int, down: Decimal) -> bool:
        """Whether a total is taken down by no more than corrections are: a case or two, or a step of its own up."""
        a = abs(self._value(left))
        if a == 0 or down <= max(SMALL_FALL_UNITS * self._unit(), FALL * a):
            return True
        steps = [abs(step) for step in self._changes(left)]
        usual = statistics.median(steps) if len(steps) >= STEPS_FOR_SMALL_FALL else Decimal(0)
        return down <= min(usual, SMALL_FALL * a)

    def _changes(self, place: int) -> list[Decimal]:
        """The steps before a place, whatever time they took."""
        return [self._value(end) - self._value(end - 1) for end in self._history(place)]

    def _off_level(self, draft: ProposedChange, left: int, right: int) -> Iterator[Finding]:
        """Judge a step of what may go either way by the steps before it."""
        a, b = self._value(left), self._value(right)
        step, times = abs(b - a), self.level or LARGEST_TIMES
        if left < STEPS_NEEDED or step <= times * abs(a - self._value(left - 1)):
            return
        steps = [abs(step) for step in self._changes(left)]
        if len(steps) < STEPS_NEEDED or step <= times * (largest := max(steps)):
            return
        if step <= _limit(steps[-STEPS_FOR_SPREAD:], 2 * self._unit()):
            return
        if step <= LARGEST_TIMES * self._largest_of_year(self.days[left], either_way=True):
            return
        way, name = ("rises", CheckName.JUMP) if b > a else ("falls", CheckName.FALL)
        message = (
            f"{way} by {shown(step)} from {shown(a)} to {shown(b)}; "
            f"the largest of the last {len(steps)} steps was {shown(largest)}"
        )
        # Among hundreds of series some are always out of line, and most of those are news of a small place.
        yield self._result(name, "hold" if times < TIMES_OF_MANY else "warn", message, draft)

    def _unit(self) -> Decimal:
        """The last place that this series' numbers have: 1 for counts, 0.1 where they have one decimal."""
        exponents = (number.as_tuple().exponent for number in self.after.values())
        return Decimal(1).scaleb(min(0, *(one for one in exponents if isinstance(one, int))))

    def _has_precedent(self, left: int, right: int, per_day: Decimal) -> bool:
        """Whether a step that is large by rate is ordinary for a series of this kind.

        Releases may be irregular: one that comes early carries as much as others did. Numbers may be growing by a
        share of themselves, as in an epidemic. And some come in bursts, for which two months are a short memory.
        """
        a, b = self._value(left), self._value(right)
        if b - a <= max(self._changes(left)):
            return True
        recent = self._history(left)[-STEPS_FOR_SPREAD:]
        shares = [self._step(end) / self._value(end - 1) for end in recent if self._value(end - 1) > 0]
        if a > 0 and shares and per_day / a <= max(shares):
            return True
        return per_day <= LARGEST_TIMES * self._largest_of_year(self.days[left])

    def _largest_of_year(self, until: Day, *, either_way: bool = False) -> Decimal:
        """The largest daily step of the last year, without a series' opening, when counts are still gathered.

        Of a level it is the largest step, up or down, whatever time it took.
        """
        last = bisect.bisect_right(self.known, until)
        first = max(STEPS_FOR_SPREAD, last - 1 - STEPS_OF_YEAR)
        numbers = _numbers((day, self.live[day]) for day in self.known[first:last])
        steps = (
            abs(b - a) if either_way else (b - a) / _days(one, other)
            for (one, a), (other, b) in pairwise(numbers.items())
            if not (self.breaks and self.breaks.between(one, other))
        )
        return max(steps, default=Decimal(0))

    def _restart(self, draft: ProposedChange, left: int, right: int) -> str:
        """What to add where a fall looks like a count that began anew: down to little, and growing again."""
        a, b = self._value(left), self._value(right)
        if b < 0:
            return ""
        steps = [self._step(end) for end in self._history(left)]
        usual = LARGEST_TIMES * max(steps, default=Decimal(0)) * self._gap(left, right)
        grown = self._grown(self.days[left], draft.as_of, b)
        since = f"; since {grown[0]} {len(grown)} values in a row grow again" if len(grown) > 1 else ""
        if b > max(RESTART_SHARE * a, usual) and not since:
            return ""
        return f"{since}; is it counted anew{' from there' if since else ''} (a new year or method)?"

    def _grown(self, after: Day, until: Day, value: Decimal) -> list[Day]:
        """The days of the values that waited since a day and never fell, up to the one that is judged now."""
        numbers = list(self._waiting(after, until).items())
        values = [number for _, number in numbers] + [value]
        return [day for day, _ in numbers] + [until] if all(a <= b for a, b in pairwise(values)) else [until]

    def _large_for_stock(self, draft: ProposedChange, left: int, b: Decimal) -> bool:
        """Whether a series that may fall moved by more than things move in and out.

        What waited since may lead there step by step: held for falling before the definition let it fall.
        """
        a = self._value(left)
        if not self._is_large_for_stock(a, b):
            return False
        steps = pairwise([a, *self._waiting(self.days[left], draft.as_of).values(), b])
        return any(self._is_large_for_stock(one, other) for one, other in steps)

    def _is_large_for_stock(self, a: Decimal, b: Decimal) -> bool:
        step = abs(b - a)
        return a != 0 and step / abs(a) > STEP_OF_STOCK and step >= STEP_OF_STOCK_AT_LEAST * self._unit()

    def _waiting(self, after: Day, until: Day) -> dict[Day, Decimal]:
        """The values between two days that wait for a decision, oldest first."""
        held = self.state.held.items()
        waiting = [(day, one.content) for (of, day), one in held if of == self.series_id and not one.refused]
        return _numbers(sorted((day, content) for day, content in waiting if after < day < until))

    def _gap(self, left: int, right: int) -> int:
        return _days(self.days[left], self.days[right])

    def _step(self, right: int) -> Decimal:
        """The step a day that ends at a place."""
        return (self._value(right) - self._value(right - 1)) / self._gap(right - 1, right)

    def _leave_out(self, draft: ProposedChange) -> None:
        if (old := self.before.get(draft.as_of)) is not None:
            self.after[draft.as_of] = old
        else:
            del self.after[draft.as_of]
            self.days.remove(draft.as_of)

    def _result(self, name: str, result: Result, message: str, draft: ProposedChange) -> Finding:
        holds = [draft.key] if result == "hold" else ()
        return found(name, result, message, at=(self.key, draft.as_of), holds=holds)


def _numbers(contents: Iterable[tuple[Day, str | None]]) -> dict[Day, Decimal]:
    read = ((day, number_of(content)) for day, content in contents)
    return {day: number for day, number in read if number is not None}


CHECKS = (
    Check(
        CheckName.FALL,
        fall_and_jump,
        order=120,
        holds=(
            "a running total falls by more than 0.3 %, and by more than corrections do (two, or its usual step "
            "up to 1 %)"
        ),
        warns="it falls by less",
        of_changes=True,
    ),
    Check(
        CheckName.JUMP,
        order=130,
        holds="see below",
        warns="a series with fewer than 14 steps rises by more than 25 % and 100; to five times as much in a day: held",
        of_changes=True,
    ),
)
