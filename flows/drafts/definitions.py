"""Writing definitions: only sound ones, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import extractors
from model import Source, UsageError
from sources import check, load_definition
from sources.catalogue.rules import ids_problem


def write_definition(
    folder: Path, source_id: str, text: str, *, replace: bool, prove: Callable[[Source], object] | None = None
) -> Path:
    """Write a definition into a folder once it is sound, and `prove` raises nothing for it.

    Raises its first `DefinitionError`, and `UsageError` where the file is there already and not to be replaced, or
    cannot be written.
    """
    if wrong := ids_problem(source_id):
        raise UsageError(f"the id {wrong}")
    target = folder / f"{source_id}.yml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".draft-") as drafts:
            path = Path(drafts) / target.name
            path.write_text(text, encoding="utf-8")
            for problem in check(path, extractors.check_pattern):
                raise problem
            if prove:
                prove(load_definition(path))
            if replace:
                os.replace(path, target)
            else:
                os.link(path, target)
    except FileExistsError:
        raise UsageError(f"{target} is there already", "give another --id, or remove it") from None
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from None
    return target
