"""A picture as SVG: axes, lines, bands, and what is told of single days.

Every mark has a class and no style of its own, so a strict policy holds, themes follow, and it prints without a script.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

from model import Day
from publish.charts.picture import MARKED, ChartLine, Picture
from publish.charts.points import Point
from publish.charts.scale import FOOT, HEIGHT, RAIL, RIGHT, TOP, WITH_RAIL, ChartScale, dates, rounded, scale_of
from publish.numbers import count_of, day, known_day
from publish.safe import safe

TOLD, LABEL = 4, 56
"""So many new counts say why on the paper, in so many characters; each says it whole where it is pointed at."""
DENSE = 400
"""More points than this are a thin line."""
LARGEST = 10
"""So many revised days, those revised most often, have a lozenge on the line."""
BESIDE = 12
"""Marks nearer than so many pixels to the one before are left out, and labels that would lie on one another."""


class ChartDrawing(NamedTuple):
    """A chart's marks, and how wide and high they are."""

    marks: str
    width: int
    height: int


def draw(shown: Picture, *, title: str) -> Markup:
    """Draw the chart; its title says in words what it shows. Nothing to draw gives nothing."""
    return framed(drawing(shown), title=title)


def framed(drawn: ChartDrawing | None, *, title: str) -> Markup:
    """The marks of a chart as a picture for a page."""
    if drawn is None:
        return Markup()
    box = f'viewBox="0 0 {drawn.width} {drawn.height}"'
    return Markup(f'<svg {box} role="img" aria-label="{safe(title, "html")}">{drawn.marks}</svg>')


def drawing(shown: Picture) -> ChartDrawing | None:
    """The marks of a chart; None where there is nothing to draw."""
    scale = scale_of(shown)
    if scale is None:
        return None
    parts = [
        *_axes(scale), *_methods(shown, scale), *_breaks(shown, scale), *_silences(shown, scale),
        *_bands((*shown.ranges, *shown.coming), scale), *_lines(shown, scale), *_marks(shown, scale),
        *_rail(shown, scale), *_held(shown.held, scale), *_newest(shown, scale), *_cut(shown, scale),
    ]  # fmt: skip
    return ChartDrawing("".join(parts), scale.gutter, WITH_RAIL if shown.revised or shown.withdrawn else HEIGHT)


def _axes(scale: ChartScale) -> Iterator[str]:
    for tick in scale.ticks:
        y = scale.y(tick)
        kind = "base" if tick == scale.ticks[0] else "grid"
        yield f'<path class="{kind}" d="M0 {y}H{RIGHT}"/><text x="{RIGHT + 10}" y="{y + 4}">{rounded(tick)}</text>'
    if scale.ticks[0] > 0:
        words = f"axis cut: it starts at {rounded(scale.ticks[0])}, not at 0"
        yield f'<path class="zigzag" d="M0 {FOOT}l4 -5l4 10l4 -5"/>'
        yield f'<text class="halo t-small" x="16" y="{FOOT - 6}">{words}</text>'
    for at, words, strong in dates(scale):
        weight = ' class="t-ink"' if strong else ""
        yield f'<path class="tick" d="M{at} {FOOT}v6"/><text x="{at}" y="{FOOT + 22}"{weight}>{words}</text>'


def _methods(shown: Picture, scale: ChartScale) -> Iterator[str]:
    for place, (at, words) in enumerate(shown.methods[-4:]):
        x = scale.x(at)
        yield f'<path class="method" d="M{x} {FOOT}V{TOP}"/>'
        yield _beside(x, TOP + 10 + 15 * place, words, "halo t-small")


def _beside(x: float, y: float, words: str, kind: str, shift: int = 7) -> str:
    """A label right of a place, or left of it in the right half."""
    left = x > RIGHT / 2
    place = f'x="{x - shift}" y="{y}" text-anchor="end"' if left else f'x="{x + shift}" y="{y}"'
    return f'<text class="{kind}" {place}>{safe(words, "html")}</text>'


def _breaks(shown: Picture, scale: ChartScale) -> Iterator[str]:
    """A marker where each new count begins, which says why; the newest of the same reason says it for all."""
    newest = {why: at for at, why in shown.breaks}
    told = sorted(newest.values())[-TOLD:]
    for at, why in shown.breaks:
        x = scale.x(at)
        if not scale.inside(at):
            continue
        tip = safe(f"series break on {day(at)}: {why}", "html")
        yield f'<path class="break" d="M{x} {FOOT}V{TOP}"><title>{tip}</title></path>'
        if newest[why] == at and at in told:
            y = FOOT - 8 - 15 * (told[::-1].index(at) + (scale.ticks[0] > 0))
            yield _beside(x, y, f"series break: {shortened(why)}", "halo t-small")


def shortened(words: str, most: int = LABEL) -> str:
    """Words up to a length, and a sign where there were more."""
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _silences(shown: Picture, scale: ChartScale) -> Iterator[str]:
    """The longest silences say how long they are; no line leads across any."""
    wide = sorted(shown.silences, key=lambda one: scale.x(one.before.as_of) - scale.x(one.after.as_of))[:3]
    for one in wide:
        left, right = scale.x(one.before.as_of), scale.x(one.after.as_of)
        y = max(min(scale.y(one.after.top), scale.y(one.before.top)) - 12, TOP)
        if right - left > 6:
            yield f'<path class="cap" d="M{left} {y + 5}v-5H{right}v5"/>'
            days = count_of(scale.days(one.before.as_of, one.after.as_of), "day")
            middle = f'x="{(left + right) / 2:.1f}" y="{y - 6}" text-anchor="middle"'
            yield f'<text class="halo" {middle}>silent {days}</text>'


def _bands(ranges: Sequence[Point], scale: ChartScale) -> Iterator[str]:
    half = 6 if len(ranges) <= MARKED // 4 else 2
    for one in ranges:
        x = scale.x(one.as_of)
        top = scale.y(one.high) if one.high is not None else TOP
        foot = scale.y(one.low) if one.low is not None else FOOT
        tip = safe(f"{day(one.as_of)}: {one.told}", "html")
        place = f'x="{x - half}" y="{top}" width="{2 * half}" height="{max(2, foot - top):.1f}"'
        yield f'<rect class="band" {place}><title>{tip}</title></rect>'
        caps = f"M{x - half} {top}h{2 * half}" * (one.high is not None)
        caps += f"M{x - half} {foot}h{2 * half}" * (one.low is not None)
        yield f'<path class="cap" d="{caps}"/>'


_CLASSES = {"known": ("line", "pt"), "later": ("later", "pt-later"), "first": ("first", "pt-later"),
            "vintage": ("vintage", "pt-later")}  # fmt: skip


def _lines(shown: Picture, scale: ChartScale) -> Iterator[str]:
    thin = shown.values > DENSE or _compared(shown)
    labelled: list[float] = []
    for line in shown.lines:
        yield from _line(line, scale, thin)
        if line.kind == "vintage":
            yield from _vintage_label(line, scale, labelled)


def _line(line: ChartLine, scale: ChartScale, thin: bool) -> Iterator[str]:
    """A line in its pieces; what stands alone is a dot."""
    name, dot = _CLASSES[line.kind]
    paths = "".join(_path(piece, scale) for piece in line.pieces if len(piece) > 1)
    if paths:
        tip = f"<title>as known on {known_day(line.known_at)}</title>" if line.known_at else ""
        yield f'<path class="{"dense" if thin and name == "line" else name}" d="{paths}">{tip}</path>'
    for one in (piece[0] for piece in line.pieces if len(piece) == 1):
        if one.value is not None:
            yield f'<circle class="{dot}" cx="{scale.x(one.as_of)}" cy="{scale.y(one.value)}" r="2.6"/>'


def _vintage_label(line: ChartLine, scale: ChartScale, labelled: list[float]) -> Iterator[str]:
    """When a vintage was known, above its end, unless another label is there."""
    last = line.pieces[-1][-1]
    x, y = scale.x(last.as_of), scale.y(last.value or Decimal())
    if all(abs(x - other) > 88 for other in labelled):
        labelled.append(x)
        words = known_day(line.known_at).split()
        yield f'<path class="grid" d="M{x} 24V{y}"/><circle class="pt-later" cx="{x}" cy="{y}" r="2"/>'
        place = f'x="{min(max(x, 40), RIGHT - 40)}" y="20" text-anchor="middle"'
        yield f'<text class="halo t-small t-past" {place}>{words[0]} {words[1][:3]} {words[2]}</text>'


def _path(points: Sequence[Point], scale: ChartScale) -> str:
    """Steps from value to value, each told from the one before in tenths of a pixel: short, and nothing drifts."""
    exact = [(scale.x(one.as_of), scale.y(one.value)) for one in points if one.value is not None]
    places = [(round(x * 10), round(y * 10)) for x, y in exact]
    x, y = places[0]
    steps = [f"M{x / 10:g} {y / 10:g}"]
    for to_x, to_y in places[1:]:
        steps.append((f"h{(to_x - x) / 10:g}" if to_x != x else "") + (f"v{(to_y - y) / 10:g}" if to_y != y else ""))
        x, y = to_x, to_y
    return "".join(steps)


def _compared(shown: Picture) -> bool:
    """Whether other lines lie beside the one as known, which must not cover them."""
    return shown.has("vintage") or shown.has("first")


def _marks(shown: Picture, scale: ChartScale) -> Iterator[str]:
    """Dots where they are few; else the hedges that are not the usual one, wherever there is room."""
    few, last, usual = shown.values <= MARKED and not _compared(shown), -BESIDE * 1.0, shown.usual
    for one in shown.known:
        if few or one.qualifier not in ("exact", "range", usual):
            x = scale.x(one.as_of)
            if few or x - last >= BESIDE:
                yield _dot(one, scale)
                last = x
    for one, times in sorted(shown.revised, key=lambda found: -found[1])[:LARGEST]:
        if one.value is not None:
            tip = safe(f"revised {count_of(times, 'time')}: {day(one.as_of)}, now {one.told} ({one.update})", "html")
            place = f"M{scale.x(one.as_of)} {scale.y(one.value) - 5}l5 5l-5 5l-5-5z"
            yield f'<path class="rev" d="{place}"><title>{tip}</title></path>'


def _dot(one: Point, scale: ChartScale) -> str:
    assert one.value is not None
    x, y = scale.x(one.as_of), scale.y(one.value)
    tip = f"<title>{safe(f'{day(one.as_of)}: {one.told} ({one.update})', 'html')}</title>"
    if one.qualifier == "approximately":
        halo = f'<circle class="about" cx="{x}" cy="{y}" r="6.5">{tip}</circle>'
        return f'{halo}<circle class="pt" cx="{x}" cy="{y}" r="2.6"/>'
    if one.qualifier in ("more_than", "less_than"):
        way = -9 if one.qualifier == "more_than" else 9
        head = f"m-3 {-way / 3:.0f}l3 {way / 3:.0f}l3 {-way / 3:.0f}"
        return f'<path class="pt-open" d="M{x - 4} {y}h8M{x} {y}v{way}{head}">{tip}</path>'
    return f'<circle class="pt" cx="{x}" cy="{y}" r="2.6">{tip}</circle>'


def _rail(shown: Picture, scale: ChartScale) -> Iterator[str]:
    """A tick below the axis for every day that was revised, longer the more often, and a cross for one withdrawn."""
    if not shown.revised and not shown.withdrawn:
        return
    yield f'<path class="grid" d="M0 {RAIL}H{RIGHT}"/>'
    yield f'<text class="t-small" x="{RIGHT + 10}" y="{RAIL + 4}">revised</text>'
    if len(shown.revised) <= MARKED:
        for one, times in shown.revised:
            tip = safe(f"{day(one.as_of)}: revised {count_of(times, 'time')}, now {one.told}", "html")
            yield f'<path class="rail" d="{_rail_tick(one, times, scale)}"><title>{tip}</title></path>'
    else:
        yield f'<path class="rail" d="{"".join(_rail_tick(one, times, scale) for one, times in shown.revised)}"/>'
    crosses = dict.fromkeys(scale.x(one) for one in shown.withdrawn if scale.inside(one))
    if crosses:
        tip = f"<title>withdrawn: {count_of(len(shown.withdrawn), 'day')}</title>"
        places = "".join(f"M{x - 3} {RAIL - 3}l6 6m0 -6l-6 6" for x in crosses)
        yield f'<path class="gone" d="{places}">{tip}</path>'


def _rail_tick(one: Point, times: int, scale: ChartScale) -> str:
    return f"M{scale.x(one.as_of)} {RAIL}v{-min(4 + 2 * times, 14)}"


def _held(held: Sequence[Point], scale: ChartScale) -> Iterator[str]:
    """What is held is hollow and says so, at the edge of the scale where it lies beyond; labels keep their distance."""
    labelled: list[tuple[float, float]] = []
    for one in held[::-1][:MARKED]:
        x, y = scale.x(one.as_of), scale.y(one.top)
        words = f"held: {one.told}"
        tip = safe(f"{words} ({day(one.as_of)})", "html")
        yield f'<circle class="held" cx="{x}" cy="{y}" r="4.5"><title>{tip}</title></circle>'
        if all(abs(x - other) > 9 * len(words) or abs(y - height) > BESIDE for other, height in labelled):
            labelled.append((x, y))
            yield _beside(x, y + 4, words, "halo t-hold", 9)


def _newest(shown: Picture, scale: ChartScale) -> Iterator[str]:
    """The newest value as known, and beside a time what is known now of that day, and the newest."""
    then, same, now = shown.contrast
    if then is not None and then.value is not None:
        differs = same is not None and same.value != then.value
        words = f"{then.told} then · {same.told} now" if same and differs else then.told
        if then.qualifier == "exact":
            yield f'<circle class="pt" cx="{scale.x(then.as_of)}" cy="{scale.y(then.value)}" r="4.5"/>'
        yield _value_label(then, words, "t-acc halo", shown, scale)
    if now is not None and then is not None and now.as_of != then.as_of and now.value is not None:
        yield f'<circle class="pt-later" cx="{scale.x(now.as_of)}" cy="{scale.y(now.value)}" r="3"/>'
        yield _value_label(now, f"{now.told} now", "halo", shown, scale)


def _value_label(at: Point, words: str, kind: str, shown: Picture, scale: ChartScale) -> str:
    """A number beside its point, above the line unless something held is near."""
    x, y = scale.x(at.as_of), scale.y(at.top)
    crowded = any(abs(scale.x(one.as_of) - x) < 90 and abs(scale.y(one.top) - y) < 30 for one in shown.held)
    height = y + 20 if crowded else max(y - 9, 14.0)
    place = f'x="{x - 8}" text-anchor="end"' if x > RIGHT - 110 else f'x="{x + 9}"'
    return f'<text class="{kind}" {place} y="{height}">{safe(words, "html")}</text>'


def _cut(shown: Picture, scale: ChartScale) -> Iterator[str]:
    """The day of knowledge, where it lies among the days that are drawn; else only its words, at the right."""
    at = shown.asked.known_at
    if at and shown.has("known") and shown.has("later"):
        as_of = Day(at[:10])
        if scale.inside(as_of):
            yield f'<path class="cut" d="M{scale.x(as_of)} {FOOT}V16"/>'
        yield _beside(scale.x(as_of), 20, f"known at {known_day(at)}", "t-acc", 8)


def told(shown: Picture, label: str) -> str:
    """The title of a chart in words: what it shows, as known when, and its newest value."""
    at = shown.asked.known_at
    then = shown.contrast.then
    newest = f"{then.told} on {day(then.as_of)}" if then else "nothing yet"
    return f"{label} by as-of date{f', as known at {known_day(at)}' if at else ''}: {newest}"
