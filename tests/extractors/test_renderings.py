"""One table, rendered as publishers of forty locales would print it, is read equal, or its doubt is said.

Each rendering has a random table of days, places, counts and rates, with gaps, notes and noise. `wrong` is a value that
counts and is not the table's, or a cell that is missing while nobody is told.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import pytest
from babel.numbers import format_decimal

import extractors
from model import UNREADABLE, Fetched, Instant, Reading, Source, UnreadableError
from tests.extractors.made import source

_LOCALES = """
    en_US en_GB en_IN en_ZA en_CA en_AU de_DE de_AT de_CH fr_FR fr_CA fr_CH es_ES es_MX es_AR pt_BR pt_PT it_IT it_CH
    nl_NL pl_PL cs_CZ sk_SK sl_SI hr_HR sr_RS hu_HU ro_RO bg_BG uk_UA ru_RU tr_TR el_GR fi_FI sv_SE nb_NO da_DK et_EE
    lv_LV lt_LT ja_JP zh_CN ko_KR hi_IN bn_BD ar_EG ar_MA fa_IR he_IL id_ID vi_VN th_TH ka_GE az_AZ kk_KZ
"""
LOCALES = _LOCALES.split()
FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d-%m-%Y", "%Y/%m/%d")
PLACES = ("North", "Łódź", "São Paulo", "Київ", "District 7", "Åre, East", 'The "Bay"', "Ost & West")
GAPS = ("", "–", "n/a", "...")


class Table(NamedTuple):
    """What is true: days, places, and (count, rate) or None for each."""

    days: list[dt.date]
    places: list[str]
    values: dict[tuple[dt.date, str], tuple[int | None, Decimal | None]]


class Style(NamedTuple):
    """How one publisher writes."""

    locale: str
    days: str
    decimals: int
    gap: str
    mark: str


def _table(chance: random.Random, decimals: int) -> Table:
    first = dt.date(2021, 1, 1) + dt.timedelta(chance.randrange(1500))
    days = [first + dt.timedelta(number) for number in range(chance.randint(2, 9))]
    places = chance.sample(PLACES, chance.randint(1, 4))
    top = 10 ** chance.randint(2, 7)
    values = {}
    for day in days:
        for place in places:
            count = None if chance.random() < 0.05 else chance.randrange(top)
            rate = None if chance.random() < 0.05 else Decimal(chance.randrange(1, 99_999)).scaleb(-decimals)
            values[day, place] = (count, rate)
    return Table(days, places, values)


def _number(value: int | Decimal, style: Style) -> str:
    pattern = "#,##0" if isinstance(value, int) else "#,##0." + "0" * style.decimals
    pattern = pattern.replace("#,##0", "#,##,##0") if style.locale in ("en_IN", "hi_IN") else pattern.rstrip(".")
    return format_decimal(value, format=pattern, locale=style.locale, numbering_system="default")


def _printed(value: int | Decimal | None, style: Style) -> str:
    return style.gap if value is None else _number(value, style)


def _rows(table: Table, style: Style) -> list[list[str]]:
    return [
        [day.strftime(style.days), place, *(_printed(value, style) for value in table.values[day, place])]
        for day in table.days
        for place in table.places
    ]


HEADINGS = ["Day", "Place", "Cases", "Rate"]


def _quoted(text: str, mark: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in (mark, '"', "\n")) else text


def _delimited(mark: str) -> Callable[[Table, Style, random.Random], tuple[str, str]]:
    def render(table: Table, style: Style, chance: random.Random) -> tuple[str, str]:
        lines = [mark.join(_quoted(cell, mark) for cell in row) for row in (HEADINGS, *_rows(table, style))]
        above = chance.choice(([], ["# Source: the office, daily, see notes"], ["Daily figures"]))
        below = chance.choice(([], ["", "Note: provisional"]))
        return "csv", chance.choice(("\n", "\r\n")).join([*above, *lines, *below]) + "\n"

    return render


def _json_numbers(table: Table, style: Style, chance: random.Random) -> tuple[str, str]:
    rows = [
        f'{{"Day": "{day.strftime(style.days)}", "Place": {json.dumps(place)}, "Cases": {json.dumps(count)},'
        f' "Rate": {"null" if rate is None else rate}}}'
        for (day, place), (count, rate) in table.values.items()
    ]
    return "json", f'{{"generated": "{chance.randrange(10**9)}", "rows": [{",".join(rows)}]}}'


def _json_texts(table: Table, style: Style, _chance: random.Random) -> tuple[str, str]:
    return "json", json.dumps({"rows": [dict(zip(HEADINGS, row, strict=True)) for row in _rows(table, style)]})


def _markdown(table: Table, style: Style, _chance: random.Random) -> tuple[str, str]:
    lines = [HEADINGS, ["---"] * 4, *([cell.replace("|", "\\|") or " " for cell in row] for row in _rows(table, style))]
    return "markdown", "# Figures\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n\nEnd.\n"


def _page(table: Table, style: Style, chance: random.Random) -> tuple[str, str]:
    return "table", MARKUPS[style.mark](table, style, chance)


RENDERERS: dict[str, Callable[[Table, Style, random.Random], tuple[str, str]]] = {
    "comma": _delimited(","),
    "semicolon": _delimited(";"),
    "tab": _delimited("\t"),
    "bar": _delimited("|"),
    "json": _json_numbers,
    "json texts": _json_texts,
    "markdown": _markdown,
    "page": _page,
}

Cell = Callable[[str, int, random.Random], str]


def _laid_out(
    cell: Cell = lambda text, _column, _chance: f"<td>{text}</td>",
    *,
    head: str = "".join(f"<th>{name}</th>" for name in HEADINGS),
    before: str = "",
    inside: str = "",
    between: str = "",
    after: str = "",
    row: str = "<tr>{}</tr>",
) -> Callable[[Table, Style, random.Random], str]:
    """A kind of markup: how a cell is written, and what stands around the rows."""

    def render(table: Table, style: Style, chance: random.Random) -> str:
        rows = [
            row.format("".join(cell(html.escape(text), column, chance) for column, text in enumerate(line)))
            for line in _rows(table, style)
        ]
        tag = style.locale.replace("_", "-")
        body = between.join(rows)
        return (
            f'<html lang="{tag}"><body><h1>Figures</h1>{before}<table>{inside}<tr>{head}</tr>{body}</table>{after}'
            "<p>End.</p></body></html>"
        )

    return render


def _noted(note: str, columns: tuple[int, ...] = (2, 3), share: float = 0.4) -> Cell:
    def cell(text: str, column: int, chance: random.Random) -> str:
        marked = column in columns and any(map(str.isdigit, text)) and chance.random() < share
        return f"<td>{text}{note if marked else ''}</td>"

    return cell


def _with(form: str, columns: tuple[int, ...] = (0, 1, 2, 3)) -> Cell:
    return lambda text, column, _chance: f"<td>{form.format(text) if column in columns else text}</td>"


def _spanned(table: Table, style: Style, _chance: random.Random) -> str:
    lines = []
    for place_rows in range(0, len(table.values), len(table.places)):
        block = _rows(table, style)[place_rows : place_rows + len(table.places)]
        for number, line in enumerate(block):
            day = f'<td rowspan="{len(block)}">{line[0]}</td>' if number == 0 else ""
            lines.append(f"<tr>{day}{''.join(f'<td>{html.escape(cell)}</td>' for cell in line[1:])}</tr>")
    head = "".join(f"<th>{name}</th>" for name in HEADINGS)
    return f'<html lang="{style.locale.replace("_", "-")}"><table><tr>{head}</tr>{"".join(lines)}</table></html>'


_HIDDEN_ROW = '<tr style="display:none"><td>2020-01-01</td><td>Sample</td><td>99</td><td>9</td></tr>'
MARKUPS: dict[str, Callable[[Table, Style, random.Random], str]] = {
    "plain": _laid_out(),
    "thead": _laid_out(inside="<thead></thead>"),
    "row headings": _laid_out(lambda text, at, _: f"<th>{text}</th>" if at == 1 else f"<td>{text}</td>"),
    "bold": _laid_out(_with("<b>{}</b>", (2,))),
    "links": _laid_out(_with('<a href="#x">{}</a>', (1, 2))),
    "spans": _laid_out(_with("<span><span>{}</span></span>")),
    "white space": _laid_out(_with("\n   {}\n  ")),
    "no-break ends": _laid_out(_with("&nbsp;{}&nbsp;")),
    "comments": _laid_out(_with("<!-- 7 -->{}<!-- 8 -->")),
    "zero width": _laid_out(_with("\u200b{}\u200b")),
    "direction marks": _laid_out(_with("\u200e{}\u200e", (2, 3))),
    "capitals": _laid_out(lambda text, _at, _c: f"<TD>{text}</TD>", row="<TR>{}</TR>"),
    "unclosed": _laid_out(lambda text, _at, _c: f"<td>{text}", row="<tr>{}"),
    "raised note": _laid_out(_noted("<sup>1</sup>")),
    "raised notes": _laid_out(_noted("<sup>1,2</sup>")),
    "raised link": _laid_out(_noted('<sup><a href="#n">3</a></sup>')),
    "printed note": _laid_out(_noted("¹")),
    "star": _laid_out(_noted("*")),
    "bracket": _laid_out(_noted(" [1]")),
    "flag in brackets": _laid_out(_noted("(p)")),
    "dagger": _laid_out(_noted("†")),
    "number sign": _laid_out(_noted("#", (2,))),
    "flag letter": _laid_out(_noted(" p", (2,))),
    "scale-like flag": _laid_out(_noted(" b", (2,))),
    "provisional day": _laid_out(_noted(" (provisional)", (0,))),
    "starred day": _laid_out(_noted("*", (0,))),
    "hidden row": _laid_out(inside="", between=_HIDDEN_ROW),
    "hidden cell": _laid_out(
        lambda text, at, _c: f"<td>{text}</td>" + ('<td style="display: none">1704067200</td>' if at == 1 else "")
    ),
    "sort key": _laid_out(lambda text, at, _c: f"<td>{'<span hidden>7</span>' if at == 2 else ''}{text}</td>"),
    "class-hidden cell": _laid_out(
        lambda text, at, _c: f"<td>{text}</td>" + ('<td class="sort">1704067200</td>' if at == 1 else "")
    ),
    "caption": _laid_out(inside="<caption>Cases and rates by place</caption>"),
    "noise around": _laid_out(before="<p>Updated 09:31, visitor 12,345</p>", after="<script>var a = [1,2]</script>"),
    "raised heading": _laid_out(head="<th>Day</th><th>Place</th><th>Cases<sup>1</sup></th><th>Rate</th>"),
    "wide heading": _laid_out(head='<th>Day</th><th colspan="1;">Place</th><th>Cases</th><th>Rate</th>'),
    "row spans": _spanned,
}


def _definition(kind: str, style: Style) -> Source:
    name = "path" if kind == "json" else "column"
    figures = [
        {"id": "cases", name: "Cases", "measure": "confirmed cases", "unit": "people", "kind": "change"},
        {"id": "rate", name: "Rate", "measure": "rate", "unit": "ratio", "kind": "ratio"},
    ]
    as_of = {name: "Day"} | ({} if style.days == "%Y-%m-%d" else {"format": style.days})
    rows = {"rows": "$.rows"} if kind == "json" else {}
    extractor = "table" if kind == "markdown" else kind
    language = style.locale.replace("_", "-")
    return source(extractor, figures, as_of=as_of, by={"place": "Place"}, language=language, coverage="full", **rows)


_FETCHED = Instant("2025-08-01T00:00:00Z")
_MEDIA = {"csv": "text/csv", "json": "application/json", "table": "text/html", "markdown": "text/markdown"}


def _truth(table: Table) -> dict[tuple[str, str], Decimal]:
    truth = {}
    for (day, place), values in table.values.items():
        for name, value in zip(("cases", "rate"), values, strict=True):
            if value is not None:
                truth[f"{name}|{place}", day.isoformat()] = Decimal(value)
    return truth


def _judge(reading: Reading, truth: dict[tuple[str, str], Decimal]) -> tuple[str, str]:
    doubted = [check.message for check in reading.checks if check.result == "hold"]
    read: dict[tuple[str, str], Decimal] = {}
    unread = set()
    for ref, day, content, _ in reading.cells:
        key = (ref.replace("\x1f", "|"), str(day))
        if content == UNREADABLE:
            unread.add(key)
        elif content:
            read[key] = Decimal(content) if content[0] not in "<>~" and ".." not in content else Decimal("NaN")
    if doubted:
        return "refused", doubted[0]
    false = {key: value for key, value in read.items() if truth.get(key) != value}
    missing = truth.keys() - read.keys()
    if false or missing - unread:
        return "wrong", f"false {dict(list(false.items())[:2])}, missing {sorted(missing - unread)[:2]}"
    if unread:
        told = [check.message for check in reading.checks if check.name == "unreadable_value"]
        return ("refused", told[0]) if told else ("wrong", "unread and not told")
    return "equal", ""


def rendering(seed: int) -> tuple[str, str, str]:
    """What became of one rendering: what it was, `equal`, `refused` or `wrong`, and why."""
    chance = random.Random(seed)
    decimals = chance.choice((1, 2, 2, 3))
    mark = chance.choice(sorted(MARKUPS))
    style = Style(chance.choice(LOCALES), chance.choice(FORMATS), decimals, chance.choice(GAPS), mark)
    form = chance.choice([*RENDERERS, "page", "page", "page", "page"])
    table = _table(chance, decimals)
    kind, text = RENDERERS[form](table, style, chance)
    definition = _definition(kind, style)
    what = f"seed {seed}: {form}, {style.locale}, {style.mark if form == 'page' else ''}, {style.days}"
    try:
        fetched = Fetched(url="https://example.org/", at=_FETCHED, status=200, content=text.encode())
        document = extractors.derive_for(definition, fetched, _MEDIA[kind])
        reading = extractors.read(definition, document)
    except UnreadableError as error:
        return what, "refused", str(error)
    return what, *_judge(reading, _truth(table))


def _all(seeds: range) -> tuple[Counter[str], list[str]]:
    results = [rendering(seed) for seed in seeds]
    wrong = [f"{what}: {why}" for what, verdict, why in results if verdict == "wrong"]
    return Counter(verdict for _, verdict, _ in results), wrong


def test_forms_and_locales_are_as_many_as_are_promised() -> None:
    assert len(LOCALES) >= 40
    assert len(MARKUPS) >= 30
    assert len(RENDERERS) >= 8


def test_a_table_is_read_equal_or_its_doubt_is_said() -> None:
    verdicts, wrong = _all(range(300))
    assert not wrong, wrong[:5]
    assert verdicts["equal"] >= 0.85 * 300


@pytest.mark.long
def test_five_thousand_renderings_are_read_equal_or_their_doubt_is_said() -> None:
    verdicts, wrong = _all(range(5000))
    assert not wrong, wrong[:5]
    assert verdicts["equal"] >= 0.85 * 5000
