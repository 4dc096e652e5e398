"""Workbooks made by us: the smallest XLSX and ODS that hold these rows."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

Rows = Sequence[Sequence[Any]]

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts><font/></fonts><fills><fill/></fills><borders><border/></borders>'
    '<cellStyleXfs><xf/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>"
)
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_RELATED = f"<Relationships xmlns='{_PACKAGE}/relationships'>"
_OD = "urn:oasis:names:tc:opendocument:xmlns:"


def zipped(files: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return made.getvalue()


def xlsx(sheets: Mapping[str, Rows], hidden: Sequence[str] = ()) -> bytes:
    """An XLSX of these sheets: numbers, texts and days as their types; None is a cell that is not there."""

    def state(name: str) -> str:
        return "hidden" if name in hidden else "visible"

    listed = "".join(
        f"<sheet name={quoteattr(name)} sheetId='{at}' state='{state(name)}' r:id='r{at}'/>"
        for at, name in enumerate(sheets, 1)
    )
    related = "".join(
        f"<Relationship Id='r{at}' Type='{_OFFICE}/worksheet' Target='worksheets/sheet{at}.xml'/>"
        for at in range(1, len(sheets) + 1)
    )
    styles = f"<Relationship Id='rs' Type='{_OFFICE}/styles' Target='styles.xml'/>"
    root = f"<Relationship Id='r1' Type='{_OFFICE}/officeDocument' Target='xl/workbook.xml'/>"
    files = {
        "_rels/.rels": f"{_RELATED}{root}</Relationships>",
        "xl/workbook.xml": f"<workbook xmlns='{_MAIN}' xmlns:r='{_OFFICE}'><sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"{_RELATED}{related}{styles}</Relationships>",
        "xl/styles.xml": _STYLES,
    }
    for at, rows in enumerate(sheets.values(), 1):
        files[f"xl/worksheets/sheet{at}.xml"] = sheet_xml(rows)
    return zipped(files)


def sheet_xml(rows: Rows) -> str:
    """The XML of a sheet."""
    lines = "".join(
        f'<row r="{at}">{"".join(_cell(at, column, cell) for column, cell in enumerate(row))}</row>'
        for at, row in enumerate(rows, 1)
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData></worksheet>'


def _cell(row: int, column: int, cell: Any) -> str:
    place = f"{chr(65 + column)}{row}"
    if cell is None:
        return ""
    if isinstance(cell, dt.date):
        return f'<c r="{place}" s="1"><v>{(cell - dt.date(1899, 12, 30)).days}</v></c>'
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    return f'<c r="{place}"><v>{cell!r}</v></c>'


def ods(sheets: Mapping[str, Rows]) -> bytes:
    """An ODS of these sheets."""
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>{_ods(rows)}</table:table>" for name, rows in sheets.items()
    )
    spaces = " ".join(f'xmlns:{one}="{_OD}{one}:1.0"' for one in ("office", "table", "text"))
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    manifest = f'<manifest:manifest xmlns:manifest="{_OD}manifest:1.0"/>'
    content = f"<office:document-content {spaces}>{body}</office:document-content>"
    return zipped({"mimetype": _ODS, "content.xml": content, "META-INF/manifest.xml": manifest}, zipfile.ZIP_STORED)


def _ods(rows: Rows) -> str:
    lines = ("".join(map(_ods_cell, row)) for row in rows)
    return "".join(f"<table:table-row>{line}</table:table-row>" for line in lines)


def _ods_cell(cell: Any) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, dt.date):
        return f'<table:table-cell office:value-type="date" office:date-value="{cell}"/>'
    if isinstance(cell, str):
        return f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{cell!r}"/>'
