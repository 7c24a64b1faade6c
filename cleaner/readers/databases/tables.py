"""Tables of databases, read in pieces; the line of a record is the number of its row."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ....schemas.errors import InputError, nearest, needs_extra
from ..source import Source, reason_of
from .connection import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..batches import Batch
    from .connection import Connection
    from .urls import Database

_DO = "check that it is a database of this kind, and that you may read it"
_SHOWN = 20  # tables that a message names


def read_table(source: Source) -> Iterator[Batch]:
    """Read a table or the rows of a query, without writing anything."""
    assert source.database is not None
    with _opened(source, source.database) as connection:
        query = source.database.selection if source.database.is_query else _select(connection, source, source.database)
        yield from connection.read(source, query)


@contextmanager
def _opened(source: Source, database: Database) -> Iterator[Connection]:
    connect = _connector(database)
    try:
        connection = connect(database.address)
    except connect.errors as error:
        hint = "check host, database, user and password" if database.kind == "postgresql" else _DO
        raise InputError(f"cannot be opened ({reason_of(error, source)})", where=database.base, hint=hint) from None
    try:
        yield connection
    finally:
        connection.close()


def _connector(database: Database) -> type[Connection]:
    """Give the class for a database. Raises `InputError` for a file that is not there, `SettingError` for a driver."""
    if database.kind != "postgresql" and not Path(database.address).is_file():
        hint = "three slashes stand before a relative path, four before an absolute one"
        raise InputError("no such database", where=database.base, hint=hint)
    if database.kind == "sqlite":
        from .sqlite import SqliteConnection

        return SqliteConnection
    extra = "postgres" if database.kind == "postgresql" else "duckdb"
    try:
        if extra == "duckdb":
            from .duckdb import DuckdbConnection

            return DuckdbConnection
        from .postgresql import PostgresqlConnection

        return PostgresqlConnection
    except ImportError as error:
        raise needs_extra(f"reading {database.kind}", error.name, extra, where=database.base) from None


def _select(connection: Connection, source: Source, database: Database) -> str:
    """Give the query for a table. Raises `InputError`, with the tables there are, if there is none of the name."""
    try:
        found = connection.tables()
    except connection.errors as error:
        raise InputError(f"cannot be read ({reason_of(error, source)})", where=database.base, hint=_DO) from None
    tables = {f"{schema}.{name}": (schema, name) for schema, name, _ in found}
    tables |= {name: (schema, name) for schema, name, enough in found if enough}
    if database.selection in tables:
        return "SELECT * FROM " + ".".join(quoted(part) for part in tables[database.selection])
    names = sorted(name if enough else f"{schema}.{name}" for schema, name, enough in found)
    there = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    what = f"no table {database.selection!r}{nearest(database.selection, names)}" if database.selection else (
        f"no table is named: write {database.base}::TABLE")  # fmt: skip
    raise InputError(what, where=database.base, hint=f"the tables there are: {there or 'none'}")
