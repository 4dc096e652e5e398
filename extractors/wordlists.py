"""Which word lists a source's reader goes by, as a digest: another list makes another reader.

What a table or a selector needs of them (hedges, months) is told apart from the rest, so that a new noun in the prose
lists does not make every table's reader another one. Files are digested as text; reading them as YAML costs too much.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent / "words"
IN_TABLES = ("hedges", "hedges_after", "hedges_alone", "months")


@functools.cache
def lists_digest(*, prose: bool, language: str | None = None, folder: Path = FOLDER) -> str:
    """Digest the lists of one language, or of all where a source names none that there is a list of."""
    files = sorted(folder.glob("*.yml"))
    if not prose and language is not None and folder / f"{language}.yml" in files:
        files = [folder / f"{language}.yml"]
    digest = hashlib.sha256()
    for file in files:
        text = file.read_text("utf-8")
        digest.update(f"{file.stem}\n{text if prose or file.stem == 'detect' else _sections(text)}\n".encode())
    return digest.hexdigest()[:16]


def _sections(text: str) -> str:
    """The lines of the top-level keys that tables are read by."""
    kept, inside = [], False
    for line in text.splitlines():
        if line[:1] not in ("", " ", "#"):
            inside = line.partition(":")[0] in IN_TABLES
        if inside:
            kept.append(line.rstrip())
    return "\n".join(kept)
