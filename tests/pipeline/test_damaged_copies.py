"""A damaged file of the archive heals when its bytes come again, and keeps no source from being read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from flows.outcomes import Outcome
from flows.pipeline import refresh_source
from model import Instant
from tests.pipeline.desks import define, desk, table
from tests.pipeline.test_listings import count, feed, follow
from tests.pipeline.test_listings import refresh as refresh_paper
from tests.sources.publisher import Publisher

CSV = {"Content-Type": "text/csv", "ETag": '"one"'}


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as running:
        yield running


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def overwritten(path: Path) -> None:
    path.write_bytes(b"\x00" * 400)


def too_great_a_head(path: Path) -> None:
    """A frame of zstd that promises 2^62 bytes."""
    path.write_bytes(b"\x28\xb5\x2f\xfd\xe0" + (2**62).to_bytes(8, "little") + b"\x01\x00\x00")


def gone(path: Path) -> None:
    path.unlink()


def of_another_content(path: Path) -> None:
    path.write_bytes(zstandard.compress(b"another content"))


DAMAGES = [cut, emptied, overwritten, too_great_a_head, gone, of_another_content]


def refresh(home: Path, day: int) -> Outcome:
    with desk(home, Instant(f"2025-02-{day:02}T06:00:00Z")) as opened:
        return refresh_source(opened, opened.catalogue["daily"])


def problems(home: Path) -> list[str]:
    with desk(home) as opened:
        return list(opened.ledger.verify())


def damage_all(home: Path, damage: Callable[[Path], None]) -> None:
    for path in sorted((home / "archive").glob("*/*.zst")):
        damage(path)


@pytest.mark.parametrize("damage", DAMAGES)
def test_all_copies_heal_at_the_next_look_though_nothing_changed(
    tmp_path: Path, publisher: Publisher, damage: Callable[[Path], None]
) -> None:
    """The publisher answers 304 where it may: whoever has lost the bytes must ask for them."""
    define(tmp_path, "daily", publisher.url("/d.csv"))
    publisher.page("/d.csv", table(9), headers=CSV)
    assert refresh(tmp_path, 1).state == "changed"
    damage_all(tmp_path, damage)
    assert problems(tmp_path)
    assert refresh(tmp_path, 2).state == "unchanged"
    assert problems(tmp_path) == []
    assert refresh(tmp_path, 3).state == "unchanged"
    assert [request.headers.get("if-none-match") for request in publisher.requests] == [None, None, '"one"']


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("days", [9, 10])
def test_a_changed_reader_over_a_damaged_copy_reads_what_is_published_now(
    tmp_path: Path, publisher: Publisher, damage: Callable[[Path], None], days: int
) -> None:
    define(tmp_path, "daily", publisher.url("/d.csv"))
    publisher.page("/d.csv", table(9), headers=CSV)
    refresh(tmp_path, 1)
    damage_all(tmp_path, damage)
    column = {"id": "guns", "column": "tanks", "unit": "items", "measure": "destroyed"}
    define(tmp_path, "daily", publisher.url("/d.csv"), figures=[column])
    publisher.page("/d.csv", table(days), headers=CSV | {"ETag": f'"{days}"'})
    assert refresh(tmp_path, 2).state in ("changed", "unchanged", "held")
    with desk(tmp_path) as opened:
        newest = opened.ledger.views.log(limit=1)[0]
        assert newest.snapshot is not None
        values = {row.series: row.value for row in opened.ledger.views.table() if row.as_of == f"2025-01-{days:02}"}
    if days == 9:  # the very bytes came again: they prove that our reading alone differs
        assert {change.why for change in newest.changes} == {"extraction"}
        assert problems(tmp_path) == []
    else:  # nothing tells whose doing the other past is: it waits, and says so
        assert "rewritten" in {check.name for check in newest.checks}
        assert newest.status == "held"
        assert "daily/guns" not in values


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_listing_whose_kept_bytes_are_damaged_leads_on(
    tmp_path: Path, publisher: Publisher, damage: Callable[[Path], None]
) -> None:
    follow(tmp_path, publisher)
    feed(publisher, ("/a", "01"), headers={"Content-Type": "application/rss+xml", "ETag": '"f1"'})
    count(publisher, "/a", "119,154")
    assert refresh_paper(tmp_path, 1).state == "changed"
    damage_all(tmp_path, damage)
    assert refresh_paper(tmp_path, 2).state == "unchanged"


def recorded(home: Path, publisher: Publisher) -> str:
    """The digest of the one release that is recorded."""
    define(home, "daily", publisher.url("/d.csv"))
    publisher.page("/d.csv", table(9), headers=CSV)
    refresh(home, 1)
    with desk(home) as opened:
        digest = opened.ledger.views.log(limit=1)[0].snapshot
    assert digest is not None
    return digest


@pytest.mark.parametrize("damage", [cut, emptied, overwritten])
def test_damaged_bytes_can_be_removed_for_good(
    tmp_path: Path, publisher: Publisher, damage: Callable[[Path], None]
) -> None:
    digest = recorded(tmp_path, publisher)
    with desk(tmp_path) as opened:
        damage(tmp_path / "archive" / digest[:2] / f"{digest}.zst")
        opened.archive.redact(digest, by="ann", why="asked for", at=Instant("2025-02-01T07:00:00Z"))
        assert not opened.archive.has(digest)
    assert refresh(tmp_path, 2).state == "unchanged"


def test_a_damaged_tombstone_stops_no_release_and_goes_on_removing(tmp_path: Path, publisher: Publisher) -> None:
    digest = recorded(tmp_path, publisher)
    with desk(tmp_path) as opened:
        opened.archive.redact(digest, by="ann", why="asked for", at=Instant("2025-02-01T07:00:00Z"))
    (tmp_path / "archive" / digest[:2] / f"{digest}.redacted").write_bytes(b"{")
    publisher.page("/d.csv", table(10), headers={"Content-Type": "text/csv"})
    assert refresh(tmp_path, 2).state == "changed"
    publisher.page("/d.csv", table(9), headers={"Content-Type": "text/csv"})
    assert refresh(tmp_path, 3).state in ("changed", "held")
    assert not (tmp_path / "archive" / digest[:2] / f"{digest}.zst").exists()
