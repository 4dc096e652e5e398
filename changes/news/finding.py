"""The facts about the newest value of a series: each kind is one function over what counts after an update.

A fact holds of every value that a hedge allows, or it is not told: a step or level is set against each earlier one,
newest first, until one is met that is not surely less. If that one is surely as much, it is the day that is named; if
nobody can know, there is no fact. What is held, blank, counted anew or still filling up states nothing.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice, pairwise
from typing import Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from changes.news.fact import FactName, NewsFact, ProvedBy, per_cent, rounded
from changes.news.past import KnownState, NewsPast, NewsPoint, PastUpdate, ValueSpan
from model import Day, date_of, days_between, is_minute

FEWEST = 10
"""So many earlier steps, or days, a fact must reach over: less is no news."""

ALIKE = Decimal("1.2")
"""A step may be compared with one that took this much less time, or more: months are not of one length."""

ROUND_FROM = 100
ROUND_STEPS = 4
"""A milestone is at least a hundred, and milestones lie at least so many of the step apart by which it is reached."""

T = TypeVar("T")


class NumberStep(NamedTuple):
    """From one day to the next that is stated: by how much at least and at most, and in how many minutes."""

    before: NewsPoint
    after: NewsPoint
    span: ValueSpan
    minutes: int


class FactQuestion(NamedTuple):
    """What is looked at: a series' points up to a day, newest first, and the update that makes that day news."""

    past: NewsPast
    points: Sequence[NewsPoint]
    update: PastUpdate

    def proof(self, *points: NewsPoint) -> tuple[ProvedBy, ...]:
        """The versions that points are."""
        return tuple(proved_by(self.past, one) for one in points)

    def fact(self, name: FactName, number: Decimal, *points: NewsPoint, **of: object) -> NewsFact:
        """A fact about the newest of these points."""
        made = NewsFact(
            name=name, series=self.past.series, update=self.update.name, as_of=self.points[0].as_of, number=number,
            proof=self.proof(*points), fresh=self.update.fresh,
        )  # fmt: skip
        return replace(made, **of)


def proved_by(past: NewsPast, point: NewsPoint) -> ProvedBy:
    """The version that a point is."""
    update = past.updates[point.update_id].name
    return ProvedBy(update, past.series, point.as_of, point.span.value, point.span.qualifier)


class Reach(NamedTuple, Generic[T]):
    """How far back nothing was as much: what was, None where nothing ever was, and how many were less."""

    met: T | None
    steps: int


def reach(earlier: Iterable[T], less: Callable[[T], bool], as_much: Callable[[T], bool]) -> Reach[T] | None:
    """How far back all is surely less; None where that is not far, or where nobody can know what was met."""
    steps = 0
    for one in earlier:
        if not less(one):
            return Reach(one, steps) if steps >= FEWEST and as_much(one) else None
        steps += 1
    return Reach(None, steps) if steps >= FEWEST else None


def facts_of(past: NewsPast, state: KnownState, day: Day, update: PastUpdate) -> list[NewsFact]:
    """What is news about a day's value, by what a state knows of it and the days before, the most important first."""
    points = list(state.back_from(day)) if past.counted in ("total", "change") else []
    if len(points) < 2 or points[0].as_of != day:
        return []
    asked = FactQuestion(past, points, update)
    found = [fact for judge in _JUDGES[past.counted] for fact in judge(asked)]
    return sorted(found, key=lambda fact: fact.rank)


def _steps(points: Sequence[NewsPoint]) -> Iterator[NumberStep]:
    """The steps between points, newest first."""
    for after, before in pairwise(points):
        moved = ValueSpan(after.span.low - before.span.high, after.span.high - before.span.low)
        yield NumberStep(before, after, moved, after.minute - before.minute)


def _first_fall(asked: FactQuestion) -> Iterator[NewsFact]:
    newest, earlier = _newest_step(asked)
    if newest.span.high < 0:
        found = reach(earlier, lambda one: one.span.low >= 0, lambda one: one.span.high < 0)
        yield from _since(asked, "first_fall", newest, found)


def _newest_step(asked: FactQuestion) -> tuple[NumberStep, Iterator[NumberStep]]:
    """The step to the newest day, and those before it."""
    steps = _steps(asked.points)
    return next(steps), steps


def _largest_rise(asked: FactQuestion) -> Iterator[NewsFact]:
    newest, earlier = _newest_step(asked)
    if newest.span.low > 0:
        found = reach(earlier, lambda one: _is_less(newest, one), lambda one: one.span.low >= newest.span.high)
        yield from _since(asked, "largest_rise", newest, found)


def _smallest_rise(asked: FactQuestion) -> Iterator[NewsFact]:
    newest, earlier = _newest_step(asked)
    if newest.span.low > 0:
        found = reach(earlier, lambda one: _is_more(newest, one), lambda one: one.span.high <= newest.span.low)
        yield from _since(asked, "smallest_rise", newest, found)


def _largest_fall(asked: FactQuestion) -> Iterator[NewsFact]:
    newest, earlier = _newest_step(asked)
    if newest.span.high < 0:
        found = reach(earlier, lambda one: _falls_less(newest, one), lambda one: one.span.high <= newest.span.low)
        yield from _since(asked, "largest_fall", newest, found)


def _is_less(newest: NumberStep, one: NumberStep) -> bool:
    """Whether a step was surely smaller, and took no less time."""
    return one.span.high < newest.span.low and newest.minutes <= ALIKE * one.minutes


def _is_more(newest: NumberStep, one: NumberStep) -> bool:
    return one.span.low > newest.span.high and one.minutes <= ALIKE * newest.minutes


def _falls_less(newest: NumberStep, one: NumberStep) -> bool:
    return one.span.low > newest.span.high and newest.minutes <= ALIKE * one.minutes


def _exactly(step: NumberStep) -> Decimal | None:
    """By how much a step moved, where both its values are exact."""
    return step.span.low if step.before.span.exact and step.after.span.exact else None


def _since(
    asked: FactQuestion, name: FactName, newest: NumberStep, found: Reach[NumberStep] | None
) -> Iterator[NewsFact]:
    """The fact that a step reaches so far back, where its own number is exact."""
    by = _exactly(newest)
    if found is None or by is None:
        return
    ends = (newest.after, newest.before)
    if found.met is None:
        begins = asked.points[-1]
        yield asked.fact(name, abs(by), *ends, begins, begins=begins.as_of, steps=found.steps)
        return
    then = _exactly(found.met)
    other = then if then is None or name == "smallest_rise" else abs(then)
    proof = (*ends, found.met.after, found.met.before)
    yield asked.fact(name, abs(by), *proof, since=found.met.after.as_of, other=other, steps=found.steps)


class Level(NamedTuple):
    """A point, and how many minutes its number is of: the time since the one before."""

    point: NewsPoint
    minutes: int


def _levels(asked: FactQuestion) -> tuple[Level, Iterator[Level]]:
    """The newest number, and those before it."""
    levels = (Level(after, after.minute - before.minute) for after, before in pairwise(asked.points))
    return next(levels), levels


def _highest_amount(asked: FactQuestion) -> Iterator[NewsFact]:
    """The highest of numbers that are each of a time of their own: it is of no longer a time than those below."""
    newest, earlier = _levels(asked)
    span, minutes = newest.point.span, newest.minutes
    found = reach(
        earlier, lambda one: one.point.span.high < span.low and minutes <= ALIKE * one.minutes,
        lambda one: one.point.span.low >= span.high,
    )  # fmt: skip
    yield from _level(asked, "highest", found)


def _lowest_amount(asked: FactQuestion) -> Iterator[NewsFact]:
    newest, earlier = _levels(asked)
    span, minutes = newest.point.span, newest.minutes
    found = reach(
        earlier, lambda one: one.point.span.low > span.high and one.minutes <= ALIKE * minutes,
        lambda one: one.point.span.high <= span.low,
    )  # fmt: skip
    yield from _level(asked, "lowest", found)


def _highest_total(asked: FactQuestion) -> Iterator[NewsFact]:
    """The highest of a total since a day; of one that hardly ever falls the highest of all is no news."""
    newest, earlier = _levels(asked)
    span = newest.point.span
    found = reach(earlier, lambda one: one.point.span.high < span.low, lambda one: one.point.span.low >= span.high)
    if found is not None and (found.met is not None or _goes_either_way(asked)):
        yield from _level(asked, "highest", found)


def _lowest_total(asked: FactQuestion) -> Iterator[NewsFact]:
    newest, earlier = _levels(asked)
    span = newest.point.span
    found = reach(earlier, lambda one: one.point.span.low > span.high, lambda one: one.point.span.high <= span.low)
    yield from _level(asked, "lowest", found)


def _goes_either_way(asked: FactQuestion) -> bool:
    return 4 * sum(one.span.high < 0 for one in _steps(asked.points)) >= len(asked.points) - 1


def _level(asked: FactQuestion, name: FactName, found: Reach[Level] | None) -> Iterator[NewsFact]:
    newest = asked.points[0]
    if found is None or not newest.span.exact or newest.span.value is None:
        return
    if found.met is None:
        begins = asked.points[-1]
        yield asked.fact(name, newest.span.value, newest, begins, begins=begins.as_of, steps=found.steps)
        return
    met = found.met.point
    other = met.span.value if met.span.exact else None
    yield asked.fact(name, newest.span.value, newest, met, since=met.as_of, other=other, steps=found.steps)


def _milestones(asked: FactQuestion) -> Iterator[NewsFact]:
    newest, before = asked.points[0], asked.points[1]
    mark = _milestone(before.span, newest.span)
    if mark is None:
        return
    up = newest.span.low >= mark
    ways = (_below(mark), _above(mark))
    found = reach(islice(asked.points, 1, None), *(ways if up else ways[::-1]))
    name: FactName = "passes" if up else "falls_below"
    if found is None:
        return
    met = found.met or asked.points[-1]
    of: dict[str, object] = {"begins" if found.met is None else "since": met.as_of, "steps": found.steps}
    yield asked.fact(name, mark, newest, before, met, **of)


def _below(mark: Decimal) -> Callable[[NewsPoint], bool]:
    return lambda one: one.span.high < mark


def _above(mark: Decimal) -> Callable[[NewsPoint], bool]:
    return lambda one: one.span.low >= mark


def _milestone(old: ValueSpan, new: ValueSpan) -> Decimal | None:
    """The roundest figure that is surely reached or lost between two values, the farthest of those; None for none."""
    if old.value is None or new.value is None or min(old.value, new.value) < 0:
        return None
    top, step = max(old.value, new.value), abs(new.value - old.value)
    ten = Decimal(1).scaleb(top.adjusted()) if top else Decimal(1)
    marks = (_crossed(unit, old, new) for unit in (ten, ten / 2, ten / 10) if unit >= ROUND_STEPS * step)
    return next((mark for mark in marks if mark is not None and mark >= ROUND_FROM), None)


def _crossed(unit: Decimal, old: ValueSpan, new: ValueSpan) -> Decimal | None:
    """The farthest multiple of a unit that surely lies between two values: reached, or left downwards."""
    if new.low > old.high:
        mark = new.low // unit * unit
        return mark if old.high < mark else None
    mark = (new.high // unit + 1) * unit
    return mark if mark <= old.low else None


def _pace(asked: FactQuestion) -> Iterator[NewsFact]:
    """How many a day since the release before, and before that; where releases do not come daily."""
    three = list(islice(asked.points, 3))
    if len(three) < 3 or any(is_minute(one.as_of) or not one.span.exact for one in three):
        return
    new, middle, old = three
    spans = days_between(middle.as_of, new.as_of), days_between(old.as_of, middle.as_of)
    moved = new.span.low - middle.span.low, middle.span.low - old.span.low
    if max(spans) > 1 and min(moved) > 0:
        paces = [rounded(by / days) for by, days in zip(moved, spans, strict=True)]
        yield asked.fact("pace", paces[0], new, middle, old, other=paces[1], since=middle.as_of)


def _periods(asked: FactQuestion) -> Iterator[NewsFact]:
    """A period against the one before, and against the same a year ago."""
    newest, days = asked.points[0], {one.as_of: one for one in asked.points}
    period = _period([one.as_of for one in asked.points[:3]])
    names: tuple[FactName, ...] = ("period_before", "year_before")
    for name, day in zip(names, _befores(period, newest.as_of), strict=False):
        old = days.get(day)
        if old is not None and old.span.exact and newest.span.exact and old.span.low > 0:
            by = per_cent(newest.span.low - old.span.low, old.span.low)
            if by:
                yield asked.fact(name, by, newest, old, other=old.span.value, since=old.as_of, period=period)


def _period(days: Sequence[Day]) -> str | None:
    """Of which periods numbers are, by the last three days that they stand at: newest first, one after the other."""
    if len(days) < 3 or is_minute(days[0]):
        return None
    dates = [date_of(one) for one in days]
    for period in ("month", "year", "week"):
        if all(_before(period, one) == two for one, two in pairwise(dates)):
            return period
    return None


def _before(period: str, date: dt.date) -> dt.date | None:
    """The last day of the period before the one whose last day this is; None where it is no last day."""
    if period == "week":
        return date - dt.timedelta(days=7)
    if date.day != calendar.monthrange(date.year, date.month)[1] or (period == "year" and date.month != 12):
        return None
    return date.replace(day=1) - dt.timedelta(days=1) if period == "month" else date.replace(year=date.year - 1)


def _befores(period: str | None, day: Day) -> list[Day]:
    """The last days of the period before, and of the same a year ago."""
    if period is None:
        return []
    date = date_of(day)
    found = [_before(period, date)]
    if period == "month":
        last = calendar.monthrange(date.year - 1, date.month)[1]
        found.append(date.replace(year=date.year - 1, day=last))
    elif period == "week":
        found.append(date - dt.timedelta(days=364))
    return [Day(one.isoformat()) for one in found if one is not None]


_JUDGES: dict[str, tuple[Callable[[FactQuestion], Iterator[NewsFact]], ...]] = {
    "total": (
        _first_fall,
        _milestones,
        _largest_rise,
        _smallest_rise,
        _largest_fall,
        _highest_total,
        _lowest_total,
        _pace,
    ),
    "change": (_milestones, _highest_amount, _lowest_amount, _periods),
}
"""Which facts there are about a standing total, and about numbers that are each of a time of their own."""
