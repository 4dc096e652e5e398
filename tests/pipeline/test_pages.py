"""An answer in pages is one release: all pages, byte for byte, or none; what does not go together fails by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import extractors
from flows.outcomes import Outcome
from flows.past.replay import replay_source
from flows.pipeline import refresh_source
from sources import check
from tests.pipeline.desks import define, desk, lines, tallybook
from tests.sources.publisher import Publisher

JSON = {"Content-Type": "application/json"}
ROWS = [{"date": f"2025-01-{day:02}", "tanks": 100 + day, "guns": 50 + day} for day in range(1, 8)]
WAY: dict[str, Any] = {
    "extractor": "json",
    "as_of": {"path": "date"},
    "rows": "$.items",
    "figures": [{"id": "tanks", "path": "tanks", "unit": "items"}, {"id": "guns", "path": "guns", "unit": "items"}],
}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as made:
        yield made


def serve(publisher: Publisher, path: str, rows: Any, **more: Any) -> None:
    publisher.page(path, json.dumps({**more, "items": rows}).encode(), headers=JSON)


def linked(publisher: Publisher) -> None:
    """Three pages, each of which names the next."""
    serve(publisher, "/x", ROWS[:3], next="/x?page=2")
    serve(publisher, "/x?page=2", ROWS[3:6], next=publisher.url("/x?page=3"))
    serve(publisher, "/x?page=3", ROWS[6:], next=None)


def look(home: Path, publisher: Publisher, paging: dict[str, Any], path: str = "/x", **changes: Any) -> Outcome:
    define(home, "daily", publisher.url(path), **(WAY | {"paging": paging} | changes))
    with desk(home) as opened:
        return refresh_source(opened, opened.catalogue["daily"])


def days(home: Path) -> dict[str, str]:
    told = lines(tallybook(home, "show", "daily/tanks", "--json"))
    return {one["as_of"]: str(one["value"]) for one in told}


EXPECTED = {row["date"]: str(row["tanks"]) for row in ROWS}


def test_pages_that_name_the_next_are_one_release_that_verifies_and_replays(
    tmp_path: Path, publisher: Publisher
) -> None:
    linked(publisher)
    outcome = look(tmp_path, publisher, {"next": "$.next"})
    assert outcome.state == "changed", outcome
    assert days(tmp_path) == EXPECTED
    with desk(tmp_path) as opened:
        source = opened.catalogue["daily"]
        newest = opened.ledger.newest_release(source)
        assert newest is not None
        pages = extractors.paged.parted(opened.archive.get(newest.snapshot.sha256))
        assert [json.loads(page.content)["items"] for page in pages] == [ROWS[:3], ROWS[3:6], ROWS[6:]]
        assert [page.url for page in pages] == [publisher.url(path) for path in ("/x", "/x?page=2", "/x?page=3")]
        assert list(opened.ledger.verify()) == []
        replayed = replay_source(opened, source)
        assert (replayed.releases, replayed.unreadable, replayed.changes) == (1, 0, ())
        assert refresh_source(opened, source).state == "unchanged"


def test_each_figure_of_a_later_page_points_to_its_own_number(tmp_path: Path, publisher: Publisher) -> None:
    linked(publisher)
    define(tmp_path, "daily", publisher.url("/x"), **WAY, paging={"next": "$.next"})
    told = lines(tallybook(tmp_path, "sources", "try", "daily", "--json"))
    assert {one["number_text"] for one in told} == {str(row[name]) for row in ROWS for name in ("tanks", "guns")}


@pytest.mark.parametrize("paging", [{"offset": "$offset"}, {"page": "p", "first": 0}])
def test_pages_by_a_parameter_end_with_one_that_has_no_rows(
    tmp_path: Path, publisher: Publisher, paging: dict[str, Any]
) -> None:
    for number, at in enumerate((0, 4, 7)):
        name, value = ("$offset", at) if "offset" in paging else ("p", number)
        serve(publisher, f"/x?a=%20b&{name}={value}", ROWS[at : at + 4])
    assert look(tmp_path, publisher, paging, path="/x?a=%20b").state == "changed"
    assert days(tmp_path) == EXPECTED
    assert len(publisher.requests) == 3


@pytest.mark.parametrize(
    ("paging", "said"),
    [
        ({"offset": "o", "total": "$.meta.total"}, ({"meta": {"total": 7}}, {"meta": {"total": 7}})),
        ({"offset": "o", "more": "$.more"}, ({"more": True}, {})),
    ],
)
def test_a_page_may_say_that_it_is_the_last(
    tmp_path: Path, publisher: Publisher, paging: dict[str, Any], said: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    serve(publisher, "/x?o=0", ROWS[:5], **said[0])
    serve(publisher, "/x?o=5", ROWS[5:], **said[1])
    assert look(tmp_path, publisher, paging).state == "changed"
    assert days(tmp_path) == EXPECTED


def test_a_header_may_name_the_next_page_of_a_list_or_a_table(tmp_path: Path, publisher: Publisher) -> None:
    link = {"Link": '</x?page=1>; rel="prev", </x?page=2>; rel="next"'}
    publisher.page("/x", json.dumps(ROWS[:4]).encode(), headers=JSON | link)
    publisher.page("/x?page=2", json.dumps(ROWS[4:]).encode(), headers=JSON)
    assert look(tmp_path, publisher, {"next": "header"}, rows="$").state == "changed"
    assert days(tmp_path) == EXPECTED

    text = ["date,tanks,guns", *(f"{row['date']},{row['tanks']},{row['guns']}" for row in ROWS)]
    publisher.page("/x", "\n".join(text[:4]).encode(), headers=link)
    publisher.page("/x?page=2", "\n".join([text[0], *text[4:], ""]).encode())
    way = {"extractor": "csv", "as_of": {"column": "date"}, "rows": "$"}
    figures = [{"id": "tanks", "column": "tanks"}, {"id": "guns", "column": "guns"}]
    assert look(tmp_path / "csv", publisher, {"next": "header"}, **way, figures=figures).state == "changed"
    assert days(tmp_path / "csv") == EXPECTED


def failed(home: Path, publisher: Publisher, paging: dict[str, Any], **changes: Any) -> str:
    """Why a look failed; nothing of it is in the ledger, and a row says why."""
    outcome = look(home, publisher, paging, **changes)
    assert outcome.state in ("failed", "blocked")
    with desk(home) as opened:
        source = opened.catalogue["daily"]
        assert opened.ledger.newest_release(source) is None
        last = opened.ledger.last_attempt(source)
        assert last is not None
        assert last.reason is not None
        return last.reason


def test_a_page_that_fails_fails_the_look(tmp_path: Path, publisher: Publisher) -> None:
    linked(publisher)
    publisher.page("/x?page=3", b"", status=500)
    assert failed(tmp_path, publisher, {"next": "$.next"}).startswith("http_status")
    publisher.page("/x?page=3", b'{"error": "no such cursor"}', headers=JSON)
    assert failed(tmp_path, publisher, {"next": "$.next"}).startswith("error_answer")
    publisher.page("/x?page=3", b'{"items": [', headers=JSON)
    assert failed(tmp_path, publisher, {"next": "$.next"}).startswith("page_unreadable: page 3")


def test_a_circle_and_a_repeated_page_are_failures_by_name(tmp_path: Path, publisher: Publisher) -> None:
    linked(publisher)
    serve(publisher, "/x?page=3", ROWS[6:], next="/x?page=2")
    assert failed(tmp_path, publisher, {"next": "$.next"}).startswith("page_loop: page 3 names page 2")
    serve(publisher, "/x?page=3", ROWS[3:6], next="/x?page=4", asked_at="another moment")
    assert failed(tmp_path, publisher, {"next": "$.next"}).startswith("page_repeated: page 3")


@pytest.mark.parametrize("offset", [0, 2])
def test_a_server_that_does_not_know_the_parameter_is_found_out(
    tmp_path: Path, publisher: Publisher, offset: int
) -> None:
    for at in (0, 3):
        serve(publisher, f"/x?skip={at}", ROWS[offset : offset + 3])
    assert failed(tmp_path, publisher, {"offset": "skip"}).startswith("page_repeated: page 2")


def test_rows_that_do_not_make_the_total_are_no_release(tmp_path: Path, publisher: Publisher) -> None:
    serve(publisher, "/x?o=0", ROWS[:5], total=9)
    serve(publisher, "/x?o=5", ROWS[5:], total=9)
    serve(publisher, "/x?o=7", [], total=9)
    paging = {"offset": "o", "total": "$.total"}
    assert "7 rows came where 9 are due" in failed(tmp_path, publisher, paging)
    serve(publisher, "/x?o=5", ROWS[5:], total=7)
    assert "speaks of 7 rows in all, page 1 of 9" in failed(tmp_path, publisher, paging)
    assert "says nothing at $.count" in failed(tmp_path, publisher, paging | {"total": "$.count"})


@pytest.mark.parametrize("most", [{"most_pages": 2}, {"most_bytes": 300}])
def test_more_pages_or_bytes_than_the_ceiling_fail_the_look(
    tmp_path: Path, publisher: Publisher, most: dict[str, int]
) -> None:
    linked(publisher)
    reason = failed(tmp_path, publisher, {"next": "$.next", **most})
    assert reason.startswith(("too_many_pages", "too_large"))


@pytest.mark.parametrize("host", ["localhost", "169.254.169.254", "[::1]"])
def test_no_page_leads_to_another_host(tmp_path: Path, publisher: Publisher, host: str) -> None:
    serve(publisher, "/x", ROWS[:3], next=publisher.url("/y", host=host))
    assert failed(tmp_path, publisher, {"next": "$.next"}).startswith("page_link")
    serve(publisher, "/x", ROWS[:3], next="/y")
    publisher.redirect("/y", publisher.url("/z", host=host))
    serve(publisher, "/z", ROWS[3:])
    assert failed(tmp_path, publisher, {"next": "$.next"}).startswith(("page_link", "private_address"))
    assert [one.path for one in publisher.requests if one.path == "/z"] == []


def test_robots_are_asked_for_every_page(tmp_path: Path, publisher: Publisher) -> None:
    linked(publisher)
    publisher.page("/robots.txt", b"User-agent: *\nDisallow: /x?page=3\n")
    assert failed(tmp_path, publisher, {"next": "$.next"}).startswith("robots")


def test_a_row_on_two_pages_with_two_values_counts_in_neither(tmp_path: Path, publisher: Publisher) -> None:
    linked(publisher)
    serve(publisher, "/x?page=3", [ROWS[6], ROWS[5] | {"tanks": 999}], next=None)
    look(tmp_path, publisher, {"next": "$.next"})
    log = lines(tallybook(tmp_path, "log", "daily", "--json"))
    assert "duplicate_key" in [check["name"] for one in log for check in one["checks"]]
    assert "2025-01-06" not in days(tmp_path)


def test_a_secret_that_the_server_repeats_is_sent_on_and_kept_nowhere(
    tmp_path: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAILY_KEY", "s3cretValue")
    serve(publisher, "/x?key=s3cretValue", ROWS[:4], next="/x?key=s3cretValue&page=2")
    serve(publisher, "/x?key=s3cretValue&page=2", ROWS[4:])
    assert look(tmp_path, publisher, {"next": "$.next"}, path="/x?key=${DAILY_KEY}").state == "changed"
    assert days(tmp_path) == EXPECTED
    with desk(tmp_path) as opened:
        newest = opened.ledger.newest_release(opened.catalogue["daily"])
        assert newest is not None
        assert b"s3cretValue" not in opened.archive.get(newest.snapshot.sha256)
        assert b"s3cretValue" not in opened.archive.get(newest.snapshot.text_sha256)


@pytest.mark.parametrize(
    ("paging", "key"),
    [
        ({}, "paging"),
        ({"next": "$.a", "offset": "o"}, "paging"),
        ({"next": "Link"}, "paging.next"),
        ({"offset": "o", "total": "total"}, "paging.total"),
        ({"offset": "o", "most_pages": 0}, "paging.most_pages"),
    ],
)
def test_paging_that_can_never_work_is_an_error_of_the_definition(
    tmp_path: Path, paging: dict[str, Any], key: str
) -> None:
    define(tmp_path, "daily", "https://example.org/x", **WAY, paging=paging)
    assert [problem.key for problem in check(tmp_path / "sources/daily.yml")] == [key]
