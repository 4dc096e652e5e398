"""A thousand sources in one run: how long it takes and how much memory, also where a hundred of them fail.

    python -m benchmarks.many [1000] [--hosts 50] [--failing 100]

One publisher on loopback under many addresses (127.0.x.y), tables of three columns; each pass is one refresh of all.
"""

from __future__ import annotations

import argparse
import http.server
import resource
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from flows.batches import refresh_all
from flows.desk import Desk
from flows.settings import Settings
from model import AsOf, FigureRule, Publisher, Source

FAULTS = ("missing", "broken", "reset", "blocked", "silent")


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    rows = 3

    def do_GET(self) -> None:
        kind = self.path.strip("/").partition("/")[0]
        if kind == "reset":
            self.close_connection = True
            return
        if kind == "silent":
            time.sleep(3)
        status = {"missing": 404, "robots.txt": 404, "blocked": 403}.get(kind, 200)
        content = b"date,tanks\n2025-01-0" if kind == "broken" else _table(self.rows)
        tag = f'"{self.rows}"'
        if status == 200 and self.headers.get("If-None-Match") == tag:
            status, content = 304, b""
        self.send_response(status)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    # With the five of the standard library a connection that finds the queue full is tried again a second later.
    request_queue_size = 128


def _table(rows: int) -> bytes:
    return "\n".join(["date,tanks", *(f"2025-01-{day:02},{100 + 3 * day}" for day in range(1, rows + 1)), ""]).encode()


def _source(number: int, url: str) -> Source:
    return Source(
        id=f"many_{number}", title=f"Table {number}", publisher=Publisher(name="P"), method="m", basis="counted",
        extractor="csv", coverage="full", tried_live="2025-01-01", url=url, allow_private_addresses=True,
        as_of=AsOf(column="date"), figures=(FigureRule(id="tanks", column="tanks", unit="items"),),
    )  # fmt: skip


def main() -> None:
    """Refresh all sources four times (first, unchanged, changed, some failing) and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("sources", type=int, nargs="?", default=1000)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--failing", type=int, default=100)
    asked = parser.parse_args()
    server = _Server(("0.0.0.0", 0), _Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    port = server.server_address[1]
    with tempfile.TemporaryDirectory() as folder, _desk(Path(folder)) as desk:
        urls = [f"http://127.0.1.{1 + number % asked.hosts}:{port}" for number in range(asked.sources)]
        sources = [_source(number, f"{url}/table/{number}") for number, url in enumerate(urls)]
        _pass("first", desk, sources)
        _pass("unchanged", desk, sources)
        _Handler.rows = 4
        _pass("changed", desk, sources)
        step = max(asked.sources // max(asked.failing, 1), 1)
        for number in range(0, asked.sources, step):
            kind = FAULTS[number // step % len(FAULTS)]
            sources[number] = _source(number, f"{urls[number]}/{kind}/{number}")
        _Handler.rows = 5
        _pass("changed, some failing", desk, sources)
        problems = list(desk.ledger.verify())
        print(f"verify: {len(problems)} problems", *problems[:3], flush=True)
    server.shutdown()


def _desk(home: Path) -> Desk:
    return Desk(
        Settings(
            home=home,
            database_url=f"sqlite:///{home / 'ledger.sqlite'}",
            archive=home / "archive",
            host_spacing=0.0,
            fetch_retries=0,
            fetch_seconds=2.0,
        )
    )


def _pass(name: str, desk: Desk, sources: list[Source]) -> None:
    _ = desk.ledger, desk.fetcher
    began, spent = time.perf_counter(), time.process_time()
    counts = Counter(outcome.state for outcome in refresh_all(desk, sources))
    took, cpu = time.perf_counter() - began, time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told = ", ".join(f"{count} {state}" for state, count in counts.most_common())
    threads = threading.active_count()
    print(f"{name:<22} {took:6.1f} s  {cpu:6.1f} s CPU  peak {peak} MiB  {threads} threads left  {told}", flush=True)


if __name__ == "__main__":
    main()
