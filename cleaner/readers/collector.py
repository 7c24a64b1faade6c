"""Single records collected into batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ..records.loader import Place
from . import batches
from .batches import Batch, Unreadable
from .declare import Bad, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OVERHEAD = 64  # bytes of a record beside its values


class BatchCollector:
    """Collects what a reader yields one by one into batches of about `BATCH_BYTES`. A batch has one encoding."""

    def __init__(self, reader: str, *, whole_pages: bool = False, form: str | None = None) -> None:
        self._reader = reader
        self._whole_pages, self._form = whole_pages, form
        self.consumed = 0
        """Bytes on disk that were read since the last batch."""
        self._clear()

    def _clear(self) -> None:
        self._items: list[tuple[Record | Bad, str]] = []
        self._encoding: str | None = None
        self._size = 0

    def add(self, item: Record | Bad, file: str) -> Iterator[Batch]:
        """Add what was read from a file; yield the batch before it, or with it, if that is complete."""
        if isinstance(item, Record):
            if self._encoding not in (None, item.encoding):
                yield from self.flush()
            self._encoding = item.encoding
        self._items.append((item, file))
        self._size += _OVERHEAD + _size_of(item)
        if self._size >= batches.BATCH_BYTES:
            yield from self.flush()

    def flush(self) -> Iterator[Batch]:
        """Yield what was collected, if anything."""
        if self._items:
            batch = collect(self._items, self._reader, whole_pages=self._whole_pages, form=self._form)
            batch.consumed, self.consumed = self.consumed, 0
            self._clear()
            yield batch


def collect(
    items: Iterable[tuple[Record | Bad, str]], reader: str, *, whole_pages: bool = False, form: str | None = None
) -> Batch:
    """Return items as one batch; each comes with the name of the file that it was read from."""
    records: list[Record] = []
    files: list[str] = []
    unreadable: list[Unreadable] = []
    for item, file in items:
        name = file if item.file is None else item.file
        if isinstance(item, Bad):
            place = (name, item.line, item.byte_offset)
            unreadable.append(Unreadable(len(records), *place, item.raw, item.check, item.message))
        else:
            records.append(item)
            files.append(name)
    is_one_file = len(set(files)) == 1 and all(record.file is None for record in records)
    raws = [record.raw for record in records]
    ids = [record.warc_record_id for record in records]
    place_of_all = Place(
        files[0] if is_one_file else files,
        _numbers([record.line for record in records]),
        _numbers([record.byte_offset for record in records]),
        reader,
        records[0].encoding if records else "utf-8",
        ids if any(ids) else None,
        whole_pages,
        form,
    )
    rows = [dict(record.fields) for record in records]
    return Batch(place_of_all, rows, raw=raws.__getitem__, unreadable=unreadable)


def _numbers(values: list[int | None]) -> pa.Array | None:
    if values and all(value is None for value in values):
        return None
    return pa.array(values, pa.int64())


def _size_of(item: Record | Bad) -> int:
    """Return the bytes of a record, or the lengths of its texts if its bytes are not kept."""
    if item.raw is not None:
        return len(item.raw)
    values: Any = item.fields.values() if isinstance(item, Record) else ()
    return sum(len(value) for value in values if isinstance(value, (str, bytes)))
