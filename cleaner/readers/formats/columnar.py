"""Columns: Parquet and Arrow IPC, read batch by batch. The line of a record is the number of its row."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from ....schemas.errors import InputError
from ..arrow_messages import read_batch_sizes
from ..batches import BATCH_BYTES
from ..declare import reader
from ..table_batches import Progress, rows_at_once, shared_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..batches import Batch
    from ..source import InputFile

_PAGE_BUFFER = 1 << 20  # bytes of a column that are read ahead
_ALL_BUFFERS = 64 << 20  # bytes that are read ahead of all columns
_IN_MEMORY = 64 << 20  # bytes of a packed file or a stream that are held in memory; more go to a temporary file
_LONGEST = 16 << 30  # bytes of a packed file or a stream that are read
_REWRITE = "write it again"
_SMALL_GROUP = 4 << 20  # packed bytes of a row group, up to which it may be a bomb
_MOST_NAMES = 200  # columns whose dictionaries are looked into
_MOST_UNPACKED = 256 << 20  # bytes of a record batch that may be unpacked, whatever its size on disk
_MOST_TIMES = 100  # how often that size a record batch may have once it is unpacked


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
        rows.advance(sum(metadata.row_group(number).num_rows for number in range(wanted.start)))
        for number in wanted:
            group = metadata.row_group(number)
            size = rows_at_once(group.num_rows, group.total_byte_size, _longest_shared(handle, metadata, number))
            yield from rows.batches(parquet.iter_batches(batch_size=size, row_groups=[number]), metadata.num_rows)


def _longest_shared(handle: Any, metadata: Any, number: int) -> int:
    """Return the bytes that a row of a row group may have in values that its rows share.

    A small row group may hold a long value once, and name it in each of its rows: in a dictionary, or as the beginning
    of each value.
    """
    import pyarrow.parquet as pq

    group = metadata.row_group(number)
    chunks = [group.column(i) for i in range(group.num_columns)]
    with_dictionary = [chunk for chunk in chunks if chunk.has_dictionary_page and chunk.physical_type == "BYTE_ARRAY"]
    if sum(chunk.total_compressed_size for chunk in chunks) > _SMALL_GROUP:
        return 0
    shared: int = sum(chunk.total_uncompressed_size for chunk in chunks if "DELTA_BYTE_ARRAY" in chunk.encodings)
    if len(with_dictionary) > _MOST_NAMES:
        # the library would take minutes to look into them; no value is longer than all of its column
        return shared + sum(int(chunk.total_uncompressed_size) for chunk in with_dictionary)
    names = [chunk.path_in_schema for chunk in with_dictionary]
    if names:
        parquet = pq.ParquetFile(
            handle, metadata=metadata, read_dictionary=names, pre_buffer=False, buffer_size=1 << 12
        )
        first = next(parquet.iter_batches(batch_size=1, row_groups=[number], columns=names), None)
        shared += sum(map(shared_bytes, first.columns)) if first is not None else 0
    return shared


@reader(name="arrow", suffixes=[".arrow", ".feather", ".ipc"], magic=[b"ARROW1", b"\xff\xff\xff\xff"])
def read_arrow(file: InputFile) -> Iterator[Batch]:
    """Read Arrow IPC, as a file (Feather, too) or as a stream."""
    is_indexed = file.peek(6).startswith(b"ARROW1")
    with ExitStack() as stack:
        handle = stack.enter_context(random_access(file)) if is_indexed else file
        if file.is_plain and file.source.path is not None:
            with file.source.path.open("rb") as beside:
                _refuse_bombs(beside, 8 if is_indexed else 0, file)
        rows = stack.enter_context(Progress(file.source, "not sound Arrow data", _REWRITE))
        if not is_indexed:
            yield from rows.batches(stack.enter_context(pa.ipc.open_stream(handle)))
            return
        indexed = stack.enter_context(pa.ipc.open_file(handle))
        yield from rows.batches(indexed.get_batch(i) for i in range(indexed.num_record_batches))


def _refuse_bombs(data: BinaryIO, start: int, file: InputFile) -> None:
    """Raise `InputError` for a record batch whose buffers unpack to much more than they are."""
    for size, unpacked in read_batch_sizes(data, start):
        if unpacked > max(_MOST_UNPACKED, _MOST_TIMES * size):
            what = f"a record batch of {size:,} bytes unpacks to {unpacked:,} bytes"
            raise InputError(what, where=file.source.label, hint="write it again, with smaller batches")


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
