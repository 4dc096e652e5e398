"""What a page's own style sheets hide: rules of `<style>` that show an element no more, or show it after all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from soupsieve.css_types import Selector

_SHEET = re.compile(r"<style\b[^>]*>(.*?)</style", re.IGNORECASE | re.DOTALL)
_BRACES = re.compile(r"[{}]")
_DISPLAY = re.compile(r"(?i)(?:^|;)\s*(?:display|visibility)\s*:\s*([a-z-]+)")
_MOST = 100
"""So many rules about what is shown are followed: each is asked of each element."""


class DisplayRule(NamedTuple):
    """A selector, whether what it fits is hidden, and its weight: ids, classes, names, place."""

    selector: Selector
    hides: bool
    weight: tuple[int, int, int, int]


def rules(markup: str, plain: Callable[[str], list[Selector] | None]) -> list[DisplayRule]:
    """The rules of a page that hide, with those that may show again what they hide; none where none hides.

    Rules for other media (`@media print`) are left out, and so are selectors that are not `plain`.
    """
    if "display" not in markup and "visibility" not in markup:
        return []
    found = [
        DisplayRule(one, value in ("none", "hidden"), (*_weight(one), place))
        for place, (selectors, value) in enumerate(islice(_about_display(markup), _MOST))
        for one in plain(selectors) or ()
    ]
    return found if any(rule.hides for rule in found) else []


def _about_display(markup: str) -> Iterator[tuple[str, str]]:
    """The selectors that a page's rules about what is shown have, and what they say last."""
    for sheet in _SHEET.findall(markup):
        for selectors, body in _blocks(_without_comments(sheet)):
            if said := _DISPLAY.findall(body):
                yield selectors, said[-1].lower()


def _without_comments(sheet: str) -> str:
    first, *rest = sheet.split("/*")
    return " ".join((first, *(part.partition("*/")[2] for part in rest)))


def _blocks(sheet: str) -> Iterator[tuple[str, str]]:
    """The selectors and declarations of the outermost rules."""
    depth = start = opened = 0
    for brace in _BRACES.finditer(sheet):
        depth += 1 if brace[0] == "{" else -1
        if depth == 1 and brace[0] == "{":
            opened = brace.start()
        elif depth <= 0:
            selectors = sheet[start:opened].rpartition(";")[2].strip()
            if depth == 0 and selectors and not selectors.startswith("@"):
                yield selectors, sheet[opened + 1 : brace.start()]
            depth, start = 0, brace.end()


def _weight(one: Selector) -> tuple[int, int, int]:
    ids, classes, names = len(one.ids), len(one.classes), int(one.tag is not None and one.tag.name != "*")
    for outer in cast("Iterable[Selector]", one.relation):
        more = _weight(outer)
        ids, classes, names = ids + more[0], classes + more[1], names + more[2]
    return ids, classes, names
