"""Printed numbers become exact decimals by their form; what is no number stays none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.tables.cells import Contents
from extractors.tables.numbers import is_blank, read_number


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("121507", None, "121507"),
        ("121,507", None, "121507"),
        ("1,391,950", None, "1391950"),
        ("1 391 950", None, "1391950"),
        ("1\u00a0391\u00a0950", "uk", "1391950"),
        ("1\u202f391\u202f950", "fr", "1391950"),
        ("1\u2009234,5", "fr", "1234.5"),
        ("1'234'567.89", "de", "1234567.89"),
        ("1’234", "de", "1234"),
        ("12,34,567", "en", "1234567"),
        ("1,23", "de", "1.23"),
        ("12,34", "en", "12.34"),
        ("1,234", "de", "1.234"),
        ("0,234", "de", "0.234"),
        ("1.5", "de", "1.5"),
        ("1.234", "de", "1234"),
        ("1.234", "de-AT", "1234"),
        ("1.234", "en", "1.234"),
        ("1.234", None, "1.234"),
        ("1.234.567", None, "1234567"),
        ("1.234,5", None, "1234.5"),
        ("1,234.5", "de", "1234.5"),
        ("0.0", None, "0.0"),
        ("-4", None, "-4"),
        ("\u22124", None, "-4"),
        ("+940", None, "940"),
        ("− 1,234", None, "-1234"),
        ("13 %", None, "13"),
        ("13%", None, "13"),
        ("٣٤٥", "ar", "345"),
        ("१२३", "hi", "123"),
        ("١٬٢٣٤٫٥", "ar", "1234.5"),
        ("50 ,294", "en", "50294"),
        ("1, 748", "en", "1748"),
        ("1e+05", None, "1E+5"),
        ("007", None, "7"),
    ],
)
def test_a_number_is_read_by_its_form(text: str, language: str | None, value: str) -> None:
    assert read_number(text, language) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        *("", "n.a.", "twelve", "1 2345", "1.2.3", "12*", "(5)", "5[1]", "1,234 567", "--5", "1e400", "½"),
        *("9" * 100, "1-2", "2020-03-01", "0x10", "1_000", "inf", "nan"),
    ],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert read_number(text) is None


@given(st.integers(-(10**15), 10**15), st.sampled_from([",", "\u00a0", " ", "'", "\u202f"]))
def test_grouping_never_changes_a_whole_number(number: int, mark: str) -> None:
    assert read_number(f"{number:,}".replace(",", mark)) == number


@given(st.text(max_size=70))
def test_no_text_breaks_the_reading(text: str) -> None:
    value = read_number(text)
    assert value is None or value.is_finite()


def test_blanks_are_no_zero() -> None:
    assert all(is_blank(text) for text in ("", " ", "NA", "N/A", "null", "NaN", "-", "*", "–"))
    assert not any(is_blank(text) for text in ("0", "none", "no"))


@pytest.mark.parametrize(
    ("cell", "content"),
    [
        ("121,507", "121507"),
        ("5.0", "5"),
        ("0", "0"),
        ("", ""),
        ("*", ""),
        (None, ""),
        ("<5", "<5"),
        ("≥ 1,000", ">1000"),
        ("~500", "~500"),
        ("5,000+", ">5000"),
        ("about 300", "~300"),
        ("5 or so", None),
        ("x12", None),
    ],
)
def test_a_cell_is_canonical_content(cell: str | None, content: str | None) -> None:
    assert Contents("exact", "en")[cell] == content


def test_a_fixed_hedge_marks_every_number_and_no_blank() -> None:
    contents = Contents("approximately", "en")
    assert [contents["300"], contents["1,300"], contents[7], contents[""]] == ["~300", "~1300", "~7", ""]
