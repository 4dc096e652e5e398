"""Every fault of a publisher ends in the right state and a message that says what to do; nothing is lost or made up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.pipeline.desks import desk
from tests.pipeline.simulated import play
from tests.sources.faults import FAULTS, HARMLESS, Fault

EVERY = [pytest.param(fault, id=fault.name) for fault in (*FAULTS, *HARMLESS)]


WITHOUT_ADVICE = ("no JSON", "line", "no followed figure", "JSON")
"""What the extractors say names the place in the report, which is what to look at."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with nothing in it, to be copied: making its tables takes longer than playing a fault."""
    home = tmp_path_factory.mktemp("empty")
    with desk(home) as opened:
        assert opened.ledger.views.log() == []
    return home / "ledger.sqlite"


@pytest.mark.parametrize("fault", EVERY)
def test_a_fault_is_told_by_its_name_and_changes_nothing(fault: Fault, tmp_path: Path, empty: Path) -> None:
    shutil.copy(empty, tmp_path)
    played = play(tmp_path, fault)
    assert played.problems == []
    state, reason, message = played.told[0]
    assert (state, reason if fault.reason else "") == (fault.state, fault.reason)
    assert fault.says in message
    assert fault in HARMLESS or message.endswith(")") or fault.says in WITHOUT_ADVICE


@pytest.mark.long
@pytest.mark.parametrize("fault", EVERY)
def test_a_fault_played_a_hundred_times_is_told_alike_each_time(fault: Fault, tmp_path: Path, empty: Path) -> None:
    shutil.copy(empty, tmp_path)
    played = play(tmp_path, fault, runs=100)
    assert played.problems == []
    assert {told[:2] if fault.reason else told[:1] for told in played.told} == {
        (fault.state, fault.reason) if fault.reason else (fault.state,)
    }
