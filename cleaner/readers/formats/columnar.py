"""Columns: Parquet and Arrow IPC, read batch by batch. The line of a record is the number of its row."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ....schemas.errors import InputError
from ...records.column_values import name_columns
from ...records.loader import Place
from ..batches import BATCH_BYTES, MAX_ROWS, Batch, Unreadable
from ..declare import reader
from ..source import reason_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..source import InputFile, Source

_PAGE_BUFFER = 1 << 20  # bytes of each column that are read ahead


@reader(name="parquet", suffixes=[".parquet"], magic=[b"PAR1"])
def read_parquet(file: InputFile) -> Iterator[Batch]:
    """Read a Parquet file, row group by row group. Only some pages of a row group are in memory at a time."""
    yield from read_row_groups(file, None)


def read_row_groups(file: InputFile, numbers: range | None) -> Iterator[Batch]:
    """Read some row groups of a Parquet file, all if `numbers` is None."""
    import pyarrow.parquet as pq

    with (
        _random_access(file) as handle,
        Progress(file.source, "not a sound Parquet file", "write it again") as rows,
        pq.ParquetFile(handle, pre_buffer=False, buffer_size=_PAGE_BUFFER) as parquet,
    ):
        wanted = numbers if numbers is not None else range(parquet.num_row_groups)
        rows.advance(sum(parquet.metadata.row_group(number).num_rows for number in range(wanted.start)))
        for number in wanted:
            group = parquet.metadata.row_group(number)
            size = rows_at_once(group.num_rows, group.total_byte_size)
            for batch in parquet.iter_batches(batch_size=size, row_groups=[number]):
                yield rows.batch(pa.Table.from_batches([batch]), parquet.metadata.num_rows)


@reader(name="arrow", suffixes=[".arrow", ".feather", ".ipc"], magic=[b"ARROW1", b"\xff\xff\xff\xff"])
def read_arrow(file: InputFile) -> Iterator[Batch]:
    """Read Arrow IPC, as a file (Feather, too) or as a stream."""
    with Progress(file.source, "not sound Arrow data", "write it again") as rows:
        if not file.peek(6).startswith(b"ARROW1"):
            with pa.ipc.open_stream(file) as stream:
                yield from rows.batches(stream)
            return
        with _random_access(file) as handle, pa.ipc.open_file(handle) as indexed:
            yield from rows.batches(indexed.get_batch(i) for i in range(indexed.num_record_batches))


@contextmanager
def _random_access(file: InputFile) -> Iterator[Any]:
    """Return a file that can be read from any place. What is packed or comes from a stream is held in memory."""
    if file.is_plain:
        with pa.OSFile(os.fsencode(str(file.source.path))) as handle:
            yield handle
    else:
        yield pa.BufferReader(file.read())


def rows_at_once(rows: int, size: int) -> int:
    """Return how many rows make a batch, if `rows` have `size` bytes."""
    return max(1, min(MAX_ROWS, BATCH_BYTES * rows // max(size, 1)))


class Progress:
    """Counts the rows of a source: cuts tables into batches, and says how many rows came before an error."""

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
        """Count rows; return the number of the first of them, from 1."""
        self._done += rows
        return self._done - rows + 1

    def batches(self, record_batches: Iterable[pa.RecordBatch]) -> Iterator[Batch]:
        """Cut record batches, which may be of any size, into batches."""
        for batch in record_batches:
            size = rows_at_once(batch.num_rows, batch.nbytes)
            for start in range(0, batch.num_rows, size):
                yield self.batch(pa.Table.from_batches([batch.slice(start, size)]))

    def batch(self, table: pa.Table, total: int = 0) -> Batch:
        """Return the next rows as a batch; `total` is the number of all rows, if it is known."""
        count = table.num_rows
        lines = np.arange(count) + self.advance(count)
        table = table.rename_columns(name_columns(table.column_names))
        table, lines, unreadable = _without_bad_texts(self._source, table, lines)
        place = Place(self._source.name, pa.array(lines), None, self._source.kind)
        consumed = self._source.size * count // total if total else 0
        return Batch(place, table=table, unreadable=unreadable, consumed=consumed)


def _without_bad_texts(source: Source, table: pa.Table, lines: Any) -> tuple[pa.Table, Any, list[Unreadable]]:
    """Set rows aside that have a text that is not UTF-8. Raises `ArrowInvalid` for any other damage."""
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
    """Return, by row, the first column whose text is not UTF-8, and its bytes."""
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
