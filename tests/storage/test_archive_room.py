"""The archive stops with a clear error before its limit or the disk is passed, and may lie anywhere fsspec reaches."""

from __future__ import annotations

import os
from collections import Counter, namedtuple
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from flows.pipeline import refresh_source
from flows.settings import Settings
from model import ArchiveError, Instant, UsageError
from storage import Archive
from storage.archive import stores
from tests.pipeline.desks import define, desk, table
from tests.sources.publisher import Publisher

CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as found:
        yield found


@pytest.fixture(params=["folder", "file", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """A folder, the same as an address, and a place that only fsspec reaches."""
    name = tmp_path.name
    return {"folder": tmp_path / "a", "file": f"file://{tmp_path}/b", "memory": f"memory://{name}/c"}[request.param]


def test_contents_come_back_from_wherever_they_lie(place: Path | str) -> None:
    digest = Archive(place).put(b"ten")
    assert (Archive(place).get(digest), Archive(place).has(digest)) == (b"ten", True)
    stone = Archive(place).redact(digest, by="Ann", why="w", at=Instant("2025-01-01T00:00:00Z"))
    assert (Archive(place).tombstones(), Archive(place).has(digest)) == ([stone], False)
    with pytest.raises(ArchiveError, match="missing"):
        Archive(place).get("0" * 64)


def test_a_half_written_file_of_another_writer_that_goes_while_we_look_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty threads write at once: each lists the folder, and another has its file's name by then."""
    listed = stores._entries

    def then_gone(folder: Path | str) -> Iterator[os.DirEntry[str]]:
        for entry in listed(folder):
            yield entry
            if not entry.is_dir():
                part = Path(folder) / ".part-of-another"
                part.touch()
                found = [one for one in listed(folder) if one.name == part.name]
                part.unlink()
                yield from found

    monkeypatch.setattr(stores, "_entries", then_gone)
    archive = Archive(tmp_path / "a")
    assert archive.get(archive.put(b"ten")) == b"ten"
    assert len(list(stores.open_store(tmp_path / "a").files())) == 1


def test_nothing_is_stored_beyond_the_limit_and_what_is_there_stays(place: Path | str) -> None:
    archive = Archive(place, limit=3000)
    first = archive.put(os.urandom(2000))
    for again in (archive, Archive(place, limit=3000)):
        with pytest.raises(
            ArchiveError, match=r"is full: it holds 0\.0 MB of the 0\.0 MB .*raise TALLYBOOK_ARCHIVE_LIMIT"
        ):
            again.put(os.urandom(2000))
        assert again.put(again.get(first)) == first
    assert archive.get(archive.put(os.urandom(500)))


def test_the_disk_is_never_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(stores.shutil, "disk_usage", lambda _path: usage(10**12, 10**12 - 2**20, 2**20))
    with pytest.raises(ArchiveError, match=r"the disk of .* is nearly full"):
        Archive(tmp_path / "archive").put(b"ten")
    assert [path for path in (tmp_path / "archive").rglob("*") if path.is_file()] == []


def test_a_refresh_with_a_full_archive_fails_in_a_sentence_and_records_no_figure(
    tmp_path: Path, publisher: Publisher
) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.page("/daily.csv", table(3), headers=CSV)
    with desk(tmp_path, archive_limit=40) as found:
        outcome = refresh_source(found, found.catalogue["daily"])
        assert (outcome.state, "is full" in outcome.message) == ("failed", True)
        assert found.views.log() == []
    with desk(tmp_path, archive_limit=10**6) as found:
        assert refresh_source(found, found.catalogue["daily"]).state == "changed"
        assert list(found.ledger.verify()) == []


@pytest.mark.parametrize(("text", "size"), [("20 GB", 20 * 10**9), ("1.5GiB", 1610612736), ("4096", 4096)])
def test_a_limit_is_written_as_people_write_sizes(text: str, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYBOOK_ARCHIVE_LIMIT", text)
    assert Settings.load().archive_limit == size


@pytest.mark.parametrize("text", ["plenty", "-1", "0", "5 parsecs"])
def test_a_limit_that_is_no_size_is_named(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYBOOK_ARCHIVE_LIMIT", text)
    with pytest.raises(UsageError, match="which is no size"):
        Settings.load()


class Counted(MemoryFileSystem):
    """An object store that counts what it is asked, by kind."""

    protocol = ("counted", "memory")
    asked: ClassVar[Counter[str]] = Counter()
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]

    def cat_file(self, path: str, *args: Any, **more: Any) -> Any:
        self.asked["read"] += 1
        return super().cat_file(path, *args, **more)

    def pipe_file(self, path: str, value: bytes, *args: Any, **more: Any) -> Any:
        self.asked["written"] += 1
        return super().pipe_file(path, value, *args, **more)

    def info(self, path: str, **more: Any) -> Any:
        self.asked["looked for"] += 1
        return super().info(path, **more)


def test_an_object_store_is_asked_for_no_more_than_it_takes(
    tmp_path: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsspec.register_implementation("counted", Counted, clobber=True)
    archive = Archive(f"counted://{tmp_path.name}")
    Counted.asked.clear()
    digest = archive.put(b"ten")
    assert Counted.asked == {"read": 2, "written": 1}, "whether it is there or was redacted, and the content, once"
    archive.put(b"ten")
    assert Counted.asked == {"read": 4, "written": 1}
    Counted.asked.clear()
    assert archive.get_many([digest, "0" * 64])[digest] == b"ten"
    assert Counted.asked == {"read": 4}
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    with desk(tmp_path, archive=f"counted://{tmp_path.name}/archive") as found:
        for days in (3, 4, 5, 6):
            publisher.page("/daily.csv", table(days), headers=CSV)
            refresh_source(found, found.catalogue["daily"])
    with desk(tmp_path, archive=f"counted://{tmp_path.name}/archive") as found:
        together: list[int] = []
        monkeypatch.setattr(
            found.archive,
            "get_many",
            lambda digests: (together.append(len(digests)), Archive.get_many(found.archive, digests))[1],
        )
        assert len(found.views.log()) == 4
        assert together == [4], "the texts of a page are asked for together"


def test_an_archive_that_goes_away_while_something_is_recorded_is_no_fault_of_the_publisher(
    tmp_path: Path, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    define(tmp_path, "daily", publisher.url("/daily.csv"))
    publisher.page("/daily.csv", table(3), headers=CSV)
    with desk(tmp_path) as found:
        record = found.ledger.record

        def then_away(*given: Any) -> Any:
            (tmp_path / "archive").rename(tmp_path / "away")
            (tmp_path / "archive").write_text("no folder")
            return record(*given)

        monkeypatch.setattr(found.ledger, "record", then_away)
        outcome = refresh_source(found, found.catalogue["daily"])
        assert (outcome.reason, "cannot be read" in outcome.message) == ("outage", True), outcome
        assert found.ledger.looked_at() == {}, "no row stands against the source"
