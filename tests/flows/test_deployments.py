"""The files that put Tallybook on machines say what the program does: its folders, its numbers, its commands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.main import COMMANDS
from flows.operation.health import metrics
from flows.operation.marks import mark
from tests.pipeline.desks import define, desk

HERE = Path(__file__).parents[2] / "deployments"
UNITS = sorted((HERE / "systemd").glob("*.service"))
MOST_EXPOSED = 2.5
_NUMBER = re.compile(r"tallybook_[a-z_]+")


def documents(path: Path) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(path.read_text()) if one]


def test_alerts_and_board_ask_for_numbers_that_are_told(tmp_path: Path) -> None:
    define(tmp_path, "daily", "http://127.0.0.1:9/daily.csv")
    with desk(tmp_path) as found:
        found.ready()
        for done in ("backup", "drill", "verify", "pass"):
            mark(tmp_path, done)
        told = set(_NUMBER.findall(metrics(found).decode()))
    [rules] = documents(HERE / "monitoring" / "alerts.yml")[0]["groups"]
    asked = {name for rule in rules["rules"] for name in _NUMBER.findall(rule["expr"])}
    board = json.loads((HERE / "monitoring" / "grafana.json").read_text())
    asked |= {name for panel in board["panels"] for one in panel["targets"] for name in _NUMBER.findall(one["expr"])}
    # How old anything is, and how long it waits, is told once there is such a thing.
    assert asked - told == {"tallybook_last_success_seconds"}


def test_the_image_is_made_of_every_folder_of_the_wheel() -> None:
    wheel = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    copied = re.findall(r"^COPY (\w+) \1$", (HERE / "Dockerfile").read_text(), re.MULTILINE)
    let_in = re.findall(r"^!(\w+)$", (HERE / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert sorted(copied) == sorted(wheel["packages"])
    assert set(wheel["packages"]) <= set(let_in)


def test_containers_call_commands_that_there_are_and_write_nothing_of_their_own() -> None:
    compose = [documents(HERE / name)[0] for name in ("compose.yml", "compose.cluster.yml")]
    services = [one for file in compose for one in file["services"].values() if one["image"] == "tallybook"]
    assert len(services) == 7
    for one in services:
        assert (one["read_only"], one["cap_drop"]) == (True, ["ALL"])
        assert "entrypoint" in one or one["command"][0] in COMMANDS
    pods = [
        pod for path in (HERE / "kubernetes").glob("*.yaml") for one in documents(path) if (pod := pod_of(one))
    ]  # fmt: skip
    boxes = [box for pod in pods for box in pod["containers"] + pod.get("initContainers", [])]
    assert len(boxes) == 7
    for box in boxes:
        assert box["securityContext"]["readOnlyRootFilesystem"] is True
        assert box["image"] == "tallybook"
        assert "command" in box or box["args"][0] in COMMANDS


def pod_of(resource: dict[str, Any]) -> dict[str, Any] | None:
    spec = resource.get("spec", {})
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    found: dict[str, Any] | None = spec.get("template", {}).get("spec")
    return found


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_units_are_sound_and_shown_little_of_the_machine() -> None:
    told = subprocess.run(
        ["systemd-analyze", "verify", *UNITS, *(HERE / "systemd").glob("*.timer")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    problems = [line for line in told.stderr.splitlines() if "/opt/tallybook/.venv/bin/tallybook" not in line]
    assert problems == []
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", *UNITS], capture_output=True, text=True, check=False
    )
    found = [float(number) for number in re.findall(r"exposure level for \S+: ([0-9.]+)", rated.stdout)]
    assert len(found) == len(UNITS)
    assert max(found) < MOST_EXPOSED
