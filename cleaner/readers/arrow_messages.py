"""The messages of Arrow IPC data: how large their buffers are once they are unpacked, without unpacking them.

A message is described by a FlatBuffer, of which only a few numbers are read here. See
https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format and Message.fbs beside it.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTINUATION = 0xFFFFFFFF
_DICTIONARY, _RECORD_BATCH = 2, 3  # kinds of messages
_MOST_METADATA = 64 << 20  # bytes that describe a message
_MOST_BUFFERS = 1_000_000
_LONGEST_BODY = 1 << 48  # bytes of the buffers of a message


def read_batch_sizes(data: BinaryIO, start: int = 0) -> Iterator[tuple[int, int]]:
    """Yield, for each record batch and each dictionary, its bytes in the file and those of its unpacked buffers.

    The messages begin at `start`. What is damaged, or no message, ends them: the library says what is wrong with it.
    """
    at = start
    while True:
        data.seek(at)
        prefix = data.read(8)
        if len(prefix) < 8:
            return
        first, size = struct.unpack("<Ii", prefix)
        if first != _CONTINUATION:  # as versions before 0.15 wrote it
            at, size = at - 4, first
        if not 0 < size <= _MOST_METADATA:
            return
        data.seek(at + 8)
        try:
            length, places = _read_message(data.read(size))
        except (struct.error, IndexError, ValueError):
            return
        body = at + 8 + size
        at = body + length
        if places:
            yield length, sum(_unpacked_size(data, body + offset, size) for offset, size in places)


def _unpacked_size(data: BinaryIO, at: int, size: int) -> int:
    """Return the bytes of a packed buffer once it is unpacked: its first 8 bytes name them, or are -1."""
    if size < 8:
        return 0
    data.seek(at)
    prefix = data.read(8)
    named = int.from_bytes(prefix, "little", signed=True)
    return named if len(prefix) == 8 and named > 0 else size


def _read_message(metadata: bytes) -> tuple[int, list[tuple[int, int]]]:
    """Return the bytes of a message's body, and the offset and the size of each packed buffer in it."""
    message = _Table(metadata, _u32(metadata, 0))
    length = message.number(3, "<q")
    if not 0 <= length <= _LONGEST_BODY:
        raise ValueError(length)
    batch = message.table(2)
    kind = message.number(1, "<B")
    if batch is not None and kind == _DICTIONARY:
        batch = batch.table(1)
    if batch is None or kind not in (_DICTIONARY, _RECORD_BATCH) or batch.table(3) is None:
        return length, []
    vector = batch.place(2)
    if not vector:
        return length, []
    vector += _u32(metadata, vector)
    count = _u32(metadata, vector)
    if count > _MOST_BUFFERS:
        raise ValueError(count)
    places: list[tuple[int, int]] = []
    for number in range(count):
        offset, size = struct.unpack_from("<qq", metadata, vector + 4 + 16 * number)
        if not 0 <= offset <= offset + size <= length:
            raise ValueError(offset)
        places.append((offset, size))
    return length, places


class _Table:
    """A table of a FlatBuffer: its fields have numbers."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at
        self._fields = at - struct.unpack_from("<i", data, at)[0]
        if not 0 <= self._fields < len(data):
            raise ValueError(self._fields)

    def place(self, field: int) -> int:
        """Return where a field is, 0 if the table does not have it."""
        size = struct.unpack_from("<H", self._data, self._fields)[0]
        at = 4 + 2 * field
        offset = struct.unpack_from("<H", self._data, self._fields + at)[0] if at < size else 0
        return self._at + int(offset) if offset else 0

    def number(self, field: int, kind: str) -> int:
        """Return the value of a field, 0 if the table does not have it."""
        place = self.place(field)
        return int(struct.unpack_from(kind, self._data, place)[0]) if place else 0

    def table(self, field: int) -> _Table | None:
        """Return the table in a field."""
        place = self.place(field)
        return _Table(self._data, place + _u32(self._data, place)) if place else None


def _u32(data: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", data, at)[0])
