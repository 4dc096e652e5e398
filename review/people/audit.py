"""Who did what: decisions and redactions from the ledger, all else from the book of acts; filtered, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from model import Instant
from publish.numbers import count_of
from publish.safe import safe
from review.guard import Asked, Overseer
from review.office import Office
from review.people.acts import Act
from review.render import DECIDED_WORDS, page, update_url
from storage import Deed

AT_ONCE, MOST = 50, 20_000

ACTS = {
    "add_user": "user added", "give_role": "role given", "remove_user": "user removed",
    "refresh": "refreshed by hand", "look": "page looked at", "chosen": "page followed", "enable": "source enabled",
    "propose": "decision proposed", "confirm": "proposal confirmed", "refuse": "proposal refused",
    "withdraw": "proposal withdrawn", "backup": "backup", "redact": "text redacted",
}  # fmt: skip

router = APIRouter(include_in_schema=False)


class AuditLine(NamedTuple):
    """One thing that was done, as the page lists it; `link` leads to what came of it."""

    at: Instant
    who: str
    act: str
    about: str
    told: str
    link: str


class AuditFilter(NamedTuple):
    """Whose acts, of which kind, and which page of them."""

    who: str = ""
    act: str = ""
    page: int = 1

    @property
    def query(self) -> str:
        """Whose and which, as an address carries it."""
        return urlencode({name: one for name, one in (("who", self.who), ("act", self.act)) if one})


def audit_filter(
    who: Annotated[str, Query(max_length=200)] = "", act: Annotated[str, Query(max_length=200)] = "",
    at: Annotated[int, Query(alias="page", ge=1, le=MOST // AT_ONCE)] = 1,
) -> AuditFilter:  # fmt: skip
    """The filter that an address names."""
    return AuditFilter(who.strip(), act.strip(), at)


@router.get("/audit")
def audit(
    request: Request, office: Asked, _who: Overseer, wanted: Annotated[AuditFilter, Depends(audit_filter)],
    form: Literal["html", "csv"] = "html",
) -> Response:  # fmt: skip
    """What people did, newest first."""
    if form == "csv":
        return _csv(_lines(office, wanted, MOST))
    at = wanted.page
    lines = _lines(office, wanted, at * AT_ONCE + 1)
    shown = lines[AT_ONCE * (at - 1) : AT_ONCE * at]
    return page(
        request, "audit.html", lines=shown, wanted=wanted, at=at, older=len(lines) > AT_ONCE * at,
        acts=ACTS | DECIDED_WORDS, query=wanted.query,
    )  # fmt: skip


def _lines(office: Office, wanted: AuditFilter, most: int) -> list[AuditLine]:
    """The newest lines of both books that fit."""
    looked = MOST if wanted.who or wanted.act else most
    deeds = [_of_deed(one) for one in office.browser.deeds(limit=looked)]
    acts = [_of_act(one) for one in office.acts.newest(wanted.who, wanted.act, limit=most)]
    fitting = [one for one in deeds if wanted.who in ("", one.who) and wanted.act in ("", one.act)]
    return sorted((*fitting, *acts), key=lambda one: one.at, reverse=True)[:most]


def _of_deed(one: Deed) -> AuditLine:
    of = f"{one.series}, " if one.values == 1 else f"{count_of(one.values, 'value')}, " if one.values else ""
    return AuditLine(one.at, one.who, one.action, one.update, f"{of}{one.why}", update_url(one.update))


def _of_act(one: Act) -> AuditLine:
    link = one.about if one.about.startswith("/sources/") and one.about.count("/") == 2 else ""
    return AuditLine(one.at, one.who, one.act, one.about, one.told, link)


def _csv(lines: Sequence[AuditLine]) -> Response:
    made = io.StringIO()
    table = csv.writer(made)
    table.writerow(("at", "who", "act", "about", "told"))
    table.writerows([safe(str(cell), "csv") for cell in line[:5]] for line in lines)
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return Response(made.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
