"""What whole families of servers have in common, so that a definition names it by a word (`preset`)."""

from __future__ import annotations

from typing import Any

import msgspec

from model.source import AsOf, Numbers, Paging, PresetName


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """What a word stands for: keys of a definition, for those extractors; `value` is where each figure stands.

    What a definition states itself wins. An answer is known by what stands where the keys say, or by its address (a
    pattern); `example` is an address of such an answer.
    """

    title: str
    extractors: tuple[str, ...]
    example: str
    keys: dict[str, Any] = {}
    value: str | None = None
    address: str | None = None

    def filled(self, stated: dict[str, Any]) -> dict[str, Any]:
        """The keys of a definition, with those of the preset where it states none itself."""
        rules = stated.get("figures", ())
        placed = tuple(rule if rule.column or rule.path else self._placed(rule) for rule in rules)
        return {**self.keys, **stated, **({"figures": placed} if placed else {})}

    def _placed(self, rule: Any) -> Any:
        return msgspec.structs.replace(rule, column=self.value)


PRESETS: dict[PresetName, Preset] = {
    "arcgis": Preset(
        title="the features of an ArcGIS layer",
        extractors=("json",),
        example="https://…/FeatureServer/0/query?where=1%3D1&outFields=*&orderByFields=OBJECTID&f=json",
        keys={
            "rows": "$.features[*].attributes",
            "paging": Paging(offset="resultOffset", more="$.exceededTransferLimit"),
        },
    ),
    "ckan": Preset(
        title="the records of a CKAN datastore",
        extractors=("json",),
        example="https://…/api/3/action/datastore_search?resource_id=…&sort=_id&limit=1000",
        keys={"rows": "$.result.records", "paging": Paging(offset="offset", total="$.result.total")},
    ),
    "json-stat": Preset(
        title="the observations of a JSON-stat data set",
        extractors=("json",),
        example="https://…/api/dissemination/statistics/1.0/data/CODE?format=JSON",
        value="value",
    ),
    "pxweb": Preset(
        title="the rows of a PxWeb table",
        extractors=("json",),
        example="https://…/api/v2/tables/CODE/data?outputFormat=json-px",
        keys={"numbers": Numbers(decimal=".")},
    ),
    "sdmx-csv": Preset(
        title="the observations of SDMX-CSV",
        extractors=("csv",),
        example="https://…/rest/data/AGENCY,FLOW,1.0/KEY?format=csvfile",
        keys={"as_of": AsOf(column="TIME_PERIOD")},
        value="OBS_VALUE",
    ),
    "sdmx-json": Preset(
        title="the observations of SDMX-JSON",
        extractors=("json",),
        example="https://…/rest/data/AGENCY,FLOW,1.0/KEY?format=jsondata",
        keys={"as_of": AsOf(column="TIME_PERIOD")},
        value="OBS_VALUE",
    ),
    "socrata": Preset(
        title="the rows of a Socrata data set",
        extractors=("json", "csv"),
        example="https://…/resource/abcd-1234.json?$order=:id&$limit=1000",
        keys={"paging": Paging(offset="$offset")},
        address=r"/(?:resource|id)/[a-z0-9]{4}-[a-z0-9]{4}(?:\.json|\.csv)?(?:\?|$)",
    ),
}
"""By the word under which a definition names it."""
