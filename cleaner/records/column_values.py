"""Columns of Arrow tables as Python values, and as texts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

_TEXTS = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
)


def python_values(column: pa.ChunkedArray, field: pa.Field) -> list[Any]:
    """Return the values of a column as Python objects: JSON decoded, times in microseconds.

    A value that Python has no object for, such as a date after the year 9999, becomes text.
    """
    try:
        values: list[Any] = _in_microseconds(column).to_pylist()
    except Exception:  # of many kinds: of dates, of time zones, of fields of one name
        values = [_python_value(scalar) for chunk in column.chunks for scalar in chunk]
    return [_decoded(value) for value in values] if _is_json(field) else values


def _in_microseconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of times without nanoseconds, which Python's own times do not have."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return column.cast(pa.timestamp("us", kind.tz), safe=False)
    if pa.types.is_duration(kind) and kind.unit == "ns":
        return column.cast(pa.duration("us"), safe=False)
    return column


def _python_value(scalar: Any) -> Any:
    """Return a value as a Python object, and what cannot be one as text."""
    if not scalar.is_valid:
        return None
    kind = scalar.type
    if isinstance(scalar, (pa.DictionaryScalar, pa.ExtensionScalar)):
        return _python_value(scalar.value)
    if pa.types.is_struct(kind):
        names = name_columns([_name(kind.field(i)) for i in range(kind.num_fields)])
        return {name: _python_value(scalar[i]) for i, name in enumerate(names)}
    if pa.types.is_map(kind):
        pairs = scalar.values
        return [[_python_value(pair[0]), _python_value(pair[1])] for pair in pairs]
    if pa.types.is_nested(kind):
        return [_python_value(value) for value in scalar.values]
    try:
        return scalar.as_py()
    except Exception:  # as above
        return _time_as_text(scalar)


def _name(field: pa.Field) -> str:
    try:
        return str(field.name)
    except UnicodeDecodeError:
        return ""


def _time_as_text(scalar: Any) -> Any:
    """Return a time that Python has no object for, or whose zone it does not know."""
    kind = scalar.type
    if pa.types.is_timestamp(kind):
        moment = np.datetime64(scalar.value, kind.unit)
        day = moment.astype("datetime64[D]")  # the bounds do not fit into nanoseconds
        if _has_zone(kind) and np.datetime64("0001-01-02") < day < np.datetime64("9999-12-30"):
            return moment.astype("datetime64[us]").astype(dt.datetime).replace(tzinfo=dt.timezone.utc)
        return str(moment)
    return str(scalar.cast(pa.string()))


def _has_zone(kind: pa.TimestampType) -> bool:
    """Return whether a type of times has a zone. Such times are stored in UTC, so the zone itself does not matter."""
    try:
        return kind.tz is not None
    except UnicodeDecodeError:
        return True


def _decoded(value: Any) -> Any:
    """Return what a JSON text holds, or the text itself if it is not JSON."""
    try:
        return msgspec.json.decode(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value


def _is_json(field: pa.Field) -> bool:
    """Return whether a column is declared to hold JSON. Some versions of pyarrow have no type for that."""
    declared = (field.metadata or {}).get(b"ARROW:extension:name", b"").decode("utf-8", "replace")
    return bool(getattr(field.type, "extension_name", declared) == "arrow.json")


def text_column(column: pa.ChunkedArray) -> pa.LargeStringArray | None:
    """Return a column of texts, or of bytes that are UTF-8, as one array of texts; None for any other column."""
    if pa.types.is_dictionary(column.type):
        # Arrow cannot take every kind of text from a dictionary
        parts = [text_column(pa.chunked_array([chunk.dictionary])) for chunk in column.chunks]
        taken = [part.take(chunk.indices) for part, chunk in zip(parts, column.chunks, strict=True) if part is not None]
        return _joined(taken) if len(taken) == len(parts) else None
    if not any(is_kind(column.type) for is_kind in _TEXTS):
        return None
    try:
        return _joined(column.cast(pa.large_string()).chunks)
    except pa.ArrowInvalid:
        return None


def _joined(chunks: list[pa.LargeStringArray]) -> pa.LargeStringArray:
    return chunks[0] if len(chunks) == 1 else pa.concat_arrays(chunks) if chunks else pa.array([], pa.large_string())


def name_columns(names: list[str]) -> list[str]:
    """Return a unique name for each column; none is empty.

    >>> name_columns(["", "text", "text"])
    ['column_1', 'text', 'text_2']
    """
    present = set(names)
    taken: set[str] = set()
    copies: dict[str, int] = {}  # the last number that a name was given
    unique = []
    for number, name in enumerate(names, 1):
        base = candidate = name or f"column_{number}"
        while candidate in taken or (candidate != name and candidate in present):
            copies[base] = copies.get(base, 1) + 1
            candidate = f"{base}_{copies[base]}"
        taken.add(candidate)
        unique.append(candidate)
    return unique
