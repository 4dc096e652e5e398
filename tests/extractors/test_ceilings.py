"""What one release may bring: beyond it is refused by name or left out and told, never a crash, never without end."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable

import pytest

import extractors
from extractors.tables.cells import without_notes
from model import Reading, UnreadableError
from tests.extractors.made import cells, checks, read, source

DEAD = source("csv", [{"id": "dead", "column": "dead"}], as_of={"column": "date"})
PLACES = source("csv", [{"id": "dead", "column": "dead"}], as_of={"column": "date"}, by={"whom": "place"})
JSON = source("json", [{"id": "dead", "path": "dead"}], as_of={"path": "date"})


def _seconds(work: Callable[[int], object], size: int) -> float:
    began = time.process_time()
    work(size)
    return time.process_time() - began


@pytest.mark.parametrize("mark", ["*", "[a]", "(p)", " [1]", "¹", " *", "[", "<", "~", "-", "1,", "1 ", "a.", "'"])
def test_a_cell_of_one_mark_takes_time_as_its_length(mark: str) -> None:
    def work(size: int) -> Reading:
        return read(DEAD, f'date,dead\n2026-11-01,100\n2026-11-02,"5{mark * size}"\n2026-11-03,"{mark * size}x"\n')

    work(1)
    short, long = _seconds(work, 8_000), _seconds(work, 32_000)
    # Four times the text: 16 times the work if it grew with the square.
    assert long < 0.05 or long < 8 * short


@pytest.mark.parametrize(
    ("printed", "plain"),
    [
        ("1,234[1]", "1,234"), ("Lost[a]", "Lost"), ("88[note 2]", "88"), ("5.5(p)", "5.5"), ("130*", "130"),
        ("5 [1] *", "5"), ("12***[x]", "12"), ("*", ""), ("a*b", "a*b"), ("7" + "[a]" * 500, "7"),
    ],
)  # fmt: skip
def test_marks_of_footnotes_are_taken_off_one_by_one(printed: str, plain: str) -> None:
    assert without_notes(printed) == plain


@pytest.mark.parametrize("number", ["9" * 25, "9" * 4000, "1e24", "1e28", "1e99", "1e-40", "0." + "3" * 31])
def test_a_number_that_no_report_states_is_unreadable_and_told(number: str) -> None:
    reading = read(JSON, f'[{{"date": "2026-11-01", "dead": {number}}}, {{"date": "2026-11-02", "dead": 5}}]')
    assert cells(reading) == [("dead", "2026-11-01", "?"), ("dead", "2026-11-02", "5")]
    assert checks(reading) == ["unreadable_value"]


@pytest.mark.parametrize("number", ["9" * 24, "1e23", "-" + "9" * 24, "0." + "3" * 29])
def test_the_largest_and_the_finest_numbers_are_read(number: str) -> None:
    assert checks(read(JSON, f'[{{"date": "2026-11-01", "dead": {number}}}]')) == []


def test_a_row_whose_label_no_address_can_hold_is_left_out_and_told() -> None:
    reading = read(PLACES, f"date,place,dead\n2026-11-01,{'x' * 201},5\n2026-11-01,{'y' * 200},6\n")
    assert [content for _, _, content in cells(reading)] == ["6"]
    assert checks(reading) == ["unreadable_row"]


def test_a_release_of_more_series_than_anybody_follows_is_refused_by_name() -> None:
    rows = "".join(f"2026-11-01,p{number},5\n" for number in range(100_001))
    with pytest.raises(UnreadableError, match="more than 100,000 series") as caught:
        read(PLACES, f"date,place,dead\n{rows}")
    assert caught.value.reason == "too_large"


def test_a_table_of_more_lines_than_are_read_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(UnreadableError, match="more than 1,000,000 lines") as caught:
        read(DEAD, "date,dead\n" + "2026-11-01,100\n" * 1_000_001)
    assert caught.value.reason == "too_large"


def test_a_gzip_file_that_unpacks_to_more_than_any_report_is_refused_by_name() -> None:
    with pytest.raises(UnreadableError, match="unpacks to more than 64 MiB") as caught:
        extractors.derive(gzip.compress(b"0" * (65 * 2**20), 1), media_type="text/csv")
    assert caught.value.reason == "too_large"


def test_figures_that_nobody_follows_are_kept_up_to_a_bound_that_is_told() -> None:
    follows = source("prose", [], series=[{"id": "killed", "match": {"measure": "killed"}}], language="en")
    said = "".join(f"About {2000 + number} civilians were wounded in district {number}.\n" for number in range(600))
    reading = read(follows, said, "text/plain")
    assert len(reading.unmatched) == 500
    assert checks(reading) == ["unfollowed"]
