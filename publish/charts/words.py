"""What stands around a chart in words: who counts, as of when, known when, and what the drawing leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from publish.charts.picture import Picture
from publish.charts.points import HEDGE_WORDS
from publish.charts.scale import rounded, starts_at
from publish.numbers import clock, count_of, day, days, known_day

BASES = {"counted": "counted", "estimated": "estimated", "claimed": "claimed, not counted"}


class ChartFacts(NamedTuple):
    """Whose chart it is: the series' name, who counts or says it, publisher, basis, unit, and where it is proved."""

    series: str
    title: str
    claimants: str
    publisher: str
    basis: str
    unit: str
    proof: str

    @property
    def carrier(self) -> str:
        """Who publishes it, where that is not who counts or says it."""
        return "" if self.publisher in self.claimants else self.publisher

    @property
    def how(self) -> str:
        """Whether it is counted, and in what unit."""
        return f"{BASES.get(self.basis, self.basis)}; {self.unit}"

    @property
    def whose(self) -> str:
        """Who says it, on whose page, and whether it is counted."""
        carried = f", published by {self.carrier}" if self.carrier else ""
        return f"{self.claimants}{carried}: {self.how}"


def knowledge(shown: Picture) -> str:
    """As of when the values are, and when they were known."""
    at, known = shown.asked.known_at, shown.known or list(shown.ranges)
    span = f"As of {days(known[0].as_of, known[-1].as_of)}" if known else "Nothing was known"
    if at is None:
        return f"{span}; as known now, last changed {known_day(shown.changed)}" if known else f"{span}; as known now"
    return f"{span}; as known at {known_day(at)}, {clock(at)} UTC"


def contrast_words(shown: Picture) -> str:
    """What was known at a time, and what is known now: `95,323 then · 121,507 now`."""
    then, same, now = shown.contrast
    if shown.asked.known_at is None or then is None or now is None:
        return ""
    kept = "unchanged since" if same == then else f"{same.told if same else 'withdrawn'} for that day now"
    newest = f"; newest now {now.told}, as of {day(now.as_of)}" if now.as_of != then.as_of else ""
    return f"{then.told} known then, as of {day(then.as_of)}: {kept}{newest}"


def notes(shown: Picture) -> Iterator[str]:
    """What a reader must know to read the drawing right, a sentence each."""
    base = starts_at(shown)
    if base is not None:
        yield f"The axis starts at {rounded(base)}, not at 0."
    yield from _hedges(shown)
    if shown.held:
        does = "it does" if len(shown.held) == 1 else "they do"
        yield f"{count_of(len(shown.held), 'value')} held, hollow: {does} not count."
    if shown.withdrawn:
        yield f"{count_of(len(shown.withdrawn), 'day')} withdrawn, a cross: no line leads across."
    if shown.thinned:
        yield f"{shown.values:,} values, drawn as the first, last, lowest and highest of each column of pixels."


def _hedges(shown: Picture) -> Iterator[str]:
    """How many of the values are hedged, and how."""
    hedged = [(HEDGE_WORDS[name].strip(), many) for name, many in shown.hedges.items() if name in HEDGE_WORDS]
    if len(hedged) == 1 and hedged[0][1] == shown.values > 1:
        yield f"All {shown.values:,} values are “{hedged[0][0]}”."
    elif hedged:
        told = " and ".join(f"{many:,} {'is' if many == 1 else 'are'} “{words}”" for words, many in hedged)
        yield f"Of {count_of(shown.values, 'value')} {told}."


def keys(shown: Picture) -> Iterator[tuple[str, str]]:
    """What each kind of mark in the chart means: its name, and words."""
    hedged = any(shown.hedges[name] and shown.usual != name for name in ("more_than", "less_than"))
    about = shown.hedges["approximately"] and shown.usual != "approximately"
    there = (
        ("line", shown.has("known"), "known then" if shown.asked.known_at else "counts now"),
        ("later", shown.has("later"), "recorded later"),
        ("vintage", shown.has("vintage"), "as known at earlier times, where it was otherwise"),
        ("first", shown.has("first"), "as first published"),
        ("rail", shown.revised, "revised: a tick below, longer the more often; lozenges mark those most often"),
        ("about", about, "about"),
        ("open", hedged, "more than (up), less than (down)"),
        ("band", shown.ranges, "a range, drawn whole, no middle"),
        ("held", shown.held, "held, does not count"),
        ("gone", shown.withdrawn, "withdrawn"),
        ("method", shown.methods, "a note, or read another way from here"),
        ("break", shown.breaks, "series break: no line leads across, nothing is compared"),
    )
    yield from ((name, words) for name, is_there, words in there if is_there)
