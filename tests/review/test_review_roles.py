"""Who may do what: every route that changes something names a role, and each role may what it may and no more."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from model import UsageError
from review import AccountStore, Office
from review.app import create_app
from review.guard import DECLARED, SAFE
from review.people.acts import ActBook, verify_acts
from tests.pipeline.desks import tallybook
from tests.review.made import PASSWORD, copied, office
from tests.review.test_review_access import routes_of
from tests.review.test_review_pages import csrf, soup, words

ADDRESS = "http://127.0.0.1:8400"


@pytest.fixture(scope="module")
def desk(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office with a person of each role."""
    with office(copied(built, tmp_path_factory.mktemp("roles"))) as found:
        for name, role in (("root", "admin"), ("ed", "editor"), ("rita", "reader")):
            found.store.add(name, PASSWORD, role)
        yield found


@pytest.fixture(scope="module")
def app(desk: Office) -> FastAPI:
    return create_app(desk)


def browser(app: FastAPI, name: str) -> TestClient:
    """The browser of a person who is logged in."""
    found = TestClient(app, base_url=ADDRESS, follow_redirects=False)
    token = app.state.office.store.log_in(name, PASSWORD)
    found.cookies.set("tallybook_session", token)
    return found


def needs(dependant: Dependant) -> list[object]:
    """The roles that a route declares."""
    mine = [DECLARED[dependant.call]] if dependant.call in DECLARED else []
    return [*mine, *(role for one in dependant.dependencies for role in needs(one))]


def test_every_route_that_changes_something_declares_one_role(desk: Office) -> None:
    routes = [one for one in routes_of(desk) if isinstance(one, APIRoute) and one.methods - SAFE]
    assert len(routes) > 10
    told = {one.path: needs(one.dependant) for one in routes}
    assert [path for path, roles in told.items() if len(roles) != 1] == []
    assert [path for path, roles in told.items() if roles == [None]] == ["/login", "/first"]


def test_no_route_of_another_kind_takes_what_changes_something(desk: Office) -> None:
    others = [one for one in routes_of(desk) if not isinstance(one, APIRoute)]
    assert [getattr(one, "path", "") for one in others] == ["/static"]


def test_a_reader_reads_what_is_private_and_changes_nothing_but_what_is_their_own(app: FastAPI) -> None:
    rita = browser(app, "rita")
    token = csrf(rita)
    for path in ("/held/undo", "/sources/daily/refresh", "/users", "/follow"):
        answer = rita.post(path, data={"csrf": token, "update": "daily/2", "name": "x", "role": "admin"})
        assert (answer.status_code, "You may not do this" in answer.text) == (403, True), path
    assert rita.post("/done", data={"csrf": token, "update": "daily/2"}).status_code == 303
    assert [rita.get(path).status_code for path in ("/audit", "/users")] == [403, 403]


def test_an_editor_decides_and_gives_no_roles(app: FastAPI) -> None:
    ed = browser(app, "ed")
    token = csrf(ed)
    assert ed.post("/users/role", data={"csrf": token, "name": "rita", "role": "admin"}).status_code == 403
    assert ed.post("/sources/nothing/refresh", data={"csrf": token}).status_code != 403
    assert [ed.get(path).status_code for path in ("/audit", "/users")] == [200, 403]


def test_an_admin_gives_a_role_that_counts_from_the_next_click_and_keeps_their_own(app: FastAPI) -> None:
    root, rita = browser(app, "root"), browser(app, "rita")
    token = csrf(root)
    assert rita.get("/audit").status_code == 403
    assert root.post("/users/role", data={"csrf": token, "name": "rita", "role": "editor"}).status_code == 303
    assert rita.get("/audit").status_code == 200
    assert root.post("/users/role", data={"csrf": token, "name": "root", "role": "reader"}).status_code == 400
    assert root.post("/users/remove", data={"csrf": token, "name": "root"}).status_code == 400
    assert root.post("/users/role", data={"csrf": token, "name": "rita", "role": "reader"}).status_code == 303
    again = {"csrf": token, "name": "rita", "password": PASSWORD, "role": "admin"}
    assert (root.post("/users", data=again).status_code, rita.get("/audit").status_code) == (400, 403)


def test_the_audit_tells_who_did_what_and_as_csv_without_formulas(app: FastAPI) -> None:
    root = browser(app, "root")
    token = csrf(root)
    office_ = app.state.office
    office_.acts.note("=cmd()", "give_role", "x", "made x a reader")
    root.post("/users", data={"csrf": token, "name": "new", "password": PASSWORD, "role": "reader"})
    where = {"series": "daily/tanks", "as_of": "2025-07-31"}
    office_.ledger.decide("daily", "daily/2", "reject", who="root", why="a digit too many", **where)
    told = words(soup(root, "/audit?who=root"))
    assert "user added" in told
    assert "rejected daily/3 daily/tanks, a digit too many" in told
    assert "rejected" not in words(soup(root, "/audit?who=root&act=add_user"), "tbody")
    rows = list(csv.reader(root.get("/audit?form=csv").text.splitlines()))
    assert [row[1] for row in rows if row[3] == "x"] == ["'=cmd()"]
    assert ("root", "reject") in {(row[1], row[2]) for row in rows}


def test_a_form_that_did_something_is_written_down_without_its_route_knowing(app: FastAPI) -> None:
    ed = browser(app, "ed")
    assert ed.post("/sources/daily/refresh", data={"csrf": csrf(ed)}).status_code == 303
    [done] = app.state.office.acts.newest("ed", "refresh", limit=5)
    assert (done.about, done.told) == ("/sources/daily/refresh", "Refresh a source now; its page shows how far it is.")


def test_what_was_done_is_neither_changed_nor_removed_and_a_forger_is_found(tmp_path: Path) -> None:
    book = ActBook(tmp_path / "acts.sqlite")
    for about in ("a", "b", "c"):
        book.note("ann", "give_role", about)
    assert list(verify_acts(book.path)) == []
    with sqlite3.connect(book.path) as connection:
        for statement in ("UPDATE acts SET who = 'bob'", "DELETE FROM acts WHERE id = 2"):
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(statement)
        connection.execute("DROP TRIGGER acts_are_not_changed")
        connection.execute("UPDATE acts SET who = 'bob' WHERE id = 2")
    assert [told.split(" as ")[1] for told in verify_acts(book.path)] == ["number 2 is not what its digest says"]


def test_users_of_before_there_were_roles_keep_what_they_could_do_and_the_first_of_a_home_is_an_admin(
    tmp_path: Path,
) -> None:
    old = tmp_path / "old.sqlite"
    with sqlite3.connect(old) as connection:
        connection.execute("CREATE TABLE users (name TEXT PRIMARY KEY, hash TEXT NOT NULL, added_at TEXT NOT NULL)")
        connection.execute("INSERT INTO users VALUES ('ann', 'x', '2025-01-01T00:00:00Z')")
    assert [one.role for one in AccountStore(old).users()] == ["editor"]
    new = AccountStore(tmp_path / "new.sqlite")
    assert [new.add("ann", PASSWORD), new.add("bob", PASSWORD), new.add("ann", PASSWORD)] == [
        "admin",
        "editor",
        "admin",
    ]
    with pytest.raises(UsageError, match="no user 'eve'"):
        new.give_role("eve", "admin")


def test_roles_are_given_by_command_and_told(home: Path) -> None:
    assert tallybook(home, "users", "role", "ann", "reader").returncode == 0
    assert tallybook(home, "users", "list").stdout.split("\t")[2].strip() == "reader"
    assert tallybook(home, "users", "role", "ann", "king").returncode == 2
    [done] = ActBook(home / "review.sqlite").newest(act="give_role", limit=2)
    assert (done.about, "(terminal)" in done.who) == ("ann", True)


def test_a_number_in_words_is_asked_about_where_it_was_typed_and_the_reason_stays(app: FastAPI) -> None:
    root = browser(app, "root")
    form = {"action": "correct", "value": "eleven", "why": "as the text says", "csrf": csrf(root)}
    answer = root.post("/held/daily/2/decide", data=form | {"series": "daily/guns", "as_of": "2025-07-31"})
    assert (answer.status_code, "as the text says" in answer.text, 'role="alert"' in answer.text) == (400, True, True)
