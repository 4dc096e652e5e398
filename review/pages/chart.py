"""Strips on which the claims of one measure stand beside one another; the charts of a series are `publish.charts`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from markupsafe import Markup

from publish.charts.points import Point as Point  # claims are drawn from points too
from publish.charts.scale import round_ticks, rounded

STRIP = 300
"""The width of a strip on which claims stand beside one another."""


def strip_ticks(points: Sequence[Point]) -> list[Decimal]:
    """The common scale of claims that measure the same thing, from zero."""
    return round_ticks(Decimal(0), max((one.top for one in points), default=Decimal(1)) or Decimal(1))


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
        f'<text x="{_at(tick, ticks)}" y="13" text-anchor="{_anchor(tick, ticks)}">{rounded(tick)}</text>'
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
