"""What is offered: ways to read a page, each with the figures or columns that can be followed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from model.extractor import ExtractorName
from model.source import Coverage

MOST = 60
"""So many offers are shown at most; a page with more wants a person who writes the definition."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One figure or column that can be followed.

    `rule` is its entry under `figures` or `series`; `sample` is the number as the page prints it, `quote` what stands
    around it; `count` is how many values it has on the page.
    """

    id: str
    label: str
    sample: str
    quote: str
    count: int
    rule: dict[str, Any]


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way to read the page: what a definition needs beside the figures, and the figures to choose from.

    `question` is what the page leaves open and a person must say, with the formats of dates that would answer it.
    """

    extractor: ExtractorName
    title: str
    coverage: Coverage
    settings: dict[str, Any]
    offers: tuple[Offer, ...]
    question: str = ""
    formats: tuple[str, ...] = ()


def slug(name: str) -> str:
    """A name that may be an id: small letters, digits and underscores, whatever the script."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:48]
    return words if words[:1].isalpha() else f"figure_{words}".rstrip("_")


def named_apart(offers: Iterable[Offer]) -> Iterator[Offer]:
    """Offers whose ids are made different where they were the same."""
    taken: set[str] = set()
    for offer in offers:
        name, number = offer.id, 2
        while name in taken:
            name, number = f"{offer.id}_{number}", number + 1
        taken.add(name)
        yield msgspec.structs.replace(offer, id=name)
