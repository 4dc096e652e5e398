"""`tallybook serve` as a process of its own: schedules that really run, triggers, a clean end, a start in order.

One server serves all tests of this file, which follow one another as a desk's day does; a minute of it is waiting for
cron. A health check would not notice a scheduler that creates no runs, so the runs themselves are looked for.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from flows.desk import Desk
from flows.prefect.schedules import plan
from flows.settings import Settings
from tests.flows.defining import CSV, define
from tests.review.browsers import launched
from tests.sources.publisher import Publisher

pytestmark = pytest.mark.prefect

LONG_AGO = ("2025-08-02T06:00:30Z", "2025-08-02T06:10:30Z")


def quiet_port() -> int:
    """A port that is free, and that the system gives to no connection of another test meanwhile."""
    for port in random.sample(range(20_000, 32_000), 50):
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise AssertionError("fifty ports are taken")


class Served:
    """A home, its definitions, and the `tallybook serve` that runs on them."""

    def __init__(self, home: Path) -> None:
        self.port = quiet_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.home, self.definitions = home, home / "defs"
        self.api = f"http://127.0.0.1:{self.port}/api"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")} | {
            "TALLYBOOK_HOME": str(home),
            "TALLYBOOK_SOURCES": str(self.definitions),
            "TALLYBOOK_PREFECT_API": self.api,
            "TALLYBOOK_HOST_SPACING": "0",
            "TALLYBOOK_FETCH_RETRIES": "0",
        }
        self.settings = Settings(
            home=home,
            database_url=f"sqlite:///{home / 'ledger.sqlite'}",
            archive=home / "archive",
            sources=self.definitions,
        )

    def start(self) -> None:
        """Start, and wait until it says that it serves."""
        assert self.process is None or self.process.poll() is not None, "it still serves"
        self.log = (self.home / "serve.log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "cli.main", "serve", "--port", "0", "--prefect-port", str(self.port)],
            cwd=self.home,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        wait_for(lambda: "Prefect's page is" in self.said() or self.process.poll() is not None, 400)
        assert self.process.poll() is None, self.said()

    def stop(self) -> int:
        """Ask it to end as a supervisor does, and return its exit code; kills it, and its server, if it will not."""
        started = self.children()
        self.process.terminate()
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            for pid in (self.process.pid, *started):
                os.kill(pid, signal.SIGKILL)
            raise
        finally:
            self.log.close()

    def said(self) -> str:
        return (self.home / "serve.log").read_text()

    def children(self) -> list[int]:
        """The processes that it started and that live."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in listed.read_text().split()] if listed.exists() else []

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a `tallybook` command beside it."""
        command = [sys.executable, "-P", "-m", "cli.main", *arguments]
        environment = self.environment | more
        return subprocess.run(
            command, cwd=self.home, env=environment, capture_output=True, text=True, timeout=180, check=False
        )

    def bare(self, path: str, host: str = "") -> int:
        """The status of a request to Prefect's API that brings no login, called by another name where one is given."""
        headers = {"Content-Type": "text/plain"} | ({"Host": host} if host else {})
        try:
            with build_opener(ProxyHandler({})).open(
                Request(f"{self.api}{path}", b"{}", headers), timeout=30
            ) as answer:
                return int(answer.status)
        except HTTPError as error:
            return int(error.code)

    def trigger(self, *names: str) -> tuple[list[str], dict[str, str]]:
        """Trigger a run in a process of its own; returns the states that it told, and how the run ended."""
        code = (
            "import sys; from model import dumps; from flows.settings import Settings; from flows.serve import trigger;"
            "print(dumps(trigger(Settings.load(), sys.argv[1:], on_state=print)))"
        )
        command = [sys.executable, "-P", "-c", code, *names]
        told = subprocess.run(
            command, cwd=self.home, env=self.environment, capture_output=True, text=True, timeout=180, check=True
        )
        *states, end = told.stdout.splitlines()
        return [state.partition(": ")[2] for state in states], json.loads(end)

    def ask(self, path: str, filters: dict[str, Any] | None = None) -> Any:
        """Post a filter to Prefect's API, from outside of Prefect."""
        body = json.dumps(filters or {}).encode()
        login = b64encode((self.home / "prefect" / "auth").read_bytes().strip()).decode()
        request = Request(
            f"{self.api}{path}", body, {"Content-Type": "application/json", "Authorization": f"Basic {login}"}
        )
        for _ in range(20):
            try:
                with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
                    return json.load(answer)
            except HTTPError as error:
                if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
                time.sleep(0.5)  # its database was locked for a moment
        raise AssertionError(f"{path} answered 503 for ten seconds")

    def flow_runs(self, state: str) -> list[dict[str, Any]]:
        runs = self.ask("/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": [state]}}}, "limit": 200})
        return [run for run in runs if run["auto_scheduled"]]

    def miss_runs(self, minutes: int) -> None:
        """Make runs that should have happened this morning, as an outage leaves them behind."""
        [deployment] = self.ask("/deployments/filter")
        span = {"start_time": LONG_AGO[0], "end_time": LONG_AGO[1], "min_runs": minutes, "max_runs": minutes}
        self.ask(f"/deployments/{deployment['id']}/schedule", span)
        assert len(self.long_ago()) >= minutes

    def long_ago(self) -> list[dict[str, Any]]:
        span = {"after_": LONG_AGO[0], "before_": LONG_AGO[1]}
        return list(self.ask("/flow_runs/filter", {"flow_runs": {"expected_start_time": span}}))

    def schedules(self) -> set[tuple[str, str, tuple[str, ...]]]:
        [deployment] = self.ask("/deployments/filter")
        return {
            (one["slug"], one["schedule"]["cron"], tuple(one["parameters"]["sources"]))
            for one in deployment["schedules"]
            if one["active"]
        }

    def planned(self) -> set[tuple[str, str, tuple[str, ...]]]:
        with Desk.open(self.settings) as desk:
            return {(one.slug, one.cron, one.sources) for one in plan(desk.catalogue.require(desk.catalogue.ids()))}

    def updates(self) -> list[str]:
        with Desk.open(self.settings) as desk:
            return [one.update for one in desk.ledger.views.log()]


@pytest.fixture(scope="module")
def publisher() -> Iterator[Publisher]:
    with Publisher() as found:
        for path in ("/minute.csv", "/asked.csv"):
            found.page(path, b"date,dead\n2025-07-31,119154\n", headers=CSV)
        found.page("/walled.csv", b"no", status=403)
        found.page("/failing.csv", b"no", status=500)
        found.reset("/daily.csv")
        yield found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, publisher: Publisher) -> Iterator[Served]:
    found = Served(tmp_path_factory.mktemp("home"))
    # What lies in the folder that it is started in is imported in place of nothing of ours.
    for name in ("model", "flows", "yaml"):
        (found.home / f"{name}.py").write_text("raise SystemExit(9)\n")
    today = dt.datetime.now(dt.UTC).date().isoformat()  # nothing that was due before then is made up for
    define(found.definitions, "minute", publisher.url("/minute.csv"), cron="* * * * *", tried_live=today)
    define(found.definitions, "daily", publisher.url("/daily.csv"), cron="0 4 * * *", tried_live=today)
    define(found.definitions, "asked", publisher.url("/asked.csv"), cron="0 3 * * *", tried_live=today)
    define(found.definitions, "walled", publisher.url("/walled.csv"), cron="0 3 * * *", tried_live=today)
    define(found.definitions, "failing", publisher.url("/failing.csv"), cron="0 3 * * *", tried_live=today)
    define(found.definitions, "resting", publisher.url("/resting.csv"), cron="0 3 * * *", tried_live="never")
    try:
        found.start()
        yield found
    finally:
        if found.process and found.process.poll() is None:
            found.stop()


def test_every_schedule_of_the_definitions_stands_once(served: Served) -> None:
    assert served.schedules() == served.planned()
    assert {sources for _, _, sources in served.planned()} == {("minute",), ("daily",), ("asked", "failing", "walled")}


def test_cron_gets_scheduled_runs_and_one_is_really_executed(served: Served) -> None:
    wait_for(lambda: bool(served.updates()), 200)
    assert served.updates() == ["minute/1"]
    waiting = served.flow_runs("SCHEDULED")
    assert {tuple(run["parameters"]["sources"]) for run in waiting} == {
        ("minute",),
        ("daily",),
        ("asked", "failing", "walled"),
    }
    wait_for(lambda: bool(served.flow_runs("COMPLETED")), 30)
    assert all(run["parameters"] == {"sources": ["minute"]} for run in served.flow_runs("COMPLETED"))


def test_a_second_serve_on_the_same_home_is_refused(served: Served) -> None:
    second = served.run("serve", "--port", "0", "--prefect-port", "0")
    assert second.returncode == 2
    assert f"process {served.process.pid} serves {served.home} already" in second.stderr


def test_a_second_serve_on_the_same_port_says_who_is_there(served: Served, tmp_path: Path) -> None:
    second = served.run("serve", "--port", "0", "--prefect-port", str(served.port), TALLYBOOK_HOME=str(tmp_path))
    assert second.returncode == 2
    assert f"a Prefect server already answers on port {served.port}" in second.stderr


def test_prefect_answers_nobody_who_does_not_know_this_starts_auth_string(served: Served) -> None:
    """A page of another origin, opened in a browser, and one whose name was rebound to us, get 401, 421 and no file."""
    with launched() as browser, Publisher() as other:
        walk = browser.new_context().new_page()
        other.page("/", b"<!doctype html><title>an ordinary page</title>", headers={"Content-Type": "text/html"})
        walk.goto(other.url("/"))
        mark = served.home / "mark"
        told = walk.evaluate(DRIVE_BY, [served.api, str(mark)])
    assert [one for one in told if not one.startswith("TypeError")] == []
    assert not mark.exists()
    refused = [served.bare("/deployments/filter"), served.bare("/deployments/filter", host="evil.example")]
    assert refused == [HTTPStatus.UNAUTHORIZED, HTTPStatus.MISDIRECTED_REQUEST]
    auth = served.home / "prefect" / "auth"
    assert (auth.stat().st_mode & 0o777, len(auth.read_text()) > 40) == (0o600, True)


DRIVE_BY = """async ([api, mark]) => {
  const steps = [{"prefect.deployments.steps.run_shell_script": {script: `touch ${mark}`}}], said = [];
  const ask = async (path, method, type, body) => {
    try { said.push(String((await fetch(api + path, {method, body, headers: {"content-type": type}})).status)); }
    catch (error) { said.push(String(error)); }
  };
  await ask("/deployments/filter", "POST", "application/json", "{}");
  await ask("/deployments/filter", "POST", "text/plain", "{}");
  await ask("/deployments/", "POST", "text/plain", JSON.stringify({name: "x", flow_id: mark, pull_steps: steps}));
  await ask("/work_pools/", "POST", "text/plain", JSON.stringify({name: "x", type: "process"}));
  return said;
}"""
"""What a page of anybody could try: with a preflight and without one."""


def test_prefects_own_page_asks_nobody_else(served: Served) -> None:
    with launched() as browser:
        asked: list[str] = []
        page = browser.new_context().new_page()
        page.on("request", lambda request: asked.append(request.url))
        # Not until it is idle: the page asks its server again and again.
        page.goto(served.api.removesuffix("/api") + "/", wait_until="load", timeout=120_000)
        page.wait_for_timeout(3_000)
    assert len(asked) > 3
    assert [url for url in asked if not url.startswith((served.api.removesuffix("/api"), "data:", "blob:"))] == []


def test_a_triggered_run_tells_its_states_and_leaves_the_diff_log_as_artifacts(served: Served) -> None:
    states, end = served.trigger("asked", "daily")
    assert (states[0], states[-2:]) == ("Scheduled", ["Running", "Completed"])
    assert end["message"] == "1 changed, 1 failed; 1 changes recorded"
    shown = {one["key"]: one["data"] for one in served.ask("/artifacts/latest/filter")}
    assert set(shown) == {"diff-log", "diff-log-table"}
    assert "119,154" in shown["diff-log"]
    [row] = json.loads(shown["diff-log-table"])
    assert (row["update"], row["to"]) == ("asked/1", "119,154")


def test_a_source_that_fails_is_tried_three_times_and_does_not_fail_the_run(
    served: Served, publisher: Publisher
) -> None:
    assert sum(asked.path == "/daily.csv" for asked in publisher.requests) == 3
    tasks = served.ask("/task_runs/filter", {"task_runs": {"state": {"type": {"any_": ["FAILED"]}}}})
    assert [(task["name"], task["run_count"]) for task in tasks] == [("daily", 3)]


def test_a_run_that_reads_nothing_is_failed_and_who_answered_is_not_asked_again(
    served: Served, publisher: Publisher
) -> None:
    assert served.trigger("walled", "failing", "no_such_source")[1]["state"] == "Failed"
    asked = [one.path for one in publisher.requests if one.path in ("/walled.csv", "/failing.csv")]
    assert sorted(asked) == ["/failing.csv", "/walled.csv"]
    tasks = served.ask("/task_runs/filter", {"task_runs": {"name": {"any_": ["failing"]}}})
    assert [(task["state_type"], task["run_count"]) for task in tasks] == [("FAILED", 1)]


RECONCILE = """
import asyncio, datetime
from flows.desk import Desk
from flows.prefect import reconciling
from flows.prefect.plans import Plans
from flows.serve import DEPLOYMENT, _server
from flows.settings import Settings

async def main(desk):
    from prefect.client.orchestration import get_client
    from prefect.states import Running
    async with get_client() as client:
        deployment = await client.read_deployment_by_name(DEPLOYMENT)
        given = {"deployment_id": deployment.id, "parameters": {"sources": ["asked"]}}
        runs = [await client.create_flow_run_from_deployment(**given, state=Running()) for _ in range(2)]
        desk.turns.take("run", str(runs[1].id))
        reconciling.BEGUN = datetime.timedelta(0)
        await reconciling.close_gone(client, deployment.id, Plans(settings))
        print(*[(await client.read_flow_run(run.id)).state.name for run in runs])
        desk.turns.give_back("run", str(runs[1].id))
        await reconciling.close_gone(client, deployment.id, Plans(settings))
        print((await client.read_flow_run(runs[1].id)).state.name)

settings = Settings.load()
with _server(settings), Desk.open(settings) as desk:
    asyncio.run(main(desk))
"""


def test_a_run_whose_process_is_gone_is_closed_and_one_that_is_in_hand_goes_on(served: Served) -> None:
    command = [sys.executable, "-P", "-c", RECONCILE]
    told = subprocess.run(command, cwd=served.home, env=served.environment, capture_output=True, text=True, timeout=180)
    assert (told.stdout, told.returncode) == ("Crashed Running\nCrashed\n", 0), told.stderr


def test_definitions_that_come_change_break_and_go_while_it_runs_are_noticed(served: Served) -> None:
    before = served.schedules()
    define(served.definitions, "added", "http://127.0.0.1:9/added.csv", cron="0 5 * * *")
    wait_for(lambda: {("added",)} == {sources for _, _, sources in served.schedules() - before}, 90)
    define(served.definitions, "added", "http://127.0.0.1:9/added.csv", cron="30 5 * * 1")
    wait_for(lambda: {"30 5 * * 1"} == {cron for _, cron, _ in served.schedules() - before}, 90)
    path = served.definitions / "added.yml"
    path.write_text(path.read_text().replace("basis: counted", "basis: countet"))
    wait_for(lambda: served.schedules() == before, 90)
    assert "countet" in served.said()
    path.unlink()
    wait_for(lambda: served.said().count("the definitions changed: ") == 4, 90)
    assert served.schedules() == before == served.planned()


def test_it_ends_within_a_minute_with_all_it_started(served: Served) -> None:
    served.miss_runs(6)
    started = served.children()
    assert started
    assert served.stop() == 0
    assert [pid for pid in started if alive(pid)] == []


def test_no_server_is_an_error_that_says_what_to_start(served: Served) -> None:
    asked = served.run("refresh", "--prefect", "minute")
    assert asked.returncode == 1
    assert "start `tallybook serve`" in asked.stderr


def test_a_new_start_drops_schedules_that_no_definition_asks_for_and_makes_up_for_missed_runs_once(
    served: Served,
) -> None:
    before = served.planned()
    (served.definitions / "daily.yml").unlink()
    served.start()
    assert served.planned() < before
    assert served.schedules() == served.planned()
    made_up = [run for run in served.long_ago() if run["state_type"] != "CANCELLED"]
    assert len(made_up) <= 1
    assert served.stop() == 0


def wait_for(found: Callable[[], bool], seconds: float) -> None:
    """Look every half second; an `AssertionError` when it is not found in time."""
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, f"not so after {seconds} seconds"
        time.sleep(0.5)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
