"""Parquet files spliced from row groups that were written one by one, without encoding them again.

A row group consists of the same bytes wherever it is in a file. Only the footer depends on its place: it counts the
offsets of row groups, column chunks and pages from the beginning of the file. So a process writes its rows as a file of
their own; its row group is copied into the whole file as it is, and its footer waits in a second file. At the end, one
footer is written for all row groups, with their offsets shifted:

    articles.parquet           PAR1  group 0  group 1  group 2  footer of all  its size  PAR1
    articles.parquet.footers   sizes 0  footer 0  sizes 1  footer 1  sizes 2  footer 2

Footers are Thrift structs in the compact protocol. This module reads only as much of them as it needs to find the
numbers to replace. See https://github.com/apache/parquet-format and Thrift's thrift-compact-protocol.md.
"""

from __future__ import annotations

import io
import struct
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from typing import BinaryIO

    from _typeshed import SupportsRead, SupportsWrite

MAGIC = b"PAR1"
COMPRESSION: dict[str, Any] = {"compression": "zstd", "compression_level": 1}
FOOTERS = ".footers"  # ending of the file beside a Parquet file that holds the footers of its row groups
_WORD = 4  # bytes of the size of a footer
_SIZES = struct.Struct("<QQ")  # the sizes of a row group and of its footer, in bytes
# Types of the compact protocol. A boolean field is all in its header: 1 is true, 2 is false.
_BOOLEANS, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = (1, 2), 3, 7, 8, 9, 10, 12
_LONG = 15  # in the header of a list: the size follows as a varint
# Fields by the numbers on the way to them: (4, 1) is field 1 of the structs in the list that is field 4.
_ROWS, _GROUPS, _GROUP_ROWS, _ORDINAL = (3,), (4,), (4, 3), (4, 7)
_PAGES = {(4, 1, 3, 9), (4, 1, 3, 11)}  # fields that hold the offset of the first pages of a column chunk
# Fields that hold an offset in the file: of row groups, column chunks, pages, indexes and Bloom filters.
_OFFSETS = {(4, 5), (4, 1, 2), (4, 1, 4), (4, 1, 6), (4, 1, 3, 9), (4, 1, 3, 10), (4, 1, 3, 11), (4, 1, 3, 14)}
_MAX_ORDINAL = 2**15 - 1
_PART = 1 << 20  # bytes that are copied at once


class Field(NamedTuple):
    """A field of a struct: the numbers of the fields on the way to it, and the bounds of its value in the bytes."""

    path: tuple[int, ...]
    start: int
    stop: int


def encode_rows(table: pa.Table, name: str) -> dict[str, list[bytes]]:
    """Encode a table as one row group; return the bytes to append to the file `name`, and to that of its footers."""
    if not table.num_rows:
        return {name: [], f"{name}{FOOTERS}": []}
    group, footer = _encode(table)
    return {name: [group], f"{name}{FOOTERS}": [_SIZES.pack(len(group), len(footer)), footer]}


def _encode(table: pa.Table) -> tuple[bytes, bytes]:
    """Return a table as the bytes of one row group, and the footer of the file that it would be alone."""
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, table.schema, **COMPRESSION) as writer:
        writer.write_table(table.combine_chunks(), row_group_size=table.num_rows)
    data = sink.getvalue().to_pybytes()
    footer = _footer_of(data)
    return data[len(MAGIC) : len(data) - len(MAGIC) - _WORD - len(footer)], footer


def finish_file(file: SupportsWrite[bytes], footers: SupportsRead[bytes], schema: pa.Schema) -> None:
    """Append the footer of a Parquet file that consists of the magic number and the row groups of `footers`."""
    groups: list[bytes] = []
    rows, shift = 0, 0
    while sizes := footers.read(_SIZES.size):
        group_size, footer_size = _SIZES.unpack(sizes)
        [entry] = read_entries(footers.read(footer_size))
        rows += entry.rows
        groups.append(entry.shifted(shift, len(groups)))
        shift += group_size
    file.write(_file_end(groups, rows, schema))


class GroupEntry(NamedTuple):
    """What a footer says of a row group, and the fields in these bytes."""

    data: bytes
    fields: list[Field]

    @property
    def rows(self) -> int:
        """The number of rows."""
        return next(_number(self.data, field) for field in self.fields if field.path == _GROUP_ROWS)

    @property
    def start(self) -> int:
        """Where the row group begins in its file."""
        offsets = [_number(self.data, field) for field in self.fields if field.path in _PAGES]
        return min(offset for offset in offsets if offset > 0)

    def shifted(self, shift: int, ordinal: int) -> bytes:
        """Return it for the row group `shift` bytes further back in a file, as the group number `ordinal`."""
        changes = []
        for field in self.fields:
            if field.path in _OFFSETS and (offset := _number(self.data, field)) > 0:
                changes.append((field, _encode_number(offset + shift)))
            elif field.path == _ORDINAL:
                changes.append((field, _encode_number(min(ordinal, _MAX_ORDINAL))))
        return _replace(self.data, changes, 0, len(self.data))


def read_entries(footer: bytes) -> list[GroupEntry]:
    """Return what a footer says of each row group."""
    [groups] = [field for field in find_fields(footer) if field.path == _GROUPS]
    size, at = footer[groups.start] >> 4, groups.start + 1
    if size == _LONG:
        size, at = _read_varint(footer, at)
    entries = []
    for _ in range(size):
        fields: list[Field] = []
        stop = _walk_struct(footer, at, _GROUPS, fields)
        own = [Field(field.path, field.start - at, field.stop - at) for field in fields]
        entries.append(GroupEntry(footer[at:stop], own))
        at = stop
    return entries


class SplicedFile:
    """A Parquet file made of row groups of another one, which are copied as they are, and of new ones."""

    def __init__(self, file: BinaryIO, source: BinaryIO, schema: pa.Schema) -> None:
        self._file, self._source, self._schema = file, source, schema
        self._groups: list[bytes] = []
        self._rows = 0
        self._entries, end = _read_footer(source)
        self._starts = [*(entry.start for entry in self._entries), end]
        file.write(MAGIC)

    @cached_property
    def can_copy(self) -> bool:
        """Whether row groups can be copied: they have the columns of the schema, and follow each other in the source.

        Files that copydesk of this version has written are like that.
        """
        empty = io.BytesIO()
        pq.ParquetWriter(empty, self._schema).close()
        self._source.seek(0)
        has_columns: bool = pq.ParquetFile(self._source).schema.equals(pq.ParquetFile(empty).schema)
        return has_columns and self._starts[0] == len(MAGIC) and all(a < b for a, b in pairwise(self._starts))

    def copy(self, number: int) -> None:
        """Copy a row group of the source."""
        start, stop = self._starts[number : number + 2]
        self._append(self._entries[number], start)
        self._source.seek(start)
        while start < stop and (part := self._source.read(min(stop - start, _PART))):
            self._file.write(part)
            start += len(part)

    def add(self, table: pa.Table) -> None:
        """Write a table as a row group, unless it is empty."""
        if table.num_rows:
            group, footer = _encode(table)
            [entry] = read_entries(footer)
            self._append(entry, len(MAGIC))
            self._file.write(group)

    def _append(self, entry: GroupEntry, start: int) -> None:
        self._groups.append(entry.shifted(self._file.tell() - start, len(self._groups)))
        self._rows += entry.rows

    def finish(self) -> None:
        """Write the footer."""
        self._file.write(_file_end(self._groups, self._rows, self._schema))


def _read_footer(file: BinaryIO) -> tuple[list[GroupEntry], int]:
    """Return what the footer of a file says of each row group, and where the last one ends."""
    stop = file.seek(-_WORD - len(MAGIC), io.SEEK_END)
    size = int.from_bytes(file.read(_WORD), "little")
    file.seek(stop - size)
    return read_entries(file.read(size)), stop - size


def _file_end(groups: list[bytes], rows: int, schema: pa.Schema) -> bytes:
    """Return what follows the row groups in a file: the footer, its size, and the magic number."""
    footer = _empty_footer(schema)
    changes = []
    for field in find_fields(footer):
        if field.path == _ROWS:
            changes.append((field, _encode_number(rows)))
        elif field.path == _GROUPS:
            changes.append((field, _list_header(len(groups)) + b"".join(groups)))
    footer = _replace(footer, changes, 0, len(footer))
    return footer + len(footer).to_bytes(_WORD, "little") + MAGIC


def _footer_of(data: bytes) -> bytes:
    """Return the footer of a Parquet file: it is followed by its size and the magic number."""
    stop = len(data) - _WORD - len(MAGIC)
    return data[stop - int.from_bytes(data[stop : stop + _WORD], "little") : stop]


def _empty_footer(schema: pa.Schema) -> bytes:
    """Return the footer of a file without rows."""
    sink = io.BytesIO()
    pq.ParquetWriter(sink, schema).close()
    return _footer_of(sink.getvalue())


def _replace(data: bytes, changes: list[tuple[Field, bytes]], start: int, stop: int) -> bytes:
    """Return the bytes from `start` to `stop` with the values of some fields, in their order, replaced."""
    parts = []
    for field, value in changes:
        parts += [data[start : field.start], value]
        start = field.stop
    return b"".join([*parts, data[start:stop]])


def find_fields(data: bytes) -> list[Field]:
    """Return all fields of a struct, and of the structs inside it, inner ones first.

    Here, the struct has a number in field 1 and a struct in field 2, whose field 1 is a byte. The header of a field is
    its distance to the field before it and its type: 0x15 is one further, type 5.

    >>> find_fields(bytes([0x15, 0x02, 0x1C, 0x13, 0x07, 0x00, 0x00]))
    [Field(path=(1,), start=1, stop=2), Field(path=(2, 1), start=4, stop=5), Field(path=(2,), start=3, stop=6)]
    """
    fields: list[Field] = []
    _walk_struct(data, 0, (), fields)
    return fields


def _walk_struct(data: bytes, at: int, path: tuple[int, ...], fields: list[Field]) -> int:
    """Add the fields of the struct that begins at `at`; return where it ends. A zero byte ends a struct."""
    number = 0
    while header := data[at]:
        at += 1
        if header >> 4:
            number += header >> 4
        else:  # too far from the field before it: the number itself follows
            number, at = _read_varint(data, at)
            number >>= 1
        start = at
        at = _walk_value(data, at, header & 15, (*path, number), fields)
        fields.append(Field((*path, number), start, at))
    return at + 1


def _walk_value(data: bytes, at: int, kind: int, path: tuple[int, ...], fields: list[Field]) -> int:
    """Add the fields of the structs in a value; return where it ends."""
    if kind == _STRUCT:
        return _walk_struct(data, at, path, fields)
    if kind in (_LIST, _SET):
        size, kind = data[at] >> 4, data[at] & 15
        at += 1
        if size == _LONG:
            size, at = _read_varint(data, at)
        for _ in range(size):
            at = at + 1 if kind in _BOOLEANS else _walk_value(data, at, kind, path, fields)
        return at
    if kind in _BOOLEANS:
        return at
    if kind in (_BYTE, _DOUBLE):
        return at + (1 if kind == _BYTE else 8)
    number, at = _read_varint(data, at)
    return at + number if kind == _BINARY else at


def _number(data: bytes, field: Field) -> int:
    """Return the value of a number field. The lowest bit is the sign, and offsets and counts are not negative."""
    return _read_varint(data, field.start)[0] >> 1


def _encode_number(number: int) -> bytes:
    """Return the value of a number field that is not negative."""
    return _varint(number << 1)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Read a number of 7 bits a byte, the lowest first; return it and where it ends. The last byte is below 128."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
        shift += 7


def _varint(number: int) -> bytes:
    """Return a number in 7 bits a byte.

    >>> _varint(300).hex()
    'ac02'
    """
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def _list_header(size: int) -> bytes:
    """Return the header of a list of structs."""
    return bytes([size << 4 | _STRUCT]) if size < _LONG else bytes([_LONG << 4 | _STRUCT]) + _varint(size)
