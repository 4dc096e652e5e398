"""Claims by who makes them: what carries another's count stands with it, and is no witness of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from model import Observation, Source
from publish.words import series_label
from review.office import Office
from storage import NewestClaim

STEPS = 5
"""So far a count is followed to where it comes from; who carries it may carry a carrier."""


class ClaimLine(NamedTuple):
    """One claim: who makes it, whether it is another's count (the key of that series), and what is known of it."""

    claim: NewestClaim
    who: str
    label: str
    same_as: str
    origin: str

    @property
    def figure(self) -> Observation:
        """What is claimed."""
        return self.claim.observation


class Witness(NamedTuple):
    """Who makes a claim, with all that carries it: the origin first, where it is followed."""

    who: str
    lines: tuple[ClaimLine, ...]

    @property
    def carriers(self) -> int:
        """In how many sources this count stands."""
        return len({line.claim.source for line in self.lines})


def lines_of(office: Office, claims: Sequence[NewestClaim]) -> list[ClaimLine]:
    """The claims as lines."""
    names = office.names
    return [_line(office, claim, names) for claim in claims]


def _line(office: Office, claim: NewestClaim, names: Mapping[str, str]) -> ClaimLine:
    one, source = claim.observation, office.source(claim.source)
    who = " × ".join(one.attributed_to) or (source.publisher.name if source else claim.title)
    same = source.counted_as(one.series) if source else None
    return ClaimLine(claim, who, series_label(one.series, names), same or "", origin_of(one.series, office.source))


def origin_of(series: str, source: Callable[[str], Source | None]) -> str:
    """The series that a series speaks of in the end; itself where it says of no other."""
    for _ in range(STEPS):
        found = source(series.partition("/")[0])
        same = found.counted_as(series) if found else None
        if same is None:
            break
        series = same
    return series


def witnesses(lines: Iterable[ClaimLine]) -> list[Witness]:
    """The lines by who makes the claim, in the order of their names: nobody is ranked."""
    told = list(lines)
    named = {line.figure.series: line.who for line in told}
    found: dict[str, list[ClaimLine]] = {}
    for line in told:
        found.setdefault(_whose(line, named).casefold(), []).append(line)
    made = [_witness(group, named) for group in found.values()]
    return sorted(made, key=lambda one: one.who.casefold())


def _whose(line: ClaimLine, named: Mapping[str, str]) -> str:
    return named.get(line.origin, line.who)


def _witness(group: list[ClaimLine], named: Mapping[str, str]) -> Witness:
    ordered = sorted(group, key=lambda line: (bool(line.same_as), line.claim.title, line.figure.series))
    return Witness(_whose(ordered[0], named), tuple(ordered))
