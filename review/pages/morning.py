"""What is new, a line an update: the most urgent first, the proof of the chosen one beside, each done by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from model import Change, UsageError
from publish.telling import FAIR, Story, story
from review.control import first
from review.guard import Asked, Own, UpdateName, own_path, session_of
from review.holds.undoing import done_of
from review.office import Office
from review.pages import log
from review.pages.evidence import Side, reading_shot, side
from review.render import page, part
from review.store import Visit
from storage import URGENCIES, Placed, UnreadUpdate

AT_ONCE = 25
UNTAGGED = "other"
HEADINGS = {
    "held": "Held: needs a decision",
    "mismatch": "Does not agree with what its source states",
    "past": "The past was rewritten",
    "new": "New, first seen or as stated",
    "ordinary": "Ordinary",
}

router = APIRouter(include_in_schema=False)


class MorningLine(NamedTuple):
    """One update as a line: what it leads with, and its verdict as a sign and in words."""

    new: UnreadUpdate
    one: Story
    sign: str
    verdict: str

    @property
    def change(self) -> Change | None:
        """The change that the line tells."""
        return self.one.lead


class ChosenUpdate(NamedTuple):
    """The chosen update whole, with the text that its leading change stands in."""

    card: log.Card
    release: Side | None


class MorningPlace(NamedTuple):
    """Where in the list a person is: of which tag, on which page, at which update."""

    tag: str = ""
    page: int = 1
    at: str = ""

    def url(self, **changes: str | int) -> str:
        """The address of this place, or of one near it."""
        given = {name: value for name, value in (self._asdict() | changes).items() if value not in ("", 1)}
        return f"/?{urlencode(given)}" if given else "/"


def place_of(
    tag: Annotated[str, Query(max_length=200)] = "",
    page_: Annotated[int, Query(alias="page", ge=1, le=10**6)] = 1,
    at: Annotated[str, Query(max_length=300)] = "",
) -> MorningPlace:
    """The place that an address names."""
    return MorningPlace(tag, page_, at)


@router.get("/")
def front(
    request: Request, office: Asked, place: Annotated[MorningPlace, Depends(place_of)], before: int | None = None,
    unread: bool = False,
) -> HTMLResponse:  # fmt: skip
    """What is new to whoever is logged in, else the log."""
    if not office.browser.newest() and not request.query_params:
        return first.welcome(request, office)
    visit = log.visit_of(request, office)
    new = (
        None
        if request.query_params.keys() - {*MorningPlace._fields, "undone", "done"}
        else log.unread_of(request, office, visit)
    )
    if not new:
        return log.log(request, office, before, unread)
    return _morning(request, office, place, _Unread(list(new.values()), visit))


class _Unread(NamedTuple):
    """What is new to a person, the most urgent first, and since when."""

    updates: list[UnreadUpdate]
    visit: Visit


def _morning(request: Request, office: Office, place: MorningPlace, new: _Unread) -> HTMLResponse:
    tags = _tags(office, new.updates)
    meant = [one for one in new.updates if place.tag in ("", *tags[one.source])]
    last = max(1, -(-len(meant) // AT_ONCE))
    place = place._replace(page=min(place.page, last))
    shown = _lines(office, meant[AT_ONCE * (place.page - 1) : AT_ONCE * place.page])
    chosen = next((one for one in shown if one.new.update == place.at), shown[0] if shown else None)
    sections = groupby(shown, lambda line: line.new.urgency)
    return page(
        request, "morning.html", place=place, last=last, total=len(new.updates), fresh=len(new.updates),
        sections=[(HEADINGS[URGENCIES[urgency]], list(lines)) for urgency, lines in sections],
        shown=shown, questions=_waiting(new.updates),
        chosen=chosen, beside=_beside(request, office, chosen.new.update) if chosen else None,
        tags=Counter(tag for one in new.updates for tag in tags[one.source]), upto=new.visit.newest,
        copies=office.browser.old_copies(new.visit.before), undone=_undone(request, office),
        done=done_of(request, office),
    )  # fmt: skip


class WaitingUpdates(NamedTuple):
    """How many of the new updates wait for a person, and since when the oldest of them is known."""

    updates: int
    since: str


def _waiting(new: Sequence[UnreadUpdate]) -> WaitingUpdates:
    known = [one.known_at for one in new if URGENCIES[one.urgency] == "held"]
    return WaitingUpdates(len(known), min(known, default=""))


def _tags(office: Office, new: Sequence[UnreadUpdate]) -> dict[str, tuple[str, ...]]:
    """The tags of each source; a source without any is another."""
    sources = {one.source: office.source(one.source) for one in new}
    return {name: (source.tags if source else ()) or (UNTAGGED,) for name, source in sources.items()}


def _lines(office: Office, shown: Sequence[UnreadUpdate]) -> list[MorningLine]:
    updates = office.browser.updates([one.update for one in shown], changes=log.CHANGES_AT_ONCE)
    names = office.names
    stories = [(one, story(update, names)) for one, update in zip(shown, updates, strict=True)]
    return [MorningLine(one, told, *_verdict(told)) for one, told in stories]


def _verdict(one: Story) -> tuple[str, str]:
    """How an update stands, as a sign and its word."""
    stated = one.lead.stated if one.lead else None
    if one.held:
        return "hold", "held"
    if stated is not None and stated.verdict not in (*FAIR, "no_baseline"):
        return "off", "does not agree"
    if stated is not None and stated.verdict in FAIR:
        return "ok", "as stated"
    return ("warn", "look") if any(check.result == "warn" for check in one.notes) else ("none", "not stated")


def _beside(request: Request, office: Office, name: str) -> ChosenUpdate:
    """An update whole, and the text of its leading change where there is one."""
    placed = Placed(0, office.browser.update(name, changes=log.CHANGES_AT_ONCE))
    card = log.card(office, placed, names=office.names)
    if card.one.lead is None:
        return ChosenUpdate(card, None)
    proof = office.browser.proof(name, card.one.lead.series, card.one.lead.as_of)
    return ChosenUpdate(card, side(office, reading_shot(office, proof), rows=session_of(request) is not None))


@router.get("/beside/{source}/{number}")
def beside(request: Request, office: Asked, name: UpdateName) -> HTMLResponse:
    """The chosen update, for our own script to put beside the list."""
    return part(office.names, "beside.html", beside=_beside(request, office, name))


class DoneAnswer(NamedTuple):
    """Which updates a person has done with, or not after all, and where in the list to go on."""

    updates: tuple[str, ...]
    done: bool
    to: str


def done_answer(
    update: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
    undo: Annotated[bool, Form()] = False,
    to: Annotated[str, Form(max_length=2000)] = "/",
) -> DoneAnswer:
    """The fields of the form."""
    return DoneAnswer(tuple(update[:1000]), not undo, to)


@router.post("/done")
def done(
    request: Request, office: Asked, who: Own, answer: Annotated[DoneAnswer, Depends(done_answer)]
) -> Response:  # fmt: skip
    """Keep that whoever is logged in has done with updates, or has not after all."""
    known = office.browser.places(answer.updates)
    office.store.mark_done(who.user, known, done=answer.done)
    if request.headers.get("accept") == "application/json":
        return Response(status_code=204)
    undone = urlencode([("undone", name) for name in known] if answer.done else [])
    to = own_path(answer.to)
    return RedirectResponse(f"{to}{'&' if '?' in to else '?'}{undone}" if undone else to, 303)


def _undone(request: Request, office: Office) -> list[str]:
    """The updates that were just done with, by an address: they may be taken back."""
    try:
        return list(office.browser.places(request.query_params.getlist("undone")[:1000]))
    except UsageError:
        return []
