"""Finding in one box: figures as they are typed, words of quotes, names, claimants, sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from model import UsageError
from publish.finding.find import PARTS, Finding, Part, find
from publish.finding.question import LONGEST
from publish.finding.text import matched_words, standing_words
from review.guard import Asked
from review.office import Office
from review.render import page

AT_ONCE, MOST = 10, 200

router = APIRouter(include_in_schema=False)


class FindSearch(NamedTuple):
    """What is looked for: words and numbers, of which source ("" for all), where, and at most how many of each."""

    q: str
    source: str
    parts: tuple[Part, ...]
    limit: int


def find_search(
    q: Annotated[str, Query(max_length=LONGEST, description="A number as it is printed, or words.")] = "",
    source: Annotated[str, Query(max_length=200, description="The key of a source.")] = "",
    part: Annotated[list[str], Query(alias="in", description="Where: value, stated, difference, hedged, words.")] = [],  # noqa: B006 - FastAPI copies it
    limit: Annotated[int, Query(ge=1, le=MOST, description="At most so many of each.")] = AT_ONCE,
) -> FindSearch:
    """What an address asks for. Raises `UsageError` for what is no place to look in."""
    if odd := [one for one in part if one not in PARTS]:
        raise UsageError(f"{odd[0]!r} is nowhere to look in", f"write one of {', '.join(PARTS)}")
    return FindSearch(q.strip(), source, tuple(one for one in PARTS if one in part) or tuple(PARTS), limit)


def found_in(office: Office, search: FindSearch) -> Finding:
    """What there is."""
    return find(
        office.browser, office.catalogue, office.names, search.q,
        source=search.source or None, parts=search.parts, limit=search.limit,
    )  # fmt: skip


@router.get("/find")
def find_page(
    request: Request, office: Asked, q: str = "", source: str = "", part: Annotated[list[str], Query(alias="in")] = [],  # noqa: B006 - FastAPI copies it
    limit: Annotated[int, Query(ge=1, le=MOST)] = AT_ONCE,
) -> HTMLResponse:  # fmt: skip
    """What was found, best first; without a question, the box alone."""
    told, finding = "", None
    try:
        search = find_search(q, source, part, limit)
        finding = found_in(office, search) if search.q else None
    except UsageError as error:
        told = str(error)
    return page(
        request, "find.html", q=q.strip(), source=source, finding=finding, told=told, limit=limit, most=MOST,
        sources=office.browser.sources(), matched_words=matched_words, standing_words=standing_words,
        also_read=_also_read(finding.numbers) if finding else (),
    )  # fmt: skip


def _also_read(numbers: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Numbers that may be read in two ways, both of which were looked for."""
    return tuple(" or ".join(readings) for readings in numbers if len(readings) > 1)
