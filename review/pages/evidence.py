"""The proof of a change: both texts with their quotes marked, the subtraction, the digests, the page as it was."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from bs4 import BeautifulSoup
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from extractors.pdf_tables import CellPlace, place_of
from model import EXTRACTORS, ArchiveError, Change, Day, UsageError, Version, parse_day
from publish.html import kind_words
from publish.news.text import standing
from publish.numbers import day, number
from publish.printing.check import PrintDesk, PrintPlace
from publish.printing.facts import PrintCheck
from publish.printing.text import VERDICTS, lines
from publish.telling import story
from review.guard import ARCHIVED_POLICY, Asked, Someone, UpdateName, session_of
from review.office import Office
from review.pages.excerpts import Excerpt, cells_alone, excerpt, is_raw, quotes_alone
from review.pages.news import news_in
from review.render import evidence_url, page
from storage import Proof, Shot

router = APIRouter(include_in_schema=False)

_LOADS = ("script", "link", "base", "meta", "iframe", "frame", "object", "embed", "applet", "portal", "template")
_DIGEST = re.compile("[0-9a-f]{64}")
_PNG = b"\x89PNG\r\n\x1a\n"
CANDIDATES = 6


class Side(NamedTuple):
    """One release beside the other: where it came from, and its text around the quotes (None: it is gone).

    `places` are where the cells stand on their pages, where the release is a PDF of tables.
    """

    shot: Shot
    excerpt: Excerpt | None
    places: tuple[CellPlace, ...] = ()


class Candidate(NamedTuple):
    """An earlier count, and what the new value less it gives."""

    update: str
    as_of: Day
    value: Decimal
    less: Decimal
    counts: bool


def side(office: Office, shot: Shot | None, *, rows: bool) -> Side | None:
    """Read a release's text around the places that a change names; without `rows`, only what the change quotes."""
    if shot is None or shot.text_sha256 is None:
        return None
    text = office.browser.text(shot.text_sha256)
    if not text:
        return Side(shot, None)
    tabular = shot.extractor in EXTRACTORS and EXTRACTORS[shot.extractor].tabular
    # What stands around may name people whom nobody follows, in a page's tables as in a file's.
    shown = text, shot.spans
    if not rows:
        shown = cells_alone(*shown) if tabular else quotes_alone(*shown)
    return Side(shot, excerpt(*shown, raw=is_raw(shot.media_type)), _places(shot, text))


def _places(shot: Shot, text: str) -> tuple[CellPlace, ...]:
    """Where the cells that a change names stand on the pages of a PDF."""
    if shot.extractor != "pdf":
        return ()
    found = (place_of(text, start) for start, *_ in shot.spans)
    return tuple(dict.fromkeys(place for place in found if place))


def reading_shot(office: Office, proof: Proof) -> Shot | None:
    """The release that a change speaks of; a decision's is that of the value it decides on."""
    if proof.new is not None and proof.new.sha256 is not None:
        return proof.new
    decision = proof.change.decision
    if decision is None or decision.update == proof.update.update:
        return proof.new
    return office.browser.proof(decision.update, proof.change.series, proof.change.as_of).new


@router.get("/updates/{source}/{number}/evidence")
def evidence(request: Request, office: Asked, name: UpdateName, series: str = "", as_of: str = "") -> Response:
    """The proof of one change; of the update's leading one where none is named."""
    if not series:
        one = story(office.browser.update(name, changes=50), office.names)
        change = one.lead or next(iter(one.update.changes), None)
        if change is None:
            raise UsageError(f"{name} changed no figure", "its page tells what the checks found")
        return RedirectResponse(evidence_url(name, change), 303)
    proof = office.browser.proof(name, series, parse_day(as_of))
    change = proof.change
    one, may_open = story(proof.update, office.names), session_of(request) is not None
    return page(
        request, "evidence.html",
        proof=proof, change=change, one=one, label=office.label(series),
        brief=_brief(change, office.label(change.series)),
        new=side(office, reading_shot(office, proof), rows=may_open), old=side(office, proof.old, rows=may_open),
        candidates=_candidates(office, proof), definition=office.source(proof.update.source),
        check=(check := PrintDesk(office.browser, office.catalogue, office.names).of(proof)),
        check_lines=list(lines(check)), printed=VERDICTS[check.verdict],
        elsewhere=elsewhere(office, series, change.as_of), may_open=may_open,
        news=news_in(office, name, change.series), news_standing=standing,
    )  # fmt: skip


def checked(office: Office, update: str, series: str, as_of: Day | None) -> PrintCheck:
    """A figure checked for printing."""
    return PrintDesk(office.browser, office.catalogue, office.names).check(PrintPlace(update, series, as_of))


def _brief(change: Change, label: str) -> str:
    """The change in a few words, beside its two numbers: `2,353 more, killed, as of 31 July 2025`."""
    by = change.difference
    what = kind_words(change) if change.kind not in ("new", "first") else "first seen" if change.kind == "first" else ""
    more = f"{number(abs(by))} {'more' if by > 0 else 'fewer'}" if by else ""
    held = "held" if change.held else ""
    return ", ".join(filter(None, (held, what, more, label, f"as of {day(change.as_of)}")))


def _candidates(office: Office, proof: Proof) -> list[Candidate]:
    """The nearest earlier counts of the series, that one which the statement is counted from among them."""
    change = proof.change
    if change.stated is None or change.new is None or change.new.value is None:
        return []
    base = change.stated.baseline
    key, known_at = base.series if base else change.series, proof.update.known_at
    versions = office.browser.window(key, before=change.as_of, known_at=known_at)
    if base and base.as_of < versions[0].as_of:
        versions += office.browser.window(key, since=base.as_of, known_at=known_at, limit=10)
    earlier = [one for one in versions if one.as_of < change.as_of and one.value is not None and not one.held][::-1]
    named = [one for one in earlier if base and (one.update, one.as_of) == (base.update, base.as_of)]
    chosen = {(one.update, one.as_of): one for one in (*named, *earlier[:CANDIDATES])}
    found = sorted(chosen.values(), key=lambda one: (one.as_of, one.known_at), reverse=True)
    return [
        Candidate(one.update, one.as_of, one.value, change.new.value - one.value, one in named)
        for one in found
        if one.value is not None
    ]


class OtherCount(NamedTuple):
    """The same count in another source: its series, the source's title, and its value of a day or the last before."""

    series: str
    title: str
    value: Version


def elsewhere(office: Office, key: str, as_of: Day) -> list[OtherCount]:
    """What other recorded sources say of the same count, by their definitions, on a day or last before it."""
    recorded = {source: title for source, title, _ in office.browser.sources()}
    others = [one for one in _same_count(office, key) if one != key and one.partition("/")[0] in recorded]
    return [
        OtherCount(one, recorded[one.partition("/")[0]], value)
        for one in others
        for value in _of_day(office, one, as_of)
    ]


def _same_count(office: Office, key: str) -> list[str]:
    """The series that speak of one count: the counter's own, and those that carry it."""
    source = office.source(key.partition("/")[0])
    origin = (source.counted_as(key) if source else None) or key
    carriers = [one for name in office.catalogue if (one := office.catalogue[name]).carries]
    return [origin, *(series for one in carriers for series in one.carriers_of(origin))]


def _of_day(office: Office, series: str, as_of: Day) -> list[Version]:
    """What counts of a series on a day, else last before it; nothing where nothing is recorded."""
    try:
        known = office.browser.window(series, before=Day(as_of + "~"), limit=20)
    except UsageError:
        return []
    return [one for one in known if not one.held and one.value is not None][-1:]


@router.get("/texts/{digest}")
def text(request: Request, office: Asked, _who: Someone, digest: str) -> HTMLResponse:
    """An archived text whole, for people who are logged in: it may name people."""
    _refuse_odd(digest)
    found = office.browser.text(digest)
    if found is None:
        raise UsageError("that text is not in the archive", "it may have been redacted")
    return page(request, "text.html", digest=digest, excerpt=excerpt(found, (), raw=True, around=None))


@router.get("/archive/{digest}/page")
def archived(office: Asked, _who: Someone, digest: str) -> Response:
    """An archived page as it was, without whatever would run, load or lead elsewhere; for the logged in."""
    content, media, charset = _bytes(office, digest)
    headers = {"Content-Security-Policy": ARCHIVED_POLICY, "Content-Disposition": "inline"}
    if media not in ("text/html", "application/xhtml+xml"):
        return Response(_decoded(content, charset), media_type="text/plain; charset=utf-8", headers=headers)
    return HTMLResponse(_harmless(content, charset), headers=headers)


@router.get("/archive/{digest}/bytes")
def raw(office: Asked, _who: Someone, digest: str) -> Response:
    """The archived bytes themselves, to keep or to prove; for the logged in."""
    content, _, _ = _bytes(office, digest)
    headers = {
        "Content-Security-Policy": ARCHIVED_POLICY,
        "Content-Disposition": f'attachment; filename="{digest[:16]}.bin"',
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.get("/archive/{digest}/picture")
def picture(office: Asked, _who: Someone, digest: str) -> Response:
    """How a browser drew an archived page; for the logged in, since it shows all that stands around."""
    content, _, _ = _bytes(office, digest)
    if not content.startswith(_PNG):
        raise UsageError("that is no picture", "follow a link of an evidence page")
    return Response(content, media_type="image/png", headers={"Content-Security-Policy": ARCHIVED_POLICY})


@router.get("/archive/{digest}")
def frame(request: Request, office: Asked, _who: Someone, digest: str) -> HTMLResponse:
    """The archived page in a frame that runs nothing, with what it is."""
    content, media, _ = _bytes(office, digest)
    return page(request, "archived.html", digest=digest, media=media, size=len(content))


def _bytes(office: Office, digest: str) -> tuple[bytes, str, str | None]:
    _refuse_odd(digest)
    known = office.browser.media(digest)
    try:
        content = office.archive.get(digest)
    except ArchiveError as error:
        raise UsageError(str(error)) from None
    media, charset = known or ("application/octet-stream", None)
    return content, media.partition(";")[0].strip(), charset


def _refuse_odd(digest: str) -> None:
    if not _DIGEST.fullmatch(digest):
        raise UsageError("that is no SHA-256", "follow a link of an evidence page")


def _decoded(content: bytes, charset: str | None) -> bytes:
    try:
        return content.decode(charset or "utf-8", "replace").encode()
    except LookupError:
        return content.decode("utf-8", "replace").encode()


def _harmless(content: bytes, charset: str | None) -> bytes:
    """The page's markup without what runs or loads; the policy forbids it all once more."""
    soup = BeautifulSoup(content, "lxml", from_encoding=charset)
    for tag in soup.find_all(_LOADS):
        tag.decompose()
    for tag in soup.find_all(True):
        for name in list(tag.attrs):
            if name.lower().startswith("on") or name.lower() in (
                "href",
                "src",
                "srcset",
                "action",
                "formaction",
                "ping",
            ):
                del tag.attrs[name]
    return b"<!doctype html><meta charset=utf-8>" + soup.encode("utf-8")
