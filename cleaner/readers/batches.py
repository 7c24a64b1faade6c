"""Batches of raw records: what readers make of a source."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    from ..records.loader import Place
    from .source import Source
    from .text_encodings import Readable

BATCH_BYTES = 4 << 20
MAX_ROWS = 2048  # of a batch of a table
MAX_RECORD = 64 << 20
"""Bytes that a record may have, unpacked: see `limit_records`. Cleaning takes several times as much memory."""
KEPT_BYTES = 1 << 16
"""Bytes that are kept of a record that is longer."""
TOO_LARGE = "input/too-large"


def limit_records(size: int) -> None:
    """Set the bytes that a record may have, in this process. A longer one is set aside with its reason."""
    global MAX_RECORD
    MAX_RECORD = size


@dataclass(frozen=True)
class Unreadable:
    """A record that could not be read: its bytes as they were, and what is wrong with them."""

    position: int
    """Number of readable records of the batch that come before it."""
    file: str
    line: int | None
    byte_offset: int | None
    raw: bytes
    check: str
    message: str


def _no_bytes(_row: int) -> None:
    """Return None: the bytes of records are not kept."""


@dataclass
class Batch:
    """Raw records of one or more files, as Python objects or an Arrow table, and those that could not be read."""

    place: Place
    rows: list[dict[str, Any]] | None = None
    table: pa.Table | None = None
    raw: Callable[[int], bytes | None] = _no_bytes
    """Returns the bytes of a record. It can be pickled, like the rest of a batch."""
    unreadable: list[Unreadable] = field(default_factory=list)
    consumed: int = 0
    """Bytes on disk that were read for this batch, roughly, for the progress bar."""
    known_size: int | None = None
    """Bytes of its records, if they are known already."""

    @property
    def size(self) -> int:
        """Bytes of its records in memory, roughly."""
        if self.known_size is not None:
            return self.known_size
        if self.table is not None:
            return int(self.table.nbytes)
        known = sum(len(self.raw(row) or b"") for row in range(len(self.rows or ())))
        return known + sum(len(item.raw) for item in self.unreadable)

    def in_order(self, rows: Iterable[int]) -> Iterable[int | Unreadable]:
        """Yield some rows, and what could not be read between them, in the order of the input."""
        unreadable = iter(self.unreadable)
        following = next(unreadable, None)
        for row in rows:
            while following is not None and following.position <= row:
                yield following
                following = next(unreadable, None)
            yield row
        while following is not None:
            yield following
            following = next(unreadable, None)

    def parse(self) -> Batch:
        """Return itself: it is parsed already, unlike an `UnparsedBatch`."""
        return self

    def sample(self) -> Batch:
        """Return itself."""
        return self

    def record(self, row: int) -> dict[str, Any]:
        """Return a record as Python objects."""
        if self.rows is not None:
            return self.rows[row]
        return {name: values[row] for name, values in self._columns.items()}

    @cached_property
    def _columns(self) -> dict[str, list[Any]]:
        """The columns of the table as Python objects."""
        from ..records.column_values import python_values

        assert self.table is not None
        return {column.name: python_values(self.table.column(column.name), column) for column in self.table.schema}

    def names_of(self, row: int) -> Iterable[str]:
        """Return the names of the fields of a record."""
        return self.rows[row] if self.rows is not None else self.table.column_names if self.table is not None else ()

    def is_like(self, other: Batch) -> bool:
        """Return whether another batch was read in the same way, so that one batch can hold the records of both."""
        return _way_of_reading(self.place) == _way_of_reading(other.place)

    def with_partition(self, source: Source) -> Batch:
        """Add the columns that the folders of a source are named for, unless the records have them."""
        for row in self.rows or []:
            for name, value in source.partition:
                row.setdefault(name, value)
        if self.table is not None and source.partition:
            import pyarrow as pa  # not needed to find sources

            for name, value in source.partition:
                if name not in self.table.column_names:
                    column = pa.repeat(pa.scalar(value, pa.large_string()), self.table.num_rows)
                    self.table = self.table.append_column(name, column)
        return self


def _way_of_reading(place: Place) -> tuple[str, str, bool, bool, bool]:
    has = (place.line is None, place.byte_offset is None, place.warc_record_id is None)
    return place.reader, place.encoding, *has


@dataclass(frozen=True)
class UnparsedBatch(ABC):
    """A stretch of a file that is not parsed yet, so that a worker can do it. Sizes are bytes of the unpacked file."""

    source: Source
    line: int
    offset: int
    size: int
    data: bytes | None
    """The bytes themselves; None: they are read from the file when they are needed."""
    encoding: str | None = None
    consumed: int = 0
    """Bytes on disk that were read for it, roughly."""

    @property
    def end_line(self) -> int:
        """The number of the line after it."""
        return self.line + (self.data or b"").count(b"\n")

    def sample(self) -> Batch | UnparsedBatch:
        """Return its first records, or itself if they cannot be told from the others."""
        return self

    @abstractmethod
    def parse(self) -> Batch:
        """Parse the bytes. Raises `InputError` if the file has changed."""

    def load(self) -> bytes:
        """Return the bytes, read from the file if need be. Raises `InputError` if they are no longer there."""
        if self.data is not None:
            return self.data
        with self.opened() as file:
            data = _read_fully(file, self.size)
        if len(data) < self.size:
            raise self.source.changed()
        return data

    @contextmanager
    def opened(self) -> Iterator[Readable]:
        """Open the file to read these bytes of it again. Raises `InputError` if that fails."""
        assert self.source.path is not None
        try:
            with self.source.path.open("rb") as file:
                file.seek(self.offset)
                yield _Stretch(file, self.size)
        except OSError:
            raise self.source.changed() from None


class _Stretch:
    """The next bytes of a file, as many as `size`."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, or all that are left."""
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


def join_small(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Join the records of small files, so that thousands of files are not cleaned one by one."""
    held: list[Batch] = []
    room = 0
    for batch in batches:
        size = batch.size if batch.rows is not None and isinstance(batch.place.file, str) else BATCH_BYTES
        alone = size > BATCH_BYTES // 2
        if held and (alone or size > room or not held[0].is_like(batch)):
            yield _joined(held)
            held = []
        if alone:
            yield batch
            continue
        room = (room if held else BATCH_BYTES) - size
        held.append(batch)
    if held:
        yield _joined(held)


def _joined(batches: list[Batch]) -> Batch:
    if len(batches) == 1:
        return batches[0]
    from ..records.loader import Place, concatenated

    first = batches[0].place
    place = Place(
        [str(batch.place.file) for batch in batches for _ in batch.rows or ()],
        concatenated([batch.place.line for batch in batches]),
        concatenated([batch.place.byte_offset for batch in batches]),
        first.reader,
        first.encoding,
        [one for batch in batches for one in batch.place.warc_record_id or ()] or None,
        first.whole_pages,
        first.form,
    )
    rows: list[dict[str, Any]] = []
    raws: list[bytes | None] = []
    unreadable: list[Unreadable] = []
    for batch in batches:
        unreadable += [replace(item, position=item.position + len(rows)) for item in batch.unreadable]
        raws += [batch.raw(row) for row in range(len(batch.rows or ()))]
        rows += batch.rows or ()
    consumed = sum(batch.consumed for batch in batches)
    return Batch(place, rows, raw=raws.__getitem__, unreadable=unreadable, consumed=consumed)


class LongLine(NamedTuple):
    """A line that is longer than `MAX_RECORD`: the first bytes of it, and how many it has with its line end."""

    head: bytes
    size: int

    @property
    def message(self) -> str:
        """What is wrong with it."""
        return describe_long(f"the line has {self.size:,} bytes")


def describe_long(what: str) -> str:
    """Return the message about a record that is too long."""
    return f"{what}; at most {MAX_RECORD:,} are read, and the first {KEPT_BYTES:,} are kept here"


def read_line_chunks(file: Readable, longest: int | None = None) -> Iterator[bytes | LongLine]:
    """Cut a file at line ends into chunks of at most `BATCH_BYTES`; a longer line is in one of twice that, and so on.

    A line that is longer than `longest` (by default `MAX_RECORD`) is skipped, with a `LongLine` in its place.
    The end of a chunk depends on its beginning alone, so reading can go on at the end of any of them.
    """
    longest = MAX_RECORD if longest is None else longest
    held = b""
    limit = BATCH_BYTES
    while True:
        held += _read_fully(file, limit - len(held))
        if len(held) < limit:
            break
        cut = held.rfind(b"\n", 0, limit) + 1
        if cut:
            yield held[:cut]
            held, limit = held[cut:], BATCH_BYTES
        elif limit < longest:
            limit = min(2 * limit, longest)
        else:
            line, held = _skip_line(file, held)
            yield line
            limit = BATCH_BYTES
    if held:
        yield held


def _read_fully(file: Readable, size: int) -> bytes:
    """Read `size` bytes, less only at the end of the file."""
    parts = []
    while size > 0 and (data := file.read(size)):
        parts.append(data)
        size -= len(data)
    return b"".join(parts)


def _skip_line(file: Readable, held: bytes) -> tuple[LongLine, bytes]:
    """Read to the end of a line that begins with `held`; return it, and what was read after it."""
    head, size = held[:KEPT_BYTES], len(held)
    while data := file.read(BATCH_BYTES):
        cut = data.find(b"\n") + 1
        if cut:
            return LongLine(head, size + cut), data[cut:]
        size += len(data)
    return LongLine(head, size), b""
