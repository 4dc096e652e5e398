"""The `prose` extractor: the figures of a text, each given to the series that a definition follows.

A figure belongs to a series where all conditions of its `match` hold. Measure, kind and unit are equal; any word of
`whom` occurs in the figure's whom, by its stem, so `Russian` fits "Russian soldiers"; `category` likewise, and without
it the figure must have none; one of the `claimant` aliases occurs in one of the names that the figure is attributed to,
or the other way round. An increment that fits a followed total in all but its kind, or whose series has a total in the
same text, is what the report itself states of that total.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from extractors.document import Document
from extractors.tables.numbers import bounded
from extractors.tables.scales import said_scale
from model import CheckResult, Day, Figure, Increment, Match, Reading, Source, listed

MOST_UNFOLLOWED = 500
"""So many figures that nobody follows are kept of one release: each costs the ledger as much as a followed one."""

_STEM = 4
_ROUGHLY = 10
"""A round number lies within this part of what it rounds."""
_WORD = re.compile(r"[^\W_]+")


def __getattr__(name: str) -> int:
    if name == "VERSION":
        from extractors.prose import VERSION

        return VERSION
    raise AttributeError(name)


def read(source: Source, document: Document) -> Reading:
    """Read a text's figures and give each to the series it belongs to; the others are unmatched or ambiguous."""
    from extractors.prose import read_figures

    text = document.text
    figures = read_figures(text, language=source.language, published=document.dated, words=source.words)
    found = assign(source, figures)
    read_here = [found.figure(handle) for *_, handle in found.cells]
    counts = [figure for figure in read_here if figure.unit in _WHOLE and source.scale != "one"]
    asked = _scales(text, counts)
    return msgspec.structs.replace(found, checks=(*found.checks, *asked))


_WHOLE = ("people", "families", "items", "other")
_ASIDE = re.compile(r"\([^()\n]{2,60}\)")
_LABEL = re.compile(r"[^.;\n]{1,60}:\s*\Z")
_NOTE = re.compile(r"(?m)^[^\d\n]{4,70}$")


def _scales(text: str, counts: Sequence[Figure]) -> Iterator[CheckResult]:
    """A question where brackets or a label beside a count, or a line of its own, say a scale."""
    notes = [found[0] for found in _NOTE.finditer(text)] if counts else []
    for figure in counts:
        start, end = text.rfind("\n", 0, figure.start) + 1, text.find("\n", figure.end)
        line, before = text[start : end if end >= 0 else len(text)], text[max(start, figure.start - 80) : figure.start]
        label = _LABEL.search(before)
        beside = [*_ASIDE.findall(line), *([label[0]] if label else ()), *notes]
        if said := said_scale(beside):
            message = (
                f"is {said[0]!r} the scale of {figure.number_text!r}? say scale: one where it is not; where it is, "
                f"follow it by selectors with scale: {said[1]}"
            )
            yield CheckResult(name="scale", result="hold", message=message)
            return


def assign(source: Source, figures: list[Figure]) -> Reading:
    """Give each figure to its series; to none what is denied, or stood on an earlier day that nobody names."""
    followed: list[tuple[str, Figure]] = []
    changes: list[tuple[str, Figure]] = []
    unmatched: list[Figure] = []
    ambiguous: list[Figure] = []
    for figure in _countable(figures):
        series = _series_of(source, figure)
        totals = [] if series or figure.kind != "change" else _series_of(source, _as_total(figure))
        names = series or totals
        if len(names) == 1:
            (followed if series else changes).append((names[0], figure))
        else:
            (ambiguous if names else unmatched).append(figure)
    followed, moves = _apart(followed)
    changes += moves
    followed, told = _once(followed)
    for left in (unmatched, ambiguous):
        if len(left) > MOST_UNFOLLOWED:
            message = f"{len(left)} figures of no followed series; only the first {MOST_UNFOLLOWED} are kept"
            told.append(CheckResult(name="unfollowed", result="pass", message=message))
    return Reading(
        *listed(followed),
        stated=tuple(Increment(name, _as_of(name, figure, followed), figure) for name, figure in changes),
        unmatched=tuple(unmatched[:MOST_UNFOLLOWED]),
        ambiguous=tuple(ambiguous[:MOST_UNFOLLOWED]),
        checks=tuple(told),
    )


def _apart(followed: list[tuple[str, Figure]]) -> tuple[list[tuple[str, Figure]], list[tuple[str, Figure]]]:
    """Totals, and beside them the increments of the same series: "1,180 patients, 24 fewer than on Monday"."""
    counted = {name for name, figure in followed if figure.kind != "change"}
    moves = [(name, figure) for name, figure in followed if figure.kind == "change" and name in counted]
    return [one for one in followed if one not in moves], moves


def _countable(figures: list[Figure]) -> list[Figure]:
    """Without what is denied, too large for a figure, or stood on an earlier day that nobody names."""
    days = {figure.as_of for figure in figures if not figure.former} | {None}
    stated = [figure for figure in figures if not (figure.denied or (figure.former and figure.as_of in days))]
    return [figure for figure in stated if all(map(_is_bounded, (figure.value, figure.low, figure.high)))]


def _is_bounded(number: Decimal | None) -> bool:
    return number is None or bounded(number) is not None


def _series_of(source: Source, figure: Figure) -> list[str]:
    return [rule.id for rule in source.series if fits(rule.match, figure)]


def _as_total(figure: Figure) -> Figure:
    return msgspec.structs.replace(figure, kind="total")


def fits(match: Match, figure: Figure) -> bool:
    """Whether a figure is what a series' `match` asks for."""
    return (
        match.measure in (None, figure.measure)
        and match.kind in (None, figure.kind)
        and match.unit in (None, figure.unit)
        and (not match.whom or any(_occurs(word, figure.whom) for word in match.whom))
        and (_occurs(match.category, figure.category) if match.category else figure.category is None)
        and (not match.claimant or any(_named(alias, figure.attributed_to) for alias in match.claimant))
    )


def _occurs(wanted: str, said: str | None) -> bool:
    words = _WORD.findall((said or "").casefold())
    return all(any(_alike(word, part) for word in words) for part in _WORD.findall(wanted.casefold()))


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= _STEM and long.startswith(short))


def _named(alias: str, names: tuple[str, ...]) -> bool:
    alias = alias.casefold().strip()
    return any(alias in name.casefold() or name.casefold().strip() in alias for name in names if name.strip())


def _once(followed: list[tuple[str, Figure]]) -> tuple[list[tuple[str, Figure]], list[CheckResult]]:
    """What a text says twice of a series, once: with its hedge, its date and all its digits, where one place has them.

    The checks tell what was taken for the same count.
    """
    kept: list[tuple[str, Figure]] = []
    told: list[CheckResult] = []
    for name, figure in followed:
        for place, (other_name, other) in enumerate(kept):
            if name == other_name and (both := _same(other, figure)) is not None:
                kept[place] = name, both
                if other.content != figure.content:
                    message = f"“{other.number_text}” and “{figure.number_text}” are one count: {both.content}"
                    told.append(CheckResult(name="said_again", result="pass", message=message))
                break
        else:
            kept.append((name, figure))
    return kept, told


def _same(one: Figure, other: Figure) -> Figure | None:
    """The fuller of two figures of one series that state the same count on the same day; None where they do not."""
    if None not in (_day(one), _day(other)) and _day(one) != _day(other):
        return None
    if (one.value, one.low, one.high) == (other.value, other.low, other.high):
        fuller = other if one.qualifier == "exact" != other.qualifier else one
    elif _rounds(other, one):
        fuller = one
    elif _rounds(one, other):
        fuller = other
    else:
        return None
    dated = one if _day(one) else other
    return msgspec.structs.replace(
        fuller, as_of=dated.as_of, period_start=dated.period_start, period_end=dated.period_end
    )


def _rounds(rough: Figure, exact: Figure) -> bool:
    """Whether one figure is another in round numbers: "more than 120,000" beside 121,507."""
    if rough.value is None or exact.value is None or exact.qualifier != "exact" or not rough.value:
        return False
    beyond = exact.value - rough.value
    if abs(beyond) > abs(rough.value) / _ROUGHLY or _digits(rough.value) >= _digits(exact.value):
        return False
    return {"more_than": beyond > 0, "less_than": beyond < 0, "approximately": True}.get(rough.qualifier, False)


def _digits(number: Decimal) -> int:
    """How many digits a number has up to its last that is no zero."""
    return len(number.normalize().as_tuple().digits)


def _day(figure: Figure) -> Day | None:
    return figure.as_of or figure.period_end


def _as_of(name: str, change: Figure, followed: list[tuple[str, Figure]]) -> Day | None:
    return _day(change) or next((_day(figure) for series, figure in followed if series == name), None)


def match_of(figure: Figure) -> dict[str, Any]:
    """The `match` of a definition by which a series follows such figures."""
    match: dict[str, Any] = {"measure": figure.measure, "kind": figure.kind, "unit": figure.unit}
    if figure.whom:
        match["whom"] = [figure.whom]
    if figure.category:
        match["category"] = figure.category
    if figure.attributed_to:
        match["claimant"] = list(figure.attributed_to)
    return match
