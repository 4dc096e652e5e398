"""Bytes become the same readable text every time, and a selection's place lies in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import extractors
from extractors import derive, read_prose, sniff
from model import UnreadableError
from tests.ending import ends


def _page(markup: str) -> extractors.Document:
    return derive(markup.encode(), media_type="text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<h1>A</h1><p>one <b>two</b>\n three</p><p>four", "A\none two three\nfour"),
        ("<p>one<br>two<br/>three</p>", "one\ntwo\nthree"),
        ("<p>1<!-- -->234</p>", "1234"),
        ("<p><span>50</span><span>,294</span> tested</p>", "50,294 tested"),
        ("<p>1&nbsp;234&nbsp;dead</p>", "1\u00a0234 dead"),
        ("<p>1<b>&thinsp;</b>234</p>", "1\u2009234"),
        ("<p>1,234<sup>1</sup> on the 10<sup>th</sup></p>", "1,234¹ on the 10th"),
        ("<p>zero\u200bwidth and soft\u00adhyphen</p>", "zerowidth and softhyphen"),
        ("<head><title>T</title></head><body>b<script>1</script><style>2</style><noscript>3</noscript></body>", "b"),
        ("<template>5</template><svg><text>6</text></svg><!-- 7 -->8", "8"),
        ("<table><tr><td>a</td><td><p>1</p></td></tr><tr><td>b<td>2</table>", "a\t1\nb\t2"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<pre>a  b\nc</pre>", "a b\nc"),
        ("<p>a &lt;b&gt; &amp;</p>", "a <b> &"),
    ],
)
def test_html_becomes_the_text_a_reader_sees(markup: str, text: str) -> None:
    assert _page(markup).text == text


def test_a_selection_knows_its_place_in_the_text() -> None:
    document = _page("<div><p>before</p> <ul><li> 12 <b>dead</b> </li><li></li><li>3 hurt</li></ul></div>")
    assert document.page is not None
    assert [document.text[start:end] for start, end in document.page.select("li")] == ["12 dead", "3 hurt"]


def test_a_selector_that_cannot_be_followed_is_told() -> None:
    document = _page("<p>1</p>")
    assert document.page is not None
    with pytest.raises(UnreadableError, match=r"p\[\["):
        document.page.select("p[[")


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("é 1".encode(), None, "é 1"),
        (b"\xef\xbb\xbfa,b", None, "a,b"),
        ("a,b".encode("utf-16"), None, "a,b"),
        ("тисяча".encode("windows-1251"), "windows-1251", "тисяча"),
        ("caf\xe9".encode("latin-1"), None, "café"),
        (b"\x93quoted\x94", "iso-8859-1", "“quoted”"),
        ("Genève, Neuchâtel".encode(), "iso-8859-1", "Genève, Neuchâtel"),
        ("Київ".encode(), "windows-1251", "Київ"),
        ("東京".encode("shift_jis"), "shift_jis", "東京"),
        (b"a\xffb", "utf-8", "a\ufffdb"),
        (b"a", "no-such-charset", "a"),
        (b"\\u0041", "unicode_escape", "\\u0041"),
    ],
)
def test_text_is_decoded_as_declared_or_as_it_shows(content: bytes, charset: str | None, text: str) -> None:
    assert derive(content, media_type="text/plain", charset=charset).text == text


def test_a_page_without_a_declared_charset_is_decoded_by_its_own_meta() -> None:
    markup = '<meta charset="windows-1251"><p>загинули 5</p>'.encode("windows-1251")
    assert derive(markup, media_type="text/html").text == "загинули 5"


def test_a_page_that_says_it_is_latin_and_is_utf_8_is_read_as_that() -> None:
    markup = '<meta charset="iso-8859-1"><p>Genève 5</p>'.encode()
    assert derive(markup, media_type="text/html").text == "Genève 5"


def test_no_bytes_are_refused() -> None:
    with pytest.raises(UnreadableError, match="no bytes"):
        derive(b"", media_type="text/html")


def test_a_broken_pdf_is_refused_and_not_read_as_letters() -> None:
    with pytest.raises(UnreadableError, match="a PDF that is broken"):
        derive(b"%PDF-1.7 ...", media_type="text/html")


@given(st.binary(min_size=1, max_size=300))
def test_bad_bytes_in_a_page_never_raise_and_always_give_the_same_storable_text(content: bytes) -> None:
    page = b"<p>" + content
    text = derive(page, media_type="text/html", charset="utf-8").text
    assert text == derive(page, media_type="text/html", charset="utf-8").text
    text.encode()


@pytest.mark.parametrize("markup", ["<div>" * 50_000 + "5", "<span>" * 50_000 + "x</span>" * 50_000])
def test_a_page_nested_beyond_reason_is_refused(markup: str) -> None:
    with ends(), pytest.raises(UnreadableError, match="nests"):
        _page(markup)


def test_many_unclosed_paragraphs_and_rows_are_no_nesting() -> None:
    assert _page("<p>a" * 3000).text.count("a") == 3000
    assert _page("<table>" + "<tr><td>1<td>2" * 3000 + "</table>").text.count("\n") == 2999


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"", "https://example.org/data.csv?x=1.html", "text/csv"),
        (b"", "README.md", "text/markdown"),
        (b"", "a.JSON", "application/json"),
        (b'[{"a": 1}]', "https://example.org/data", "application/json"),
        (b"<!doctype html><p>x", "https://example.org/", "text/html"),
        (b"date,dead\n2025-01-01,5\n2025-01-02,6\n", "-", "text/csv"),
        (b"date;dead\n2025-01-01;5\n", "-", "text/csv"),
        (b"# Losses\n\n5 dead, 6 hurt.\n", "-", "text/markdown"),
        (b"Five dead, six hurt.\nNobody else, they said, and that was all.\nEnd.", "-", "text/plain"),
        (b"[not json", "-", "text/plain"),
        (b"%PDF-1.7", "-", "application/pdf"),
        (b'<?xml version="1.0"?><feed/>', "-", "application/xml"),
    ],
)
def test_the_media_type_is_told_by_name_else_by_bytes(content: bytes, name: str, kind: str) -> None:
    assert sniff(content, name) == kind


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2025-08-13T09:00:00Z">',
        '<meta name="date" content="2025-08-13">',
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2025-08-13T09:00Z"}</script>',
        "<title>x</title></head><body><article><time datetime='2025-08-13'>Wednesday</time>",
    ],
)
def test_a_page_dates_its_own_text_and_no_figure_by_itself(head: str) -> None:
    page = f"<html><head>{head}</head><body><p>By June 12, 48 people were killed.</p></body></html>"
    document = derive(page.encode(), media_type="text/html")
    assert (document.dated, document.published) == ("2025-08-13", None)
    (figure,) = read_prose(document, language="en")
    assert figure.as_of == "2025-06-12"


def test_a_page_without_a_date_or_with_a_wrong_one_is_undated() -> None:
    page = '<html><head><meta name="date" content="2025-13-45"></head><body>x</body></html>'
    assert derive(page.encode(), media_type="text/html").dated is None
