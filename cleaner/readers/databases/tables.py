"""Tables of databases, read batch by batch. The line of a record is the number of its row."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from ....schemas.errors import InputError, UnsupportedInputError, nearest, needs_extra
from ..source import Source, reason_of
from .connection import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..batches import Batch
    from .connection import Connection
    from .urls import Database

_CHECK = "check that it is a database of this kind, and that you may read it"
_NAMED_TABLES = 20  # in a message


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
        hint = "check host, database, user and password" if database.kind == "postgresql" else _CHECK
        raise InputError(f"cannot be opened ({reason_of(error, source)})", where=database.base, hint=hint) from None
    try:
        yield connection
    finally:
        connection.close()


def _connector(database: Database) -> type[Connection]:
    """Return the class for a database. Raises `InputError` for a missing file, `SettingError` for a missing driver."""
    if database.kind != "postgresql" and not os.path.isfile(database.address):
        hint = "write three slashes before a relative path, four before an absolute one"
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


def choose_only_table(source: Source, database: Database) -> Database:
    """Return a database with the name of its only table. Raises `InputError`, which names the tables, for others."""
    with _opened(source, database) as connection:
        names = _table_names(_find_tables(connection, source, database))
    if len(names) != 1:
        hint = f"name a table of it: {database.base}::TABLE; its tables: {_list_tables(names)}"
        raise UnsupportedInputError("this is a database", where=source.label, hint=hint)
    return replace(database, selection=names[0])


def _find_tables(connection: Connection, source: Source, database: Database) -> list[tuple[str, str, bool]]:
    try:
        return connection.tables()
    except connection.errors as error:
        raise InputError(f"cannot be read ({reason_of(error, source)})", where=database.base, hint=_CHECK) from None


def _table_names(tables: list[tuple[str, str, bool]]) -> list[str]:
    return sorted(name if is_unique else f"{schema}.{name}" for schema, name, is_unique in tables)


def _list_tables(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED_TABLES} more" if len(names) > _NAMED_TABLES else ""
    return (", ".join(names[:_NAMED_TABLES]) or "none") + more


def _select(connection: Connection, source: Source, database: Database) -> str:
    """Return the query for a table. Raises `InputError`, which names the tables, if there is none of that name."""
    tables = _find_tables(connection, source, database)
    by_name = {f"{schema}.{name}": (schema, name) for schema, name, _ in tables}
    by_name |= {name: (schema, name) for schema, name, is_unique in tables if is_unique}
    if database.selection in by_name:
        return "SELECT * FROM " + ".".join(quoted(part) for part in by_name[database.selection])
    names = _table_names(tables)
    what = f"no table {database.selection!r}{nearest(database.selection, names)}" if database.selection else (
        f"no table is named: write {database.base}::TABLE")  # fmt: skip
    raise InputError(what, where=database.base, hint=f"its tables: {_list_tables(names)}")
