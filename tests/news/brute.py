"""Facts by brute force: for each update everything is read again, listed whole, and looked at one by one.

Written apart from `changes.news`, from docs/news.md alone: rows in, tuples out, fractions, and no state that moves on.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple, cast

INFINITE = Fraction(10) ** 40


class Row(NamedTuple):
    """One version: update, as-of, kind of change, content, held, echo."""

    update: int
    day: str
    kind: str
    content: str
    held: bool
    echo: bool


class Book(NamedTuple):
    """All that is recorded of a series: its rows, when updates were known, breaks, and what it counts."""

    rows: Sequence[Row]
    known: dict[int, str]
    marks: Sequence[tuple[int, str, str | None]]
    counted: str
    restates: bool


class Value(NamedTuple):
    """What a content may mean."""

    low: Fraction
    high: Fraction
    number: Fraction | None
    exact: bool


Told = tuple[str, str, Fraction, Fraction | None, str | None, str | None, int, frozenset[tuple[int, str]]]
"""Day, name, number, other, since, begins, steps, and the (update, day) that prove it."""


def plain(number: Fraction) -> Fraction:
    """The same number, as an int where it is whole: exact alike, and quick."""
    return cast(Fraction, number.numerator) if number.denominator == 1 else number


@cache
def value(content: str) -> Value:
    found = re.fullmatch(r"([~<>]?)(-?[0-9]+)(?:\.([0-9]+))?", content)
    if found is None:
        low, high = content.split("..")
        return Value(Fraction(low) if low else -INFINITE, Fraction(high) if high else INFINITE, None, False)
    number = Fraction(content.lstrip("~<>"))
    digits = found[3] or ""
    if digits:
        unit = Fraction(1, 10 ** len(digits))
    else:
        whole = found[2].lstrip("-")
        unit = Fraction(10 ** (len(whole) - len(whole.rstrip("0"))) if whole.strip("0") else 1)
    down = {"~": unit / 2, "<": unit}.get(found[1], Fraction(0))
    up = {"~": unit / 2, ">": unit}.get(found[1], Fraction(0))
    return Value(plain(number - down), plain(number + up), plain(number), not found[1])


def counting(book: Book, until: int, last: str = "9999") -> list[tuple[str, Value, int]]:
    """What counts after an update, by day, up to a day, from the last break on."""
    table: dict[str, Row] = {}
    for row in book.rows:
        if row.update <= until and not row.held:
            table[row.day] = row
    anew: dict[str, str] = {}
    for update, day, why in book.marks:
        if update <= until:
            anew.pop(day, None)
            if why is not None:
                anew[day] = why
    begins = max((day for day in anew if day <= last), default="")
    days = sorted(day for day, row in table.items() if row.content and begins <= day <= last)
    return [(day, value(table[day].content), table[day].update) for day in days]


@cache
def minutes(day: str) -> int:
    at = dt.datetime.fromisoformat(day.rstrip("Z"))
    return int((at - dt.datetime(1, 1, 1)).total_seconds()) // 60


@cache
def age(day: str, known: str) -> int:
    return (dt.date.fromisoformat(known[:10]) - dt.date.fromisoformat(day[:10])).days


def fills_up(book: Book, by_day: Mapping[str, Sequence[Row]], update: int, day: str) -> bool:
    old = age(day, book.known[update])
    off: list[bool] = []
    for other, now, _ in counting(book, update, day)[-2::-1]:
        if len(off) == 30:
            break
        mine = [one for one in by_day[other] if one.update <= update and not one.held and one.content]
        then = [one for one in mine if age(other, book.known[one.update]) <= old]
        if then:
            was = value(then[-1].content)
            if was.number is None or now.number is None:
                off.append(was != now)
            else:
                off.append(abs(now.number - was.number) * 100 > abs(now.number))
    if len(off) < 5:
        return book.restates
    return sum(off) * 10 > len(off)


def facts(book: Book) -> Iterator[tuple[int, list[Told]]]:
    """By update, its facts, in no order."""
    by_day: dict[str, list[Row]] = {}
    for row in book.rows:
        by_day.setdefault(row.day, []).append(row)
    for update in sorted({row.update for row in book.rows}):
        new = [
            row.day for row in book.rows
            if row.update == update and row.kind == "new" and row.content and not row.held and not row.echo
        ]  # fmt: skip
        table = counting(book, update)
        if not new or not table or table[-1][0] != max(new) or fills_up(book, by_day, update, max(new)):
            continue
        yield update, list(of_day(table, book.counted))


def of_day(table: Sequence[tuple[str, Value, int]], counted: str) -> Iterator[Told]:
    if len(table) < 2 or counted not in ("total", "change"):
        return
    if counted == "total":
        yield from of_steps(table)
        yield from of_total_levels(table)
        yield from of_pace(table)
    else:
        yield from of_amounts(table)
        yield from of_periods(table)
    yield from of_milestones(table)


def look(judged: Iterable[str]) -> int | None:
    """At which place from the newest back something as much is met (-1: never), where ten before it are less."""
    word = "".join(judged)
    found = re.match(r"(l{10,})(a|$)", word)
    return None if found is None else -1 if not found[2] else len(found[1])


def judged(items: Sequence[Any], less: Callable[[Any], bool], as_much: Callable[[Any], bool]) -> list[str]:
    return ["l" if less(one) else "a" if as_much(one) else "?" for one in items]


def of_steps(table: Sequence[tuple[str, Value, int]]) -> Iterator[Told]:
    steps = []  # (low, high, minutes, exact, place of the later day), newest first
    for place in range(len(table) - 1, 0, -1):
        (before, old, _), (after, new, _) = table[place - 1], table[place]
        took = minutes(after) - minutes(before)
        steps.append((new.low - old.high, new.high - old.low, took, new.exact and old.exact, place))
    low, high, took, exact, _ = steps[0]
    if not exact:
        return
    rules: dict[str, tuple[bool, Callable[[Any], bool], Callable[[Any], bool]]] = {
        "first_fall": (high < 0, lambda s: s[0] >= 0, lambda s: s[1] < 0),
        "largest_rise": (low > 0, lambda s: s[1] < low and took * 5 <= s[2] * 6, lambda s: s[0] >= high),
        "smallest_rise": (low > 0, lambda s: s[0] > high and s[2] * 5 <= took * 6, lambda s: s[1] <= low),
        "largest_fall": (high < 0, lambda s: s[0] > high and took * 5 <= s[2] * 6, lambda s: s[1] <= low),
    }
    for name, (holds, less, as_much) in rules.items():
        met = look(judged(steps[1:], less, as_much)) if holds else None
        if met is None:
            continue
        mine = {(table[-1][2], table[-1][0]), (table[-2][2], table[-2][0])}
        if met < 0:
            mine.add((table[0][2], table[0][0]))
            yield table[-1][0], name, abs(low), None, None, table[0][0], len(steps) - 1, frozenset(mine)
            continue
        one = steps[1 + met]
        mine |= {(table[at][2], table[at][0]) for at in (one[4], one[4] - 1)}
        then = one[0] if name == "smallest_rise" else abs(one[0])
        yield table[-1][0], name, abs(low), then if one[3] else None, table[one[4]][0], None, met, frozenset(mine)


def of_total_levels(table: Sequence[tuple[str, Value, int]]) -> Iterator[Told]:
    newest, earlier = table[-1][1], table[1:-1][::-1]
    falls = sum(new.high < old.low for (_, old, _), (_, new, _) in pairwise(table))
    high = judged(earlier, lambda one: one[1].high < newest.low, lambda one: one[1].low >= newest.high)
    low = judged(earlier, lambda one: one[1].low > newest.high, lambda one: one[1].high <= newest.low)
    for name, word in (("highest", high), ("lowest", low)):
        met = look(word)
        if met == -1 and name == "highest" and falls * 4 < len(table) - 1:
            continue
        yield from level(table, name, met)


def level(table: Sequence[tuple[str, Value, int]], name: str, met: int | None) -> Iterator[Told]:
    day, newest, update = table[-1]
    if met is None or not newest.exact:
        return
    if met < 0:
        mine = frozenset({(update, day), (table[0][2], table[0][0])})
        yield day, name, newest.low, None, None, table[0][0], len(table) - 2, mine
    else:
        then = table[-2 - met]
        other = then[1].number if then[1].exact else None
        yield day, name, newest.low, other, then[0], None, met, frozenset({(update, day), (then[2], then[0])})


def of_amounts(table: Sequence[tuple[str, Value, int]]) -> Iterator[Told]:
    newest = table[-1][1]
    long = [minutes(after[0]) - minutes(before[0]) for before, after in pairwise(table)]
    mine, earlier = long[-1], list(zip(table[1:-1], long[:-1], strict=True))[::-1]
    high = judged(
        earlier, lambda o: o[0][1].high < newest.low and mine * 5 <= o[1] * 6, lambda o: o[0][1].low >= newest.high
    )
    low = judged(
        earlier, lambda o: o[0][1].low > newest.high and o[1] * 5 <= mine * 6, lambda o: o[0][1].high <= newest.low
    )
    yield from level(table, "highest", look(high))
    yield from level(table, "lowest", look(low))


def of_milestones(table: Sequence[tuple[str, Value, int]]) -> Iterator[Told]:
    day, new, update = table[-1]
    _, old, _ = table[-2]
    if new.number is None or old.number is None or new.number < 0 or old.number < 0:
        return
    mark = milestone(old, new)
    if mark is None:
        return
    up, earlier = new.number > old.number, table[:-1][::-1]
    below, above = (lambda one: one[1].high < mark), (lambda one: one[1].low >= mark)
    met = look(judged(earlier, below, above) if up else judged(earlier, above, below))
    if met is None:
        return
    then = table[0] if met < 0 else earlier[met]
    mine = frozenset({(update, day), (table[-2][2], table[-2][0]), (then[2], then[0])})
    since, begins = (None, then[0]) if met < 0 else (then[0], None)
    yield day, "passes" if up else "falls_below", mark, None, since, begins, len(earlier) if met < 0 else met, mine


def milestone(old: Value, new: Value) -> Fraction | None:
    """Every multiple of each unit up to ten times the larger number is tried."""
    assert old.number is not None
    assert new.number is not None
    top = max(old.number, new.number)
    power = Fraction(1)
    while top and power * 10 <= top:
        power *= 10
    while top and power > top:
        power /= 10
    for unit in (power, power / 2, power / 10):
        if unit < 4 * abs(new.number - old.number):
            continue
        marks = [unit * times for times in range(1, 101) if unit * times >= 100]
        if new.number > old.number:
            crossed = [mark for mark in marks if old.high < mark <= new.low]
            if crossed:
                return max(crossed)
        else:
            crossed = [mark for mark in marks if new.high < mark <= old.low]
            if crossed:
                return min(crossed)
    return None


def rounded(number: Fraction) -> Fraction:
    """Whole from ten on, else to a tenth; a half goes to the even digit."""
    return Fraction(round(number)) if abs(number) >= 10 else Fraction(round(number * 10), 10)


def of_pace(table: Sequence[tuple[str, Value, int]]) -> Iterator[Told]:
    if len(table) < 3 or any("T" in one[0] or not one[1].exact for one in table[-3:]):
        return
    old, middle, new = table[-3:]
    later, before = ((minutes(b[0]) - minutes(a[0])) // 1440 for a, b in ((middle, new), (old, middle)))
    more, less = new[1].low - middle[1].low, middle[1].low - old[1].low
    if max(later, before) > 1 and more > 0 and less > 0:
        mine = frozenset((one[2], one[0]) for one in (old, middle, new))
        yield (
            new[0],
            "pace",
            rounded(Fraction(more) / later),
            rounded(Fraction(less) / before),
            middle[0],
            None,
            0,
            mine,
        )


def of_periods(table: Sequence[tuple[str, Value, int]]) -> Iterator[Told]:
    day, newest, update = table[-1]
    if len(table) < 3 or "T" in day or not newest.exact:
        return
    dates = [dt.date.fromisoformat(one[0][:10]) for one in table[-3:]]
    by_day = {one[0]: one for one in table}
    for name, wanted in periods(dates):
        found = by_day.get(wanted.isoformat())
        if found is None or not found[1].exact or found[1].low <= 0:
            continue
        per_cent = rounded(Fraction(newest.low - found[1].low) * 100 / found[1].low)
        if per_cent:
            mine = frozenset({(update, day), (found[2], found[0])})
            yield day, name, per_cent, found[1].number, found[0], None, 0, mine


def periods(dates: Sequence[dt.date]) -> Iterator[tuple[str, dt.date]]:
    last = dates[-1]
    ends = all(one.day == calendar.monthrange(one.year, one.month)[1] for one in dates)
    months = [one.year * 12 + one.month for one in dates]
    if ends and [one - months[0] for one in months] == [0, 1, 2]:
        yield "period_before", dates[-2]
        yield "year_before", dt.date(last.year - 1, last.month, calendar.monthrange(last.year - 1, last.month)[1])
    elif {(one.month, one.day) for one in dates} == {(12, 31)} and dates[0].year + 2 == last.year:
        yield "period_before", dates[-2]
    elif [(one - dates[0]).days for one in dates] == [0, 7, 14]:
        yield "period_before", dates[-2]
        yield "year_before", last - dt.timedelta(days=364)


def exactly(number: Decimal | None) -> Fraction | None:
    return None if number is None else Fraction(number)
