"""The demo's reports go through the real path and end in the log that the demo promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

import extractors
from cli.demo import DAYS, DemoPublisher, clock, sources, write_definitions
from flows.desk import Desk
from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from flows.settings import Settings
from model import Change, Update
from publish.html import log_html
from publish.telling import tell
from sources import Catalogue


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Update], list[Outcome]]]:
    """The three days walked once: updates by id, and every outcome in order."""
    home = tmp_path_factory.mktemp("demo")
    settings = Settings(
        home=home,
        database_url=f"sqlite:///{home / 'ledger.sqlite'}",
        archive=home / "archive",
        sources=home / "sources",
        host_spacing=0.0,
    )
    today = 0
    outcomes = []
    with DemoPublisher() as publisher:
        write_definitions(home / "sources", publisher.base_url)
        with Desk(settings, clock=lambda: clock(today)) as desk:
            for today in range(len(DAYS)):
                publisher.set_day(today)
                outcomes += [refresh_source(desk, desk.catalogue[one]) for one in sources()]
            updates = {
                update.update: tell(desk.ledger.views.update(update.update)) for update in desk.ledger.views.log()
            }
            yield updates, outcomes


def changes_of(update: Update, series: str) -> list[Change]:
    return [change for change in update.changes if change.series == f"{update.source}/{series}"]


def test_the_count_rises_by_2353_and_its_own_statement_agrees(walked: tuple[dict[str, Update], list[Outcome]]) -> None:
    (killed,) = changes_of(walked[0]["demo_count/2"], "killed")
    assert killed.sentence == "2,353 more: 119,154 → 121,507, as of 31 July 2025"
    assert killed.stated is not None
    assert killed.stated.sentence == (
        "Matches the stated +2,353, counted from 119,154 (demo_count/1, known 1 August 2025)"
    )


def test_one_increase_of_the_bulletin_does_not_agree(walked: tuple[dict[str, Update], list[Outcome]]) -> None:
    stated = {change.series: change.stated for change in walked[0]["demo_bulletin/3"].changes if change.stated}
    assert {series: one.verdict for series, one in stated.items()} == {
        "demo_bulletin/personnel": "matches",
        "demo_bulletin/tanks": "matches",
        "demo_bulletin/artillery": "mismatch",
        "demo_bulletin/drones": "matches",
    }
    assert stated["demo_bulletin/artillery"].sentence == "States +40, but the ledger gives +31 since 31,021"


def test_a_digit_too_many_is_held_and_nothing_else(walked: tuple[dict[str, Update], list[Outcome]]) -> None:
    updates, outcomes = walked
    held = [change for update in updates.values() for change in update.changes if change.held]
    assert [change.sentence for change in held] == ["held: 100,006 more: 11,132 → 111,138, as of 3 August 2025"]
    assert [outcome.source for outcome in outcomes if outcome.state == "held"] == ["demo_daily"]
    assert [check.name for check in updates["demo_daily/3"].checks if check.result == "hold"] == ["jump"]


def test_the_table_rewrites_its_past_and_moves_a_row(walked: tuple[dict[str, Update], list[Outcome]]) -> None:
    update = walked[0]["demo_table/3"]
    revised = [change for change in update.changes if change.kind == "revised"]
    assert [(change.difference or 0) > 0 for change in revised].count(True) == 5
    assert len(revised) == 7
    moved = {(change.kind, change.as_of, change.marks.redated) for change in update.changes if change.marks.redated}
    assert moved == {("withdrawn", "2025-07-14", "2025-07-13"), ("late", "2025-07-13", "2025-07-14")}


def test_the_article_is_compared_with_the_count_it_carries(walked: tuple[dict[str, Update], list[Outcome]]) -> None:
    (named,) = changes_of(walked[0]["demo_article/2"], "named")
    assert named.new is not None
    assert named.new.value == 121_507
    assert named.stated is not None
    assert named.stated.verdict == "matches"
    assert named.stated.baseline is not None
    assert named.stated.baseline.series == "demo_count/killed"


def test_claims_of_officials_are_followed_each_by_its_claimant(
    walked: tuple[dict[str, Update], list[Outcome]],
) -> None:
    first = {change.series: change.new for change in walked[0]["demo_article/1"].changes}
    minister, president = first["demo_article/july_minister"], first["demo_article/july_president"]
    assert minister is not None
    assert president is not None
    assert (minister.value, minister.qualifier) == (60_000, "exact")
    assert (president.value, president.qualifier) == (20_000, "approximately")
    (ratio,) = changes_of(walked[0]["demo_article/2"], "losses_ratio")
    assert ratio.new is not None
    assert ratio.new.number_text == "nearly three times"


def test_every_day_ends_well_and_an_unchanged_report_makes_no_update(
    walked: tuple[dict[str, Update], list[Outcome]],
) -> None:
    updates, outcomes = walked
    last = {outcome.source: outcome.state for outcome in outcomes[-len(sources()) :]}
    assert last == {
        "demo_article": "unchanged",
        "demo_bulletin": "changed",
        "demo_count": "unchanged",
        "demo_daily": "held",
        "demo_table": "changed",
    }
    assert not [outcome for outcome in outcomes if outcome.state in ("failed", "blocked")]
    assert sorted({update.known_at for update in updates.values()}) == [day.at for day in DAYS]


def test_the_html_file_of_the_demo_shows_all_of_it(walked: tuple[dict[str, Update], list[Outcome]]) -> None:
    page = log_html(walked[0].values(), title="What changed", generated_at=clock(2))
    for told in ("119,154", "121,507", "stated +40, computed +31", "111,138", "The past was rewritten too"):
        assert told in page


def test_the_definitions_are_sound_and_stay_on_loopback(tmp_path: Path) -> None:
    write_definitions(tmp_path, "http://127.0.0.1:9/")
    catalogue = Catalogue.load(tmp_path, extractors.check_pattern)
    assert catalogue.problems == ()
    assert catalogue.ids() == sources()
    for one in catalogue:
        assert (catalogue[one].url or "").startswith("http://127.0.0.1:9/")
        assert catalogue[one].allow_private_addresses
        assert "sample" in catalogue[one].title


def test_a_report_is_served_as_of_the_day_and_again_unchanged_with_304() -> None:
    with DemoPublisher() as publisher:
        address = f"{publisher.base_url}/count.html"
        first = requests.get(address, timeout=5)
        assert "119,154" in first.text
        publisher.set_day(1)
        second = requests.get(address, headers={"If-None-Match": first.headers["ETag"]}, timeout=5)
        assert (second.status_code, "121,507" in second.text) == (200, True)
        publisher.set_day(2)
        third = requests.get(address, headers={"If-None-Match": second.headers["ETag"]}, timeout=5)
        assert (third.status_code, third.content) == (304, b"")


@pytest.mark.parametrize("path", ["", "nothing.html", "../days.py", "%2e%2e/days.py", "count", "1/count.html"])
def test_nothing_else_is_served(path: str) -> None:
    with DemoPublisher() as publisher:
        assert requests.get(f"{publisher.base_url}/{path}", timeout=5).status_code == 404


def test_a_day_outside_the_demo_is_refused() -> None:
    with DemoPublisher() as publisher, pytest.raises(IndexError):
        publisher.set_day(3)


def test_every_sample_page_says_that_it_is_one() -> None:
    with DemoPublisher() as publisher:
        for name in ("count", "bulletin", "article"):
            assert "sample page" in requests.get(f"{publisher.base_url}/{name}.html", timeout=5).text
