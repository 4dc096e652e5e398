"""Damage is told in sentences and heals: archive files, pages of the database."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.commands.log import log, table
from cli.commands.verify import verify
from model import TallybookError
from storage import Archive
from tests.storage.books import Book, days, source


def test_a_damaged_archive_file_is_named_and_heals_when_the_bytes_come_again(tmp_path: Path) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-20T06:00:00Z", [("tanks", "2025-01-20", "10")])
    digest = book.newest().snapshot
    assert digest is not None
    content, path = book.archive.get(digest), book.kept / digest[:2] / f"{digest}.zst"
    path.write_bytes(path.read_bytes()[:-5])
    assert any(digest[:12] in problem for problem in book.ledger.verify())
    assert book.newest().changes[0].new is not None
    assert book.archive.put(content) == digest
    assert list(book.ledger.verify()) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_half_written_file_is_removed_once_it_is_nobodys_any_more(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    digest = archive.put(b"ten")
    stale, fresh = tmp_path / digest[:2] / ".part-stale", tmp_path / digest[:2] / ".part-fresh"
    for path in (stale, fresh):
        path.write_bytes(b"half")
    os.utime(stale, (time.time() - 90_000,) * 2)
    (tmp_path / digest[:2] / f"{digest}.zst").unlink()
    archive.put(b"ten")
    assert (stale.exists(), fresh.exists()) == (False, True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("seed", range(6))
def test_damaged_pages_give_a_sentence_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    book = Book(tmp_path, source())
    book.release("2025-01-20T06:00:00Z", [*days(1, 20), *days(1, 20, ref="guns")])
    book.ledger.close()
    monkeypatch.setenv("TALLYBOOK_HOME", str(tmp_path))
    file, chance = tmp_path / "ledger.sqlite", random.Random(seed)
    pages = bytearray(file.read_bytes())
    for _ in range(3 + 10 * seed):
        at = 4096 * chance.randrange(1, len(pages) // 4096)  # a page's head: the rest of a page may be unused
        pages[at : at + 600] = chance.randbytes(600)
    file.write_bytes(pages)
    for command in (verify, log, table):
        done = CliRunner().invoke(command, [])
        assert done.exception is None or isinstance(done.exception, SystemExit | TallybookError), (
            command,
            done.exception,
        )
    assert CliRunner().invoke(verify, []).exit_code == 1 or isinstance(
        CliRunner().invoke(verify, []).exception, TallybookError
    )
