"""What the content digest of an update covers, in a form that does not depend on a database's ids.

Whoever appends an update and whoever verifies it hand in the same rows, so that both digest the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import schema
from storage.driver.rows import raw

SUMMED_UP = ("changes", "echoes", "groups", "horizon")
"""The columns that sum an update up, in the order of its digest."""


def snapshot(sha256: str, text_sha256: str, picture: str | None) -> tuple[str, ...]:
    """What the digest covers of a snapshot: the digests of its bytes, its text, and its picture where it has one."""
    return (sha256, text_sha256, picture) if picture else (sha256, text_sha256)


def head(update: Mapping[Any, Any], snapshot: tuple[str, ...] | None, begins: int) -> dict[str, Any]:
    """What the digest covers of the row of an update, and of its `snapshot`.

    A generation's updates count from the number after which it `begins`: so that it says what it would have said if
    all its releases had come in their order.
    """
    return {
        "number": update["number"] - begins,
        **{name: update[name] for name in ("cause", "why", "known_at", "published")},
        "snapshot": snapshot,
        "reader": (update["extractor"], update["reader_version"], update["options"]) if update["extractor"] else None,
        "told": tuple(update[name] for name in SUMMED_UP),
    }


def parts(rows: Mapping[str, Sequence[Any]], connection: Connection, named: Names) -> dict[str, list[Any]]:
    """What the digest covers of the rows that hang on an update, by table, each list in its canonical order."""
    shown_first = {one["series_id"] for one in rows["versions"] if one["kind"] == "first"}
    return {
        "series": series_facts(connection, shown_first),
        "versions": sorted(version_tuple(one, named) for one in rows["versions"]),
        "checks": [(c["name"], c["result"], c["message"], c["series"], c["as_of"]) for c in rows["checks"]],
        "stated": sorted(stated_tuple(one, named) for one in rows["stated"]),
        "settlements": sorted(settlement_tuple(one, named) for one in rows["settlements"]),
        "unfollowed": [(one["why"], one["figure"]) for one in rows["unfollowed"]],
        "shapes": [(one["shape"], one["held"]) for one in rows["shapes"]],
    }


_UPDATE_NAMES = """
    SELECT u.id, COALESCE(g.source, s.key), u.number - COALESCE(g.begins, 0) FROM updates u
    JOIN sources s ON s.id = u.source_id LEFT JOIN generations g ON g.source_id = s.id WHERE u.id IN ({})
"""


class Names:
    """Keys of series and numbers of updates for database ids, looked up once each."""

    def __init__(self, connection: Connection, keys: Mapping[int, str] | None = None) -> None:
        self._connection = connection
        self._known: Mapping[int, str] = keys or {}
        self._keys: dict[int, str] = {}
        self._updates: dict[int, str] = {}

    def series(self, series_id: int | None) -> str:
        """The key of a series; '' for none."""
        if not series_id:
            return ""
        if series_id in self._known:
            return self._known[series_id]
        if series_id not in self._keys:
            query = sa.select(schema.series.c.key).where(schema.series.c.id == series_id)
            self._keys[series_id] = self._connection.execute(query).scalar() or f"series {series_id}"
        return self._keys[series_id]

    def update(self, update_id: int | None) -> str:
        """An update's name within its generation such as `mediazona/42`; '' for none."""
        if not update_id:
            return ""
        if update_id not in self._updates:
            self.learn_updates({update_id})
        return self._updates.get(update_id, f"update {update_id}")

    def learn(self, update_id: int, name: str) -> None:
        """Take down what an update is called that the ledger does not have yet."""
        self._updates[update_id] = name

    def learn_updates(self, ids: set[int]) -> None:
        """Look up the names of many updates at once."""
        wanted = sorted(ids - self._updates.keys())
        for at in range(0, len(wanted), 500):
            rows = raw(self._connection, _UPDATE_NAMES.format(", ".join(map(str, wanted[at : at + 500]))), {})
            self._updates.update({update_id: f"{key}/{number}" for update_id, key, number in rows})

    def detail(self, detail: str | None) -> str:
        """A version's detail with update ids turned into names."""
        if detail is None or '"reverts"' not in detail:
            return detail or ""
        value = msgspec.json.decode(detail)
        value["reverts"] = self.update(value["reverts"])
        return msgspec.json.encode(value).decode()


_SERIES_FACTS = "SELECT key, ref, measure, kind, unit, whom, category, attributed_to FROM series WHERE id IN ({})"


def series_facts(connection: Connection, ids: Iterable[int]) -> list[tuple[Any, ...]]:
    """What series are, by key; the digest of the update that shows them first covers it."""
    wanted = sorted(ids)
    found: list[tuple[Any, ...]] = []
    for at in range(0, len(wanted), 500):
        found += raw(connection, _SERIES_FACTS.format(", ".join(map(str, wanted[at : at + 500]))), {})
    return sorted(found, key=lambda facts: str(facts[0]))


def version_tuple(row: Any, named: Names) -> tuple[Any, ...]:
    """A version's place in the content digest."""
    content, base = row["content"], row["base_as_of"]
    return (
        named.series(row["series_id"]), row["as_of"], row["kind"], "\x00" if content is None else content,
        row["held"], base or "", named.update(row["base_update_id"]), row["start"] or 0, row["end"] or 0,
        row["quote_start"] or 0, row["quote_end"] or 0, named.detail(row["detail"]),
    )  # fmt: skip


def stated_tuple(row: Any, named: Names) -> tuple[Any, ...]:
    """A stated increment's place in the content digest."""
    return (
        named.series(row["series_id"]), row["as_of"], row["content"], row["verdict"],
        named.series(row["base_series_id"]), row["base_as_of"] or "", named.update(row["base_update_id"]),
        row["versions_back"] or 0, row["implied"] or "", row["computed"] or "",
        row["start"], row["end"], row["quote_start"], row["quote_end"],
    )  # fmt: skip


def settlement_tuple(row: Any, named: Names) -> tuple[Any, ...]:
    """A settlement's place in the content digest."""
    return (
        named.update(row["target_id"]), named.series(row["series_id"]), row["as_of"],
        row["action"], row["who"], row["why"],
    )  # fmt: skip
