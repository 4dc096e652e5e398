"""The path as a whole: fetched, archived, read, compared, recorded, and told when something is wrong."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli.commands.refresh import exit_code
from flows.desk import Desk
from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from model import Instant
from tests.pipeline.desks import define, desk, table, tallybook
from tests.sources.publisher import Publisher

CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


def refresh(home: Path, day: int, source_id: str = "daily", *, force: bool = False, **changes: Any) -> Outcome:
    """Refresh one source on a day of January 2025."""
    with desk(home, Instant(f"2025-01-{day:02}T06:00:00Z"), **changes) as opened:
        return refresh_source(opened, opened.catalogue[source_id], force=force)


def attempts(home: Path) -> list[tuple[str, str | None]]:
    """(state, reason) of every attempt, oldest first."""
    with desk(home) as opened, opened.ledger.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT state, reason FROM fetches ORDER BY id")
        return [(state, reason) for state, reason in rows]


def test_a_new_release_is_recorded_with_its_bytes(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.page("/daily.csv", table(3), headers=CSV)
    assert refresh(tmp_path, 3).state == "changed"
    publisher.page("/daily.csv", table(4), headers=CSV)
    outcome = refresh(tmp_path, 4)
    assert (outcome.state, outcome.update, outcome.changes) == ("changed", "daily/2", 2)
    with desk(tmp_path) as opened:
        update = opened.ledger.views.update("daily/2")
        assert update.snapshot is not None
        assert opened.archive.get(update.snapshot) == table(4)
        change = update.changes[0]
        assert change.new is not None
        assert table(4).decode()[change.new.start : change.new.end] == change.new.number_text


def test_a_run_leaves_a_line_of_what_was_fetched_read_and_recorded_in_how_long(
    tmp_path: Path, publisher: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.page("/daily.csv", table(3), headers=CSV)
    with caplog.at_level("INFO", logger="tallybook"):
        refresh(tmp_path, 3)
    lines = [re.sub(r"\d+ ms", "N ms", record.getMessage()) for record in caplog.records]
    assert lines == [
        f"daily: fetched {len(table(3))} bytes, status 200, in N ms",
        "daily: read 6 cells in N ms",
        "daily: recorded daily/1, 6 changes in N ms",
        "daily: changed",
    ]


def test_an_unchanged_release_is_asked_for_conditionally_and_leaves_a_row_alone(
    tmp_path: Path, publisher: Publisher
) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.page("/daily.csv", table(3), headers=CSV | {"ETag": '"one"'})
    states = [refresh(tmp_path, 3 + day).state for day in range(4)]
    assert states == ["changed", "unchanged", "unchanged", "unchanged"]
    assert [request.headers.get("if-none-match") for request in publisher.requests] == [None, '"one"', '"one"', '"one"']
    assert [state for state, _ in attempts(tmp_path)] == states


def test_force_fetches_although_nothing_changed(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.page("/daily.csv", table(3), headers=CSV | {"ETag": '"one"'})
    refresh(tmp_path, 3)
    assert refresh(tmp_path, 4, force=True).state == "unchanged"
    assert publisher.requests[-1].headers.get("if-none-match") is None


def test_page_noise_makes_no_update_and_keeps_no_copy(tmp_path: Path, publisher: Publisher) -> None:
    page = "<html><body><p>On January 3, 2025: {} tanks.</p><script>nonce={}</script></body></html>"
    figure = {"id": "tanks", "css": "p", "pattern": r"(?P<value>\d+) tanks"}
    define(
        tmp_path, "daily", publisher.url("/"), extractor="selectors", coverage="latest", figures=[figure], as_of=None
    )
    for day, (value, nonce) in enumerate([(5, "a"), (5, "b"), (6, "c")], start=3):
        publisher.page("/", page.format(value, nonce).encode(), headers={"Content-Type": "text/html"})
        refresh(tmp_path, day)
    assert [state for state, _ in attempts(tmp_path)] == ["changed", "unchanged", "changed"]
    assert len(list((tmp_path / "archive").rglob("*.zst"))) == 4  # two pages and their two texts


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no bytes"),
        (b"date,tanks,guns\n2025-01-03,1\n", "line 2"),
        (b"<html><body>Our reports</body></html>", "a web page where CSV is due"),
    ],
)
def test_what_cannot_be_read_is_a_failure_that_changes_nothing(
    tmp_path: Path, publisher: Publisher, content: bytes, says: str
) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.page("/daily.csv", table(3), headers=CSV)
    refresh(tmp_path, 3)
    publisher.page("/daily.csv", content, headers=CSV)
    outcome = refresh(tmp_path, 4)
    assert outcome.state == "failed"
    assert says in outcome.message
    with desk(tmp_path) as opened:
        assert len(opened.ledger.views.table()) == 6
        assert [one.state for one in opened.ledger.standings()] == ["failed"]
        assert opened.ledger.standings()[0].last_success == "2025-01-03T06:00:00Z"


@pytest.mark.parametrize(("status", "state"), [(500, "failed"), (404, "failed"), (403, "blocked")])
def test_a_refusal_is_told_by_its_name(tmp_path: Path, publisher: Publisher, status: int, state: str) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.page("/daily.csv", b"no", status=status)
    outcome = refresh(tmp_path, 3)
    assert outcome.state == state
    assert str(status) in outcome.message
    assert [one for one, _ in attempts(tmp_path)] == [state]


def test_a_private_address_is_refused_unless_the_definition_allows_it(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"), allow_private_addresses=False)
    publisher.page("/daily.csv", table(3), headers=CSV)
    assert "private" in refresh(tmp_path, 3).message
    assert publisher.requests == []


def test_one_bad_source_does_not_stop_another(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "bad", publisher.url("/none"))
    define(tmp_path, "good", publisher.url("/daily.csv"))
    publisher.page("/daily.csv", table(3), headers=CSV)
    assert [refresh(tmp_path, 3, name).state for name in ("bad", "good")] == ["failed", "changed"]


def test_a_changed_reader_reads_the_newest_copy_again_first_and_that_is_no_news(
    tmp_path: Path, publisher: Publisher
) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.page("/daily.csv", table(3), headers=CSV)
    refresh(tmp_path, 3)
    figures = [{"id": "tanks", "column": "guns"}, {"id": "guns", "column": "guns"}]
    define(tmp_path, "daily", publisher.url("/daily.csv"), figures=figures)
    publisher.page("/daily.csv", table(4), headers=CSV)
    refresh(tmp_path, 4)
    with desk(tmp_path) as opened:
        updates = opened.ledger.views.log()
        assert [(one.update, one.cause, {change.why for change in one.changes}) for one in updates] == [
            ("daily/3", "fetch", {"source"}),
            ("daily/2", "replay", {"extraction"}),
            ("daily/1", "fetch", {"source"}),
        ]
        assert {change.kind for change in updates[0].changes} == {"new"}


def test_refresh_tells_what_it_corrected_of_its_own_reading_and_ends_with_4_once(
    tmp_path: Path, publisher: Publisher
) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.page("/daily.csv", table(3), headers=CSV | {"ETag": '"1"'})
    refresh(tmp_path, 3)
    figures = [{"id": "tanks", "column": "guns"}, {"id": "guns", "column": "guns"}]
    define(tmp_path, "daily", publisher.url("/daily.csv"), figures=figures)
    done = tallybook(tmp_path, "refresh", "daily")
    assert done.returncode == 4
    assert "daily: unchanged: today's reader reads otherwise what was recorded: daily/2" in done.stderr
    assert "our reading corrected" in done.stdout
    assert exit_code([refresh(tmp_path, 4)]) == 0


def test_a_correction_beside_what_failed_or_waits_ends_as_that_does() -> None:
    well = Outcome("a", "unchanged", None, 0, 0, "")
    corrected = msgspec.structs.replace(well, corrected=("a/2",))
    held, failed = (msgspec.structs.replace(corrected, state=state) for state in ("held", "failed"))
    assert [exit_code([well, one]) for one in (well, corrected, held, failed)] == [0, 4, 3, 1]


class Receiver:
    """A receiver of alerts on loopback."""

    def __enter__(self) -> Receiver:
        got: list[dict[str, Any]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Stay quiet."""

        self.got = got
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_a_failing_source_alerts_once_until_it_succeeds_again(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    with Receiver() as receiver:
        for day in (3, 4):
            refresh(tmp_path, day, alert_url=receiver.url)
        assert len(receiver.got) == 1
        publisher.page("/daily.csv", table(3), headers=CSV)
        refresh(tmp_path, 5, alert_url=receiver.url)
        publisher.page("/daily.csv", b"", headers=CSV)
        for day in (6, 7):
            refresh(tmp_path, day, alert_url=receiver.url)
    assert [message["title"] for message in receiver.got] == ["A daily file: failed"] * 2


def test_an_alert_that_could_not_be_sent_is_sent_by_the_next_attempt(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    refresh(tmp_path, 3, alert_url="json://127.0.0.1:9/")
    with Receiver() as receiver:
        refresh(tmp_path, 4, alert_url=receiver.url)
        assert len(receiver.got) == 1


def test_a_failure_that_will_be_tried_again_alerts_nobody_yet(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.reset("/daily.csv")
    with Receiver() as receiver:
        # Alerts go out on a thread of their own, and all of them before a desk is closed.
        with desk(tmp_path, alert_url=receiver.url) as opened:
            assert refresh_source(opened, opened.catalogue["daily"], retried=True).state == "failed"
        assert receiver.got == []
        with desk(tmp_path, alert_url=receiver.url) as opened:
            refresh_source(opened, opened.catalogue["daily"])
        assert len(receiver.got) == 1


def test_a_held_value_alerts_once(tmp_path: Path, publisher: Publisher) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.page("/daily.csv", table(20), headers=CSV)
    refresh(tmp_path, 20)
    with Receiver() as receiver:
        publisher.page("/daily.csv", table(20) + b"2025-01-21,1630,92\n", headers=CSV)
        assert refresh(tmp_path, 21, alert_url=receiver.url).state == "held"
        publisher.page("/daily.csv", table(20) + b"2025-01-21,1630,92\n\n", headers=CSV)
        refresh(tmp_path, 22, alert_url=receiver.url)
    assert [message["title"] for message in receiver.got] == ["A daily file: held"]
    assert "1,630" in receiver.got[0]["message"]


def test_an_unexpected_error_is_an_outcome_and_a_row_too(
    tmp_path: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.page("/daily.csv", table(3), headers=CSV)

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Desk, "read", broken)
    told = "unexpected ZeroDivisionError: a bug"
    assert refresh(tmp_path, 3) == Outcome("daily", "failed", None, 0, 0, told, reason="zerodivision")
    assert attempts(tmp_path) == [("failed", told)]


def test_a_desk_closes_what_it_opened(tmp_path: Path) -> None:
    define(tmp_path, "daily", "http://127.0.0.1/")
    with desk(tmp_path) as opened:
        assert isinstance(opened, Desk)
        assert opened.ledger.views.log() == []
    assert "ledger" not in opened.__dict__
