"""Reading what is accepted of a source out of the database, as far as a release needs it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import msgspec
from sqlalchemy.engine import Connection

from changes.accepted import Accepted, ContentsByDay, Held, NewestRelease, Places
from changes.standing import standing
from model import CheckResult, Day, Instant, Reader
from storage.driver.rows import first, raw
from storage.read.marked import ended, marked

_HEAD = """
    SELECT id, number, chain_digest,
        COALESCE((SELECT MAX(id) FROM quiet_releases WHERE source_id = :source), 0)
    FROM updates WHERE source_id = :source ORDER BY number DESC LIMIT 1
"""


class LedgerEnd(NamedTuple):
    """Where a source's ledger ends: its newest update, and its newest release that changed nothing (0 for none)."""

    update_id: int
    number: int
    chain: str
    quiet: int


def newest_head(connection: Connection, source_id: int) -> LedgerEnd | None:
    """Where a source's ledger ends; None before the first update."""
    found = raw(connection, _HEAD, {"source": source_id})
    return LedgerEnd(*found[0]) if found else None


def load(connection: Connection, source_id: int, head: LedgerEnd | None = None) -> Accepted:
    """Read the accepted ledger of a source from the database, of each series the newest observation alone.

    `head` is where the ledger ends, where the caller has just looked.
    """
    state = Accepted(source_id)
    head = head or newest_head(connection, source_id)
    if head is None:
        return state
    state.head, state.number, state.chain, state.quiet = head
    ((state.begins,),) = raw(connection, _BEGINS, {"source": source_id})
    ((state.horizon,),) = raw(connection, _HORIZON, {"source": source_id})
    state.release = _load_release(connection, source_id)
    state.standing = standing_checks(connection, source_id)
    _load_series(connection, state)
    _load_held(connection, state)
    state.breaks = marked(connection, source_id=source_id)
    state.ended = ended(connection, source_id=source_id)
    _load_renames(connection, state)
    return state


def _load_series(connection: Connection, state: Accepted) -> None:
    """Read every series of the source, with its newest live observation."""
    rows = raw(connection, _SERIES, {"source": state.source_id})
    state.series = {row[0]: row for row in rows}
    state.refs = {row[2]: row[0] for row in rows}


_BEGINS = "SELECT COALESCE(MAX(begins), 0) FROM generations WHERE source_id = :source"

_HORIZON = """
    SELECT MAX(horizon) FROM updates
    WHERE id = (SELECT id FROM updates WHERE source_id = :source AND why = 'source' ORDER BY number DESC LIMIT 1)
    OR id IN (SELECT id FROM updates WHERE source_id = :source AND why <> 'source')
"""

# One look-up a series: as-of and content of its newest live observation together.
_SERIES = """
    SELECT s.id, s.key, s.ref, s.measure, s.kind, (
        SELECT x.as_of || x.content FROM current x WHERE x.series_id = s.id AND x.withdrawn = 0
        ORDER BY x.as_of DESC LIMIT 1)
    FROM series s WHERE s.source_id = :source ORDER BY s.id
"""

_HISTORIES = """
    SELECT series_id, as_of, update_id, content, withdrawn FROM current
    WHERE series_id IN ({}) ORDER BY series_id, as_of
"""


def read_histories(connection: Connection, state: Accepted, wanted: Iterable[int] | None = None) -> None:
    """Read all that is accepted of these series, or of every series of the source, where it is not here yet."""
    missing = sorted((state.series.keys() if wanted is None else set(wanted)) - state.whole)
    for at in range(0, len(missing), _SERIES_AT_ONCE):
        ids = ", ".join(map(str, missing[at : at + _SERIES_AT_ONCE]))
        for series_id, history in groupby(raw(connection, _HISTORIES.format(ids), {}), key=itemgetter(0)):
            live: ContentsByDay = {}
            gone: ContentsByDay = {}
            origin: Places = {}
            for _, as_of, update_id, content, withdrawn in history:
                (gone if withdrawn else live)[as_of] = content
                origin[as_of] = update_id
            state.live[series_id], state.gone[series_id], state.origin[series_id] = live, gone, origin
            state.days[series_id], state.latest[series_id] = list(live), as_of
    state.whole.update(missing)


_SERIES_AT_ONCE = 1000


def _load_renames(connection: Connection, state: Accepted) -> None:
    """Let the labels that people called the same lead to the series they renamed, newest answer last."""
    renames = raw(connection, _RENAMES, {"source": state.source_id})
    ids = {key: series_id for series_id, key in state.keys.items()} if renames else {}
    for series_id, detail in renames:
        ref = state.first_ref[series_id]
        state.refs[ref] = state.renamed[ref] = ids[msgspec.json.decode(detail)["rename"]]


_RENAMES = """
    SELECT v.series_id, v.detail FROM settlements t
    CROSS JOIN versions v JOIN series s ON s.id = v.series_id
    WHERE v.series_id = t.series_id AND v.as_of = t.as_of AND v.update_id = t.target_id
    AND s.source_id = :source AND t.action = 'same' AND v.kind = 'first'
    ORDER BY t.update_id
"""


def _load_release(connection: Connection, source_id: int) -> NewestRelease | None:
    row = newest_release(connection, source_id)
    if row is None:
        return None
    reader = Reader(row.extractor, row.reader_version, row.options)
    return NewestRelease(row.snapshot_id, row.text_sha256, reader, row.known_at)


class ReleaseRow(NamedTuple):
    """A release as it is stored: where it stands, who read it, and its snapshot."""

    update_id: int
    quiet: int
    source_id: int
    known_at: Instant
    published: Day | None
    snapshot_id: int
    extractor: str
    reader_version: int
    options: str
    sha256: str
    text_sha256: str
    size: int
    media_type: str
    charset: str | None


_NEWEST = """
    SELECT r.*, s.sha256, s.text_sha256, s.size, s.media_type, s.charset FROM (
        SELECT * FROM (
            SELECT id AS update_id, 0 AS quiet, {columns} FROM updates
            WHERE source_id = {source} AND snapshot_id IS NOT NULL ORDER BY known_at DESC, number DESC LIMIT 1) a
        UNION ALL
        SELECT * FROM (
            SELECT update_id, id AS quiet, {columns} FROM quiet_releases
            WHERE source_id = {source} ORDER BY known_at DESC, id DESC LIMIT 1) b
    ) r JOIN snapshots s ON s.id = r.snapshot_id
    ORDER BY r.known_at DESC, r.update_id DESC, r.quiet DESC LIMIT 1
"""
_COLUMNS = "source_id, known_at, published, snapshot_id, extractor, reader_version, options"
_NEWEST_RELEASE = _NEWEST.format(columns=_COLUMNS, source=":source")
_NEWEST_RELEASE_OF = _NEWEST.format(columns=_COLUMNS, source="(SELECT id FROM sources WHERE key = :key)")


def newest_release(connection: Connection, source_id: int) -> ReleaseRow | None:
    """The newest release of the publisher, whether it changed anything or not, with its snapshot's row and reader."""
    found = first(connection, _NEWEST_RELEASE, {"source": source_id})
    return ReleaseRow(*found) if found else None


def newest_release_of(connection: Connection, key: str) -> ReleaseRow | None:
    """As `newest_release`, of the source with this key; None where nothing was recorded of it."""
    found = first(connection, _NEWEST_RELEASE_OF, {"key": key})
    return ReleaseRow(*found) if found else None


_CHECKS = """
    SELECT c.name, c.result, c.message, c.series, c.as_of FROM checks c WHERE c.update_id = (
        SELECT u.id FROM updates u WHERE u.source_id = :source AND u.snapshot_id IS NOT NULL
        ORDER BY u.known_at DESC, u.number DESC LIMIT 1)
    ORDER BY c.position
"""


def standing_checks(connection: Connection, source_id: int) -> frozenset[CheckResult]:
    """What is doubtful about the newest release as it stands."""
    names = ("name", "result", "message", "series", "as_of")
    rows = raw(connection, _CHECKS, {"source": source_id})
    return standing(CheckResult(**dict(zip(names, row, strict=True))) for row in rows)


# `held_query` of one source, written out: to build it costs a command more than to run it.
_HELD = """
    SELECT v.series_id, v.as_of, v.update_id, v.content, t.action, t.update_id
    FROM versions v JOIN updates u ON u.id = v.update_id
    LEFT JOIN settlements t ON t.target_id = v.update_id AND t.series_id = v.series_id AND t.as_of = v.as_of
    WHERE v.held = 1 AND u.source_id = :source
    UNION ALL
    SELECT v.series_id, v.as_of, v.update_id, v.content, t.action, t.update_id
    FROM settlements t JOIN updates u ON u.id = t.update_id
    JOIN versions v ON t.target_id = v.update_id AND t.series_id = v.series_id AND t.as_of = v.as_of
    WHERE v.held = 0 AND t.action NOT IN ('break', 'unbreak') AND u.source_id = :source AND u.why <> 'source'
    ORDER BY 3, 6
"""


class _HeldRow(NamedTuple):
    """A value that was held, or decided against, with one action that settled it, if any did."""

    series_id: int
    as_of: Day
    update_id: int
    content: str | None
    action: str | None
    settled_by: int | None


def _load_held(connection: Connection, state: Accepted) -> None:
    decided: set[tuple[int, str]] = set()
    for row in map(_HeldRow._make, raw(connection, _HELD, {"source": state.source_id})):
        key = (row.series_id, row.as_of)
        before = state.held.get(key)
        # What a person had let count is nothing that the source said: when it is decided on again, the source's own
        # value stays the one that is no news when it is repeated.
        again = before is not None and before.settled_by == row.update_id and key in decided
        said = before if again and before is not None else row
        if row.action not in (None, "supersede"):
            decided.add(key)
        else:
            decided.discard(key)
        state.held[key] = Held(
            said.update_id,
            said.content,
            open=row.action is None,
            refused=row.action in ("reject", "correct"),
            settled_by=row.settled_by or 0,
        )
