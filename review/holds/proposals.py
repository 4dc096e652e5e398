"""What may help to decide on a value: its series' last values, slips that would explain it, what to learn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from model import Change, Day, Version

VALUES, PROPOSED = 30, 3
WIDTH, HEIGHT = 160.0, 34.0


class Spark(NamedTuple):
    """The last values of a series as a line, and the held one beside it; `words` say the same."""

    line: str
    x: float
    y: float
    words: str


class Proposal(NamedTuple):
    """Another value that may have been meant, why, and what it would come to beside the value before."""

    value: Decimal
    why: str
    difference: Decimal | None


def counting(versions: Sequence[Version], before: Day) -> list[tuple[Day, Decimal]]:
    """The newest value of each day before one, of what counts: 30 at most, oldest first."""
    by_day = {one.as_of: one.value for one in versions if not one.held and one.as_of < before}
    return [(day, value) for day, value in sorted(by_day.items()) if value is not None][-VALUES:]


def spark(known: Sequence[tuple[Day, Decimal]], held: Decimal | None) -> Spark | None:
    """Draw the last values, and a held one at the end; None where there is no line to draw."""
    values = [float(value) for _, value in known]
    if len(values) < 2:
        return None
    shown = [*values, float(held)] if held is not None else values
    low, high = min(shown), max(shown)
    places = [
        (
            round(2 + (WIDTH - 4) * at / (len(shown) - 1), 1),
            round(HEIGHT - 3 - (HEIGHT - 6) * (one - low) / ((high - low) or 1), 1),
        )
        for at, one in enumerate(shown)
    ]
    line = " ".join(f"{x},{y}" for x, y in places[: len(values)])
    words = f"the last {len(values)} values, from {known[0][1]:,f} to {known[-1][1]:,f}"
    return Spark(line, *places[-1], words)


def proposals(change: Change, known: Sequence[tuple[Day, Decimal]]) -> list[Proposal]:
    """Values that may have been meant, those nearest to where the series was going first; the last value closes.

    A digit too many, two digits that changed places, and a digit too few (a zero) are tried.
    """
    read = change.new.value if change.new else None
    if read is None or not known:
        return []
    last = known[-1][1]
    return [*_meant(read, known), *([Proposal(last, "the last value", Decimal(0))] if last != read else [])]


def _meant(read: Decimal, known: Sequence[tuple[Day, Decimal]]) -> list[Proposal]:
    """What a slip may have made of another whole number, near where the series was going."""
    last = known[-1][1]
    if read != read.to_integral_value():
        return []
    steps = [after - before for (_, before), (_, after) in pairwise(known)]
    usual, near = Decimal(median(steps)) if steps else Decimal(0), _near(steps, last)
    slips = {value: why for value, why in _slips(read) if value not in (read, last) and abs(value - last) <= near}
    ranked = sorted(slips.items(), key=lambda one: abs(one[0] - last - usual))[:PROPOSED]
    return [Proposal(value, why, value - last) for value, why in ranked]


def _near(steps: Sequence[Decimal], last: Decimal) -> Decimal:
    """How far from its last value a series may well go: three of its largest steps, else a tenth of it."""
    return 3 * max((abs(step) for step in steps), default=Decimal(0)) or abs(last) / 10


def _slips(read: Decimal) -> Iterator[tuple[Decimal, str]]:
    digits = str(abs(int(read)))
    sign = -1 if read < 0 else 1
    for at in range(len(digits) - 1):
        yield sign * Decimal(digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]), "two digits changed places"
    for at in range(len(digits) if len(digits) > 1 else 0):
        yield sign * Decimal(digits[:at] + digits[at + 1 :]), "one digit less"
    yield sign * Decimal(digits + "0"), "one digit more"
