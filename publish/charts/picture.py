"""What a chart shows: a series' versions sorted into lines by what was known when."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import compress, islice
from operator import eq, itemgetter, sub
from typing import Literal, NamedTuple

from model import Day, Instant, Qualifier, read_content
from publish.charts.points import ChartAsked, Point
from publish.charts.thin import FEW, DayRow, ordinals, thinned
from storage import SeriesHistory

VINTAGES = 8
"""So many earlier states of knowledge at most are drawn."""
SILENT_TIMES = 4
"""A gap so many times the usual one is silence: no line leads across."""
STRETCHES = 60
"""A line that differs at more stretches than this is drawn whole from the first to the last."""
MARKED = 160
"""So many points at most have each a mark of its own."""
COLUMNS, MANY = 820, 6_000
"""A line is drawn in so many columns, a vintage in a fourth of them; of many versions in half as many."""

NEVER = Instant("")

LineKind = Literal["known", "later", "first", "vintage"]
ChartPiece = tuple[Point, ...]
_DAY, _CONTENT, _HELD = itemgetter(0), itemgetter(2), itemgetter(3)
MarkedDays = tuple[tuple[Day, str], ...]
"""Days with words about each."""


class ChartLine(NamedTuple):
    """One line of a chart in pieces, between which nothing leads; of a vintage what it had otherwise."""

    kind: LineKind
    pieces: tuple[ChartPiece, ...]
    known_at: Instant = NEVER


class SilentSpan(NamedTuple):
    """A gap many times the usual one: the last value before it, and the first one after."""

    before: Point
    after: Point


class Contrast(NamedTuple):
    """What was known of a series at a time, and what is known now: newest of then, the same day now, newest now."""

    then: Point | None
    same_day: Point | None
    now: Point | None


class Picture(NamedTuple):
    """All that a chart shows."""

    asked: ChartAsked
    lines: tuple[ChartLine, ...]
    ranges: tuple[Point, ...]
    held: tuple[Point, ...]
    revised: tuple[tuple[Point, int], ...]
    withdrawn: tuple[Day, ...]
    silences: tuple[SilentSpan, ...]
    hedges: Counter[Qualifier]
    contrast: Contrast
    methods: MarkedDays
    breaks: MarkedDays
    values: int
    changed: Instant
    thinned: bool
    coming: tuple[Point, ...] = ()

    @property
    def points(self) -> Iterator[Point]:
        """All that is drawn and counts, or counted once."""
        for line in self.lines:
            for piece in line.pieces:
                yield from piece
        yield from self.ranges
        yield from self.coming

    @property
    def known(self) -> list[Point]:
        """The points of the line as known."""
        return [point for line in self.lines if line.kind == "known" for piece in line.pieces for point in piece]

    @property
    def usual(self) -> Qualifier | None:
        """The hedge that most values have; of many points, those that have it are not marked one by one."""
        return self.hedges.most_common(1)[0][0] if self.hedges and self.values > MARKED else None

    def has(self, kind: LineKind) -> bool:
        """Whether there is a line of a kind."""
        return any(line.kind == kind for line in self.lines)


def picture(history: SeriesHistory, asked: ChartAsked, methods: MarkedDays = (), breaks: MarkedDays = ()) -> Picture:
    """Sort a series' versions into lines.

    `methods` are days from which it is read another way, `breaks` those from which it is counted anew, each with words.
    """
    return _Sorter(history, asked).picture(methods, breaks)


class _Sorter:
    """Sorts the versions of one series for one chart."""

    def __init__(self, history: SeriesHistory, asked: ChartAsked) -> None:
        self.history, self.asked = history, asked
        self.then = _known_by(history, asked.known_at)
        self.holds = any(map(_HELD, history.rows))
        counted = [row for row in history.rows if not row[3]] if self.holds else history.rows
        self.counted = counted if len(self.then) == len(history.known) else _of_updates(counted, self.then)
        # The last of a day wins, since they come as they were recorded; what is withdrawn stands as a blank.
        self.latest = _by_day(self.counted)
        self.known = [row for row in self.latest.values() if row[2]]
        self.now = self.latest if asked.frozen or self.counted is counted else _by_day(counted)
        self.days = list(self.now)
        self.ranged = ".." in " ".join(map(_CONTENT, history.rows))
        self.places = dict(zip(self.days, ordinals(self.days), strict=True))
        self.restated = _restated(self.counted)
        self.cuts: list[Day] = []

    @cached_property
    def order(self) -> dict[Day, int]:
        """Which day of all each is."""
        return dict(zip(self.days, range(len(self.days)), strict=True))

    @property
    def first(self) -> float:
        """Where the first day lies."""
        return self.places[self.days[0]] if self.days else 0.0

    @property
    def span(self) -> float:
        """How far it is from the first day to the last."""
        return max(self.places[self.days[-1]] - self.first, 1e-9) if self.days else 1.0

    def picture(self, methods: MarkedDays, breaks: MarkedDays) -> Picture:
        """The whole picture."""
        asked = self.asked
        silent, withdrawn = list(self._silent()), self._withdrawn()
        breaks = self._breaks(breaks)
        self.cuts = sorted({*(day for day, _ in breaks), *(after[0] for _, after in silent), *withdrawn})
        lines = [*self._other_lines(), self._line("known", [self.known], COLUMNS)]
        ranges = self._thin([row for row in self.known if ".." in row[2]] if self.ranged else [], COLUMNS // 8, MARKED)
        drawn = len(ranges) + sum(map(len, lines[-1].pieces))
        return Picture(
            asked=asked,
            lines=tuple(filter(_has_pieces, lines)),
            ranges=tuple(map(self._point, ranges)),
            held=tuple(self._held()),
            revised=tuple(self._revised()),
            withdrawn=withdrawn,
            silences=tuple(SilentSpan(*map(self._point, pair)) for pair in silent),
            hedges=self._hedges(),
            contrast=self._contrast(),
            methods=self._methods(methods),
            breaks=breaks,
            values=len(self.known),
            changed=max((self.history.known[one][1] for one in self.then), default=NEVER),
            thinned=self.history.thinned or drawn < len(self.known),
        )

    def _hedges(self) -> Counter[Qualifier]:
        found: Counter[Qualifier] = Counter()
        valued = _values_alone([self.known])[0] if self.ranged else self.known
        for sign, many in Counter([row[2][0] for row in valued]).items():
            found[_HEDGED.get(sign, "exact")] += many
        return found

    def _methods(self, methods: MarkedDays) -> MarkedDays:
        at = self.asked.known_at
        return tuple(one for one in methods if at is None or one[0] <= at[:10])

    def _withdrawn(self) -> tuple[Day, ...]:
        if len(self.known) == len(self.latest):
            return ()
        return tuple(day for day, row in self.latest.items() if not row[2])

    def _breaks(self, breaks: MarkedDays) -> MarkedDays:
        """The new counts that are shown: of a frozen chart those that had begun."""
        last = self.known[-1][0] if self.known else Day("")
        return tuple(sorted(one for one in breaks if not self.asked.frozen or one[0] <= last))

    def _held(self) -> Iterator[Point]:
        """The newest held value of each day that nobody decided on, unless another value counts since."""
        rows = self.history.rows if self.asked.held and self.holds else ()
        held = {row[0]: row for row in rows if row[3] == 1 and row[2] and row[1] in self.then}
        for day, row in held.items():
            if day not in self.latest or self.latest[day][1] < row[1]:
                yield self._point(row)

    def _silent(self) -> Iterator[tuple[DayRow, DayRow]]:
        at = [self.places[row[0]] for row in self.known]
        gaps = list(map(sub, islice(at, 1, None), at))
        if len(gaps) >= 4:
            bound = max(SILENT_TIMES * sorted(gaps)[len(gaps) // 2], 2.0001)
            long = [one for one, gap in enumerate(gaps) if gap >= bound] if max(gaps) >= bound else []
            yield from ((self.known[one], self.known[one + 1]) for one in long)

    def _thin(self, rows: Sequence[DayRow], columns: int, few: int) -> list[DayRow]:
        if len(rows) <= few or self.asked.whole:
            return list(rows)
        first, by = self.first, (columns // 2 if len(self.history.rows) > MANY else columns) / self.span
        return thinned(rows, [int((place - first) * by) for place in map(self.places.__getitem__, map(_DAY, rows))])

    def _line(self, kind: LineKind, runs: Sequence[Sequence[DayRow]], columns: int, at: Instant = NEVER) -> ChartLine:
        valued = _values_alone(runs) if self.ranged else runs
        few = FEW if kind == "known" else FEW // 4
        few = few if sum(map(len, valued)) <= few else 2
        pieces = [self._thin(piece, columns, few) for run in valued for piece in self._pieces(run) if piece]
        return ChartLine(kind, tuple(tuple(map(self._point, piece)) for piece in pieces), at)

    def _pieces(self, rows: Sequence[DayRow]) -> Iterator[Sequence[DayRow]]:
        """Rows parted where no line leads across."""
        begun = 0
        for cut in self.cuts:
            at = bisect_left(rows, cut, lo=begun, key=itemgetter(0))
            yield rows[begun:at]
            begun = at
        yield rows[begun:]

    def _other_lines(self) -> Iterator[ChartLine]:
        """What stands beside the line as known: what came later, what was known earlier, what was said first."""
        if self.now is not self.latest and self.asked.known_at is not None:
            later = {day: row for day, row in self.now.items() if row is not self.latest.get(day)}
            yield self._line("later", self._stretches(later, self.now.get), COLUMNS // 2)
        if self.asked.view == "first" and self.restated:
            stated = _by_day([row for row in reversed(self.counted) if row[2]])
            yield self._line("first", [list(stated.values())[::-1]], COLUMNS // 2)
        if self.asked.view == "vintages":
            yield from map(self._vintage, vintages(self.history, self.asked.known_at))

    def _vintage(self, at: Instant) -> ChartLine:
        """What was known at an earlier time, where it was not what is known."""
        known = _known_by(self.history, at)

        def stood(day: Day) -> DayRow | None:
            row = self.latest.get(day)
            return row if row is None or row[1] in known else found.get(day)

        found: dict[Day, DayRow] = {}
        for day, versions in self.restated.items():
            if versions[-1][1] not in known:
                for row in reversed(versions):
                    if row[1] in known:
                        found[day] = row
                        break
        return self._line("vintage", self._stretches(found, stood), COLUMNS // 4, at)

    def _stretches(self, found: Mapping[Day, DayRow], row_of: Callable[[Day], DayRow | None]) -> list[list[DayRow]]:
        """What a line has otherwise on some days, each stretch with the day before it and the day after."""
        runs: list[list[int]] = []
        for day in found:
            at = self.order[day]
            if runs and runs[-1][-1] == at - 1:
                runs[-1].append(at)
            else:
                runs.append([at])
        if len(runs) > STRETCHES:
            runs = [list(range(runs[0][0], runs[-1][-1] + 1))]
        around = [self.days[max(0, run[0] - 1) : run[-1] + 2] for run in runs]
        return [[row for row in map(row_of, one) if row and row[2]] for one in around]

    def _revised(self) -> Iterator[tuple[Point, int]]:
        """The days that were revised and how often; of those that fall on one column the one most often."""
        by, first, places, latest = COLUMNS / 2 / self.span, self.first, self.places, self.latest
        most: dict[int, tuple[int, Day]] = {}
        for day, versions in self.restated.items():
            column, times = int((places[day] - first) * by), sum(map(bool, map(_CONTENT, versions)))
            if times > 1 and latest[day][2] and times > most.get(column, (0,))[0]:
                most[column] = times, day
        yield from ((self._point(self.latest[day]), times - 1) for times, day in most.values())

    def _contrast(self) -> Contrast:
        then = self.known[-1] if self.known else None
        if then is None or self.asked.frozen:
            return Contrast(self._point(then) if then else None, None, None)
        now = next((row for row in reversed(self.now.values()) if row[2]), None)
        same = self.now[then[0]]
        return Contrast(*(self._point(row) if row and row[2] else None for row in (then, same, now)))

    def _point(self, row: DayRow) -> Point:
        content = read_content(row[2])
        number, known = self.history.known[row[1]]
        update = f"{self.history.source}/{number}"
        return Point(row[0], content.value, content.low, content.high, content.qualifier, update, known)


def _has_pieces(line: ChartLine) -> bool:
    return bool(line.pieces)


def _values_alone(runs: Sequence[Sequence[DayRow]]) -> list[list[DayRow]]:
    """What no line leads to, a range, left out."""
    return [[row for row in run if ".." not in row[2]] for run in runs]


def _known_by(history: SeriesHistory, at: Instant | None) -> set[int]:
    """The updates that were known by a time."""
    return {one for one, (_, known) in history.known.items() if at is None or known <= at}


def _of_updates(rows: Sequence[DayRow], updates: set[int]) -> list[DayRow]:
    return [row for row in rows if row[1] in updates]


def _by_day(rows: Sequence[DayRow]) -> dict[Day, DayRow]:
    """The last row of each day."""
    return dict(zip(map(_DAY, rows), rows, strict=True))


def _restated(rows: Sequence[DayRow]) -> dict[Day, list[DayRow]]:
    """The days that have several versions, with all of each."""
    found: dict[Day, list[DayRow]] = {}
    days = list(map(_DAY, rows))
    for at in compress(range(len(days)), map(eq, days, islice(days, 1, None))):
        found.setdefault(days[at], [rows[at]]).append(rows[at + 1])
    return found


_HEDGED: dict[str, Qualifier] = {"~": "approximately", ">": "more_than", "<": "less_than"}


def moments(history: SeriesHistory, known_at: Instant | None = None) -> list[Instant]:
    """The times at which something of a series became known, up to one if it is given."""
    return sorted({known for _, known in history.known.values() if known_at is None or known <= known_at})


def vintages(history: SeriesHistory, known_at: Instant | None) -> list[Instant]:
    """The earlier states of knowledge that are drawn: the first, the last before the one known, and evenly between."""
    earlier = moments(history, known_at)[:-1]
    if len(earlier) <= VINTAGES:
        return earlier
    return [earlier[round(place * (len(earlier) - 1) / (VINTAGES - 1))] for place in range(VINTAGES)]
