"""XML by path: what a path means, where a figure stands, and which documents are refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import extractors
from extractors.tables.forms import xml_rows
from extractors.tables.forms.xml_rows import DEEPEST
from model import Reading, UnreadableError
from tests.extractors.made import source

ROWS: dict[str, Any] = {"as_of": {"path": "@day"}, "by": {"where": "area"}, "figures": [{"id": "n", "path": "n"}]}


def read(text: str | bytes, rows: str = "$.list.row", **more: Any) -> dict[str, str]:
    document, reading = opened(text, rows, **more)
    figures = [(cell, reading.figure(cell[3])) for cell in reading.cells if cell[2]]
    assert all(document.text[figure.start : figure.end] == figure.number_text for _, figure in figures)
    assert all(figure.number_text in figure.quote for _, figure in figures)
    return {f"{cell[0].replace(chr(31), '/')}@{cell[1]}": figure.number_text for cell, figure in figures}


def opened(text: str | bytes, rows: str, **more: Any) -> tuple[extractors.Document, Reading]:
    content = text.encode() if isinstance(text, str) else text
    document = extractors.derive(content, media_type="application/xml")
    made = source(extractor="xml", coverage="full", rows=rows, **(ROWS | more))
    return document, extractors.read(made, document)


def listed(*rows: str) -> str:
    return f"<?xml version='1.0'?><list>{''.join(rows)}</list>"


def row(number: object, day: str = "2026-10-01", area: str = "North") -> str:
    return f"<row day='{day}'><area>{area}</area><n>{number}</n></row>"


def test_one_element_and_several_are_rows_alike() -> None:
    assert read(listed(row(5))) == {"n/North@2026-10-01": "5"}
    assert read(listed(row(5), row(6, area="South"))) == {"n/North@2026-10-01": "5", "n/South@2026-10-01": "6"}
    assert read(listed(row(5)), "$.list.row[*]") == read(listed(row(5)), "$.list.*") == {"n/North@2026-10-01": "5"}


def test_a_field_that_stands_twice_in_a_row_is_no_number() -> None:
    _, reading = opened(listed(row(5), row("7</n><n>8", day="2026-10-02")), "$.list.row")
    assert [check.name for check in reading.checks] == ["unreadable_value"]
    assert [cell[:3] for cell in reading.cells if cell[1] == "2026-10-02"] == [("n\x1fNorth", "2026-10-02", "?")]


def test_names_of_one_namespace_need_no_prefix_and_those_of_several_keep_theirs() -> None:
    head = "<list xmlns:a='urn:a' xmlns:b='urn:b'>"
    text = f"{head}<a:row day='2026-10-01'><a:area>N</a:area><a:n>5</a:n></a:row></list>"
    assert read(text) == {"n/N@2026-10-01": "5"}
    several = text.replace("<a:n>5</a:n>", "<b:n>6</b:n><a:n>5</a:n>")
    with pytest.raises(UnreadableError, match="none of the followed columns is there: n"):
        read(several)
    assert read(several, figures=[{"id": "n", "path": "b:n"}]) == {"n/N@2026-10-01": "6"}


def test_one_of_several_is_chosen_by_an_attribute_that_only_it_has() -> None:
    text = listed("<row day='2026-10-01'><area>N</area><v id='A.1' value='3'/><v id='B' value='4'/></row>")
    assert read(text, figures=[{"id": "n", "path": "v[@id=A.1].@value"}]) == {"n/N@2026-10-01": "3"}
    doubled = text.replace("'B'", "'A.1'")
    with pytest.raises(UnreadableError, match="none of the followed columns is there"):
        read(doubled, figures=[{"id": "n", "path": "v[@id=A.1].@value"}])


def test_a_place_is_that_of_the_text_as_published() -> None:
    """Letters of several bytes before it, CDATA, references, white space, attributes in either quotes, comments."""
    text = listed(
        "<!-- Ünïcödé 𝔘 -->", row(" <![CDATA[ 12 ]]> ", area="Zürich &amp; &#220;ri"), row("\n 1 204\n", area="𝔘")
    )
    document, reading = opened(text, "$.list.row")
    figures = [reading.figure(cell[3]) for cell in reading.cells]
    assert [document.text[one.start : one.end] for one in figures] == ["12", "1 204"]
    assert [cell[0] for cell in reading.cells] == ["n\x1fZürich & Üri", "n\x1f𝔘"]
    assert figures[0].quote.startswith("<row day='2026-10-01'><area>Zürich &amp; &#220;ri</area>")
    spelled = """<list><row day = "2026-10-01" more='a > "b"' n = '7'><area>ö</area></row></list>"""
    assert read(spelled, figures=[{"id": "n", "path": "@n"}]) == {"n/ö@2026-10-01": "7"}


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.text("aé𝔘 <&'\"", min_size=1, max_size=8), st.booleans()),
        min_size=1,
        max_size=9,
    )
)
def test_every_number_is_found_where_it_stands(rows: list[tuple[int, str, bool]]) -> None:
    def spelled(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;").replace('"', "&quot;")

    made = [
        f"<row day='2026-10-01' a='{spelled(label)}'><area>{number} {spelled(label)}x</area>"
        + (f"<n>{value}</n>" if inner else f"<n\n unit = \"{spelled(label)}\" > {value}</n  >")
        + "</row>"
        for number, (value, label, inner) in enumerate(rows)
    ]  # fmt: skip
    assert [*read(listed(*made)).values()] == [str(value) for value, _, _ in rows]


def test_a_scale_that_an_element_of_units_says_is_asked_about() -> None:
    """The element is there, and nobody follows it."""
    rows = [row(f"{number}</n><unit>thousand persons</unit><n2>", day=f"2026-10-0{number}") for number in (1, 2)]
    _, reading = opened(listed(*(one.replace("<n2></n>", "") for one in rows)), "$.list.row")
    assert [check.name for check in reading.checks] == ["scale"]


@pytest.mark.parametrize("declared", ["windows-1251", "ISO-8859-1"])
def test_letters_are_in_the_encoding_that_the_document_declares(declared: str) -> None:
    area = "Київ" if declared == "windows-1251" else "Zürich"
    text = f"<?xml version='1.0' encoding='{declared}'?><list>{row(5, area=area)}</list>".encode(declared)
    assert read(text) == {f"n/{area}@2026-10-01": "5"}
    wide = f"<?xml version='1.0' encoding='utf-16'?><list>{row(5, area=area)}</list>".encode("utf-16")
    assert read(wide) == {f"n/{area}@2026-10-01": "5"}


REFUSED = {
    "a document type": ("<!DOCTYPE list [<!ENTITY a '5'>]><list>&a;</list>", "declares a document type"),
    "a type elsewhere": ("<!DOCTYPE list SYSTEM 'file:///etc/passwd'><list/>", "declares a document type"),
    "an entity that nobody defines": ("<list><row>&nbsp;</row></list>", "line 1 is no XML: undefined entity"),
    "a tag that nobody closes": ("<list>\n<row>5</list>", "line 2 is no XML: mismatched tag"),
    "half a document": ("<list><row>5", "line 1 is no XML"),
    "depth": ("<a>" * (DEEPEST + 1) + "</a>" * (DEEPEST + 1), "nests deeper than 100"),
    "JSON": ('{"list": 5}', "line 1 is no XML"),
    "a path that leads nowhere": ("<list><row/></list>", r"nothing stands at '\$.list.item'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_xml_that_is_read_is_refused_by_name(name: str) -> None:
    text, message = REFUSED[name]
    with pytest.raises(UnreadableError, match=message):
        read(text, "$.list.item")


def test_more_elements_than_one_release_may_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_rows, "MOST_ELEMENTS", 1_000)
    with pytest.raises(UnreadableError, match="more than 1,000 elements"):
        read("<list>" + "<r/>" * 1_000 + "</list>")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<?xml version='1.0'?>\n<!-- of today -->\n<table><row><title>a</title></row></table>", "application/xml"),
        ("<soap:Envelope xmlns:soap='urn:s'><title/></soap:Envelope>", "application/xml"),
        ("<rss version='2.0'><channel><title>a</title></channel></rss>", "application/xml"),
        ("<areas><area>5</area></areas>", "application/xml"),
        ("<?xml version='1.0'?><!DOCTYPE areas SYSTEM 'a.dtd'><areas/>", "application/xml"),
        ("<?xml version='1.0'?><!DOCTYPE html><html><body>a</body></html>", "text/html"),
        ("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", "text/html"),
        ("<!doctype html><p>a", "text/html"),
        ("<div><p>a</p></div>", "text/html"),
        ("<table><tr><td>5</td></tr></table>", "text/html"),
    ],
)
def test_xml_and_pages_are_told_apart_by_their_outermost_element(text: str, kind: str) -> None:
    assert extractors.sniff(text.encode(), "https://example.org/x") == kind
