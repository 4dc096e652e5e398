"""Notes of editors on series and days: written on the page of a series, and taken back there."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse, Response

from model import MarkerKind, parse_day
from publish.noting.markers import GRADES, KINDS
from review.guard import Asked, Editor
from storage.marking.book import NewMarker

router = APIRouter(include_in_schema=False)

NoteKind = Annotated[str, Form(max_length=20)]
NoteText = Annotated[str, Form(max_length=500)]
NoteDay = Annotated[str, Form(max_length=20)]


def sent_note(
    series: NoteText, text: NoteText = "", kind: NoteKind = "note", first: NoteDay = "", last: NoteDay = ""
) -> NewMarker:
    """The note that a form sends; a letter is a grade. Raises `UsageError` for what is no day."""
    days = [parse_day(one) if one.strip() else None for one in (first, last)]
    grade = next((one for one in GRADES if one == kind), None)
    plain: MarkerKind = "note"
    chosen = next((one for one in KINDS if one == kind != "grade"), plain)
    return NewMarker(series, "grade" if grade else chosen, text, days[0], days[1], grade)


@router.post("/notes")
def write(office: Asked, who: Editor, new: Annotated[NewMarker, Depends(sent_note)]) -> Response:
    """Write a note on a series."""
    office.ledger.mark(new, by=who.user)
    office.acts.note(who.user, "mark", new.about, f"noted on {new.about}: {new.text}")
    return RedirectResponse(f"/series/{quote(new.about, safe='/')}#noted", 303)


@router.post("/notes/end")
def end(
    office: Asked, who: Editor, series: NoteText, number: Annotated[int, Form(ge=1, le=2**31 - 1)], why: NoteText = ""
) -> Response:
    """Take a note back, with a reason."""
    office.ledger.unmark(number, why=why, by=who.user)
    office.acts.note(who.user, "unmark", series, f"took note {number} back: {why}")
    return RedirectResponse(f"/series/{quote(series, safe='/')}#noted", 303)
