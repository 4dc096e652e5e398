"""Opening the ledger's database: one engine, safe transactions, the newest schema; SQLite and PostgreSQL alike."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, ExceptionContext, make_url

from model import OutageError, UsageError
from storage import schema
from storage.archive.blobs import Archive
from storage.archive.stores import RESERVE
from storage.driver.failures import failure, is_told, shown_address
from storage.driver.schemas import revision, unread
from storage.private import private_file, private_folder

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON", "cache_size=-65536")

WRITER_LOCK = 0x7461_6C6C_7962_6F6F
"""The advisory lock that PostgreSQL's writers take ("tallyboo"), one a database, as SQLite has one writer a file."""


def open_engine(url: str, *, reading: bool = False) -> Engine:
    """Connect to a ledger; where there is none one is begun, with its SQLite file and folder, unless it is for reading.

    No ledger's schema is changed: `migrate` does that. One of the schema before is opened to be read; what writes to it
    asks `require_newest` first. Raises `UsageError` for an address that is none, and to who reads where there is no
    ledger; `OutageError` for a database that does not answer, `LedgerError` for one of any other schema. No message
    shows a password.
    """
    parsed = _parse(url)
    try:
        engine = _connected(parsed)
        with engine.connect() as connection:
            found = revision(connection)
        if found is None and reading:
            raise UsageError(f"there is no ledger in {shown_address(parsed)}", "tallybook refresh, or demo, begins one")
        if found is None:
            _begin(engine)
        elif found not in (schema.HEAD, schema.PREVIOUS):
            raise unread(found)
    except (sa.exc.DBAPIError, OSError) as error:
        raise failure(parsed, error) from None
    return engine


def migrate(url: str, archive: Archive | None = None) -> tuple[str | None, str]:
    """Bring a ledger's schema up to date in one transaction; returns the one that it had, and the newest.

    What an older ledger quotes can be searched where its `archive` is given. Nothing is begun where there is no
    ledger. Raises what `open_engine` does.
    """
    from storage.migrations.upgrade import upgrade

    parsed = _parse(url)
    try:
        engine = _connected(parsed)
        try:
            with engine.connect() as connection:
                found = revision(connection)
            if found not in (None, schema.HEAD):
                upgrade(engine, archive)
            return found, schema.HEAD
        finally:
            engine.dispose()
    except (sa.exc.DBAPIError, OSError) as error:
        raise failure(parsed, error) from None


def open_beside(url: str, file: Path) -> Engine:
    """Connect to what is kept beside a ledger and may be lost with the machine's power; each statement is done at once.

    It lies in the same database where that is a server's, else in a file of its own. Raises what `open_engine` does.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() != "postgresql":
        parsed = URL.create("sqlite", database=str(file))
    try:
        if parsed.get_backend_name() == "postgresql":
            engine = _postgres(parsed, isolation_level="AUTOCOMMIT", pool_size=2, max_overflow=4)
        else:
            engine = _sqlite(parsed, pragmas=("journal_mode=WAL", "synchronous=OFF", "busy_timeout=30000"))
    except OSError as error:
        raise failure(parsed, error) from None
    _tell_failures(engine, parsed)
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _connected(parsed: URL) -> Engine:
    engine = _postgres(parsed) if parsed.get_backend_name() == "postgresql" else _sqlite(parsed)
    _tell_failures(engine, parsed)
    return engine


def _begin(engine: Engine) -> None:
    """Make the tables of an empty database; of two processes that do so at once the second finds the work done."""
    from storage.migrations.upgrade import upgrade

    upgrade(engine, None)


def refuse_growth(connection: Connection, archive: Archive) -> None:
    """Refuse an update where the archive's limit is reached with the ledger, or its disk is nearly full.

    Raises `OutageError`.
    """
    if archive.limit is not None:
        archive.refuse_growth(_stored(connection))
    file = connection.engine.url.database
    if connection.dialect.name == "sqlite" and file and shutil.disk_usage(Path(file).parent).free < RESERVE:
        told = f"the disk of the ledger at {file} is nearly full: less than {RESERVE >> 20} MiB are free"
        raise OutageError(told, "make room, then refresh again")


def _stored(connection: Connection) -> int:
    """The bytes of the database."""
    if connection.dialect.name == "postgresql":
        return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())


def shown(url: str) -> str:
    """A database's address as people may see it: without password and options."""
    return shown_address(_parse(url))


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend, _, driver = parsed.drivername.partition("+")
        backend = "postgresql" if backend == "postgres" else backend
        if (backend, driver) not in (("sqlite", ""), ("postgresql", ""), ("postgresql", "psycopg")):
            raise ValueError
    except (sa.exc.ArgumentError, ValueError):
        hint = "write sqlite:///path/to/file or postgresql://user@host/database"
        raise UsageError("this is no address of a ledger's database", hint) from None
    return parsed.set(drivername="postgresql+psycopg") if backend == "postgresql" else parsed


def _tell_failures(engine: Engine, parsed: URL) -> None:
    """Let a database that is locked, full or gone be told in a sentence wherever it is met, not as a trace."""

    @sa.event.listens_for(engine, "handle_error")
    def _tell(context: ExceptionContext) -> BaseException | None:
        found = context.sqlalchemy_exception
        return failure(parsed, found) if found is not None and is_told(found) and not context.is_pre_ping else None


def _sqlite(parsed: URL, pragmas: Sequence[str] = _PRAGMAS) -> Engine:
    if parsed.database and parsed.database != ":memory:":
        private_folder(Path(parsed.database).parent)
        private_file(Path(parsed.database))  # what SQLite writes beside it is as private as the file itself
    engine = sa.create_engine(parsed)

    # sqlite3's own transaction control begins late and only for some statements; ours begins when SQLAlchemy says so,
    # and a writer takes its lock at once instead of failing half-way.
    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _writes(connection):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.connection.cursor().execute("BEGIN")  # takes no lock yet, so nothing can go wrong

    return engine


def _postgres(parsed: URL, **options: Any) -> Engine:
    query = {"connect_timeout": "10", "application_name": "tallybook"} | dict(parsed.query)
    try:
        # A reader sees one moment of the ledger through all its statements, as it does on SQLite.
        options = {"isolation_level": "REPEATABLE READ"} | options
        engine = sa.create_engine(parsed.set(query=query), pool_pre_ping=True, **options)
    except ImportError:
        raise UsageError("PostgreSQL needs psycopg 3", "install tallybook[postgres]") from None

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _writes(connection):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")

    return engine


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("takes_writer_lock"))
