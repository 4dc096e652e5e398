"""What whole families of servers have in common, so that a definition names it by a word (`preset`)."""

from __future__ import annotations

from typing import Any

import msgspec

from model.source import AsOf, Paging


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """What a word stands for: keys of a definition, for those extractors; `value` is where each figure stands.

    What a definition states itself wins.
    """

    title: str
    extractors: tuple[str, ...]
    keys: dict[str, Any] = {}
    value: str | None = None

    def filled(self, stated: dict[str, Any]) -> dict[str, Any]:
        """The keys of a definition, with those of the preset where it states none itself."""
        rules = stated.get("figures", ())
        placed = tuple(rule if rule.column or rule.path else self._placed(rule) for rule in rules)
        return {**self.keys, **stated, **({"figures": placed} if placed else {})}

    def _placed(self, rule: Any) -> Any:
        return msgspec.structs.replace(rule, column=self.value)


PRESETS: dict[str, Preset] = {
    "arcgis": Preset(
        title="the features of an ArcGIS layer",
        extractors=("json",),
        keys={
            "rows": "$.features[*].attributes",
            "paging": Paging(offset="resultOffset", more="$.exceededTransferLimit"),
        },
    ),
    "ckan": Preset(
        title="the records of a CKAN datastore",
        extractors=("json",),
        keys={"rows": "$.result.records", "paging": Paging(offset="offset", total="$.result.total")},
    ),
    "sdmx-csv": Preset(
        title="the observations of SDMX-CSV",
        extractors=("csv",),
        keys={"as_of": AsOf(column="TIME_PERIOD")},
        value="OBS_VALUE",
    ),
    "socrata": Preset(
        title="the rows of a Socrata data set",
        extractors=("json", "csv"),
        keys={"paging": Paging(offset="$offset")},
    ),
}
"""By the word under which a definition names it."""
