"""Parquet files put together from row groups that were written apart, without writing them again.

A row group is the same bytes wherever it stands; only the places in the footer are counted from the file's beginning.
So a process can write its rows as a file of its own, and what stands in that file before and after the footer's
places is copied as it is. Footers are Thrift structs in the compact protocol, of which no more is read here than
where its numbers stand.
"""

from __future__ import annotations

import io
import struct
from typing import IO, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

MAGIC = b"PAR1"
COMPRESSION: dict[str, Any] = {"compression": "zstd", "compression_level": 1}
FOOTERS = ".footers"  # suffix of the file beside a Parquet file in which the footers of its parts wait
_WORD = 4  # bytes of a footer's length
_SIZES = struct.Struct("<QQ")  # of a row group and of its footer
# Types of the compact protocol; of a field that is true or false there is only the header.
_TRUTH, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = (1, 2), 3, 7, 8, 9, 10, 12
_LONG = 15  # in the header of a list: its size follows
_ROWS, _GROUPS, _ORDINAL = (3,), (4,), (4, 7)
# Fields of a footer that are places in the file: of row groups, column chunks, pages, indexes and Bloom filters.
_PLACES = {(4, 5), (4, 1, 2), (4, 1, 4), (4, 1, 6), (4, 1, 3, 9), (4, 1, 3, 10), (4, 1, 3, 11), (4, 1, 3, 14)}
_MAX_ORDINAL = 2**15 - 1


class Field(NamedTuple):
    """A field of a struct: its number and those of the fields that it stands in, and where its value stands."""

    path: tuple[int, ...]
    start: int
    stop: int


def encode_rows(table: pa.Table, name: str) -> dict[str, list[bytes]]:
    """Write a table as one row group; give what it adds to the file `name`, and to that of its footers."""
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, table.schema, **COMPRESSION) as writer:
        if table.num_rows:
            writer.write_table(table.combine_chunks(), row_group_size=table.num_rows)
    data = sink.getvalue().to_pybytes()
    end = len(data) - _WORD - len(MAGIC)
    start = end - int.from_bytes(data[end : end + _WORD], "little")
    if not table.num_rows:
        return {name: [], f"{name}{FOOTERS}": []}
    body, footer = data[len(MAGIC) : start], data[start:end]
    return {name: [body], f"{name}{FOOTERS}": [_SIZES.pack(len(body), len(footer)), footer]}


def finish_file(file: IO[bytes], footers: IO[bytes], schema: pa.Schema) -> None:
    """Write the end of a Parquet file that holds the magic number and then row groups, whose footers wait apart."""
    groups: list[bytes] = []
    rows, shift = 0, 0
    while sizes := footers.read(_SIZES.size):
        body_size, footer_size = _SIZES.unpack(sizes)
        footer = footers.read(footer_size)
        fields = _find_fields(footer)
        rows += next(_number(footer, field) for field in fields if field.path == _ROWS)
        groups.append(_move(footer, fields, shift, len(groups)))
        shift += body_size
    footer = _footer_of_nothing(schema)
    changes = []
    for field in _find_fields(footer):
        if field.path == _ROWS:
            changes.append((field, _varint(rows << 1)))
        elif field.path == _GROUPS:
            changes.append((field, _list_header(len(groups)) + b"".join(groups)))
    footer = _replace(footer, changes, 0, len(footer))
    file.write(footer + len(footer).to_bytes(_WORD, "little") + MAGIC)


def _footer_of_nothing(schema: pa.Schema) -> bytes:
    sink = io.BytesIO()
    pq.ParquetWriter(sink, schema).close()
    data = sink.getvalue()
    end = len(data) - _WORD - len(MAGIC)
    return data[end - int.from_bytes(data[end : end + _WORD], "little") : end]


def _move(footer: bytes, fields: list[Field], shift: int, ordinal: int) -> bytes:
    """Give the row group of a footer as it is further back in a file, as the group with this number."""
    [whole] = [field for field in fields if field.path == _GROUPS]
    changes = []
    for field in fields:
        if field.path in _PLACES and (place := _number(footer, field)) > 0:
            changes.append((field, _varint((place + shift) << 1)))
        elif field.path == _ORDINAL:
            changes.append((field, _varint(min(ordinal, _MAX_ORDINAL) << 1)))
    return _replace(footer, changes, whole.start + len(_list_header(1)), whole.stop)


def _replace(data: bytes, changes: list[tuple[Field, bytes]], start: int, stop: int) -> bytes:
    parts = []
    for field, value in changes:
        parts += [data[start : field.start], value]
        start = field.stop
    return b"".join([*parts, data[start:stop]])


def _find_fields(data: bytes) -> list[Field]:
    """Give all fields of a struct and of those in it, inner ones first."""
    found: list[Field] = []
    _skip_struct(data, 0, (), found)
    return found


def _skip_struct(data: bytes, at: int, path: tuple[int, ...], found: list[Field]) -> int:
    number = 0
    while header := data[at]:
        at += 1
        if header >> 4:
            number += header >> 4
        else:
            number, at = _read_varint(data, at)
            number >>= 1
        start = at
        at = _skip_value(data, at, header & 15, (*path, number), found)
        found.append(Field((*path, number), start, at))
    return at + 1


def _skip_value(data: bytes, at: int, kind: int, path: tuple[int, ...], found: list[Field]) -> int:
    if kind == _STRUCT:
        return _skip_struct(data, at, path, found)
    if kind in (_LIST, _SET):
        size, kind = data[at] >> 4, data[at] & 15
        at += 1
        if size == _LONG:
            size, at = _read_varint(data, at)
        for _ in range(size):
            at = at + 1 if kind in _TRUTH else _skip_value(data, at, kind, path, found)
        return at
    if kind in _TRUTH:
        return at
    if kind in (_BYTE, _DOUBLE):
        return at + (1 if kind == _BYTE else 8)
    number, at = _read_varint(data, at)
    return at + number if kind == _BINARY else at


def _number(data: bytes, field: Field) -> int:
    return _read_varint(data, field.start)[0] >> 1  # the lowest bit is the sign: places and counts have none


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
        shift += 7


def _varint(number: int) -> bytes:
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def _list_header(size: int) -> bytes:
    """Give the header of a list of structs."""
    return bytes([size << 4 | _STRUCT]) if size < _LONG else bytes([_LONG << 4 | _STRUCT]) + _varint(size)
