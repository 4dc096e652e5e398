"""A real page that fell silent or changed its wording is told of on the day; docs/reliability.md lists the days."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest

from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from model import Instant
from tests.pipeline.desks import desk
from tests.real.corpus import PAGES, copies, source, truth
from tests.sources.publisher import Publisher

CASES = [
    ("scotland_govscot", "2020-03-28", "2020-03-29", "changed", "are now “# patients who tested positive have died”"),
    ("scotland_govscot", "2020-03-30", "2020-03-31", "changed", "now “A total of # people in Scotland have been"),
    ("scotland_govscot", "2020-04-13", "2020-04-14", "changed", "tests were positive” and are now “# were positive”"),
    ("scotland_govscot", "2020-05-05", "2020-05-07", "failed", "no followed figure was found on the page"),
    ("scotland_govscot", "2020-06-12", "2020-06-13", "failed", "no bytes"),
    ("wyoming", "2020-04-07", "2020-04-08", "failed", "no followed figure was found on the page"),
    ("wyoming", "2020-04-07", "2020-04-27", "changed", "are now “# – laboratory-confirmed cases”"),
    ("wyoming", "2020-06-26", "2020-07-01", "changed", "in Wyoming” and are now “# – probable cases”"),
    ("shasta", "2020-05-28", "2020-05-30", "failed", "no followed figure was found on the page"),
    ("shasta", "2020-06-12", "2020-06-13", "failed", "no bytes"),
]  # fmt: skip
"""Source, the last day before, the day, the state that the refresh of that day ends in, and what it says."""


@cache
def _pages(name: str) -> dict[str, bytes]:
    return {copy.name.partition(".")[0]: copy.content for copy in copies(name)}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


def _look(home: Path, publisher: Publisher, name: str, day: str, hour: int = 12) -> Outcome:
    publisher.page("/page", _pages(name)[day], headers={"Content-Type": "text/html; charset=utf-8"})
    definition = msgspec.structs.replace(source(name), url=publisher.url("/page"), allow_private_addresses=True)
    with desk(home, Instant(f"{day}T{hour}:00:00Z")) as opened:
        return refresh_source(opened, definition)


@pytest.mark.parametrize(("name", "before", "day", "state", "says"), CASES)
def test_a_page_that_falls_silent_or_is_worded_otherwise_is_told_on_the_day(
    tmp_path: Path, publisher: Publisher, name: str, before: str, day: str, state: str, says: str
) -> None:
    _look(tmp_path, publisher, name, before)
    outcome = _look(tmp_path, publisher, name, day)
    assert (outcome.state, says in outcome.message) == (state, True), outcome.message
    again = _look(tmp_path, publisher, name, day, hour=18)
    assert again.state == ("unchanged" if state == "changed" else state)
    assert says in again.message


def test_every_day_on_which_a_page_began_to_state_nothing_is_among_them() -> None:
    told = {(name, day) for name, _, day, state, _ in CASES if state == "failed"}
    began = set()
    for name in PAGES:
        lines = truth(name)
        states = [line["state"] for line in lines]
        for at, line in enumerate(lines[1:], start=1):
            silent = states[at] == "empty" or (states[at] == "no_figure" and states[at - 1] == "ok")
            began |= {(name, line["fetched"])} if silent else set()
    assert began == told
