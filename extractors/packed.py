"""Files that are packed into others: gzip, Zstandard, Brotli, and one member of a ZIP."""

from __future__ import annotations

import io
import zipfile
import zlib
from fnmatch import fnmatchcase

from extractors.workbook import is_workbook
from model import UnreadableError
from model.packing import laid_open

MOST_BYTES = 64 * 2**20
"""Bytes that a packed file may unpack to."""

_ZIP = b"PK\x03\x04"
_MANY = 12


def unpacked(content: bytes, member: str | None = None) -> bytes:
    """What a packed file holds; other bytes as they are.

    `member` is the name of the file in a ZIP, or a pattern such as `*.csv`; where it is None there must be one alone.
    Raises `UnreadableError` where none or several fit, where the file is broken or locked, and where it is too large.
    """
    content = laid_open(content, MOST_BYTES, "the release")
    if not content.startswith(_ZIP) or is_workbook(content):
        return content
    return laid_open(_from_zip(content, _chosen(members(content), member)), MOST_BYTES, "the release")


def _chosen(names: list[str], member: str | None) -> str:
    fitting = [name for name in names if fnmatchcase(name, member or "*")]
    if len(fitting) == 1:
        return fitting[0]
    several = ", ".join(map(repr, fitting[:_MANY]))
    told = f"several files: {several}" if fitting else f"no file that fits {member or '*'!r}"
    raise UnreadableError(f"the ZIP has {told}", "say which with member: and its name, or a pattern such as '*.csv'")


def members(content: bytes) -> list[str]:
    """The names of the files in a ZIP, without what a Mac adds; none for other bytes."""
    if not content.startswith(_ZIP) or is_workbook(content):
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise UnreadableError(f"the release is a broken ZIP ({error})") from None
    return [name for name in names if not name.endswith("/") and not name.startswith("__MACOSX/")]


def _from_zip(content: bytes, name: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(name) as file:
            plain = file.read(MOST_BYTES + 1)
    except RuntimeError:
        raise UnreadableError(f"{name!r} in the ZIP is encrypted") from None
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError) as error:
        raise UnreadableError(f"{name!r} in the ZIP is broken ({error})") from None
    if len(plain) > MOST_BYTES:
        raise _too_large(f"{name!r} in the ZIP")
    return plain


def _too_large(what: str) -> UnreadableError:
    return UnreadableError(f"{what} unpacks to more than {MOST_BYTES // 2**20} MiB", reason="too_large")
