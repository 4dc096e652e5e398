"""Text from outside is harmless at every exit."""

from __future__ import annotations

import csv
import html
import io
import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.safe import Exit, safe, web_address

EXITS: tuple[Exit, ...] = ("terminal", "html", "markdown", "csv")
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
UNSEEN = "\u200b\u2060\ufeff\u00ad\u180e\u3164\U000e0041"
hostile = st.text() | st.text(
    alphabet=st.sampled_from("a1 =+-@|<>&\"'`*_[]()#!\\\n\r\t\x1b\x07\x9b\u2028" + BIDI + UNSEEN + "\u200d\u0301م")
)


@pytest.mark.parametrize("exit_", EXITS)
@given(text=hostile)
def test_no_exit_lets_a_control_a_line_break_or_a_direction_through(exit_: Exit, text: str) -> None:
    shown = safe(text, exit_)
    assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    assert not set(shown) & set(BIDI + UNSEEN)


@given(text=hostile)
def test_what_is_safe_for_a_terminal_stays_as_it_is_when_made_safe_again(text: str) -> None:
    once = safe(text, "terminal")
    assert safe(once, "terminal") == once


@given(text=hostile)
def test_html_shows_the_text_and_makes_no_element(text: str) -> None:
    class Listener(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.tags: list[str] = []
            self.data = ""

        def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
            self.tags.append(tag)

        def handle_data(self, data: str) -> None:
            self.data += data

    listener = Listener()
    listener.feed(f"<p>{safe(text, 'html')}</p>")
    listener.close()
    assert listener.tags == ["p"]
    assert listener.data == html.unescape(safe(text, "html"))
    assert '"' not in safe(text, "html")
    assert "'" not in safe(text, "html")


@given(text=hostile)
def test_a_csv_cell_is_never_calculated_and_reads_back_as_one_cell(text: str) -> None:
    cell = safe(text, "csv")
    calculated = re.match(r"\s*[=+\-@＝＋－＠]", cell)
    assert not calculated or re.fullmatch(r"\s*[+-]?(\d+(\.\d+)?|\.\d+)\s*", cell, re.ASCII)
    written = io.StringIO()
    csv.writer(written).writerow([cell, "next"])
    assert next(csv.reader(io.StringIO(written.getvalue(), newline=""))) == [cell, "next"]


@given(text=hostile)
def test_markdown_leaves_no_mark_that_is_not_escaped(text: str) -> None:
    without_escapes = re.sub(r"\\[\\`*_{}\[\]#!|~$^@:.)=+-]", "", safe(text, "markdown"))
    assert not set(without_escapes) & set("\\`*_{}[]#!|~$<>^@")


@pytest.mark.parametrize("number", ["-4", "+5", "-4.50", "12", "+1234567890.1", "-.5"])
def test_plain_numbers_with_a_sign_are_left_alone_in_csv(number: str) -> None:
    assert safe(number, "csv") == number


@pytest.mark.parametrize(
    "formula",
    ["=1+1", "+1+1", "-1+1|cmd", "@SUM(A1)", "\t=1", "\r=1", " =HYPERLINK(1)", "＝1", "-4e3", "\u200b=1+1", "\x00=1"],
)
def test_formulas_get_an_apostrophe_in_csv(formula: str) -> None:
    shown = safe(formula, "csv")
    assert shown.startswith("'") or not re.match(r"\s*[=+\-@]", shown)


@pytest.mark.parametrize(
    ("attack", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("\x9b2J", "\ufffd2J"),
        ("abc\x08\x08\x08xyz", "abc␈␈␈xyz"),
        ("1\u202e234", "1234"),
        ("1\u200b2\u200d3", "123"),
        ("one\ntwo\r\nthree\u2028four", "one two three four"),
        ("a\ud800b", "a\ufffdb"),
        ("z" + "\u0301" * 40, "z" + "\u0301" * 4),
    ],
)
def test_tricks_on_a_terminal_are_seen_or_gone(attack: str, shown: str) -> None:
    assert safe(attack, "terminal") == shown


@pytest.mark.parametrize(
    "text", ["نمی‌خواهم", "क्‍ष", "👩‍👩‍👧", "Генеральний штаб", "1\u00a0067\u00a0100", "é", "e\u0301"]
)
def test_honest_spelling_is_kept(text: str) -> None:
    assert safe(text, "terminal") == text


@pytest.mark.parametrize(
    ("attack", "shown"),
    [
        ("[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("# heading", "\\# heading"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("12) item", "12\\) item"),
        ("a | b", "a \\| b"),
        ("a\n\n---\n\n| b |", "a  ---  \\| b \\|"),
        ("===", "\\==="),
        ("    code", "code"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ("https://evil.example", "https\\://evil.example"),
    ],
)
def test_markdown_shows_attacks_as_text(attack: str, shown: str) -> None:
    assert safe(attack, "markdown") == shown


def test_an_unknown_exit_is_refused() -> None:
    with pytest.raises(ValueError, match="is no exit"):
        safe("text", "printer")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:secret@example.org:8443/a?b=c#d", "https://example.org:8443/a?b=c#d"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("java\nscript:alert(1)", None),
        ("//example.org/x", None),
        ("http://example.org:99999/", None),
        ("", None),
        (None, None),
    ],
)
def test_links_are_http_and_carry_no_password(url: str | None, shown: str | None) -> None:
    assert web_address(url) == shown
