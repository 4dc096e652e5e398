"""The checks on made series of kinds that nobody tuned them on; docs/checks.md has the table."""

from __future__ import annotations

import pytest

from benchmarks.strangers import STRANGERS, measure

TOTALS = (
    "cumulative_cases",
    "reservoir",
    "election",
    "price",
    "price_as_total",
    "corrected_counter",
    "beds",
    "displaced",
)
RATES = ("unemployment", "unemployment_as_total")
MOST_FALSE = 3
"""False alarms in 240 releases: the first falls of what its definition calls a running total teach that it is none."""


# Checks see the accepted state alone, whichever database keeps it.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.long
@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_s_typos_are_held_and_its_habits_are_not(name: str) -> None:
    tally = measure(name)
    assert tally.false <= MOST_FALSE
    assert tally.typos["large"] >= 8
    if name in TOTALS:
        assert tally.hits["large"] == tally.typos["large"]
    if name in RATES:
        assert tally.hits["large"] >= tally.typos["large"] - 1
