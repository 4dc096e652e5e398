"""Where a setting wants two people, a decision waits: nothing counts before another one confirms it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from model import Source, UsageError
from review import Office
from review.app import create_app
from review.people.acts import ActBook
from review.people.deciding import SecondPerson, same_person
from tests.pipeline.desks import ROOT, tallybook
from tests.review.made import PASSWORD, copied, office
from tests.review.test_review_pages import csrf, soup, words
from tests.review.test_review_roles import browser

WHERE = {"series": "daily/tanks", "as_of": "2025-07-31"}


@pytest.fixture(scope="module")
def desk(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(copied(built, tmp_path_factory.mktemp("second"))) as found:
        found.second = SecondPerson(("daily",))
        for name in ("ben", "cleo"):
            found.store.add(name, PASSWORD, "editor")
        yield found


@pytest.fixture(scope="module")
def app(desk: Office) -> FastAPI:
    return create_app(desk)


def proposed(client: TestClient, **said: str) -> int:
    """Decide on the held value, and return the number under which it waits."""
    form = WHERE | {"action": "reject", "why": "a digit too many", "csrf": csrf(client)} | said
    answer = client.post("/held/daily/2/decide", data=form)
    assert answer.status_code == 303, answer.text
    (number,) = re.findall(r"^/proposals\?made=(\d+)$", answer.headers["location"])
    return int(number)


def test_a_decision_waits_and_the_ledger_knows_nothing_of_it_until_another_person_confirms(
    app: FastAPI, desk: Office
) -> None:
    ben, cleo = browser(app, "ben"), browser(app, "cleo")
    newest, waiting = desk.browser.newest(), desk.browser.waiting()
    number = proposed(ben)
    assert (desk.browser.newest(), desk.browser.waiting()) == (newest, waiting)
    assert "waits for a second person" in words(soup(cleo, "/held"))
    assert "Proposed by ben" in words(soup(cleo, "/held/daily/2?series=daily/tanks&as_of=2025-07-31"))
    own = ben.post("/proposals/confirm", data={"csrf": csrf(ben), "number": number})
    assert (own.status_code, "another person" in own.text) == (400, True)
    again = cleo.post("/held/daily/2/decide", data=WHERE | {"action": "accept", "why": "so", "csrf": csrf(cleo)})
    assert (again.status_code, "ben proposed" in again.text) == (400, True)
    assert desk.browser.newest() == newest
    said = {"csrf": csrf(cleo), "number": number, "why": "I saw the page"}
    assert cleo.post("/proposals/confirm", data=said).status_code == 303
    [decided] = desk.browser.decisions("daily", limit=1)
    assert decided.who == "ben, confirmed by cleo"
    assert decided.why == "a digit too many (cleo: I saw the page)"
    assert desk.browser.newest() == newest + 1
    assert "110,930" in words(soup(cleo, "/sources/daily"), ".sum.few"), "numbers of decisions read as others do"
    assert list(desk.ledger.verify()) == []
    assert cleo.post("/proposals/confirm", data=said).status_code == 400
    assert desk.browser.newest() == newest + 1
    told = words(soup(cleo, "/audit"))
    assert "proposal confirmed" in told
    assert "decision proposed" in told


def test_an_undoing_waits_too_and_a_refused_one_changes_nothing(app: FastAPI, desk: Office) -> None:
    ben, cleo = browser(app, "ben"), browser(app, "cleo")
    newest = desk.browser.newest()
    [decided] = desk.browser.decisions("daily", limit=1)
    answer = cleo.post("/held/undo", data={"csrf": csrf(cleo), "update": decided.update})
    assert answer.headers["location"].startswith("/proposals?made=")
    [one] = desk.deciding.waiting()
    refused = {"csrf": csrf(ben), "number": one.number}
    assert ben.post("/proposals/refuse", data=refused).status_code == 400
    assert ben.post("/proposals/refuse", data=refused | {"why": "it is a slip"}).status_code == 303
    assert (desk.deciding.waiting(), desk.browser.newest()) == ([], newest)


def test_a_source_that_the_setting_does_not_name_is_decided_by_one(desk: Office) -> None:
    assert [desk.needs_two(one) for one in ("daily", "count")] == [True, False]


def test_a_word_of_the_setting_that_names_nothing_lets_nobody_decide(desk: Office) -> None:
    before = desk.second
    desk.second = SecondPerson(("dayly",))
    try:
        with pytest.raises(UsageError, match="'dayly', which is no source and no tag"):
            desk.needs_two("count")
    finally:
        desk.second = before


def test_a_tag_means_all_its_sources_and_one_whose_definition_cannot_be_read(desk: Office) -> None:
    source = desk.source("daily")
    assert isinstance(source, Source)
    second = SecondPerson(("tag:war",))
    assert [second.needed("daily", source), second.needed("daily", None)] == [False, True]


@pytest.mark.parametrize("name", ["Ben", " BEN ", "ｂｅｎ"])
def test_nobody_is_two_people_by_typing_their_name_otherwise(name: str) -> None:
    assert same_person("ben", name)


def test_nothing_decides_past_the_desk_where_two_people_are_asked_for() -> None:
    found = [path for folder in ("review", "cli") for path in (ROOT / folder).rglob("*.py")]
    deciding = [path.name for path in found if "ledger.decide(" in path.read_text(encoding="utf-8")]
    assert deciding == ["deciding.py"]


def test_the_command_obeys_the_same_law_and_asks_for_the_password(built: Path, tmp_path: Path) -> None:
    home = copied(built, tmp_path / "home")
    with office(home) as found:
        found.store.add("ben", PASSWORD, "editor")
    law = {"TALLYBOOK_SECOND_PERSON": "all"}
    say = ("review", "reject", "daily/2", "daily/tanks@2025-07-31", "--by", "ann", "--why", "typo")
    assert tallybook(home, *say, env=law, input="wrong\n").returncode == 2
    assert "proposed as number" in tallybook(home, *say, env=law, input=f"{PASSWORD}\n").stderr
    [one] = ActBook(home / "review.sqlite").waiting("propose")
    own = tallybook(home, "review", "confirm", str(one.number), "--by", "ann", env=law, input=f"{PASSWORD}\n")
    assert (own.returncode, "another person" in own.stderr) == (2, True)
    other = tallybook(home, "review", "confirm", str(one.number), "--by", "ben", env=law, input=f"{PASSWORD}\n")
    assert "recorded as daily/3" in other.stderr
