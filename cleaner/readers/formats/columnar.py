"""Columns: Parquet and Arrow IPC, read piece by piece; the line of a record is the number of its row."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ....schemas.errors import InputError
from ...records.loader import Place
from ..batches import BATCH_BYTES, Batch, Unreadable
from ..compression import is_named_packed
from ..source import Source, opened, reason_of

if TYPE_CHECKING:
    import io
    from collections.abc import Iterable, Iterator

MAX_ROWS = 2048  # of a batch
_PAGE_BUFFER = 1 << 20  # bytes of each column that are read ahead


def read_parquet(
    source: Source, stream: io.BufferedReader | None = None, *, row_groups: range | None = None
) -> Iterator[Batch]:
    """Read a Parquet file, row group by row group, of which no more than some pages are held at a time.

    With `row_groups`, only those are read.
    """
    import pyarrow.parquet as pq

    with (
        _random_access(source, stream) as handle,
        Progress(source, "not a sound Parquet file", "write it again") as rows,
        pq.ParquetFile(handle, pre_buffer=False, buffer_size=_PAGE_BUFFER) as file,
    ):
        wanted = row_groups if row_groups is not None else range(file.num_row_groups)
        rows.advance(sum(file.metadata.row_group(group).num_rows for group in range(wanted.start)))
        for group in wanted:
            about = file.metadata.row_group(group)
            size = rows_at_once(about.num_rows, about.total_byte_size)
            for batch in file.iter_batches(batch_size=size, row_groups=[group]):
                yield rows.batch(pa.Table.from_batches([batch]), file.metadata.num_rows)


def read_arrow(source: Source, stream: io.BufferedReader | None = None) -> Iterator[Batch]:
    """Read Arrow IPC, in its file form (Feather, too) or as a stream."""
    with opened(source, stream) as (file, _), Progress(source, "not sound Arrow data", "write it again") as rows:
        if not file.peek(6).startswith(b"ARROW1"):
            with pa.ipc.open_stream(file) as found:
                yield from rows.batches(found)
            return
        with _random_access(source, stream) as handle, pa.ipc.open_file(handle) as indexed:
            yield from rows.batches(indexed.get_batch(i) for i in range(indexed.num_record_batches))


@contextmanager
def _random_access(source: Source, stream: io.BufferedReader | None) -> Iterator[Any]:
    """Give a source as something with any place of which reading can begin: one that is packed, in memory."""
    if stream is None and source.path and not is_named_packed(source.name):
        with pa.OSFile(str(source.path)) as file:
            yield file
        return
    with opened(source, stream) as (packed, _):
        yield pa.BufferReader(packed.read())


def rows_at_once(rows: int, size: int) -> int:
    """Say how many rows make a batch, where so many take `size` bytes."""
    return max(1, min(MAX_ROWS, BATCH_BYTES * rows // max(size, 1)))


class Progress:
    """The rows of a source so far: cuts tables into batches, and says how far it came when that fails."""

    def __init__(
        self, source: Source, wrong: str, hint: str, errors: tuple[type[Exception], ...] = (pa.ArrowException, OSError)
    ) -> None:
        self._source, self._wrong, self._do, self._errors = source, wrong, hint, errors
        self._done = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, self._errors):
            after = f" after {self._done:,} rows" if self._done else ""
            what = f"{self._wrong}{after} ({reason_of(error, self._source)})"
            raise InputError(what, where=self._source.label, hint=self._do) from None

    def advance(self, rows: int) -> int:
        """Count rows; give the number of the first of them, from 1."""
        self._done += rows
        return self._done - rows + 1

    def batches(self, found: Iterable[pa.RecordBatch]) -> Iterator[Batch]:
        """Cut record batches, which may be of any size, into batches."""
        for batch in found:
            size = rows_at_once(batch.num_rows, batch.nbytes)
            for start in range(0, batch.num_rows, size):
                yield self.batch(pa.Table.from_batches([batch.slice(start, size)]))

    def batch(self, table: pa.Table, total: int = 0) -> Batch:
        """Give the next rows as a batch; `total` is the number of all rows, if it is known."""
        count = table.num_rows
        lines = np.arange(count) + self.advance(count)
        table = table.rename_columns(name_columns(table.column_names))
        table, lines, unreadable = _without_bad_texts(self._source, table, lines)
        place = Place(self._source.name, pa.array(lines), None, self._source.kind)
        consumed = self._source.size * count // total if total else 0
        return Batch(place, table=table, unreadable=unreadable, consumed=consumed)


def name_columns(names: list[str]) -> list[str]:
    """Give each column a name of its own: none stands twice, none is empty.

    >>> name_columns(["", "text", "text"])
    ['column_1', 'text', 'text_2']
    """
    given: list[str] = []
    for number, name in enumerate(names, 1):
        base = wanted = name or f"column_{number}"
        copy = 1
        while wanted in given or (wanted != name and wanted in names):
            copy += 1
            wanted = f"{base}_{copy}"
        given.append(wanted)
    return given


def _without_bad_texts(source: Source, table: pa.Table, lines: Any) -> tuple[pa.Table, Any, list[Unreadable]]:
    """Take out the rows with a text that is not UTF-8. Raises `ArrowInvalid` where it is the data that is unsound."""
    try:
        table.validate(full=True)
    except pa.ArrowInvalid:
        bad = _bad_texts(table)
        if not bad:
            raise
    else:
        return table, lines, []
    unreadable = []
    for passed, (row, (name, raw)) in enumerate(sorted(bad.items())):
        message = f"the text in {name!r} is not valid UTF-8"
        place = (source.name, int(lines[row]), None)
        unreadable.append(Unreadable(row - passed, *place, raw, "input/encoding", message))
    kept = np.ones(table.num_rows, np.bool_)
    kept[list(bad)] = False
    return table.filter(pa.array(kept)), lines[kept], unreadable


def _bad_texts(table: pa.Table) -> dict[int, tuple[str, bytes]]:
    """Give, by row, the first column whose text is not UTF-8, and its bytes."""
    found: dict[int, tuple[str, bytes]] = {}
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            for row, raw in enumerate(column.cast(pa.large_binary()).to_pylist()):
                try:
                    (raw or b"").decode()
                except UnicodeDecodeError:
                    found.setdefault(row, (name, raw))
    return found
