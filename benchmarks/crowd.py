"""Half-open connections and wrong logins at once against the review page, without a login of one's own.

    python -m benchmarks.crowd [CONNECTIONS] [LOGINS]

Starts `serve --page-only` in a scratch home on loopback, opens connections (2,000) that never finish their headers,
sends wrong logins (200) at once, and prints what the page answers beside them, how many logins were tried, how long the
right password takes to get in, and the most memory that the page had. Counts, seconds and processes are bounded.
"""

from __future__ import annotations

import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

CONNECTIONS, LOGINS = 2_000, 200
PASSWORD = "a sound password of the desk"
AT_ONCE = 100


class _Stay(HTTPRedirectHandler):
    """A login that succeeds redirects; that is all that is asked."""

    def redirect_request(self, *_: object) -> None:  # type: ignore[override]
        return None


def main(connections: int, logins: int) -> None:
    """Play both at once and print the figures."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, connections + 1_000), hard))
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"TALLYBOOK_HOME": home}
        run = [sys.executable, "-m", "cli.main"]
        subprocess.run(
            [*run, "users", "add", "ann", "--password-stdin"],
            input=PASSWORD + "\n", text=True, env=environment, check=True, timeout=180,
        )  # fmt: skip
        log = Path(home) / "page.log"
        with log.open("w") as said:
            page = subprocess.Popen([*run, "serve", "--page-only", "--port", "0"], env=environment, stderr=said)
            try:
                _play(_port(log, page), page.pid, connections, logins)
                print(f"log {log.stat().st_size:,} bytes")
            finally:
                page.terminate()
                page.wait(60)


def _play(port: int, pid: int, connections: int, logins: int) -> None:
    held = [found for _ in range(connections) if (found := _half_open(port))]
    answers: Counter[int | str] = Counter()
    beside: list[float] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sent = [pool.submit(_login, port, f"guess {number}") for number in range(logins)]
        ended = threading.Event()
        for _ in range(20):
            began = time.monotonic()
            answers[f"healthz {_status(port, '/healthz')}"] += 1
            beside.append(time.monotonic() - began)
            ended.wait(0.5)
        answers.update(one.result() for one in sent)
    began, tries = time.monotonic(), 1
    while _login(port, PASSWORD) != HTTPStatus.SEE_OTHER and tries < 60:
        tries += 1
        time.sleep(1)
    print(f"held {len(held)} of {connections}; answers {dict(answers)}")
    print(f"beside them healthz took {sorted(beside)[len(beside) // 2]:.2f} s (median), {max(beside):.2f} s (most)")
    print(f"the right password was in after {time.monotonic() - began:.1f} s, try {tries}")
    found = re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{pid}/status").read_text())
    print(f"most memory {int(found[1]) // 1024 if found else 0} MiB")
    for one in held:
        one.close()


def _half_open(port: int) -> socket.socket | None:
    try:
        found = socket.create_connection(("127.0.0.1", port), timeout=5)
        found.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b")
    except OSError:
        return None
    return found


def _status(port: int, path: str, data: bytes | None = None, seconds: float = 10) -> int | str:
    opener = build_opener(ProxyHandler({}), _Stay())
    try:
        with opener.open(Request(f"http://127.0.0.1:{port}{path}", data), timeout=seconds) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except OSError as error:
        return type(error).__name__


def _login(port: int, password: str) -> int | str:
    return _status(port, "/login", urlencode({"name": "ann", "password": password}).encode(), 90)


def _port(log: Path, page: subprocess.Popen[bytes]) -> int:
    for _ in range(600):
        if found := re.search(r"127\.0\.0\.1:(\d+)", log.read_text()):
            return int(found[1])
        if page.poll() is not None:
            break
        time.sleep(0.2)
    raise SystemExit(f"the page did not start: {log.read_text()}")


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:3]) if len(sys.argv) > 2 else (CONNECTIONS, LOGINS))
