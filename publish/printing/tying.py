"""Tying a printed figure to the series it speaks of, and setting it against what was known on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec

from extractors.prose.named_days import fitting, named_days
from model import Day, Figure, Series, Version
from publish.numbers import day, told
from publish.printing.claimants import Claimants
from publish.printing.past import SeriesPast, last_digit
from publish.printing.speakers import Speakers
from publish.printing.subjects import Subjects, tells_of_then

PrintedVerdict = Literal[
    "right", "outdated", "wrong_baseline", "misattributed", "hedge_dropped", "rounded", "unknown"
]  # fmt: skip
"""What became of a printed number, set against what the ledger knew on the day of the text."""

DISTINCTIVE = 4
"""A number of so many digits, and not rounded, is known again whoever it is given to."""


class Tie(NamedTuple):
    """A figure and a series that it may speak of: the verdict, the value that is meant, and what would be right."""

    verdict: PrintedVerdict
    reason: str
    series: Series
    meant: Version | None = None
    right: Version | None = None


class PrintedReading:
    """One text: its figures are tied one after another, an increase to the count that stands before it."""

    def __init__(
        self,
        series: Sequence[Series],
        past: Callable[[str], SeriesPast],
        claimants: Claimants,
        told: tuple[Day, str, str],
    ) -> None:
        self._series, self._past = series, past
        self._on, self._language, self._text = told
        self._speakers, self._subjects = Speakers(claimants, self._language), Subjects(series, told[2], told[1])
        self._last: Tie | None = None
        self._quote = ""

    def ties(self, figure: Figure) -> list[Tie]:
        """What a figure speaks of: one tie, none, or several where doubt is left."""
        if figure.denied:
            return []
        if figure.kind == "change":
            found = self._increase(figure)
            return found if _says(found) else self._as_count(figure) or found
        return self._counted(figure)

    def _as_count(self, figure: Figure) -> list[Tie]:
        """What is read as an increase and leads nowhere, where it is exactly a count: the words beside it misled."""
        found = self._counted(msgspec.structs.replace(figure, kind="total"))
        return found if _says(found) else []

    def _counted(self, figure: Figure) -> list[Tie]:
        found = self._total(figure)
        if is_known(found):
            self._last, self._quote = found[0], figure.quote
        return found

    def since(self, series: str, meant: Version) -> Literal["newer", "corrected"] | None:
        """What became of a value after the day of the text."""
        past = self._past(series)
        here, newest = past.now(meant.as_of), past.now()
        if here is None or content_of(here) != content_of(meant):
            return "corrected"
        return "newer" if newest is not None and newest.as_of > meant.as_of else None

    def _total(self, figure: Figure) -> list[Tie]:
        mine = [one for one in self._series if self._subjects.counts(one, figure) and not self._is_foreign(one, figure)]
        found = best(tie for one in mine if (tie := self._judged(figure, one)) is not None)
        if found:
            return found
        return (
            best(self.known_again(figure))
            or best(self._taken_over(figure))
            or self._unread_increase(figure)
            or self._unstated(figure, mine)
        )

    def known_again(self, figure: Figure) -> Iterator[Tie]:
        """A number that is exactly a value of whoever its sentence names, whatever the words beside it were read as."""
        if not _is_unmistakable(figure):
            return
        for one in self._series:
            if self._is_named_for(one, figure) and (tie := self._judged(figure, one)) and tie.verdict != "rounded":
                yield tie

    def _is_named_for(self, series: Series, figure: Figure) -> bool:
        """Whether a sentence has the name of whoever counts a series, and is not of others' people."""
        if not series.attributed_to or self._subjects.is_at_odds(series, figure):
            return False
        if figure.attributed_to and not self._speakers.stand_in(figure.quote, series):
            return False
        return self._speakers.stand_in(figure.quote, series) and self._subjects.is_placed(series, figure)

    def _unread_increase(self, figure: Figure) -> list[Tie]:
        """A number that no series states, and that leads exactly to the count before it in its sentence."""
        last, quote = self._last, self._quote
        if last is None or last.meant is None or quote != figure.quote:
            return []
        if not (self._is_beside(last.series, figure) or figure.measure == "other"):
            return []
        led = self._from_base(figure, last.series, last.meant)
        return [led] if led is not None and led.verdict != "rounded" else []

    def led(self, figure: Figure, quote: str, tie: Tie) -> list[Tie]:
        """What a number is that nothing was known of, where it leads exactly to the count behind it in its sentence."""
        self._last, self._quote = tie, quote
        return self._unread_increase(figure) if _is_distinctive(figure) else []

    def _is_foreign(self, series: Series, figure: Figure) -> bool:
        """Whether a text gives a number to somebody else than who counts a series."""
        return self._speakers.are_others(figure.attributed_to, series)

    def _judged(self, figure: Figure, series: Series) -> Tie | None:
        """The verdict where a series stated the number, or what it rounds; None where it did not."""
        past = self._past(series.series)
        right = past.at(figure.as_of)
        if right is None:
            return None
        exactly = past.exactly(figure)
        if not exactly:
            return self._rounded(figure, series, past, right)
        if _numbers(exactly[-1]) != _numbers(right):
            known = past.is_recent(exactly[-1]) or _is_distinctive(figure)
            return self._of_other_day(figure, series, exactly[-1], right) if known else None
        return self._as_hedged(figure, series, right)

    def _is_said_by(self, series: Series, figure: Figure) -> bool:
        """Whether a text names who counts a series, or where: what rounds a number is tied by nothing else."""
        if self._is_of_its_claimant(series, figure) or self._speakers.stand_in(self._text, series):
            return True
        return not series.attributed_to and self._subjects.is_placed(series, figure)

    def _is_of_its_claimant(self, series: Series, figure: Figure) -> bool:
        """Whether a number is given to whoever counts a series, by name."""
        return self._speakers.are(figure.attributed_to, series)

    def _as_hedged(self, figure: Figure, series: Series, right: Version) -> Tie:
        """The verdict on a number that is the right one: whether it stands there with its hedge.

        What is a count is at least that much, too.
        """
        if right.qualifier not in ("exact", figure.qualifier):
            return Tie("hedge_dropped", f"the source says {told(_as_figure(right))}", series, right, right)
        if right.qualifier == "exact" and figure.qualifier == "less_than":
            return Tie("rounded", "the source states the number itself", series, right, right)
        return Tie("right", f"as known on {day(self._on)}, as of {day(right.as_of)}", series, right, right)

    def _rounded(self, figure: Figure, series: Series, past: SeriesPast, right: Version) -> Tie | None:
        if not self._is_said_by(series, figure):
            return None
        roughly = past.roughly(figure)
        if right in roughly:
            return Tie("rounded", f"the source says {told(_as_figure(right))}", series, right, right)
        return self._of_other_day(figure, series, roughly[-1], right) if roughly else None

    def _of_other_day(self, figure: Figure, series: Series, meant: Version, right: Version) -> Tie:
        """The number is a value of another day: of one that is named, or it is said to be former; else outdated."""
        said = f"{told(_as_figure(right))} as of {day(right.as_of)}"
        if figure.as_of is not None and meant.as_of > right.as_of:
            return Tie("misattributed", f"it is of {day(meant.as_of)}; for that day {said}", series, meant, right)
        if meant.as_of < right.as_of and self._is_of_then(figure, meant):
            return self._as_hedged(figure, series, meant)
        return Tie("outdated", f"it is of {day(meant.as_of)}; known was {said}", series, meant, right)

    def is_dated(self, figure: Figure, series: str, meant: Version) -> bool:
        """Whether a sentence stays true when a newer value comes: it names its value's day, or calls it earlier."""
        past = self._past(series).at(None)
        named = named_days(figure.quote, self._language, self._on)
        own = any(True for at in (meant.as_of, meant.known_at) for _ in fitting(named, Day(at[:10])))
        return own or past is None or past.as_of != meant.as_of

    def _is_of_then(self, figure: Figure, meant: Version) -> bool:
        """Whether a sentence says that it tells of earlier, or names the day of a value or that when it was known."""
        if figure.former or tells_of_then(figure.quote):
            return True
        named = named_days(figure.quote, self._language, self._on)
        return any(True for at in (meant.as_of, meant.known_at) for _ in fitting(named, Day(at[:10])))

    def _taken_over(self, figure: Figure) -> Iterator[Tie]:
        """The number is another's, or counts something else: what is distinctive is known again."""
        if not (figure.attributed_to and _is_distinctive(figure)):
            return
        for one in self._series:
            if one.kind == figure.kind and self._subjects.is_of(one, figure):
                yield from self._if_taken_over(figure, one)

    def _if_taken_over(self, figure: Figure, series: Series) -> Iterator[Tie]:
        foreign, past = self._is_foreign(series, figure), self._past(series.series)
        same, exactly = self._subjects.counts(series, figure), past.exactly(figure)
        if not exactly or not (foreign or self._is_of_its_claimant(series, figure)):
            return
        if not past.is_recent(exactly[-1]) or not (same or (figure.measure != "other" and _is_unmistakable(figure))):
            return
        who = " × ".join(series.attributed_to or (series.title,))
        reason = f"it is the number of {who}" if foreign else f"it counts something else: {series.measure}"
        yield Tie("misattributed", reason, series, exactly[-1], exactly[-1])

    def _unstated(self, figure: Figure, mine: Sequence[Series]) -> list[Tie]:
        """The one series of those whom the text names, though it did not state the number; none where it is not one."""
        named = [one for one in mine if self._speakers.are(figure.attributed_to, one)]
        named = [one for one in named if one.category == figure.category] or named
        return [self._not_stated(figure, named[0])] if len(named) == 1 else []

    def _not_stated(self, figure: Figure, series: Series) -> Tie:
        right = self._past(series.series).at(figure.as_of)
        said = f"; it says {told(_as_figure(right))}, as of {day(right.as_of)}" if right else ""
        return Tie("unknown", f"its source has not stated it{said}", series, None, right)

    def _increase(self, figure: Figure) -> list[Tie]:
        """An increase: of the count that stands before it, or of one whose newest value it leads to."""
        last = self._last if self._last is not None and self._is_beside(self._last.series, figure) else None
        if last is not None and last.meant is not None:
            led = self._from_base(figure, last.series, last.meant)
            return [led or self._unfounded(figure, last)]
        mine = [one for one in self._series if self._is_beside(one, figure)]
        return best(tie for one in mine if (tie := self._newest_increase(figure, one)) is not None)

    def _is_beside(self, series: Series, figure: Figure) -> bool:
        """Whether an increase may be one of the count that stands before it."""
        return self._subjects.measures(series, figure) and not self._is_foreign(series, figure)

    def _newest_increase(self, figure: Figure, series: Series) -> Tie | None:
        if series.kind == "change":
            return self._judged(figure, series)
        newest = self._past(series.series).at(None)
        return self._from_base(figure, series, newest) if newest is not None else None

    def _from_base(self, figure: Figure, series: Series, until: Version) -> Tie | None:
        """The verdict on an increase up to a value: from which earlier one it leads there, and what the text names."""
        if figure.value is None:
            return None
        past, roughly = self._past(series.series), last_digit(figure.value) / 2 if figure.value else figure.value
        exact = next(past.bases(until, figure.value), None)
        base = exact or next(past.bases(until, figure.value, roughly), None)
        if base is None:
            return None
        counted = f"counted from {told(_as_figure(base))} of {day(base.as_of)}"
        other = self._other_days(figure, series.series, until, base)
        if other:
            return Tie("wrong_baseline", f"the text names “{other}”; it is {counted}", series, until, until)
        return Tie("right" if exact else "rounded", counted, series, until, until)

    def _other_days(self, figure: Figure, series: str, until: Version, base: Version) -> str:
        """The days that a sentence names where none of them is that of the base, nor that on which it was known.

        What was before the first that is recorded cannot be judged: mostly it is when the count began.
        """
        own, begins = {until.as_of[:10], until.known_at[:10]}, self._past(series).begins
        every = [one for one in named_days(figure.quote, self._language, self._on) if one.last >= begins]
        named = [one for one in every if one.first != one.last or one.first not in own]
        fits = [one for at in (base.as_of, base.known_at) for one in fitting(named, Day(at[:10]))]
        return "" if fits else ", ".join(one.words for one in named)

    def _unfounded(self, figure: Figure, last: Tie) -> Tie:
        return Tie("unknown", f"no earlier value leads to it by {told(figure)}", last.series, None, last.right)


def _says(ties: Sequence[Tie]) -> bool:
    """Whether a number is known again."""
    return bool(ties) and ties[0].verdict not in ("unknown", "rounded")


def is_known(ties: Sequence[Tie]) -> bool:
    """Whether it is one value that a number is."""
    return len(ties) == 1 and ties[0].meant is not None


def best(ties: Iterable[Tie]) -> list[Tie]:
    """The ties that say most: right before all, then what is exactly a value; several only where they say the same."""
    found = sorted(ties, key=lambda one: _RANK[one.verdict])
    best = [one for one in found if _RANK[one.verdict] == _RANK[found[0].verdict]]
    plain = [one for one in best if one.series.category is None]
    return plain if len(best) > 1 and len(plain) == 1 else best


_RANK: dict[PrintedVerdict, int] = {
    "right": 0, "hedge_dropped": 0, "wrong_baseline": 0, "misattributed": 1, "outdated": 2, "rounded": 1, "unknown": 3,
}  # fmt: skip


def _is_distinctive(figure: Figure) -> bool:
    value = figure.value
    return value is not None and abs(value) >= 10 ** (DISTINCTIVE - 1) and last_digit(value) <= abs(value) / 1000


def _is_unmistakable(figure: Figure) -> bool:
    """Whether a number is so long, and so little rounded, that another one like it is not to be expected."""
    value = figure.value
    return value is not None and abs(value) >= 10**DISTINCTIVE and last_digit(value) <= abs(value) / 1000


def _as_figure(one: Version) -> Figure:
    return Figure(value=one.value, low=one.low, high=one.high, qualifier=one.qualifier)


def content_of(one: Version) -> str:
    """The canonical content of a recorded value."""
    return _as_figure(one).content


def _numbers(one: Version) -> tuple[object, ...]:
    return one.value, one.low, one.high
