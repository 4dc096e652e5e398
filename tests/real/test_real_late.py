"""Real histories of which a part comes late: the generation that is derived is the ledger built in order."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.past.backfill import Wishes, backfill_source
from storage import checkpoint
from storage.proof.checkpoint import Checkpoint
from storage.proof.verify import states
from tests.pipeline.desks import ROOT, desk
from tests.real import corpus

SPLITS = 20

WINDOW = int(os.environ.get("LATE_WINDOW", "60"))
"""Each split is of so many copies in a row, from a place drawn by chance; `LATE_WINDOW=100000` takes them all."""

HOLD = Wishes(hold=True)


def _digests(home: Path, name: str, *manifests: Path) -> list[tuple[str, str]]:
    """What a ledger's updates come to after these manifests, one after the other."""
    with desk(home, sources=corpus.DEFINITIONS) as opened:
        for manifest in manifests:
            backfill_source(opened, opened.catalogue[name], manifest, wishes=HOLD)
        assert list(opened.ledger.verify()) == []
        with opened.ledger.engine.connect() as connection:
            return list(states(connection))


def _part(manifest: Path, lines: list[str], name: str) -> Path:
    """A manifest of some of the copies, beside the whole one."""
    path = manifest.with_name(name)
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.mark.long
@pytest.mark.parametrize("name", ["ua_personnel", "uk_indicators"])
def test_of_a_real_history_any_part_may_come_late(name: str, tmp_path: Path) -> None:
    whole = corpus.manifest(name, _folder(tmp_path / "copies"))
    every = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    for seed in range(SPLITS):
        chance = random.Random(seed)
        first, share = chance.randrange(max(1, len(every) - WINDOW)), chance.uniform(0.05, 0.95)
        lines = every[first : first + WINDOW]
        early, late = (_by_line if seed % 2 else _by_time)(lines, chance, share)
        ordered = _digests(tmp_path / f"ordered-{seed}", name, _part(whole, lines, "all.jsonl"))
        parts = _part(whole, early, "early.jsonl"), _part(whole, late, "late.jsonl")
        assert _digests(tmp_path / f"split-{seed}", name, *parts) == ordered, seed
        print(f"{name} {seed}: {len(lines)} copies, {len(early)} of them first: {len(ordered)} updates, equal")


def _by_line(lines: list[str], chance: random.Random, share: float) -> tuple[list[str], list[str]]:
    """Any copies first, then all: the manifest says in which order those of one time come."""
    return [line for line in lines if chance.random() < share] or lines[-1:], lines


def _by_time(lines: list[str], chance: random.Random, share: float) -> tuple[list[str], list[str]]:
    """The copies of any times first, then the others alone."""
    times = sorted({json.loads(line)["fetched_at"] for line in lines})
    first = {one for one in times if chance.random() < share} or {times[-1]}
    early = [line for line in lines if json.loads(line)["fetched_at"] in first]
    return early, [line for line in lines if line not in early] or lines


BACKFILL = """
import sys
from pathlib import Path
from flows.past.backfill import Wishes, backfill_source
from tests.pipeline.desks import desk

home, name, manifest, sources = sys.argv[1:]
with desk(Path(home), sources=Path(sources)) as opened:
    source = opened.catalogue[name]
    opened.ledger
    print("begun", flush=True)
    backfill_source(opened, source, Path(manifest), wishes=Wishes(hold=True))
"""


@pytest.mark.long
@pytest.mark.parametrize("name", ["ua_personnel", "uk_indicators"])
def test_whoever_is_killed_in_the_middle_leaves_the_generation_in_force_whole(name: str, tmp_path: Path) -> None:
    whole = corpus.manifest(name, _folder(tmp_path / "copies"), lambda place, _count: place < 120)
    lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    home, chance = tmp_path / "home", random.Random(name)
    before = _digests(home, name, _part(whole, lines[1::2], "early.jsonl"))
    with desk(home, sources=corpus.DEFINITIONS) as opened:
        kept = Checkpoint.parse(checkpoint(opened.ledger.engine))
    for _ in range(5):
        _killed(home, name, whole, chance.uniform(0.0, 3.0))
        with desk(home, sources=corpus.DEFINITIONS) as opened:
            assert list(opened.ledger.verify(kept)) == []
            with opened.ledger.engine.connect() as connection:
                assert list(states(connection)) == before
    assert _digests(home, name, whole) == _digests(tmp_path / "ordered", name, whole)


def _killed(home: Path, name: str, manifest: Path, seconds: float) -> None:
    """Begin to backfill, and kill it with nothing to catch it so long after it has begun."""
    command = [sys.executable, "-c", BACKFILL, str(home), name, str(manifest), str(corpus.DEFINITIONS)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(seconds)
        process.kill()
    assert process.returncode == -signal.SIGKILL


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
