"""What one has in hand nobody else gets, over processes, on both databases; what a killed one had is free."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.turns import book as module
from storage.turns.book import Turns
from tests.pipeline.desks import ROOT
from tests.storage import books

HOLD = """
import sys
from pathlib import Path
from storage.turns.book import Turns
turns = Turns(sys.argv[1], Path(sys.argv[2]))
print(turns.take("host", "example.org"), turns.take("source", "deaths"), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Where the ledger lies beside which turns are kept."""
    return books.database_url(tmp_path)


@pytest.fixture
def two(url: str, tmp_path: Path) -> Iterator[tuple[Turns, Turns]]:
    """Two hands, as two processes have them."""
    one, other = Turns(url, tmp_path), Turns(url, tmp_path)
    yield one, other
    one.close()
    other.close()


def test_what_one_has_in_hand_the_other_waits_for_and_what_was_given_back_rests(two: tuple[Turns, Turns]) -> None:
    one, other = two
    assert one.take("source", "deaths") == 0
    assert 0 < other.take("source", "deaths") <= module.LEASE
    assert other.take("host", "deaths") == 0, "another kind is another turn"
    with other.of("source", "deaths", wait=False) as ours:
        assert not ours
    assert one.in_hand("source") == other.in_hand("source") == ["deaths"]
    other.give_back("source", "deaths")
    assert other.in_hand("source") == ["deaths"], "only who holds it gives it back"
    one.give_back("source", "deaths", rest=0.3)
    assert 0 < other.take("source", "deaths") <= 0.3
    assert other.in_hand("source") == []
    with other.of("source", "deaths") as ours:
        assert ours
    assert one.take("source", "deaths") == 0


def test_of_many_that_ask_at_once_one_gets_it(url: str, tmp_path: Path) -> None:
    hands = [Turns(url, tmp_path) for _ in range(6)]
    with ThreadPoolExecutor(len(hands)) as pool:
        for number in range(10):
            got = list(pool.map(lambda hand, name=str(number): hand.take("source", name), hands))
            assert got.count(0.0) == 1
    for hand in hands:
        hand.close()


def test_what_a_killed_process_held_is_free_but_a_host_rests_as_if_it_had_just_been_asked(
    url: str, two: tuple[Turns, Turns], tmp_path: Path
) -> None:
    command = [sys.executable, "-c", HOLD, url, str(tmp_path)]
    holder = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == b"0.0 0.0\n"
        assert two[0].take("source", "deaths") > 0
        assert two[0].take("host", "example.org", rest=0.3) > 0.3
    finally:
        holder.kill()
        holder.wait(30)
    assert two[0].in_hand("source") == []
    assert two[0].take("source", "deaths") == 0
    assert two[0].take("host", "example.org", rest=0.3) == 0.3
    assert 0 < two[1].take("host", "example.org", rest=0.3) <= 0.3
    time.sleep(0.35)
    assert two[1].take("host", "example.org", rest=0.3) == 0


def test_a_lease_is_renewed_while_its_process_lives_and_one_of_another_machine_ends_by_itself(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RENEWED", 0.05)
    far, near, alive = Turns(url, tmp_path), Turns(url, tmp_path), Turns(url, tmp_path)
    far._holder = "elsewhere|1|2|3"
    assert far.take("source", "deaths", 3) == alive.take("source", "alive", 3) == 0
    far._held.clear()  # as if it had been killed: no sign of life comes any more
    assert near.take("source", "deaths") > 0
    with near.of("source", "deaths") as ours:
        assert ours
    assert near.take("source", "alive") > 3
    for one in (far, near, alive):
        one.close()


def test_what_is_kept_beside_a_ledger_in_a_file_is_private(two: tuple[Turns, Turns], tmp_path: Path) -> None:
    two[0].take("source", "deaths")
    assert [path.stat().st_mode & 0o077 for path in tmp_path.glob(module.FILE)] in ([0], [])


@pytest.mark.parametrize("held", [True, False])
def test_what_a_clock_wrote_that_was_ahead_keeps_nobody_waiting(two: tuple[Turns, Turns], held: bool) -> None:
    ahead = {name: f"({clock} + 34560000)" for name, clock in module._CLOCK.items()}
    one, other = two
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_CLOCK", ahead)
        module._put.cache_clear()
        assert one.take("source", "deaths") == 0
        if not held:
            one.give_back("source", "deaths", rest=1)
    module._put.cache_clear()
    assert other.in_hand("source") == []
    assert other.take("source", "deaths") == 0
    assert one.take("source", "deaths") > 0
