"""Tables: which column holds the dates, which ones tell rows apart, and which ones are figures."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice, pairwise
from typing import Any

import msgspec

from extractors.document import Document
from extractors.suggest import MOST, Offer, Way
from extractors.tables.cells import Contents, without_notes
from extractors.tables.dates import Days
from extractors.tables.forms.csv_rows import records
from extractors.tables.forms.table_rows import tables
from extractors.tables.numbers import DECIMAL_COMMA, is_blank, read_number
from extractors.words import detect, languages, months
from model import AsOf, Day, UnreadableError
from model.extractor import ExtractorName
from model.source import Coverage

LOOKED_AT = 2000
"""So many rows, from the end, tell what a column holds; a release may have a million."""

_FORMATS = (
    None, "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%d.%m.%y", "%m/%d/%y", "%d/%m/%y", "%d %B %Y",
    "%B %d, %Y", "%d %b %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%B %Y", "%b %Y", "%m/%Y", "%m.%Y",
    "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M",
)  # fmt: skip
_YEARLESS = ("%d %B", "%B %d", "%d %b", "%b %d", "%d.%m.", "%d.%m")
_YEAR = re.compile(r"\d{4}")
_DATE_NAMES = re.compile(
    r"(?i)date|day|month|year|week|time|period|quarter|updated|as.?of|дата|день|місяць|месяц|рік|год|datum|jahr|monat|"
    r"fecha|año|mes|jour|mois|année|data|rok|miesiąc|měsíc"
)
NO_FIGURE = re.compile(
    r"(?i)^(?:id|fid|objectid|index|#|no|nr|code|fips|iso.*|geoid|zip|postcode|lat|lon|lng|latitude|longitude|uid|url|"
    r"row|rank|phone|.*[_ ]id|.*[_ ]code|x|y|long|date|day|week|month|year|quarter|(?:admin|geo)_?level|page|offset|"
    r"limit|size|status|epoch.*|timestamp|jahr|monat|tag|woche|mois|année|jour|semaine|año|mes|día|рік|місяць|год|месяц)$"
)
_INDICATOR = re.compile(
    r"(?i)(?:indicator|measure|metric|variable|statistic|indicateur|indicador|indikator|показник|показатель)"
    r"(?:[ _](?:name|label|title|type))?"
)
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_UNIT = re.compile(r"(?:\(([^()\d]{1,30})\)|\[([^\[\]\d]{3,30})\]|, ?(%))$")
_MONTH = re.compile(r"[^\W\d_]{3,12}\.?")
_ENGLISH = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d+\.(?:\d{1,2}|\d{4,})")
_CONTINENTAL = re.compile(r"\d+,(?:\d{1,2}|\d{4,})|[1-9]\d{0,2}(?:\.\d{3})+,\d+|[1-9]\d{0,2}(?:\.\d{3}){2,}")
_DOTTED = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_SMALL = re.compile(r"\d{1,3}")
_NAME = re.compile(r"[^\W\d_]{2}")
_ASIDE = re.compile(
    r"(?i)note|comment|remark|source|link|url|refer|detail|descri|status|reason|type|report|bulletin|issue|version|update|"
    r"week|month|quarter|year|period|day|date"
)
_MOSTLY = 0.8
_FEW = 3
"""Fewer rows tell nothing of what a table is."""
_DAYS_OF_EVENTS = 1 / 3
"""So many of the rows of a list of events, at least, have a day of their own; a list of places has one day for all."""


def offers_of_csv(document: Document) -> list[Way]:
    """The columns of a delimited table."""
    try:
        names, rows = records(document)
    except UnreadableError:
        return []
    cells = [dict(zip(names, row, strict=False)) for row in rows[-LOOKED_AT:]]
    kind: ExtractorName = "csv" if document.cells is None else "workbook"
    return [found] if (found := judge(kind, "the table", cells, document.published, _spoken(cells, document))) else []


def offers_of_tables(document: Document) -> list[Way]:
    """The columns of each table of a page, or of a Markdown text."""
    found = []
    all_tables = list(tables(document))
    headings = [frozenset(rows[0]) if rows else frozenset() for rows in all_tables]
    for number, rows in enumerate(all_tables, start=1):
        if not rows or any(read_number(name) is not None and not _YEAR.fullmatch(name) for name in rows[0]):
            continue  # what stands where a heading is due is a row
        title = f"table {number}: {', '.join(islice(rows[0], 4))}"
        settings: dict[str, Any] = _spoken(rows, document)
        if headings.count(headings[number - 1]) > 1:
            css = table_selector(document, number - 1)
            if css is None:
                continue
            settings["rows"], title = css, f"{title} ({css})"
        if reading := judge("table", title, rows[-LOOKED_AT:], document.published, settings):
            found.append(reading)
    return found


def table_selector(document: Document, number: int) -> str | None:
    """A selector that chooses one table of a page among others, by what outlasts an edit; None where nothing does."""
    if document.page is None:
        return None
    wanted = next(islice(document.page.tables(), number, None))
    for css in document.page.selectors("table", number):
        if list(document.page.tables(css)) == [wanted]:
            return css
    return None


def _spoken(rows: Sequence[Mapping[str, str]], document: Document) -> dict[str, Any]:
    """The language to read numbers in, where a comma parts the fraction, so that `1.204` is no decimal."""
    code = detect(document.text)
    columns = [[_text(row.get(name)) for row in rows] for name in (rows[0] if rows else ())]
    texts = [text for column in columns for text in column]
    english = any(map(_ENGLISH.fullmatch, texts))
    told = any(map(_CONTINENTAL.fullmatch, texts)) or code in DECIMAL_COMMA or any(map(_groups, columns))
    if english or not told or not any(map(_DOTTED.fullmatch, texts)):
        return {}
    return {"language": code if code in DECIMAL_COMMA else "de"}


def _groups(column: Sequence[str]) -> bool:
    """Whether the dots of a column part thousands: beside `1.204` stand only whole numbers below a thousand."""
    filled = [text for text in column if not is_blank(text)]
    dotted = sum(_DOTTED.fullmatch(text) is not None for text in filled)
    return 1 < dotted < len(filled) and all(_DOTTED.fullmatch(text) or _SMALL.fullmatch(text) for text in filled)


def judge(
    extractor: ExtractorName,
    title: str,
    rows: Sequence[Mapping[str, Any]],
    published: Day | None,
    settings: Mapping[str, Any] | None = None,
) -> Way | None:
    """One way to read these rows, by what their columns hold; None where no column is a figure."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in names if name}
    dated, as_of = _date_column(columns, published)
    language = (settings or {}).get("language")
    figures = [name for name, cells in columns.items() if name != dated and _is_figure(name, cells, language)]
    across = _mostly_dates(figures, published) if extractor != "json" else None
    if across is not None and dated is None:
        return _judge_across(extractor, title, columns, across, published, settings or {})
    if dated and all(_YEAR.fullmatch(_text(cell)) for cell in columns[dated] if _text(cell)):
        figures = [name for name in figures if not _is_month(name)]
    labels = [name for name in columns if name != dated and name not in figures and _is_label(columns[name])]
    by_day = _days_of(columns, dated, as_of, published)
    parts = _dimensions(by_day, dated, labels, figures) if figures else []
    parts = parts or _naming(by_day, dated, labels)
    events = _are_events(by_day, dated, parts)
    key = "path" if extractor == "json" else "column"
    days = {str(cell) for cell in columns[dated] if cell not in (None, "")} if dated else set()
    coverage: Coverage = "full" if len(days) > 1 else "latest"
    made: dict[str, Any] = dict(settings or {})
    if dated:
        made["as_of"] = {key: dated, **as_of}
    if not figures:
        return None
    kind = next((name for name in parts if _INDICATOR.fullmatch(_last(name))), None) if len(figures) == 1 else None
    parts = [name for name in parts if name != kind]
    if parts:
        made["by"] = {slug(name): name for name in parts}
    if kind is None:
        offered = [_offer(name, key, columns, dated, parts, language) for name in figures[:MOST]]
    else:
        offered = list(_by_indicator(kind, figures[0], key, columns, dated, parts, language))[:MOST]
    if events:
        offered = [
            msgspec.structs.replace(one, rule=one.rule | {"kind": one.rule.get("kind", "change")}) for one in offered
        ]
    found = tuple(named_apart(offered))
    return Way(extractor=extractor, title=title, coverage=coverage, settings=made, offers=found)


def _naming(columns: Mapping[str, Sequence[Any]], dated: str | None, labels: Sequence[str]) -> list[str]:
    """The first column that calls every row something else, such as the employers of a list of notices.

    Such rows are no series in time, though no two of them be of one day.
    """
    if dated is None or len(columns[dated]) < _FEW:
        return []
    for name in labels:
        texts = [_text(cell) for cell in columns[name]]
        if len(set(texts)) == len(texts) and all(map(_NAME.search, texts)) and not _ASIDE.search(name):
            return [name]
    return []


def _are_events(columns: Mapping[str, Sequence[Any]], dated: str | None, parts: Sequence[str]) -> bool:
    """Whether each row tells of something that happened once: its own name, and days that go on from row to row."""
    if dated is None or not parts or len(columns[dated]) < _FEW:
        return False
    count = len(columns[dated])
    names = set(zip(*(map(_text, columns[name]) for name in parts), strict=True))
    return len(names) >= _MOSTLY * count and len(set(columns[dated])) >= max(_FEW, _DAYS_OF_EVENTS * count)


def _by_indicator(
    kind: str,
    name: str,
    key: str,
    columns: Mapping[str, Sequence[Any]],
    dated: str | None,
    parts: Sequence[str],
    language: str | None,
) -> Iterator[Offer]:
    """Of a tidy table, whose rows say what they count: one offer for each thing counted."""
    for value in dict.fromkeys(map(_text, columns[kind])):
        places = [place for place, cell in enumerate(columns[kind]) if _text(cell) == value]
        own = {column: [cells[place] for place in places] for column, cells in columns.items()}
        if value and not all(is_blank(_text(cell)) for cell in own[name]):
            offer = _offer(name, key, own, dated, parts, language)
            rule = {"where": {kind: value}, **offer.rule}
            yield msgspec.structs.replace(offer, id=slug(value), label=value, rule=rule)


def _days_of(
    columns: Mapping[str, Sequence[Any]], dated: str | None, form: Mapping[str, str], published: Day | None
) -> Mapping[str, Sequence[Any]]:
    """The columns with days for dates: rows of one day must be told apart by their labels, whatever the hour."""
    if dated is None:
        return columns
    days = Days(msgspec.convert(form, AsOf), None, published)
    return {**columns, dated: [days[_text(cell)] or cell for cell in columns[dated]]}


def _judge_across(
    extractor: ExtractorName,
    title: str,
    columns: Mapping[str, Sequence[Any]],
    form: dict[str, str],
    published: Day | None,
    settings: Mapping[str, Any],
) -> Way | None:
    """A table whose dates are headings, read as one row for each cell."""
    days = Days(msgspec.convert(form, AsOf), None, published)
    dates = [name for name in columns if days[name]]
    labels = {name: cells for name, cells in columns.items() if name not in dates}
    parts = _dimensions(labels, None, [name for name in labels if _is_label(labels[name])], []) if labels else []
    count = len(next(iter(columns.values())))
    rows = [
        {part: columns[part][row] for part in parts} | {"@key": name, "@value": columns[name][row]}
        for row in range(count)
        for name in dates
    ]
    melted = {name: [row[name] for row in rows] for name in (*parts, "@key", "@value")}
    made = {**settings, "as_of": {"column": "@key", **form}}
    if parts:
        made["by"] = {slug(name): name for name in parts}
    offer = _offer("@value", "column", melted, "@key", parts, settings.get("language"))
    found = msgspec.structs.replace(offer, id="value", label=f"each cell, by the date above it ({len(dates)} dates)")
    return Way(extractor=extractor, title=title, coverage="full", settings=made, offers=(found,))


def _mostly_dates(names: Sequence[str], published: Day | None) -> dict[str, str] | None:
    """The form of the dates among headings, where nearly all headings of numbers are dates."""
    likely = [name for name in names if any(map(str.isdigit, name)) and not _YEAR.fullmatch(name)]
    return _format_of(likely, published) if len(likely) > 1 and len(likely) >= _MOSTLY * len(names) else None


def _is_month(name: str) -> bool:
    return bool(_MONTH.fullmatch(name)) and any(name.casefold().rstrip(".") in months(code) for code in languages())


def slug(name: str) -> str:
    """A name that may be an id: small letters, digits and underscores, whatever the script."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:48]
    return words if words[:1].isalpha() else f"figure_{words}".rstrip("_")


def _offer(
    name: str,
    key: str,
    columns: Mapping[str, Sequence[Any]],
    dated: str | None,
    parts: Sequence[str],
    language: str | None,
) -> Offer:
    filled = [place for place, cell in enumerate(columns[name]) if not is_blank(_text(cell))]
    last = filled[-1]
    falls = _falls(columns, name, dated, parts, language)
    around = [f"{other} {_text(columns[other][last])}" for other in ([dated] if dated else []) + list(parts)]
    plain = without_notes(name) if name.endswith("]") else name
    name, known = (plain, name) if plain and plain not in columns else (name, name)
    return Offer(
        id=slug(name),
        label=name,
        sample=_text(columns[known][last]),
        quote=", ".join([*around, f"{name} {_text(columns[known][last])}"]),
        count=len(filled),
        rule={key: name, **_unit(name, columns[known]), **({"may_fall": True} if falls else {})},
    )


def _unit(name: str, cells: Sequence[Any]) -> dict[str, str]:
    """The unit that a heading states in brackets, or every cell beside its number."""
    found = _UNIT.search(name.strip())
    said = (found[1] or found[2] or found[3]).strip() if found else ""
    filled = [text for cell in cells if not is_blank(text := _text(cell))]
    if said in ("%", "percent", "per cent") or (filled and all(text.endswith("%") for text in filled)):
        return {"unit": "percent", "kind": "share"}
    return {"unit": said} if len(said) > 2 else {}


def _falls(
    columns: Mapping[str, Sequence[Any]], name: str, dated: str | None, parts: Sequence[str], language: str | None
) -> bool:
    """Whether the figure has fallen on this page already, so that a fall of it is no finding."""
    if dated is None:
        return False
    labels = zip(*(columns[part] for part in parts), strict=True) if parts else [()] * len(columns[name])
    last: dict[Hashable, Decimal] = {}
    down = up = 0
    for label, cell in zip(labels, columns[name], strict=True):
        number = read_number(_text(cell), language)
        if number is not None:
            before = last.get(tuple(map(_text, label)))
            down += before is not None and number < before
            up += before is not None and number > before
            last[tuple(map(_text, label))] = number
    # A table may run backwards in time, where what only grows seems only to fall.
    return bool(down and up)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _is_figure(name: str, cells: Sequence[Any], language: str | None) -> bool:
    filled = [_text(cell) for cell in cells if not is_blank(_text(cell))]
    if not filled or NO_FIGURE.fullmatch(_last(name)) or isinstance(cells[-1], bool):
        return False
    if all(map(_EPOCH.fullmatch, filled)) and len(filled[0]) > 10:
        return False
    contents = Contents("exact", language)
    stated = [text for text in filled if contents[text] != ""]
    return bool(stated) and sum(contents[text] is not None for text in stated) >= _MOSTLY * len(stated)


def _is_label(cells: Sequence[Any]) -> bool:
    filled = {_text(cell) for cell in cells} - {""}
    return bool(filled) and all(len(text) <= 120 for text in filled)


def _date_column(columns: Mapping[str, Sequence[Any]], published: Day | None) -> tuple[str | None, dict[str, str]]:
    """The column whose texts are dates, with the format that reads them; one that is named like a date comes first."""
    named = sorted(columns, key=lambda name: not _DATE_NAMES.search(name))
    for name in named:
        texts = [text for text in dict.fromkeys(map(_text, columns[name])) if text]
        only_years = all(map(_YEAR.fullmatch, texts))
        if not texts or (not _DATE_NAMES.search(name) and (only_years or all(text.isdigit() for text in texts))):
            continue
        if all(map(_EPOCH.fullmatch, texts)) and not _DATE_NAMES.search(name):
            continue
        if (form := _format_of(texts, published)) is not None:
            return name, form
    return None, {}


def _format_of(texts: Sequence[str], published: Day | None) -> dict[str, str] | None:
    fitting: list[tuple[int, int, dict[str, str]]] = []
    rules: list[dict[str, Any]] = [{"format": form} if form else {} for form in _FORMATS]
    if published:
        rules += [{"format": form, "year": "published"} for form in _YEARLESS]
    for order, rule in enumerate(rules):
        days = Days(AsOf(**rule), None, published)
        read = [day for text in texts if (day := days[text])]
        if len(read) >= 0.9 * len(texts):
            # Day and month change places in silence; dates that run in order are the ones that were meant.
            ups = sum(later > earlier for earlier, later in pairwise(read))
            fitting.append((-max(ups, len(read) - 1 - ups), order, rule))
    return min(fitting, key=lambda one: one[:2])[2] if fitting else None


def _dimensions(
    columns: Mapping[str, Sequence[Any]], dated: str | None, labels: Sequence[str], figures: Sequence[str]
) -> list[str]:
    """The fewest columns of labels that tell apart the rows of one day."""
    count = len(next(iter(columns.values())))
    chosen: list[str] = []
    keys: list[Hashable] = list(columns[dated]) if dated else [None] * count
    spare = [name for name in labels if name not in figures]
    while len(set(keys)) < count and spare:
        finest = {name: [*zip(keys, map(_text, columns[name]), strict=True)] for name in spare}
        best = max(
            spare,
            key=lambda name: (not NO_FIGURE.match(_last(name)), _named(columns, name), len(set(finest[name]))),
        )
        finer: list[Hashable] = [*finest[best]]
        if len(set(finer)) == len(set(keys)):
            break
        chosen.append(best)
        spare.remove(best)
        keys = finer
    return _without_needless(columns, dated, chosen)


def _last(name: str) -> str:
    return name.rpartition(".")[2].strip()


def _named(columns: Mapping[str, Sequence[Any]], name: str) -> bool:
    """Whether a column names every row; one with gaps (cells that were merged by eye) calls some rows nothing."""
    return all(map(_text, columns[name]))


def _without_needless(columns: Mapping[str, Sequence[Any]], dated: str | None, chosen: Sequence[str]) -> list[str]:
    kept = list(chosen)
    for name in chosen:
        fewer = [other for other in kept if other != name]
        if _kinds(columns, dated, fewer) == _kinds(columns, dated, kept):
            kept = fewer
    return kept


def _kinds(columns: Mapping[str, Sequence[Any]], dated: str | None, parts: Iterable[str]) -> int:
    wanted = [columns[name] for name in ([dated] if dated else []) + list(parts)]
    return len(set(zip(*(map(_text, cells) for cells in wanted), strict=True))) if wanted else 1


def named_apart(offers: Iterable[Offer]) -> Iterator[Offer]:
    """Offers whose ids are made different where they were the same."""
    taken: set[str] = set()
    for offer in offers:
        name, number = offer.id, 2
        while name in taken:
            name, number = f"{offer.id}_{number}", number + 1
        taken.add(name)
        yield msgspec.structs.replace(offer, id=name)
