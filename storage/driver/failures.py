"""A database that is locked, full, damaged or gone, told in a sentence wherever it is met, not as a trace."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection

from model import OutageError, TallybookError


def shown_address(parsed: URL) -> str:
    """A database's address as people may see it: without password and options."""
    plain = parsed.set(drivername=parsed.get_backend_name(), query={})
    return plain.render_as_string(hide_password=True)


def is_told(found: BaseException) -> bool:
    """Whether an error of SQLAlchemy is the database's, not ours."""
    # Damaged pages and files that are no database are told by the general class itself, not by one of its kinds.
    return isinstance(found, sa.exc.OperationalError | sa.exc.InternalError) or type(found) is sa.exc.DatabaseError


def failure(parsed: URL, error: BaseException) -> TallybookError:
    """What an error of the database at an address is told as."""
    cause = getattr(error, "orig", None) or error
    text = " ".join(str(cause).split())
    secrets = [parsed.password, *parsed.normalized_query.get("password", ())]
    for secret in filter(None, secrets):
        text = text.replace(str(secret), "***")
    if any(sign in text for sign in _DAMAGED):
        hint = "put a copy of it back (docs/reliability.md); tallybook verify tells what is damaged"
        return OutageError(f"the ledger at {shown_address(parsed)} is damaged: {text}", hint)
    return OutageError(f"the ledger at {shown_address(parsed)} does not answer: {text}")


_DAMAGED = ("malformed", "not a database", "could not decode", "Could not decode", "disk I/O error")


def failure_of(connection: Connection, statement: str, error: Exception) -> BaseException:
    """What is raised for an error of the driver itself: the same as where SQLAlchemy had asked it."""
    base, dialect = connection.dialect.loaded_dbapi.Error, connection.dialect
    found = sa.exc.DBAPIError.instance(statement, None, error, base, hide_parameters=True, dialect=dialect)
    return failure(connection.engine.url, found) if is_told(found) else found
