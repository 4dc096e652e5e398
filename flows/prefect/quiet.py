"""What Prefect must be told before it is imported: to send nothing home, start no hidden server, and look often."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from flows.prefect.tracks import known_auth

QUIET = {
    "DO_NOT_TRACK": "1",
    "PYTHONSAFEPATH": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    "PREFECT_RUNNER_POLL_FREQUENCY": "2",
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    "PREFECT_TASK_RUNNER_THREAD_POOL_MAX_WORKERS": "100",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "tallybook",
    "PREFECT_LOGGING_FORMATTERS_STANDARD_DATEFMT": "%Y-%m-%d %z %H:%M:%S",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
}
"""Environment defaults of every process of ours that imports Prefect, and of the runs that it starts as `python -m`,
which would find a `model.py` of the folder that they start in before ours. DO_NOT_TRACK alone leaves the server's
heartbeat to its makers running, and the server's own setting leaves the notice of an interactive terminal. A thread
a task: those that wait for their host's turn keep no other host waiting. A run's log tells what was fetched, read and
recorded."""


def quiet_prefect(**more: str) -> None:
    """Set the environment defaults, and those of `more`; what the caller's environment already says stays."""
    for name, value in {**QUIET, **more}.items():
        os.environ.setdefault(name, value)


def point_prefect_at(api: str, home: Path) -> None:
    """Make `api` the server that this process and its children talk to, with Prefect's own files under `home`.

    Must run before Prefect is imported. A server that asks for its auth string is answered with the one that the
    environment names, else, on this machine alone, with that which `serve` left in the home.
    """
    folder = home.absolute() / "prefect"
    quiet_prefect(PREFECT_HOME=str(folder))
    os.environ["PREFECT_API_URL"] = api
    secret = os.environ.get("PREFECT_SERVER_API_AUTH_STRING")
    if secret is None and urlsplit(api).hostname in ("127.0.0.1", "localhost", "::1"):
        secret = known_auth(folder)
    if secret:
        os.environ.setdefault("PREFECT_API_AUTH_STRING", secret)
