"""Ctrl-C ends a command quietly at any moment, also while it is still being loaded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


LOADING = "import time\nprint('loading', flush=True)\ntime.sleep({seconds})\nraise SystemExit(7)\n"
"""A `click` that says when it is imported, takes its time, and ends the command."""


def ignoring() -> None:
    """As a shell starts what goes on in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def listening() -> None:
    """As a shell starts what stands in the foreground, however the tests themselves were started."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(("before", "seconds", "code"), [(listening, 60, 130), (ignoring, 1, 7)])
def test_ctrl_c_while_the_command_is_loaded_ends_it_without_a_word(
    tmp_path: Path, before: Callable[[], None], seconds: int, code: int
) -> None:
    (tmp_path / "click.py").write_text(LOADING.format(seconds=seconds))
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.start", "log"],
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "loading\n"
    process.send_signal(signal.SIGINT)
    assert (*process.communicate(timeout=30), process.returncode) == ("", "", code)
