"""A page is laid out once, and every selector leads into the same text, whoever follows it."""

from __future__ import annotations

import random
import warnings

import pytest
from bs4 import BeautifulSoup

from extractors.page.layout import Page
from extractors.page.outline import Outline

NAMES = (
    *("p", "div", "table", "tr", "td", "th", "tbody", "ul", "li", "b", "a", "sup", "pre", "h1", "br", "html", "body"),
    *("head", "script", "template", "svg", "textarea", "form", "o:p"),
)
PIECES = (
    *("12", "3 hurt", " ", "\n", "&nbsp;", "&amp;", "&#8239;", "&", "&#0;", "\x00", "\u00ad", "Ж", "\ufeff", "\x0c"),
    *("<![CDATA[x]]>", "<!-- c -->", "<!-->", "<!--", "<?php x ?>", "<!DOCTYPE html>", "<", "</", "<a b", "<p/>"),
    *("</p>", "</table>", "</body>", "</html>", "<meta charset=koi8-r>", "<html lang=x>", "&#xD800;", '"', "="),
)
MARKS = ("class=a", 'class="a b"', "id=b", "CLASS=A", "colspan=2", "id", "class='' ", 'a"b=c')
PLAIN = ("h1", "p, li", "td.a", "#b", ".a.b", "div > p", "div p b", "body .a > .b", "table tr td", "LI")
OTHERS = ("[class]", "*", "* > p", "p:first-child", "p + p", "p:not(.a)", "tr:nth-child(2) td", "div:has(b)")
SHOWN = (
    "<div id=b class='x a'><p>1</p><ul class=a><li>2<li class=b>3</ul></div><template><p>4</p></template>"
    "<p>5</p><table><tr><td class='a b'>6<tr><td>7<table><tr><td>8</table></table>"
)


def broken(seed: int) -> str:
    """Markup as no person writes it."""
    chance = random.Random(seed)
    written = []
    for _ in range(chance.randint(0, 40)):
        kind = chance.random()
        marks = "".join(f" {chance.choice(MARKS)}" for _ in range(chance.choice((0, 0, 1, 2))))
        tag = f"<{chance.choice(NAMES)}{marks}>" if kind < 0.35 else f"</{chance.choice(NAMES)}>"
        written.append(tag if kind < 0.6 else chance.choice(PIECES))
    return "".join(written)


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_the_outline_of_broken_markup_has_the_elements_that_beautiful_soup_has(start: int) -> None:
    for seed in range(start, start + 100):
        markup = broken(seed).replace("\x00", "\ufffd").removeprefix("\ufeff")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tags = BeautifulSoup(markup, "lxml").find_all(True)
        elements = Outline(markup).elements
        assert [(one.name, one.parent and one.parent.name) for one in elements] == [
            (tag.name, tag.parent.name if tag.parent is not None and tag.parent.name != "[document]" else None)
            for tag in tags
        ], markup


@pytest.mark.parametrize("css", [*PLAIN, *OTHERS])
def test_a_selector_chooses_what_beautiful_soup_chooses(css: str) -> None:
    for markup in (SHOWN, *map(broken, range(150))):
        page = Page(markup)
        assert page._chosen(css) == page._paired(css), markup


def test_beautiful_soup_parses_no_page_whose_selectors_ask_for_names_ids_and_classes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def parse(*_: object) -> None:
        raise AssertionError("Beautiful Soup was asked")

    monkeypatch.setattr("bs4.BeautifulSoup", parse)
    page = Page(SHOWN)
    assert [page.text[start:end] for css in PLAIN for start, end in page.select(css)]
    with pytest.raises(AssertionError, match="was asked"):
        page.select("p:first-child")


def test_a_byte_order_mark_before_the_page_is_no_part_of_it() -> None:
    page = Page("\ufeff<h1>12</h1>")
    assert [page.text[start:end] for start, end in page.select("h1:first-child")] == ["12"]
