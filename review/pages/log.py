"""The diff log: newest first, a card an update, filtered, with what is unread since the last visit."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Annotated, Any, NamedTuple, cast, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from model import CHANGE_KINDS, Change, ChangeKind, Day, State, UsageError, Why, parse_day
from publish.names import SeriesNames
from publish.numbers import known_day
from publish.sentences import LANGUAGES, sentence
from publish.telling import Story, fold_phrase, runs, story
from publish.vocabulary import named, of_kind
from review.guard import Asked, Own, UpdateName, own_path, session_of
from review.holds.undoing import done
from review.office import Office, SourceStanding
from review.render import page
from review.store import Visit
from storage import Placed, UnreadUpdate, Wanted

AT_ONCE = 20
CHANGES_AT_ONCE = 50
SEEN, VISIT_SECONDS = "tallybook_seen", 1800
"""What a visitor without a login has seen is kept in their browser; a visit ends after half an hour of silence."""

ListPosition = Annotated[int, Query(ge=0, le=2**31 - 1)]

REASONS = named("reasons")
KINDS = {kind: of_kind(kind, "name") for kind in CHANGE_KINDS}

URGENT: tuple[State, ...] = ("overdue", "blocked", "failed", "held", "changed", "unchanged", "off")

router = APIRouter(include_in_schema=False)


class Card(NamedTuple):
    """One update of the log as its card shows it."""

    place: int
    one: Story
    unread: bool
    copies: tuple[tuple[str, str], ...]


def card(office: Office, placed: Placed, *, names: SeriesNames, unread: bool = False) -> Card:
    """Lay out an update: outline, and the leading change as a sentence to copy in each language."""
    one = story(placed.update, names)
    return Card(placed.place, one, unread, tuple(_copies(office, one, one.lead, names)) if one.lead else ())


def _copies(office: Office, one: Story, change: Change, names: SeriesNames) -> Iterator[tuple[str, str]]:
    """A change as a sentence to copy in each language, with who says it."""
    source = office.source(one.update.source)
    carrier = source.publisher.name if source else one.source
    for language in LANGUAGES:
        label = names.in_language(change.series, language)
        yield language, sentence(change, language, label=label, carrier=carrier, basis=one.update.basis)


def wanted_of(
    source: Annotated[str, Query(max_length=200)] = "",
    kind: Annotated[list[str], Query()] = [],  # noqa: B006 - FastAPI copies it
    why: Annotated[list[str], Query()] = [],  # noqa: B006 - FastAPI copies it
    since: Annotated[str, Query(max_length=40)] = "",
    until: Annotated[str, Query(max_length=40)] = "",
    warned: bool = False,
) -> Wanted:
    """The filter that an address asks for. Raises `UsageError` for what is no kind, reason or date."""
    for given, known in ((kind, CHANGE_KINDS), (why, get_args(Why))):
        for one in given:
            if one not in known:
                raise UsageError(f"{one!r} is no filter of the log", f"write one of {', '.join(known)}")
    return Wanted(
        source=source or None,
        kinds=cast(tuple[ChangeKind, ...], tuple(kind)),
        why=cast(tuple[Why, ...], tuple(why)),
        since=_day(since),
        until=_day(until),
        warned=warned,
    )


def _day(text: str) -> Day | None:
    return parse_day(text) if text.strip() else None


def visit_of(request: Request, office: Office) -> Visit:
    """What this visitor had seen: kept with the user who is logged in, else by their browser."""
    kept, newest, now = _kept(request, office), office.browser.newest(), int(time.time())
    if kept is None:
        return Visit(0, newest, now)
    if session_of(request) is not None:
        return Visit(kept.before if kept.before <= newest else 0, newest, now)  # time alone has read nothing
    before = kept.newest if now - kept.at > VISIT_SECONDS else kept.before
    # A ledger that was recorded anew has nothing that anybody has read.
    return Visit(before if before <= newest else 0, newest, now)


def _kept(request: Request, office: Office) -> Visit | None:
    session = session_of(request)
    if session is not None:
        return office.store.visit(session.user)
    return _of_cookie(request.cookies.get(SEEN, ""))


def _of_cookie(value: str) -> Visit | None:
    parts = value.split(".")
    sound = len(parts) == 3 and all(part.isascii() and part.isdecimal() and len(part) < 16 for part in parts)
    return Visit(*map(int, parts)) if sound else None


def _remember(answer: Response, visit: Visit) -> None:
    """Keep a visit in the browser of who is not logged in."""
    answer.set_cookie(SEEN, ".".join(map(str, visit)), max_age=400 * 86400, httponly=True, samesite="lax")


@router.get("/log")
def log(
    request: Request,
    office: Asked,
    before: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    unread: bool = False,
) -> HTMLResponse:
    """The diff log."""
    wanted = wanted_of(**_filters(request))
    visit = visit_of(request, office)
    if unread:
        wanted = Wanted(**{name: getattr(wanted, name) for name in wanted.__struct_fields__} | {"after": visit.before})
    found = office.log_of(wanted, before=before, limit=AT_ONCE + 1, changes=CHANGES_AT_ONCE)
    shown = found[:AT_ONCE]
    new, names = unread_of(request, office, visit), office.names
    cards = [card(office, one, names=names, unread=_is_new(one, visit, new)) for one in shown]
    older = _with(request, before=shown[-1].place) if len(found) > AT_ONCE else None
    answer = page(
        request, "log.html",
        days=list(_days(cards, visit, names)), wanted=wanted, unread=unread,
        visit=visit, older=older, first=before is None,
        fresh=office.browser.count_after(visit.before) if new is None else len(new),
        sources=office.browser.sources(), standings=_urgent_first(office), kinds=KINDS, reasons=REASONS,
        now_reading=visit.newest, empty=not cards,
    )  # fmt: skip
    if new is None:
        _remember(answer, visit)
    return answer


def unread_of(request: Request, office: Office, visit: Visit) -> dict[str, UnreadUpdate] | None:
    """What whoever is logged in has not done with, the most urgent first, by name; None without a login."""
    session = session_of(request)
    if session is None:
        return None
    done = office.store.done(session.user)
    return {one.update: one for one in office.browser.unread(visit.before, session.user) if one.update not in done}


def _is_new(one: Placed, visit: Visit, new: Mapping[str, UnreadUpdate] | None) -> bool:
    return one.place > visit.before if new is None else one.update.update in new


def _urgent_first(office: Office) -> list[SourceStanding]:
    return sorted(office.standings(), key=lambda one: URGENT.index(one.state))


@router.get("/seen")
def seen(request: Request, office: Asked, upto: ListPosition, to: str = "/") -> Response:
    """Take all updates up to a place as read; only what the visitor's own browser keeps changes."""
    answer = RedirectResponse(own_path(to), 303)
    if request.headers.get("sec-fetch-site", "same-origin") == "same-origin" and session_of(request) is None:
        _remember(answer, _read_to(office, upto))
    return answer


@router.post("/seen")
def seen_by(office: Asked, who: Own, upto: Annotated[int, Form(ge=0, le=2**31 - 1)]) -> Response:
    """Take all updates up to a place as read by the user who is logged in, in each of their browsers."""
    office.store.visited(who.user, _read_to(office, upto))
    return RedirectResponse("/", 303)


def _read_to(office: Office, upto: int) -> Visit:
    newest = office.browser.newest()
    return Visit(min(upto, newest), newest, int(time.time()))


@router.get("/updates/{source}/{number}")
def update(request: Request, office: Asked, name: UpdateName, changes: int = CHANGES_AT_ONCE) -> HTMLResponse:
    """One update by its permalink, with more of its changes."""
    told = office.browser.update(name, changes=max(1, min(changes, 1000)))
    return page(
        request, "update.html", card=card(office, Placed(0, told), names=office.names),
        every=told.changes, more=told.changes_total,
        decisions=office.browser.decisions(told.source) if told.cause == "review" else (),
        done=done(office, name) if told.cause == "review" else None, defined=office.browser.definition_of(name),
    )  # fmt: skip


def _filters(request: Request) -> dict[str, Any]:
    given = request.query_params
    return {
        "source": given.get("source", "")[:200],
        "kind": given.getlist("kind"),
        "why": given.getlist("why"),
        "since": given.get("since", ""),
        "until": given.get("until", ""),
        "warned": given.get("warned", "") not in ("", "0", "false"),
    }


def _with(request: Request, **changes: Any) -> str:
    given = [(name, value) for name, value in request.query_params.multi_items() if name not in changes and value]
    return f"?{urlencode([*given, *changes.items()])}"


class CardRun(NamedTuple):
    """Neighbouring cards that are told together; folded ones take one line."""

    folded: bool
    cards: tuple[Card, ...]
    line: Any


def _days(cards: list[Card], visit: Visit, names: SeriesNames) -> Iterable[tuple[str, list[CardRun], bool]]:
    """Cards by the day they became known (decisions: were made), and whether what was read before begins there."""
    parted = [list(group) for _, group in groupby(cards, key=lambda one: one.unread)]
    started = False
    for group in parted:
        for day, of_day in groupby(_card_runs(group, names), key=lambda one: _day_of(one.cards[0])):
            begins = visit.before > 0 and not group[0].unread and not started
            started = started or begins
            yield day, list(of_day), begins


def _card_runs(cards: list[Card], names: SeriesNames) -> list[CardRun]:
    by_name = {one.one.update.update: one for one in cards}
    return [
        CardRun(run.folded, tuple(by_name[one.update.update] for one in run.members), fold_phrase(run.members, names))
        for run in runs([one.one for one in cards])
    ]


def _day_of(one: Card) -> str:
    update = one.one.update
    decided = update.cause == "review"
    return f"Decided {known_day(update.recorded_at)}" if decided else f"Known {known_day(update.known_at)}"
