"""What is read: a source of records, and the batches of raw records that readers cut it into."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    from ..records.loader import Place
    from .source import Readable, Source

BATCH_BYTES = 4 << 20


@dataclass(frozen=True)
class Unreadable:
    """A record that could not be read: what was wrong, and its bytes as they were."""

    position: int
    """Number of readable records of the batch that stand before it."""
    file: str
    line: int | None
    byte_offset: int | None
    raw: bytes
    check: str
    message: str


def _no_bytes(_row: int) -> None:
    """Say that the bytes of a record are not kept."""


@dataclass
class Batch:
    """Raw records of one or more files: Python objects or an Arrow table, and what could not be read."""

    place: Place
    rows: list[dict[str, Any]] | None = None
    table: pa.Table | None = None
    raw: Callable[[int], bytes | None] = _no_bytes
    """Gives the bytes of a record; it can be pickled, as all of a batch can."""
    unreadable: list[Unreadable] = field(default_factory=list)
    consumed: int = 0
    """Bytes on disk that this batch took, about, for the progress bar."""
    known_size: int | None = None
    """Bytes of its records, where they need not be counted."""

    @property
    def size(self) -> int:
        """Bytes of its records in memory, about."""
        if self.known_size is not None:
            return self.known_size
        if self.table is not None:
            return int(self.table.nbytes)
        known = sum(len(self.raw(row) or b"") for row in range(len(self.rows or ())))
        return known + sum(len(item.raw) for item in self.unreadable)

    def in_order(self, rows: Iterable[int]) -> Iterable[int | Unreadable]:
        """Give some rows, and what could not be read between them, in the order of the input."""
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

    def names_of(self, row: int) -> Iterable[str]:
        """Give the names of the fields of a record."""
        return self.rows[row] if self.rows is not None else self.table.column_names if self.table is not None else ()

    def is_like(self, other: Batch) -> bool:
        """Say whether another batch was read in the same way, so that the records of both may stand in one."""
        mine, its = self.place, other.place
        known = [(place.line is None, place.byte_offset is None) for place in (mine, its)]
        return (mine.reader, mine.encoding) == (its.reader, its.encoding) and known[0] == known[1]

    def with_partition(self, source: Source) -> Batch:
        """Add the columns that the folders of a source give, unless the records have them."""
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


def join_small(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Put the records of small files together, so that thousands of files are not cleaned one by one."""
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
    )
    rows: list[dict[str, Any]] = []
    raws: list[bytes | None] = []
    unreadable: list[Unreadable] = []
    for batch in batches:
        own = batch.rows or []
        unreadable += [replace(item, position=item.position + len(rows)) for item in batch.unreadable]
        raws += [batch.raw(row) for row in range(len(own))]
        rows += own
    consumed = sum(batch.consumed for batch in batches)
    return Batch(place, rows, raw=raws.__getitem__, unreadable=unreadable, consumed=consumed)


def read_line_chunks(file: Readable) -> Iterator[bytes]:
    """Cut a file at line ends into chunks of at most `BATCH_BYTES`; a longer line is in one of twice that, and so on.

    The end of a chunk depends on its beginning alone, so reading can go on at the end of any of them.
    """
    held = b""
    limit = BATCH_BYTES
    while True:
        while len(held) < limit and (data := file.read(limit - len(held))):
            held += data
        if len(held) < limit:
            break
        cut = held.rfind(b"\n", 0, limit) + 1
        if cut:
            yield held[:cut]
            held, limit = held[cut:], BATCH_BYTES
        else:
            limit *= 2
    if held:
        yield held
