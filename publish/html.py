"""The diff log as one self-contained HTML file: no script, no outside request, light and dark, narrow and wide."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from itertools import groupby

from model.figure import Figure
from model.times import Instant
from model.update import Change, Group, Stated, Update, Verdict
from publish.numbers import ARROW, amount, clock, count_of, day, days, hedge, known_day, signed
from publish.safe import safe, web_address
from publish.telling import (
    Run,
    Story,
    fold_phrase,
    group_subject,
    newest_first,
    runs,
    status_words,
    story,
    summary,
)
from publish.vocabulary import of_kind
from publish.words import (
    TOLD_AS,
    Phrase,
    decided,
    gone,
    group_sentence,
    largest_words,
    series_label,
    stated_sentence,
    stated_short,
)

QUOTE_LIMIT = 360
"""Characters of a quote that are shown around its number."""

_VERDICTS: dict[Verdict, str] = {
    "matches": "ok",
    "approximately": "ok",
    "mismatch": "differs",
    "missed": "differs",
    "no_baseline": "none",
}


def log_html(updates: Iterable[Update], *, title: str, generated_at: Instant, titles: Mapping[str, str] = {}) -> str:
    """Write the diff log as one HTML document.

    `title` heads the page, `generated_at` is said at its foot, `titles` maps series keys to names. Text from outside
    is escaped; links lead to http(s) addresses only; the document's policy forbids scripts and outside requests.
    """
    stories = [story(update, titles) for update in newest_first(updates)]
    style = resources.files("publish").joinpath("log.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    days_html = "".join(_days(list(runs(stories)), titles))
    return _PAGE.format(
        title=_text(title),
        policy=policy,
        style=style,
        summary=_text(summary(stories)),
        days=days_html,
        sources=_sources(stories),
        legend=_LEGEND,
        generated=_text(f"{known_day(generated_at)}, {clock(generated_at)} UTC"),
    )


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#log">Skip to the log</a>
<header class="bar"><div class="frame brand">
<svg viewBox="0 0 24 18" aria-hidden="true"><path d="M4 2v14M9 2v14M14 2v14M19 2v14"/>
<path class="fifth" d="M1 14 22 4"/></svg>
<span>Tallybook</span></div></header>
<main class="frame split">
<div class="log" id="log">
<h1>{title}</h1>
<p class="soft">{summary}</p>
{days}
</div>
<aside aria-label="Sources in this log">
{sources}
{legend}
</aside>
</main>
<footer class="frame foot">Written by Tallybook on {generated}. Times are UTC. Numbers are as their sources state them;
differences are computed from the ledger.</footer>
</body>
</html>
"""

_LEGEND = """<section class="legend"><h2>How to read this</h2>
<dl>
<dt><span class="old">119</span> → <b>121</b></dt><dd>what the ledger had, and what counts now</dd>
<dt><span class="sign ok">matches</span></dt>
<dd>the report’s own increase is the one computed, from the version named</dd>
<dt><span class="sign differs">does not agree</span></dt><dd>the report says one thing, its numbers another</dd>
<dt><span class="sign warn">look</span></dt><dd>a check found something unusual; the value counts</dd>
<dt><span class="sign hold">held</span></dt><dd>recorded, but does not count until a person decides</dd>
</dl></section>"""


def _days(all_runs: Sequence[Run], titles: Mapping[str, str]) -> Iterator[str]:
    for known, of_day in groupby(all_runs, key=lambda run: known_day(run.members[0].update.known_at)):
        yield f'<section class="day"><h2>Known {_text(known)}</h2>\n'
        for run in of_day:
            yield _fold(run, titles) if run.folded else _article(run.members[0], titles)
        yield "</section>\n"


def _fold(run: Run, titles: Mapping[str, str]) -> str:
    inside = "".join(_article(one, titles) for one in run.members)
    source = _text(run.members[0].source)
    line = _phrase(fold_phrase(run.members, titles))
    return (
        f'<details class="fold"><summary><b>{source}</b> <span class="line">{line}</span></summary>{inside}</details>\n'
    )


def _article(one: Story, titles: Mapping[str, str]) -> str:
    update = one.update
    state = "hold" if one.held else "void" if update.status in ("rejected", "superseded") else ""
    parts = [
        f'<article class="update {state}" id="{_text(update.update)}">',
        _head(one),
        f"<h3>{_phrase(one.headline)}</h3>",
        f'<p class="also">{_text(_sentence(one.also))}.</p>' if one.also else "",
        _rows(one, titles),
        "".join(f'<p class="note">{_text(_sentence(move.sentence))}.</p>' for move in one.moves),
        _proof(one, titles),
        _groups(one, titles),
        _still(one),
        _notes(one, titles),
        _words(one, titles),
        "</article>\n",
    ]
    return "\n".join(filter(None, parts))


def _head(one: Story) -> str:
    update = one.update
    status = _sign("hold", status_words(update)) if one.held else _text(status_words(update))
    link = web_address(update.url)
    source = f'<a class="acts" href="{_text(link)}" rel="noreferrer">the source</a>' if link else ""
    return (
        f'<header><b>{_text(one.source)}</b><span class="key">{_text(update.update)}</span>'
        f"<span>{clock(update.known_at)} UTC</span><span>{_text(update.basis)}</span>"
        f"<span>{status}</span>{source}</header>"
    )


def _rows(one: Story, titles: Mapping[str, str]) -> str:
    if not one.rows:
        return ""
    stated = any(change.stated for change in one.rows)
    body = "\n".join(_row(change, one, stated, titles) for change in one.rows)
    last = "stated in the report, and against what" if stated else "what happened"
    return (
        '<table class="rows"><thead><tr><th scope="col">Series</th><th scope="col" class="num from">from</th>'
        '<th scope="col" class="num to">to</th><th scope="col" class="num by">difference</th>'
        f'<th scope="col" class="stated">{last}</th></tr></thead><tbody>{body}</tbody></table>'
    )


def _row(change: Change, one: Story, stated: bool, titles: Mapping[str, str]) -> str:
    what = _text(series_label(change.series, titles))
    if not one.about_lead or len({row.as_of for row in one.rows}) > 1:
        what += f" <small>{_text(day(change.as_of))}</small>"
    new = _number(change.new) if change.new else "<span>withdrawn</span>"
    return (
        f'<tr class="{"held" if change.held else change.kind}"><th scope="row">{what}</th>'
        f'<td class="num from">{_number(change.old)}</td><td class="num to">{new}</td>'
        f'<td class="num by">{_text(difference_words(change))}</td>'
        f'<td class="stated">{_stated(change, stated)}</td></tr>'
    )


def _number(figure: Figure | None) -> str:
    if figure is None:
        return ""
    words = hedge(figure)
    before = f'<span class="hedge">{_text(words)}</span> ' if words else ""
    number = amount(figure)
    return before + _text(number.replace(" to ", "–") if figure.qualifier == "range" else number)


def difference_words(change: Change) -> str:
    """The difference for a table cell: `+2,353`, `same`, `first`, or nothing where there is none."""
    if change.kind == "first":
        return "first"
    if change.difference is None:
        return ""
    return signed(change.difference) if change.difference else "same"


def _stated(change: Change, others_state: bool) -> str:
    lines = []
    if change.stated:
        lines.append(_sign(_VERDICTS[change.stated.verdict], stated_short(change.stated)))
    elif change.kind == "new" and others_state:
        lines.append(_sign("none", "not stated"))
    elif change.kind not in ("new", "first"):
        lines.append(_sign("none", kind_words(change)))
    if change.held:
        lines.append(_sign("hold", "held, does not count"))
    return "".join(lines)


def kind_words(change: Change) -> str:
    """What happened, in a few words for a table cell: `revised`, `our reading corrected`, `the row is gone`."""
    if change.kind == "withdrawn":
        return gone(change)
    what = None if change.kind == "revised" else of_kind(change.kind, "name")
    by = {"source": "revised", "extraction": "our reading corrected", "review": decided(change)}[change.why]
    again = f", as {change.marks.reverts} had it" if change.marks.reverts else ""
    return f"{what}{'' if change.why == 'source' else ', ' + by}" if what else by + again


def _proof(one: Story, titles: Mapping[str, str]) -> str:
    """The verdicts that deserve a whole sentence: the leading change's, and every one that does not agree."""
    lines = []
    for change in one.rows:
        if change.stated and (change is one.lead or change.stated.verdict in ("mismatch", "missed")):
            words = stated_sentence(change.stated, change)
            if len(one.rows) > 1:
                words = f"{_sentence(series_label(change.series, titles))}: {words[:1].lower()}{words[1:]}"
            lines.append(f'<p class="note">{_sign(_VERDICTS[change.stated.verdict], words)}</p>')
    return "".join(lines)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _groups(one: Story, titles: Mapping[str, str]) -> str:
    if not one.groups:
        return ""
    rows = "\n".join(_group(group, titles) for group in one.groups)
    total = f"{one.update.changes_total:,} changes in all"
    return f'<table class="groups"><caption>{total}</caption><tbody>{rows}</tbody></table>'


def _group(group: Group, titles: Mapping[str, str]) -> str:
    largest = largest_words(group, titles)
    return (
        f'<tr><th scope="row">{_text(group_subject(group, titles))}</th><td>{_text(group_sentence(group))}</td>'
        f"<td>{_text(days(group.as_of_first, group.as_of_last))}</td><td>{_text(largest)}</td></tr>"
    )


def _still(one: Story) -> str:
    if not one.unchanged:
        return ""
    stand = "stands as it was" if one.unchanged == 1 else "stand as they were"
    return f'<p class="note soft">{count_of(one.unchanged, "more figure")} {stand}.</p>'


def _notes(one: Story, titles: Mapping[str, str]) -> str:
    items = []
    for check in one.notes:
        where = f", {series_label(check.series, titles)}" if check.series and len(one.rows) != 1 else ""
        name = f"{TOLD_AS[check.result]}: {check.name.replace('_', ' ')}{where}"
        items.append(f'<li class="{check.result}">{_sign(check.result, name)} <span>{_text(check.message)}</span></li>')
    items += [f"<li>{count:,} more of {_text(name.replace('_', ' '))}</li>" for name, count in one.more_notes]
    return f'<ul class="checks">{"".join(items)}</ul>' if items else ""


def _words(one: Story, titles: Mapping[str, str]) -> str:
    """The source's own sentences: the leading change's openly, the others' a click away."""
    lead = [change for change in one.rows if change is one.lead or change.held]
    rest = [change for change in one.rows if change not in lead]
    shown: set[str] = set()
    opened = "".join(_quote(change, titles, shown) for change in lead)
    folded = "".join(_quote(change, titles, shown) for change in rest)
    if folded:
        summary_line = "The source’s words for the others"
        opened += f'<details class="others"><summary>{summary_line}</summary>{folded}</details>'
    return opened


def _quote(change: Change, titles: Mapping[str, str], shown: set[str]) -> str:
    fresh = {quote: numbers for quote, numbers in stated_sentences(change).items() if quote not in shown}
    shown.update(fresh)
    if not fresh:
        return ""
    figure = change.new or change.old
    who = " and ".join(figure.attributed_to) if figure else ""
    footer = _text(series_label(change.series, titles) + (f", said by {who}" if who else ""))
    paragraphs = "".join(f"<p>{marked(quote, numbers)}</p>" for quote, numbers in fresh.items())
    return f'<blockquote class="words">{paragraphs}<footer>{footer}</footer></blockquote>'


def stated_sentences(change: Change) -> dict[str, list[str]]:
    """The sentences that state a change, each with the spellings of its numbers."""
    figure, stated = change.new or change.old, change.stated
    found: dict[str, list[str]] = {}
    if figure and figure.quote:
        found.setdefault(figure.quote, []).append(re.escape(figure.number_text))
    if stated and stated.quote:
        found.setdefault(stated.quote, []).append(spelling(stated))
    return found


def spelling(stated: Stated | None) -> str:
    """A pattern of a stated difference however its thousands are parted: `2,353`, `2 353`, `2353`."""
    if stated is None or stated.value is None:
        return ""
    return f"{abs(stated.value):,f}".replace(".", r"\.").replace(",", "[,.'’\u00a0\u2009\u202f ]?")


def marked(quote: str, numbers: Sequence[str]) -> str:
    """The quote with its numbers set apart, shortened around the first of them."""
    spans = _spans(quote, numbers)
    first, last = (spans[0][0], spans[-1][1]) if spans else (0, 0)
    start = 0 if first <= QUOTE_LIMIT // 2 else first - QUOTE_LIMIT // 2
    end = min(len(quote), max(start + QUOTE_LIMIT, last))
    html, at = "… " if start else "", start
    written = _text if _is_right_to_left(quote) else _with_names_apart
    for begin, stop in spans:
        if begin >= at:
            html += f"{written(quote[at:begin])}<b>{_text(quote[begin:stop])}</b>"
            at = stop
    return f"<mark>{html}{written(quote[at:end])}{' …' if end < len(quote) else ''}</mark>"


_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_NAME = re.compile(f"([{_RIGHT_TO_LEFT}]+(?:[ -][{_RIGHT_TO_LEFT}]+)*)")


def _is_right_to_left(text: str) -> bool:
    """Whether the first letter of a text is written from right to left."""
    return next((unicodedata.bidirectional(sign) in ("R", "AL") for sign in text if sign.isalpha()), False)


def _with_names_apart(text: str) -> str:
    """Words from right to left in a text from left to right, set apart, so that they turn no number beside them."""
    return "".join(f"<bdi>{_text(one)}</bdi>" if at % 2 else _text(one) for at, one in enumerate(_NAME.split(text)))


def _spans(quote: str, numbers: Sequence[str]) -> list[tuple[int, int]]:
    found = [_place(quote, text) for text in numbers if text]
    return sorted({place.span() for place in found if place})


def _place(quote: str, text: str) -> re.Match[str] | None:
    """Where a number stands by itself; a part of another one (950 in 58,950) is taken where there is nothing else."""
    plain, wanted = quote.translate(_DIGITS), text.translate(_DIGITS)
    alone = re.search(rf"(?<!\d)(?<!\d[,.])(?:{wanted})(?!\d)(?![,.]\d)", plain)
    return alone or re.search(rf"(?<!\d)(?:{wanted})(?!\d)", plain)


_DIGITS = {first + at: str(at) for first in (0x660, 0x6F0, 0x966, 0x9E6) for at in range(10)} | {0x66C: ",", 0x66B: "."}
"""Digits of other scripts (Arabic, Persian, Devanagari, Bengali) and their signs, each one as one of ours."""


def _sources(stories: Sequence[Story]) -> str:
    items = []
    for source in dict.fromkeys(one.update.source for one in stories):
        of_source = [one for one in stories if one.update.source == source]
        newest = of_source[0]
        held = sum(one.held for one in of_source)
        state = _sign("hold", f"{held:,} held") if held else f"<span>{_text(newest.update.basis)}</span>"
        when = f"{count_of(len(of_source), 'update')}, newest {known_day(newest.update.known_at)}"
        head = newest.update.chain_digest[:16]
        key = f'<p class="key"><small>chain</small> {_text(head)} …</p>' if head else ""
        line = f'<div class="line"><b>{_text(newest.source)}</b>{state}</div>'
        items.append(f"<li>{line}<p><small>{_text(when)}</small></p>{key}</li>")
    return f"<section><h2>Sources</h2><ul>{''.join(items)}</ul></section>"


def _phrase(phrase: Phrase) -> str:
    parts = []
    for span in phrase:
        text = _text(span.text).replace(ARROW, f'<span class="arrow">{ARROW}</span>')
        parts.append(f'<span class="{span.role}">{text}</span>' if span.text and span.role != "plain" else text)
    return "".join(parts)


def _sign(sign: str, words: str) -> str:
    return f'<span class="sign {sign}">{_text(words)}</span>'


def _text(text: str | None) -> str:
    return safe(text or "", "html")
