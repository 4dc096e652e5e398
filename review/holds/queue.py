"""What waits for a person as questions: the values that one finding holds are one, however many updates it spans."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, NamedTuple

from fastapi import Form, Request

from model import CheckResult, Day, Instant, SeriesRef
from storage import HeldCell

_RENAME = re.compile(r"""(['"])(?P<old>.*?)\1 is not there and (['"])(?P<new>.*?)\3 comes""")
OTHER = "held"
"""What a value is held for that no finding of its update names."""


class ChangeName(NamedTuple):
    """One change by the update that holds it, its series and its as-of."""

    update: str
    series: str
    as_of: Day


class HeldQuestion(NamedTuple):
    """One finding and the values that wait for its answer, oldest first."""

    key: str
    source: str
    title: str
    check: str
    message: str
    known_at: Instant
    cells: tuple[HeldCell, ...]

    def cells_named(self) -> list[ChangeName]:
        """The values by their names."""
        return [ChangeName(one.update, one.series, one.as_of) for one in self.cells]

    @property
    def updates(self) -> list[str]:
        """The updates that the values are of, oldest first."""
        return list(dict.fromkeys(one.update for one in self.cells))

    @property
    def series(self) -> list[str]:
        """The series that the values are of."""
        return list(dict.fromkeys(one.series for one in self.cells))


class Queue(NamedTuple):
    """Which questions a person goes through: of one source, of one check, known since an instant, or all."""

    of_source: str = ""
    of_check: str = ""
    of_since: str = ""

    def among(self, found: Sequence[HeldQuestion]) -> list[HeldQuestion]:
        """The questions that are meant."""
        return [
            one
            for one in found
            if self.of_source in ("", one.source) and self.of_check in ("", one.check) and one.known_at >= self.of_since
        ]


def queue_of(request: Request) -> Queue:
    """The queue that an address names."""
    return Queue(*(request.query_params.get(name, "")[:200] for name in Queue._fields))


def queue_form(
    of_source: Annotated[str, Form(max_length=200)] = "",
    of_check: Annotated[str, Form(max_length=200)] = "",
    of_since: Annotated[str, Form(max_length=40)] = "",
) -> Queue:
    """The queue that a form carries."""
    return Queue(of_source, of_check, of_since)


def questions(cells: Sequence[HeldCell], holding: Mapping[str, Sequence[CheckResult]]) -> list[HeldQuestion]:
    """Group what waits by what it waits for, the newest question first."""
    grouped: dict[str, list[tuple[HeldCell, CheckResult | None]]] = {}
    for cell in cells:
        check = finding_of(cell, holding.get(cell.update, ()))
        grouped.setdefault(_key(cell, check), []).append((cell, check))
    found = [_question(key, rows) for key, rows in grouped.items()]
    return sorted(found, key=lambda one: (one.known_at, one.source, one.key), reverse=True)


def _question(key: str, rows: Sequence[tuple[HeldCell, CheckResult | None]]) -> HeldQuestion:
    newest, check = rows[-1]
    message = check.message if check else ""
    name = check.name if check else OTHER
    return HeldQuestion(
        key, newest.source, newest.title, name, message, newest.known_at, tuple(cell for cell, _ in rows)
    )


def finding_of(cell: HeldCell, checks: Sequence[CheckResult]) -> CheckResult | None:
    """The finding that holds a value: of itself, else the one whose words name it, else of its whole update."""
    ranked = sorted(checks, key=lambda one: _rank(cell, one))
    return ranked[0] if ranked and _rank(cell, ranked[0]) < _NOT else None


_NOT = 9


def _rank(cell: HeldCell, check: CheckResult) -> int:
    if check.series == cell.series and check.as_of in (cell.as_of, None):
        return 0 if check.as_of else 1
    if check.series is None:
        return 4
    if cell.renames and check.name == "rename":
        labels = {" ".join(label.split()) for label in SeriesRef.parse(cell.ref).labels}
        return 2 if labels & set(_labels(check)) else 3
    return 2 if cell.series in check.message else _NOT


def _labels(check: CheckResult) -> Iterator[str]:
    found = _RENAME.match(check.message)
    yield from (found["old"], found["new"]) if found else ()


def _key(cell: HeldCell, check: CheckResult | None) -> str:
    """What makes two values one question: of a rename the label that is gone, of a step the series, else the update."""
    if check is None:
        subject = cell.update
    elif check.name == "rename":
        subject = next(_labels(check), check.series or cell.update)
    elif check.series is None:
        subject = cell.update
    elif check.series == cell.series:
        subject = cell.series if check.name in ("fall", "jump") else f"{cell.update} {check.message}"
    else:
        subject = f"{cell.update} {check.message}"
    parts = "\x1f".join((cell.source, check.name if check else OTHER, subject))
    return hashlib.sha256(parts.encode()).hexdigest()[:16]
