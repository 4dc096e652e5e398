"""Tables whose dates run across: each cell under a heading becomes a row of its own.

A definition asks for it by the names `@key`, the heading, and `@value`, the cell under it, as in JSON. Where `as_of` is
`@key`, the headings that are dates are taken; else all that the definition does not name itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractors.tables.dates import Days
from extractors.tables.rows import column_of, wanted_names
from model import Day, Source, UnreadableError

KEY, VALUE = "@key", "@value"


def runs_across(source: Source) -> bool:
    """Whether a definition reads a table's headings as data."""
    return VALUE in wanted_names(source)


def columns_across(source: Source, names: Sequence[str], published: Day | None) -> list[int]:
    """The places of the headings whose cells are rows of their own. Raises `UnreadableError` where there is none."""
    wanted = wanted_names(source)
    columns = [place for place, name in enumerate(names) if name and name not in wanted]
    if source.as_of and column_of(source.as_of) == KEY:
        days = Days.of(source, published)
        columns = [place for place in columns if days[names[place]]]
    if not columns:
        form = source.as_of.spelling if source.as_of else "ISO"
        raise UnreadableError(f"no heading of the table is a date in the form {form}", "look at how the table changed")
    return columns
