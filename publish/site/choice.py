"""Which series a site has: keys, whole sources, and charts frozen as known at a time, from words or a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from model import Instant, Series, UsageError, parse_instant
from publish.finding.words import Definitions

if TYPE_CHECKING:
    from storage import Views


class SiteChoice(NamedTuple):
    """The series of a site, by key, and the times as known at which the chart of each is frozen."""

    series: Mapping[str, Series]
    frozen: Mapping[str, tuple[Instant, ...]]


def lines_of(path: Path) -> list[str]:
    """The lines of a file that names series, without what stands behind a `#`."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def choose(views: Views, definitions: Definitions, wanted: Iterable[str]) -> SiteChoice:
    """The series that are named, as `source/id`, `source` or either with `@` and a time; all public ones for none.

    Raises `UsageError` for one that is not there, and for what is private or has no definition.
    """
    found: dict[str, Series] = {}
    frozen: dict[str, list[Instant]] = {}
    sources: dict[str, dict[str, Series]] = {}
    for one in list(wanted) or _public(views, definitions):
        name, _, at = one.partition("@")
        source = name.partition("/")[0]
        if definitions.get(source) is None:
            raise UsageError(f"{source!r} is private, or has no definition", "a site has public sources alone")
        if source not in sources:
            sources[source] = {series.series: series for series in views.series(source, quotes=False)}
        chosen = _of_name(sources[source], name)
        found |= chosen
        for key in chosen if at else ():
            frozen.setdefault(key, []).append(parse_instant(at))
    return SiteChoice(found, {key: tuple(sorted(set(times))) for key, times in frozen.items()})


def _public(views: Views, definitions: Definitions) -> list[str]:
    return [key for key, _, _ in views.sources() if definitions.get(key) is not None]


def _of_name(of_source: Mapping[str, Series], name: str) -> dict[str, Series]:
    if "/" not in name:
        return dict(of_source)
    if name not in of_source:
        raise UsageError(f"there is no series {name!r}", "tallybook series lists them")
    return {name: of_source[name]}
