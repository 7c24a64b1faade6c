"""SQLite, through the module of the standard library."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ...records.column_values import name_columns
from ...records.loader import Place
from .. import batches
from ..batches import BATCH_BYTES, Batch, Unreadable
from ..table_batches import Progress
from .connection import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source import Source


class _NotText(bytes):
    """A text whose bytes are not UTF-8. SQLite allows that."""


def _text(raw: bytes) -> str | _NotText:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return _NotText(raw)


class SqliteConnection(Connection):
    """A database file, open for reading only."""

    errors = (sqlite3.Error, ValueError)  # names that are not UTF-8

    def __init__(self, address: str) -> None:
        uri = f"{Path(address).absolute().as_uri()}?mode=ro"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._connection.text_factory = _text

    def tables(self) -> list[tuple[str, str, bool]]:
        """Return (schema, name, True) of all tables and views."""
        query = (
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
        names = [name for (name,) in self._connection.execute(query) if isinstance(name, str)]
        return [("main", name, True) for name in names]

    def read(self, source: Source, query: str) -> Iterator[Batch]:
        """Yield the rows of a query in batches of about `BATCH_BYTES`. Each value of SQLite has its own type."""
        with Progress(source, "the database stopped", "check that the file is complete", self.errors) as progress:
            cursor = self._connection.execute(query)
            names = name_columns([column[0] for column in cursor.description or ()])
            rows: list[tuple[Any, ...]] = []
            size = 0
            for row in cursor:
                rows.append(row)
                size += sum(len(value) for value in row if isinstance(value, (str, bytes)))
                if size >= BATCH_BYTES:
                    yield _batch(source, names, rows, progress.advance(len(rows)))
                    rows, size = [], 0
            if rows:
                yield _batch(source, names, rows, progress.advance(len(rows)))

    def close(self) -> None:
        """Close it."""
        self._connection.close()


def _batch(source: Source, names: list[str], rows: list[tuple[Any, ...]], first: int) -> Batch:
    records: list[dict[str, Any]] = []
    lines: list[int] = []
    unreadable: list[Unreadable] = []
    for line, row in enumerate(rows, first):
        bad = next((i for i, value in enumerate(row) if type(value) is _NotText), None)
        size = sum(len(value) for value in row if isinstance(value, (str, bytes)))
        if size > batches.MAX_RECORD:
            largest = max((value for value in row if isinstance(value, (str, bytes))), key=len)
            head = largest[: batches.KEPT_BYTES]
            raw = head if isinstance(head, bytes) else head.encode()
            message = batches.describe_long(f"the row has {size:,} characters and bytes")
            unreadable.append(Unreadable(len(records), source.name, line, None, raw, batches.TOO_LARGE, message))
        elif bad is None:
            records.append(dict(zip(names, row, strict=True)))
            lines.append(line)
        else:
            message = f"the text in {names[bad]!r} is not valid UTF-8"
            place = (source.name, line, None)
            unreadable.append(Unreadable(len(records), *place, bytes(row[bad]), "input/encoding", message))
    place_of_all = Place(source.name, pa.array(lines, pa.int64()), None, source.kind)
    return Batch(place_of_all, rows=records, unreadable=unreadable)
