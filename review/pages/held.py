"""What is held: the machine's value beside an editable one, the reason, the text; accept, correct, reject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from extractors.tables.by_hand import is_plain, plain, typed_number
from model import Change, CheckResult, Day, Figure, Update, UsageError, parse_day, read_content
from publish.telling import corrects_nothing, reasons
from publish.words import Phrase, change_phrase
from review.guard import Asked, Editor, MayEdit, UpdateName, session_of
from review.holds.proposals import VALUES, Spark, counting, proposals, spark
from review.holds.queue import ChangeName, HeldQuestion, Queue, questions, queue_form, queue_of
from review.holds.undoing import done_of, undoable
from review.office import Office
from review.pages.evidence import elsewhere, side
from review.people.deciding import DecisionOutcome
from review.render import log_in_here, page, question_url, update_url
from storage import Proof

AT_ONCE = 20

router = APIRouter(include_in_schema=False)

PageNumber = Annotated[int, Query(alias="page", ge=1, le=10**6)]
FormAction = Literal["accept", "reject", "correct", "same", "break"]
Choice = Literal["decide", "again", "correct", "none"]

HEDGES = {"exact": "exactly", "approximately": "about", "more_than": "more than", "less_than": "less than"}
UNDONE = ("reject", "correct")
"""What may be decided again: a new decision, beside which the old one stays."""


@router.get("/held")
def waiting(
    request: Request, office: Asked, queue: Annotated[Queue, Depends(queue_of)], page_: PageNumber = 1
) -> HTMLResponse:
    """Everything that waits for a person as questions, newest first, a page at a time."""
    every = asked(office)
    found = queue.among(every)
    shown = found[AT_ONCE * (page_ - 1) : AT_ONCE * page_]
    return page(
        request, "held.html", rows=[_row(office, one) for one in _first_changes(office, shown)], total=_values(every),
        matching=_values(found), questions=len(found), queue=queue, at=page_, begins=AT_ONCE * (page_ - 1),
        older=page_ + 1 if len(found) > AT_ONCE * page_ else None, recent=office.browser.decisions(limit=10),
        by_source=Counter(one.source for one in every), by_check=Counter(one.check for one in every),
        done=done_of(request, office), proposed=len(office.deciding.waiting()),
    )  # fmt: skip


@router.get("/held/first")
def first(office: Asked, queue: Annotated[Queue, Depends(queue_of)]) -> Response:
    """On to the newest question of a queue; each answer then leads to the next."""
    found = queue.among(asked(office))
    return RedirectResponse(question_url(found[0], queue) if found else "/held", 303)


def asked(office: Office) -> list[HeldQuestion]:
    """Every question that waits, newest first."""
    return questions(*office.browser.open_holds())


def _values(found: Sequence[HeldQuestion]) -> int:
    return sum(len(one.cells) for one in found)


class QuestionRow(NamedTuple):
    """A question as the list shows it: its newest value, how it is told, and the line of the last values."""

    question: HeldQuestion
    update: Update
    change: Change
    spans: Phrase
    spark: Spark | None


def _first_changes(office: Office, found: Sequence[HeldQuestion]) -> list[tuple[HeldQuestion, Update, Change]]:
    """Each question with its newest value whole."""
    places = [(one.cells[-1].update, one.cells[-1].series, one.cells[-1].as_of) for one in found]
    read = {
        (update.update, change.series, change.as_of): (update, change) for update, change in changes_at(office, places)
    }
    return [(one, *read[place]) for one, place in zip(found, places, strict=True) if place in read]


def changes_at(office: Office, places: Sequence[tuple[str, str, Day]]) -> list[tuple[Update, Change]]:
    """Changes by their places, each with its update."""
    return office.browser.held_changes(places) if places else []


def _row(office: Office, found: tuple[HeldQuestion, Update, Change]) -> QuestionRow:
    question, update, change = found
    line = spark(_known(office, change), change.new.value if change.new else None)
    return QuestionRow(question, update, change, change_phrase(change), line)


def _known(office: Office, change: Change) -> list[tuple[Day, Decimal]]:
    """The last values of a series before a change."""
    return counting(office.browser.window(change.series, before=change.as_of, limit=2 * VALUES), change.as_of)


@router.get("/held/{source}/{number}")
def one_held(request: Request, office: Asked, name: UpdateName, series: str, as_of: str) -> HTMLResponse:
    """One value to decide on: held, or one that counts and is to be corrected."""
    return _asked(request, office, ChangeName(name, series, parse_day(as_of)))


def _asked(request: Request, office: Office, name: ChangeName, **typed: Any) -> HTMLResponse:
    """The page of one value, with what was typed on it and what is wrong about that."""
    draft = {one: request.query_params.get(one, "")[:2000] for one in ("why", "value", "proposed")} | {
        "hedge_": request.query_params.get("hedge", "")
    }
    shown: dict[str, Any] = {"wrong": ""} | draft | typed
    proof = office.browser.proof(*name)
    change, rows, source = proof.change, session_of(request) is not None, proof.update.source
    known = _known(office, change)
    question = next((one for one in asked(office) if name in one.cells_named()), None) if change.held else None
    return page(
        request, "decide.html", status=400 if shown["wrong"] else 200,
        proof=proof, change=change, label=office.label(name.series), phrase=change_phrase(change),
        reasons=_reasons(proof, question), question=question, done=done_of(request, office),
        spark=spark(known, change.new.value if change.new else None), proposals=proposals(change, known),
        elsewhere=elsewhere(office, name.series, name.as_of),
        passed=[one for one in proof.update.checks if one.result == "pass"],
        choice=choice(proof), steps=_is_step(proof), counts=_counts(proof), hedges=HEDGES,
        new=side(office, proof.new, rows=rows), old=side(office, proof.old, rows=rows),
        next_said=_next_said(office, proof.change), renamed=any("rename" in one.name for one in proof.update.checks),
        waits=office.deciding.waiting_on(*name),
        decisions=office.browser.decisions(source), definition=office.source(source),
        queue=queue_of(request), **shown,
    )  # fmt: skip


def _reasons(proof: Proof, question: HeldQuestion | None) -> list[CheckResult]:
    """What a value is held for; where its update does not tell it of this value, the finding that it waits for."""
    own = reasons(proof.update, proof.change)
    if own or question is None or not question.message:
        return own
    return [CheckResult(name=question.check, result="hold", message=question.message)]


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


class Typed(NamedTuple):
    """What a form says that shall count."""

    value: str
    hedge: str
    proposed: str


def typed_of(
    value: Annotated[str, Form(max_length=100)] = "",
    hedge: Annotated[Literal["", "exact", "approximately", "more_than", "less_than"], Form()] = "",
    proposed: Annotated[str, Form(max_length=100)] = "",
) -> Typed:
    """The fields of the form that say what shall count."""
    return Typed(value, hedge, proposed)


class Answer(NamedTuple):
    """What a person says of a value: what to do with it, and why; for a correction, what counts instead."""

    action: FormAction
    why: str
    typed: Typed
    queue: Queue

    @property
    def given(self) -> str:
        """The number that shall count: one that was proposed and chosen, else the one that was typed."""
        return self.typed.proposed or self.typed.value

    @property
    def draft(self) -> dict[str, str]:
        """What was filled in, as an address carries it."""
        return {"why": self.why, **self.typed._asdict(), **self.queue._asdict()}


def _named(
    update: UpdateName,
    series: Annotated[str, Form(max_length=2000)],
    as_of: Annotated[str, Form(max_length=40)],
) -> ChangeName:
    return ChangeName(update, series, parse_day(as_of))


def _answer(
    action: Annotated[FormAction, Form()],
    typed: Annotated[Typed, Depends(typed_of)],
    queue: Annotated[Queue, Depends(queue_form)],
    why: Annotated[str, Form(max_length=2000)] = "",
) -> Answer:
    return Answer(action, why, typed, queue)


@router.post("/held/{source}/{number}/decide")
def decide(
    request: Request,
    office: Asked,
    who: MayEdit,
    name: Annotated[ChangeName, Depends(_named)],
    answer: Annotated[Answer, Depends(_answer)],
) -> Response:
    """Record a decision: an update of its own, with who decided and why."""
    if who is None:
        place = {"series": name.series, "as_of": name.as_of}
        return log_in_here(request, f"/held/{name.update}?{urlencode(place | answer.draft)}")
    refuse_no_reason(answer.why, answer.given, name.series)
    said: dict[str, Any] = {}
    if answer.action == "correct":
        value, wrong = _read_typed(office, name, answer.given)
        if wrong:
            return _asked(request, office, name, wrong=wrong, why=answer.why, value=value, hedge_=answer.typed.hedge)
        said = {"value": value, "qualifier": answer.typed.hedge or None}
        _refuse_what_was_read(office, name, **said)
    before = next((one for one in asked(office) if name in one.cells_named()), None)
    source = name.update.rpartition("/")[0]
    with office.writing(source):
        made = office.deciding.decide(
            name.update,
            answer.action,
            who=who.user,
            why=answer.why.strip(),
            series=name.series,
            as_of=name.as_of,
            **said,
        )
    office.forget()
    return RedirectResponse(onward(office, answer.queue, before, made), 303)


def refuse_no_reason(why: str, *typed: str) -> None:
    """Raise `UsageError` for an answer without a reason, or with a character that no text holds."""
    if "\0" in "".join((why, *typed)):
        raise UsageError("a decision holds no such character", "write it plainly")
    if not why.strip():
        raise UsageError("a decision needs its reason", "say why; readers see it beside the value")


def _refuse_what_was_read(office: Office, name: ChangeName, value: str, qualifier: str | None) -> None:
    if corrects_nothing(office.browser.proof(*name).change, value, qualifier):
        raise UsageError(
            f"{value} is what was read: nothing would be corrected", "write another value, or accept this one"
        )


def onward(office: Office, queue: Queue, before: HeldQuestion | None, outcome: DecisionOutcome) -> str:
    """Where to go after a decision: to the next question of the queue, else to what was decided or proposed."""
    if outcome.proposal:
        return f"/proposals?made={outcome.proposal}"
    made = outcome.update
    left = queue.among(asked(office))
    if not left and queue.of_since:  # what is new was gone through: back to the rest of it
        return f"/?{urlencode({'done': made})}"
    if before is None or not left:
        return f"{update_url(made)}?decided=1"
    later = [one for one in left if (one.known_at, one.source, one.key) < (before.known_at, before.source, before.key)]
    return question_url((later or left)[0], queue, done=made)


@router.post("/held/undo")
def undo(office: Asked, who: Editor, update: Annotated[str, Form(max_length=300)]) -> Response:
    """Take a decision back by one that lets count what it put aside; both stay in the record."""
    source = update.rpartition("/")[0]
    made = DecisionOutcome()
    for one in undoable(office, update):
        with office.writing(source):
            made = office.deciding.decide(
                one.target, one.action, who=who.user, why=f"{update} undone", series=one.series,
                as_of=one.as_of, value=one.value, qualifier=None,
            )  # fmt: skip
    office.forget()
    if made == DecisionOutcome():
        raise UsageError("this decision cannot be undone", "correct the value that counts now instead")
    return RedirectResponse(onward(office, Queue(), None, made), 303)
