"""Do two columns state each other's figures, while their headings stayed where they were?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, combinations
from typing import NamedTuple

from changes.checks.context import Check, Context, Finding, found
from changes.checks.numbers import number_of, shown
from changes.kinds import Key
from model import Day, SeriesRef

LARGE = 10
"""A single pair of numbers is an exchange only from here on; small ones meet by chance."""

LIKE, UNLIKE = Decimal("1.05"), Decimal("1.5")
"""A step to the other column's last value is by no more than this; and the two are at least this far apart."""

COLUMNS = 40
"""Rows with more changed figures are not asked for steps: each pair of them would be."""


class Replaced(NamedTuple):
    """A number that another takes the place of: at the same as-of, or as the next of its series."""

    key: Key
    old: Decimal
    new: Decimal
    revised: bool


def exchanged(context: Context) -> Iterator[Finding]:
    """Hold what two figures of one row bring, where each states what the other did, in most of what is changed."""
    if len(context.source.figures) < 2:
        return
    rows = list(_rows(context).values())
    revised = Counter(one.key[0] for one in chain.from_iterable(rows) if one.revised)
    for series, found_in in _pairs(rows):
        most = max(revised[one] for one in series)
        if 2 * sum(a.revised for a, _ in found_in) >= most and _telling(found_in):
            yield _told(context, series, found_in[-1])


def _pairs(
    rows: Iterable[Sequence[Replaced]],
) -> Iterable[tuple[tuple[int, int], Sequence[tuple[Replaced, Replaced]]]]:
    """By two series of one row, the numbers that they exchange."""
    pairs: dict[tuple[int, int], list[tuple[Replaced, Replaced]]] = defaultdict(list)
    for a, b in chain.from_iterable(combinations(row, 2) for row in rows if len(row) <= COLUMNS):
        if a.revised == b.revised and (_exactly(a, b) if a.revised else _nearly(a, b)):
            pairs[a.key[0], b.key[0]].append((a, b))
    return sorted(pairs.items())


def _rows(context: Context) -> Mapping[tuple[tuple[str, ...], Day], Sequence[Replaced]]:
    """The changed numbers of each row of the table: of one as-of, and one place, age or whatever it is by."""
    rows: dict[tuple[tuple[str, ...], Day], list[Replaced]] = defaultdict(list)
    for change in context.changes:
        old, new = number_of(change.old), number_of(change.content)
        if old is not None and new is not None and not change.echo and change.kind in ("new", "revised"):
            labels = SeriesRef.parse(context.accepted.first_ref[change.series_id]).labels
            rows[labels, change.as_of].append(Replaced(change.key, old, new, change.kind == "revised"))
    return rows


def _exactly(a: Replaced, b: Replaced) -> bool:
    return a.old == b.new != b.old == a.new


def _nearly(a: Replaced, b: Replaced) -> bool:
    """Whether both step to about where the other was, and are far from one another."""
    numbers = (a.old, a.new, b.old, b.new)
    return (
        min(numbers) >= LARGE
        and _times(a.old, b.old) >= UNLIKE
        and _times(a.old, b.new) <= LIKE >= _times(b.old, a.new)
    )


def _times(a: Decimal, b: Decimal) -> Decimal:
    return max(a, b) / min(a, b)


def _telling(pairs: Sequence[tuple[Replaced, Replaced]]) -> bool:
    return len(pairs) > 1 or min(*map(abs, (pairs[0][0].old, pairs[0][1].old))) >= LARGE


def _told(context: Context, series: tuple[int, int], pair: tuple[Replaced, Replaced]) -> Finding:
    a, b = pair
    names = [context.accepted.keys[one] for one in series]
    message = (
        f"it and {names[1]} state each other's figures: {shown(a.old)} and {shown(b.old)} are now {shown(a.new)} and "
        f"{shown(b.new)}; did their columns change places?"
    )
    holds = [change.key for change in context.changes if change.series_id in series]
    return found("exchanged", "hold", message, at=(names[0], a.key[1]), holds=holds)


CHECKS = (
    Check(
        "exchanged",
        exchanged,
        order=75,
        holds=(
            "two figures of a row state each other's values, in half at least of what is revised of them, or as "
            "the next values of both: their columns may have changed places under their headings"
        ),
        of_changes=True,
    ),
)
