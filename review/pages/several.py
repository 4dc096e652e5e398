"""Several values that are held, answered at once: those of one finding, or of several that were chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from model import Day, UsageError, parse_day
from review.guard import Asked, MayEdit
from review.holds.queue import ChangeName, HeldQuestion, Queue, queue_form, queue_of
from review.holds.undoing import done_of
from review.office import Office
from review.pages.held import asked, changes_at, onward, refuse_no_reason
from review.people.deciding import DecisionOutcome
from review.render import log_in_here, page
from storage.ledger import Given

LISTED = 200
"""So many values are listed for one answer; it may be given on all of them."""

router = APIRouter(include_in_schema=False)


class SeveralAnswer(NamedTuple):
    """What a person says of several values: of which, what to do with them, why, and how many they take them to be."""

    chosen: HeldChoice
    action: Literal["accept", "reject", "same"]
    why: str
    confirmed: int


class HeldChoice(NamedTuple):
    """Which values are meant: those ticked of some questions, or all of them."""

    questions: tuple[str, ...]
    picks: tuple[str, ...]
    every: bool


def chosen_of(
    q: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
    pick: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
    every: Annotated[bool, Form()] = False,
) -> HeldChoice:
    """The fields of the form that say which values are meant."""
    return HeldChoice(tuple(q), tuple(pick), every)


def several_answer(
    action: Annotated[Literal["accept", "reject", "same"], Form()],
    chosen: Annotated[HeldChoice, Depends(chosen_of)],
    why: Annotated[str, Form(max_length=2000)] = "",
    confirm: Annotated[int, Form(ge=0)] = 0,
) -> SeveralAnswer:
    """The fields of the form for several values."""
    return SeveralAnswer(chosen, action, why, confirm)


def _chosen(picks: Sequence[str]) -> list[ChangeName]:
    """Values by the fields of a form: update, series and as-of, parted by a bar."""
    parts = [one.split("|") for one in picks]
    return [ChangeName(one[0], one[1], parse_day(one[2])) for one in parts if len(one) == 3]


class Asking(NamedTuple):
    """The questions that are answered together, which of their values are ticked, and what was typed."""

    questions: list[HeldQuestion]
    picks: list[ChangeName]
    why: str = ""
    wrong: str = ""

    @property
    def names(self) -> list[ChangeName]:
        """All values of the questions."""
        return [name for one in self.questions for name in one.cells_named()]


@router.get("/held/several")
def several(
    request: Request, office: Asked, q: Annotated[list[str], Query()] = [], why: str = ""  # noqa: B006
) -> Response:  # fmt: skip
    """Several values to decide on at once: those of chosen questions."""
    chosen = [one for one in asked(office) if one.key in q]
    if not chosen:
        return RedirectResponse("/held", 303)
    asking = Asking(chosen, [], why[:2000])
    return _several(request, office, queue_of(request), asking._replace(picks=asking.names))


def _several(request: Request, office: Office, queue: Queue, asking: Asking) -> HTMLResponse:
    every = asking.names
    cells = changes_at(office, every[:LISTED])
    renames = all(cell.renames for one in asking.questions for cell in one.cells)
    return page(
        request, "several.html", status=400 if asking.wrong else 200, chosen=asking.questions, cells=cells,
        every=len(every), picks={"|".join(one) for one in asking.picks}, why=asking.why, wrong=asking.wrong,
        queue=queue, renames=renames, done=done_of(request, office),
    )  # fmt: skip


@router.post("/held/several")
def decide_several(
    request: Request,
    office: Asked,
    who: MayEdit,
    queue: Annotated[Queue, Depends(queue_form)],
    given: Annotated[SeveralAnswer, Depends(several_answer)],
) -> Response:
    """Record one answer on several values, once their count was confirmed."""
    if who is None:
        draft = [*(("q", one) for one in given.chosen.questions), ("why", given.why), *queue._asdict().items()]
        return log_in_here(request, f"/held/several?{urlencode(draft)}")
    asking = _asking(office, given)
    refuse_no_reason(given.why)
    if asking.wrong:
        return _several(request, office, queue, asking)
    made = _decide_all(office, asking.picks, given, who.user)
    office.forget()
    return RedirectResponse(onward(office, queue, asking.questions[-1], made), 303)


def _asking(office: Office, given: SeveralAnswer) -> Asking:
    """What an answer is about, and what is wrong with it: another number of values than was confirmed."""
    asking = Asking([one for one in asked(office) if one.key in given.chosen.questions], [], given.why)
    known = asking.names
    ticked = set(_chosen(given.chosen.picks))
    picks = known if given.chosen.every else [name for name in known if name in ticked]
    wrong = "" if given.confirmed == len(picks) else f"{len(picks):,} values are chosen: confirm that number"
    return asking._replace(picks=picks, wrong=wrong if picks else "no value is chosen that still waits")


Target = tuple[str | None, Day | None]
"""What of an update is decided on: a series of it or all (None), a day or all (None)."""


def _decide_all(office: Office, picks: Sequence[ChangeName], answer: SeveralAnswer, who: str) -> DecisionOutcome:
    """Answer for whole updates, whole series of them, or single values, whichever the choice comes to.

    Returns the newest update that this made, or the newest proposal.
    """
    waiting = Counter(name for one in asked(office) for name in one.cells_named())
    made, refused = DecisionOutcome(), None
    for update, of_update in groupby(sorted(picks), key=lambda one: one.update):
        source = update.rpartition("/")[0]
        for series, as_of in _targets(list(of_update), [one for one in waiting if one.update == update]):
            said = Given(who=who, why=answer.why.strip(), series=series, as_of=as_of)
            with office.writing(source):
                try:
                    made = office.deciding.decide(update, answer.action, **said)
                except UsageError as error:  # an answer on one of them may have settled another
                    refused = error
    if made == DecisionOutcome() and refused is not None:
        raise refused
    return made


def _targets(names: list[ChangeName], waiting: list[ChangeName]) -> list[Target]:
    """An update's chosen values in as few answers as they can be given in."""
    if len(names) == len(waiting):
        return [(None, None)]
    found: list[Target] = []
    for series, of_series in groupby(names, key=lambda one: one.series):
        days = [one.as_of for one in of_series]
        whole = len(days) == sum(one.series == series for one in waiting)
        found += [(series, None)] if whole else [(series, day) for day in days]
    return found
