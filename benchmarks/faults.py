"""Every fault of a publisher, played many times through the real refresh, as a table for docs/reliability.md.

python -m benchmarks.faults 100
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.pipeline.desks import desk
from tests.pipeline.simulated import play
from tests.sources.faults import FAULTS, HARMLESS, Fault


def main() -> None:
    """Print a row a fault: how often it was played, the state, the reason recorded; exits with 1 at any problem."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("runs", type=int, nargs="?", default=1)
    runs = parser.parse_args().runs
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty"
        with desk(empty) as opened:
            opened.ledger.views.log()
        print("| fault | runs | state | recorded as | wrong |\n|---|---|---|---|---|", flush=True)
        for number, fault in enumerate((*FAULTS, *HARMLESS)):
            home = Path(folder) / str(number)
            home.mkdir()
            shutil.copy(empty / "ledger.sqlite", home)
            failed |= _row(fault, home, runs)
            shutil.rmtree(home)
    sys.exit(failed)


def _row(fault: Fault, home: Path, runs: int) -> bool:
    played = play(home, fault, runs)
    told = Counter((state, reason if fault.reason else "") for state, reason, _ in played.told)
    wrong = len(played.problems) + sum(count for one, count in told.items() if one != (fault.state, fault.reason))
    states = ", ".join(dict.fromkeys(state for state, _ in told))
    reasons = ", ".join(dict.fromkeys(f"`{reason}`" for _, reason in told if reason))
    print(f"| {fault.name} | {len(played.told)} | {states} | {reasons} | {wrong} |", flush=True)
    for problem in played.problems[:3]:
        print(f"    {fault.name}: {problem}", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    main()
