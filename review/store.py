"""Users of the review page, their sessions, what each has read: a small database beside the ledger, in no export."""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import sqlite3
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error

from model import OutageError, UsageError, now

SESSION_SECONDS = 14 * 24 * 3600
IDLE_SECONDS = 3 * 24 * 3600
ATTEMPTS, WINDOW_SECONDS = 5, 900
"""So many logins of one name from one address may fail in so many seconds; each further one must wait."""

FIRST_WAIT, LONGEST_WAIT = 5.0, 30.0
"""The wait doubles from the first up to this: whoever has the right password is never kept out for longer."""

SHORTEST_PASSWORD = 10

UserRole = Literal["reader", "editor", "admin"]
ROLES: tuple[UserRole, ...] = get_args(UserRole)
"""What a user may do, each all that the one before may: read what is private; decide and refresh; give roles."""

_NAME = re.compile(r"[^\W_][\w.@-]{0,63}")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY, hash TEXT NOT NULL, added_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
  digest TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE, csrf TEXT NOT NULL,
  began REAL NOT NULL, used REAL NOT NULL);
CREATE TABLE IF NOT EXISTS visits (
  user TEXT PRIMARY KEY REFERENCES users(name) ON DELETE CASCADE,
  before INTEGER NOT NULL, newest INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS done (
  user TEXT NOT NULL REFERENCES users(name) ON DELETE CASCADE, name TEXT NOT NULL, place INTEGER NOT NULL,
  PRIMARY KEY (user, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS failures (at REAL NOT NULL, whose TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS ix_failures ON failures (whose, at);
"""


class Session(NamedTuple):
    """A person who is logged in, the token that their forms carry, and what they may do."""

    user: str
    csrf: str
    role: UserRole

    def may(self, role: UserRole) -> bool:
        """Whether they may do what needs a role."""
        return ROLES.index(self.role) >= ROLES.index(role)


class User(NamedTuple):
    """A user, when they were added, and what they may do."""

    name: str
    added_at: str
    role: UserRole


class Visit(NamedTuple):
    """How far in the log a visitor had read before this visit (0: nothing), how far now, and when they last asked."""

    before: int
    newest: int
    at: int


class AccountStore:
    """Who may change things: names, argon2 hashes, sessions by the digest of their token, failed logins."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._hasher = PasswordHasher()
        # An unknown name costs what a known one does, so that the time of an answer names nobody.
        self._nobody = self._hasher.hash(secrets.token_hex(16))
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            with self._open() as connection:
                connection.executescript(_SCHEMA)
                _give_roles(connection)
        except (OSError, sqlite3.Error) as error:
            told = f"{path} cannot be written: {getattr(error, 'strerror', None) or error}"
            raise OutageError(told, "the users of the review page are kept there") from None

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=10)
        try:
            connection.execute("PRAGMA foreign_keys=ON")
            with connection:
                yield connection
        finally:
            connection.close()

    def users(self) -> list[User]:
        """Every user, by name."""
        with self._open() as connection:
            rows = connection.execute("SELECT name, added_at, role FROM users ORDER BY name")
            return [User(*row) for row in rows]

    def give_role(self, name: str, role: UserRole) -> None:
        """Let a user do what a role may, from their next click on. Raises `UsageError` where there is none."""
        with self._open() as connection:
            if not connection.execute("UPDATE users SET role = ? WHERE name = ?", (role, name)).rowcount:
                raise UsageError(f"there is no user {name!r}", "tallybook users list names them")

    def add(self, name: str, password: str, role: UserRole | None = None) -> UserRole:
        """Add a user, or give one another password, which ends their sessions; returns their role.

        Without a role one that is there keeps theirs, the first of all is an admin, and others are editors. Raises
        `UsageError` for a name or a password that will not do.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} is no user's name", "letters, digits, and . _ - @ after the first; at most 64")
        if len(password) < SHORTEST_PASSWORD:
            raise UsageError(
                f"the password is shorter than {SHORTEST_PASSWORD} characters", "a few words make a good one"
            )
        with self._open() as connection:
            known = dict(connection.execute("SELECT name, role FROM users"))
            given: UserRole = role or known.get(name) or ("editor" if known else "admin")
            connection.execute("DELETE FROM sessions WHERE user = ?", (name,))
            connection.execute(
                "INSERT INTO users (name, hash, added_at, role) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, role = excluded.role",
                (name, self._hasher.hash(password), now(), given),
            )
            return given

    def remove(self, name: str) -> None:
        """Remove a user and end their sessions. Raises `UsageError` where there is none of that name."""
        with self._open() as connection:
            if not connection.execute("DELETE FROM users WHERE name = ?", (name,)).rowcount:
                raise UsageError(f"there is no user {name!r}", "tallybook users list names them")

    def try_later(self, whose: str) -> float:
        """Begin a login of this name from this address; 0, or the seconds after which it may be tried.

        It counts as failed until `log_in` finds it sound: many at once get no more than many after one another.
        """
        at = time.time()
        since = "SELECT COUNT(*), MAX(at) FROM failures WHERE whose = ?"
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM failures WHERE at <= ?", (at - WINDOW_SECONDS,))
            count, newest = connection.execute(since, (whose,)).fetchone()
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (count - ATTEMPTS)) if count >= ATTEMPTS else 0.0
            left = wait - (at - newest) if count else 0.0
            if left <= 0:
                connection.execute("INSERT INTO failures VALUES (?, ?)", (at, whose))
            return max(0.0, left)

    def log_in(self, name: str, password: str, whose: str = "") -> str | None:
        """Begin a session and return its token; None where name or password are wrong.

        What was counted of `whose` is forgotten where they are right.
        """
        with self._open() as connection:
            row = connection.execute("SELECT hash FROM users WHERE name = ?", (name,)).fetchone()
        if not self._verify(row[0] if row else self._nobody, password) or row is None:
            return None
        with self._open() as connection:
            connection.execute("DELETE FROM failures WHERE whose = ?", (whose,))
            token, at = secrets.token_urlsafe(32), time.time()
            connection.execute("DELETE FROM sessions WHERE began < ? OR used < ?", _oldest(at))
            values = (_digest(token), name, secrets.token_urlsafe(32), at, at)
            connection.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", values)
            return token

    def knows(self, name: str, password: str) -> UserRole | None:
        """The role of a user by their password; None where either is wrong."""
        with self._open() as connection:
            row = connection.execute("SELECT hash, role FROM users WHERE name = ?", (name,)).fetchone()
        return row[1] if self._verify(row[0] if row else self._nobody, password) and row else None

    def session(self, token: str | None) -> Session | None:
        """The session of a token; None where there is none, or it has ended."""
        if not token:
            return None
        at = time.time()
        query = (
            "SELECT user, csrf, role, used FROM sessions JOIN users ON users.name = sessions.user "
            "WHERE digest = ? AND began > ? AND used > ?"
        )
        with self._open() as connection:
            row = connection.execute(query, (_digest(token), *_oldest(at))).fetchone()
            if row and at - row[3] > 60:
                connection.execute("UPDATE sessions SET used = ? WHERE digest = ?", (at, _digest(token)))
        return Session(*row[:3]) if row else None

    def log_out(self, token: str) -> None:
        """End a session."""
        with self._open() as connection:
            connection.execute("DELETE FROM sessions WHERE digest = ?", (_digest(token),))

    def visit(self, user: str) -> Visit | None:
        """The newest visit of a user, from whichever browser; None before the first."""
        with self._open() as connection:
            row = connection.execute("SELECT before, newest, at FROM visits WHERE user = ?", (user,)).fetchone()
            return Visit(*row) if row else None

    def visited(self, user: str, visit: Visit) -> None:
        """Keep how far a user has read."""
        query = (
            "INSERT INTO visits VALUES (?, ?, ?, ?) ON CONFLICT (user) DO UPDATE SET "
            "before = excluded.before, newest = excluded.newest, at = excluded.at"
        )
        with self._open() as connection:
            connection.execute(query, (user, *visit))
            connection.execute("DELETE FROM done WHERE user = ? AND place <= ?", (user, visit.before))

    def done(self, user: str) -> set[str]:
        """The updates, by name, that a user has done with since all of them were taken as read."""
        with self._open() as connection:
            return {name for (name,) in connection.execute("SELECT name FROM done WHERE user = ?", (user,))}

    def mark_done(self, user: str, updates: Mapping[str, int], *, done: bool = True) -> None:
        """Keep that a user has done with updates (places in the log by name), or has not after all."""
        with self._open() as connection:
            if done:
                rows = [(user, name, place) for name, place in updates.items()]
                connection.executemany("INSERT OR REPLACE INTO done VALUES (?, ?, ?)", rows)
            else:
                rows_ = [(user, name) for name in updates]
                connection.executemany("DELETE FROM done WHERE user = ? AND name = ?", rows_)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except Argon2Error:
            return False


def _give_roles(connection: sqlite3.Connection) -> None:
    """Users of before there were roles stay able to do what they could."""
    if "role" not in {row[1] for row in connection.execute("PRAGMA table_info(users)")}:
        connection.execute("ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'editor'")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _oldest(at: float) -> tuple[float, float]:
    return at - SESSION_SECONDS, at - IDLE_SECONDS
