"""Workbooks are read by the reader of tables, with their dates and numbers as typed cells, within limits."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import pickle
import zipfile
from typing import Any

import pytest

import extractors
from extractors import workbook
from model import Fetched, Reading, Source, UnreadableError, now
from tests.extractors.made import cells, source
from tests.extractors.workbooks import ods, sheet_xml, xlsx, zipped

ROWS: list[list[Any]] = [
    ["Deaths by month", None, None, None],
    [],
    ["Month", "Region", "Deaths", "Rate"],
    [dt.date(2026, 1, 31), "North", 1204, 1.499],
    [dt.date(2026, 1, 31), "South", 7, 18.629999999999999],
    [],
    [dt.date(2026, 2, 28), "North", "1,311", 0.5],
    ["Source: the office", None, None, None],
]
READ = [
    ("deaths|North", "2026-01-31", "1204"), ("rate|North", "2026-01-31", "1.499"),
    ("deaths|South", "2026-01-31", "7"), ("rate|South", "2026-01-31", "18.63"),
    ("deaths|North", "2026-02-28", "1311"), ("rate|North", "2026-02-28", "0.5"),
]  # fmt: skip


def followed(extractor: str = "workbook", **more: Any) -> Source:
    figures = [{"id": "deaths", "column": "Deaths", "unit": "people"}, {"id": "rate", "column": "Rate"}]
    return source(extractor, figures, as_of={"column": "Month"}, by={"whom": "Region"}, **more)


def opened(definition: Source, content: bytes) -> tuple[extractors.Document, Reading]:
    kind = definition.reads_with.form or ""
    fetched = Fetched(url="https://example.org/", at=now(), status=200, content=content)
    document = extractors.derive_for(definition, fetched, kind)
    return document, extractors.read(definition, document)


def refused(definition: Source, content: bytes) -> str:
    with pytest.raises(UnreadableError) as caught:
        opened(definition, content)
    return str(caught.value)


@pytest.mark.parametrize("make", [xlsx, ods])
def test_cells_are_read_as_they_are_typed(make: Any) -> None:
    _, reading = opened(followed(), make({"Data": ROWS}))
    assert cells(reading) == READ
    assert [check for check in reading.checks if check.result != "pass"] == []


def test_a_figure_is_found_in_the_text_with_the_number_of_its_row() -> None:
    document, reading = opened(followed(), xlsx({"Data": ROWS}))
    for copied in (reading, pickle.loads(pickle.dumps(reading))):
        figure = copied.figure(copied.cells[4][3])
        assert (figure.number_text, figure.quote) == ("1,311", "7\t2026-02-28\tNorth\t1,311\t0.5")
        assert document.text[figure.start : figure.end] == "1,311"


def test_rows_keep_their_numbers_where_a_sheet_begins_lower() -> None:
    document, reading = opened(followed(), xlsx({"Data": [[], [], *ROWS[2:]]}))
    assert cells(reading) == READ
    assert document.text.startswith("3\tMonth\t")


def test_a_typed_number_is_no_question_of_marks_whatever_the_language() -> None:
    rows = [["Month", "Region", "Deaths", "Rate"], [dt.date(2026, 1, 31), "Nord", 1204, 1.234]]
    _, reading = opened(followed(language="de", numbers={"decimal": ","}), xlsx({"Data": rows}))
    assert [cell[2] for cell in reading.cells] == ["1204", "1.234"]
    assert reading.checks == ()


def test_a_sheet_is_chosen_by_name_or_pattern_and_never_guessed() -> None:
    book = xlsx({"Notes": [["Read me"]], "Week 31": ROWS, "Secret": ROWS}, hidden=["Secret"])
    assert "'Notes', 'Week 31'" in refused(followed(), book)
    assert "sheet:" in refused(followed(), book)
    assert "no sheet fits 'Week 30'" in refused(followed(sheet="Week 30"), book)
    for name in ("Week 31", "Week *", "Secret"):
        assert cells(opened(followed(sheet=name), book)[1]) == READ


def test_empty_and_hidden_sheets_are_no_choice() -> None:
    book = xlsx({"Data": ROWS, "Sheet2": [], "Old": ROWS}, hidden=["Old"])
    assert cells(opened(followed(), book)[1]) == READ


def test_packed_files_are_read_and_never_guessed_among() -> None:
    book, table = xlsx({"Data": ROWS}), b"Month\tRegion\tDeaths\tRate\n2026-01-31\tNorth\t1204\t1.5\n"
    packed = zipped({"2026/data.xlsx": book, "2026/data.tsv": table, "__MACOSX/._x": b"x"})
    assert "'2026/data.xlsx', '2026/data.tsv'" in refused(followed(), packed)
    assert cells(opened(followed(member="*.xlsx"), packed)[1]) == READ
    plain = [("deaths|North", "2026-01-31", "1204"), ("rate|North", "2026-01-31", "1.5")]
    for content, member in (
        (packed, "*.tsv"),
        (zipped({"a.csv": table}), None),
        (gzip.compress(table), None),
        (zipped({"a.csv.gz": gzip.compress(table)}), None),
    ):
        assert cells(opened(followed("csv", member=member), content)[1]) == plain


def test_a_workbook_where_csv_is_due_and_text_where_a_workbook_is_say_so() -> None:
    assert "extractor: workbook" in refused(followed("csv"), xlsx({"Data": ROWS}))
    assert "no workbook" in refused(followed(), b"Month\tRegion\n")


def test_broken_locked_and_cut_files_say_so() -> None:
    book = xlsx({"Data": ROWS})
    assert "is broken" in refused(followed(), book[: len(book) // 2])
    assert "is broken" in refused(followed(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"))
    assert "ZIP" in refused(followed("csv"), zipped({"a.csv": b"a,b\n1,2\n"})[:40])


def test_bombs_end_within_their_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MEMORY", 512 * 2**20)
    far = sheet_xml([[1]]).replace("</row>", '<c r="XFD1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"/></row>')
    far = far.replace('<c r="XFD1048576"/>', '<c r="XFD1048576"><v>1</v></c>')
    wide = _with_sheet(xlsx({"Data": ROWS}), far)
    assert "memory" in refused(followed(), wide) or "cells" in refused(followed(), wide)
    long = _with_sheet(xlsx({"Data": ROWS}), sheet_xml([["x" * 2**20]] * 700))
    assert "memory" in refused(followed(), long)
    assert "unpacks to more than" in refused(followed("csv"), zipped({"a.csv": b"0" * 2**27}))


def _with_sheet(book: bytes, xml: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**files, "xl/worksheets/sheet1.xml": xml.encode()})
