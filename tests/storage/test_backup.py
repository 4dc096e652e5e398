"""A backup stands whole or not at all, is proved before it counts, and brings back what there was."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest

from model import Instant, LedgerError, UsageError, series_ref
from storage import Archive, Ledger, checkpoint
from storage import move as moving
from storage.archive.redact import redact
from storage.backup.bringing import chosen, drill, restore
from storage.backup.keeping import Backup, back_up, backups, forget
from tests.storage import postgres
from tests.storage.books import Book, Row, source

AT = Instant("2025-03-01T06:00:00Z")
ROOT = Path(__file__).parents[2]


def table(day: int) -> list[Row]:
    return [
        (series_ref("tanks", (name,)), f"2025-01-{day:02}", str(100 * day + len(name))) for name in ("a", "bb", "c")
    ]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    book = Book(tmp_path / "home", source())
    for day in range(1, 9):
        book.release(f"2025-01-{day:02}T06:00:00Z", table(day))
    return book


def keep(book: Book, place: Path, at: str = AT, **beside: Path) -> Backup:
    return back_up(book.ledger.engine, book.archive, place, beside, (Instant(at), "1.0"))


def brought(backup: Backup, home: Path) -> Ledger:
    home.mkdir(exist_ok=True)
    url = f"sqlite:///{home / 'ledger.sqlite'}"
    restore(backup, url, Archive(home / "archive"), lambda name: home / name)
    return Ledger(url, Archive(home / "archive"))


def test_what_is_brought_back_verifies_and_goes_on_as_the_ledger_does(book: Book, tmp_path: Path) -> None:
    users = tmp_path / "users.yml"
    users.write_text("ann")
    made = keep(book, tmp_path / "place", **{"users.yml": users})
    home = tmp_path / "new"
    with brought(made, home) as ledger:
        assert checkpoint(ledger.engine) == checkpoint(book.ledger.engine) == made.manifest.checkpoint
        assert list(ledger.verify()) == []
        assert ledger.views.table() == book.ledger.views.table()
    assert (home / "users.yml").read_text() == "ann"
    assert (home / "ledger.sqlite").stat().st_mode & 0o077 == 0


def test_a_second_backup_adds_what_is_new_and_the_first_stays_as_it_was(book: Book, tmp_path: Path) -> None:
    first = keep(book, tmp_path / "place")
    assert first.added == 8
    book.release("2025-01-09T06:00:00Z", table(9))
    second = keep(book, tmp_path / "place", "2025-03-02T06:00:00Z")
    assert second.added == 1
    with brought(chosen(tmp_path / "place", first.folder.name), tmp_path / "a") as old:
        assert len(old.views.log(limit=None)) == 8
    with brought(chosen(tmp_path / "place"), tmp_path / "b") as new:
        assert len(new.views.log(limit=None)) == 9
    assert forget(tmp_path / "place", 1) == [first.folder]
    assert [one.folder for one in backups(tmp_path / "place")] == [second.folder]
    drill(second)


def test_a_backup_of_one_database_is_brought_back_to_the_other(
    book: Book, tmp_path: Path, postgres_address: str
) -> None:
    made = keep(book, tmp_path / "place")
    url = postgres.create(postgres_address, f"restored_{uuid.uuid4().hex}")
    archive = Archive(tmp_path / "new" / "archive")
    restore(made, url, archive, lambda name: tmp_path / "new" / name)
    with Ledger(url, archive) as ledger:
        assert checkpoint(ledger.engine) == made.manifest.checkpoint
        assert list(ledger.verify()) == []
    with pytest.raises(UsageError, match="holds a ledger already"):
        restore(made, url, archive, lambda name: tmp_path / "new" / name)


def test_where_a_ledger_is_nothing_is_brought_back(book: Book, tmp_path: Path) -> None:
    made = keep(book, tmp_path / "place")
    brought(made, tmp_path / "new").close()
    with pytest.raises(UsageError, match="there is a ledger at"):
        brought(made, tmp_path / "new")


def test_no_place_and_no_such_backup_are_errors_that_say_what_there_is(book: Book, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no backup"):
        chosen(tmp_path / "place")
    made = keep(book, tmp_path / "place")
    with pytest.raises(UsageError, match="has no backup 1999"):
        chosen(tmp_path / "place", "1999")
    assert chosen(tmp_path / "place", AT).folder == made.folder


@pytest.mark.parametrize("seed", range(4))
def test_a_byte_that_is_another_is_found_before_anything_stands(book: Book, tmp_path: Path, seed: int) -> None:
    made = keep(book, tmp_path / "place")
    chance = random.Random(seed)
    files = [path for path in sorted((tmp_path / "place").rglob("*")) if path.is_file() and path.stat().st_size]
    altered = chance.choice([path for path in files if path.name != "manifest.json"])
    content = bytearray(altered.read_bytes())
    place = chance.randrange(len(content))
    content[place] ^= 1 << chance.randrange(8)
    altered.write_bytes(content)
    with pytest.raises(LedgerError):
        brought(made, tmp_path / "new")
    assert not (tmp_path / "new" / "ledger.sqlite").exists()
    altered.unlink()
    with pytest.raises(LedgerError, match=r"missing|verify"):
        drill(made)


def test_a_manifest_that_lies_is_found(book: Book, tmp_path: Path) -> None:
    made = keep(book, tmp_path / "place")
    book.release("2025-01-09T06:00:00Z", table(9))
    later = keep(book, tmp_path / "place", "2025-03-02T06:00:00Z")
    manifest = json.loads((made.folder / "manifest.json").read_text())
    manifest["checkpoint"] = later.manifest.checkpoint
    (made.folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(LedgerError, match="does not verify"):
        drill(chosen(tmp_path / "place", made.folder.name))


def test_what_was_redacted_goes_from_the_place_too(book: Book, tmp_path: Path) -> None:
    first = keep(book, tmp_path / "place")
    digest = min(path.stem for path in book.kept.rglob("*.zst"))
    redact(book.ledger.engine, book.archive, digest, by="Ann", why="names a person", at=AT)
    second = keep(book, tmp_path / "place", "2025-03-02T06:00:00Z")
    assert second.removed == 1
    assert not list((tmp_path / "place" / "archive").rglob(f"{digest}.zst"))
    drill(second)
    drill(first)


def test_a_backup_while_others_record_is_of_one_moment(book: Book, tmp_path: Path) -> None:
    done = threading.Event()

    def record() -> None:
        for day in range(9, 29):
            book.release(f"2025-01-{day:02}T06:00:00Z", table(day))
        done.set()

    writer = threading.Thread(target=record)
    writer.start()
    made = []
    while not done.is_set() or not made:
        made.append(keep(book, tmp_path / "place", f"2025-03-01T06:{len(made):02}:00Z"))
    writer.join()
    assert done.is_set()
    for one in (made[0], made[-1]):
        drill(one)


def test_what_is_recorded_in_the_midst_of_a_copy_is_for_the_next_one(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proved, before = moving._prove, len(book.ledger.views.log(limit=None))

    def prove(old: Any, new: Any) -> Any:
        book.release("2025-01-09T06:00:00Z", table(9))
        return proved(old, new)

    monkeypatch.setattr(moving, "_prove", prove)
    moved = moving.copy(book.ledger.engine, f"sqlite:///{tmp_path / 'copy.sqlite'}")
    assert (moved.updates, len(book.ledger.views.log(limit=None))) == (before, before + 1)


KILLED = """
import os, signal, sys
from pathlib import Path
from typing import Any
from storage import Archive, Ledger
from storage.backup import keeping
home, place, step = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
at = 0
def stop():
    global at
    at += 1
    if at == step:
        os.kill(os.getpid(), signal.SIGKILL)
archive = Archive(home / "archive")
ledger = Ledger(sys.argv[4], archive)
for name in ("outlast", "_copy_sqlite", "copy", "_copy_contents", "_manifest", "_write", "digest_of"):
    def killing(*given, of=getattr(keeping, name)):
        stop()
        return of(*given)
    setattr(keeping, name, killing)
keeping.back_up(ledger.engine, archive, place, {}, ("2025-03-01T06:00:00Z", "1.0"))
print(at)
"""


def test_one_that_is_killed_leaves_the_last_one_and_the_next_is_whole(book: Book, tmp_path: Path) -> None:
    place = tmp_path / "place"
    first = keep(book, place, "2025-02-01T06:00:00Z")
    book.release("2025-01-09T06:00:00Z", table(9))

    def run(step: int) -> subprocess.CompletedProcess[str]:
        given = [sys.executable, "-c", KILLED, str(tmp_path / "home"), str(place), str(step), book.url]
        surroundings = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.run(given, capture_output=True, text=True, cwd=ROOT, env=surroundings)

    whole = run(0)
    assert whole.returncode == 0, whole.stderr
    shutil.rmtree(place / AT.replace(":", "-"))
    for step in sorted({1, *range(2, int(whole.stdout), 4), int(whole.stdout)}):
        killed = run(step)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        found = backups(place)
        assert found[0].folder == first.folder
        for one in found:
            drill(one)
        shutil.rmtree(place / AT.replace(":", "-"), ignore_errors=True)
    drill(keep(book, place))
    assert not list(place.glob(".part-*"))
