"""Arrow streams of whatever gives one: frames, tables, relations, readers, and iterables of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from ...schemas.errors import SettingError
from ..records.column_values import name_columns
from .batches import MAX_ROWS


def arrow_batches(data: Any) -> Iterator[pa.RecordBatch]:
    """Return the batches of anything with an Arrow stream, or of an iterable of such things, in pieces of `MAX_ROWS`.

    Columns get names of their own where two have the same. Raises `SettingError` for what gives no Arrow stream.
    """
    for batch in _batches(data):
        named = batch
        if len(set(batch.schema.names)) < len(batch.schema.names):
            named = batch.rename_columns(name_columns(batch.schema.names))
        for start in range(0, batch.num_rows, MAX_ROWS):
            piece = named.slice(start, MAX_ROWS)
            _require_sound(piece)
            yield piece


def _require_sound(batch: pa.RecordBatch) -> None:
    """Raise `SettingError` for Arrow data with texts that are not UTF-8, or with offsets that lead outside of it."""
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid as error:
        what = f"not sound Arrow data ({str(error).strip().partition(chr(10))[0]})"
        raise SettingError(what, hint="make the table again, with texts in UTF-8") from None


def _batches(data: Any) -> Iterator[pa.RecordBatch]:
    if hasattr(data, "__arrow_c_stream__"):
        yield from _opened(data)
    elif hasattr(data, "__arrow_c_array__"):
        yield pa.record_batch(data)
    elif hasattr(data, "to_batches"):  # a pyarrow dataset, or a scanner of one
        yield from data.to_batches()
    elif isinstance(data, Iterable) and not isinstance(data, (str, bytes, Mapping)):
        for part in data:
            yield from _batches(part)
    else:
        hint = "pass a pyarrow table, a polars or pandas frame, a DuckDB relation, or batches of one of them"
        if hasattr(data, "collect_batches"):
            hint = "pass what its `collect_batches()` gives"
        elif isinstance(data, Mapping):
            hint = "make a table by pyarrow.Table.from_pylist; of a Hugging Face dataset, pass with_format('arrow')"
        raise SettingError(f"{type(data).__name__} gives no Arrow stream", hint=hint)


def _opened(data: Any) -> pa.RecordBatchReader:
    try:
        return pa.RecordBatchReader.from_stream(data)
    except pa.ArrowInvalid as error:
        # pandas: a column of objects that are not of one kind
        why = " ".join(str(part) for part in error.args)
        raise SettingError(
            f"{type(data).__name__} cannot be read as Arrow ({why})", hint="leave that column out"
        ) from None
