"""Which extractors there are, and what a definition may say to each: the one table that all others take from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec


class Extractor(msgspec.Struct, frozen=True, kw_only=True):
    """One way to read reports.

    `module` (below `extractors`) has `read(source, document) -> Reading` and `VERSION`. `follows` is the key of a
    definition that says what is followed; `places` are the keys under which a figure, its hedge or its increment is
    looked for, `days` those under which the as-of is, none where the text dates itself; `keys` are further keys of a
    definition that only some extractors take. `tabular` ones have rows and columns.

    `forms` are the media types that are this extractor's alone. The first is what a report is whatever its server says,
    so that a web page in its place is no report. `suggest` (a function below `extractors`) finds what a document of
    these forms offers to follow. Where `derives` is set, the module has `derive(content, published) -> Document` too;
    where `paged` is, `turn(source, document) -> PageTurn`.
    """

    name: str
    module: str
    follows: Literal["figures", "series"] = "figures"
    places: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    tabular: bool = False
    forms: tuple[str, ...] = ()
    suggest: str | None = None
    derives: bool = False
    paged: bool = False

    @property
    def form(self) -> str | None:
        """The media type of its reports, whatever their server says; None where the server's word counts."""
        return self.forms[0] if self.forms else None


_TABLE = (
    Extractor(
        name="csv",
        module="tables.forms.csv_rows",
        places=("column",),
        days=("column",),
        tabular=True,
        forms=("text/csv", "text/tab-separated-values"),
        suggest="suggest.columns:offers_of_csv",
        paged=True,
    ),
    Extractor(
        name="workbook",
        module="tables.forms.csv_rows",
        places=("column",),
        days=("column",),
        keys=("sheet",),
        tabular=True,
        forms=("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
        suggest="suggest.columns:offers_of_csv",
    ),
    Extractor(
        name="table",
        module="tables.forms.table_rows",
        places=("column",),
        # A table's day may stand in a column, or above the table for all of it.
        days=("column", "css", "pattern"),
        keys=("rows",),
        tabular=True,
    ),
    Extractor(
        name="json",
        module="tables.forms.json_rows",
        places=("path", "column"),
        days=("path", "column"),
        keys=("rows",),
        tabular=True,
        forms=("application/json",),
        suggest="suggest.objects:offers_of_json",
        paged=True,
    ),
    Extractor(
        name="pdf",
        module="tables.forms.pdf_rows",
        places=("column",),
        days=("column", "pattern"),
        keys=("page",),
        tabular=True,
        forms=("application/x-pdf-tables",),
        suggest="suggest.columns:offers_of_tables",
        derives=True,
    ),
    Extractor(
        name="xml",
        module="tables.forms.xml_rows",
        places=("path", "column"),
        days=("path", "column"),
        keys=("rows",),
        tabular=True,
        forms=("application/xml", "text/xml"),
        suggest="suggest.elements:offers_of_xml",
    ),
    Extractor(name="selectors", module="page.selectors", places=("css", "pattern"), days=("css", "pattern")),
    Extractor(name="prose", module="prose_series", follows="series", keys=("text",)),
)

EXTRACTORS: dict[str, Extractor] = {one.name: one for one in _TABLE}
"""By name. One that is added here, with its module, is known to definitions, to reading and to `sources new`."""

if TYPE_CHECKING:
    ExtractorName = str
else:
    ExtractorName = Literal[tuple(EXTRACTORS)]
