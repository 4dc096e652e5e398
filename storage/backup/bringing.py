"""Bringing a backup back: every file is proved by its digest, and the ledger verified, before it is in its place."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from model import LedgerError, OutageError, UsageError
from storage.archive.blobs import Archive
from storage.archive.stores import Folder, Store, is_part
from storage.backup.keeping import CONTENTS, LEDGER, Backup, backups, digest_of
from storage.database import migrate, open_engine
from storage.move import move
from storage.private import private_file, private_folder
from storage.proof.checkpoint import Checkpoint
from storage.proof.verify import verify

_TOLD = 5


def chosen(place: Path, name: str | None = None) -> Backup:
    """A backup of a place by its name, the newest where none is given. Raises `UsageError` where there is none such."""
    found = backups(place)
    if not found:
        raise UsageError(f"{place} holds no backup", "tallybook backup PLACE makes one")
    named = [one for one in found if name in (None, one.folder.name, one.manifest.made_at)]
    if not named:
        raise UsageError(f"{place} has no backup {name}", f"it has {', '.join(one.folder.name for one in found[-3:])}")
    return named[-1]


def restore(backup: Backup, url: str, archive: Archive, beside: Callable[[str], Path]) -> list[str]:
    """Bring a backup back to an empty place, and say which files beside it were there already and stayed.

    The contents come first, the ledger last, so that what is cut off can be done again. Raises `UsageError` where there
    is a ledger already, `LedgerError` where the backup is not what its manifest says or does not verify.
    """
    _refuse_damaged(backup)
    into = _file_of(url)
    if into is not None and into.exists():
        raise UsageError(f"there is a ledger at {into} already", "name an empty home, or move that one away")
    try:
        _bring_contents(backup, archive.store)
        with _proved(backup, archive, into.parent if into else None) as ledger:
            if into is None:
                _move_to(ledger, url)
            else:
                os.replace(ledger, into)
        return _bring_beside(backup, beside)
    except OSError as error:
        raise OutageError(f"the backup cannot be brought back: {error.strerror or error}") from None


def drill(backup: Backup) -> None:
    """Bring a backup back to a folder that nobody keeps, and verify it there. Raises what `restore` does."""
    with tempfile.TemporaryDirectory(prefix="tallybook-drill-") as folder:
        home = Path(folder)
        restore(backup, f"sqlite:///{home / LEDGER}", Archive(home / "archive"), lambda name: home / name)


def _file_of(url: str) -> Path | None:
    parsed = sa.make_url(url)
    return Path(parsed.database).absolute() if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _refuse_damaged(backup: Backup) -> None:
    for one in backup.manifest.files:
        path = backup.folder / one.name
        if not path.is_file():
            raise LedgerError(f"{one.name} is missing from the backup {backup.folder.name}", "choose another with --at")
        if path.stat().st_size != one.size or digest_of(path) != one.sha256:
            raise LedgerError(
                f"{one.name} of the backup {backup.folder.name} is not what its manifest says",
                "choose another with --at",
            )


def _bring_contents(backup: Backup, into: Store) -> None:
    kept = Folder(backup.folder.parent / CONTENTS)
    written = set()
    for name, _ in kept.files():
        if not is_part(name) and not into.exists(name):
            into.write(name, kept.read(name), later=True)
            written.add(name)
    into.settle(written)


@contextmanager
def _proved(backup: Backup, archive: Archive, near: Path | None) -> Iterator[Path]:
    """A copy of the backup's ledger in the newest schema that verifies with the contents that are there now."""
    if near is not None:
        private_folder(near)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=near) as folder:
        path = Path(folder) / LEDGER
        private_file(path)
        shutil.copyfile(backup.folder / LEDGER, path)
        migrate(f"sqlite:///{path}", archive)
        engine = open_engine(f"sqlite:///{path}")
        problems = list(verify(engine, archive, Checkpoint.parse(backup.manifest.checkpoint)))
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        if problems:
            more = f", and {len(problems) - _TOLD} more" if len(problems) > _TOLD else ""
            told = "; ".join(problems[:_TOLD])
            raise LedgerError(f"the backup does not verify: {told}{more}", "choose another with --at")
        yield path


def _move_to(ledger: Path, url: str) -> None:
    engine = open_engine(f"sqlite:///{ledger}")
    try:
        move(engine, url)
    finally:
        engine.dispose()


def _bring_beside(backup: Backup, beside: Callable[[str], Path]) -> list[str]:
    stayed = []
    for one in backup.manifest.files:
        to = beside(one.name)
        if one.name == LEDGER:
            continue
        if to.exists():
            stayed.append(one.name)
            continue
        private_folder(to.parent)
        private_file(to)
        shutil.copyfile(backup.folder / one.name, to)
    return stayed
