"""Templates into pages: whatever is printed leaves through `publish.safe`, and addresses are made in one place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from model import Change, Figure, Instant, UsageError, moment, now, read_content
from publish import numbers, telling, words
from publish.finding.find import proof_address
from publish.html import difference_words, kind_words, marked, stated_sentences
from publish.names import SeriesNames
from publish.safe import safe, web_address
from review.guard import masked, office_of, session_of
from review.holds.queue import HeldQuestion, Queue
from storage import Rhythm

_NAMES: ContextVar[SeriesNames] = ContextVar("names")
"""What the series of the page that is being rendered are called."""

FOLDER = Path(__file__).parent
THEMES = ("light", "dark")

STATE_SIGNS = {
    "changed": "new", "unchanged": "same", "held": "hold", "blocked": "wall", "failed": "fail", "overdue": "late",
    "off": "none",
}  # fmt: skip
DECIDED_WORDS = {
    "accept": "accepted",
    "reject": "rejected",
    "correct": "corrected",
    "same": "answered",
    "break": "series break",
}
BASIS_WORDS = {"counted": "counted", "estimated": "estimated", "claimed": "claimed, not counted"}


def update_url(name: str) -> str:
    """The permalink of an update."""
    source, _, number = name.rpartition("/")
    return f"/updates/{quote(source, safe='')}/{number}"


def evidence_url(update: str, change: Change) -> str:
    """Where one change is proved."""
    return proof_address(update, change.series, change.as_of)


def held_url(update: str, change: Change) -> str:
    """Where one held change is decided."""
    asked = urlencode({"series": change.series, "as_of": change.as_of})
    return f"/held{update_url(update).removeprefix('/updates')}?{asked}"


def question_url(one: HeldQuestion, queue: Queue, **more: str) -> str:
    """Where a question is answered: a value alone on its own page, several on one."""
    given = {name: value for name, value in (queue._asdict() | more).items() if value}
    if len(one.cells) > 1:
        return f"/held/several?{urlencode({'q': one.key, **given})}"
    cell = one.cells[0]
    place = urlencode({"series": cell.series, "as_of": cell.as_of, **given})
    return f"/held{update_url(cell.update).removeprefix('/updates')}?{place}"


def series_url(key: str) -> str:
    """A series' own page."""
    return f"/series/{quote(key, safe='/')}"


def source_url(key: str) -> str:
    """A source's own page."""
    return f"/sources/{quote(key, safe='')}"


@cache
def asset(name: str) -> str:
    """The address of a file of ours, with its digest, so that it may be kept for ever."""
    digest = hashlib.sha256((FOLDER / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def quoted(change: Change) -> list[Markup]:
    """The sentences that state a change, their numbers set apart, each once."""
    return [Markup(marked(quote_, found)) for quote_, found in stated_sentences(change).items()]


def when(at: Instant) -> Markup:
    """An instant for people: `18 July 2025, 06:00 UTC`; our script adds the visitor's own time and how long ago."""
    told = f"{numbers.known_day(at)}, {numbers.clock(at)} UTC"
    return Markup(f'<time datetime="{safe(at, "html")}" data-at>{safe(told, "html")}</time>')


def bidi(text: str) -> Markup:
    """A sentence of ours with what it cites set apart, so that words written from right to left turn nothing else.

    A series in it is called by its name.
    """
    text = _KEY.sub(_called, text)
    made, depth, at = "", 0, 0
    for place, sign in enumerate(text):
        if sign == "“":
            depth += 1
            if depth == 1:
                made += safe(text[at : place + 1], "html")
                at = place + 1
        elif sign == "”" and depth:
            depth -= 1
            if not depth:
                made += f"<bdi>{safe(text[at:place], 'html')}</bdi>"
                at = place
    return Markup(made + safe(text[at:], "html"))


_KEY = re.compile(r"(?P<quote>[“'\"])?(?<![\w.-])(?P<series>[\w.-]++(?:/[\w.+%-]*\w)+)")


def _called(found: re.Match[str]) -> str:
    names = _NAMES.get(None)
    if not names or found["series"] not in names:
        return found[0]
    name = names[found["series"]]
    return f"{found['quote']}{name}" if found["quote"] else f"“{name}”"


class Gauge(NamedTuple):
    """How long a source has been silent, as a bar: places in percent of its length, and whether it is late."""

    silent: float
    usual: float
    late: float
    over: bool


def gauge(rhythm: Rhythm) -> Gauge:
    """The silence of a source since its last release, over its usual gap and the one after which it is late."""
    last, due = moment(rhythm.last), moment(rhythm.due)
    silent, late = max(0.0, (moment(now()) - last).total_seconds()), (due - last).total_seconds()
    whole = max(silent, late) * 1.04 or 1.0
    silent_at, usual_at, late_at = (round(100 * one / whole, 1) for one in (silent, rhythm.usual, late))
    return Gauge(silent_at, usual_at, late_at, silent > late)


def every(rhythm: Rhythm) -> str:
    """How often a source speaks: `every 14 days`."""
    usual, noun = _in_units(rhythm, rhythm.usual)
    return f"every {usual} {noun}" if usual != 1 else f"every {noun.removesuffix('s')}"


def _in_units(rhythm: Rhythm, seconds: float) -> tuple[int, str]:
    """A time of a source in days, or in hours where it speaks more often."""
    unit, noun = (86400, "days") if rhythm.longest >= 2 * 86400 else (3600, "hours")
    return max(1, round(seconds / unit)), noun


def usually(rhythm: Rhythm | None) -> str:
    """How often a source speaks: `usually every 14 days, at most 41, now 13; late from 11 September 2025`."""
    if rhythm is None:
        return ""
    longest, noun = _in_units(rhythm, rhythm.longest)
    days = noun == "days"
    silent = max(0, int((moment(now()) - moment(rhythm.last)).total_seconds() // (86400 if days else 3600)))
    silent_words = f"{silent}" if days or silent < 72 else f"{silent // 24} days"
    most = f", at most {longest}" if longest != _in_units(rhythm, rhythm.usual)[0] else ""
    late = "late since" if now() > rhythm.due else "late from"
    return f"usually {every(rhythm)}{most}, now {silent_words}; {late} {numbers.known_day(rhythm.due)}"


def content_words(content: str | None) -> str:
    """A recorded value as people write it: `111,138`; nothing where there is none."""
    if not content:
        return ""
    return numbers.told(Figure(**msgspec.structs.asdict(read_content(content)), unit="other"))


def sentence_case(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def _finalize(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, Markup):
        return value
    return _safe(str(value))


@lru_cache(maxsize=8192)
def _safe(text: str) -> Markup:
    return Markup(safe(text, "html"))


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shared = (numbers.amount, numbers.hedge, numbers.told, numbers.day, numbers.days, numbers.known_day, numbers.clock)
    functions = (
        *shared, numbers.number, numbers.signed, numbers.count_of, difference_words, kind_words,
        words.stated_sentence, words.stated_short, words.group_sentence, telling.status_words,
        web_address, update_url, evidence_url, held_url, question_url, series_url, source_url, asset, quoted,
        when, sentence_case, content_words, every, usually, gauge, bidi,
    )  # fmt: skip
    made.globals.update({one.__name__: one for one in functions})
    made.globals.update(_naming())
    made.globals.update(
        ARROW=numbers.ARROW,
        FAIR=telling.FAIR,
        STATE_SIGNS=STATE_SIGNS,
        BASIS_WORDS=BASIS_WORDS,
        DECIDED=DECIDED_WORDS,
        CAUSES=telling.CAUSES,
        TOLD_AS=words.TOLD_AS,
    )
    return made


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Render a whole page for whoever asks."""
    office = office_of(request)
    theme = request.cookies.get("theme", "")
    _NAMES.set(office.names)
    html = (
        _templates()
        .get_template(template)
        .render(
            session=session_of(request),
            theme=theme if theme in THEMES else "",
            here=request.url.path,
            asked=str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""),
            address=str(request.url),
            waiting=sum(one.open_holds for one in office.standings()),
            **context,
        )
    )
    session = session_of(request)
    answer = HTMLResponse(html.replace(session.csrf, masked(session.csrf)) if session else html, status)
    if status == 200:
        answer.headers["ETag"] = f'W/"{hashlib.sha256(html.encode()).hexdigest()[:24]}"'
        answer.headers["Vary"] = "Cookie"
        if answer.headers["ETag"] in request.headers.get("if-none-match", ""):
            return HTMLResponse(status_code=304, headers={name: answer.headers[name] for name in ("ETag", "Vary")})
    return answer


def part(names: SeriesNames, template: str, **context: Any) -> HTMLResponse:
    """Render a part of a page, for our own script to put in its place."""
    _NAMES.set(names)
    return HTMLResponse(_templates().get_template(template).render(**context))


def _naming() -> dict[str, Callable[..., Any]]:
    """What templates call series by: every page names them as its ledger and its definitions do."""

    def naming(function: Callable[..., str]) -> Callable[..., str]:
        return lambda *told: function(*told, titles=_NAMES.get())

    made = {one.__name__: naming(one) for one in (words.series_label, words.largest_words, telling.group_subject)}
    return made | {"language_of": lambda series: _NAMES.get().language_of(series)}


def log_in_here(request: Request, to: str) -> HTMLResponse:
    """The form to log in with in the place of what needs it; `to` is where to go on, with all that was typed."""
    users = bool(office_of(request).store.users())
    wrong = "Your session is over. Log in, and what you wrote is there again."
    return page(request, "login.html", status=401, to=to, wrong=wrong, name="", users=users)


def refusal(request: Request, status: int, title: str, message: str) -> HTMLResponse:
    """A page that says what went wrong, and what to do."""
    return page(request, "message.html", status=status, title=title, message=message)


def told_error(error: UsageError) -> str:
    """An error for people: the sentence, and what to do."""
    return f"{error.message}. {sentence_case(error.hint)}." if error.hint else f"{error.message}."
