"""Real published versions, unpacked from the archives beside the project, and manifests of them for `backfill`.

The archives are other people's and lie outside the repository; where they are missing, tests that need them skip.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from model import Source, instant
from sources import load_definition

PROJECT = Path(__file__).resolve().parents[2]
DATA = PROJECT.parent / "shared" / "data"
DEFINITIONS = PROJECT / "sources" / "definitions"

TABLES = ("ua_personnel", "ua_equipment", "nics", "uk_indicators", "oryx_types", "mediazona_by_death_date")
PAGES = ("scotland_govscot", "wyoming", "shasta")
SERIES = (*TABLES, *PAGES, "mediazona_headline")
_ARCHIVES = {"mediazona_headline": "mediazona_readme"}


class Copy(NamedTuple):
    """One real version: its name in the archive, when the world could read it, and its bytes."""

    name: str
    fetched_at: str
    content: bytes

    @property
    def broken(self) -> bool:
        """Whether this version was published in a form that cannot be parsed."""
        return ".broken." in self.name


def need(name: str) -> Path:
    """The archive of a series; skips the test where the real data are not there."""
    archive = _archive(name)
    if not archive.exists():
        pytest.skip(f"the real versions of {name} are not here: {archive} is missing")
    return archive


def source(name: str) -> Source:
    """The shipped definition of a real series."""
    return load_definition(DEFINITIONS / f"{name}.yml")


def truth(name: str) -> list[dict[str, str]]:
    """The lines of a series' truth table."""
    need(name)
    folder = "html" if name in PAGES else "vintages"
    with (DATA / folder / f"{name}.truth.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def copies(name: str, wanted: Callable[[int, int], bool] | None = None) -> list[Copy]:
    """The versions of a series, oldest first, streamed from its archive; `wanted(place, count)` chooses among them."""
    times = _times(name)
    with tarfile.open(need(name), "r:xz") as archive:
        found = []
        for member in archive:
            at = _name(member.name)
            place = times[at][0] if at in times else None
            stream = (
                archive.extractfile(member)
                if place is not None and (wanted is None or wanted(place, len(times)))
                else None
            )
            if stream is not None:
                found.append(Copy(at, times[at][1], stream.read()))
    return sorted(found, key=lambda copy: times[copy.name][0])


def manifest(name: str, folder: Path, wanted: Callable[[int, int], bool] | None = None) -> Path:
    """Unpack a series into a folder and write the manifest that `backfill` reads; returns the manifest."""
    lines = []
    for copy in copies(name, wanted):
        (folder / copy.name).write_bytes(copy.content)
        lines.append(json.dumps({"path": copy.name, "fetched_at": copy.fetched_at}))
    path = folder / f"{name}.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def media_type(copy: Copy) -> str:
    """The media type that a publisher would give, from the name."""
    ending = copy.name.rpartition(".")[2]
    return {"csv": "text/csv", "json": "application/json", "html": "text/html", "md": "text/markdown"}[ending]


def _archive(name: str) -> Path:
    return DATA / ("html" if name in PAGES else "vintages") / f"{_ARCHIVES.get(name, name)}.tar.xz"


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _times(name: str) -> dict[str, tuple[int, str]]:
    """Each version's place in the order and its time, by its name in the archive."""
    with tarfile.open(need(name), "r:xz") as archive:
        names = sorted(_name(member.name) for member in archive if member.isfile())
    committed = {} if name in PAGES or name == "mediazona_headline" else _committed(name)
    timed = sorted((_time(at, committed), at) for at in names)
    return {at: (place, time) for place, (time, at) in enumerate(timed)}


def _committed(name: str) -> dict[str, str]:
    return {line["seq"].zfill(4): line["committed_at"] for line in truth(name)}


def _time(name: str, committed: dict[str, str]) -> str:
    if not committed:
        day, _, clock = name.partition("_")[0].partition(".")[0].partition("T")
        return f"{day}T12:00:00Z" if not clock else f"{day}T{clock[:2]}:{clock[2:4]}:{clock[4:6]}Z"
    at = committed[name[:4]]
    moment = dt.datetime.fromisoformat(at if "T" in at else f"{at}T12:00:00Z")
    # A broken version stands before the sound one that bears its number and replaced it.
    return instant(moment - dt.timedelta(seconds=".broken." in name))
