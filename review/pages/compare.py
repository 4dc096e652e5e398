"""Who says what: the claimants of one measure side by side, each in its own words, never blended."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from model import Instant, Observation, parse_instant
from review.guard import Asked
from review.pages.chart import Point, strip, strip_ticks
from review.render import page
from storage import NewestClaim

KIND_WORDS = {"total": "in all", "change": "within a time", "share": "as a share", "ratio": "as a ratio"}
LISTED = 60

router = APIRouter(include_in_schema=False)


class ClaimSearch(NamedTuple):
    """Which claims of a measure are asked for: by words, with subgroups or without, as known at a time."""

    words: str
    subgroups: bool
    known_at: Instant | None


def claim_search(
    q: Annotated[str, Query(max_length=200)] = "", subgroups: bool = False, known_at: str = ""
) -> ClaimSearch:
    """The claims that an address asks for. Raises `UsageError` for what is no time."""
    return ClaimSearch(q, subgroups, parse_instant(known_at) if known_at.strip() else None)


class ClaimLine(NamedTuple):
    """One claim on its own line."""

    claim: NewestClaim
    who: str
    label: str
    mark: Markup
    method: str
    same_as: str


class Section(NamedTuple):
    """Claims that measure the same thing and may share a scale."""

    title: str
    period: str
    axis: Markup
    lines: tuple[ClaimLine, ...]


@router.get("/compare")
def compare(
    request: Request, office: Asked, search: Annotated[ClaimSearch, Depends(claim_search)],
    measure: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:  # fmt: skip
    """The claims of one measure, the one that most sources state where none is named."""
    measures = office.browser.measures()
    chosen = measure or next((name for name, _, _ in measures), "")
    found, more = office.browser.claims(chosen, **search._asdict(), limit=LISTED)
    lines = [_line(office, claim) for claim in found]
    return page(
        request, "compare.html", measures=measures, measure=chosen, q=search.words, subgroups=search.subgroups,
        at=search.known_at, sections=_sections(lines), full=bool(more), methods=_methods(office, found),
    )  # fmt: skip


def _line(office: Any, claim: NewestClaim) -> ClaimLine:
    one = claim.observation
    source = office.source(claim.source)
    who = " × ".join(one.attributed_to) or (source.publisher.name if source else claim.title)
    # A series that carries another's count makes two lines, not two witnesses.
    same = source.counted_as(one.series) if source else None
    method = source.method if source else ""
    return ClaimLine(claim, who, office.label(one.series), Markup(), method, same or "")


def _sections(lines: list[ClaimLine]) -> list[Section]:
    """Unlike things never share a scale: a section for each kind, unit and period."""

    def what(line: ClaimLine) -> tuple[str, str, str, str]:
        one = line.claim.observation
        period = f"{one.period_start}|{one.period_end}" if one.kind == "change" and one.period_start else ""
        return (one.whom if one.kind == "ratio" and one.whom else "", one.kind, one.unit, period)

    ordered = sorted(lines, key=lambda line: (*what(line), -_size(line.claim.observation)))
    found = []
    for (_, kind, unit, period), group in groupby(ordered, key=what):
        members = list(group)
        ticks = strip_ticks([_point(line.claim.observation) for line in members])
        marked = tuple(line._replace(mark=strip(_point(line.claim.observation), ticks)) for line in members)
        title = f"{KIND_WORDS.get(kind, kind)}, {unit}" if unit != "other" else KIND_WORDS.get(kind, kind)
        found.append(Section(title, period, strip(None, ticks), marked))
    order = list(KIND_WORDS)
    return sorted(found, key=lambda one: order.index(one.lines[0].claim.observation.kind))


def _size(one: Observation) -> Decimal:
    return one.value if one.value is not None else (one.high or one.low or Decimal())


def _point(one: Observation) -> Point:
    return Point(one.as_of, one.value, one.low, one.high, one.qualifier, one.update)


def _methods(office: Any, claims: list[NewestClaim]) -> list[tuple[str, str, str, str, str]]:
    """Who counts what: (source, title, basis, how they count, what to keep in mind)."""
    names = dict.fromkeys(claim.source for claim in claims)
    sources = [office.source(name) for name in names]
    return [(one.id, one.title, one.basis, one.method, one.caveats or "") for one in sources if one]
