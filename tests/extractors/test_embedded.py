"""JSON inside of pages and scripts, and Cyrillic words with foreign letters in them."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable

import brotli
import pytest
import zstandard

from extractors import derive
from extractors.lookalikes import mended
from model import Portion, UnreadableError
from model.packing import packing_of


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


@pytest.mark.parametrize("pack", [gzip.compress, brotli.compress, zstandard.compress])
def test_a_packed_file_is_unpacked_and_a_cut_one_refused(pack: Callable[[bytes], bytes]) -> None:
    text = "day,killed\n" + "".join(f"2026-01-{day:02},{day}\n" for day in range(1, 29))
    packed = pack(text.encode())
    assert derive(packed, media_type="text/csv").text == text
    with pytest.raises(UnreadableError, match="too early"):
        derive(packed[:-4], media_type="text/csv")


@pytest.mark.parametrize("pack", [gzip.compress, brotli.compress, zstandard.compress])
def test_a_packed_file_that_unpacks_without_end_is_too_large(pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(UnreadableError, match="more than 64 MiB"):
        derive(pack(b"a,1\n" * 20_000_000), media_type="text/csv")


def test_what_only_looks_like_no_text_is_not_unpacked() -> None:
    assert packing_of(b"\x0b\x02\x80hello\x03") == "br"
    rng = random.Random(1)
    assert not [seed for seed in range(3_000) if packing_of(rng.randbytes(200))]
    assert packing_of("día,muertos\n".encode("utf-16")) is None


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
