"""What did we print? A text, and what became of each of its figures."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, NamedTuple

import msgspec
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from model import Day, TallybookError, UsageError, now, parse_day, public_url
from publish.finding.find import proof_address
from publish.printing.printed import PrintedDesk, PrintedNumber, PrintedText
from publish.printing.text import PRINTED, SINCE, printed_sign
from review.guard import Asked, Editor
from review.office import Office
from review.render import page, told_error
from storage.printed.book import PrintArticle, PrintFinding

LONGEST = 6000
"""A text has so many signs at most here; the command takes longer ones."""

FINDINGS = 60

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
    return _page(request, office, asked)


def _page(request: Request, office: Office, asked: PrintedQuestion, wrong: str = "", status: int = 200) -> HTMLResponse:
    told, found = "", None
    try:
        found = checked_text(office, asked) if asked.text else None
    except UsageError as error:
        told = told_error(error)
    return page(
        request, "printed.html", status=status, question=asked, told=told, found=found,
        parts=_parts(asked.text, found), longest=LONGEST, verdicts=PRINTED, since=SINCE, sign=printed_sign,
        articles=office.printed.articles(), findings=registered(office).findings, shown=shown_address, wrong=wrong,
        proof_address=proof_address,
    )  # fmt: skip


class PrintRegistered(msgspec.Struct, frozen=True, kw_only=True):
    """The register of printed articles, and what in them is true no longer."""

    articles: tuple[PrintArticle, ...]
    findings: tuple[PrintFinding, ...]


def registered(office: Office) -> PrintRegistered:
    """The register as everybody may see it: of files their names alone."""
    articles = (msgspec.structs.replace(one, address=shown_address(one.address)) for one in office.printed.articles())
    findings = office.printed.findings(FINDINGS)
    shown = (msgspec.structs.replace(one, address=shown_address(one.address)) for one in findings)
    return PrintRegistered(articles=tuple(articles), findings=tuple(shown))


def shown_address(address: str) -> str:
    """An article's address without passwords; of a file its name."""
    return public_url(address) if "://" in address else PurePath(address).name


@router.post("/printed/add")
def add_article(
    request: Request, office: Asked, who: Editor, address: Annotated[str, Form(max_length=2000)],
    on: Annotated[str, Form(max_length=10)] = "",
) -> Response:  # fmt: skip
    """Register an article by its address on the web; files are registered with the command."""
    try:
        if not address.startswith(("http://", "https://")):
            raise UsageError("an article is registered here by its address on the web", "files: tallybook watch add")
        office.printed.add(address, on=on)
    except TallybookError as error:
        return _page(request, office, PrintedQuestion("", "", ""), str(error), 400)
    office.acts.note(who.user, "watch_article", address, f"registered the article {address}")
    return RedirectResponse("/printed#watched", 303)


@router.post("/printed/remove")
def remove_article(office: Asked, who: Editor, address: Annotated[str, Form(max_length=2000)]) -> Response:
    """Take an article out of the register."""
    office.printed.remove(address)
    office.acts.note(who.user, "unwatch_article", address, f"took the article {address} out of the register")
    return RedirectResponse("/printed#watched", 303)


def _parts(text: str, found: PrintedText | None) -> list[tuple[str, PrintedNumber | None]]:
    """The text in parts: what stands between its figures, and each figure."""
    parts: list[tuple[str, PrintedNumber | None]] = []
    at = 0
    for one in found.numbers if found else ():
        if one.start >= at:
            parts += [(text[at : one.start], None), (text[one.start : one.end], one)]
            at = one.end
    return [*parts, (text[at:], None)] if found else []
