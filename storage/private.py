"""Folders and files that nobody else on this machine may read, made so from the start."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER, FILE = 0o700, 0o600


def private_folder(folder: Path) -> None:
    """Make a folder for its owner alone; one that is there stays as somebody set it."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=FOLDER, exist_ok=True)


def private_file(path: Path) -> None:
    """Make an empty file for its owner alone where there is none."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE))
    except FileExistsError:
        return


def close_to_others(path: Path) -> None:
    """Take a file of ours, and what SQLite keeps beside it, from the group and from others."""
    for one in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        if one.exists() and one.stat().st_uid == os.getuid() and one.stat().st_mode & 0o077:
            one.chmod(one.stat().st_mode & ~0o077)
