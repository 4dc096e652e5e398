"""Finding in one box: figures as they are typed, words of quotes, names, claimants, sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from model import UsageError
from publish.finding.find import PARTS, Finder, Search, SearchResult
from publish.finding.question import LONGEST
from publish.finding.text import matched_words, standing_words
from review.guard import Asked
from review.office import Office
from review.render import page, told_error
from storage.search.find import SearchPart

AT_ONCE, MOST = 10, 200

router = APIRouter(include_in_schema=False)


def find_search(
    q: Annotated[str, Query(max_length=LONGEST, description="A number as it is printed, or words.")] = "",
    source: Annotated[str, Query(max_length=200, description="The key of a source.")] = "",
    part: Annotated[list[SearchPart], Query(alias="in", description="Where to look; everywhere without.")] = [],  # noqa: B006 - FastAPI copies it
    limit: Annotated[int, Query(ge=1, le=MOST, description="At most so many of each.")] = AT_ONCE,
) -> Search:  # fmt: skip
    """What an address asks for."""
    return Search(q.strip(), source, tuple(one for one in PARTS if one in part) or tuple(PARTS), limit)


def found_in(office: Office, search: Search) -> SearchResult:
    """What there is."""
    return Finder(office.browser, office.catalogue, office.names).find(search)


@router.get("/find")
def find_page(request: Request, office: Asked, search: Annotated[Search, Depends(find_search)]) -> HTMLResponse:
    """What was found, best first; without a question, the box alone."""
    told, finding = "", None
    try:
        finding = found_in(office, search) if search.text else None
    except UsageError as error:
        told = told_error(error)
    return page(
        request, "find.html", q=search.text, source=search.source, finding=finding, told=told, limit=search.limit,
        most=MOST, sources=office.browser.sources(), matched_words=matched_words, standing_words=standing_words,
        also_read=_also_read(finding.numbers) if finding else (),
    )  # fmt: skip


def _also_read(numbers: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Numbers that may be read in two ways, both of which were looked for."""
    return tuple(" or ".join(readings) for readings in numbers if len(readings) > 1)
