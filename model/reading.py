"""What an extractor hands on: the figures of one text, light enough for tables of a million cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

import msgspec

from model.checks import CheckResult
from model.figure import Figure
from model.times import Day

Cell: TypeAlias = tuple[str, Day | None, str, int]
"""(series reference, as-of or None where the text gives none, canonical content, handle for `Reading.figure`).

A content of "" is a cell that is there and blank; `UNREADABLE` one that is there and could not be read, which is
neither a value nor a withdrawal. A plain tuple, since a table is re-read whole at every release.
"""

UNREADABLE = "?"
"""The content of a cell that is there but could not be read as a number."""

PART = "\x1f"
"""What stands between the parts of a series reference."""


def series_ref(figure_id: str, labels: tuple[str, ...] = ()) -> str:
    """Join a rule's id and the labels of its dimensions, as printed, into a series reference."""
    return PART.join((figure_id, *labels)) if labels else figure_id


def figure_id_of(ref: str) -> str:
    """The rule's id that a series reference begins with."""
    return ref.partition(PART)[0]


class SeriesRef(NamedTuple):
    """A series reference taken apart: the rule's id and the labels as the report prints them."""

    figure_id: str
    labels: tuple[str, ...]

    @classmethod
    def parse(cls, ref: str) -> SeriesRef:
        """Split what `series_ref` joined."""
        figure_id, *labels = ref.split(PART)
        return cls(figure_id, tuple(labels))


class Trait(msgspec.Struct, frozen=True):
    """One thing about the place where a figure stands: as it is printed, and the words in it that must not change.

    `known` are words that may stand there: they did in releases before, or the definition asks for them.
    """

    shown: str
    words: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


Shape: TypeAlias = dict[str, dict[str, Trait]]
"""What a release looks like around its figures: by rule, and by the name of the trait.

`label` are the words beside the number, `row` and `column` the headings in its table, `heading` what it stands under,
`form` the kind of number, `count` how many places fit; under "" stand the `names` of all columns of a table.
"""


class Increment(msgspec.Struct, frozen=True):
    """A difference that the report itself states ("2,353 since the last update"), for a followed series.

    `as_of` is None where it belongs to the series' undated observation in the same reading.
    """

    series: str
    as_of: Day | None
    figure: Figure


class ListedFigures(msgspec.Struct, frozen=True):
    """Figures that are made already, by their place."""

    figures: tuple[Figure, ...]

    def __call__(self, handle: int) -> Figure:
        """The figure at a place."""
        return self.figures[handle]


class Reading(msgspec.Struct, frozen=True, eq=False):
    """All that one text states, in the order it stands there.

    `cells` are the followed observations; `figure(handle)` makes the whole figure of a cell, with quote and place,
    on demand, since most cells of a re-published table are known already. `unmatched` figures belong to no followed
    series, `ambiguous` ones to two. `checks` are findings about the page made while reading. `shape()` works out what
    the page looks like around the figures, which only a release that says something else is asked for.
    """

    cells: list[Cell]
    figure: Callable[[int], Figure]
    stated: tuple[Increment, ...] = ()
    unmatched: tuple[Figure, ...] = ()
    ambiguous: tuple[Figure, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    shape: Callable[[], Shape] = dict

    # Leaves its process as plain data: what makes figures and shape on demand here goes as what they come to.
    def __reduce__(self) -> tuple[Any, ...]:
        fields = (self.cells, self.figure, self.stated, self.unmatched, self.ambiguous, self.checks)
        return _rebuilt, (fields, self.shape())

    def with_checks(self, more: Iterable[CheckResult]) -> Reading:
        """This reading, with further findings about the page."""
        return msgspec.structs.replace(self, checks=(*self.checks, *more))


def listed(followed: list[tuple[str, Figure]]) -> tuple[list[Cell], ListedFigures]:
    """Cells and figures of a reading whose figures are few and made already; each with its series reference.

    A figure's as-of is its `as_of`, else its `period_end`.
    """
    cells: list[Cell] = [
        (series, figure.as_of or figure.period_end, figure.content, place)
        for place, (series, figure) in enumerate(followed)
    ]
    return cells, ListedFigures(tuple(figure for _series, figure in followed))


def _rebuilt(fields: tuple[Any, ...], shape: Shape) -> Reading:
    return msgspec.structs.replace(Reading(*fields), shape=lambda: shape)
