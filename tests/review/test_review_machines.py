"""What machines ask of the page, what is logged for them, and who is told that a pass ended well."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from flows.operation.marks import mark
from flows.serve import Plans
from review import Office
from storage import schema
from tests.pipeline.desks import define, desk, settings, tallybook

DAILY = {"cron": "0 6 * * *", "timezone": "UTC"}


def numbers(client: TestClient) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {",".join([one.name, *one.labels.values()]): one.value for family in families for one in family.samples}


def test_a_page_that_can_work_says_so_without_login(client: TestClient) -> None:
    assert [client.get(path).json() for path in ("/livez", "/readyz")] == [{"status": "ok"}, {"status": "ok"}]


def test_what_keeps_us_from_recording_is_named_by_its_part_and_the_process_still_lives(
    client: TestClient, desk_office: Office, home: Path
) -> None:
    with desk_office.ledger.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :old"), {"old": schema.PREVIOUS})
    archive = home / "archive"
    archive.rename(home / "elsewhere")
    archive.write_text("no folder")
    answer = client.get("/readyz")
    assert (answer.status_code, sorted(answer.json()["wrong"])) == (503, ["archive", "schema"])
    assert "tallybook migrate" in answer.json()["wrong"]["schema"]
    assert client.get("/livez").status_code == 200
    assert numbers(client)["tallybook_ready"] == 0


def test_metrics_tell_states_holds_and_what_was_done_last_and_name_no_source(client: TestClient, home: Path) -> None:
    mark(home, "backup")
    found = numbers(client)
    assert found["tallybook_ready"] == 1
    assert found["tallybook_updates"] > 0
    assert found["tallybook_open_holds"] > 0
    assert found["tallybook_done_timestamp_seconds,backup"] > 1.7e9
    assert "tallybook_done_timestamp_seconds,verify" not in found
    assert sum(value for name, value in found.items() if name.startswith("tallybook_sources,")) >= 1
    assert "daily" not in client.get("/metrics").text


class Waiting:
    """Who waits to hear of us: the paths that were asked, and what they were told."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/ping"
        self.heard: list[tuple[str, str]] = []


@contextmanager
def waiting() -> Iterator[Waiting]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            found.heard.append((self.path, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Waiting(server.server_port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()


def test_a_pass_that_ended_well_is_told_and_one_that_did_not_says_why(tmp_path: Path) -> None:
    define(tmp_path, "daily", "http://127.0.0.1:9/daily.csv", schedule=DAILY)
    with waiting() as who:
        with desk(tmp_path) as found:
            found.ready()
        plans = Plans(settings(tmp_path, ping_url=who.url))
        plans.look()
        assert plans.missed(at_once=False) == ["daily"]
        assert tallybook(tmp_path, "refresh", env={"TALLYBOOK_PING_URL": who.url}).returncode == 1
        assert plans.missed(at_once=False) == []
        (tmp_path / "sources" / "slip.yml").write_text("title: A slip\nbasis: countet\n")
        plans.look()
        plans.missed(at_once=False)
    assert [path for path, _ in who.heard] == ["/ping/fail", "/ping", "/ping", "/ping/fail"]
    assert "1 sources were due and were not looked at: daily" in who.heard[0][1]
    assert "slip.yml" in who.heard[3][1]


def test_logs_are_json_by_setting_and_say_source_state_and_reason(tmp_path: Path) -> None:
    define(tmp_path, "daily", "http://127.0.0.1:9/daily.csv", schedule=DAILY)
    done = tallybook(tmp_path, "refresh", env={"TALLYBOOK_LOG": "json"})
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    [told] = [line for line in lines if line.get("state")]
    assert (told["source"], told["state"], told["reason"], told["level"]) == ("daily", "failed", "unreachable", "info")
    assert told["at"].endswith("Z")
    wrong = tallybook(tmp_path, "refresh", env={"TALLYBOOK_LOG": "xml"})
    assert (wrong.returncode, "write plain or json" in wrong.stderr) == (2, True)
