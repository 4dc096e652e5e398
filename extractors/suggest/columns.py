"""Tables: which column holds the dates, which ones tell rows apart, and which ones are figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from decimal import Decimal
from itertools import chain, islice, repeat
from typing import Any, NamedTuple

import msgspec

from extractors.document import Document
from extractors.suggest.asked import steady, which_comes_first
from extractors.suggest.dated import day_inside, month_language, page_as_of
from extractors.suggest.items import Things, are_things, begins, ends, is_regular, naming, of_item
from extractors.suggest.kinds import kind_of_falling
from extractors.suggest.offer import MOST, Offer, Way, named_apart, slug
from extractors.suggest.presets import of_columns
from extractors.suggest.written import shown_mark, written
from extractors.tables.cells import Contents, Manner, without_notes
from extractors.tables.dates import Days, swapped
from extractors.tables.forms.csv_rows import records
from extractors.tables.forms.table_rows import tables
from extractors.tables.numbers import is_blank, read_number
from extractors.tables.scales import is_unit_name, scale_of_unit
from extractors.words.calendar import month_names
from model import AsOf, Day, UnreadableError
from model.extractor import ExtractorName
from model.source import Coverage

TREES = ("json", "xml")
"""What has fields by their paths, and no columns."""

LOOKED_AT = 2000
"""So many rows, from the end, tell what a column holds; a release may have a million."""

_DAYS = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%m/%d/%y", "%d/%m/%y",
    "%d %B %Y", "%B %d, %Y", "%B %d %Y", "%d %b %Y", "%b %d, %Y", "%b %d %Y", "%d-%b-%Y", "%d-%b-%y", "%d %b %y",
    "%Y.%m.%d", "%Y年%m月%d日",
)  # fmt: skip
_MONTHS = ("%B %Y", "%b %Y", "%b-%Y", "%b-%y", "%m/%Y", "%m.%Y")
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M")
_FORMATS = (None, *_DAYS, *_MONTHS, *(day + clock for clock in _CLOCKS[1:] for day in _DAYS))
_GLANCE = 12
"""A format that reads few of so many texts is tried on no more of them."""
_YEARLESS = ("%d %B", "%B %d", "%d %b", "%b %d", "%d.%m.", "%d.%m")
_YEAR = re.compile(r"\d{4}")
DATE_NAMES = re.compile(
    r"(?i)date|day|month|year|week|time|period|quarter|updated|as.?of|дата|день|місяць|месяц|рік|год|datum|jahr|monat|"
    r"fecha|año|mes|jour|mois|année|data|rok|miesiąc|měsíc"
)
NO_FIGURE = re.compile(
    r"(?i)^(?:id|fid|objectid|index|#|no|nr|code|fips|iso.*|geoid|zip|postcode|lat|lon|lng|latitude|longitude|uid|url|"
    r"row|rank|phone|.*[_ ]id|.*[_ ]code|x|y|long|date|day|week|month|year|quarter|(?:admin|geo)_?level|page|offset|"
    r"limit|size|status|epoch.*|timestamp|jahr|monat|tag|woche|mois|année|jour|semaine|año|mes|día|рік|місяць|год|месяц|"
    r"cod[_ ].*|.*[_ ](?:lat|lon|lng)|.*latitude|.*longitude|geometry.*|cert|y{2,4}mmdd|(?-i:.*[a-z](?:ID|Id|Code)))$"
)
_ROW_NUMBER = re.compile(r"(?i)#|n|(?:row_?)?order|no\.?|nr\.?|№|index|row|rank|pos|fid|objectid|unnamed.*|level_0")
_IDENTITY = re.compile(r"(?i)(?:.*[_ ])?(?:id|uid|uuid|code)|(?-i:.*[a-z]I[Dd])")
_MOVING = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d|[0-9a-f]{24}")
_DAY_MARKS = re.compile(r"%[dj]")
_PART_OF_YEAR = re.compile(
    r"(?i)month|quarter|week|day|monat|woche|tag|mes|mois|semaine|jour|miesiąc|месяц|місяць|тиждень|неделя"
)
_INDICATOR = re.compile(
    r"(?i)(?:indicator|measure|metric|variable|statistic|indicateur|indicador|indikator|показник|показатель)"
    r"(?:[ _](?:name|label|title|type))?"
)
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_UNIT = re.compile(r"(?:\(([^()\d]{1,30})\)|\[([^\[\]\d]{3,30})\]|, ?(%))$")
_MONTH = re.compile(r"[^\W\d_]{3,12}\.?")
_NAME = re.compile(r"[^\W\d_]{2}")
_ASIDE = re.compile(
    r"(?i)note|comment|remark|source|link|url|refer|detail|descri|status|reason|type|report|bulletin|issue|version|update|"
    r"week|month|quarter|year|period|day|date"
)
_LONGEST_LABEL = 120
_MOSTLY = 0.8
_SHOWN = 5
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
    found = judge(kind, "the table", cells, document.published, written(cells, document))
    return [of_columns(found, names) if kind == "csv" else found] if found else []


def why_no_table(document: Document) -> str:
    """Why a delimited table offers nothing, for whoever would follow it."""
    try:
        names, rows = records(document)
    except UnreadableError as error:
        return error.message
    shown = f"{', '.join(names[:_SHOWN])} was taken for its heading"
    if not rows:
        return f"{shown}, and no row stands below"
    return f"{shown}, and no column below has numbers in most of its cells, and days or labels beside them"


def offers_of_tables(document: Document) -> list[Way]:
    """The columns of each table of a page, of a PDF, or of a Markdown text."""
    all_tables = list(tables(document))
    dated = {"as_of": as_of} if (as_of := page_as_of(document)) else {}
    headings = [frozenset(rows[0]) if rows else frozenset() for rows in all_tables]
    found = []
    for number, rows in enumerate(all_tables):
        if rows and _is_heading(rows[0]):
            others = headings.count(headings[number]) > 1
            found.append(_way_of_table(document, rows, dated, _choice(document, number) if others else {}, number + 1))
    return [way for way in found if way]


def _way_of_table(
    document: Document, rows: list[dict[str, str]], dated: Mapping[str, Any], choice: dict[str, str] | None, number: int
) -> Way | None:
    """The way to read one table, which `choice` tells from others with its headings; None where it does not."""
    if choice is None:
        return None
    title = f"table {number}: {', '.join(islice(rows[0], 4))}" + "".join(f" ({how})" for how in choice.values())
    settings: dict[str, Any] = {**written(rows, document), **dated, **choice}
    kind: ExtractorName = "pdf" if document.tables else "table"
    return judge(kind, title, rows[-LOOKED_AT:], document.published, settings)


def _is_heading(names: Iterable[str]) -> bool:
    """Whether names of columns stand where a heading is due; numbers other than years are those of a row."""
    return all(read_number(name) is None or _YEAR.fullmatch(name) for name in names)


def _choice(document: Document, number: int) -> dict[str, str] | None:
    """How a definition chooses one table among others that have its headings; None where it cannot."""
    if document.tables:
        lines = [table.above[-1] if table.above else "" for table in document.tables]
        alone = lines[number] and lines.count(lines[number]) == 1
        return {"page": lines[number] if alone else str(document.tables[number].page)}
    css = table_selector(document, number)
    return {"rows": css} if css else None


def table_selector(document: Document, number: int) -> str | None:
    """A selector that chooses one table of a page among others, by what outlasts an edit; None where nothing does."""
    if document.page is None:
        return None
    wanted = next(islice(document.page.tables(), number, None))
    for css in document.page.selectors("table", number):
        if list(document.page.tables(css)) == [wanted]:
            return css
    return None


class CandidateTable(NamedTuple):
    """The columns of one table, by name, and what the way to read it is to say of it whatever they hold."""

    extractor: ExtractorName
    title: str
    columns: Mapping[str, Sequence[Any]]
    published: Day | None
    settings: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The key under which a definition names a column."""
        return "path" if self.extractor in TREES else "column"

    @property
    def manner(self) -> Manner:
        """How its numbers are written, where that decides anything."""
        decimal = self.settings.get("numbers", {}).get("decimal")
        return Manner(self.settings.get("language"), decimal=decimal, letters="scale")


class Roles(NamedTuple):
    """What columns are for: the one of days with its form, the figures, and those whose labels tell rows apart.

    `kinds` is the column that says what each row counts, where that is known.
    """

    dated: str | None
    form: dict[str, str]
    figures: Sequence[str]
    parts: Sequence[str]
    events: bool = False
    fine: bool = True
    kinds: str | None = None
    apart: bool = False


def judge(
    extractor: ExtractorName,
    title: str,
    rows: Sequence[Mapping[str, Any]],
    published: Day | None,
    settings: Mapping[str, Any] | None = None,
) -> Way | None:
    """One way to read these rows, by what their columns hold; None where no column is a figure."""
    sheet = CandidateTable(extractor, title, _columns(rows), published, settings or {})
    dates = _date_columns(sheet.columns, published, inside=extractor in TREES)
    dated = next(iter(dates), None)
    figures = _figures(sheet, dated)
    if dated is None and (across := _mostly_dates(figures, published)) is not None:
        return _across(sheet, across) if extractor not in TREES else None
    roles = _roles(sheet, dates, figures)
    return way_of(sheet, roles) if roles.figures and not _in_parts(roles) else None


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row.get(name) for row in rows] for name in dict.fromkeys(chain.from_iterable(rows)) if name}


def _figures(sheet: CandidateTable, dated: str | None) -> list[str]:
    """The columns of numbers; where rows are of whole years, a column for each month is none."""
    read = [name for name, cells in sheet.columns.items() if name != dated and _is_figure(name, cells, sheet.manner)]
    yearly = dated is not None and all(_YEAR.fullmatch(text) for text in map(_text, sheet.columns[dated]) if text)
    return [name for name in read if not (yearly and _is_month(name))]


def _in_parts(roles: Roles) -> bool:
    """Whether the days stand in two columns, a year and its month: no one column can date the rows."""
    return roles.dated is not None and not roles.fine and any(map(_PART_OF_YEAR.fullmatch, roles.parts))


def _roles(sheet: CandidateTable, dates: Mapping[str, dict[str, str]], figures: Sequence[str]) -> Roles:
    """What the columns are for; the day on which a thing began that still goes on is no day of what is told of it."""
    first = next(iter(dates), None)
    if first is not None and begins(first) and not is_regular(sheet.columns[first]):
        later = next((name for name in dates if not begins(name) and not ends(name)), None)
        roles = _dated_by(later, sheet, dates, figures)
        if roles.apart:
            return roles._replace(events=are_things(roles.parts))
    return _dated_by(first, sheet, dates, figures)


def _dated_by(
    dated: str | None, sheet: CandidateTable, dates: Mapping[str, dict[str, str]], figures: Sequence[str]
) -> Roles:
    columns, form = sheet.columns, dates.get(dated or "", {})
    fine = {name for name, of in dates.items() if _is_fine(columns[name], of)}
    # Times are no keys: they move. A year that is not the rows' own, such as that of a forecast, may be one.
    labels = _labels(columns, {dated, *figures, *fine})
    by_day = _days_of(columns, dated, form, sheet.published)
    parts = (_dimensions(by_day, dated, labels) if figures else []) or naming(by_day, dated, labels)
    numbered = _numbered(by_day, dated, parts, figures)
    parts, figures = [*parts, *numbered], [name for name in figures if name not in numbered]
    things = Things(by_day, columns, dated, parts)
    return Roles(dated, form, figures, parts, things.happened, dated in fine, apart=things.tell_apart)


def _labels(columns: Mapping[str, Sequence[Any]], others: Set[str | None]) -> list[str]:
    return [name for name in columns if name not in others and _is_label(name, columns[name])]


def _numbered(
    columns: Mapping[str, Sequence[Any]], dated: str | None, parts: Sequence[str], figures: Sequence[str]
) -> list[str]:
    """Where no label tells the rows of one day apart: the one column of whole numbers that does, and recurs each day.

    Such are the numbers of wards and districts.
    """
    days = Counter(columns[dated] if dated else ())
    count = days.total()
    if len(figures) < 2 or len(days) < 2 or _kinds(columns, dated, parts) == count:
        return []
    for name in figures:
        often = Counter(map(_text, columns[name]))
        recurs = all(number.isdigit() for number in often) and len(often) == max(days.values())
        if recurs and _kinds(columns, dated, [*parts, name]) == count:
            return [name]
    return []


def way_of(sheet: CandidateTable, roles: Roles) -> Way:
    """The way to read a table whose columns are known."""
    kind = _indicator(roles)
    roles = roles._replace(parts=[name for name in roles.parts if name != kind])
    offered = _by_indicator(kind, sheet, roles) if kind else (_offer(name, sheet, roles) for name in roles.figures)
    scaled = _scale_said(sheet.columns)
    found = [of_item(offer) if roles.events else offer for offer in islice(offered, MOST)]
    found = [msgspec.structs.replace(offer, rule={**offer.rule, **scaled}) for offer in found]
    coverage: Coverage = "list" if roles.events else "full" if _days_apart(sheet, roles) > 1 else "latest"
    question, formats = _asked(sheet, roles)
    return Way(
        extractor=sheet.extractor,
        title=sheet.title,
        coverage=coverage,
        settings=_settings(sheet, roles),
        offers=tuple(named_apart(found)),
        question=question,
        formats=formats,
    )


def _scale_said(columns: Mapping[str, Sequence[Any]]) -> dict[str, str]:
    """The one scale that a column of units says of all rows, such as `UNIT_MULT` 3."""
    for name, cells in columns.items():
        values = list(dict.fromkeys(map(_text, cells)))
        if len(values) == 1 and is_unit_name(_last(name)) and (said := scale_of_unit(name, values)):
            return {"scale": said[1]}
    return {}


def _asked(sheet: CandidateTable, roles: Roles) -> tuple[str, tuple[str, ...]]:
    """The question whether days or months come first, with the two formats, where that is open."""
    form = roles.form.get("format", "")
    if roles.dated is None or "%d" not in form or swapped(form) not in _FORMATS:
        return "", ()
    texts = list(dict.fromkeys(filter(None, map(_text, sheet.columns[roles.dated]))))
    question = which_comes_first(texts, roles.form)
    return question, (form, swapped(form)) if question else ()


def _settings(sheet: CandidateTable, roles: Roles) -> dict[str, Any]:
    """What a definition says beside the figures: the sheet's own settings, the column of days, the dimensions."""
    settings = dict(sheet.settings)
    if sheet.extractor in ("csv", "table"):  # elsewhere numbers are numbers, whatever texts would show
        settings |= shown_mark(map(_text, chain.from_iterable(sheet.columns[name] for name in roles.figures)))
    if roles.dated:
        settings["as_of"] = {sheet.key: roles.dated, **roles.form}
        if code := month_language(map(_text, sheet.columns[roles.dated]), roles.form):
            settings.setdefault("language", code)
    if roles.parts:
        settings["by"] = _by(sheet, roles.parts)
    return settings


def _by(sheet: CandidateTable, parts: Sequence[str]) -> dict[str, str]:
    """Dimensions by what they are called: in XML by the last part of their paths, where that is enough."""
    short = {slug(_last(name)): name for name in parts if sheet.extractor == "xml"}
    return short if len(short) == len(parts) else {slug(name): name for name in parts}


def _indicator(roles: Roles) -> str | None:
    """Of a tidy table with one column of numbers: the column that says what they count."""
    if roles.kinds is not None or len(roles.figures) > 1:
        return roles.kinds
    return next((name for name in roles.parts if _INDICATOR.fullmatch(_last(name))), None)


def _days_apart(sheet: CandidateTable, roles: Roles) -> int:
    return len({str(cell) for cell in sheet.columns[roles.dated] if cell not in (None, "")}) if roles.dated else 0


def _by_indicator(kind: str, sheet: CandidateTable, roles: Roles) -> Iterator[Offer]:
    """Of a tidy table, whose rows say what they count: one offer for each thing counted."""
    columns, name = sheet.columns, roles.figures[0]
    for value in dict.fromkeys(map(_text, columns[kind])):
        places = [place for place, cell in enumerate(columns[kind]) if _text(cell) == value]
        own = {column: [cells[place] for place in places] for column, cells in columns.items()}
        if value and not all(is_blank(_text(cell)) for cell in own[name]):
            offer = _offer(name, sheet._replace(columns=own), roles)
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


def _across(sheet: CandidateTable, form: dict[str, str]) -> Way:
    """A table whose dates are headings, read as one row for each cell."""
    columns = sheet.columns
    days = Days(msgspec.convert(form, AsOf), None, sheet.published)
    dates = [name for name in columns if days[name]]
    labels = {name: cells for name, cells in columns.items() if name not in dates}
    parts = _dimensions(labels, None, [name for name in labels if _is_label(name, labels[name])]) if labels else []
    melted = sheet._replace(columns=_melted(columns, dates, parts))
    roles = Roles("@key", form, ["@value"], parts)
    offer = _offer("@value", melted, roles)
    found = msgspec.structs.replace(offer, id="value", label=f"each cell, by the date above it ({len(dates)} dates)")
    question, formats = _asked(melted, roles)
    return Way(
        extractor=sheet.extractor,
        title=sheet.title,
        coverage="full",
        settings=_settings(melted, roles),
        offers=(found,),
        question=question,
        formats=formats,
    )


def _melted(columns: Mapping[str, Sequence[Any]], dates: Sequence[str], parts: Sequence[str]) -> dict[str, list[Any]]:
    count = len(next(iter(columns.values())))
    cells = [(row, name) for row in range(count) for name in dates]
    melted: dict[str, list[Any]] = {part: [columns[part][row] for row, _ in cells] for part in parts}
    return melted | {"@key": [name for _, name in cells], "@value": [columns[name][row] for row, name in cells]}


def _mostly_dates(names: Sequence[str], published: Day | None) -> dict[str, str] | None:
    """The form of the dates among headings, where nearly all headings of numbers are dates."""
    likely = [name for name in names if any(map(str.isdigit, name)) and not _YEAR.fullmatch(name)]
    return _format_of(likely, published) if len(likely) > 1 and len(likely) >= _MOSTLY * len(names) else None


def _is_month(name: str) -> bool:
    return bool(_MONTH.fullmatch(name)) and name.casefold().rstrip(".") in month_names()


def _offer(name: str, sheet: CandidateTable, roles: Roles) -> Offer:
    columns = sheet.columns
    filled = [place for place, cell in enumerate(columns[name]) if not is_blank(_text(cell))]
    last = filled[-1]
    around = [
        f"{other} {_text(columns[other][last])}" for other in ([roles.dated] if roles.dated else []) + list(roles.parts)
    ]
    plain = without_notes(name) if name.endswith("]") else name
    shown = plain if plain and plain not in columns else name
    sample = _text(columns[name][last])
    falls = kind_of_falling(shown) if _falls(name, sheet, roles) else {}
    return Offer(
        id=slug(shown),
        label=shown,
        sample=sample,
        quote=", ".join([*around, f"{shown} {sample}"]),
        count=len(filled),
        rule={sheet.key: shown, **falls, **_unit(shown, columns[name])},
    )


def _unit(name: str, cells: Sequence[Any]) -> dict[str, str]:
    """The unit that a heading states in brackets, or every cell beside its number."""
    found = _UNIT.search(name.strip())
    said = (found[1] or found[2] or found[3]).strip() if found else ""
    filled = _filled(cells)
    if said in ("%", "percent", "per cent") or (filled and all(text.endswith("%") for text in filled)):
        return {"unit": "percent", "kind": "share"}
    return {"unit": said} if len(said) > 2 else {}


def _falls(name: str, sheet: CandidateTable, roles: Roles) -> bool:
    """Whether the figure has fallen on this page already, so that a fall of it is no finding."""
    if roles.dated is None:
        return False
    columns, manner = sheet.columns, sheet.manner
    labels = zip(*(columns[part] for part in roles.parts), strict=True) if roles.parts else repeat(())
    last: dict[Hashable, Decimal] = {}
    down = up = 0
    for label, cell in zip(labels, columns[name], strict=False):
        number = read_number(_text(cell), manner.language, manner.decimal)
        if number is not None:
            before = last.get(tuple(map(_text, label)), number)
            down += number < before
            up += number > before
            last[tuple(map(_text, label))] = number
    # A table may run backwards in time, where what only grows seems only to fall.
    return bool(down and up)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _is_figure(name: str, cells: Sequence[Any], manner: Manner) -> bool:
    filled = _filled(cells)
    if not filled or _names_no_figure(name) or isinstance(cells[-1], bool):
        return False
    if all(map(_EPOCH.fullmatch, filled)) and len(filled[0]) > 10:
        return False
    contents = Contents("exact", None, manner)
    stated = [content for text in filled if (content := contents[text]) != ""]
    return bool(stated) and len(stated) - stated.count(None) >= _MOSTLY * len(stated)


def _names_no_figure(name: str) -> bool:
    return bool(NO_FIGURE.fullmatch(_last(name)) or _ROW_NUMBER.fullmatch(_bare(name)))


def _filled(cells: Iterable[Any]) -> list[str]:
    return [text for text in map(_text, cells) if not is_blank(text)]


def _is_label(name: str, cells: Sequence[Any]) -> bool:
    """Whether a column may tell rows apart: texts that stay, no long ones, moments, digests or numbers of rows."""
    filled = [text for text in map(_text, cells) if text]
    if not filled or max(map(len, filled)) > _LONGEST_LABEL:
        return False
    if _ROW_NUMBER.fullmatch(_bare(name)) and None not in map(read_number, filled):
        return False
    return sum(_MOVING.search(text) is not None for text in filled) < _MOSTLY * len(filled)


def _is_fine(cells: Sequence[Any], form: Mapping[str, str]) -> bool:
    """Whether dates have a day, not a month or year alone."""
    if "format" in form:
        return _DAY_MARKS.search(form["format"]) is not None
    return any(len(_text(cell)) > len("2024-W10") for cell in cells)


def _date_columns(
    columns: Mapping[str, Sequence[Any]], published: Day | None, *, inside: bool
) -> dict[str, dict[str, str]]:
    """The columns whose texts are dates with the formats that read them: those that are named like dates first.

    With `inside` a day may stand in a longer text, where a pattern finds it.

    A column of days that tells as many rows apart comes before one of months or years.
    """
    found = dict(_dated(columns, published))
    if inside and not found:
        found = dict(_dated(columns, published, inside=True))
    distinct = {name: len(set(map(_text, columns[name]))) for name in found}
    if (first := next(iter(found), None)) is not None and not _is_fine(columns[first], found[first]):
        finer = [name for name, form in found.items() if _is_fine(columns[name], form)]
        finest = max(finer, key=distinct.__getitem__, default=first)
        if distinct[finest] >= distinct[first]:
            return {finest: found[finest], **found}
    return found


def _dated(
    columns: Mapping[str, Sequence[Any]], published: Day | None, *, inside: bool = False
) -> Iterator[tuple[str, dict[str, str]]]:
    for name in sorted(columns, key=lambda name: not DATE_NAMES.search(name)):
        texts = [text for text in dict.fromkeys(map(_text, columns[name])) if text]
        if not texts or (all(map(str.isdigit, texts)) and not DATE_NAMES.search(name)):
            continue  # years, seconds and other whole numbers are dates where their heading says so
        if (form := day_inside(texts) if inside else _format_of(texts, published)) is not None:
            yield name, form


def _format_of(texts: Sequence[str], published: Day | None) -> dict[str, str] | None:
    fitting: list[tuple[int, int, dict[str, str]]] = []
    for order, rule in enumerate(_date_rules(published)):
        days = Days(AsOf(**rule), None, published)
        if sum(1 for text in texts[:_GLANCE] if days[text]) < 0.5 * len(texts[:_GLANCE]):
            continue
        read = [day for text in texts if (day := days[text])]
        if len(read) >= 0.9 * len(texts):
            # Day and month change places in silence; dates that run in order are the ones that were meant.
            fitting.append((-steady(read), order, rule))
    return min(fitting, key=lambda one: one[:2])[2] if fitting else None


def _date_rules(published: Day | None) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = [{"format": form} if form else {} for form in _FORMATS]
    return rules + [{"format": form, "year": "published"} for form in _YEARLESS if published]


def _dimensions(columns: Mapping[str, Sequence[Any]], dated: str | None, labels: Sequence[str]) -> list[str]:
    """The fewest columns of labels that tell apart the rows of one day."""
    count = len(next(iter(columns.values())))
    chosen: list[str] = []
    keys: list[Hashable] = list(columns[dated]) if dated else [None] * count
    spare = list(labels)
    while len(set(keys)) < count and spare:
        finest = {name: [*zip(keys, map(_text, columns[name]), strict=True)] for name in spare}
        spare = [name for name in spare if len(set(finest[name])) > len(set(keys))]
        if spare:
            # What recurs each day comes before what numbers all rows.
            told = {name: (len(set(finest[name])), -len(set(map(_text, columns[name])))) for name in spare}
            best = max(spare, key=lambda name: (*_preferred(columns, name), *told[name]))
            chosen.append(best)
            spare.remove(best)
            keys = [*finest[best]]
    return _without_needless(columns, dated, chosen)


def _preferred(columns: Mapping[str, Sequence[Any]], name: str) -> tuple[bool, ...]:
    """What makes a column of labels a better key than another, the most telling first."""
    last, few = _last(name), len(columns[name]) < _FEW
    number = few and _IDENTITY.fullmatch(last) is not None  # in two rows every text seems to be a name
    return not _ASIDE.search(last), number or not NO_FIGURE.match(last), number, _named(columns, name)


def _last(name: str) -> str:
    """The last part of a path; of one among several that are told apart, what tells it."""
    chosen = _CHOSEN.search(name)
    return chosen[1] if chosen else name.rpartition(".")[2].strip("@ ")


def _bare(name: str) -> str:
    """A heading as it stands, and of a path its last part (`No.` is no path)."""
    return name.strip() if "@" not in name else _last(name)


_CHOSEN = re.compile(r"=([^\]=]+)\](?:\.@value)?$")


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
