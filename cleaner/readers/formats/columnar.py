"""Columns: Parquet and Arrow IPC, read batch by batch. The line of a record is the number of its row."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ....schemas.errors import InputError
from ...records.column_values import name_columns
from ...records.extra_fields import encode_json
from ...records.loader import Place
from .. import batches
from ..batches import BATCH_BYTES, MAX_ROWS, Batch, Unreadable
from ..declare import reader
from ..source import reason_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..source import InputFile, Source

_PAGE_BUFFER = 1 << 20  # bytes of a column that are read ahead
_ALL_BUFFERS = 64 << 20  # bytes that are read ahead of all columns
_IN_MEMORY = 64 << 20  # bytes of a packed file or a stream that are held in memory; more go to a temporary file
_LONGEST = 16 << 30  # bytes of a packed file or a stream that are read
_REWRITE = "write it again"
Problem = tuple[str, str, bytes]  # check, message and bytes of a row that is set aside
_SHOWN = 1000  # characters of each text of a row that is too large


@reader(name="parquet", suffixes=[".parquet"], magic=[b"PAR1"])
def read_parquet(file: InputFile) -> Iterator[Batch]:
    """Read a Parquet file, row group by row group. Only some pages of a row group are in memory at a time."""
    yield from read_row_groups(file, None)


def read_row_groups(file: InputFile, numbers: range | None) -> Iterator[Batch]:
    """Read some row groups of a Parquet file, all if `numbers` is None."""
    import pyarrow.parquet as pq

    if not file.peek(4).startswith(b"PAR1"):
        raise InputError("not a Parquet file (it begins with other bytes)", where=file.source.label, hint=_REWRITE)
    with random_access(file) as handle, Progress(file.source, "not a sound Parquet file", _REWRITE) as rows:
        metadata = pq.ParquetFile(handle).metadata
        buffer = max(min(_PAGE_BUFFER, _ALL_BUFFERS // max(metadata.num_columns, 1)), 1 << 12)
        parquet = pq.ParquetFile(handle, metadata=metadata, pre_buffer=False, buffer_size=buffer)
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
    is_indexed = file.peek(6).startswith(b"ARROW1")
    with ExitStack() as stack:
        handle = stack.enter_context(random_access(file)) if is_indexed else file
        rows = stack.enter_context(Progress(file.source, "not sound Arrow data", _REWRITE))
        if not is_indexed:
            yield from rows.batches(stack.enter_context(pa.ipc.open_stream(handle)))
            return
        indexed = stack.enter_context(pa.ipc.open_file(handle))
        yield from rows.batches(indexed.get_batch(i) for i in range(indexed.num_record_batches))


@contextmanager
def random_access(file: InputFile) -> Iterator[Any]:
    """Return a file that can be read from any place. A packed file or a stream is copied: to memory if it is small.

    Raises `InputError` if it is too large to copy.
    """
    if file.is_plain:
        with pa.OSFile(os.fsencode(str(file.source.path))) as handle:
            yield handle
        return
    data = file.read(_IN_MEMORY)
    if len(data) < _IN_MEMORY:
        yield pa.BufferReader(data)
        return
    with tempfile.TemporaryFile() as copy:
        while data:
            copy.write(data)
            if copy.tell() > _LONGEST:
                hint = "unpack it, or write it to a file, and name that file"
                raise InputError(f"larger than {_LONGEST >> 30} GiB", where=file.source.label, hint=hint)
            data = file.read(BATCH_BYTES)
        copy.seek(0)
        yield pa.PythonFile(copy, mode="r")


def rows_at_once(rows: int, size: int) -> int:
    """Return how many rows make a batch, if `rows` have `size` bytes."""
    return max(1, min(MAX_ROWS, BATCH_BYTES * rows // max(size, 1)))


# What Arrow raises for damaged data: errors of its own and, for names and texts in it, some of Python.
ARROW_ERRORS = (pa.ArrowException, OSError, ValueError, KeyError, OverflowError, MemoryError)


class Progress:
    """Counts the rows of a source: cuts tables into batches, and says how many rows came before an error."""

    def __init__(
        self, source: Source, wrong: str, hint: str, errors: tuple[type[Exception], ...] = ARROW_ERRORS
    ) -> None:
        self._source, self._wrong, self._hint, self._errors = source, wrong, hint, errors
        self._done = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, self._errors):
            after = f" after {self._done:,} rows" if self._done else ""
            what = f"{self._wrong}{after} ({reason_of(error, self._source)})"
            raise InputError(what, where=self._source.label, hint=self._hint) from None

    def advance(self, rows: int) -> int:
        """Count rows; return the number of the first of them, from 1."""
        self._done += rows
        return self._done - rows + 1

    def batches(self, record_batches: Iterable[pa.RecordBatch]) -> Iterator[Batch]:
        """Cut record batches, which may be of any size, into batches."""
        for batch in record_batches:
            batch.validate()  # or sizes are computed from damaged offsets
            size = rows_at_once(batch.num_rows, batch.nbytes)
            for start in range(0, batch.num_rows, size):
                yield self.batch(pa.Table.from_batches([batch.slice(start, size)]))

    def batch(self, table: pa.Table, total: int = 0) -> Batch:
        """Return the next rows as a batch; `total` is the number of all rows, if it is known."""
        count = table.num_rows
        lines = np.arange(count) + self.advance(count)
        table = table.rename_columns(name_columns(table.column_names))
        table, lines, unreadable = _without_bad_rows(self._source, table, lines)
        place = Place(self._source.name, pa.array(lines), None, self._source.kind)
        consumed = self._source.size * count // total if total else 0
        return Batch(place, table=table, unreadable=unreadable, consumed=consumed)


def _without_bad_rows(source: Source, table: pa.Table, lines: Any) -> tuple[pa.Table, Any, list[Unreadable]]:
    """Set rows aside that are too large, or have a text that is not UTF-8.

    Raises `ArrowInvalid` for any other damage.
    """
    problems = _find_bad_texts(table)
    if table.nbytes > batches.MAX_RECORD:
        problems |= _find_large_rows(table)
    if not problems:
        return table, lines, []
    unreadable = []
    for passed, (row, (check, message, raw)) in enumerate(sorted(problems.items())):
        unreadable.append(Unreadable(row - passed, source.name, int(lines[row]), None, raw, check, message))
    kept = np.ones(table.num_rows, np.bool_)
    kept[list(problems)] = False
    return table.filter(pa.array(kept)), lines[kept], unreadable


def _find_bad_texts(table: pa.Table) -> dict[int, Problem]:
    """Return what is wrong with rows that have a text that is not UTF-8. Raises `ArrowInvalid` for any other damage."""
    try:
        table.validate(full=True)
    except pa.ArrowInvalid as error:
        problems: dict[int, Problem] = {}
        for name in table.column_names:
            column = table.column(name)
            if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
                raws = column.cast(pa.large_binary())
                raws.validate(full=True)  # reading it with damaged offsets could crash Python
                for row, raw in _not_utf8(raws):
                    problems.setdefault(row, ("input/encoding", f"the text in {name!r} is not valid UTF-8", raw))
        kept = np.ones(table.num_rows, np.bool_)
        kept[list(problems)] = False
        if not problems:
            raise
        try:
            table.filter(pa.array(kept)).validate(full=True)
        except pa.ArrowInvalid:
            raise error from None
        return problems
    return {}


def _not_utf8(column: pa.ChunkedArray) -> Iterator[tuple[int, bytes]]:
    for row, raw in enumerate(column.to_pylist()):
        try:
            (raw or b"").decode()
        except UnicodeDecodeError:
            yield row, raw


def _find_large_rows(table: pa.Table) -> dict[int, Problem]:
    """Return what is wrong with rows that are larger than a record may be, and the beginnings of their texts."""
    problems: dict[int, Problem] = {}
    for row in range(table.num_rows):
        one = table.slice(row, 1)
        if one.nbytes > batches.MAX_RECORD:
            texts = {name: pc.utf8_slice_codeunits(one.column(name), 0, _SHOWN)[0].as_py() for name in _text_names(one)}
            message = batches.describe_long(f"the row has {one.nbytes:,} bytes")
            problems[row] = (batches.TOO_LARGE, message, encode_json(texts)[: batches.KEPT_BYTES])
    return problems


def _text_names(table: pa.Table) -> list[str]:
    return [
        field.name for field in table.schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
    ]
