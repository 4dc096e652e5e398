"""The checks between comparing and believing, in the order in which they are run.

A new check is a module here with a function from a `Context` to findings and the `CHECKS` that it declares, no more;
`make reference` writes the table of docs/checks.md from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from operator import attrgetter
from pkgutil import iter_modules

from changes.checks.context import Check


def _declared() -> Iterator[Check]:
    for module in iter_modules(__path__):
        yield from getattr(import_module(f"{__name__}.{module.name}"), "CHECKS", ())


CHECKS = tuple(sorted(_declared(), key=attrgetter("order")))
"""Every check, in the order of their running; those that are found while reading, or by people, come last."""

OF_CHANGES = frozenset(check.name for check in CHECKS if check.of_changes)
REPEATED = frozenset(check.name for check in CHECKS if check.repeated)
