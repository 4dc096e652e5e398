"""What is held: the machine's value beside an editable one, the reason, the text; accept, correct, reject."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from extractors.tables.by_hand import is_plain, plain, typed_number
from model import Change, Day, Figure, UsageError, parse_day, read_content
from publish.telling import corrects_nothing, reasons
from publish.words import change_phrase
from review.guard import Asked, Editor, UpdateName, session_of
from review.office import Office
from review.pages.evidence import side
from review.render import page, update_url
from storage import Proof

AT_ONCE = 50

router = APIRouter(include_in_schema=False)

PageNumber = Annotated[int, Query(alias="page", ge=1, le=10**6)]
FormAction = Literal["accept", "reject", "correct", "same", "break"]
Choice = Literal["decide", "again", "correct", "none"]

HEDGES = {"exact": "exactly", "approximately": "about", "more_than": "more than", "less_than": "less than"}
UNDONE = ("reject", "correct")
"""What may be decided again: a new decision, beside which the old one stays."""


@router.get("/held")
def waiting(request: Request, office: Asked, page_: PageNumber = 1) -> HTMLResponse:
    """Everything that waits for a person, newest first, a page at a time."""
    total = office.browser.waiting()
    until = max(0, total - AT_ONCE * (page_ - 1))
    first = max(0, until - AT_ONCE)
    found = office.browser.held_page(until - first, offset=first) if until else []
    held = [(update, change) for update in found for change in update.changes][::-1]
    rows = [(update, change, change_phrase(change), reasons(update, change)) for update, change in held]
    older = page_ + 1 if first else None
    recent = office.browser.decisions(limit=10)
    return page(
        request, "held.html", rows=rows, total=total, recent=recent, shown=(first, until), at=page_, older=older
    )


class ChangeName(NamedTuple):
    """One change by the update that holds it, its series and its as-of."""

    update: str
    series: str
    as_of: Day


@router.get("/held/{source}/{number}")
def one_held(request: Request, office: Asked, name: UpdateName, series: str, as_of: str) -> HTMLResponse:
    """One value to decide on: held, or one that counts and is to be corrected."""
    return _asked(request, office, ChangeName(name, series, parse_day(as_of)))


def _asked(request: Request, office: Office, name: ChangeName, **typed: Any) -> HTMLResponse:
    """The page of one value, with what was typed on it and what is wrong about that."""
    shown: dict[str, Any] = {"wrong": "", "why": "", "value": ""} | typed
    proof = office.browser.proof(*name)
    change, rows, source = proof.change, session_of(request) is not None, proof.update.source
    return page(
        request, "decide.html", status=400 if shown["wrong"] else 200,
        proof=proof, change=change, label=office.label(name.series), phrase=change_phrase(change),
        reasons=reasons(proof.update, change), passed=[one for one in proof.update.checks if one.result == "pass"],
        choice=choice(proof), steps=_is_step(proof), counts=_counts(proof), hedges=HEDGES,
        new=side(office, proof.new, rows=rows), old=side(office, proof.old, rows=rows),
        next_said=_next_said(office, proof.change), renamed=any("rename" in one.name for one in proof.update.checks),
        decisions=office.browser.decisions(source), definition=office.source(source), **shown,
    )  # fmt: skip


def choice(proof: Proof) -> Choice:
    """What may still be decided on a value: it waits, may be decided again, may be corrected, or is past that."""
    change, counts = proof.change, proof.counts
    mine = counts is not None and counts.update == proof.update.update
    if not change.held:
        return "correct" if mine else "none"
    if proof.settled_by is None:
        return "decide"
    undone = change.ended is None and change.decision is not None and change.decision.action in UNDONE
    said_since = counts is not None and _number(counts.update) > _number(proof.settled_by)
    return "again" if undone and not said_since else "none"


def _is_step(proof: Proof) -> bool:
    """Whether a value is held for how far it lies from the one before: it may be the first of a new count."""
    held = reasons(proof.update, proof.change) if proof.change.held else []
    return proof.change.old is not None and any(one.name in ("fall", "jump") for one in held)


def _number(update: str) -> int:
    return int(update.rpartition("/")[2])


def _counts(proof: Proof) -> Figure | None:
    """What counts there now; None where nothing does."""
    if proof.counts is None or not proof.counts.content:
        return None
    shown = proof.change.new or proof.change.old
    found = read_content(proof.counts.content)
    return Figure(**msgspec.structs.asdict(found), unit=shown.unit if shown else "other")


def _next_said(office: Office, change: Change) -> list[tuple[str, Day, str]]:
    """What the same source said of the same day, and of the next days."""
    versions = office.browser.window(change.series, since=change.as_of, limit=20)
    found = [(one.update, one.as_of, str(one.value)) for one in versions if one.value is not None]
    return [one for one in found if not (one[1] == change.as_of and change.new and one[2] == str(change.new.value))][:3]


def _read_typed(office: Office, name: ChangeName, value: str) -> tuple[str, str]:
    """A typed number in plain digits, and what is wrong, or is to be seen before it counts; "" where it was plain."""
    definition = office.source(name.update.rpartition("/")[0])
    try:
        read = plain(typed_number(value, definition.language if definition else None))
    except UsageError as error:
        return value, str(error)
    return read, "" if is_plain(value) else f"{value} is read as {read}. If that is meant, correct once more."


class Answer(NamedTuple):
    """What a person says of a value: what to do with it, and why; for a correction, what counts instead."""

    action: FormAction
    why: str
    value: str
    hedge: str


def _named(
    update: UpdateName,
    series: Annotated[str, Form(max_length=2000)],
    as_of: Annotated[str, Form(max_length=40)],
) -> ChangeName:
    return ChangeName(update, series, parse_day(as_of))


def _answer(
    action: Annotated[FormAction, Form()],
    why: Annotated[str, Form(max_length=2000)] = "",
    value: Annotated[str, Form(max_length=100)] = "",
    hedge: Annotated[Literal["", "exact", "approximately", "more_than", "less_than"], Form()] = "",
) -> Answer:
    return Answer(action, why, value, hedge)


@router.post("/held/{source}/{number}/decide")
def decide(
    request: Request,
    office: Asked,
    who: Editor,
    name: Annotated[ChangeName, Depends(_named)],
    answer: Annotated[Answer, Depends(_answer)],
) -> Response:
    """Record a decision: an update of its own, with who decided and why."""
    if "\0" in f"{answer.why}{answer.value}{name.series}":
        raise UsageError("a decision holds no such character", "write it plainly")
    if not answer.why.strip():
        raise UsageError("a decision needs its reason", "say why; readers see it beside the value")
    said: dict[str, Any] = {}
    if answer.action == "correct":
        value, wrong = _read_typed(office, name, answer.value)
        if wrong:
            return _asked(request, office, name, wrong=wrong, why=answer.why, value=value)
        said = {"value": value, "qualifier": answer.hedge or None}
        _refuse_what_was_read(office, name, **said)
    source = name.update.rpartition("/")[0]
    with office.writing(source):
        made = office.ledger.decide(
            source,
            name.update,
            answer.action,
            who=who.user,
            why=answer.why.strip(),
            series=name.series,
            as_of=name.as_of,
            **said,
        )
    office.forget()
    return RedirectResponse(f"{update_url(made)}?decided=1", 303)


def _refuse_what_was_read(office: Office, name: ChangeName, value: str, qualifier: str | None) -> None:
    if corrects_nothing(office.browser.proof(*name).change, value, qualifier):
        raise UsageError(
            f"{value} is what was read: nothing would be corrected", "write another value, or accept this one"
        )
