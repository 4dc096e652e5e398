"""Who may do what: every changing route refuses without login and token; other names and sites are turned away."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from starlette.routing import BaseRoute, Route
from starlette.testclient import TestClient

from model import UsageError
from review import AccountStore, Office, store
from review.app import create_app
from review.guard import SAFE, own_path
from review.server import PageServer, refuse_open_page
from review.store import ATTEMPTS
from tests.pipeline.desks import tallybook
from tests.review.made import PASSWORD, office
from tests.review.test_review_pages import HELD, csrf

FORM = {"series": "daily/tanks", "as_of": "2025-07-31", "action": "accept", "why": "because"}
PLACES = {"source": "daily", "number": "2", "key": "abcdefghijklmnop"}


def routes_of(office_: Office) -> list[BaseRoute]:
    """Every route of the page, those of its routers too."""
    found: list[BaseRoute] = []
    queue = list(create_app(office_).routes)
    while queue:
        route = queue.pop()
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        queue += inner or []
        found += [] if inner else [route]
    return found


def changing_routes(office_: Office) -> list[str]:
    """Every path that takes anything else than reading, with its places filled in, but the login itself."""
    changing = [one for one in routes_of(office_) if isinstance(one, Route) and not (one.methods or set()) <= SAFE]
    return sorted({one.path.format(**PLACES) for one in changing} - {"/login"})


def test_every_changing_route_refuses_without_login_and_without_its_token(
    client: TestClient, desk_office: Office
) -> None:
    routes = changing_routes(desk_office)

    held = ["/held/daily/2/decide", "/held/several", "/held/undo"]
    follow = ["/first", "/follow", "/follow/abcdefghijklmnop"]
    sources = [f"/sources/daily/{one}" for one in ("edit", "enable", "pause", "refresh", "resume", "upload")]
    assert {"/done", *follow, *held, "/logout", "/seen", "/sources", *sources, "/users"} <= set(routes)
    newest = client.get("/healthz").json()["newest"]
    for path in routes:
        assert client.post(path, data=FORM).status_code == 401, path
        assert client.post(path, data=FORM | {"csrf": "guessed"}).status_code == 401, path
    assert client.post("/login", data={"name": "ann", "password": PASSWORD}).status_code == 303
    for path in routes:
        assert client.post(path, data=FORM).status_code == 403, path
        assert client.post(path, data=FORM | {"csrf": "guessed"}).status_code == 403, path
    assert client.get("/healthz").json()["newest"] == newest


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused_even_with_the_right_token(ann: TestClient, headers: dict[str, str]) -> None:
    answer = ann.post("/held/daily/2/decide", data=FORM | {"csrf": csrf(ann)}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[", "localhost.evil.example:8400"])
def test_a_name_that_we_are_not_called_by_is_turned_away(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost:8400", "127.0.0.1", "[::1]:8400"])
def test_our_own_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    cookie = client.post("/login", data={"name": "ann", "password": PASSWORD}).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_a_session_ends_with_logging_out(ann: TestClient) -> None:
    session = ann.cookies["tallybook_session"]
    assert ann.post("/logout", data={"csrf": csrf(ann)}).status_code == 303
    ann.cookies.set("tallybook_session", session)
    assert 'name="csrf"' not in ann.get("/").text


def test_after_a_few_wrong_passwords_each_further_one_must_wait_and_the_right_one_gets_in_after_that(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "FIRST_WAIT", 600.0)
    monkeypatch.setattr(store, "LONGEST_WAIT", 600.0)
    for _ in range(ATTEMPTS):
        assert client.post("/login", data={"name": "ann", "password": "wrong"}).status_code == 401
    assert client.post("/login", data={"name": "ann", "password": PASSWORD}).status_code == 429
    monkeypatch.setattr(store, "LONGEST_WAIT", 0.1)
    time.sleep(0.2)
    assert client.post("/login", data={"name": "ann", "password": PASSWORD}).status_code == 303


def test_somebody_elses_failures_are_not_those_of_another_address(client: TestClient, home: Path) -> None:
    kept = AccountStore(home / "review.sqlite")
    assert [kept.try_later("192.0.2.7 ann") for _ in range(ATTEMPTS)] == [0.0] * ATTEMPTS
    assert 0 < kept.try_later("192.0.2.7 ann") <= store.LONGEST_WAIT
    assert client.post("/login", data={"name": "ann", "password": PASSWORD}).status_code == 303


def test_the_wait_doubles_and_never_passes_half_a_minute(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, clock, waits = AccountStore(home / "review.sqlite"), [1000.0], []
    monkeypatch.setattr(store.time, "time", lambda: clock[0])
    for _ in range(ATTEMPTS + 8):
        wait = kept.try_later("192.0.2.7 ann")
        if wait:
            waits.append(wait)
            clock[0] += wait
            assert kept.try_later("192.0.2.7 ann") == 0.0
    assert waits == [5.0, 10.0, 20.0, 30.0, 30.0, 30.0, 30.0, 30.0]


@pytest.mark.parametrize(
    "to", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_a_login_goes_on_to_a_page_of_ours_alone(client: TestClient, to: str) -> None:
    answer = client.post("/login", data={"name": "ann", "password": PASSWORD, "to": to})
    assert answer.headers["location"] == "/"


def test_a_path_of_ours_is_gone_on_to() -> None:
    assert own_path(HELD) == HELD


def test_passwords_are_kept_as_argon2_hashes_and_sessions_as_digests(home: Path) -> None:
    kept = AccountStore(home / "review.sqlite")
    token = kept.log_in("ann", PASSWORD)
    assert token is not None
    with sqlite3.connect(home / "review.sqlite") as connection:
        [(name, hashed)] = connection.execute("SELECT name, hash FROM users").fetchall()
        sessions = connection.execute("SELECT * FROM sessions").fetchall()
    assert (name, hashed.startswith("$argon2id$")) == ("ann", True)
    assert token not in str(sessions)
    assert (home / "review.sqlite").stat().st_mode & 0o077 == 0


def test_another_password_ends_the_sessions_before_it(home: Path) -> None:
    kept = AccountStore(home / "review.sqlite")
    token = kept.log_in("ann", PASSWORD)
    kept.add("ann", PASSWORD + "!")
    assert kept.session(token) is None


def test_an_address_that_others_reach_needs_users(home: Path) -> None:
    for host in ("0.0.0.0", "192.0.2.7", "desk.example"):
        with pytest.raises(UsageError, match="tallybook users add"):
            refuse_open_page(host, users=False)
        refuse_open_page(host, users=True)
    refuse_open_page("127.0.0.1", users=False)
    (home / "review.sqlite").unlink()
    done = tallybook(home, "serve", "--host", "0.0.0.0", "--page-only")
    assert (done.returncode, "there are no users" in done.stderr) == (2, True)


def test_a_taken_port_is_told(home: Path) -> None:
    with office(home) as found, PageServer(found, "127.0.0.1", 0) as first:
        second = PageServer(found, "127.0.0.1", first.port)
        with pytest.raises(UsageError, match=f"port {first.port} cannot be had"):
            second.__enter__()


def test_users_are_added_listed_and_removed_by_command(home: Path) -> None:
    added = tallybook(home, "users", "add", "bob", "--password-stdin", input=f"{PASSWORD}\n")
    assert added.returncode == 0, added.stderr
    assert [line.split("\t")[0] for line in tallybook(home, "users", "list").stdout.splitlines()] == ["ann", "bob"]
    assert tallybook(home, "users", "add", "eve", "--password-stdin", input="short\n").returncode == 2
    assert tallybook(home, "users", "add", "../x", "--password-stdin", input=f"{PASSWORD}\n").returncode == 2
    assert tallybook(home, "users", "remove", "bob").returncode == 0
    assert tallybook(home, "users", "remove", "bob").returncode == 2


def test_users_and_sessions_are_in_no_export(home: Path) -> None:
    exported = tallybook(home, "export", "--format", "json")
    assert exported.returncode == 0
    assert "argon2" not in exported.stdout
    assert "ann" not in exported.stdout


@pytest.mark.parametrize("path", ["/", "/held", "/api/log", "/static/tallybook.js", "/nothing", "/feed.atom", "/login"])
def test_every_answer_forbids_foreign_code_and_frames(client: TestClient, path: str) -> None:
    answer = client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_way_to_the_login_page_leads_on_to_no_other_login_page(client: TestClient) -> None:
    """Else whoever follows every link, as a search engine does, comes to no end."""
    for told in (
        client.get("/login?to=/series%3Fq%3Dx"),
        client.post("/login", data={"to": "/series?q=x", "name": "a"}),
    ):
        assert 'href="/login?to=/series%3Fq%3Dx"' in told.text
