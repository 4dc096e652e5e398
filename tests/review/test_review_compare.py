"""Who counts what: a thing first, one row for each who counts it, and what is not the same said in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import Tag
from starlette.testclient import TestClient

from flows.desk import Desk
from flows.pipeline import refresh_source
from review.app import create_app
from review.comparing.witnesses import origin_of
from tests.pipeline.desks import settings
from tests.review.made import CSV, DAYS, define, office
from tests.review.test_review_pages import soup, words
from tests.sources.publisher import Publisher

LONG = "the very long name of a claimant that goes on and on " * 6
ARABIC = "جنود الشمال"
FIGURE = {"unit": "people", "whom": "Norlandic soldiers"}


def table(title: str, basis: str, *figures: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A definition of a table with a column for each figure."""
    columns = [one | {"column": one["id"]} for one in figures]
    return {
        "title": title, "publisher": {"name": title}, "method": f"As {title} counts.", "basis": basis,
        "tried_live": "2025-01-01", "extractor": "csv", "as_of": {"column": "date"}, "figures": columns,
        "allow_private_addresses": True, **more,
    }  # fmt: skip


TANKS = {"measure": "destroyed", "unit": "items", "whom": "Norlandic tanks"}
NAMES = {"id": "killed", "measure": "killed", **FIGURE}
SOURCES = {
    "names": (table("The count by name", "counted", NAMES), "date,killed\n2025-07-18,119154\n2025-07-31,121507\n"),
    "courier": (
        table("The Courier", "claimed", NAMES | {"counts_as": "names/killed"}),
        "date,killed\n2025-07-30,121400\n",
    ),
    "courier2": (
        table("The second-hand Courier", "claimed", NAMES | {"counts_as": "courier/killed"}),
        "date,killed\n2025-07-30,121300\n",
    ),
    "staff": (
        table("The Staff", "claimed", NAMES | {"id": "losses", "measure": "casualties"}),
        "date,losses\n2025-08-01,1054600\n",
    ),
    "long": (table(LONG.strip(), "estimated", NAMES), "date,killed\n2025-07-29,200000\n"),
    "arabic": (
        table("العدّ", "counted", {"id": "killed", "measure": "killed", "unit": "people", "whom": ARABIC}),
        "date,killed\n2025-07-29,200\n",
    ),
    "many": (
        table(
            "Sixty kinds", "counted",
            *(TANKS | {"id": f"k{at}", "category": f"T-{at}"} for at in range(60)),
        ),
        "date," + ",".join(f"k{at}" for at in range(60)) + "\n2025-07-29," + ",".join(map(str, range(60))) + "\n",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory, publisher: Publisher) -> Path:
    home = tmp_path_factory.mktemp("counted")
    for name, (definition, text) in SOURCES.items():
        define(home, name, definition, publisher.url(f"/{name}-counted"))
        publisher.page(f"/{name}-counted", text.encode(), headers=CSV)
    with Desk(settings(home), lambda: DAYS[1]) as desk:
        for name in desk.catalogue:
            refresh_source(desk, desk.catalogue[name])
    return home


@pytest.fixture(scope="module")
def visitor(counted: Path) -> Iterator[TestClient]:
    with office(counted) as found, TestClient(create_app(found), base_url="http://127.0.0.1:8400") as client:
        yield client


def told(element: Tag) -> str:
    """The words of an element, in one line."""
    return " ".join(element.get_text(" ").split())


WHAT = "/compare?what=Norlandic%20soldiers"


def test_what_several_sources_count_stands_first_and_what_one_counts_by_its_source(visitor: TestClient) -> None:
    page = soup(visitor, "/compare")
    shared = [told(row) for row in page.select("table tbody tr")]
    assert len(shared) == 1
    assert shared[0].startswith("Norlandic soldiers casualties , killed 5 sources")
    assert [told(one).split(" ", 1)[0] for one in page.select("details.alone li a")] == ["جنود", "Norlandic"]
    assert "Norlandic tanks" in words(soup(visitor, "/compare?q=tanks"))
    assert "Norlandic soldiers" not in words(soup(visitor, "/compare?q=tanks"), "main")


def test_who_carries_a_count_has_no_row_of_its_own_however_often_it_was_passed_on(visitor: TestClient) -> None:
    rows = [told(row) for row in soup(visitor, WHAT).select(".matrix tbody tr")]
    assert [row.split(" counted")[0] for row in rows if row.startswith("The count")] == ["The count by name"]
    assert [row for row in rows if "Courier" in row] == []
    assert "in 3 sources, one witness" in next(row for row in rows if row.startswith("The count"))
    assert "121,507" in next(row for row in rows if row.startswith("The count"))
    assert words(soup(visitor, WHAT)).count("the same count as") == 2


def test_killed_is_not_killed_and_wounded_and_counted_is_not_claimed(visitor: TestClient) -> None:
    page = soup(visitor, WHAT)
    unlike = words(page, ".unlike")
    assert "killed and wounded together : The Staff" in unlike
    assert "claimed, not counted : The Staff" in unlike
    assert "31 July 2025 : The count by name" in unlike
    scales = [told(one) for one in page.select("section h2 .what")]
    assert scales == ["Killed and wounded together, in all, people", "Killed, in all, people"]


def test_nobody_is_ranked_and_nothing_added_up(visitor: TestClient) -> None:
    page = soup(visitor, f"{WHAT}&measure=killed")
    assert [told(one) for one in page.select(".claims td b")] == ["The count by name", LONG.strip()]
    assert "362,061" not in words(page), "their sum"


def test_subgroups_are_told_of_and_shown_when_asked(visitor: TestClient) -> None:
    what = "/compare?what=Norlandic%20tanks"
    assert "60 series of subgroups are left out" in words(soup(visitor, what))
    assert len(soup(visitor, f"{what}&subgroups=1").select(".claims tbody tr")) == 60


def test_a_thing_of_another_script_is_found_and_its_address_leads_to_it(visitor: TestClient) -> None:
    link = next(one for one in soup(visitor, "/compare?q=شمال").select("a") if ARABIC in one.get_text())
    assert "200" in words(soup(visitor, str(link["href"])), ".matrix")


def test_the_api_tells_the_claims_of_a_thing(visitor: TestClient) -> None:
    page = visitor.get("/api/claims?what=Norlandic%20soldiers&limit=2").json()
    first = [(one["source"], one["first"]) for one in page["items"]]
    assert first == [("courier", "2025-07-30"), ("courier2", "2025-07-30")]
    rest = visitor.get(page["next"]).json()
    assert [one["source"] for one in rest["items"]] == ["long", "names"]


def test_definitions_that_name_one_another_come_to_an_end() -> None:
    class Circle:
        def __init__(self, other: str) -> None:
            self.other = other

        def counted_as(self, _series: str) -> str:
            return self.other

    round_: dict[str, Any] = {"a": Circle("b/x"), "b": Circle("a/x")}
    assert origin_of("a/x", round_.get) in ("a/x", "b/x")
