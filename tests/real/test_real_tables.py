"""The shipped definitions read real published tables as the plain parsers of the standard library do."""

from __future__ import annotations

import calendar
import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

import extractors
from model import PART, Reading, UnreadableError
from tests.real.corpus import TABLES, Copy, copies, media_type, source


def _read(name: str, copy: Copy) -> tuple[extractors.Document, Reading]:
    document = extractors.derive(copy.content, media_type=media_type(copy))
    return document, extractors.read(source(name), document)


def _rows(copy: Copy) -> list[dict[str, object]]:
    text = copy.content.decode("utf-8-sig")
    return json.loads(text) if copy.name.endswith("json") else list(csv.DictReader(io.StringIO(text)))


def _plain(value: object) -> str:
    if value in (None, "") or value != value:
        return ""
    text = str(value)
    return text[:-2] if text.endswith(".0") else text


def _ua_personnel(row: dict[str, object]) -> Iterator[tuple[str, str | None, str]]:
    words = {"about": "~", "more": ">", "more than": ">", "almost": "<", None: ""}
    word = row.get("personnel*", row.get("*personnel"))
    yield "personnel", str(row["date"]), words[word] + str(row["personnel"])  # type: ignore[index]
    if "POW" in row:
        yield "pow", str(row["date"]), str(row["POW"])


def _ua_equipment(row: dict[str, object]) -> Iterator[tuple[str, str | None, str]]:
    for name, value in row.items():
        if name not in ("date", "day", "greatest losses direction"):
            series = name.replace("groun d", "ground").lower().replace(" ", "_").replace("-", "_")
            yield series, str(row["date"]), _plain(value)


def _nics(row: dict[str, object]) -> Iterator[tuple[str, str | None, str]]:
    year, month = map(int, str(row["month"]).split("-"))
    day = f"{year}-{month:02}-{calendar.monthrange(year, month)[1]}"
    for name, value in row.items():
        if name not in ("month", "state"):
            yield f"{name}{PART}{str(row['state']).strip()}", day, _plain(value)


def _uk_indicators(row: dict[str, object]) -> Iterator[tuple[str, str | None, str]]:
    series = {"Tests": "tests", "ConfirmedCases": "confirmed_cases", "Deaths": "deaths"}.get(str(row["Indicator"]))
    if series:
        yield f"{series}{PART}{row['Country']}", str(row["Date"]), _plain(row["Value"])


def _oryx_types(row: dict[str, object]) -> Iterator[tuple[str, str | None, str]]:
    for name in ("destroyed", "abandoned", "captured", "damaged", "type_total"):
        yield f"{name}{PART}{row['country']}{PART}{str(row['equipment_type']).strip()}", None, _plain(row[name])


def _mediazona_by_death_date(row: dict[str, object]) -> Iterator[tuple[str, str | None, str]]:
    yield "change", str(row["date"]), _plain(row["change"])
    yield "total", str(row["date"]), _plain(row["total"])


PLAINLY: dict[str, Callable[[dict[str, object]], Iterator[tuple[str, str | None, str]]]] = {
    "ua_personnel": _ua_personnel,
    "ua_equipment": _ua_equipment,
    "nics": _nics,
    "uk_indicators": _uk_indicators,
    "oryx_types": _oryx_types,
    "mediazona_by_death_date": _mediazona_by_death_date,
}


def _unlike(name: str, copy: Copy) -> list[object]:
    """Cells that only one of the two readings has; duplicates count."""
    ours = [(series, day, content) for series, day, content, _ in _read(name, copy)[1].cells]
    plain = [cell for row in _rows(copy) for cell in PLAINLY[name](row)]
    if len(ours) == len(plain) == len(set(ours)) and set(ours) == set(plain):
        return []
    counted, expected = Counter(ours), Counter(plain)
    return [*(counted - expected).items(), *(expected - counted).items()]


@pytest.mark.parametrize("name", TABLES)
def test_first_middle_and_last_version_hold_what_a_plain_parser_finds(name: str) -> None:
    chosen = copies(name, lambda place, count: place in (0, count // 2, count - 1))
    assert len(chosen) == 3
    for copy in chosen:
        assert _unlike(name, copy) == [], copy.name


@pytest.mark.long
@pytest.mark.parametrize("name", TABLES)
def test_every_sound_version_holds_what_a_plain_parser_finds(name: str) -> None:
    assert {
        copy.name: _unlike(name, copy)[:3] for copy in copies(name) if not copy.broken and _unlike(name, copy)
    } == {}


@pytest.mark.parametrize("name", TABLES)
def test_a_figure_of_a_real_table_stands_where_it_says(name: str) -> None:
    (copy,) = copies(name, lambda place, count: place == count - 1)
    document, reading = _read(name, copy)
    for series, day, content, handle in reading.cells[:: max(1, len(reading.cells) // 200)]:
        figure = reading.figure(handle)
        assert (figure.content, figure.as_of) == (content, day), series
        assert document.text[figure.start : figure.end] == figure.number_text
        assert figure.number_text in figure.quote
        assert figure.quote in document.text
        assert content == "" or figure.number_text.removesuffix(".0") == content.lstrip("~<>")


def test_a_version_that_is_no_json_and_one_of_another_shape_are_refused() -> None:
    broken = [copy for copy in copies("ua_personnel", lambda place, _: place < 200) if copy.broken]
    assert len(broken) == 2
    for copy in broken:
        with pytest.raises(UnreadableError, match=r"line 441|'date'.* missing"):
            _read("ua_personnel", copy)


@pytest.mark.parametrize("name", TABLES)
def test_a_real_table_cut_in_the_middle_is_refused(name: str) -> None:
    (copy,) = copies(name, lambda place, count: place == count // 2)
    cut = copy._replace(content=copy.content[: copy.content.rindex(b",")])
    with pytest.raises(UnreadableError):
        _read(name, cut)
