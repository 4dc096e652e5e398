"""Alarms wait for nobody: gathered by cause, told by one process, sent on a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows.alarms import Alarm, Alarms
from flows.alerts import alert_lost, ready
from flows.batches import refresh_all
from flows.desk import Desk
from flows.outcomes import Outcome
from flows.settings import Settings
from flows.status import lost_sources
from model import Instant, OutageError
from publish import alerts
from tests.flows.defining import CSV, define
from tests.sources.publisher import Publisher

SOURCES = ("alpha", "beta", "delta", "gamma", "omega")
MORNING, LATER = Instant("2025-08-02T06:00:00Z"), Instant("2025-08-02T06:20:00Z")


class Sent(list[tuple[str, str]]):
    """What a person was sent; `refused` says that the receiver takes nothing."""

    refused = False

    @property
    def titles(self) -> list[str]:
        return [title for title, _ in self]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    found = Sent()

    def take(_url: str, title: str, body: str) -> bool:
        if not found.refused:
            found.append((title, body))
        return not found.refused

    monkeypatch.setattr(alerts, "send", take)
    return found


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as found:
        yield found


@pytest.fixture
def settings(tmp_path: Path, publisher: Publisher) -> Settings:
    for name in SOURCES:
        define(tmp_path / "defs", name, publisher.url(f"/{name}.csv"))
    return Settings(
        home=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'ledger.sqlite'}",
        archive=tmp_path / "archive",
        sources=tmp_path / "defs",
        alert_url="json://127.0.0.1:9/",
        fetch_retries=0,
        host_spacing=0,
    )


@pytest.fixture
def run(settings: Settings) -> Callable[..., list[Outcome]]:
    """A run of some sources, as `tallybook refresh` makes one."""

    def once(*names: str) -> list[Outcome]:
        with Desk.open(settings) as desk:
            lost = lost_sources(desk)
            alert_lost(desk, lost)
            with ready(desk):
                return lost + refresh_all(desk, desk.catalogue.require(names or desk.catalogue.ids()))

    return once


def test_more_than_a_few_sources_that_fail_for_one_cause_are_one_message(
    run: Callable[..., list[Outcome]], sent: Sent
) -> None:
    run()
    [(title, body)] = sent
    assert title.startswith("5 sources: failed")
    assert all(f"The {name} of the test" in body for name in SOURCES)
    run()
    assert len(sent) == 1


def test_a_few_are_told_one_by_one_and_another_cause_is_told_apart(
    run: Callable[..., list[Outcome]], publisher: Publisher, sent: Sent
) -> None:
    run(*SOURCES[:3])
    assert sorted(sent.titles) == [f"The {name} of the test: failed" for name in SOURCES[:3]]
    publisher.page("/gamma.csv", b"no", status=403)
    run(*SOURCES[3:])
    assert sorted(sent.titles[3:]) == ["The gamma of the test: blocked", "The omega of the test: failed"]


def test_what_could_not_be_sent_is_sent_by_the_next_run(run: Callable[..., list[Outcome]], sent: Sent) -> None:
    sent.refused = True
    run("alpha")
    sent.refused = False
    run("alpha")
    assert sent.titles == ["The alpha of the test: failed"]


def test_an_archive_that_cannot_be_written_is_one_incident_and_no_row_of_a_publisher(
    run: Callable[..., list[Outcome]], settings: Settings, publisher: Publisher, sent: Sent
) -> None:
    for name in SOURCES:
        publisher.page(f"/{name}.csv", b"date,dead\n2025-07-31,10\n", headers=CSV)
    Path(settings.archive).write_text("a file in place of the folder")
    assert {outcome.state for outcome in run()} == {"failed"}
    assert sent.titles == ["Tallybook: our own archive or ledger fails"]
    assert "of any source: the archive at" in sent[0][1]
    run()
    assert len(sent) == 1
    with Desk.open(settings) as desk:
        assert not desk.ledger.standings()
    Path(settings.archive).unlink()
    assert {outcome.state for outcome in run()} == {"changed"}
    with Desk.open(settings) as desk:
        assert not desk.alarms.remembers()


def test_a_ledger_that_cannot_be_reached_is_told_once_all_the_same(
    run: Callable[..., list[Outcome]], tmp_path: Path, sent: Sent
) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"no database" * 1000)
    for _ in range(2):
        with pytest.raises(OutageError, match="damaged"):
            run()
    assert sent.titles == ["Tallybook: our own archive or ledger fails"]
    assert "ledger.sqlite is damaged" in sent[0][1]


def test_a_broken_definition_is_told_once_until_it_was_sound_again(
    run: Callable[..., list[Outcome]], tmp_path: Path, publisher: Publisher, sent: Sent
) -> None:
    for name in SOURCES:
        publisher.page(f"/{name}.csv", b"date,dead\n2025-07-31,10\n", headers=CSV)
    path = tmp_path / "defs" / "beta.yml"
    sound = path.read_text("utf-8")
    for text in (sound.replace("counted", "countet"),) * 2 + (sound, sound.replace("counted", "countet")):
        path.write_text(text, "utf-8")
        run()
    assert sent.titles == ["beta: broken definition"] * 2
    assert "countet" in sent[0][1]


def test_of_many_who_meet_an_episode_one_tells_it(settings: Settings, run: Callable[..., list[Outcome]]) -> None:
    run("alpha")
    desks = [Desk.open(settings) for _ in range(6)]
    for desk in desks:
        desk.ready()
    begin, won = threading.Barrier(len(desks)), []

    def claim(desk: Desk) -> None:
        begin.wait()
        won.append(desk.ledger.claim_alert("alpha", "an episode", MORNING))

    threads = [threading.Thread(target=claim, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 5 + [True]
    ledger = desks[0].ledger
    # Whoever claimed it was killed: it is told by another, later.
    assert ledger.claim_alert("alpha", "an episode", LATER)
    ledger.settle_alert("alpha", "an episode", LATER, told=True)
    assert not ledger.claim_alert("alpha", "an episode", Instant("2026-08-02T06:00:00Z"))
    for desk in desks:
        desk.close()


def test_a_receiver_that_never_answers_does_not_keep_a_run_from_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun, answer = threading.Event(), threading.Event()

    def hang(_url: str, _title: str, _body: str) -> bool:
        begun.set()
        return answer.wait(60)

    monkeypatch.setattr(alerts, "send", hang)
    alarms = Alarms("json://x/", tmp_path / "alarms", lambda: pytest.fail("no ledger"), lambda: MORNING, send_seconds=1)
    alarms.add(Alarm(source=None, title="T", what="w", message="m", episode="e"))
    alarms.close()
    assert begun.is_set()
    assert not answer.is_set()
    assert "not sent within 1 seconds" in caplog.text
    answer.set()
