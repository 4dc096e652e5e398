"""Writing definitions: only sound ones, whole or not at all, and never over what somebody else wrote meanwhile."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import extractors
from model import MovedOnError, Source, UsageError
from sources.catalogue.definition import Definition, read_definition_text
from sources.catalogue.rules import ids_problem

NEW, ANY = "", "any"
"""What a definition may be written over: nothing, or whatever is there; else the digest of what is."""


def digest_of(text: str) -> str:
    """A definition's digest: the SHA-256 of its text."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_draft(source_id: str, text: str) -> Definition:
    """What a definition that is not written yet says, and everything that is wrong with it."""
    return read_definition_text(text, f"{source_id}.yml", extractors.check_pattern)


def sound(source_id: str, text: str) -> Source:
    """The source of a definition that is not written yet.

    Raises its first `DefinitionError`, and `UsageError` for an id that is none.
    """
    if wrong := ids_problem(source_id):
        raise UsageError(f"the id {wrong}")
    read = read_draft(source_id, text)
    if read.source is None:
        raise read.problems[0]
    return read.source


def write_definition(
    folder: Path, source_id: str, text: str, *, over: str, prove: Callable[[Source], object] | None = None
) -> Path:
    """Write a definition into a folder once it is sound, and `prove` raises nothing for it.

    Raises its first `DefinitionError`, `MovedOnError` where it is no more what it is written `over`, and `UsageError`
    where there is one already that is not to be replaced, or the file cannot be written.
    """
    source = sound(source_id, text)
    target = folder / f"{source_id}.yml"
    if prove:
        prove(source)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".draft-") as drafts, _alone(folder):
            path = Path(drafts) / target.name
            path.write_text(text, encoding="utf-8", newline="")
            if over == NEW:
                os.link(path, target)
            else:
                _refuse_moved(target, over)
                os.replace(path, target)
    except FileExistsError:
        raise UsageError(f"{target} is there already", "give another --id, or remove it") from None
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}", UNWRITABLE) from None
    return target


UNWRITABLE = "let the user that runs Tallybook write there, or edit the file where the folder comes from"


def _refuse_moved(target: Path, over: str) -> None:
    if over != ANY and target.exists() and digest_of(target.read_text(encoding="utf-8")) != over:
        raise MovedOnError(f"{target} was changed by somebody else meanwhile", "look at what they wrote first")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Of all processes that write definitions here, one at a time."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
