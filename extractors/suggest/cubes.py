"""Statistical cubes: which dimension dates their observations, which ones tell them apart, and what is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from extractors.document import Document
from extractors.suggest.columns import DATE_NAMES, CandidateTable, Roles, way_of
from extractors.suggest.kinds import kind_of_falling
from extractors.suggest.offer import Offer, Way, named_apart, slug
from extractors.tables.cubes import LABEL, Cube, Dimension, read_cube
from extractors.tables.dates import Days
from extractors.tables.rows import LONGEST_LABEL
from model import PRESETS, AsOf
from model.source import PresetName

_MOST_ROWS = 50_000
"""So many rows, from the end, tell which figures there are."""


def offers_of_cube(form: PresetName, parsed: Any, document: Document) -> list[Way]:
    """The one way to read a cube; none where it has no figures. Raises `UnreadableError` where it is broken."""
    cube = read_cube(form, parsed)
    columns = dict(zip(cube.names, map(list, zip(*cube.rows[-_MOST_ROWS:], strict=True)), strict=False))
    figures = [name for name in cube.figures if set(columns.get(name, ())) - {None}]
    if not figures:
        return []
    title = f"{len(cube.rows):,} observations: {PRESETS[form].title}"
    sheet = CandidateTable("json", title, columns, document.published, {"preset": form})
    return [_plain(way_of(sheet, _roles(cube, figures)), cube)]


def _roles(cube: Cube, figures: Sequence[str]) -> Roles:
    several = {one.id: one for one in cube.dimensions if len(one.codes) > 1}
    dated = _dated(cube)
    apart = [_key(one) for name, one in several.items() if name not in (cube.kinds, _of(dated))]
    return Roles(dated, {}, figures, apart, kinds=cube.kinds if cube.kinds in several else None)


def _plain(way: Way, cube: Cube) -> Way:
    """A way whose dimensions are called by their ids, and its offers by what they count."""
    counted = {one.id: dict(zip(one.codes, one.labels or (), strict=False)) for one in cube.dimensions}
    titles = counted.get(cube.kinds or "", {}) | cube.figures
    by = {slug(_of(name)): name for name in way.settings.get("by", {}).values()}
    settings = way.settings | ({"by": by} if by else {})
    offers = named_apart(_titled(offer, titles.get(offer.label, "")) for offer in way.offers)
    return msgspec.structs.replace(way, settings=settings, offers=tuple(offers))


def _of(name: str | None) -> str:
    """The dimension that a column belongs to."""
    return (name or "").removesuffix(LABEL)


def _dated(cube: Cube) -> str | None:
    """The column of the times: codes, or names where only they can be read."""
    said = [one for one in cube.dimensions if one.id == cube.days]
    likely = said or [one for one in cube.dimensions if DATE_NAMES.search(f"{one.id} {one.title}")]
    columns = [dict(zip(one.names, (one.codes, one.labels), strict=False)) for one in likely]
    return next((name for one in columns for name, texts in one.items() if _are_days(texts)), cube.days)


def _are_days(texts: Sequence[str] | None) -> bool:
    return all(map(Days(AsOf()).__getitem__, texts or ("",)))


def _key(dimension: Dimension) -> str:
    """The column that tells rows apart: codes, which outlast their names, unless they only count the names."""
    codes, labels = dimension.codes, dimension.labels or []
    named = len(set(labels)) == len(codes) and all(0 < len(label) <= LONGEST_LABEL for label in labels)
    counted = [int(code) for code in codes] if all(map(_is_number, codes)) else []
    return dimension.id + LABEL if named and counted and counted in _running(len(codes)) else dimension.id


def _running(count: int) -> Sequence[list[int]]:
    return [*range(count)], [*range(1, count + 1)]


def _is_number(code: str) -> bool:
    return code.isascii() and code.isdecimal() and len(code) <= len(str(_MOST_ROWS))


def _titled(offer: Offer, title: str) -> Offer:
    if not title:
        return offer
    rule = {"title": title, **offer.rule}
    if rule.pop("may_fall", False):
        rule |= kind_of_falling(title)
    return msgspec.structs.replace(offer, id=slug(title), label=title, rule=rule)
