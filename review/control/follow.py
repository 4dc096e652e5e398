"""Following a page from the page: an address, what it offers, what would be recorded, and the source it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import ImmutableMultiDict

from extractors.suggest.offer import Offer, Way
from extractors.suggest.proposal import FollowChoice, PageProposal, PlaceInText, WayView
from model import FetchError, TallybookError, UnreadableError, UsageError
from review.guard import Asked, Editor, MayEdit, Overseer
from review.pages.excerpts import Excerpt, excerpt, is_raw
from review.render import log_in_here, page, source_url, told_error
from review.runs import Runs

SAID = ("title", "publisher", "method", "basis")
"""What a person may say of a source whose page they follow."""

COUNTS = ("measure", "unit", "kind")
LONGEST = 2000

router = APIRouter(include_in_schema=False)


class OfferRow(NamedTuple):
    """An offer to tick: its number through all ways, whether it is ticked, and what it is taken to count."""

    number: int
    offer: Offer
    ticked: bool
    counts: dict[str, str]


class WayShown(NamedTuple):
    """One way to read a page, its offers, and the page itself with them marked."""

    way: Way
    rows: list[OfferRow]
    excerpt: Excerpt | None


@router.get("/follow")
def ask(request: Request, _who: Overseer, url: str = "") -> HTMLResponse:
    """Ask for the address of a page."""
    return page(request, "follow.html", url=url[:LONGEST], wrong="", browser=False)


@router.post("/follow")
def look(
    request: Request,
    office: Asked,
    _who: Editor,
    url: Annotated[str, Form(max_length=LONGEST)] = "",
    browser: Annotated[bool, Form()] = False,
) -> Response:
    """Look at a page once, and go on to what it offers."""
    try:
        key = office.workshop.propose(url.strip(), browser=browser)
    except (FetchError, UnreadableError, UsageError) as error:
        return page(request, "follow.html", status=400, url=url, wrong=_told(error), browser=browser)
    return RedirectResponse(f"/follow/{key}", 303)


def _told(error: TallybookError) -> str:
    return told_error(UsageError(error.message, error.hint))


class FollowForm(NamedTuple):
    """The fields of the form: ticked numbers, and what was typed, by name."""

    numbers: tuple[int, ...]
    fields: dict[str, str]

    @classmethod
    def of(cls, given: ImmutableMultiDict[str, Any]) -> FollowForm:
        """The fields in an address or a body."""
        numbers = tuple(int(one) for one in given.getlist("n") if str(one).isdecimal() and len(str(one)) < 5)
        return cls(numbers, {name: str(one)[:LONGEST] for name, one in given.items() if name not in ("n", "csrf")})

    def choice(self) -> FollowChoice:
        """What they choose."""
        said = {name: self.fields.get(name, "").strip() for name in SAID}
        counts = tuple(
            {name: self.fields.get(f"{name}{number}", "").strip() for name in COUNTS} for number in self.numbers
        )
        given = self.fields.get("id", "").strip()
        often = self.fields.get("often", "daily")
        return FollowChoice(self.numbers, self.fields.get("format") or None, given, said, counts, often)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """All of it as pairs, for an address or for another form."""
        numbers = [("n", str(number)) for number in self.numbers]
        return [*numbers, *((name, one) for name, one in self.fields.items() if name != "action" and one)]


async def _form(request: Request) -> FollowForm:
    return FollowForm.of(await request.form())


@router.get("/follow/{key}")
def proposal(request: Request, office: Asked, _who: Overseer, key: str) -> HTMLResponse:
    """What a page offers, marked in it, to tick."""
    return _proposed(request, office.workshop.proposal(key), FollowForm.of(request.query_params))


def _proposed(request: Request, found: PageProposal, form: FollowForm, wrong: str = "") -> HTMLResponse:
    status = 400 if wrong else 200
    return page(
        request, "follow_choose.html", status=status, found=found, ways=_ways(found, form), form=form, wrong=wrong
    )  # fmt: skip


def _ways(found: PageProposal, form: FollowForm) -> list[WayShown]:
    shown: list[WayShown] = []
    number = 1
    for way, view in zip(found.ways, found.views, strict=True):
        rows = [_row(place, offer, form) for place, offer in enumerate(way.offers, start=number)]
        number += len(rows)
        shown.append(WayShown(way, rows, _marked(view, rows)))
    return shown


def _row(number: int, offer: Offer, form: FollowForm) -> OfferRow:
    known = offer.rule.get("match", offer.rule)
    counts = {name: form.fields.get(f"{name}{number}", known.get(name, "")) for name in COUNTS}
    return OfferRow(number, offer, number in form.numbers, counts)


def _marked(view: WayView, rows: Sequence[OfferRow]) -> Excerpt | None:
    """The page with what its offers read marked; None where nothing of it could be found again."""
    spans: list[PlaceInText] = [place for row in rows for place in view.places.get(row.offer.id, ())]
    return excerpt(view.text, sorted(spans), raw=is_raw(view.media_type)) if spans else None


@router.post("/follow/{key}")
def chosen(
    request: Request, office: Asked, who: MayEdit, key: str, form: Annotated[FollowForm, Depends(_form)]
) -> Response:  # fmt: skip
    """Try what was ticked on the page that was fetched, or make it a source."""
    if who is None:
        return log_in_here(request, f"/follow/{key}?{urlencode(form.kept)}")
    found = office.workshop.proposal(key)
    if not form.numbers:
        return _proposed(request, found, form, "Nothing is ticked: choose what to follow.")
    try:
        if form.fields.get("action") == "enable":
            made = office.workshop.enable(key, form.choice(), who=who.user)
            office.forget()
            runs: Runs = request.app.state.runs
            runs.start(made, who.user)
            return RedirectResponse(f"{source_url(made)}#refresh", 303)
        trial = office.workshop.trial(key, form.choice())
    except (UnreadableError, UsageError) as error:
        return _proposed(request, found, form, _told(error))
    back = f"/follow/{key}?{urlencode(form.kept)}"
    return page(request, "follow_tried.html", found=found, trial=trial, form=form, back=back)
