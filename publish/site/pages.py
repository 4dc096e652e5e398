"""The pages of a site as HTML: relative links, no script, and every text from outside made safe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from importlib import resources
from itertools import groupby
from typing import NamedTuple

from model import Day, Instant
from publish.charts.draw import framed
from publish.charts.words import ChartFacts, keys, knowledge, notes
from publish.noting.markers import marker_words
from publish.numbers import clock, count_of, day, known_day, signed
from publish.safe import safe, web_address
from publish.site.addresses import anchor, frozen, year_of
from publish.site.told import DrawnChart, SiteRow, SiteSeries, address_of, difference

NEWEST = 60
"""So many of the newest days stand on the page of a series; the pages of its years have all."""

POLICY = "default-src 'none'; style-src 'self' file:; img-src 'self' file:; base-uri 'none'; form-action 'none'"


class ListedSeries(NamedTuple):
    """One line of the list of all series."""

    folder: str
    title: str
    whose: str
    source: str
    newest: str
    as_of: str
    known_at: str


class LoggedChange(NamedTuple):
    """One line of the log: a version of a series, with its address."""

    known_at: str
    folder: str
    title: str
    as_of: str
    told: str
    address: str
    step: str = ""


def style() -> str:
    """The style sheet of a site."""
    base = resources.files("publish").joinpath("log.css").read_text(encoding="utf-8")
    return base + resources.files("publish.site").joinpath("site.css").read_text(encoding="utf-8")


@cache
def _day(as_of: Day) -> str:
    return day(as_of)


def _text(words: str) -> str:
    return safe(words, "html")


def page(title: str, body: str, *, up: str, kind: str = "") -> str:
    """A page with its head and foot; `up` leads to the folder of the site."""
    bar = f'<header class="bar"><div class="frame brand"><a href="{up}index.html">Tallybook</a></div></header>\n'
    foot = (
        '<footer class="frame">Numbers are as their source states them; what waits for a person, or was decided '
        "against, is not here. Times are UTC.</footer>\n"
    )
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{_text(title)}</title>\n<link rel="stylesheet" href="{up}style.css">\n</head>\n'
        f"<body{kind and f' class={chr(34)}{kind}{chr(34)}'}>\n{'' if kind else bar}"
        f"<main{'' if kind else ' class=' + chr(34) + 'frame' + chr(34)}>\n{body}</main>\n{'' if kind else foot}"
        "</body>\n</html>\n"
    )


def series_page(told: SiteSeries, drawn: DrawnChart) -> str:
    """The page of a series: its chart, its newest days, its log, and what can be taken away."""
    facts = told.facts
    years = sorted({year_of(row.as_of) for row in told.rows}, reverse=True)
    links = ", ".join(f'<a href="{year}.html">{year}</a>' for year in years)
    body = (
        f'<p class="lead soft"><a href="../../index.html">All series</a></p>\n<h1><bdi>{_text(_cased(facts.title))}'
        f'</bdi></h1>\n{_whose(facts)}<p class="soft">{_text(knowledge(drawn.shown))}.</p>\n{_chart(drawn, facts)}'
        f'{_noted(told)}{_facts(told)}<h2 id="values">Newest values</h2>\n{_table(_newest(told), told)}'
        f'<p class="note">Every version, by year: {links}. '
        "The address of a row (its day, and when it was known) never changes.</p>\n"
        f"{_take_away(told)}"
    )
    return page(f"{facts.title} · Tallybook", body, up="../../")


def _cased(title: str) -> str:
    return title[:1].upper() + title[1:]


def _whose(facts: ChartFacts) -> str:
    carried = f", published by <bdi>{_text(facts.carrier)}</bdi>" if facts.carrier else ""
    return f"<p><bdi>{_text(facts.claimants)}</bdi>{carried}: {_text(facts.how)}</p>\n"


def _chart(drawn: DrawnChart, facts: ChartFacts) -> str:
    shown = drawn.shown
    svg = framed(drawn.marks, title=f"{facts.title}. {knowledge(shown)}")
    if not svg:
        return '<p class="soft">Nothing was known then.</p>\n'
    legend = "; ".join(words for _, words in keys(shown))
    said = " ".join((f"{_cased(legend)}." if legend else "", *notes(shown))).strip()
    label = "The chart; it scrolls sideways on narrow screens"
    return (
        f'<div class="chart" role="group" tabindex="0" aria-label="{label}">{svg}</div>\n'
        f'<p class="soft"><small>{_text(said)}</small></p>\n'
    )


def _noted(told: SiteSeries) -> str:
    return "".join(
        f'<p class="note marked" dir="auto">{_text(_cased(marker_words(one)))}</p>\n' for one in told.markers
    )


def _facts(told: SiteSeries) -> str:
    source, series = told.source, told.series
    pairs = (
        ("Series", f"<code>{_text(series.series)}</code>"),
        ("Source", _linked(source.title, source.publisher.url or source.url)),
        ("How it is counted", _text(source.method)),
        ("Keep in mind", _text(source.caveats or "")),
        ("Measure, unit, kind", _text(f"{series.measure}, {series.unit}, {series.kind}")),
        ("Versions", f"{len(told.rows):,}"),
    )
    rows = "".join(f'<dt>{name}</dt><dd dir="auto">{value}</dd>\n' for name, value in pairs if value)
    return f'<dl class="facts">\n{rows}</dl>\n'


def _linked(words: str, url: str | None) -> str:
    address = web_address(url)
    return f'<a href="{_text(address)}" rel="noreferrer">{_text(words)}</a>' if address else _text(words)


def _newest(told: SiteSeries) -> list[tuple[SiteRow, Decimal | None]]:
    """What counts on the newest days, each with the difference to the day before it, the newest first."""
    counting = [row for row in told.rows if row.replaced_by is None][-NEWEST - 1 :]
    steps = [
        (row, difference(told.series, row, before)) for row, before in zip(counting, [None, *counting], strict=False)
    ]
    return steps[::-1][:NEWEST]


_HEAD = (
    '<div class="wide" role="group" tabindex="0" aria-label="The values; they scroll sideways on narrow screens">'
    '<table>\n<thead><tr><th scope="col">As of</th><th scope="col" class="num">Value</th>'
    '<th scope="col" class="num">{step}</th><th scope="col">Known</th><th scope="col">Update</th>'
    '<th scope="col">Digest of the update</th></tr></thead>\n<tbody>\n'
)


def _table(rows: Iterable[tuple[SiteRow, Decimal | None]], told: SiteSeries) -> str:
    made = "".join(
        _row(row, told, f'<a href="{address_of(row)}">{_day(row.as_of)}</a>', signed(step) if step is not None else "")
        for row, step in rows
    )
    return f"{_HEAD.format(step='Difference')}{made}</tbody>\n</table></div>\n"


def _row(row: SiteRow, told: SiteSeries, first: str, step: str, more: str = "") -> str:
    digests = told.digests.get(row.number, ("", "none"))
    return (
        f'<tr{more}><th scope="row">{first}</th><td class="num">{row.text}</td><td class="num">{step}</td>'
        f"<td>{_when(row.known_at)}</td><td>{told.series.source}/{row.number}</td>"
        f"<td><code>{digests[1][:16]}</code></td></tr>\n"
    )


@cache
def _when(at: Instant) -> str:
    return f"{known_day(at)}, {clock(at)}"


def year_pages(told: SiteSeries, earlier: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """The pages of all versions by year, each row at its address; and what is no more, of which the address stays."""
    by_year = {year: list(rows) for year, rows in groupby(told.rows, key=lambda row: year_of(row.as_of))}
    for year in sorted({*by_year, *earlier}):
        rows = by_year.get(year, [])
        yield f"{year}.html", _year_page(told, year, rows, earlier.get(year, ()))


def _year_page(told: SiteSeries, year: str, rows: Sequence[SiteRow], earlier: Sequence[str]) -> str:
    taken: set[str] = set()
    body = []
    for row in rows:
        name = anchor(row.as_of, row.known_at)
        of_row = "" if name in taken else f' id="{name}"'
        taken.add(name)
        later = f"replaced by {told.series.source}/{row.replaced_by}" if row.replaced_by else "counts"
        body.append(
            _row(row, told, day(row.as_of), _text(later), of_row + (' class="past"' if row.replaced_by else ""))
        )
    body += [_gone(name) for name in earlier if name not in taken]
    title = f"{_cased(told.facts.title)}, {year}"
    return page(
        f"{title} · Tallybook",
        f'<p class="lead soft"><a href="index.html">The series</a></p>\n<h1><bdi>{_text(title)}</bdi></h1>\n'
        f"{_whose(told.facts)}{_HEAD.format(step='Standing')}{''.join(body)}</tbody>\n</table></div>\n",
        up="../../",
    )


def _gone(name: str) -> str:
    as_of, _, known_at = name.partition("_")
    what = f"{day(Day(as_of))}, as known on {known_day(Instant(known_at))}"
    told = f"{what}: not in the ledger any more, since its source was recorded anew"
    return f'<tr class="past" id="{_text(name)}"><th scope="row" colspan="6">{_text(told)}</th></tr>\n'


def _take_away(told: SiteSeries) -> str:
    at = "".join(f'<li><a href="{frozen(one)}">Frozen as known on {_when(one)}</a></li>\n' for one in told.frozen)
    return (
        '<h2>To take away</h2>\n<ul>\n<li><a href="data.csv">CSV</a>: every version</li>\n'
        '<li><a href="sdmx.csv">SDMX-CSV</a>: what counts now</li>\n'
        '<li><a href="croissant.json">Croissant</a>: what the columns are</li>\n'
        '<li><a href="chart.svg">SVG</a>: the chart with all that a reader elsewhere needs</li>\n'
        f'<li><a href="live.html">The chart alone</a>, to frame: it goes on with the ledger</li>\n{at}</ul>\n'
    )


def embedded(told: SiteSeries, drawn: DrawnChart) -> str:
    """The chart alone, to frame: live, or frozen at a time."""
    at = drawn.shown.asked.known_at
    kept = ". Frozen: what became known later is not shown" if at else ""
    body = (
        f"<h1><bdi>{_text(_cased(told.facts.title))}</bdi></h1>\n{_whose(told.facts)}"
        f'<p class="soft">{_text(knowledge(drawn.shown))}{kept}.</p>\n{_chart(drawn, told.facts)}'
        '<p><small><a href="index.html" target="_blank" rel="noopener">Every version</a></small></p>\n'
    )
    return page(f"{told.facts.title} · Tallybook", body, up="../../", kind="embed")


def index_page(listed: Iterable[ListedSeries]) -> str:
    """All series by source, with what counts now."""
    by_source = groupby(sorted(listed, key=lambda one: (one.source, one.title)), key=lambda one: one.source)
    parts = [_of_source(source, list(every)) for source, every in by_source]
    lead = '<h1>Figures that others publish</h1>\n<p class="lead"><a href="log.html">What changed</a></p>\n'
    body = lead + "".join(parts)
    return page("Figures that others publish · Tallybook", body, up="")


def _of_source(source: str, listed: Sequence[ListedSeries]) -> str:
    rows = "".join(
        f'<tr><th scope="row"><a href="{one.folder}/index.html"><bdi>{_text(_cased(one.title))}</bdi></a></th>'
        f'<td class="num">{_text(one.newest)}</td><td>{_text(one.as_of)}</td><td>{_text(one.known_at)}</td>'
        f'<td dir="auto">{_text(one.whose)}</td></tr>\n'
        for one in listed
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Series", "Value", "As of", "Known", "Who says it"))
    label = _text(f"{source}; scrolls sideways on narrow screens")
    return (
        f'<h2><bdi>{_text(source)}</bdi></h2>\n<p class="soft">{count_of(len(listed), "series", "series")}</p>\n'
        f'<div class="wide" role="group" tabindex="0" aria-label="{label}"><table>\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table></div>\n"
    )


def log_page(logged: Iterable[LoggedChange]) -> str:
    """What changed, newest first."""
    rows = "".join(
        f"<tr><td>{_when(Instant(one.known_at))}</td>"
        f'<th scope="row"><a href="{one.folder}/index.html"><bdi>{_text(_cased(one.title))}</bdi></a></th>'
        f'<td><a href="{one.folder}/{_text(one.address)}">{_text(day(Day(one.as_of)))}</a></td>'
        f'<td>{_text(one.told)}</td><td class="num">{_text(one.step)}</td></tr>\n'
        for one in logged
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Known", "Series", "As of", "Stated", "Difference"))
    body = (
        '<p class="lead soft"><a href="index.html">All series</a></p>\n<h1>What changed</h1>\n'
        '<div class="wide" role="group" tabindex="0" aria-label="Changes; they scroll sideways on narrow screens">'
        f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
    return page("What changed · Tallybook", body, up="")


def tombstone(path: str) -> bytes:
    """What stands at an address whose page was taken down: that it was, and nothing of what it said."""
    told = "What stood here was taken down. The address is kept, so that nothing else is taken for it."
    if path.endswith(".html"):
        up = "../" * path.count("/")
        return page("Taken down · Tallybook", f"<h1>Taken down</h1>\n<p>{told}</p>\n", up=up).encode()
    if path.endswith(".svg"):
        size = 'viewBox="0 0 640 60" font-family="sans-serif" font-size="14"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><text x="12" y="34">{told}</text></svg>\n'.encode()
    if path.endswith(".json"):
        return b'{"@type": "Dataset", "description": "taken down"}\n'
    return b"taken_down\n"
