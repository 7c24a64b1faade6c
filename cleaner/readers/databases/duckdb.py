"""DuckDB, through its own package (the extra `duckdb`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from ..batches import MAX_ROWS
from ..table_batches import Progress
from .connection import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..batches import Batch
    from ..source import Source

_TABLES = """
SELECT schema_name, name, schema_name = current_schema() FROM (
    SELECT schema_name, table_name AS name FROM duckdb_tables() WHERE NOT internal
    UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal
)
"""


class DuckdbConnection(Connection):
    """A database file, open for reading only."""

    errors = (duckdb.Error, pa.ArrowException, OSError)

    def __init__(self, address: str) -> None:
        self._connection = duckdb.connect(address, read_only=True)

    def tables(self) -> list[tuple[str, str, bool]]:
        """Return (schema, name, whether the name is unique without the schema) of all tables and views."""
        return self._connection.execute(_TABLES).fetchall()

    def read(self, source: Source, query: str) -> Iterator[Batch]:
        """Yield the rows of a query as they arrive."""
        with Progress(source, "the database stopped", "check that the file is complete", self.errors) as progress:
            yield from progress.batches(self._connection.sql(query).to_arrow_reader(MAX_ROWS))

    def close(self) -> None:
        """Close it."""
        self._connection.close()
