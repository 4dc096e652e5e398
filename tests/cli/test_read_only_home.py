"""A home that cannot be written, on a mount that is read-only, is told in a sentence by whatever must write there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOUNTED = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" || exit 99; shift; exec "$@"'


def read_only(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command where the home is mounted read-only, in a space of mounts of its own."""
    surroundings = os.environ | {"TALLYBOOK_HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = ["unshare", "-m", "sh", "-c", MOUNTED, "sh", str(home), sys.executable, "-m", "cli.main", *arguments]
    try:
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=120, check=False)
    except FileNotFoundError:
        pytest.skip("this system has no unshare(1)")
    if done.returncode == 99 or "unshare:" in done.stderr:
        pytest.skip("mounting is not allowed here")
    return done


@pytest.mark.parametrize(
    "command",
    [("serve", "--port", "0", "--prefect-port", "0"), ("serve", "--page-only", "--port", "0"), ("users", "list")],
)
@pytest.mark.parametrize("used", [False, True])
def test_serve_on_a_read_only_home_ends_with_a_sentence(tmp_path: Path, command: tuple[str, ...], used: bool) -> None:
    home = tmp_path / "home"
    home.mkdir()
    if used:
        from review import AccountStore
        from storage import Archive, Ledger

        AccountStore(home / "review.sqlite")
        Ledger(f"sqlite:///{home / 'ledger.sqlite'}", Archive(home / "archive")).close()
    done = read_only(home, *command)
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
    assert done.stderr.startswith("tallybook: ")
    assert str(home) in done.stderr


def test_a_home_below_a_file_is_told_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    surroundings = os.environ | {"TALLYBOOK_HOME": str(tmp_path / "file" / "home"), "PYTHONPATH": str(ROOT)}
    for arguments in (["serve", "--page-only", "--port", "0"], ["users", "list"], ["refresh"]):
        command = [sys.executable, "-m", "cli.main", *arguments]
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=120, check=False)
        assert "Traceback" not in done.stderr, arguments
        assert done.returncode in (1, 2), arguments
