"""What is held: the machine's value beside an editable one, the reason, the text; accept, correct, reject."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from extractors.tables.by_hand import is_plain, plain, typed_number
from model import Change, CheckResult, Day, Figure, Update, UsageError, parse_day, read_content
from publish.telling import corrects_nothing
from publish.words import change_phrase
from review.guard import Asked, Editor, UpdateNumber, session_of
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


def reasons(update: Update, change: Change) -> list[CheckResult]:
    """The checks that hold a change, or its whole update."""
    return [
        check
        for check in update.checks
        if check.result == "hold"
        and (check.series is None or (check.series == change.series and check.as_of in (None, change.as_of)))
    ]


@router.get("/held")
def waiting(
    request: Request, office: Asked, page_: Annotated[int, Query(alias="page", ge=1, le=10**6)] = 1
) -> HTMLResponse:
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


@router.get("/held/{source}/{number}")
def one_held(
    request: Request, office: Asked, source: str, number: UpdateNumber, series: str, as_of: str
) -> HTMLResponse:
    """One value to decide on: held, or one that counts and is to be corrected."""
    return _asked(request, office, f"{source}/{number}", series, as_of)


def _asked(request: Request, office: Office, update: str, series: str, as_of: str, **typed: Any) -> HTMLResponse:
    """The page of one value, with what was typed on it and what is wrong about that."""
    source = update.rpartition("/")[0]
    shown: dict[str, Any] = {"wrong": "", "why": "", "value": ""} | typed
    proof = office.browser.proof(update, series, parse_day(as_of))
    change, rows = proof.change, session_of(request) is not None
    return page(
        request, "decide.html", status=400 if shown["wrong"] else 200,
        proof=proof, change=change, label=office.label(series), phrase=change_phrase(change),
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


def _read_typed(office: Office, source: str, value: str) -> tuple[str, str]:
    """A typed number in plain digits, and what is wrong, or is to be seen before it counts; "" where it was plain."""
    definition = office.source(source)
    try:
        read = plain(typed_number(value, definition.language if definition else None))
    except UsageError as error:
        return value, str(error)
    return read, "" if is_plain(value) else f"{value} is read as {read}. If that is meant, correct once more."


@router.post("/held/{source}/{number}/decide")
def decide(
    request: Request,
    office: Asked,
    who: Editor,
    source: str,
    number: UpdateNumber,
    series: Annotated[str, Form(max_length=2000)],
    as_of: Annotated[str, Form(max_length=40)],
    action: Annotated[FormAction, Form()],
    why: Annotated[str, Form(max_length=2000)] = "",
    value: Annotated[str, Form(max_length=100)] = "",
    hedge: Annotated[Literal["", "exact", "approximately", "more_than", "less_than"], Form()] = "",
) -> Response:
    """Record a decision: an update of its own, with who decided and why."""
    if "\0" in f"{why}{value}{series}":
        raise UsageError("a decision holds no such character", "write it plainly")
    if not why.strip():
        raise UsageError("a decision needs its reason", "say why; readers see it beside the value")
    update, day = f"{source}/{number}", parse_day(as_of)
    if action == "correct":
        value, wrong = _read_typed(office, source, value)
        if wrong:
            return _asked(request, office, update, series, as_of, wrong=wrong, why=why, value=value)
    change = office.browser.proof(update, series, day).change if action == "correct" else None
    if change is not None and corrects_nothing(change, value, hedge or None):
        raise UsageError(
            f"{value} is what was read: nothing would be corrected", "write another value, or accept this one"
        )
    with office.writing(source):
        made = office.ledger.decide(
            source, update, action, who=who.user, why=why.strip(), series=series, as_of=day,
            value=value if action == "correct" else None, qualifier=hedge or None if action == "correct" else None,
        )  # fmt: skip
    office.forget()
    return RedirectResponse(f"{update_url(made)}?decided=1", 303)
