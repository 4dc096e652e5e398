"""Reading happens elsewhere: what it comes to is the same, and no text stops anything but its own reading."""

from __future__ import annotations

import gzip
import io
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.desk import Desk
from flows.pipeline import refresh_source
from flows.reading.opening import Read, open_release, read_release
from flows.reading.readers import Readers, _Plain
from model import Fetched, Instant, Listing, Source, UnreadableError
from sources.listing import find_releases
from tests.extractors.made import source
from tests.pipeline.desks import define, desk, settings
from tests.sources.publisher import Publisher

CSV = source(
    "csv",
    [{"id": "dead", "column": "dead"}, {"id": "hurt", "column": "hurt", "change": {"column": "more"}}],
    as_of={"column": "date"},
    by={"whom": "place"},
)
JSON = source("json", [{"id": "dead", "path": "dead"}], as_of={"path": "date"})
TABLE = source("table", [{"id": "dead", "column": "dead"}], as_of={"column": "date"})
ACROSS = source("csv", [{"id": "dead", "column": "@value"}], as_of={"column": "@key"}, by={"whom": "place"})
PICKED = source("selectors", [{"id": "dead", "css": "p", "pattern": "(?P<value>[0-9,]+) dead"}])
PROSE = source("prose", [], series=[{"id": "killed", "match": {"measure": "killed"}}], language="en")

FORMS: list[tuple[Source, str, str]] = [
    (CSV, "text/csv", 'title\n\ndate,place,dead,hurt,more\n2026-11-01,"A, ""B""",100, 5 ,2\n2026-11-02,C,x,,\n'),
    (CSV, "text/csv", "date;place;dead;hurt;more\n2026-11-01;A;~100;5*;1\n2026-11-02;A;1,5;7;2\n"),
    (ACROSS, "text/csv", "place,2026-11-01,2026-11-02\nA,1,2\nB,3,4\n"),
    (JSON, "application/json", '[{"date": "2026-11-01", "dead": 12}, {"date": "2026-11-02", "dead": "about 13"}]'),
    (JSON, "application/json", '{"date": "2026-11-01", "dead": null}\n{"date": "2026-11-02", "dead": 4}\n'),
    (TABLE, "text/html", "<h1>Toll</h1><table><tr><th>date<th>dead<tr><td>2026-11-01<td>7[1]</table>"),
    (TABLE, "text/markdown", "| date | dead |\n|---|---|\n| 2026-11-01 | 7 |\n"),
    (PICKED, "text/html", "<p>Some 1,077 dead.</p>"),
    (PROSE, "text/html", "<article><p>At least 1,234 soldiers were killed, 20 more than in May.</p></article>"),
    (PROSE, "text/plain", "About 300 people were killed, the ministry said on 3 May 2026."),
]


def fetched(content: str | bytes, media_type: str = "text/csv") -> Fetched:
    plain = content.encode() if isinstance(content, str) else content
    at = Instant("2026-11-03T00:00:00Z")
    return Fetched(url="https://example.org/x", at=at, status=200, content=plain, media_type=media_type)


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    made = Readers(seconds=2, memory=512 * 2**20, most=2)
    yield made
    made.close()


def said(read: Read) -> Any:
    reading = read.reading
    figures = [reading.figure(cell[3]) for cell in reading.cells]
    told = (reading.stated, reading.unmatched, reading.ambiguous, reading.checks, reading.shape())
    return read.media_type, read.text, read.published, reading.cells, figures, told


@pytest.mark.parametrize(("definition", "kind", "text"), FORMS)
def test_what_is_read_elsewhere_is_what_is_read_here(
    readers: Readers, definition: Source, kind: str, text: str
) -> None:
    elsewhere, here = readers.read(definition, fetched(text, kind)), read_release(definition, fetched(text, kind))
    assert said(elsewhere) == said(here)
    assert here.reading.cells
    assert said(pickle.loads(pickle.dumps(elsewhere))) == said(here)


def test_a_release_that_is_none_is_refused_in_the_same_words(readers: Readers) -> None:
    for content in ("", "date\n", "<html><p>404</p></html>", "\ufffd" * 500):
        with pytest.raises(UnreadableError) as here:
            read_release(CSV, fetched(content))
        with pytest.raises(UnreadableError) as elsewhere:
            readers.read(CSV, fetched(content))
        assert (str(elsewhere.value), elsewhere.value.reason) == (str(here.value), here.value.reason)


def test_a_release_that_takes_too_much_time_is_refused_by_name_and_the_next_is_read(readers: Readers) -> None:
    slow = "date,place,dead,hurt,more\n" + "".join(f"2026-11-01,A,{n}*,{n}+,1\n" for n in range(900_000))
    with pytest.raises(UnreadableError, match="more than 2 s of processor time") as caught:
        readers.read(CSV, fetched(slow))
    assert caught.value.reason == "too_slow"
    assert readers.read(CSV, fetched(FORMS[0][2])).reading.cells


def test_a_release_that_takes_too_much_memory_is_refused_by_name_and_the_next_is_read() -> None:
    small = Readers(seconds=20, memory=160 * 2**20, most=1)
    large = gzip.compress(b"[" + b'{"date":"2026-11-01","dead":1},' * 1_500_000 + b'{"dead":1}]', 1)
    with pytest.raises(UnreadableError) as caught:
        small.read(JSON, fetched(large))
    assert caught.value.reason == "too_large"
    assert small.read(JSON, fetched(FORMS[3][2])).reading.cells
    small.close()


def test_a_reader_that_was_ended_while_it_waited_is_replaced(readers: Readers) -> None:
    readers.read(CSV, fetched(FORMS[0][2]))
    for child in readers._idle:
        child.kill()
        child.wait()
    assert readers.read(CSV, fetched(FORMS[0][2])).reading.cells


def test_other_releases_are_read_and_threads_run_while_one_takes_long(readers: Readers) -> None:
    slow = "date,place,dead,hurt,more\n" + "".join(f"2026-11-01,A,{n}*,{n}+,1\n" for n in range(900_000))
    ended = threading.Event()

    def stuck() -> None:
        with pytest.raises(UnreadableError):
            readers.read(CSV, fetched(slow))
        ended.set()

    thread = threading.Thread(target=stuck)
    thread.start()
    done = 0
    while not ended.is_set() and done < 5:
        readers.read(CSV, fetched(FORMS[0][2]))
        done += 1
        time.sleep(0.01)
    assert done == 5
    thread.join()


def test_only_plain_data_is_taken_back() -> None:
    for value in (subprocess.run, eval, sys.exit, Path("x")):
        with pytest.raises(pickle.UnpicklingError, match="no plain data"):
            _Plain(io.BytesIO(pickle.dumps(value))).load()


@pytest.mark.parametrize(
    "name", [b"sources.listing\nio.open", b"sources.listing\nurljoin", b"model.times\ndt.datetime"]
)
def test_nothing_that_a_module_imported_is_taken_back(name: bytes) -> None:
    with pytest.raises(pickle.UnpicklingError, match="no plain data"):
        _Plain(io.BytesIO(b"\x80\x05c" + name + b"\n.")).load()


def test_a_listing_is_read_within_the_same_bounds(readers: Readers) -> None:
    """What would hold the process that answers the page ends alone."""
    listing = Listing(url="https://example.org/", links="a")
    page = fetched("<a href='/one'>one</a>", "text/html")
    assert readers.find_releases(listing, page, "UTC") == find_releases(listing, page, "UTC")
    with pytest.raises(UnreadableError) as none:
        readers.find_releases(listing, fetched("<p>none", "text/html"), "UTC")
    assert "has no link" in str(none.value)
    many = fetched("<a href='/x'>" + "<b>x</b>" * 1_500_000, "text/html")
    with pytest.raises(UnreadableError) as caught:
        readers.find_releases(listing, many, "UTC")
    assert caught.value.reason in ("too_slow", "too_large")


def test_a_release_that_took_too_much_is_not_read_at_full_cost_at_every_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"2026-11-01,{n}*,{n}+\n" for n in range(900_000))
    slow = f"date,tanks,guns\n{rows}".encode()
    clock = {"now": "2026-11-03T00:00:00Z"}
    asked: list[int | None] = []
    inner = Readers.read

    def read(self: Readers, *given: Any, seconds: int | None = None, **more: Any) -> Read:
        asked.append(seconds)
        return inner(self, *given, seconds=seconds, **more)

    monkeypatch.setattr(Readers, "read", read)
    with (
        Publisher() as publisher,
        Desk(settings(tmp_path, read_seconds=2), lambda: Instant(clock["now"])) as opened,
    ):
        define(tmp_path, "daily", publisher.url("/x.csv"))

        def look(at: str, content: bytes) -> str:
            clock["now"] = at
            publisher.page("/x.csv", content)
            outcome = refresh_source(opened, opened.catalogue["daily"])
            return outcome.reason or outcome.state

        assert look("2026-11-03T00:00:00Z", slow) == "too_slow"
        assert look("2026-11-03T01:00:00Z", slow) == "too_slow"
        assert asked == [None]
        assert look("2026-11-03T03:00:00Z", slow + b"2026-11-02,1,1\n") == "too_slow"
        assert asked == [None, 1]
        assert look("2026-11-03T04:00:00Z", b"date,tanks,guns\n2026-11-01,5,6\n") == "changed"
        assert look("2026-11-05T00:00:00Z", slow) == "too_slow"
        assert asked == [None, 1, 1, None]


def test_reading_imports_no_database_no_network_and_no_scheduler() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, flows.reading.readers, flows.reading.child; print(' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not set(told.stdout.split()) & {"requests", "sqlalchemy", "prefect", "lxml", "bs4", "pandas"}


@pytest.mark.parametrize("url", ["https://example.org/export.htm", "https://example.org/data", "export.htm"])
def test_a_table_s_form_is_the_definition_s_word_on_every_road(url: str) -> None:
    table = Fetched(
        url=url, at=Instant("2026-11-03T00:00:00Z"), status=200, content=FORMS[0][2].encode(), media_type="text/html"
    )
    assert open_release(CSV, table).media_type == "text/csv"


def test_a_release_that_cannot_be_read_in_time_is_a_failure_with_its_row(tmp_path: Path) -> None:
    with Publisher() as publisher, desk(tmp_path, read_seconds=1) as opened:
        define(tmp_path, "daily", publisher.url("/x.csv"))
        define(tmp_path, "sound", publisher.url("/y.csv"))
        rows = "".join(f"2026-11-01,{n}*,{n}+\n" for n in range(900_000))
        publisher.page("/x.csv", f"date,tanks,guns\n{rows}".encode())
        publisher.page("/y.csv", b"date,tanks,guns\n2026-11-01,5,6\n")
        outcome = refresh_source(opened, opened.catalogue["daily"])
        assert outcome.state == "failed"
        assert "processor time" in outcome.message
        last = opened.ledger.last_attempt(opened.catalogue["daily"])
        assert last is not None
        assert (last.reason or "").startswith("too_slow: ")
        assert refresh_source(opened, opened.catalogue["sound"]).state == "changed"
