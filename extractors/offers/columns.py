"""Tables: which column holds the dates, which ones tell rows apart, and which ones are figures."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice, pairwise
from typing import Any

import msgspec

from extractors.csv_rows import records
from extractors.dates import Days
from extractors.document import Document
from extractors.numbers import is_blank, read_number
from extractors.offers import MOST, Offer, Way
from extractors.table_rows import tables
from model import AsOf, Day, UnreadableError
from model.source import Coverage, ExtractorName

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
_NO_FIGURE = re.compile(
    r"(?i)^(?:id|fid|objectid|index|#|no|nr|code|fips|iso.*|geoid|zip|postcode|lat|lon|lng|latitude|longitude|uid|url|"
    r"row|rank|phone|.*[_ ]id|.*[_ ]code|x|y)$"
)
_MOSTLY = 0.8


def offers_of_csv(document: Document) -> list[Way]:
    """The columns of a delimited table."""
    try:
        names, rows = records(document.text)
    except UnreadableError:
        return []
    cells = [dict(zip(names, row, strict=False)) for row in rows[-LOOKED_AT:]]
    return [found] if (found := judge("csv", "the table", cells, document.published)) else []


def offers_of_tables(document: Document) -> list[Way]:
    """The columns of each table of a page, or of a Markdown text."""
    found = []
    for number, rows in enumerate(tables(document), start=1):
        title = f"table {number}: {', '.join(islice(rows[0], 4))}" if rows else ""
        if rows and (reading := judge("table", title, rows[-LOOKED_AT:], document.published)):
            found.append(reading)
    return found


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
    figures = [name for name, cells in columns.items() if name != dated and _is_figure(name, cells)]
    labels = [name for name in columns if name != dated and name not in figures and _is_label(columns[name])]
    parts = _dimensions(columns, dated, labels, figures)
    key = "path" if extractor == "json" else "column"
    days = {str(cell) for cell in columns[dated] if cell not in (None, "")} if dated else set()
    coverage: Coverage = "full" if len(days) > 1 else "latest"
    made: dict[str, Any] = dict(settings or {})
    if dated:
        made["as_of"] = {key: dated, **as_of}
    if parts:
        made["by"] = {slug(name): name for name in parts}
    found = tuple(named_apart(_offer(name, key, columns, dated, parts) for name in figures[:MOST]))
    if not found:
        return None
    return Way(extractor=extractor, title=title, coverage=coverage, settings=made, offers=found)


def slug(name: str) -> str:
    """A name that may be an id: small letters, digits and underscores, whatever the script."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:48]
    return words if words[:1].isalpha() else f"figure_{words}".rstrip("_")


def _offer(name: str, key: str, columns: Mapping[str, Sequence[Any]], dated: str | None, parts: Sequence[str]) -> Offer:
    filled = [place for place, cell in enumerate(columns[name]) if not is_blank(_text(cell))]
    last = filled[-1]
    around = [f"{other} {_text(columns[other][last])}" for other in ([dated] if dated else []) + list(parts)]
    return Offer(
        id=slug(name),
        label=name,
        sample=_text(columns[name][last]),
        quote=", ".join([*around, f"{name} {_text(columns[name][last])}"]),
        count=len(filled),
        rule={key: name, "may_fall": True} if _falls(columns, name, dated, parts) else {key: name},
    )


def _falls(columns: Mapping[str, Sequence[Any]], name: str, dated: str | None, parts: Sequence[str]) -> bool:
    """Whether the figure has fallen on this page already, so that a fall of it is no finding."""
    if dated is None:
        return False
    labels = zip(*(columns[part] for part in parts), strict=True) if parts else [()] * len(columns[name])
    last: dict[Hashable, Decimal] = {}
    down = up = 0
    for label, cell in zip(labels, columns[name], strict=True):
        number = read_number(_text(cell))
        if number is not None:
            before = last.get(tuple(map(_text, label)))
            down += before is not None and number < before
            up += before is not None and number > before
            last[tuple(map(_text, label))] = number
    # A table may run backwards in time, where what only grows seems only to fall.
    return bool(down and up)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _is_figure(name: str, cells: Sequence[Any]) -> bool:
    filled = [_text(cell) for cell in cells if not is_blank(_text(cell))]
    if not filled or _NO_FIGURE.fullmatch(name.rpartition(".")[2].strip()) or isinstance(cells[-1], bool):
        return False
    return sum(read_number(text) is not None for text in filled) >= _MOSTLY * len(filled)


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
        best = max(spare, key=lambda name: len(set(finest[name])))
        finer: list[Hashable] = [*finest[best]]
        if len(set(finer)) == len(set(keys)):
            break
        chosen.append(best)
        spare.remove(best)
        keys = finer
    return _without_needless(columns, dated, chosen)


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
