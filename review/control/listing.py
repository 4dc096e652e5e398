"""All sources at a glance: in parts, by tag, sorted; thirty days of each, its last change; several chosen at once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from model import Day, State, TallybookError, UsageError, day_of, now
from publish.numbers import count_of
from publish.numbers import day as day_words
from publish.telling import Story, story
from review.control.editing import pause_source
from review.guard import Asked, Editor
from review.office import Office, SourceStanding
from review.render import page, refusal
from review.runs import Runs

AT_ONCE = 30
DAYS = 30
MOST_CHOSEN = 200

SHOWN: dict[str, tuple[State, ...]] = {
    "needs you": ("held", "blocked", "failed"),
    "held": ("held",),
    "late": ("overdue",),
    "failed": ("failed", "blocked"),
    "off": ("off",),
}
"""The parts of the list of sources, by the states that belong to each."""

URGENT: tuple[State, ...] = ("held", "failed", "blocked", "overdue", "changed", "unchanged", "off")

SORTS: dict[str, Callable[[SourceStanding], Any]] = {
    "name": lambda one: one.title.casefold(),
    "most urgent": lambda one: (URGENT.index(one.state), one.title.casefold()),
    "last change": lambda one: _newest_first(one.rhythm.last if one.rhythm else ""),
    "last success": lambda one: _newest_first(one.last_success or ""),
    "next run": lambda one: one.next_run or "~",
}

router = APIRouter(include_in_schema=False)


def _newest_first(at: str) -> list[int]:
    return [-ord(sign) for sign in at] or [0]


class ListPlace(NamedTuple):
    """Which sources are shown: of a part, with a tag, in an order, on a page."""

    show: str = ""
    tag: str = ""
    sort: str = "name"
    page: int = 1

    def url(self, **changes: str | int) -> str:
        """The address of this place, or of one near it."""
        given = {name: value for name, value in (self._asdict() | changes).items() if value not in ("", 1, "name")}
        return f"/sources?{urlencode(given)}" if given else "/sources"


def place_of(
    show: Annotated[str, Query(max_length=40)] = "",
    tag: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[str, Query(max_length=40)] = "name",
    page_: Annotated[int, Query(alias="page", ge=1, le=10**6)] = 1,
) -> ListPlace:
    """The place that an address names."""
    return ListPlace(show if show in SHOWN else "", tag, sort if sort in SORTS else "name", page_)


class Strip(NamedTuple):
    """Thirty days of a source: the days of each state, by their place from 0 (the oldest), and the same in words."""

    marks: dict[str, list[int]]
    words: str


class SourceRow(NamedTuple):
    """A source in the list: how it stands, its thirty days, and its last change."""

    standing: SourceStanding
    tags: tuple[str, ...]
    strip: Strip
    last: Story | None


@router.get("/sources")
def sources(request: Request, office: Asked, place: Annotated[ListPlace, Depends(place_of)]) -> HTMLResponse:
    """Every source and how it stands, or those of a part, a page at a time."""
    every = office.standings()
    tags = {one.source: source.tags for one in every if (source := office.source(one.source)) is not None}
    ordered = sorted(_meant(every, tags, place), key=SORTS[place.sort])
    place = place._replace(page=min(place.page, max(1, -(-len(ordered) // AT_ONCE))))
    begins = AT_ONCE * (place.page - 1)
    return page(
        request, "sources.html", rows=_rows(office, ordered[begins : begins + AT_ONCE], tags), total=len(ordered),
        every=len(every), parts={name: sum(one.state in states for one in every) for name, states in SHOWN.items()},
        place=place, begins=begins, sorts=SORTS, tags=Counter(tag for each in tags.values() for tag in each),
        more=begins + AT_ONCE < len(ordered), problems=office.catalogue.problems,
    )  # fmt: skip


def _meant(
    every: Sequence[SourceStanding], tags: dict[str, tuple[str, ...]], place: ListPlace
) -> list[SourceStanding]:  # fmt: skip
    states = SHOWN.get(place.show, URGENT)
    return [
        one for one in every if one.state in states and (not place.tag or place.tag in tags.get(one.source, ()))
    ]  # fmt: skip


def _rows(office: Office, shown: Sequence[SourceStanding], tags: dict[str, tuple[str, ...]]) -> list[SourceRow]:
    names = [one.source for one in shown]
    today = dt.date.fromisoformat(day_of(now(), "UTC"))
    days = [Day((today - dt.timedelta(days=back)).isoformat()) for back in reversed(range(DAYS))]
    by_day = office.browser.days(names, days[0])
    last = office.browser.last_changes(names)
    told = office.browser.updates(list(last.values()))  # a headline is of all changes, not of the first few
    called = office.names
    stories = {one.source: story(one, called) for one in told}
    return [
        SourceRow(one, tags.get(one.source, ()), strip_of(days, by_day.get(one.source, {})), stories.get(one.source))
        for one in shown
    ]


def strip_of(days: Sequence[Day], states: dict[Day, State]) -> Strip:
    """The days of each state, and in words how many there are and when the last one was that failed or waited."""
    marks: dict[str, list[int]] = {}
    for place, one in enumerate(days):
        if state := states.get(one):
            marks.setdefault("failed" if state == "blocked" else state, []).append(place)
    told = [f"{state} on {count_of(len(places), 'day')}" for state, places in marks.items()]
    newest = [f"last {state} {day_words(days[marks[state][-1]])}" for state in ("failed", "held") if state in marks]
    return Strip(marks, ", ".join([*told, *newest]) or "not asked")


class TickedSources(NamedTuple):
    """Which sources were ticked, what to do with them, why, and where to go on."""

    sources: tuple[str, ...]
    action: str
    why: str


def chosen_of(
    id_: Annotated[list[str], Form(alias="id")] = [],  # noqa: B006 - FastAPI copies it
    action: Annotated[str, Form(max_length=20)] = "",
    why: Annotated[str, Form(max_length=500)] = "",
) -> TickedSources:
    """The fields of the form."""
    return TickedSources(tuple(dict.fromkeys(id_[:MOST_CHOSEN])), action, why)


@router.post("/sources")
def several(
    request: Request, office: Asked, who: Editor, chosen: Annotated[TickedSources, Depends(chosen_of)]
) -> Response:  # fmt: skip
    """Refresh, pause or resume all that were ticked; what could not be done is told by name."""
    if not chosen.sources:
        raise UsageError("no source is chosen", "tick some, then press the button")
    works: dict[str, Callable[[str], object]] = {
        "refresh": lambda source: _refresh(request, office, source, who.user),
        "pause": lambda source: pause_source(office, source, who.user, chosen.why),
        "resume": lambda source: office.workshop.resume(source, who=who.user),
    }
    if chosen.action not in works:
        raise UsageError(f"{chosen.action!r} is nothing to do with sources", "press one of the buttons")
    wrong = []
    for source in chosen.sources:
        try:
            works[chosen.action](source)
        except TallybookError as error:
            wrong.append(f"{source}: {error}")
    office.forget()
    if wrong:
        done = len(chosen.sources) - len(wrong)
        return refusal(request, 400, f"Done for {done} of {len(chosen.sources)}", "; ".join(wrong))
    return RedirectResponse("/sources", 303)


def _refresh(request: Request, office: Office, source: str, who: str) -> None:
    runs: Runs = request.app.state.runs
    runs.start(office.catalogue[source].id, who)
