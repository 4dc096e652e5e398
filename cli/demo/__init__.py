"""What `tallybook demo` runs on: five sample publishers, served on loopback over three days.

The reports are ours, and so are the countries in them: no number here is anyone's. Each publisher shows one thing: a
count that states its own increase, a bulletin whose increase does not agree, a daily file with a digit too many, an
article with officials' claims, a table that rewrites its past.
"""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from cli.demo.days import DAYS, Day, clock
from cli.demo.publisher import DemoPublisher

__all__ = ["DAYS", "Day", "DemoPublisher", "clock", "sources", "write_definitions"]

_HOST = "http://demo.invalid"


def sources() -> list[str]:
    """The ids of the demo's sources, sorted."""
    return sorted(entry.name.removesuffix(".yml") for entry in _definitions())


def write_definitions(folder: Path, base_url: str) -> None:
    """Write the demo's source definitions into a folder, their addresses at `base_url`."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in _definitions():
        text = entry.read_text(encoding="utf-8").replace(_HOST, base_url.rstrip("/"))
        (folder / entry.name).write_text(text, encoding="utf-8")


def _definitions() -> list[Traversable]:
    folder = resources.files("cli.demo").joinpath("definitions")
    return [entry for entry in folder.iterdir() if entry.name.endswith(".yml")]
