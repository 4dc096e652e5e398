"""Where the archive's files lie: a folder of this machine, or any place that fsspec reaches."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from model import OutageError, UsageError
from storage.private import private_folder

RESERVE = 64 * 2**20
"""Bytes that stay free on the disk of a folder: a full disk would stop the ledger, too."""

_PART = ".part-"

STALE = 24 * 3600
"""Seconds after which a half-written file is nobody's any more."""


def is_part(name: str) -> bool:
    """Whether a name is that of a file that is being written, or that a writer left half written."""
    return name.rpartition("/")[2].startswith(_PART)


class Store(Protocol):
    """Files by name, each written whole or not at all; a name is `folder/file`."""

    shown: str

    def read(self, name: str) -> bytes:
        """A file's bytes; raises `FileNotFoundError` where there is none."""

    def read_many(self, names: Sequence[str]) -> list[bytes | Exception]:
        """The bytes of several files, asked for together, or what reading each raised."""

    def write(self, name: str, data: bytes, *, later: bool = False) -> None:
        """Write a file so that it outlasts a power cut, or will once `settle` was called, where that comes `later`.

        Raises `OSError` when it cannot, `OutageError` when full.
        """

    def refuse_closed(self) -> None:
        """Raises `OSError`, or what a remote place raises, where nothing can be written, `OutageError` when full."""

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""

    def delete(self, name: str) -> None:
        """Remove a file; nothing happens where there is none."""

    def settle(self, written: Collection[str]) -> None:
        """Make files outlast a power cut that were written `later`; raises `OSError` when that cannot be done."""

    def files(self) -> Iterator[tuple[str, int]]:
        """Every file's name and its size in bytes."""


def open_store(address: Path | str) -> Store:
    """The store at a path or at an fsspec address such as `s3://bucket/folder`.

    Raises `UsageError` for an address that no installed fsspec implementation knows.
    """
    if isinstance(address, Path) or "://" not in address:
        return Folder(Path(address))
    scheme, _, rest = address.partition("://")
    return Folder(Path(rest)) if scheme in ("file", "local") else Remote(address)


class Folder:
    """A folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shown = str(folder)

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def read_many(self, names: Sequence[str]) -> list[bytes | Exception]:
        """One after the other: a disk answers at once."""
        return [_tried(self.read, name) for name in names]

    def write(self, name: str, data: bytes, *, later: bool = False) -> None:
        path = self.folder / name
        if not path.parent.is_dir():
            private_folder(self.folder)
            private_folder(path.parent)
            outlast(path.parent.parent)
        self._refuse_full(path.parent, len(data))
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=_PART)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                if not later:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(part, path)
            if not later:
                outlast(path.parent)
            self._sweep(path.parent)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise

    def _refuse_full(self, folder: Path, size: int) -> None:
        if shutil.disk_usage(folder).free - size < RESERVE:
            raise OutageError(
                f"the disk of {self.folder} is nearly full: less than {RESERVE >> 20} MiB would stay free",
                "make room, or name another place as TALLYBOOK_ARCHIVE",
            )

    def refuse_closed(self) -> None:
        """Raise `OSError` where the folder, or what it would be made in, cannot be written, `OutageError` when full."""
        there = next(folder for folder in (self.folder, *self.folder.parents) if folder.exists())
        if not os.access(there, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(there))
        self._refuse_full(there, 0)

    def settle(self, written: Collection[str]) -> None:
        """Wait for the disk once for all: side by side files wait together, one after the other each for itself."""
        with ThreadPoolExecutor(_SETTLING) as threads:
            for paths in ([self.folder / name for name in written], {(self.folder / name).parent for name in written}):
                for _ in threads.map(outlast, paths):
                    pass

    def _sweep(self, folder: Path) -> None:
        """Remove what writers that were killed left half written in a folder."""
        for entry in _entries(folder):
            about = _about(entry) if entry.name.startswith(_PART) else None
            if about is not None and time.time() - about.st_mtime > STALE:
                Path(entry.path).unlink(missing_ok=True)

    def exists(self, name: str) -> bool:
        return (self.folder / name).exists()

    def delete(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def files(self) -> Iterator[tuple[str, int]]:
        for folder in _entries(self.folder):
            for entry in _entries(folder.path) if folder.is_dir() else ():
                if (about := _about(entry)) is not None:
                    yield f"{folder.name}/{entry.name}", about.st_size


class Remote:
    """A place that fsspec reaches: an object store, another machine."""

    def __init__(self, address: str) -> None:
        import fsspec

        self.shown = address.partition("://")[0] + "://…"  # the rest may hold a password
        try:
            files, root = fsspec.core.url_to_fs(address, **_OPTIONS.get(address.partition("://")[0], {}))
        except (ImportError, ValueError) as error:
            raise UsageError(f"TALLYBOOK_ARCHIVE is {self.shown}, which cannot be reached: {error}") from None
        self._files: Any = files
        self._root = str(root).rstrip("/")
        # What an object store is given stands there whole or not at all; in other places a name is given last.
        spoken = (files.protocol,) if isinstance(files.protocol, str) else files.protocol
        self._is_whole = not _OBJECT_STORES.isdisjoint(spoken)

    def read(self, name: str) -> bytes:
        return bytes(self._files.cat_file(self._at(name)))

    def read_many(self, names: Sequence[str]) -> list[bytes | Exception]:
        """Side by side: one after the other each would wait for the way there and back."""
        if len(names) == 1:
            return [_tried(self.read, names[0])]
        with ThreadPoolExecutor(min(_SETTLING, len(names))) as threads:
            return list(threads.map(lambda name: _tried(self.read, name), names))

    def write(self, name: str, data: bytes, *, later: bool = False) -> None:  # noqa: ARG002
        path = self._at(name)
        if self._is_whole:
            self._files.pipe_file(path, data)
            return
        part = f"{path.rpartition('/')[0]}/{_PART}{uuid4().hex}"
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        self._files.pipe_file(part, data)
        self._files.mv(part, path)

    def settle(self, written: Collection[str]) -> None:
        """Nothing is left to do: what such a place took it keeps."""

    def refuse_closed(self) -> None:
        """Raise what the place raises where it cannot be listed; whether it can be written only writing tells."""
        self._files.ls(self._root.partition("/")[0], refresh=True)

    def exists(self, name: str) -> bool:
        return bool(self._files.exists(self._at(name)))

    def delete(self, name: str) -> None:
        if self.exists(name):
            self._files.rm_file(self._at(name))

    def files(self) -> Iterator[tuple[str, int]]:
        if self._files.exists(self._root):
            for path, about in self._files.find(self._root, detail=True).items():
                yield path[len(self._root) :].lstrip("/"), int(about["size"] or 0)

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"


_OPTIONS: dict[str, dict[str, Any]] = {"s3": {"max_concurrency": 1}}
"""By scheme: else s3fs asks for the size of each object before it asks for the object."""

_OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "memory"})


def _tried(read: Callable[[str], bytes], name: str) -> bytes | Exception:
    try:
        return read(name)
    except Exception as error:  # a bad sector, a folder in its place; whoever asked for many judges each
        return error


def _entries(folder: Path | str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except FileNotFoundError:
        return


def _about(entry: os.DirEntry[str]) -> os.stat_result | None:
    """What is known of a file; None where it went since the folder was listed, as another writer's half-written one."""
    try:
        return entry.stat()
    except FileNotFoundError:
        return None


_SETTLING = 16
"""So many files are made to outlast a power cut side by side."""


def outlast(path: Path) -> None:
    """Make a file, or a new name in a folder, outlast a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
