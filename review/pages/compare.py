"""Who counts what: a thing first, then its claims side by side, each in its own words; nothing is blended or ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from model import parse_instant
from review.comparing.scopes import KINDS, counted, differences, since
from review.comparing.things import measures_of, things
from review.comparing.witnesses import ClaimLine, Witness, lines_of, witnesses
from review.guard import Asked
from review.office import Office
from review.pages.chart import Point, strip, strip_ticks
from review.render import page
from storage import ClaimsWanted, CountedThing, NewestClaim, Rhythm

LISTED = 200

router = APIRouter(include_in_schema=False)


def claims_wanted(
    measure: Annotated[str, Query(max_length=200)] = "", what: Annotated[str, Query(max_length=1000)] = "",
    q: Annotated[str, Query(max_length=200)] = "", subgroups: bool = False, known_at: str = "",
) -> ClaimsWanted:  # fmt: skip
    """The claims that an address asks for. Raises `UsageError` for what is no time."""
    return ClaimsWanted(measure, what, q, subgroups, parse_instant(known_at) if known_at.strip() else None)


class MarkedLine(NamedTuple):
    """A claim with its mark on the common scale of its section, and since when it counts."""

    line: ClaimLine
    mark: Markup
    since: str


class ScopeSection(NamedTuple):
    """Claims of one scope, who may share a scale: of the same thing, measure, kind, unit, subgroup and period."""

    title: str
    whom: str
    period: str
    axis: Markup
    witnesses: tuple[tuple[Witness, tuple[MarkedLine, ...]], ...]


class MatrixRow(NamedTuple):
    """Who counts: the newest figures by measure, how often they are published, on what basis, and how they count."""

    witness: Witness
    cells: tuple[tuple[ClaimLine, ...], ...]
    rhythm: Rhythm | None
    method: str
    caveats: str


@router.get("/compare")
def compare(
    request: Request, office: Asked, wanted: Annotated[ClaimsWanted, Depends(claims_wanted)],
    after: Annotated[str, Query(max_length=2000)] = "",
) -> HTMLResponse:  # fmt: skip
    """What is counted and by whom; the claims of one thing, or of one measure."""
    every = office.browser.counted_things("" if wanted.whom else wanted.words)
    if not wanted.whom and not wanted.measure:
        return page(request, "things.html", things=things(every), q=wanted.words, titles=_titles(office, every))
    found, more = office.browser.claims(wanted, after=after, limit=LISTED)
    lines = lines_of(office, found)
    told = witnesses(lines) if wanted.whom else []
    measures = measures_of(every, wanted.whom)
    shown = [name for name in measures if any(line.figure.measure == name for line in lines)]
    return page(
        request, "compare.html", wanted=wanted, measures=measures, shown=shown, sections=_sections(lines),
        matrix=_matrix(office, told, shown), more=more, after=after, differences=differences(told),
        subgroups=_subgroups(every, wanted),
    )  # fmt: skip


def _titles(office: Office, found: Sequence[CountedThing]) -> dict[str, str]:
    known = {key: title for key, title, _ in office.browser.sources()}
    return {one.source: known.get(one.source, one.source) for one in found}


def _subgroups(found: Sequence[CountedThing], wanted: ClaimsWanted) -> int:
    """How many series of subgroups there are beside those that are shown."""
    mine = [one for one in found if one.whom == wanted.whom and wanted.measure in ("", one.measure)]
    return 0 if wanted.subgroups else sum(one.series - one.whole for one in mine)


def _scope(line: ClaimLine) -> tuple[str, ...]:
    """What claims must have in common to share a scale: unlike things never do."""
    one = line.figure
    period = f"{one.period_start}|{one.period_end}" if one.kind == "change" and one.period_start else ""
    order = str(list(KINDS).index(one.kind)) if one.kind in KINDS else one.kind
    return (one.whom or "", one.measure, order, one.unit, one.category or "", period)


def _sections(lines: Sequence[ClaimLine]) -> list[ScopeSection]:
    by_scope: dict[tuple[str, ...], list[ClaimLine]] = {}
    for line in lines:
        by_scope.setdefault(_scope(line), []).append(line)
    return [_section(members, scope[-1]) for scope, members in sorted(by_scope.items())]


def _section(members: Sequence[ClaimLine], period: str) -> ScopeSection:
    ticks = strip_ticks([_point(line.claim) for line in members])
    one = members[0].figure
    kind = KINDS.get(one.kind, one.kind)
    marked = tuple(
        (who, tuple(MarkedLine(line, strip(_point(line.claim), ticks), since(line)) for line in who.lines))
        for who in witnesses(members)
    )
    title = ", ".join(filter(None, (counted(one), kind, "" if one.unit == "other" else one.unit)))
    return ScopeSection(title, one.whom or "", period, strip(None, ticks), marked)


def _point(claim: NewestClaim) -> Point:
    one = claim.observation
    return Point(one.as_of, one.value, one.low, one.high, one.qualifier, one.update)


def _matrix(office: Office, found: Sequence[Witness], measures: Sequence[str]) -> list[MatrixRow]:
    """A row for each who counts: by measure what stands for all, or the subgroups where nothing does."""
    rhythms = {one.source: one.rhythm for one in office.standings()}
    return [_matrix_row(office, who, measures, rhythms) for who in found]


def _matrix_row(
    office: Office, who: Witness, measures: Sequence[str], rhythms: Mapping[str, Rhythm | None]
) -> MatrixRow:
    origin = who.lines[0].claim.source
    source = office.source(origin)
    own = [line for line in who.lines if not line.same_as] or list(who.lines)
    cells = tuple(tuple(line for line in own if line.figure.measure == name) for name in measures)
    method, caveats = (source.method, source.caveats or "") if source else ("", "")
    return MatrixRow(who, cells, rhythms.get(origin), method, caveats)
