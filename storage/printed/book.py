"""The register of printed articles: what they said when they were read, and which of their numbers are true no longer.

The text of an article lies in the archive under its digest, and stays there when the article is changed or taken out
of the register. A number is watched as it stands in the newest text; what became of it is written down once a change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from model import Day, Instant, UsageError
from storage import schema
from storage.driver.schemas import there
from storage.proof import seals

_A, _T, _N, _F = schema.print_articles, schema.print_texts, schema.print_numbers, schema.print_findings

FellOut = Literal["outdated", "corrected"]
"""What became of a printed number: a newer value is known, or its source corrected it."""


class PrintArticle(msgspec.Struct, frozen=True, kw_only=True):
    """A registered article, or a list of articles (`kind`), as it was read last; `wrong` says why it could not be."""

    address: str
    kind: Literal["article", "list"] = "article"
    language: str = ""
    printed_on: str = ""
    added_at: Instant
    read_at: str = ""
    sha256: str = ""
    text_sha256: str = ""
    wrong: str = ""
    listed_by: str = ""
    newest: str = ""
    private: str = ""
    """"yes" where it may lie on an intranet, as whoever types a command may say; one registered on the page may not."""
    numbers: int = 0
    """How many of its numbers are tied to a series and were right when they were printed."""


class WatchedNumber(msgspec.Struct, frozen=True, kw_only=True):
    """A number of an article: how it was `printed`, which value of a series it is, and what was told of it.

    Both are canonical contents. Of what is `dated` the sentence names the day, so that no newer value makes it false.
    What was recorded up to the update `after` was known when it was registered.
    """

    address: str
    language: str
    number_text: str
    quote: str
    start_at: int
    end_at: int
    series: str
    update_name: str
    as_of: Day
    content: str
    printed: str
    dated: bool
    after: int
    id: int = 0
    told: tuple[FellOut, ...] = ()


class PrintFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A printed number that is true no longer: what became of it, by which update, and the line that corrects it."""

    number_id: int
    kind: FellOut
    update: str
    series: str
    as_of: Day
    at: Instant
    line: str
    address: str = ""
    number_text: str = ""
    quote: str = ""
    printed_on: str = ""
    text_sha256: str = ""


class PrintBook:
    """The register in the ledger's database; `write` gives a transaction with the ledger's write lock."""

    def __init__(self, engine: Engine, write: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._engine, self._write = engine, write

    def articles(self) -> list[PrintArticle]:
        """All that is registered, in the order of registering; none in a ledger of the version before."""
        count = sa.select(sa.func.count()).where(_is_watched()).scalar_subquery()
        query = sa.select(_A, count.label("numbers")).where(_A.c.removed_at == "").order_by(_A.c.id)
        with self._engine.connect() as connection:
            if not there(connection, [_A]):
                return []
            return [msgspec.convert(_plain(row), PrintArticle) for row in connection.execute(query).mappings()]

    def newest_update(self) -> int:
        """The newest update of the ledger by its place in the order of recording."""
        with self._engine.connect() as connection:
            return int(connection.execute(sa.select(sa.func.max(schema.updates.c.id))).scalar() or 0)

    def keep(self, article: PrintArticle, numbers: Sequence[WatchedNumber]) -> None:
        """Register an article as it was read, or read again; where its text is the same, its numbers stay."""
        stated = {name: getattr(article, name) for name in _names(_A) if hasattr(article, name)}
        with self._write() as connection:
            row = connection.execute(sa.select(_A).where(_A.c.address == article.address)).mappings().one_or_none()
            article_id = _put(connection, row, stated)
            same = row is not None and row["text_sha256"] == article.text_sha256
            if not same and article.text_sha256:
                _put_text(connection, article_id, article, numbers)

    def remove(self, address: str) -> None:
        """Take an article, or a list with all that it named, out of the register; what they said stays archived."""
        with self._write() as connection:
            mine = (_A.c.removed_at == "") & ((_A.c.address == address) | (_A.c.listed_by == address))
            if not connection.execute(sa.update(_A).where(mine).values(removed_at="now")).rowcount:
                raise UsageError(f"{address} is not registered", "tallybook watch list names all")

    def findings(self, limit: int = 200) -> list[PrintFinding]:
        """What became of registered numbers, the newest first."""
        number = _F.join(_N, _N.c.id == _F.c.number_id).join(_A, _A.c.id == _N.c.article_id)
        query = sa.select(
            _F, _F.c.update_name.label("update"), _A.c.address, _A.c.printed_on, _N.c.number_text, _N.c.quote,
            _N.c.text_sha256,
        )  # fmt: skip
        query = query.select_from(number).where(_A.c.removed_at == "").order_by(_F.c.id.desc()).limit(limit)
        with self._engine.connect() as connection:
            if not there(connection, [_F]):
                return []
            return [msgspec.convert(_plain(row), PrintFinding) for row in connection.execute(query).mappings()]


def watched(connection: Connection, source: str) -> list[WatchedNumber]:
    """The numbers of registered articles that are of a source's series, with what was told of them."""
    if not there(connection, [_N]):
        return []
    mine = _N.c.series.startswith(f"{source}/", autoescape=True)
    query = sa.select(_N, _A.c.address, _A.c.language).join(_A, _A.c.id == _N.c.article_id)
    rows = connection.execute(query.where(_is_watched(), _A.c.removed_at == "", mine).order_by(_N.c.id)).mappings()
    found = [msgspec.convert(_plain(row), WatchedNumber, strict=False) for row in rows]
    told = _told(connection, [one.id for one in found])
    return [msgspec.structs.replace(one, told=tuple(told.get(one.id, ()))) for one in found]


def _is_watched() -> sa.ColumnElement[bool]:
    """Numbers of the newest text of each article."""
    return (_N.c.article_id == _A.c.id) & (_N.c.text_sha256 == _A.c.text_sha256)


def _plain(row: Any) -> dict[str, Any]:
    """A row by plain names, which SQLAlchemy's are not."""
    return {str(name): value for name, value in row.items()}


def _names(table: sa.Table) -> list[str]:
    """The columns of a table, but for the row's id."""
    return [column.name for column in table.columns if column.name != "id"]


def _told(connection: Connection, ids: Sequence[int]) -> dict[int, list[FellOut]]:
    found: dict[int, list[FellOut]] = {}
    for row in connection.execute(sa.select(_F.c.number_id, _F.c.kind).where(_F.c.number_id.in_(ids))):
        found.setdefault(row.number_id, []).append(row.kind)
    return found


def put_findings(connection: Connection, findings: Sequence[PrintFinding]) -> None:
    """Write down what became of numbers, each once a change."""
    for one in findings:
        key = {"number_id": one.number_id, "kind": one.kind, "update_name": one.update}
        same = sa.and_(*(_F.c[name] == value for name, value in key.items()))
        if connection.execute(sa.select(_F.c.id).where(same)).scalar() is None:
            rest = {"series": one.series, "as_of": one.as_of, "at": one.at, "line": one.line}
            connection.execute(sa.insert(_F).values(**key, **rest))


def _put(connection: Connection, row: Any, stated: dict[str, Any]) -> int:
    if row is None:
        made = sa.insert(_A).values(**stated, removed_at="").returning(_A.c.id)
        return int(connection.execute(made).scalar_one())
    kept = stated if stated["text_sha256"] else {**stated, **{name: row[name] for name in ("sha256", "text_sha256")}}
    values = {**kept, "added_at": row["added_at"], "removed_at": ""}
    connection.execute(sa.update(_A).where(_A.c.id == row["id"]).values(values))
    return int(row["id"])


def _put_text(connection: Connection, article_id: int, article: PrintArticle, numbers: Sequence[WatchedNumber]) -> None:
    text = {"article_id": article_id, "sha256": article.sha256, "text_sha256": article.text_sha256}
    known = (_T.c.article_id == article_id) & (_T.c.text_sha256 == article.text_sha256)
    if connection.execute(sa.select(_T.c.text_sha256).where(known)).scalar() is not None:
        return  # it says again what it said before: its numbers are known
    seals.insert(connection, _T, text | {"read_at": article.read_at, "printed_on": article.printed_on})
    for one in numbers:
        values = {name: getattr(one, name) for name in _names(_N) if hasattr(one, name)}
        values |= {"article_id": article_id, "text_sha256": article.text_sha256, "dated": int(one.dated)}
        connection.execute(sa.insert(_N).values(values))
