"""Rules that people are told by: which there are, a rehearsal of one before it is saved, and what was told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, get_args

import msgspec
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from model import UsageError, When
from review.guard import Asked, Editor, Overseer
from review.office import Office
from review.render import page, told_error

SHOWN, TOLD = 60, 40

router = APIRouter(include_in_schema=False)


class TypedRule(msgspec.Struct, frozen=True):
    """A rule as it is typed into the form; empty fields say nothing."""

    id: str = ""
    when: str = ""
    by: str = ""
    per: str = ""
    marks: str = ""
    every: str = ""
    days: str = ""
    least: str = ""
    source: str = ""
    series: str = ""
    measure: str = ""
    to: str = ""

    def limits(self) -> dict[str, Any]:
        """What is said, as a rule takes it. Raises `UsageError` for days that are no number."""
        said: dict[str, Any] = {key: text for key, text in msgspec.structs.asdict(self).items() if text}
        if "marks" in said:
            said["at"] = tuple(said.pop("marks").split())
        if "to" in said:
            said["to"] = tuple(said["to"].replace(",", " ").split())
        if "days" in said:
            if not self.days.isdecimal():
                raise UsageError(f"days: {self.days!r} is no number of days")
            said["days"] = int(self.days)
        return said


def asked_rule(request: Request) -> TypedRule:
    """The rule that an address asks to rehearse."""
    return _typed(dict(request.query_params))


async def sent_rule(request: Request) -> TypedRule:
    """The rule that a form sends."""
    form = await request.form()
    return _typed({key: value for key, value in form.items() if isinstance(value, str)})


def _typed(given: dict[str, str]) -> TypedRule:
    names = TypedRule.__struct_fields__
    return TypedRule(**{name: given[name].strip()[:200] for name in names if name in given})


@router.get("/rules")
def rules(
    request: Request, office: Asked, _who: Overseer, typed: Annotated[TypedRule, Depends(asked_rule)]
) -> HTMLResponse:
    """Every rule, the form for one more, and on which days it would have told."""
    return _page(request, office, typed)


def _page(request: Request, office: Office, typed: TypedRule, wrong: str = "") -> HTMLResponse:
    bench, rehearsed = office.rules, None
    found: Sequence[tuple[str, str, str, str]] = ()
    try:
        found = bench.every()
        rehearsed = bench.rehearse(typed.limits()) if typed.when and not wrong else None
    except UsageError as error:
        wrong = told_error(error)
    return page(
        request, "rules.html", status=400 if wrong else 200, typed=typed, wrong=wrong, rules=found, shown=SHOWN,
        rehearsed=rehearsed, days=len({day for day, _, _ in rehearsed or ()}), kinds=get_args(When),
        told=bench.told(TOLD), sources=office.browser.sources(),
    )  # fmt: skip


@router.post("/rules")
def save(request: Request, office: Asked, who: Editor, typed: Annotated[TypedRule, Depends(sent_rule)]) -> Response:
    """Save a rule that was rehearsed."""
    try:
        office.rules.save(typed.limits())
    except UsageError as error:
        return _page(request, office, typed, told_error(error))
    office.acts.note(who.user, "save_rule", typed.id, f"saved the rule {typed.id}")
    return RedirectResponse("/rules", 303)


@router.post("/rules/remove")
def remove(office: Asked, who: Editor, name: Annotated[str, Form(max_length=200)]) -> Response:
    """Take a rule away; one that ships is switched off."""
    office.rules.remove(name)
    office.acts.note(who.user, "remove_rule", name, f"removed the rule {name}")
    return RedirectResponse("/rules", 303)
