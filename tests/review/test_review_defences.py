"""Whoever is slow, many, sends much or calls the page by odd names, without a login, keeps nobody else from it."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from starlette.testclient import TestClient

from review import Office, patience
from review.guard import LONGEST_FORM, host_of
from review.server import PageServer
from review.store import ATTEMPTS
from tests.review.made import PASSWORD

HALF = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: b"


@pytest.fixture
def server(desk_office: Office) -> Iterator[PageServer]:
    with PageServer(desk_office, "127.0.0.1", 0) as found:
        yield found


def healthy(server: PageServer) -> bool:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/healthz")
    try:
        return connection.getresponse().status == 200
    finally:
        connection.close()


def half_open(server: PageServer, content: bytes) -> socket.socket:
    found = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    found.sendall(content)
    return found


def drip(connection: socket.socket) -> None:
    for _ in range(100):
        connection.sendall(b"c")
        time.sleep(0.1)


def ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(65536) == b""
    except ConnectionError:
        return True


def test_more_unfinished_requests_than_there_are_places_keep_nobody_out(
    server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "MOST_CONNECTIONS", 20)
    waiting = [half_open(server, HALF) for _ in range(100)]
    assert healthy(server)
    assert all(ended(one) for one in waiting[:60])
    for one in waiting:
        one.close()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        HALF,
        b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 40\r\n\r\nname=ann",
    ],
)
def test_a_request_that_does_not_come_in_time_is_cut(
    server: PageServer, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(patience, "BODY_SECONDS", 0.5)
    assert ended(half_open(server, content))


def test_a_head_that_drips_is_cut_all_the_same(server: PageServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 1.0)
    connection = half_open(server, HALF)
    with pytest.raises(ConnectionError):
        drip(connection)


def test_a_kept_connection_may_ask_again(server: PageServer) -> None:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    for _ in range(3):
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        assert (answer.status, bool(answer.read())) == (200, True)
    connection.close()


def test_most_connections_are_fewer_than_half_of_the_files_we_may_open() -> None:
    import resource

    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert patience.most_connections() <= max(8, soft // 2)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(300 * 2**20)}, 413),
        ({"Content-Type": "multipart/form-data; boundary=b", "Content-Length": "4000"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(LONGEST_FORM + 1)}, 413),
        ({"Content-Type": "application/x-www-form-urlencoded", "Transfer-Encoding": "chunked"}, 411),
        ({"Content-Type": "text/plain", "Content-Length": "9"}, 415),
    ],
)
def test_what_no_form_of_ours_sends_is_refused_before_it_is_read(
    server: PageServer, headers: dict[str, str], status: int
) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    connection = half_open(server, f"POST /sources/x/refresh HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode())
    assert connection.recv(100).startswith(f"HTTP/1.1 {status} ".encode())
    connection.close()


def test_of_many_logins_at_once_a_few_are_tried_and_the_right_one_gets_in(
    server: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from review import store

    monkeypatch.setattr(store, "FIRST_WAIT", 600.0)
    monkeypatch.setattr(store, "LONGEST_WAIT", 600.0)

    def log_in(password: str) -> int:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        body = urlencode({"name": "ann", "password": password})
        connection.request("POST", "/login", body, {"Content-Type": "application/x-www-form-urlencoded"})
        try:
            return connection.getresponse().status
        finally:
            connection.close()

    with ThreadPoolExecutor(40) as pool:
        told = Counter(pool.map(log_in, [f"wrong guess {number}" for number in range(40)]))
    assert told == {401: ATTEMPTS, 429: 40 - ATTEMPTS}
    assert healthy(server)
    monkeypatch.setattr(store, "LONGEST_WAIT", 0.1)
    time.sleep(0.2)
    assert log_in(PASSWORD) == 303


@pytest.mark.parametrize("host", ["x@127.0.0.1", "127.0.0.1/x", "127.0.0.1:80:80", "127.0.0.1,evil", "[::1", ""])
def test_a_host_that_is_more_than_a_name_and_a_port_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("LOCALHOST:8400", "localhost"),
        ("[::1]:8400", "::1"),
        ("desk.example", "desk.example"),
        ("a_b-c.d:1", "a_b-c.d"),
    ],
)
def test_a_host_header_names_a_host(given: str, name: str) -> None:
    assert host_of(given) == name


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "soon"])
@pytest.mark.parametrize("path", ["/compare?known_at={}", "/api/show?series=count/named&known_at={}"])
def test_a_time_outside_of_the_calendar_is_a_mistake_of_whoever_asks(client: TestClient, at: str, path: str) -> None:
    assert client.get(path.format(quote(at))).status_code in (400, 422)


def test_who_asks_is_told_by_a_proxy_that_is_trusted_and_by_nobody_else(desk_office: Office, home: Path) -> None:
    import sqlite3

    for proxies, whose in (((), "127.0.0.1 bob"), (("127.0.0.1",), "192.0.2.9 bob")):
        desk_office.proxies = proxies
        with PageServer(desk_office, "127.0.0.1", 0) as server:
            connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
            headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": "192.0.2.9"}
            connection.request("POST", "/login", "name=bob&password=wrong", headers)
            assert connection.getresponse().status == 401
            connection.close()
        with sqlite3.connect(home / "review.sqlite") as kept:
            assert [row[0] for row in kept.execute("SELECT whose FROM failures ORDER BY at")][-1] == whose
