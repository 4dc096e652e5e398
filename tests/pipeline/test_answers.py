"""What a publisher answers in place of a report is kept as evidence, once an episode, and can be shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.pipeline import refresh_source
from tests.pipeline.desks import define, desk, lines, table, tallybook
from tests.sources.publisher import Publisher

SUSPENDED = b"<html><title>Account Suspended</title><body><h1>Account Suspended</h1><p>Ref %d</p></body></html>"


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as made:
        yield made


def _answers(home: Path, times: int = 1) -> list[str | None]:
    with desk(home) as opened:
        for _ in range(times):
            refresh_source(opened, opened.catalogue["daily"])
        last = opened.ledger.last_attempt(opened.catalogue["daily"])
        assert last is not None
        return [last.sha256, *(standing.answer for standing in opened.ledger.standings())]


def test_a_page_that_turns_us_away_is_kept_and_shown(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "daily", publisher.url("/x"))
    publisher.page("/x", SUSPENDED % 1)
    digest, told = _answers(tmp_path)
    assert digest is not None
    assert told == digest
    with desk(tmp_path) as opened:
        assert opened.archive.get(digest) == SUSPENDED % 1
        assert list(opened.ledger.verify()) == []
    assert tallybook(tmp_path, "archive", "show", digest).stdout.encode() == SUSPENDED % 1
    (row,) = lines(tallybook(tmp_path, "status", "--json"))
    assert (row["state"], row["answer"]) == ("blocked", digest)


def test_an_episode_keeps_its_first_page_however_often_it_changes(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "daily", publisher.url("/x"))
    publisher.page("/x", SUSPENDED % 1)
    first = _answers(tmp_path)
    publisher.page("/x", SUSPENDED % 2)
    assert _answers(tmp_path, times=3) == first
    with desk(tmp_path) as opened:
        assert len(list(opened.archive.store.files())) == 1


def test_once_the_source_is_read_again_no_answer_is_told_of(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "daily", publisher.url("/x"))
    publisher.page("/x", b"not here", status=404)
    assert _answers(tmp_path)[0] is not None
    publisher.page("/x", table(3), headers={"Content-Type": "text/csv"})
    assert _answers(tmp_path)[1:] == [None]


def test_a_full_archive_does_not_hide_why_a_source_was_refused(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "daily", publisher.url("/x"))
    publisher.page("/x", SUSPENDED % 1)
    with desk(tmp_path, archive_limit=1) as opened:
        outcome = refresh_source(opened, opened.catalogue["daily"])
        last = opened.ledger.last_attempt(opened.catalogue["daily"])
    assert outcome.state == "blocked"
    assert last is not None
    assert last.sha256 is None
