"""Decisions that wait for a second person: what they are, who proposed them, and what another one says."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from model import UsageError
from review.guard import Asked, Editor, session_of
from review.holds.undoing import DONE
from review.office import Office
from review.people.deciding import DecisionProposal, same_person
from review.render import page, told_error

router = APIRouter(include_in_schema=False)

ProposalNumbers = Annotated[list[int], Form()]
AnswerReason = Annotated[str, Form(max_length=2000)]


@router.get("/proposals")
def proposals(request: Request, office: Asked, made: Annotated[int, Query(ge=0)] = 0) -> HTMLResponse:
    """Every decision that waits for a second person."""
    return _proposals(request, office, made=made)


def _proposals(request: Request, office: Office, *, made: int = 0, wrong: str = "") -> HTMLResponse:
    session = session_of(request)
    waiting = office.deciding.waiting()
    mine = {one.number for one in waiting if session and same_person(one.who, session.user)}
    status = 400 if wrong else 200
    return page(
        request, "proposals.html", status=status, proposed=waiting, mine=mine, made=made, wrong=wrong, actions=DONE
    )  # fmt: skip


@router.post("/proposals/confirm")
def confirm(request: Request, office: Asked, who: Editor, number: ProposalNumbers, why: AnswerReason = "") -> Response:
    """Let proposals count that another person made."""
    known = {one.number: one for one in office.deciding.waiting()}
    try:
        for one in number:
            with office.writing(_source(known.get(one))):
                office.deciding.confirm(one, who.user, why.strip())
    except UsageError as error:
        office.forget()
        return _proposals(request, office, wrong=f"Number {one}: {told_error(error)}")
    office.forget()
    return RedirectResponse("/proposals", 303)


def _source(one: DecisionProposal | None) -> str:
    return one.update.rpartition("/")[0] if one else ""


@router.post("/proposals/refuse")
def refuse(request: Request, office: Asked, who: Editor, number: ProposalNumbers, why: AnswerReason = "") -> Response:
    """Put proposals aside, each with the reason."""
    if not why.strip():
        return _proposals(request, office, wrong="Say why: whoever proposed it reads it in the audit.")
    for one in number:
        office.deciding.refuse(one, who.user, why.strip())
    return RedirectResponse("/proposals", 303)
