"""Alerts reach a real receiver on loopback, carry nothing hostile, and are sent once for each episode."""

from __future__ import annotations

import json
import logging
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from model import Instant, State
from publish.alerts import CUT, episode, refuse_unknown, send
from tests.pipeline.desks import tallybook

MORNING, NOON = Instant("2025-08-02T06:00:00Z"), Instant("2025-08-02T12:00:00Z")


class Receiver(ThreadingHTTPServer):
    """Takes what is posted to it; answers with `status`."""

    def __init__(self, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), _Take)
        self.status, self.posted = status, list[dict[str, Any]]()

    @property
    def address(self) -> str:
        return f"json://desk:s3cret@127.0.0.1:{self.server_address[1]}/"


class _Take(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as found:
        threading.Thread(target=found.serve_forever, args=(0.02,), daemon=True).start()
        yield found
        found.shutdown()


def test_a_message_reaches_its_receiver_with_title_and_body(receiver: Receiver) -> None:
    assert send(receiver.address, "Mediazona: failed", "timeout\nsince Monday")
    [posted] = receiver.posted
    assert (posted["title"], posted["message"]) == ("Mediazona: failed", "timeout\nsince Monday")


def test_what_turns_a_terminal_or_the_reading_direction_does_not_travel(receiver: Receiver) -> None:
    send(receiver.address, "a\x1b]0;owned\x07", "1\u202e32\nb\x1b[2J")
    [posted] = receiver.posted
    assert not set("\x1b\x07\u202e") & set(posted["title"] + posted["message"])
    assert posted["message"].startswith("132\nb")


def test_a_long_body_is_cut_between_two_lines_and_says_so(receiver: Receiver) -> None:
    send(receiver.address, "a", "x" * 100_000)
    send(receiver.address, "a", "\n".join(f"correction {number}" for number in range(1000)))
    send(receiver.address, "a", "y" * 2000)
    one, many, whole = (posted["message"] for posted in receiver.posted)
    assert len(one) == 2000
    assert one.endswith(CUT)
    assert len(many) <= 2000
    assert re.fullmatch(r"(correction \d+\n)+", many.removesuffix(CUT) + "\n")
    assert whole == "y" * 2000


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/hook", "desk@example.org", "json://h/,nothing://h/"])
def test_serve_refuses_an_address_that_no_alert_could_be_sent_to(tmp_path: Path, address: str) -> None:
    """Else it is only found out with the first failure, in a line of a log."""
    done = tallybook(tmp_path, "serve", "--page-only", "--port", "0", env={"TALLYBOOK_ALERT_URL": address})
    assert (done.returncode, "TALLYBOOK_ALERT_URL is no address" in done.stderr) == (2, True)
    assert address not in done.stderr
    refuse_unknown("json://127.0.0.1:9/,mailtos://ann:pw@mail.example")


def test_an_alert_goes_to_every_address_that_is_named(receiver: Receiver) -> None:
    assert send(f"{receiver.address}one, {receiver.address}two", "a", "b")
    assert len(receiver.posted) == 2


def test_a_receiver_that_refuses_or_is_not_there_is_told_by_false(receiver: Receiver) -> None:
    receiver.status = 500
    assert not send(receiver.address, "a", "b")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert not send(f"json://127.0.0.1:{port}/", "a", "b")
    assert not send("no address at all", "a", "b")


def test_the_password_of_the_address_is_in_no_log(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    receiver.status = 500
    with caplog.at_level(logging.DEBUG):
        send(receiver.address, "a", "b")
        send("nosuchscheme://desk:s3cret@host/", "a", "b")
    assert receiver.posted
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("state", ["changed", "unchanged", "overdue", "off"])
def test_a_source_that_is_well_alerts_nobody(state: State) -> None:
    assert episode(state, update="a/1", last_success=MORNING) is None


def test_an_unbroken_run_of_failures_is_one_episode_whether_failed_or_blocked() -> None:
    assert episode("failed", last_success=MORNING) == episode("blocked", last_success=MORNING)
    assert episode("failed", last_success=MORNING) != episode("failed", last_success=NOON)
    assert episode("failed", last_success=None) not in (None, episode("failed", last_success=MORNING))


def test_each_held_update_is_an_episode_of_its_own() -> None:
    assert episode("held", update="a/1", last_success=MORNING) == episode("held", update="a/1", last_success=NOON)
    assert episode("held", update="a/1") != episode("held", update="a/2")
    assert episode("held", update="a/1", last_success=MORNING) != episode("failed", last_success=MORNING)
