"""JSON inside of pages and scripts, and Cyrillic words with foreign letters in them."""

from __future__ import annotations

import gzip

import pytest

from extractors import derive
from extractors.lookalikes import mended
from model import Portion, UnreadableError


def embedded(page: str, pattern: str) -> str:
    return derive(page.encode(), media_type="text/html", piece=Portion(embedded=pattern)).text


@pytest.mark.parametrize(
    "page",
    [
        '<script id="__NEXT_DATA__" type="application/json">{"killed": 5}</script>',
        "<script>var a=JSON.parse('[1]'),b=JSON.parse('{\"killed\": 5}');</script>",
        '<script>b=JSON.parse("{\\"killed\\": 5}")</script>',
        'b=JSON.parse(`{"killed": 5}`)',
        '<script>window.DATA = {"killed": 5};</script>',
        '<script>window.A={"x":[1]};window.B={"killed": 5}</script>',
        'self.push([{"killed": 5}])'.replace("[{", "{").replace("}]", "}"),
    ],
)
def test_a_piece_of_json_is_found_where_pages_keep_it(page: str) -> None:
    assert embedded(page, '"killed"') == '{"killed": 5}'


def test_escapes_of_a_literal_are_undone() -> None:
    page = r"""x=JSON.parse('{"n":"It\'s \u0412\xe9 \ud83d\ude00 \\"q\\" \\n"}')"""
    assert embedded(page, '"n"') == '{"n":"It\'s Вé 😀 \\"q\\" \\n"}'


def test_a_page_that_draws_its_figures_from_elsewhere_is_said() -> None:
    with pytest.raises(UnreadableError, match="no JSON inside"):
        embedded("<script>JSON.parse('[1]')</script>", "killed")


def test_an_unclosed_literal_takes_no_time() -> None:
    with pytest.raises(UnreadableError):
        embedded("JSON.parse('" + "a" * 1_000_000 + "\\" * 999, "killed")


def test_a_gzip_file_is_unpacked_and_a_cut_one_refused() -> None:
    packed = gzip.compress(b"killed,5\n")
    assert derive(packed, media_type="text/csv").text == "killed,5\n"
    with pytest.raises(UnreadableError, match="gzip"):
        derive(packed[:-4], media_type="text/csv")


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        ("PC3B — 393", "РСЗВ — 393"),
        ("3acoби ПП0 — 206", "Засоби ППО — 206"),
        ("Ocoбoвий cклaд — близькo 81370 oсiб (+510)", "Особовий склад — близько 81370 осіб (+510)"),
        ("Koрaблi (кaтepи)", "Кораблі (катери)"),
        ("HIMARS, Т-64, 8137O, x", "HIMARS, Т-64, 8137O, x"),
    ],
)
def test_lookalikes_are_mended_in_words_and_nowhere_else(printed: str, meant: str) -> None:
    assert mended(printed) == meant
