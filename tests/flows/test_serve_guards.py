"""What `serve` refuses before anything starts, and what is set before Prefect is imported."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from flows.prefect.quiet import QUIET, point_prefect_at, quiet_prefect
from flows.server import AUTH, SERVER, PrefectServer, api_address, is_healthy, refuse_open_address
from model import UsageError
from tests.sources.publisher import Publisher

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_alone_needs_no_auth_string(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(AUTH, raising=False)
    refuse_open_address(host)
    assert api_address(host, 4200) in (f"http://{host}:4200/api", f"http://[{host}]:4200/api")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "desk.example", "127.0.0.1.desk.example", ""])
def test_an_address_that_others_reach_is_refused_without_an_auth_string(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(AUTH, "")
    with pytest.raises(UsageError, match=AUTH):
        refuse_open_address(host)
    monkeypatch.setenv(AUTH, "desk:long-and-secret")
    refuse_open_address(host)


def test_a_server_bound_to_every_address_is_found_on_loopback() -> None:
    assert api_address("0.0.0.0", 1) == "http://127.0.0.1:1/api"
    assert api_address("::", 1) == "http://[::1]:1/api"


def test_a_port_that_another_program_has_is_refused_with_its_number(tmp_path: Path) -> None:
    with Publisher() as other, pytest.raises(UsageError, match=f"another program already answers on port {other.port}"):
        PrefectServer("127.0.0.1", other.port, tmp_path).__enter__()


def test_nothing_listening_is_not_healthy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert not is_healthy(api_address("127.0.0.1", port))


def test_what_the_environment_already_says_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"PREFECT_RUNNER_POLL_FREQUENCY": "30", "PREFECT_HOME": "/kept"})
    point_prefect_at("http://127.0.0.1:1/api", Path("/var"))
    quiet_prefect()
    assert os.environ["PREFECT_RUNNER_POLL_FREQUENCY"] == "30"
    assert os.environ["PREFECT_HOME"] == "/kept"
    assert os.environ["DO_NOT_TRACK"] == "1"


def test_a_client_answers_the_auth_string_that_its_server_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {AUTH: "desk:secret"})
    point_prefect_at("http://127.0.0.1:1/api", Path("/var"))
    assert os.environ["PREFECT_API_AUTH_STRING"] == "desk:secret"


def test_importing_the_flows_first_switches_off_what_prefect_sends_home(tmp_path: Path) -> None:
    told = _python(
        "import flows, prefect.settings as s; now = s.get_current_settings();"
        "print(now.server.analytics_enabled, now.server.ephemeral.enabled, now.runner.poll_frequency)",
        tmp_path,
    )
    assert told.split() == ["False", "False", "2"]


def test_the_settings_file_and_the_settings_of_our_server_say_the_same_to_prefect(
    tmp_path: Path,
) -> None:
    ours = _python(_SETTINGS, tmp_path, **QUIET, **SERVER)
    (tmp_path / "prefect.toml").write_text((ROOT / "deployments/prefect.toml").read_text())
    assert _python(_SETTINGS, tmp_path).split() == ours.split()
    assert ours.split() == ["False", "False", "2", "2.0", "3", "14", "events", "flow_runs", "False"]


_SETTINGS = """
import prefect.settings
now = prefect.settings.get_current_settings()
server = now.server
print(server.analytics_enabled, server.ephemeral.enabled, now.runner.poll_frequency, now.worker.query_seconds)
print(server.events.retention_period.days, server.services.db_vacuum.retention_period.days)
print(*sorted(server.services.db_vacuum.enabled), server.ui.v2_enabled)
"""


def _python(code: str, cwd: Path, **more: str) -> str:
    """Run a program with no Prefect settings but these; returns what it prints."""
    clean = {name: value for name, value in os.environ.items() if not re.match("PREFECT|DO_NOT_TRACK", name)}
    environment = {**clean, "PREFECT_HOME": str(cwd / "prefect"), **more}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
