"""What a site remembers of how it was made, in site.json beside its pages: what tells what must be written anew."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from model import UsageError

NAME = "site.json"


class SeriesState(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One series of a site: its files, and its lines of the list and the log."""

    files: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    logged: tuple[tuple[str, ...], ...] = ()
    beside: str = ""


class SiteState(msgspec.Struct, kw_only=True):
    """How a site was made: by which code, at which head of each source's chain, by which text of its definition."""

    made_by: str = ""
    heads: dict[str, tuple[int, str]] = {}
    sources: dict[str, str] = {}
    series: dict[str, SeriesState] = {}
    taken_down: tuple[str, ...] = ()


def read_state(out: Path) -> SiteState:
    """The state of a folder; an empty one where there is none. Raises `UsageError` for a folder that is no site."""
    if not out.exists():
        return SiteState()
    path = out / NAME
    if not path.is_file():
        if out.is_dir() and not any(out.iterdir()):
            return SiteState()
        raise UsageError(f"{out} is there and is no site of ours", "name an empty or a new folder")
    try:
        return msgspec.json.decode(path.read_bytes(), type=SiteState)
    except msgspec.DecodeError:
        raise UsageError(f"{path} cannot be read", "move the folder away, and make the site anew") from None


@cache
def maker() -> str:
    """A digest of the code that makes sites: another one writes all pages anew."""
    digest = hashlib.sha256()
    for package in ("publish.site", "publish.charts"):
        for one in sorted(resources.files(package).iterdir(), key=lambda found: found.name):
            if one.is_file() and one.name.endswith((".py", ".css")):
                digest.update(one.read_bytes())
    return digest.hexdigest()[:16]
