"""Opening the ledger's database: one engine, safe transactions, the newest schema; SQLite and PostgreSQL alike."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, ExceptionContext, make_url

from model import LedgerError, OutageError, UsageError
from storage import schema
from storage.archive.blobs import Archive
from storage.archive.stores import RESERVE
from storage.driver.failures import failure, is_told, shown_address
from storage.private import close_to_others, private_file, private_folder

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON", "cache_size=-65536")

BEFORE_RELEASE = "0001"
"""The schema of ledgers that were made before the first release; its digests cover less, so none is carried over."""

UNSEALED = "0002"
"""The schema of ledgers whose fetches, sources and snapshots have no seal: they are sealed as they stand."""

UNSEARCHED = "0006"
"""The newest schema of ledgers that keep nothing for a search: it is made of what they record."""

WRITER_LOCK = 0x7461_6C6C_7962_6F6F
"""The advisory lock that PostgreSQL's writers take ("tallyboo"), one a database, as SQLite has one writer a file."""


def open_engine(url: str, archive: Archive | None = None) -> Engine:
    """Connect to a ledger and bring its schema up to date, creating an SQLite file and its folder where missing.

    What an older ledger quotes can be searched where its `archive` is given.

    Raises `UsageError` for an address that is none, `OutageError` for a database that does not answer, `LedgerError`
    for one that a newer Tallybook wrote. No message shows a password.
    """
    parsed = _parse(url)
    try:
        engine = _postgres(parsed) if parsed.get_backend_name() == "postgresql" else _sqlite(parsed)
        _tell_failures(engine, parsed)
        _upgrade(engine, archive)
    except (sa.exc.DBAPIError, OSError) as error:
        raise failure(parsed, error) from None
    return engine


def writer(engine: Engine) -> Engine:
    """The same engine, whose transactions take the ledger's write lock when they begin and wait for it."""
    if engine.dialect.name == "postgresql":
        # A statement that runs after the lock was waited for must see what the writer before has committed.
        return engine.execution_options(takes_writer_lock=True, isolation_level="READ COMMITTED")
    return engine.execution_options(takes_writer_lock=True)


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


def _sqlite(parsed: URL) -> Engine:
    if parsed.database and parsed.database != ":memory:":
        private_folder(Path(parsed.database).parent)
        private_file(Path(parsed.database))  # what SQLite writes beside it is as private as the file itself
    engine = sa.create_engine(parsed)

    # sqlite3's own transaction control begins late and only for some statements; ours begins when SQLAlchemy says so,
    # and a writer takes its lock at once instead of failing half-way.
    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _writes(connection):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.connection.cursor().execute("BEGIN")  # takes no lock yet, so nothing can go wrong

    return engine


def _postgres(parsed: URL) -> Engine:
    query = {"connect_timeout": "10", "application_name": "tallybook"} | dict(parsed.query)
    try:
        # A reader sees one moment of the ledger through all its statements, as it does on SQLite.
        engine = sa.create_engine(parsed.set(query=query), isolation_level="REPEATABLE READ", pool_pre_ping=True)
    except ImportError:
        raise UsageError("PostgreSQL needs psycopg 3", "install tallybook[postgres]") from None

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if _writes(connection):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")

    return engine


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("takes_writer_lock"))


def _upgrade(engine: Engine, archive: Archive | None) -> None:
    with engine.connect() as connection:
        if _revision(connection) == schema.HEAD:
            return
    # Two processes may open a new ledger at once: the second waits for the lock and then finds the work done.
    with writer(engine).connect() as connection, _making_tables_anew(connection), connection.begin():
        found = _revision(connection)
        if found is None:
            _fit_for_a_ledger(connection)
            schema.create(connection)
        elif found != schema.HEAD:
            migrate(connection, found)
            _complete(connection, found, archive)


def migrate(connection: Connection, found: str | None) -> None:
    """Bring a schema to the newest, one migration after the other.

    Raises `LedgerError` where the one that was `found` is none of ours.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        hint = "record it anew with backfill" if found == BEFORE_RELEASE else "upgrade Tallybook"
        raise LedgerError(f"the ledger has schema {found}, which this Tallybook does not know", hint)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _complete(connection: Connection, found: str | None, archive: Archive | None) -> None:
    """Work out what the migrations cannot, of a ledger that had this schema before."""
    if found == UNSEALED:
        from storage.proof.seals import reseal

        reseal(connection)
        if connection.dialect.name == "sqlite" and connection.engine.url.database:
            close_to_others(Path(connection.engine.url.database))
    if found is not None and found <= UNSEARCHED:
        from storage.search.index import fill, text_of

        fill(connection, lambda digest: text_of(archive, digest) if archive is not None else None)


@contextmanager
def _making_tables_anew(connection: Connection) -> Iterator[None]:
    """Let SQLite drop a table and put another in its place: no reference is looked at, and none of them changes."""
    if connection.dialect.name != "sqlite":
        yield
        return
    held = connection.connection  # outside a transaction, where alone this setting is taken
    held.cursor().execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        held.cursor().execute("PRAGMA foreign_keys=ON")


def _fit_for_a_ledger(connection: Connection) -> None:
    """Refuse a PostgreSQL database that cannot hold every language's words."""
    if connection.dialect.name == "postgresql":
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            hint = "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
            raise LedgerError(f"the database's encoding is {encoding}; a ledger needs UTF8", hint)


_HAS_REVISION = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'",
    "postgresql": "SELECT to_regclass('alembic_version')",
}


def _revision(connection: Connection) -> str | None:
    if connection.exec_driver_sql(_HAS_REVISION[connection.dialect.name]).scalar() is None:
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
