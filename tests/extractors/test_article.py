"""A page's article is read, and nothing that stands around it; no list, table or headline of it gets lost."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from extractors import derive, read_prose
from extractors.page.article import READ_WITH
from model import TextRule, UnreadableError
from tests.ending import ends

FLOOD = """
<p>At least 63 people were killed when a flood hit the northern province on Tuesday, the emergency service said.</p>
<p>Another <b>1</b><b>18</b> people were wounded, and more than 1&nbsp;200 were missing, the governor told us.</p>
<p>Rescue workers searched the mud through the night. The river had never been so high, people in the town said, and
the bridge that leads to the hospital was gone by the morning.</p>
"""
SECTIONS = ("News", "Politics", "Sport", "Weather 24 h", "Culture")
MENU = "<header><nav><ul>{}</ul></nav></header>".format(
    "".join(
        f'<li><a href="/{name}">{name}</a></li>' for name in ("News", "Politics", "Sport", "Weather 24 h", "Culture")
    )
)
TEASERS = "".join(
    f'<div class="card"><a href="/{n}"><h3>Storm kills {n} people in the south of the country</h3></a></div>'
    for n in (301, 302, 303)
)
AROUND = {
    "teasers beside": f'<aside class="related"><h2>Related</h2>{TEASERS}</aside>',
    "teasers in a plain section": f"<section><h2>More on this</h2>{TEASERS}</section>",
    "a cookie banner": '<div id="cookie-consent"><p>We and our 842 partners store data on your device.</p></div>',
    "comments": '<div class="comments"><h2>Comments</h2><p>I heard that 5,000 people were killed there.</p></div>',
    "a newsletter": '<div class="newsletter-signup"><p>Join 12,000 people who read our letter.</p></div>',
    "most read": '<div class="most-read"><ol><li><a href="/x">How 411 miners were killed</a></li></ol></div>',
    "a footer": "<footer><p>120,000 people subscribed. Call 211 for help.</p></footer>",
}


def _page(inside: str, around: str = "", head: str = "<title>Flood kills 63</title>") -> bytes:
    body = f"{MENU}<main><article><h1>Flood kills 63 in the north</h1>{inside}</article>{around}</main>"
    return f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>".encode()


def _text(page: bytes, rule: TextRule | None = None) -> str:
    return derive(page, media_type="text/html", text=rule or TextRule()).text


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND.keys())
def test_what_stands_around_an_article_is_not_read(around: str) -> None:
    assert _text(_page(FLOOD, around)) == _text(_page(FLOOD))
    assert "Flood kills 63 in the north\nAt least 63 people" in _text(_page(FLOOD, around))


def test_numbers_cut_by_tags_and_no_break_spaces_stay_whole_and_figures_stand_where_they_say() -> None:
    document = derive(_page(FLOOD, AROUND["comments"]), media_type="text/html", text=TextRule())
    figures = read_prose(document, language="en")
    assert {str(figure.value) for figure in figures} == {"63", "118", "1200"}
    assert all(document.text[figure.start : figure.end] == figure.number_text for figure in figures)


@pytest.mark.parametrize(
    ("teaser", "reads"),
    [
        ('<p>Read also: <a href="/x">Storm kills 301 people in the south of the country</a></p>', False),
        ('<p><a href="/x">Storm kills 301 people in the south of the country</a></p>', False),
        ('<p><strong>Читайте также:</strong> <a href="/x">При шторме на юге погиб 301 человек</a></p>', False),
        ('<p>The storm of 2019, in which <a href="/x">301 people were killed in the south</a>, was worse.</p>', True),
        ('<p><a href="/x">The service said</a> that 301 people were brought to hospitals.</p>', True),
    ],
)
def test_a_teaser_between_paragraphs_is_left_out_and_a_link_in_a_sentence_is_not(teaser: str, reads: bool) -> None:
    first, rest = FLOOD.strip().split("\n", 1)
    assert ("301" in _text(_page(first + teaser + rest))) is reads


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("<ul><li>Killed: 63</li><li>Wounded: 118</li></ul>", "Killed: 63\nWounded: 118"),
        ("<table><tr><th>Region<th>Killed<tr><td>North<td>45<tr><td>South<td>18</table>", "North\t45\nSouth\t18"),
        (
            '<table><tr><td><a href="/n">The northern region</a></td><td>45</td></tr></table>',
            "region\t45",
        ),
        ("<figure><img src=a.jpg><figcaption>One of 47 shelters.</figcaption></figure>", "One of 47 shelters."),
        ("<blockquote>We have counted 63 dead so far.</blockquote>", "We have counted 63 dead so far."),
        ("<div class=facts><div><span>63</span><span>killed</span></div></div>", "63 killed"),
        ("<h2>118 wounded in hospitals</h2>", "118 wounded in hospitals"),
    ],
)
def test_lists_tables_captions_quotations_and_headings_of_an_article_are_kept(part: str, line: str) -> None:
    assert line in _text(_page(FLOOD + part, AROUND["teasers beside"]))


def test_a_headline_outside_the_article_element_is_kept_once() -> None:
    trail = "<div class=breadcrumb><a href=/n>News</a> &gt; Flood kills 63 in the north of the country</div>"
    headline = "<h1>Flood kills 63 in the north of the country</h1>"
    page = f"<body>{MENU}{headline}{trail}<article>{FLOOD}</article></body>".encode()
    assert _text(page).count("Flood kills 63 in the north of the country") == 1


@pytest.mark.parametrize(
    "body",
    [
        "<p>12 dead.</p>",
        "<ul><li>Tanks – 11 132 (+3)</li><li>Guns – 30 001 (+12)</li><li>Drones – 4 500 (+90)</li></ul>",
        "<table><tr><td>North<td>45<tr><td>South<td>18</table>",
        "<div>Killed</div><div>63</div>",
    ],
)
def test_a_short_bulletin_a_list_or_a_bare_table_is_read_whole(body: str) -> None:
    page = f"<html><body>{body}</body></html>".encode()
    assert _text(page) == derive(page, media_type="text/html").text


def test_sections_that_trafilatura_passes_over_are_not_lost() -> None:
    sections = "".join(
        f"<section><h2>Day {n}</h2><p>On day {n} of the strike {n * 1000 + 7} workers stayed at home, the union said, "
        "and the port did not open.</p></section>"
        for n in range(1, 7)
    )
    text = _text(f"<html><body>{MENU}<main>{sections}</main></body></html>".encode())
    assert all(f"{n * 1000 + 7} workers" in text for n in range(1, 7))


@pytest.mark.parametrize(
    ("language", "sentence", "related"),
    [
        (
            "uk",
            "Унаслідок повені на півночі загинули щонайменше 63 людини, ще 118 поранено.",
            "Шторм: 301 загинув",
        ),
        (
            "de",
            "Bei dem Hochwasser im Norden starben mindestens 63 Menschen, 118 wurden verletzt.",
            "Sturm: 301 Tote im Süden",
        ),
        ("fr", "Les inondations dans le nord ont fait au moins 63 morts et 118 blessés.", "Tempête : 301 morts"),
        (
            "es",
            "Las inundaciones en el norte dejaron al menos 63 muertos y 118 heridos.",
            "Tormenta: 301 muertos en el sur",
        ),
        ("fa", "در سیل شمال کشور دست‌کم ۶۳ نفر کشته و ۱۱۸ نفر زخمی شدند.", "توفان: ۳۰۱ کشته در جنوب"),
    ],
)
def test_an_article_in_another_language_is_found_as_well(language: str, sentence: str, related: str) -> None:
    inside = f"<p>{sentence}</p><p>{sentence[: len(sentence) // 2] * 9}</p>"
    around = f'<div class="teaser-list"><ul><li><a href="/x">{related}</a></li></ul></div>'
    text = _text(f'<html lang="{language}"><body>{MENU}<article>{inside}</article>{around}</body></html>'.encode())
    assert sentence in text
    assert related not in text


def test_a_definitions_selector_names_the_text_and_each_piece_stands_once() -> None:
    page = _page(FLOOD, AROUND["comments"])
    assert _text(page, TextRule(css="h1, article p:first-of-type, article")).startswith(
        "Flood kills 63 in the north\nAt"
    )
    assert _text(page, TextRule(css="article p, article")).count("At least 63") == 1
    assert _text(page, TextRule(css=".comments p")) == "I heard that 5,000 people were killed there."


def test_a_selector_that_chooses_nothing_fails_and_concludes_nothing() -> None:
    with pytest.raises(UnreadableError, match=r"\.story"):
        _text(_page(FLOOD), TextRule(css=".story"))


def test_the_same_page_gives_the_same_text_every_time() -> None:
    page = _page(FLOOD, "".join(AROUND.values()))
    assert len({_text(page) for _ in range(5)}) == 1


@pytest.mark.parametrize("markup", ["", " ", "<!-- -->", "<p>", "\x00", "<?xml version='1.0' encoding='utf-16'?><p>5"])
def test_hardly_a_page_is_no_error(markup: str) -> None:
    assert _text(f"{markup} ".encode()) == derive(f"{markup} ".encode(), media_type="text/html").text


@pytest.mark.parametrize(
    ("piece", "count"),
    [
        ("<p>63 dead here</p>", 9000),
        ("<td>5", 30_000),
        ("<div>5", 900),
        ("<li><a href=x>one two three 5", 450),
        ("<b>5 ", 900),
    ],
)
def test_a_long_page_of_one_piece_over_and_over_ends(piece: str, count: int) -> None:
    number = "63" if "63" in piece else "5"
    with ends():
        assert _text((piece * count).encode()).count(number) == count


def test_plain_text_is_read_without_importing_what_finds_articles() -> None:
    program = (
        "import sys, extractors; from model import TextRule;"
        "extractors.read_prose(extractors.derive(b'63 people were killed.', media_type='text/plain', text=TextRule()));"
        "sys.exit('trafilatura' in sys.modules or 'lxml' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_article_finder_that_is_pinned_is_the_one_that_the_reader_was_numbered_for() -> None:
    pins = (Path(__file__).parents[2] / "constraints.txt").read_text()
    assert re.findall(r"(?m)^trafilatura==(.+)$", pins) == [READ_WITH], "raise READING in prose_series too"
