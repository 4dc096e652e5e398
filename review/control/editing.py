"""Changing a source: its definition with what is wrong at which line, its history, and pages that somebody saved."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from extractors.statement import HandedIn
from model import DefinitionError, MovedOnError, UnreadableError, UsageError, now, parse_day, parse_instant
from review.guard import Asked, Editor, MayEdit, Overseer
from review.office import Office
from review.render import log_in_here, page, source_url, told_error, update_url
from sources.catalogue.written import DryRun, WrittenDefinition
from storage import DefinitionVersion

LONGEST_TEXT, LONGEST_WHY = 200_000, 500
AROUND = 2
"""So many lines around one that is wrong are shown with it."""

router = APIRouter(include_in_schema=False)


class EditForm(NamedTuple):
    """What a person typed: the text, over which text, and why."""

    text: str
    over: str
    why: str
    action: str = "try"


def edit_form(
    text: Annotated[str, Form(max_length=LONGEST_TEXT)] = "",
    over: Annotated[str, Form(max_length=64)] = "",
    why: Annotated[str, Form(max_length=LONGEST_WHY)] = "",
    action: Annotated[str, Form(max_length=20)] = "try",
) -> EditForm:
    """The fields of the form."""
    return EditForm(text, over, why.strip(), action)


class WrongLine(NamedTuple):
    """A mistake in a definition: where, what, and the lines there with their numbers."""

    line: int
    key: str
    message: str
    around: list[tuple[int, str]]


class EditShown(NamedTuple):
    """What is told beside a text that is edited: its mistakes, a dry run, what somebody else wrote meanwhile."""

    wrong: Sequence[WrongLine] = ()
    run: DryRun | None = None
    message: str = ""
    diff: Sequence[DiffLine] = ()
    status: int = 200


class DiffLine(NamedTuple):
    """A line of the difference between two texts: added, taken out, or both have it."""

    sign: str
    text: str


@router.get("/sources/{source}/edit")
def edit(request: Request, office: Asked, _who: Overseer, source: str) -> HTMLResponse:
    """A definition to edit."""
    here = office.workshop.written(source)
    return _edited(request, source, here, EditForm(here.text, here.digest, ""), EditShown())


def _edited(
    request: Request, source: str, here: WrittenDefinition, form: EditForm, shown: EditShown
) -> HTMLResponse:  # fmt: skip
    return page(
        request, "edit.html", status=shown.status, source=source, written=here, form=form, shown=shown,
        rows=min(40, max(12, form.text.count("\n") + 2)),
    )  # fmt: skip


@router.post("/sources/{source}/edit")
def edited(
    request: Request,
    office: Asked,
    who: MayEdit,
    source: str,
    form: Annotated[EditForm, Depends(edit_form)],
) -> Response:
    """Try a text on the archived releases, or save it."""
    if who is None:
        return log_in_here(request, f"/sources/{source}/edit")
    here = office.workshop.written(source)
    if problems := office.workshop.problems(source, form.text):
        return _edited(request, source, here, form, EditShown(wrong=_placed(problems, form.text), status=400))
    if form.action != "save":
        return _edited(request, source, here, form, EditShown(run=office.workshop.dry_run(source, form.text)))
    if not form.why:
        wrong = "Say why: it stands in the history of the definition."
        return _edited(request, source, here, form, EditShown(message=wrong, status=400))
    try:
        with office.writing(source):
            office.workshop.save(source, form.text, form.over, who=who.user, why=form.why)
    except MovedOnError:
        theirs = office.workshop.written(source)
        told = "Somebody else changed it meanwhile; your text is below, not saved. Saving again replaces theirs."
        shown = EditShown(message=told, diff=difference(theirs.text, form.text), status=409)
        return _edited(request, source, theirs, form._replace(over=theirs.digest), shown)
    except UsageError as error:
        return _edited(request, source, here, form, EditShown(message=told_error(error), status=400))
    office.forget()
    return RedirectResponse(f"{source_url(source)}/history", 303)


def _placed(problems: Sequence[DefinitionError], text: str) -> list[WrongLine]:
    lines = text.splitlines()
    return [_wrong_line(one, lines) for one in problems[:20]]


def _wrong_line(problem: DefinitionError, lines: list[str]) -> WrongLine:
    line = problem.line or 1
    begins = max(0, line - 1 - AROUND)
    around = list(enumerate(lines[begins : line + AROUND], start=begins + 1))
    return WrongLine(line, problem.key or "", problem.message.partition(": ")[2] or problem.message, around)


def difference(old: str, new: str) -> list[DiffLine]:
    """The lines that two texts differ in, with a few around them."""
    return list(_differing(old, new))


def _differing(old: str, new: str) -> Iterator[DiffLine]:
    for line in difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=2):
        if line.startswith(("---", "+++")):
            continue
        yield DiffLine("…", "") if line.startswith("@@") else DiffLine(line[0], line[1:])


@router.get("/sources/{source}/history")
def history(request: Request, office: Asked, source: str, old: int = 0, new: int = 0) -> HTMLResponse:
    """Every text that a definition had, and the difference between two of them."""
    versions = office.browser.definitions(source)
    if not versions and office.source(source) is None:
        raise UsageError(f"there is no source {source!r}", "the page of all sources lists them")
    after = _numbered(versions, new) or (versions[0] if versions else None)
    before = _numbered(versions, old or (after.number - 1 if after else 0))
    diff = difference(before.text if before else "", after.text) if after else []
    return page(
        request, "history.html", source=source, versions=versions, before=before, after=after, diff=diff
    )  # fmt: skip


def _numbered(versions: Sequence[DefinitionVersion], number: int) -> DefinitionVersion | None:
    return next((one for one in versions if one.number == number), None)


class HandedText(NamedTuple):
    """The fields beside an uploaded file that are typed."""

    url: str
    at: str
    published: str
    figures: str
    quote: str


def handed_text(
    url: Annotated[str, Form(max_length=2000)] = "",
    at: Annotated[str, Form(max_length=40)] = "",
    published: Annotated[str, Form(max_length=20)] = "",
    figures: Annotated[str, Form(max_length=20_000)] = "",
    quote: Annotated[str, Form(max_length=2000)] = "",
) -> HandedText:
    """The fields of the form that are typed."""
    return HandedText(url.strip(), at.strip(), published.strip(), figures, quote.strip())


def handed_in(
    who: Editor, file: Annotated[UploadFile, File()], typed: Annotated[HandedText, Depends(handed_text)]
) -> HandedIn:  # fmt: skip
    """What somebody hands in. Raises `UsageError` where it is no page of an address."""
    content = file.file.read()
    if not content:
        raise UsageError("the file is empty", "choose the page that you saved")
    if urlsplit(typed.url).scheme not in ("http", "https"):
        raise UsageError("the address that the page was saved from is missing", "begin with https://")
    figures = tuple(line.strip() for line in typed.figures.splitlines() if line.strip())
    at = parse_instant(typed.at) if typed.at else now()
    day = parse_day(typed.published) if typed.published else None
    return HandedIn(content, file.filename or "page", typed.url, who.user, at, day, figures, typed.quote)


@router.post("/sources/{source}/upload")
def upload(
    request: Request, office: Asked, source: str, given: Annotated[HandedIn, Depends(handed_in)]
) -> Response:  # fmt: skip
    """Record a page that somebody saved, with the checks of any release."""
    try:
        with office.writing(source):
            done = office.workshop.by_hand(source, given)
    except UnreadableError as error:
        raise UsageError(error.message, error.hint) from None
    office.forget()
    if done.update:
        return RedirectResponse(update_url(done.update), 303)
    told = f"{source}: {done.state}" + (f". {done.message}" if done.message else "")
    return page(request, "message.html", title="The page is kept, and changes nothing", message=told)


@router.post("/sources/{source}/pause")
def pause(
    office: Asked, who: Editor, source: str, why: Annotated[str, Form(max_length=LONGEST_WHY)] = ""
) -> Response:  # fmt: skip
    """Let a source's schedule rest, with the reason."""
    pause_source(office, source, who.user, why)
    return RedirectResponse(source_url(source), 303)


def pause_source(office: Office, source: str, who: str, why: str) -> None:
    """Let a schedule rest. Raises `UsageError` without a reason."""
    if not why.strip():
        raise UsageError("a pause needs its reason", "say why; it stands beside the source")
    office.workshop.pause(source, who=who, why=" ".join(why.split()))
    office.forget()


@router.post("/sources/{source}/resume")
def resume(office: Asked, who: Editor, source: str) -> Response:
    """Let a source's schedule go on."""
    office.workshop.resume(source, who=who.user)
    office.forget()
    return RedirectResponse(source_url(source), 303)
