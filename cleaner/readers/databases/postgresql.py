"""PostgreSQL, through its Arrow driver (the extra `postgres`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import adbc_driver_manager.dbapi
import adbc_driver_postgresql
import adbc_driver_postgresql.dbapi
import pyarrow as pa

from ..batches import BATCH_BYTES
from ..table_batches import Progress
from .connection import Connection, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..batches import Batch
    from ..source import Source

# Nothing is written, and rows come in the same order each time, as far as the server allows.
_SESSION = (
    "SET TRANSACTION READ ONLY",
    "SET LOCAL synchronize_seqscans = off",
    "SET LOCAL max_parallel_workers_per_gather = 0",
)
_TABLES = """
SELECT n.nspname::text, c.relname::text, pg_catalog.pg_table_is_visible(c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
"""
_FOREIGN = b"ADBC:postgresql:typname"  # marks a type that Arrow lacks


class PostgresqlConnection(Connection):
    """A connection with one read-only transaction."""

    errors = (adbc_driver_manager.dbapi.Error, pa.ArrowException, OSError)

    def __init__(self, address: str) -> None:
        self._connection = adbc_driver_postgresql.dbapi.connect(address, autocommit=False)
        self._cursor = self._connection.cursor()
        for setting in _SESSION:
            self._cursor.execute(setting)

    def tables(self) -> list[tuple[str, str, bool]]:
        """Return (schema, name, whether the name is unique without the schema) of all tables and views."""
        self._cursor.execute(_TABLES)
        return list(self._cursor.fetchall())

    def read(self, source: Source, query: str) -> Iterator[Batch]:
        """Yield the rows of a query as they arrive."""
        with Progress(source, "the database stopped", "check that it is still running", self.errors) as progress:
            size = {adbc_driver_postgresql.StatementOptions.BATCH_SIZE_HINT_BYTES.value: str(BATCH_BYTES)}
            self._cursor.adbc_statement.set_options(**size)
            self._cursor.execute(self._in_known_types(query))
            yield from progress.batches(self._cursor.fetch_record_batch())

    def _in_known_types(self, query: str) -> str:
        """Return a query in which columns of types that Arrow lacks become texts."""
        fields: list[Any] = list(self._cursor.adbc_execute_schema(query))
        foreign = [_FOREIGN in (field.metadata or {}) for field in fields]
        if not any(foreign):
            return query
        # columns of a query may share a name, so they are numbered
        columns = [
            f"c{i}{'::text' if cast else ''} AS {quoted(field.name)}"
            for i, (field, cast) in enumerate(zip(fields, foreign, strict=True))
        ]
        names = ", ".join(f"c{i}" for i in range(len(fields)))
        return f"SELECT {', '.join(columns)} FROM ({query}) AS found ({names})"

    def close(self) -> None:
        """Close the cursor and the connection, in whatever state they are."""
        for resource in (self._cursor, self._connection):
            try:
                resource.close()
            except adbc_driver_manager.dbapi.Error:
                continue  # the server is gone, so nothing is left to close
