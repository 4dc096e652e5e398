"""What did we print? A text, and what became of each of its figures."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from model import Day, UsageError, now, parse_day
from publish.printing.printed import PrintedDesk, PrintedNumber, PrintedText
from publish.printing.text import PRINTED, SINCE, printed_sign
from review.guard import Asked
from review.office import Office
from review.render import page, told_error

LONGEST = 6000
"""A text has so many signs at most here; the command takes longer ones."""

router = APIRouter(include_in_schema=False)


class PrintedQuestion(NamedTuple):
    """A text to check, the day by which it is judged ("" for today), and its language ("" where it is found out)."""

    text: str
    on: str
    language: str


def printed_question(
    text: Annotated[str, Query(max_length=LONGEST, description="The text, as it was printed.")] = "",
    on: Annotated[str, Query(max_length=10, description="The day by which it is judged; today without.")] = "",
    language: Annotated[str, Query(max_length=8, description="Of the text; found out without.")] = "",
) -> PrintedQuestion:
    """What an address asks for."""
    return PrintedQuestion(text.strip(), on, language)


def checked_text(office: Office, asked: PrintedQuestion) -> PrintedText:
    """What became of each figure. Raises `UsageError` for what is no day."""
    day = parse_day(asked.on) if asked.on else Day(now()[:10])
    desk = PrintedDesk(office.browser, office.catalogue, office.names)
    return desk.check(asked.text, on=day, language=asked.language or None)


@router.get("/printed")
def printed(
    request: Request, office: Asked, asked: Annotated[PrintedQuestion, Depends(printed_question)]
) -> HTMLResponse:
    """The text with its figures marked, and the verdict on each; without a text, the box alone."""
    told, found = "", None
    try:
        found = checked_text(office, asked) if asked.text else None
    except UsageError as error:
        told = told_error(error)
    return page(
        request, "printed.html", question=asked, told=told, found=found, parts=_parts(asked.text, found),
        longest=LONGEST, verdicts=PRINTED, since=SINCE, sign=printed_sign,
    )  # fmt: skip


def _parts(text: str, found: PrintedText | None) -> list[tuple[str, PrintedNumber | None]]:
    """The text in parts: what stands between its figures, and each figure."""
    parts: list[tuple[str, PrintedNumber | None]] = []
    at = 0
    for one in found.numbers if found else ():
        if one.start >= at:
            parts += [(text[at : one.start], None), (text[one.start : one.end], one)]
            at = one.end
    return [*parts, (text[at:], None)] if found else []
