"""Commands as processes of their own that begin where Python and the program are loaded already.

Tests run hundreds of commands, and most of what one takes is its start. A server that has imported the program and
runs no thread forks each; how a command starts from nothing is what tests/cli/test_interrupted.py and the demo hold.

    python -m tests.pipeline.forked
"""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

SECONDS = 120
"""A command that takes longer is ended."""

_ROOT = Path(__file__).parents[2]
_LOADED = ("cli.main", "cli.commands.sources_new", "flows.pipeline", "flows.status", "flows.batches", "publish.telling")


def run(
    arguments: Sequence[str], env: Mapping[str, str], cwd: Path | None, input: str | None
) -> subprocess.CompletedProcess[str]:
    """Run the command with these arguments; raises `subprocess.TimeoutExpired` as `subprocess.run` does."""
    with tempfile.TemporaryDirectory(prefix="command-") as name:
        folder = Path(name)
        (folder / "in").write_text(input or "", encoding="utf-8")
        os.mkfifo(folder / "code")
        told = os.open(folder / "code", os.O_RDONLY | os.O_NONBLOCK)
        try:
            request = {"folder": name, "arguments": list(arguments), "env": dict(env), "cwd": str(cwd or _ROOT)}
            _ask(request)
            ready, _, _ = select.select([told], [], [], SECONDS + 10)
            code = int(os.read(told, 20)) if ready else -signal.SIGALRM
        finally:
            os.close(told)
        if code == -signal.SIGALRM:
            raise subprocess.TimeoutExpired(list(arguments), SECONDS)
        out, err = ((folder / stream).read_text(encoding="utf-8", errors="replace") for stream in ("out", "err"))
        return subprocess.CompletedProcess(list(arguments), code, out, err)


_lock = threading.Lock()


def _ask(request: Mapping[str, Any]) -> None:
    with _lock:
        stream = _server().stdin
        assert stream is not None
        stream.write(json.dumps(request).encode() + b"\n")
        stream.flush()


@cache
def _server() -> subprocess.Popen[bytes]:
    server = subprocess.Popen([sys.executable, "-m", "tests.pipeline.forked"], stdin=subprocess.PIPE, cwd=_ROOT)
    atexit.register(_end, server)
    return server


def _end(server: subprocess.Popen[bytes]) -> None:
    assert server.stdin is not None
    server.stdin.close()
    server.wait()


def serve() -> None:
    """Fork a command for each request on standard input, until that ends."""
    for module in _LOADED:
        __import__(module)
    assert threading.active_count() == 1, "a fork takes its own thread alone along"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin.buffer:
        if not os.fork():
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _watch(json.loads(line))


def _watch(request: Mapping[str, Any]) -> NoReturn:
    """Fork the command, wait for it, and tell its exit code."""
    command = os.fork()
    if not command:
        _become(request)
    code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
    with contextlib.suppress(OSError):
        Path(request["folder"], "code").write_text(str(code), encoding="ascii")
    os._exit(0)


def _become(request: Mapping[str, Any]) -> NoReturn:
    from cli.main import main

    signal.alarm(SECONDS)
    folder = request["folder"]
    for descriptor, name, mode in ((0, "in", os.O_RDONLY), (1, "out", os.O_CREAT | os.O_WRONLY)):
        os.dup2(os.open(f"{folder}/{name}", mode), descriptor)
    os.dup2(os.open(f"{folder}/err", os.O_CREAT | os.O_WRONLY), 2)
    # What the server had read ahead is not ours.
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8")
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    sys.argv = ["tallybook", *request["arguments"]]
    code = 1
    try:
        main()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
