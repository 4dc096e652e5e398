"""Charts drawn on the server as SVG: values by as-of as known at a time, ranges whole, revisions and silence visible.

Every mark has a class and no style of its own, so a strict policy holds, themes follow, and it prints without a script.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby, pairwise
from typing import NamedTuple

from markupsafe import Markup

from model import Day, Instant, Qualifier, Version, date_of, is_minute, minute_of
from publish.numbers import day, number
from publish.safe import safe

WIDTH, HEIGHT, RIGHT, TOP, FOOT = 900, 344, 836, 34, 316
MOST = 1500
"""More points than this are thinned, and the chart says so."""
SILENT_TIMES = 4
"""A gap so many times the usual one is shown as silence."""
MARKED, LABEL = 4, 56
"""So many new counts say why on the paper, in so many characters; each says it whole where it is pointed at."""


class Point(NamedTuple):
    """One observation as it is drawn: the value, or the ends of a range."""

    as_of: Day
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    qualifier: Qualifier
    update: str

    @property
    def top(self) -> Decimal:
        """The highest number that it states."""
        return max(one for one in (self.value, self.high, self.low) if one is not None)

    @property
    def bottom(self) -> Decimal:
        """The lowest number that it states."""
        return min(one for one in (self.value, self.low, self.high) if one is not None)

    @property
    def told(self) -> str:
        """The number for people."""
        if self.value is not None:
            return number(self.value)
        return " to ".join(number(one) for one in (self.low, self.high) if one is not None)


class Picture(NamedTuple):
    """What a chart shows at a time: what was known, all as it is now (empty: the same), what was said before."""

    known: tuple[Point, ...]
    later: tuple[Point, ...]
    past: tuple[Point, ...]
    revised: frozenset[Day]
    held: tuple[Point, ...]
    methods: tuple[tuple[Day, str], ...]
    breaks: tuple[tuple[Day, str], ...]
    cut: Day | None


def picture(
    versions: Sequence[Version],
    known_at: Instant | None,
    methods: Sequence[tuple[Instant, str]] = (),
    breaks: Sequence[tuple[Day, str]] = (),
) -> Picture:
    """Sort a series' versions into what was known at a time and what was not.

    `breaks` are the days from which it is counted anew, with the reason of each: no line leads across them.
    """
    then: dict[Day, list[Version]] = {}
    after: dict[Day, Version] = {}
    held: list[Version] = []
    for one in versions:
        if one.held:
            if known_at is None or one.known_at <= known_at:
                held.append(one)
        elif known_at is None or one.known_at <= known_at:
            then.setdefault(one.as_of, []).append(one)
        else:
            after[one.as_of] = one
    known = [_point(of_day[-1]) for of_day in then.values() if _stands(of_day[-1])]
    past = [_point(one) for of_day in then.values() for one in of_day[:-1] if _stands(one)]
    revised = frozenset(as_of for as_of, of_day in then.items() if sum(map(_stands, of_day)) > 1)
    later = {as_of: _point(one) for as_of, one in after.items() if _stands(one)}
    kept = {one.as_of: one for one in known if one.as_of not in after} if later or after else {}
    return Picture(
        tuple(sorted(known, key=_by_day)), tuple(sorted((kept | later).values(), key=_by_day)), tuple(past), revised,
        tuple(_point(one) for one in held if _stands(one) and one.superseded_by is None),
        tuple((Day(at[:10]), words) for at, words in methods if known_at is None or at <= known_at),
        tuple(sorted(breaks)), Day(known_at[:10]) if known_at else None,
    )  # fmt: skip


def _by_day(one: Point) -> Day:
    return one.as_of


def _stands(version: Version) -> bool:
    return any(one is not None for one in (version.value, version.low, version.high))


def _point(version: Version) -> Point:
    return Point(version.as_of, version.value, version.low, version.high, version.qualifier, version.update)


class _ChartScale:
    """From days and numbers to places on the paper."""

    def __init__(self, shown: Picture) -> None:
        points = (*shown.known, *shown.later)
        days = [_ordinal(one.as_of) for one in points] or [0]
        least = 1 if all(one == int(one) for one in days) else _HOUR
        self.first, self.last = min(days), max(max(days), min(days) + least)
        low, high = min(one.bottom for one in points), max(one.top for one in points)
        # A count that moves little in a long life would be a flat line from zero; the axis then says where it starts.
        base = Decimal(0) if low <= 0 or low < high * Decimal("0.55") else low - (high - low) / 4
        self.ticks = _ticks(min(base, low), high)
        self.low, self.high = self.ticks[0], max(self.ticks[-1], high)

    def x(self, as_of: Day) -> float:
        place = (_ordinal(as_of) - self.first) / (self.last - self.first)
        return round(8 + (RIGHT - 16) * min(1.0, max(0.0, place)), 1)

    def y(self, value: Decimal) -> float:
        place = (value - self.low) / (self.high - self.low)
        return round(FOOT - (FOOT - TOP) * float(min(Decimal(1), max(Decimal(0), place))), 1)


_HOUR = 1 / 24


def _ordinal(as_of: Day) -> float:
    """The day of an as-of, with the share of it that had passed where it is a minute."""
    hours = int(as_of[11:13]) + int(as_of[14:16]) / 60 if is_minute(as_of) else 0
    return date_of(as_of).toordinal() + hours * _HOUR


def _ticks(low: Decimal, high: Decimal) -> list[Decimal]:
    """Round numbers that reach from below `low` to about `high`, at most six."""
    span = max(high - low, Decimal("0.0001") if high != high.to_integral_value() else Decimal(1))
    rough = span / 4
    power = Decimal(10) ** rough.adjusted()
    step = next(power * times for times in (1, 2, Decimal("2.5"), 5, 10) if power * times >= rough)
    if step < 1 and high == high.to_integral_value() and low == low.to_integral_value():
        step = Decimal(1)
    start = (low / step).to_integral_value(rounding="ROUND_FLOOR") * step
    count = int(((high - start) / step).to_integral_value(rounding="ROUND_CEILING"))
    return [start + step * one for one in range(max(count, 1) + 1)]


def starts_at(shown: Picture) -> Decimal | None:
    """Where the axis of values starts, when it does not start at zero."""
    low = _ChartScale(shown).low if shown.known or shown.later else Decimal(0)
    return low if low > 0 else None


def draw(shown: Picture, *, title: str) -> Markup:
    """Draw the chart; its title says in words what it shows. Nothing to draw gives nothing."""
    if not shown.known and not shown.later:
        return Markup()
    scale = _ChartScale(shown)
    parts = [
        *_axes(scale),
        *_methods(shown, scale),
        *_breaks(shown, scale),
        *_silences(shown.known, scale),
        *_bands(shown, scale),
    ]
    parts += [*_lines(shown, scale), *_marks(shown, scale), *_newest(shown, scale), *_cut(shown, scale)]
    # Digits of the axis are 8 wide at most: the gutter takes its longest label.
    width = max(WIDTH, RIGHT + 16 + 8 * max(len(_round(tick)) for tick in scale.ticks))
    head = f'<svg viewBox="0 0 {width} {HEIGHT}" role="img" aria-label="{safe(title, "html")}">'
    return Markup(head + "".join(parts) + "</svg>")


def _axes(scale: _ChartScale) -> Iterator[str]:
    for tick in scale.ticks:
        y = scale.y(tick)
        kind = "base" if tick == scale.low else "grid"
        yield f'<path class="{kind}" d="M0 {y}H{RIGHT}"/><text x="{RIGHT + 10}" y="{y + 4}">{_round(tick)}</text>'
    for at, words, strong in _dates(scale):
        weight = ' class="t-ink"' if strong else ""
        yield f'<path class="tick" d="M{at} {FOOT}v6"/><text x="{at}" y="{FOOT + 22}"{weight}>{words}</text>'


def _round(tick: Decimal) -> str:
    return number(tick.normalize() + 0)


def _dates(scale: _ChartScale) -> Iterator[tuple[float, str, bool]]:
    """Ticks at years, months or days, whichever fit; years are strong."""
    start, end = dt.date.fromordinal(int(scale.first)), dt.date.fromordinal(int(scale.last))
    every_month = (dt.date(year, month, 1) for year in range(start.year, end.year + 1) for month in range(1, 13))
    months = [one for one in every_month if start <= one <= end]
    if len(months) >= 3:
        return _month_ticks(months, scale)
    return _day_ticks(scale) if scale.last - scale.first >= 1 else _hour_ticks(scale)


def _hour_ticks(scale: _ChartScale) -> Iterator[tuple[float, str, bool]]:
    """Ticks at full hours in UTC, where all there is lies within a day."""
    hours = round((scale.last - scale.first) / _HOUR)
    every = next(one for one in (1, 2, 3, 6) if hours <= 8 * one or one == 6)
    midnight = dt.datetime.combine(dt.date.fromordinal(int(scale.first)), dt.time(), dt.UTC)
    for hour in range(0, 48, every):
        at = midnight + dt.timedelta(hours=hour)
        if scale.first <= int(scale.first) + hour * _HOUR <= scale.last:
            yield scale.x(minute_of(at)), f"{at:%H:%M}", False


def _day_ticks(scale: _ChartScale) -> Iterator[tuple[float, str, bool]]:
    first, last = int(scale.first), int(scale.last)
    days = max(1, -(-(last - first) // 6))
    for ordinal in range(first, last + 1, days):
        at = Day(dt.date.fromordinal(ordinal).isoformat())
        yield scale.x(at), day(at).rpartition(" ")[0], False


def _month_ticks(months: Sequence[dt.date], scale: _ChartScale) -> Iterator[tuple[float, str, bool]]:
    most = max(1, -(-len(months) // 8))
    every = next((one for one in (1, 2, 3, 6, 12, 24, 60, 120) if one >= most), 240)
    for one in months:
        at = Day(one.isoformat())
        if (one.year * 12 + one.month - 1) % every == 0 and scale.x(at) < RIGHT - 20:
            yield scale.x(at), str(one.year) if one.month == 1 else day(at).split()[1][:3], one.month == 1


def _methods(shown: Picture, scale: _ChartScale) -> Iterator[str]:
    for place, (at, words) in enumerate(shown.methods[-4:]):
        x = scale.x(at)
        anchor = ' text-anchor="end"' if x > RIGHT / 2 else ""
        shift = -7 if x > RIGHT / 2 else 7
        text = safe(words, "html")
        yield f'<path class="method" d="M{x} {FOOT}V{TOP}"/>'
        yield f'<text class="halo t-small" x="{x + shift}" y="{TOP + 10 + 15 * place}"{anchor}>{text}</text>'


def _breaks(shown: Picture, scale: _ChartScale) -> Iterator[str]:
    """A marker where each new count begins, which says why; the newest of the same reason says it for all."""
    words = {why: at for at, why in shown.breaks}
    told = sorted(words.values())[-MARKED:]
    for at, why in shown.breaks:
        if not scale.first <= _ordinal(at) <= scale.last:
            continue
        x = scale.x(at)
        tip = safe(f"series break on {day(at)}: {why}", "html")
        yield f'<path class="break" d="M{x} {FOOT}V{TOP}"><title>{tip}</title></path>'
        if words[why] == at and at in told:
            anchor, shift = (' text-anchor="end"', -7) if x > RIGHT / 2 else ("", 7)
            y = FOOT - 8 - 15 * told[::-1].index(at)
            text = safe(f"series break: {_shortened(why)}", "html")
            yield f'<text class="halo t-small" x="{x + shift}" y="{y}"{anchor}>{text}</text>'


def _shortened(words: str) -> str:
    return words if len(words) <= LABEL else words[: LABEL - 1].rstrip() + "…"


def _silences(points: Sequence[Point], scale: _ChartScale) -> Iterator[str]:
    gaps = [(_ordinal(b.as_of) - _ordinal(a.as_of), a, b) for a, b in pairwise(points)]
    if len(gaps) < 4:
        return
    usual = sorted(gap for gap, _, _ in gaps)[len(gaps) // 2]
    long = sorted((one for one in gaps if one[0] >= SILENT_TIMES * usual and one[0] > 2), reverse=True)[:3]
    for gap, a, b in long:
        left, right, y = scale.x(a.as_of), scale.x(b.as_of), scale.y(b.top) - 12
        if right - left > 6:
            yield f'<path class="cap" d="M{left} {y + 5}v-5H{right}v5"/>'
            middle = f'x="{(left + right) / 2:.1f}" y="{y - 6}" text-anchor="middle"'
            yield f'<text class="halo" {middle}>silent {gap} days</text>'


def _bands(shown: Picture, scale: _ChartScale) -> Iterator[str]:
    for one in (*shown.later, *shown.known):
        if one.low is not None or one.high is not None:
            x = scale.x(one.as_of)
            top = scale.y(one.high) if one.high is not None else TOP
            foot = scale.y(one.low) if one.low is not None else FOOT
            yield (
                f'<rect class="band" x="{x - 6}" y="{top}" width="12" height="{max(2, foot - top):.1f}">'
                f"<title>{safe(f'{day(one.as_of)}: {one.told}', 'html')}</title></rect>"
                f'<path class="cap" d="M{x - 6} {top}h12M{x - 6} {foot}h12"/>'
            )


def _lines(shown: Picture, scale: _ChartScale) -> Iterator[str]:
    known = [one for one in shown.known if one.value is not None]
    later = [one for one in shown.later if one.value is not None]
    if later:
        yield from _line("later", later, shown, scale)
    if known:
        yield from _line("line", known, shown, scale)


def _line(kind: str, points: Sequence[Point], shown: Picture, scale: _ChartScale) -> Iterator[str]:
    """A line from value to value, in a piece for each count: what was counted anew does not go on from before."""
    begins = [at for at, _ in shown.breaks]
    pieces = [list(piece) for _, piece in groupby(thinned(points), lambda one: bisect_right(begins, one.as_of))]
    lines = [_path(piece, scale) for piece in pieces if len(piece) > 1 or len(pieces) == 1]
    if lines:
        yield f'<path class="{kind}" d="{"".join(lines)}"/>'
    dot = "pt" if kind == "line" else "pt-later"
    for piece in pieces:
        if len(piece) == 1 and piece[0].value is not None:
            x, y = scale.x(piece[0].as_of), scale.y(piece[0].value)
            yield f'<circle class="{dot}" cx="{x}" cy="{y}" r="2.6"/>'


def _path(points: Sequence[Point], scale: _ChartScale) -> str:
    places = [(scale.x(one.as_of), scale.y(one.value)) for one in points if one.value is not None]
    return f"M{places[0][0]} {places[0][1]}" + "".join(f"H{x}V{y}" for x, y in places[1:])


def thinned(points: Sequence[Point]) -> Sequence[Point]:
    """At most so many points as can be told apart, the first and the last among them."""
    if len(points) <= MOST:
        return points
    every = -(-len(points) // MOST)
    return [*points[:-1:every], points[-1]]


def _marks(shown: Picture, scale: _ChartScale) -> Iterator[str]:
    for one in shown.past[-300:]:
        if one.value is not None and scale.low <= one.value <= scale.high:
            tip = safe(f"{day(one.as_of)}: {one.told} in {one.update}, since revised", "html")
            x, y = scale.x(one.as_of), scale.y(one.value)
            yield f'<circle class="pt-later" cx="{x}" cy="{y}" r="2"><title>{tip}</title></circle>'
    if len(shown.known) <= 160:
        for one in shown.known:
            if one.value is not None:
                yield _dot(one, scale)
    for one in shown.known:
        if one.as_of in shown.revised and one.value is not None:
            tip = safe(f"revised: {day(one.as_of)}, now {one.told} ({one.update})", "html")
            yield (
                f'<path class="rev" d="M{scale.x(one.as_of)} {scale.y(one.value) - 5}l5 5l-5 5l-5-5z">'
                f"<title>{tip}</title></path>"
            )
    for one in shown.held:
        x, y = scale.x(one.as_of), scale.y(one.top)
        words = safe(f"held: {one.told}", "html")
        anchor = ' text-anchor="end"' if x > RIGHT / 2 else ""
        yield f'<circle class="held" cx="{x}" cy="{y}" r="4.5"><title>{words}</title></circle>'
        yield f'<text class="halo t-hold" x="{x + (-9 if anchor else 9)}" y="{y + 4}"{anchor}>{words}</text>'


def _dot(one: Point, scale: _ChartScale) -> str:
    assert one.value is not None
    x, y = scale.x(one.as_of), scale.y(one.value)
    tip = f"<title>{safe(f'{day(one.as_of)}: {_hedged(one)} ({one.update})', 'html')}</title>"
    if one.qualifier == "approximately":
        return f'<circle class="pt-about" cx="{x}" cy="{y}" r="3.4">{tip}</circle>'
    if one.qualifier in ("more_than", "less_than"):
        way = -9 if one.qualifier == "more_than" else 9
        head = f"m-3 {-way / 3:.0f}l3 {way / 3:.0f}l3 {-way / 3:.0f}"
        return f'<path class="pt-open" d="M{x - 4} {y}h8M{x} {y}v{way}{head}">{tip}</path>'
    return f'<circle class="pt" cx="{x}" cy="{y}" r="2.6">{tip}</circle>'


def _hedged(one: Point) -> str:
    words = {"approximately": "about ", "more_than": "more than ", "less_than": "less than "}
    return words.get(one.qualifier, "") + one.told


def _newest(shown: Picture, scale: _ChartScale) -> Iterator[str]:
    if shown.known and shown.known[-1].value is not None:
        last = shown.known[-1]
        x, y = scale.x(last.as_of), scale.y(last.value or Decimal())
        end = x > RIGHT - 110
        place = f'x="{x - 8}" text-anchor="end"' if end else f'x="{x + 9}"'
        yield f'<circle class="pt" cx="{x}" cy="{y}" r="4.5"/>'
        height = y - 9 if y > TOP + 20 and not shown.held else y + 20
        yield f'<text class="t-acc halo" {place} y="{height}">{safe(_hedged(last), "html")}</text>'


def _cut(shown: Picture, scale: _ChartScale) -> Iterator[str]:
    if shown.cut and shown.known and shown.later:
        x = scale.x(shown.cut)
        anchor = ' text-anchor="end"' if x > RIGHT / 2 else ""
        yield f'<path class="cut" d="M{x} {FOOT}V16"/>'
        yield f'<text class="t-acc" x="{x + (-8 if anchor else 8)}" y="20"{anchor}>known at {day(shown.cut)}</text>'


STRIP = 300
"""The width of a strip on which claims stand beside one another."""


def strip_ticks(points: Sequence[Point]) -> list[Decimal]:
    """The common scale of claims that measure the same thing, from zero."""
    return _ticks(Decimal(0), max((one.top for one in points), default=Decimal(1)) or Decimal(1))


def strip(one: Point | None, ticks: Sequence[Decimal]) -> Markup:
    """A claim on the common scale; without one, the scale itself."""
    grid = "".join(f'<path class="grid" d="M{_at(tick, ticks)} 0V26"/>' for tick in ticks)
    if one is None:
        return Markup(_strip_axis(ticks))
    mark = _strip_mark(one, ticks)
    return Markup(
        f'<svg viewBox="-6 0 {STRIP + 12} 26" aria-hidden="true"><path class="grid" d="M0 13H300"/>{grid}{mark}</svg>'
    )


def _at(value: Decimal, ticks: Sequence[Decimal]) -> float:
    return round(float(value / ticks[-1]) * STRIP, 1) if ticks[-1] else 0.0


def _strip_axis(ticks: Sequence[Decimal]) -> str:
    every = 1 if len(ticks) < 5 else 2
    texts = "".join(
        f'<text x="{_at(tick, ticks)}" y="13" text-anchor="{_anchor(tick, ticks)}">{_round(tick)}</text>'
        for tick in ticks[::every]
    )
    return f'<svg viewBox="-6 0 {STRIP + 12} 18" aria-hidden="true">{texts}</svg>'


def _anchor(tick: Decimal, ticks: Sequence[Decimal]) -> str:
    """Words at an end of the scale stay over it."""
    return "start" if not tick else "end" if tick == ticks[-1] else "middle"


def _strip_mark(one: Point, ticks: Sequence[Decimal]) -> str:
    if one.value is None:
        left = _at(one.low or Decimal(), ticks)
        right = _at(one.high if one.high is not None else ticks[-1], ticks)
        return f'<rect class="band" x="{left}" y="6" width="{max(2.0, right - left):.1f}" height="14"/>'
    x = _at(one.value, ticks)
    if one.qualifier == "approximately":
        return f'<circle class="approx" cx="{x}" cy="13" r="5"/>'
    if one.qualifier in ("more_than", "less_than"):
        way = 1 if one.qualifier == "more_than" else -1
        return f'<path class="open" d="M{x} 8v10M{x} 13h{16 * way}m{-4 * way} -4l{4 * way} 4l{-4 * way} 4"/>'
    return f'<circle class="dot" cx="{x}" cy="13" r="5"/>'
