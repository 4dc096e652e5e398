"""What a person types for a number is read in their language, bounded, and refused where it can be two numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.tables.by_hand import is_plain, plain, typed_number
from model import UsageError


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("11138", None, "11138"), ("-3.50", None, "-3.50"), ("1,110", "en", "1110"), ("1.110", "de", "1110"),
        ("1.110", "en", "1.110"), ("1,110", "de", "1.110"), ("1,110", "uk-UA", "1.110"), ("1 110", None, "1110"),
        ("1,234,567", None, "1234567"), ("1.234,5", None, "1234.5"), ("12'345", "de", "12345"), ("１２３", None, "123"),
    ],
)  # fmt: skip
def test_a_number_is_read_as_its_language_writes_it(text: str, language: str | None, value: str) -> None:
    assert plain(typed_number(text, language)) == value


@pytest.mark.parametrize("text", ["1,110", "1.110", "-12,345"])
def test_what_two_languages_read_as_two_numbers_is_refused_with_both(text: str) -> None:
    bare = text.replace(",", "").replace(".", "")
    with pytest.raises(UsageError, match=f"{bare} to some and {text.replace(',', '.')} to others"):
        typed_number(text, None)


@pytest.mark.parametrize(
    "text", ["1e30000000", "1e1000001", "9" * 25, "0." + "1" * 40, "NaN", "Infinity", "12%", "", "about 5", "1,11,1"]
)
def test_what_is_no_number_or_longer_than_one_can_be_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        typed_number(text, "en")


@pytest.mark.parametrize("text", ["١٢٣", "１２３", "१२३", "12\u066b5", "1 110", "+12", "1,110"])
def test_what_is_not_written_in_plain_digits_is_shown_back_before_it_counts(text: str) -> None:
    assert not is_plain(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=3))
def test_a_plain_number_with_a_clear_fraction_reads_as_itself(number: Decimal) -> None:
    written = format(number, "f") + "0"
    assert is_plain(written)
    assert typed_number(written, None) == number
