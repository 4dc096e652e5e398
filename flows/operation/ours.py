"""Whether the modules that run are ours: their names are common words, which a folder or another package may have too.

Imports none of them, so that it can be asked first.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.util import find_spec
from pathlib import Path

NAMES = (
    "model", "sources", "extractors", "changes", "storage", "publish", "doors", "review", "flows", "cli", "tallybook",
    "deployments",
)  # fmt: skip
HERE = Path(__file__).resolve().parents[2]
"""The folder that our packages lie in."""


def strangers() -> list[str]:
    """The files that would be imported in place of our packages, of another folder than this one."""
    found = []
    for name in NAMES:
        spec = find_spec(name)
        place = spec.origin or next(iter(spec.submodule_search_locations or ()), "") if spec else ""
        if Path(place).resolve().parent.parent != HERE and Path(place).resolve().parent != HERE:
            found.append(place or f"no {name}")
    return found


def refuse_strangers() -> None:
    """Refuse to run among modules that are not ours. Raises `ImportError`, which says what to do."""
    if found := strangers():
        raise ImportError(
            f"{', '.join(found)} would be imported in place of a module of Tallybook in {HERE}: set PYTHONSAFEPATH=1, "
            "start in another folder, or install Tallybook into an environment of its own"
        )


def altered() -> list[str]:
    """The files of the installed Tallybook that are gone, or not what was installed; none where it is a checkout."""
    from importlib.metadata import PackageNotFoundError, distribution  # dear, and asked by `serve` alone

    try:
        files = distribution("tallybook").files or []
    except PackageNotFoundError:
        return []
    ours = [one for one in files if one.suffix == ".py" and one.parts[0] in NAMES]
    return [str(one) for one in ours if one.hash is not None and _digest(Path(str(one.locate()))) != one.hash.value]


def _digest(path: Path) -> str:
    try:
        return base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).rstrip(b"=").decode()
    except OSError:
        return ""
