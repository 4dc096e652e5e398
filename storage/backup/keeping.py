"""Backups: a copy of the ledger as it stood at one moment, of what lies beside it, and of every content it speaks of.

A place holds a folder for each backup, named by its time, with the ledger as an SQLite file and a manifest of digests;
and one archive for all of them, to which each backup adds what is new. The ledger is copied first: whatever it speaks
of was archived before. What was redacted goes from the place's archive, too, with the next backup.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from model import Instant, LedgerError, OutageError, UsageError
from storage import schema
from storage.archive.blobs import REDACTED, STORED, Archive
from storage.archive.stores import Folder, Store, is_part, outlast
from storage.driver.schemas import revision
from storage.move import copy
from storage.private import private_file, private_folder
from storage.proof.checkpoint import Checkpoint
from storage.proof.verify import heads

LEDGER, MANIFEST, CONTENTS = "ledger.sqlite", "manifest.json", "archive"
_PART = ".part-"


class KeptFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a backup, its size in bytes and its SHA-256."""

    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup is: when and by which version it was made, the ledger's checkpoint then, and its files."""

    made_at: Instant
    tallybook: str
    ledger_schema: str
    checkpoint: str
    files: tuple[KeptFile, ...]


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """A finished backup: its folder, what it is, and how many contents the place's archive got and lost."""

    folder: Path
    manifest: Manifest
    added: int = 0
    removed: int = 0


def back_up(
    engine: Engine, archive: Archive, place: Path, beside: Mapping[str, Path], made: tuple[Instant, str]
) -> Backup:
    """Make a backup in a place, with the files that lie `beside` the ledger, by their names there.

    `made` is the time and our version. A backup stands whole or not at all. Raises `OutageError` where the place cannot
    be written, `LedgerError` where the ledger cannot be copied.
    """
    at, version = made
    name = at.replace(":", "-")
    part, folder = place / f"{_PART}{name}", place / name
    try:
        private_folder(place)
        with _alone_in(place):
            if folder.exists():
                raise UsageError(f"{place} has a backup of {at} already", "wait a second")
            part.mkdir(mode=0o700)
            _copy_ledger(engine, part / LEDGER)
            for to, path in beside.items():
                _copy_beside(path, part / to)
            added, removed = _copy_contents(archive.store, Folder(place / CONTENTS))
            manifest = _manifest(part, at, version)
            _write(part / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
            os.replace(part, folder)
            outlast(place)
    except OSError as error:
        raise OutageError(f"the backup cannot be written to {place}: {error.strerror or error}") from None
    return Backup(folder=folder, manifest=manifest, added=added, removed=removed)


def backups(place: Path) -> list[Backup]:
    """The finished backups of a place, oldest first. Raises `LedgerError` where a manifest cannot be read."""
    found = sorted(place.glob(f"[0-9]*/{MANIFEST}")) if place.is_dir() else []
    return [Backup(folder=path.parent, manifest=_read_manifest(path)) for path in found]


def forget(place: Path, keep: int) -> list[Path]:
    """Remove all backups of a place but the newest so many; their contents stay in its archive."""
    gone = [one.folder for one in backups(place)[: -keep or None]] if keep else []
    for folder in gone:
        shutil.rmtree(folder)
    return gone


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_manifest(path: Path) -> Manifest:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError) as error:
        raise LedgerError(f"the manifest {path} cannot be read: {error}", "choose another backup with --at") from None


def _copy_ledger(engine: Engine, to: Path) -> None:
    if engine.dialect.name == "sqlite":
        _copy_sqlite(Path(str(engine.url.database)), to)
        return
    copy(engine, f"sqlite:///{to}")
    _alone(to)


def _copy_sqlite(path: Path, to: Path) -> None:
    """A database as it stands at one moment, whoever writes to it meanwhile."""
    private_file(to)
    try:
        with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(to)) as new:
            old.backup(new)
    except sqlite3.Error as error:
        raise LedgerError(f"{path.name} cannot be copied: {error}", "run tallybook verify") from None
    _alone(to)


def _alone(path: Path) -> None:
    """Let a database be one file."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=DELETE")


def _copy_beside(path: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".sqlite":
        _copy_sqlite(path, to)
    else:
        shutil.copyfile(path, to)


def _copy_contents(mine: Store, kept: Store) -> tuple[int, int]:
    """Add what is new to the place's archive; what was redacted goes. Returns how many of each."""
    there = dict(kept.files())
    names = {name: size for name, size in mine.files() if not is_part(name)}
    written = set()
    for name, size in names.items():
        if there.get(name) != size:
            with contextlib.suppress(FileNotFoundError):  # redacted meanwhile
                kept.write(name, mine.read(name), later=True)
                written.add(name)
    kept.settle(written)
    gone = {stone.removesuffix(REDACTED) + STORED for stone in names if stone.endswith(REDACTED)}
    removed = sorted(gone & there.keys())
    for name in removed:
        kept.delete(name)
    return len(written), len(removed)


def _manifest(part: Path, at: Instant, version: str) -> Manifest:
    engine = sa.create_engine(f"sqlite:///{part / LEDGER}")
    with engine.connect() as connection:
        checkpoint, found = Checkpoint(heads(connection)).line(), revision(connection)
    engine.dispose()
    files = [
        KeptFile(name=str(path.relative_to(part)), size=path.stat().st_size, sha256=digest_of(path))
        for path in sorted(part.rglob("*"))
        if path.is_file()
    ]
    for one in files:
        outlast(part / one.name)
    return Manifest(
        made_at=at, tallybook=version, ledger_schema=found or schema.HEAD, checkpoint=checkpoint, files=tuple(files)
    )


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    outlast(path)
    outlast(path.parent)


@contextmanager
def _alone_in(place: Path) -> Iterator[None]:
    """Be the only one who makes a backup in a place; what those left half made that were killed goes."""
    handle = os.open(place / ".lock", os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _sweep(place)
        yield
        _sweep(place)
    except BlockingIOError:
        raise UsageError(f"another backup is being made in {place}", "wait until it is done") from None
    finally:
        os.close(handle)


def _sweep(place: Path) -> None:
    for left in place.glob(f"{_PART}*"):
        shutil.rmtree(left, ignore_errors=True)
