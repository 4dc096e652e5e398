"""A source is changed from the page: errors at their line, tried on what is archived, history, and saved pages."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient

from cli.commands.serve import office_of
from flows.desk import Desk
from flows.drafts.workshop import Workshop
from review import Office
from review.app import create_app
from tests.pipeline.desks import lines, settings, tallybook
from tests.review.made import PASSWORD, copied, daily_file
from tests.review.test_review_pages import csrf, soup

EDIT = "/sources/daily/edit"
HERE = "https://example.org/daily.csv"


@pytest.fixture(scope="module")
def office(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    home = copied(built, tmp_path_factory.mktemp("editing"))
    with Desk(msgspec.structs.replace(settings(home), page_private=True)) as desk:
        yield office_of(desk)


@pytest.fixture(scope="module")
def ann(office: Office) -> Iterator[TestClient]:
    with TestClient(create_app(office), base_url="http://127.0.0.1:8400", follow_redirects=False) as client:
        client.post("/login", data={"name": "ann", "password": PASSWORD})
        yield client


@pytest.fixture(scope="module")
def folder(office: Office) -> Path:
    return Path(office.workshop.written("daily").file).parent


def form(ann: TestClient, text: str | None = None, **more: str) -> dict[str, str]:
    """The form of the page, with another text."""
    page = soup(ann, EDIT)
    found = {name: str(page.select_one(f"[name={name}]")["value"]) for name in ("csrf", "over")}
    return found | {"text": page.select_one("textarea").text.lstrip("\n") if text is None else text} | more


def test_a_mistake_is_told_at_its_line_and_nothing_is_written(ann: TestClient, folder: Path) -> None:
    before = (folder / "daily.yml").read_text()
    wrong = before.replace("basis: claimed", "basis: guessed")
    answer = ann.post(EDIT, data=form(ann, wrong, action="save", why="x"))
    line = next(number for number, each in enumerate(wrong.splitlines(), 1) if "guessed" in each)
    assert (answer.status_code, f"<b>Line {line}</b>" in answer.text) == (400, True)
    assert "is not one of claimed, counted, estimated" in re.sub(r"<[^>]+>", "", answer.text)
    assert (folder / "daily.yml").read_text() == before


def test_a_text_is_tried_on_the_archived_releases_and_each_difference_told(ann: TestClient) -> None:
    assert "Reads the same in 2 of 2 archived releases" in ann.post(EDIT, data=form(ann)).text
    text = form(ann)["text"]
    fewer = text.replace("id: guns", "id: cannons")
    assert fewer != text
    told = ann.post(EDIT, data=form(ann, fewer)).text
    assert "Reads the same in 0 of 2 archived releases" in told
    assert "guns: would not be read any more (61 figures so), such as 31,030 of 1 July 2025 in the release of" in told
    assert "cannons: would be read, and is not now (61 figures so), such as 31,030 of 1 July 2025" in told


def test_saving_writes_the_history_and_two_texts_are_compared(
    ann: TestClient, office: Office, folder: Path
) -> None:  # fmt: skip
    text = form(ann)["text"].replace("title: A daily file", "title: The daily file")
    assert "Say why" in ann.post(EDIT, data=form(ann, text, action="save")).text
    assert ann.post(EDIT, data=form(ann, text, action="save", why="its own name")).status_code == 303
    versions = office.browser.definitions("daily")
    assert [(one.number, one.by, one.why) for one in versions] == [(2, "ann", "its own name"), (1, "", "")]
    page = ann.get("/sources/daily/history").text
    assert "title: The daily file" in page
    assert "title: A daily file" in page
    assert office.browser.definition_of("daily/2") == versions[1]
    home = folder.parent
    assert [row["by"] for row in lines(tallybook(home, "sources", "history", "daily", "--json"))] == ["ann", ""]
    assert "+title: The daily file" in tallybook(home, "sources", "history", "daily", "--diff", "1", "2").stdout


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten_and_the_draft_stays(
    ann: TestClient, folder: Path
) -> None:
    mine = form(ann, form(ann)["text"] + "caveats: mine\n", action="save", why="a caveat")
    theirs = (folder / "daily.yml").read_text() + "caveats: theirs\n"
    (folder / "daily.yml").write_text(theirs)
    answer = ann.post(EDIT, data=mine)
    assert (answer.status_code, "caveats: mine" in answer.text, "caveats: theirs" in answer.text) == (409, True, True)
    assert (folder / "daily.yml").read_text() == theirs
    again = re.search(r'name="over" value="(\w+)"', answer.text)
    assert again is not None
    assert ann.post(EDIT, data=mine | {"over": again[1]}).status_code == 303
    assert "caveats: mine" in (folder / "daily.yml").read_text()


def test_what_only_the_machine_may_reach_is_not_written_from_a_page(ann: TestClient, office: Office) -> None:
    text = form(ann)["text"]
    secret = ann.post(EDIT, data=form(ann, text + "tags: ['${HOME}']\n", action="save", why="x"))
    assert (secret.status_code, "secret of this machine" in secret.text) == (400, True)
    assert isinstance(office.workshop, Workshop)
    desk = office.workshop.desk
    desk.settings = msgspec.structs.replace(desk.settings, page_private=False)
    private = ann.post(EDIT, data=form(ann, text, action="save", why="x"))
    desk.settings = msgspec.structs.replace(desk.settings, page_private=True)
    assert (private.status_code, "not public" in private.text) == (400, True)


def test_a_folder_that_cannot_be_written_is_told_before_somebody_types(
    ann: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.chmod(0o500)
    if os.geteuid() == 0:  # root may write anywhere, so that the system's answer to others is given here
        monkeypatch.setattr(os, "access", lambda _path, mode: mode != os.W_OK)
    page = ann.get(EDIT).text
    folder.chmod(0o700)
    assert ("cannot be written" in page, 'value="save"' in page) == (True, False)


def test_a_pause_has_a_reason_and_is_taken_back(ann: TestClient, office: Office) -> None:
    assert ann.post("/sources/count/pause", data={"csrf": csrf(ann)}).status_code == 400
    assert ann.post("/sources/count/pause", data={"csrf": csrf(ann), "why": "they move: house"}).status_code == 303
    standing = next(one for one in office.standings() if one.source == "count")
    assert (standing.state, "they move: house (ann, " in standing.message) == ("off", True)
    assert ann.post("/sources/count/resume", data={"csrf": csrf(ann)}).status_code == 303
    assert next(one for one in office.standings() if one.source == "count").state != "off"
    assert [one.by for one in office.browser.definitions("count")][:2] == ["ann", "ann"]


def test_a_saved_file_is_recorded_with_who_and_from_where(ann: TestClient, office: Office) -> None:
    content = daily_file(30, "2025-07-31,11093,31930", "2025-08-01,11096,31960")
    fields = {"csrf": csrf(ann), "url": HERE, "at": "2025-08-03T06:00:00Z"}
    answer = ann.post("/sources/daily/upload", data=fields, files={"file": ("daily.csv", content)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/updates/daily/3")
    update = office.browser.update("daily/3")
    assert (update.cause, update.known_at, update.changes_total) == ("manual", "2025-08-03T06:00:00Z", 3)
    again = ann.post("/sources/daily/upload", data=fields | {"at": ""}, files={"file": ("daily.csv", content)})
    assert (again.status_code, "changes nothing" in again.text) == (200, True)


@pytest.mark.parametrize(
    ("fields", "content", "status", "says"),
    [
        ({"url": "file:///etc/passwd"}, b"date,tanks,guns\n", 400, "https://"),
        ({"url": HERE}, b"", 400, "empty"),
        ({"url": HERE, "at": "2999-01-01T00:00:00Z"}, b"date,tanks,guns\n2025-01-01,1,2\n", 400, "has not come yet"),
        ({"url": HERE}, b"\x89PNG\r\n\x1a\n post", 400, "is an image"),
        ({"url": HERE, "figures": "planes=3"}, b"\x89PNG\r\n\x1a\n post", 400, "follows no series"),
    ],
)
def test_what_is_no_saved_page_is_refused(
    ann: TestClient, fields: dict[str, str], content: bytes, status: int, says: str
) -> None:
    given = {"csrf": csrf(ann)} | fields
    answer = ann.post("/sources/daily/upload", data=given, files={"file": ("page", content)})
    assert (answer.status_code, says in answer.text) == (status, True), answer.text


def test_files_are_taken_of_who_is_logged_in_alone_and_within_bounds(ann: TestClient, office: Office) -> None:
    office.upload_most = 1000
    files = {"file": ("page", b"x" * 100_000)}
    assert ann.post("/sources/daily/upload", data={"csrf": csrf(ann), "url": HERE}, files=files).status_code == 413
    office.upload_most = 32 * 2**20
    assert ann.post("/sources/daily/refresh", data={"csrf": csrf(ann)}, files=files).status_code in (413, 415)
    assert ann.post("/sources/daily/upload", data={"csrf": "guessed", "url": HERE}, files=files).status_code == 403
    ann.cookies.clear()
    assert ann.post("/sources/daily/upload", data={"url": HERE}, files=files).status_code in (413, 415)
