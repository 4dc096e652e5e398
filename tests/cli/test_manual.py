"""What a person saved or typed is recorded as such, with its evidence, and read again like any page."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.pipeline.desks import define, lines, table, tallybook

PNG = b"\x89PNG\r\n\x1a\n" + b"a post in an image"
URL = "https://example.org/post/1"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    define(tmp_path, "daily", URL)
    figure = {"id": "casualties", "pattern": "(?P<value>[\\d,]+) casualties", "measure": "casualties", "unit": "people"}
    as_of = {"pattern": "as of (\\S+)"}
    define(tmp_path, "posts", URL, extractor="selectors", coverage="latest", as_of=as_of, figures=[figure])
    (tmp_path / "post.png").write_bytes(PNG)
    return tmp_path


def by_hand(home: Path, source: str, file: str, *more: str, url: str = URL) -> tuple[int, str]:
    done = tallybook(home, "manual", source, str(home / file), "--from", url, "--by", "Ann", *more)
    return done.returncode, done.stderr


def test_a_saved_page_is_read_as_the_definition_says(home: Path) -> None:
    (home / "saved.csv").write_bytes(table(3))
    assert by_hand(home, "daily", "saved.csv", "--at", "2025-01-04T09:00:00Z")[0] == 0
    (update,) = lines(tallybook(home, "log", "daily", "--json"))
    assert (update["cause"], update["known_at"], update["changes_total"]) == ("manual", "2025-01-04T09:00:00Z", 6)
    assert tallybook(home, "verify").returncode == 0


def test_figures_typed_beside_an_image_keep_hedge_date_and_evidence(home: Path) -> None:
    code, told = by_hand(
        home, "posts", "post.png", "--figure", "casualties=about 1,000,000@2025-06-12", "--quote", "Russia has lost …"
    )
    assert code == 0, told
    (row,) = lines(tallybook(home, "table", "posts", "--json"))
    assert (row["series"], row["as_of"], row["value"], row["qualifier"]) == (
        "posts/casualties", "2025-06-12", 1000000, "approximately",
    )  # fmt: skip
    assert (row["number_text"], row["quote"]) == (
        "about 1,000,000", "about 1,000,000 casualties, as of 2025-06-12: Russia has lost …",
    )  # fmt: skip
    digest = hashlib.sha256(PNG).hexdigest()
    assert (home / "archive" / digest[:2] / f"{digest}.zst").exists()
    assert lines(tallybook(home, "replay", "posts", "--json")) == []
    assert tallybook(home, "verify").returncode == 0


def test_a_second_post_gives_the_difference(home: Path) -> None:
    by_hand(home, "posts", "post.png", "--figure", "casualties=1,000,340@2025-06-12")
    (home / "next.png").write_bytes(PNG + b"2")
    by_hand(home, "posts", "next.png", "--figure", "casualties=1,001,560@2025-06-13")
    (change,) = lines(tallybook(home, "log", "posts", "--limit", "1", "--json"))[0]["changes"]
    assert (change["kind"], change["difference"]) == ("new", 1220)


def test_a_range_is_typed_as_people_write_it(home: Path) -> None:
    by_hand(home, "posts", "post.png", "--figure", "casualties=189,000–273,000@2025-06-12")
    (row,) = lines(tallybook(home, "table", "posts", "--json"))
    assert (row["low"], row["high"], row["qualifier"]) == (189000, 273000, "range")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ((), "is an image, whose figures nobody has typed"),
        (("--figure", "wounded=3"), "follows no series 'wounded' (it follows casualties)"),
        (("--figure", "casualties=many"), "'many' is no number"),
        (("--figure", "casualties"), "names no value"),
        (("--figure", "casualties=3@soon"), "is no date"),
        (("--at", "2999-01-01T00:00:00Z", "--figure", "casualties=3"), "has not come yet"),
    ],
)
def test_what_cannot_be_recorded_is_told_and_leaves_nothing(home: Path, more: tuple[str, ...], says: str) -> None:
    code, told = by_hand(home, "posts", "post.png", *more)
    assert (code, says in told) == (2, True), told
    assert lines(tallybook(home, "log", "--json")) == []
    assert not list((home / "archive").rglob("*.zst"))


def test_a_page_saved_before_the_newest_release_is_refused(home: Path) -> None:
    (home / "saved.csv").write_bytes(table(3))
    (home / "older.csv").write_bytes(table(2))
    by_hand(home, "daily", "saved.csv", "--at", "2025-01-04T09:00:00Z")
    code, told = by_hand(home, "daily", "older.csv", "--at", "2025-01-03T09:00:00Z")
    assert (code, "older" in told) == (1, True), told
