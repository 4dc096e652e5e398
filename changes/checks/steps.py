"""The checks between comparing and believing: on the page, and on each change as a step of its series.

Rules and thresholds come from a trial on 4,386 real versions of nine publications; docs/checks.md tells each in a
sentence. A hold is laid on drafts (`ProposedChange.held`); the results say why.
"""

from __future__ import annotations

import bisect
import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from changes.accepted import Accepted
from changes.breaks import NONE, Breaks
from changes.compare import Comparison, Seen
from changes.kinds import ProposedChange
from changes.marking import breaks_of
from model import CheckResult, Day, FigureRule, Instant, SeriesRef, SeriesRule, Source, day_of, read_content

FALL = Decimal("0.003")
STEP_OF_STOCK, STEP_OF_STOCK_AT_LEAST = Decimal("0.2"), 5
STEPS_FOR_SPREAD, STEPS_FOR_LARGEST, STEPS_OF_YEAR, STEPS_NEEDED = 28, 60, 365, 14
SPREADS, LARGEST_TIMES = 10, 2
YOUNG_SHARE, YOUNG_AT_LEAST = Decimal("0.25"), 100
REWRITTEN_SHARE, REWRITTEN_AT_LEAST = 0.05, 20
RESTATED_DAYS = 7
RESTART_SHARE = Decimal("0.05")
TIMES_OF_MANY = 3 * LARGEST_TIMES
FALLS_NEEDED, FALLS_OF_LEVEL = 3, 4
"""So many falls are a habit; one step in so many, and the series is a level, whatever its definition calls it."""


def page_checks(source: Source, state: Accepted, seen: Seen) -> Iterator[CheckResult]:
    """Judge the release as a whole: did it state anything, as much as it should, and all that it must?"""
    if not seen.contents and not seen.conflicts:
        yield CheckResult(name="nothing_extracted", result="hold", message="no followed figure was found on the page")
        return
    if bounds := source.expect.figures:
        low, high = bounds
        if not low <= seen.count <= high:
            message = f"{_cells(seen.count, 'figure')} found; the definition expects {low:,} to {high:,}"
            yield CheckResult(name="count_out_of_bounds", result="hold", message=message)
    for figure_id in _expected(source, state):
        stated = any(_figure_id(state, series_id) == figure_id for series_id in seen.contents)
        if not stated and not any(_figure_id(state, key[0]) == figure_id for key in seen.conflicts):
            yield CheckResult(
                name="expected_series_missing",
                result="warn",
                message=f"{figure_id} is not stated in this release; its last value stays, and is not taken for new",
                series=f"{source.id}/{figure_id}",
            )


def _expected(source: Source, state: Accepted) -> list[str]:
    """The series that a release must state: those the definition says, and on a page all that it ever stated."""
    rules: tuple[FigureRule | SeriesRule, ...] = (*source.figures, *source.series)
    wanted = {rule.id for rule in rules if rule.expected} | set(source.expect.series)
    if source.extractor in ("selectors", "table") and source.coverage == "latest":
        wanted |= {_figure_id(state, series_id) for series_id, live in state.live.items() if live}
    return [rule.id for rule in rules if rule.id in wanted]


def _figure_id(state: Accepted, series_id: int) -> str:
    return SeriesRef.parse(state.first_ref[series_id]).figure_id


def rollback_check(comparison: Comparison, known_copy: str | None) -> Iterator[CheckResult]:
    """Recognise an older copy of the table: it equals a recorded release that is not the last, and rows are missing."""
    stated = comparison.seen.contents
    missing = [draft for draft in comparison.drafts if draft.kind == "withdrawn"]
    # What is missing for the second time joins the hold of the first, and is an older copy none the less.
    again = [key for key in comparison.joined if key[1] not in stated.get(key[0], {})]
    if known_copy is None or not (missing or again):
        return
    for draft in comparison.drafts:
        draft.held = True
    yield CheckResult(
        name="rollback",
        result="hold",
        message=f"an older copy of the table: it equals {known_copy} and lacks {_cells(len(missing) + len(again))}",
    )


def rewritten_check(source: Source, state: Accepted, comparison: Comparison) -> Iterator[CheckResult]:
    """Hold a release that rewrites more of the past than corrections do, unless that is this source's habit."""
    touched = [draft for draft in comparison.drafts if draft.kind in ("revised", "withdrawn") and not draft.echo]
    if len(touched) < REWRITTEN_AT_LEAST or source.coverage != "full":
        return
    known = sum(len(live) for live in state.live.values())
    if len(touched) <= REWRITTEN_SHARE * known:
        return
    share = f"{len(touched):,} of {known:,} known cells are revised or withdrawn ({len(touched) / known:.0%})"
    if source.restates:
        yield CheckResult(name="rewritten", result="pass", message=f"{share}, which is this source's habit")
        return
    for draft in comparison.drafts:
        draft.held = True
    yield CheckResult(name="rewritten", result="hold", message=share)


def future_checks(
    source: Source, drafts: list[ProposedChange], keys: dict[int, str], known_at: Instant
) -> Iterator[CheckResult]:
    """Hold what is dated after the day on which it was read; a running month or year may be named by its last day.

    A page that is dated a day ahead is warned of: what is known of an old copy is often the day in the fetcher's zone
    alone, and the one date of a page is seldom wrong.
    """
    today = _period_end(source, day_of(known_at, source.timezone))
    tomorrow = _days_before(today, -1) if source.coverage == "latest" else today
    for draft in drafts:
        if draft.as_of > today and draft.content is not None:
            ahead = draft.as_of > tomorrow
            draft.held = draft.held or ahead
            yield CheckResult(
                name="future_as_of",
                result="hold" if ahead else "warn",
                message=f"dated {draft.as_of}, after the day it was published",
                series=keys[draft.series_id],
                as_of=draft.as_of,
            )


def _period_end(source: Source, today: Day) -> Day:
    form = " ".join(source.as_of.formats) if source.as_of else ""
    if not form or any(code in form for code in ("%d", "%j", "%x", "%c", "%D", "%F")):
        return today
    date = dt.date.fromisoformat(today)
    if any(code in form for code in ("%V", "%U", "%W")):
        return Day((date + dt.timedelta(days=6 - date.weekday())).isoformat())
    month = date.month if any(code in form for code in ("%m", "%b", "%B")) else 12
    first_of_next = dt.date(date.year + month // 12, month % 12 + 1, 1)
    return Day((first_of_next - dt.timedelta(days=1)).isoformat())


def step_checks(source: Source, state: Accepted, drafts: Sequence[ProposedChange]) -> Iterator[CheckResult]:
    """Judge each change as a step between neighbouring as-ofs, once the whole update is applied.

    A step is flagged only where it got worse, so that a repair is not held; a held change leaves the baseline before
    its later neighbour is judged. What is counted anew is not compared with what was before.
    """
    by_series: dict[int, list[ProposedChange]] = defaultdict(list)
    for draft in drafts:
        if draft.kind != "first" and not draft.held and not draft.echo:
            by_series[draft.series_id].append(draft)
    for series_id, changes in by_series.items():
        rule = source.rule(_figure_id(state, series_id))
        if rule is None or getattr(rule, "derived", None):
            continue
        since = Day("")
        if source.restates:
            since = _days_before(max(state.latest[series_id], *(draft.as_of for draft in changes)), RESTATED_DAYS)
        breaks = breaks_of(source, state, series_id)
        # The more series one release brings, the farther out lies the farthest of them by chance.
        times = LARGEST_TIMES * len(str(len(by_series)))
        level = times if _kind(rule) != "total" else None
        yield from Steps(state, series_id, changes, may_fall=rule.may_fall, breaks=breaks, level=level).judge(since)


def _kind(rule: FigureRule | SeriesRule) -> str:
    return rule.kind if isinstance(rule, FigureRule) else rule.match.kind or "total"


def _limit(steps: Sequence[Decimal], least: Decimal) -> Decimal:
    """What a step may reach by the spread of those before it; `least` is the spread that any series is allowed."""
    median = statistics.median(steps)
    spread = statistics.median(abs(step - median) for step in steps)
    return median + SPREADS * max(Decimal("1.4826") * spread, median / 4, least)


def _days(one: Day, other: Day) -> int:
    return (dt.date.fromisoformat(other) - dt.date.fromisoformat(one)).days


def _days_before(day: Day, days: int) -> Day:
    return Day((dt.date.fromisoformat(day) - dt.timedelta(days=days)).isoformat())


class Steps:
    """One series' accepted values with this update's changes applied, and the judgement of its steps.

    `level` is given for what is no running total (increments, shares): how often the largest step of its history a step
    may be, up or down.
    """

    def __init__(
        self,
        state: Accepted,
        series_id: int,
        changes: list[ProposedChange],
        *,
        may_fall: bool,
        breaks: Breaks = NONE,
        level: int | None = None,
    ) -> None:
        self.state, self.series_id, self.breaks, self.level = state, series_id, breaks, level
        self.key = state.keys[series_id]
        self.live = state.live.get(series_id, {})
        self.changes = sorted(changes, key=lambda draft: draft.as_of)
        self.changed = {draft.as_of for draft in changes}
        self.may_fall = may_fall
        self.known = days = state.days.get(series_id, [])
        first = max(0, bisect.bisect_left(days, self.changes[0].as_of) - STEPS_FOR_LARGEST - 2)
        last = bisect.bisect_right(days, self.changes[-1].as_of) + 2
        self.before = _numbers((day, self.live[day]) for day in days[first:last])
        self.after = dict(self.before)
        for draft in self.changes:
            self.after.pop(draft.as_of, None)
            self.after.update(_numbers([(draft.as_of, draft.content)]))
        self.days = sorted(self.after)

    def judge(self, since: Day) -> Iterator[CheckResult]:
        """Judge the changes dated `since` a day or later, oldest first; those before it count as they stand."""
        for draft in self.changes:
            if draft.as_of not in self.after or draft.content is None or draft.as_of < since:
                continue
            results = list(self._judge_one(draft))
            yield from results
            if any(result.result == "hold" for result in results):
                draft.held = True
                self._leave_out(draft)

    def _judge_one(self, draft: ProposedChange) -> Iterator[CheckResult]:
        place = bisect.bisect_left(self.days, draft.as_of)
        sides = []
        if place > 0:
            sides.append((place - 1, place))
        if place + 1 < len(self.days) and self.days[place + 1] not in self.changed:
            sides.append((place, place + 1))
        for left, right in sides:
            if self._anew(left, right):
                continue
            a, b = self._value(left), self._value(right)
            was = self._step_before(self.days[left], self.days[right])
            if self.level is not None:
                if was is None or abs(b - a) > abs(was):
                    yield from self._off_level(draft, left, right)
            elif b < a and (was is None or b - a < was):
                yield from self._fall(draft, left, right)
            elif b > a and (was is None or b - a > was):
                yield from self._jump(draft, left, right, a, b)

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
        a, b = self.before.get(left), self.before.get(right)
        if a is None and left in self.changed:
            a = self._neighbour(left, -1)
        if b is None and right in self.changed:
            b = self._neighbour(right, 1)
        return b - a if a is not None and b is not None else None

    def _neighbour(self, day: Day, way: int) -> Decimal | None:
        days = sorted(self.before)
        place = bisect.bisect_left(days, day) - 1 if way < 0 else bisect.bisect_right(days, day)
        return self.before[days[place]] if 0 <= place < len(days) else None

    def _fall(self, draft: ProposedChange, left: int, right: int) -> Iterator[CheckResult]:
        a, b = self._value(left), self._value(right)
        down = a - b
        if self.may_fall and not self._large_for_stock(a, down):
            return
        if not self.may_fall and self._is_level(left):
            yield from self._off_level(draft, left, right)
            return
        if not self.may_fall and self._falls_so(left, down):
            return
        hold = self.may_fall or (a != 0 and down / abs(a) > FALL)
        why = ", more than this series is used to" if self.may_fall else "; a running total does not"
        message = f"falls by {_told(down)} from {_told(a)} to {_told(b)}{why}{self._restart(draft, left, right)}"
        yield self._result("fall", "hold" if hold else "warn", message, draft)

    def _jump(self, draft: ProposedChange, left: int, right: int, a: Decimal, b: Decimal) -> Iterator[CheckResult]:
        per_day = (b - a) / self._gap(left, right)
        if self.may_fall and not self._large_for_stock(a, b - a):
            return
        if (left if not self.breaks else len(self._history(left))) < STEPS_NEEDED:
            if b - a >= YOUNG_AT_LEAST and a > 0 and (b - a) / a > YOUNG_SHARE:
                message = f"rises by {_told(b - a)} from {_told(a)} to {_told(b)} in a young series"
                yield self._result("jump", "warn", message, draft)
            return
        # Most steps are ordinary beside the one just before, and need no look further back.
        if not self._anew(left - 1, left) and per_day <= LARGEST_TIMES * self._step(left):
            return
        if not self.may_fall and self._is_level(left):
            yield from self._off_level(draft, left, right)
            return
        history = self._history(left)
        steps = [self._step(end) for end in history]
        if per_day <= _limit(steps[-STEPS_FOR_SPREAD:], 2 * self._unit()) or per_day <= LARGEST_TIMES * max(steps):
            return
        if self._has_precedent(history, a, b, per_day):
            return
        message = (
            f"rises by {_told(b - a)} from {_told(a)} to {_told(b)}, {_told(per_day)} a day; "
            f"the largest of the last {len(steps)} steps was {_told(max(steps))} a day"
        )
        yield self._result("jump", "hold", message, draft)

    def _is_level(self, left: int) -> bool:
        """Whether a series goes down as it goes up (a price, a rate), though its definition calls it a total."""
        changes = self._changes(left)
        falls = sum(step < 0 for step in changes)
        return falls >= FALLS_NEEDED and falls * FALLS_OF_LEVEL >= len(changes)

    def _falls_so(self, left: int, down: Decimal) -> bool:
        """Whether a total is taken down now and then, by about as much (a counter that is cleared of duplicates)."""
        falls = [-step for step in self._changes(left) if step < 0]
        return len(falls) >= FALLS_NEEDED and down <= LARGEST_TIMES * max(falls)

    def _changes(self, place: int) -> list[Decimal]:
        """The steps before a place, whatever time they took."""
        return [self._value(end) - self._value(end - 1) for end in self._history(place)]

    def _off_level(self, draft: ProposedChange, left: int, right: int) -> Iterator[CheckResult]:
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
        way, name = ("rises", "jump") if b > a else ("falls", "fall")
        message = (
            f"{way} by {_told(step)} from {_told(a)} to {_told(b)}; "
            f"the largest of the last {len(steps)} steps was {_told(largest)}"
        )
        # Among hundreds of series some are always out of line, and most of those are news of a small place.
        yield self._result(name, "hold" if times < TIMES_OF_MANY else "warn", message, draft)

    def _unit(self) -> Decimal:
        """The last place that this series' numbers have: 1 for counts, 0.1 where they have one decimal."""
        exponents = (number.as_tuple().exponent for number in self.after.values())
        return Decimal(1).scaleb(min(0, *(one for one in exponents if isinstance(one, int)), 0))

    def _has_precedent(self, history: list[int], a: Decimal, b: Decimal, per_day: Decimal) -> bool:
        """Whether a step that is large by rate is ordinary for a series of this kind.

        Releases may be irregular: one that comes early carries as much as others did. Numbers may be growing by a
        share of themselves, as in an epidemic. And some come in bursts, for which two months are a short memory.
        """
        if b - a <= max(self._value(end) - self._value(end - 1) for end in history):
            return True
        recent = history[-STEPS_FOR_SPREAD:]
        shares = [self._step(end) / self._value(end - 1) for end in recent if self._value(end - 1) > 0]
        if a > 0 and shares and per_day / a <= max(shares):
            return True
        return per_day <= LARGEST_TIMES * self._largest_of_year(self.days[history[-1]])

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
        if b < 0 or b >= a:
            return ""
        steps = [self._step(end) for end in self._history(left)]
        usual = LARGEST_TIMES * max(steps, default=Decimal(0)) * self._gap(left, right)
        grown = self._grown(self.days[left], draft.as_of, b)
        since = f"; since {grown[0]} {len(grown)} values in a row grow again" if len(grown) > 1 else ""
        if b > max(RESTART_SHARE * a, usual) and not since:
            return ""
        answer = f"{self.key}@{grown[0]}" if len(grown) > 1 else "it"
        return f"{since}; if it is counted anew (a new year or method), accept {answer} with --break"

    def _grown(self, after: Day, until: Day, value: Decimal) -> list[Day]:
        """The days of the values that waited since a day and never fell, up to the one that is judged now."""
        held = {
            day: content
            for (series_id, day), one in self.state.held.items()
            if series_id == self.series_id and after < day < until and one.content and not one.refused
            for content in [one.content]
        }
        numbers = sorted(_numbers(held.items()).items())
        values = [number for _, number in numbers] + [value]
        return [day for day, _ in numbers] + [until] if all(a <= b for a, b in pairwise(values)) else [until]

    def _large_for_stock(self, a: Decimal, step: Decimal) -> bool:
        """Whether a step of a series that may fall, up or down, is more than things moving in and out."""
        return step >= STEP_OF_STOCK_AT_LEAST * self._unit() and a != 0 and step / abs(a) > STEP_OF_STOCK

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

    def _result(self, name: str, result: str, message: str, draft: ProposedChange) -> CheckResult:
        return CheckResult(
            name=name,
            result="hold" if result == "hold" else "warn",
            message=message,
            series=self.key,
            as_of=draft.as_of,
        )


def parts_checks(source: Source, state: Accepted, seen: Seen, drafts: list[ProposedChange]) -> Iterator[CheckResult]:
    """Hold a part that is larger than the whole it belongs to, both as this release states them."""
    rules = {rule.id: rule for rule in source.figures}
    wholes = {_whole(rule): rule.id for rule in rules.values() if rule.category is None and rule.kind == "total"}
    for draft in drafts:
        ref = SeriesRef.parse(state.first_ref[draft.series_id])
        rule = rules.get(ref.figure_id)
        if rule is None or rule.category is None or draft.held or draft.content is None or ref.labels:
            continue
        whole_id = state.refs.get(wholes.get(_whole(rule), ""))
        whole = _number(seen.contents.get(whole_id, {}).get(draft.as_of)) if whole_id else None
        part = _number(draft.content)
        if whole is not None and part is not None and part > whole:
            draft.held = True
            yield CheckResult(
                name="part_above_total",
                result="hold",
                message=f"{_told(part)} is more than the whole of {_told(whole)}",
                series=state.keys[draft.series_id],
                as_of=draft.as_of,
            )


def _whole(rule: FigureRule) -> tuple[object, ...]:
    return rule.measure, rule.kind, rule.unit, rule.whom


def _numbers(contents: Iterable[tuple[Day, str | None]]) -> dict[Day, Decimal]:
    read = ((day, _number(content)) for day, content in contents)
    return {day: number for day, number in read if number is not None}


@lru_cache(maxsize=1 << 16)
def _number(content: str | None) -> Decimal | None:
    return read_content(content).value if content else None


def _told(number: Decimal) -> str:
    """A number as a person reads it: thousands separated, to a tenth, nothing after the point where it is whole."""
    rounded = number.quantize(Decimal(1) if abs(number) >= 10 and number % 1 else Decimal("0.1"))
    return f"{rounded:,f}".removesuffix(".0")


def _cells(count: int, noun: str = "cell") -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
