"""What people did, in a book that only grows: users and roles, refreshes by hand, definitions, proposals and answers.

It lies with the users, beside the ledger. Each row's digest covers the one before, and the database itself refuses to
change or to remove one. Decisions that count are in the ledger, under its own digests, and are not written twice.
"""

from __future__ import annotations

import getpass
import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from model import Instant, OutageError, UsageError, canonical, now

_SCHEMA = """
CREATE TABLE IF NOT EXISTS acts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, act TEXT NOT NULL, about TEXT NOT NULL,
  told TEXT NOT NULL, detail TEXT NOT NULL, answers INTEGER UNIQUE REFERENCES acts(id), digest TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS ix_acts_who ON acts (who, id);
CREATE TRIGGER IF NOT EXISTS acts_are_not_changed BEFORE UPDATE ON acts
  BEGIN SELECT RAISE(ABORT, 'what was done is not changed'); END;
CREATE TRIGGER IF NOT EXISTS acts_are_not_removed BEFORE DELETE ON acts
  BEGIN SELECT RAISE(ABORT, 'what was done is not removed'); END;
"""
_COLUMNS = "id, at, who, act, about, told, detail, answers, digest"


class Act(NamedTuple):
    """One thing that somebody did: when, who, what, about what, in words; what it answers, where it answers one."""

    number: int
    at: Instant
    who: str
    act: str
    about: str
    told: str
    detail: str = ""
    answers: int | None = None
    digest: str = ""


class ActBook:
    """The book of what people did."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with closing(sqlite3.connect(path, timeout=30)) as connection:
                connection.executescript(_SCHEMA)
        except sqlite3.Error as error:
            raise OutageError(f"{path} cannot be written: {error}", "what people did is kept there") from None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that no other writer is in."""
        try:
            with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise OutageError(f"{self.path} cannot be written: {error}", "what people did is kept there") from None

    def note(self, who: str, act: str, about: str = "", told: str = "", **detail: Any) -> int:
        """Write down what somebody did; returns its number."""
        with self._writing() as connection:
            return _append(connection, Act(0, now(), who, act, about, told, _json(detail)))

    def answer(self, number: int, said: Act, settle: Callable[[Act], str]) -> str:
        """Write down the one answer that an act may have, with what settling it came to, both or neither.

        Raises `UsageError` where there is no such act, or it was answered.
        """
        with self._writing() as connection:
            asked = connection.execute(f"SELECT {_COLUMNS} FROM acts WHERE id = ?", (number,)).fetchone()
            known = connection.execute("SELECT who FROM acts WHERE answers = ?", (number,)).fetchone()
            if asked is None or known is not None:
                told = f"number {number} was answered by {known[0]}" if known else f"there is no number {number}"
                raise UsageError(told, "look at what waits")
            made = settle(Act(*asked))
            _append(connection, said._replace(at=now(), about=made or Act(*asked).about, answers=number))
            return made

    def waiting(self, act: str) -> list[Act]:
        """The acts of a kind that nobody has answered, oldest first."""
        query = (
            f"SELECT {_COLUMNS} FROM acts WHERE act = ? AND id NOT IN "
            "(SELECT answers FROM acts WHERE answers IS NOT NULL) ORDER BY id"
        )
        return self._read(query, (act,))

    def newest(self, who: str = "", act: str = "", *, limit: int) -> list[Act]:
        """The newest acts, of one person or kind where given."""
        query = f"SELECT {_COLUMNS} FROM acts WHERE ? IN ('', who) AND ? IN ('', act) ORDER BY id DESC LIMIT ?"
        return self._read(query, (who, act, limit))

    def _read(self, query: str, given: tuple[Any, ...]) -> list[Act]:
        return [Act(*row) for row in self._rows(query, given)]

    def _rows(self, query: str, given: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path, timeout=30)) as connection:
            return connection.execute(query, given).fetchall()


def verify_acts(path: Path) -> Iterator[str]:
    """Yield a sentence for every row of a book that is not what its digest says; nothing is written."""
    before, number = "", 0
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", timeout=30, uri=True)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'acts'").fetchone():
            return
        for row in connection.execute(f"SELECT {_COLUMNS} FROM acts ORDER BY id"):
            one, number = Act(*row), number + 1
            if one.digest != _digest(before, one) or one.number != number:
                yield f"{path.name}: what was done as number {one.number} is not what its digest says"
                number = one.number
            before = one.digest


def terminal() -> str:
    """Who does something with a command: nobody logs in there, so it is the name of the account."""
    try:
        return f"{getpass.getuser()} (terminal)"
    except (KeyError, OSError):
        return "somebody (terminal)"


def _append(connection: sqlite3.Connection, one: Act) -> int:
    before = connection.execute("SELECT digest FROM acts ORDER BY id DESC LIMIT 1").fetchone()
    row = (*one[1:-1], _digest(before[0] if before else "", one))
    made = connection.execute(
        "INSERT INTO acts (at, who, act, about, told, detail, answers, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row
    )
    return int(made.lastrowid or 0)


def _digest(before: str, one: Act) -> str:
    return hashlib.sha256(canonical([before, *one[1:-1]])).hexdigest()


def _json(detail: dict[str, Any]) -> str:
    return msgspec.json.encode(detail).decode() if detail else ""
