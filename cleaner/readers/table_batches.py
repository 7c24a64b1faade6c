"""Arrow tables cut into batches: rows counted, rows that cannot be read set aside, memory bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.errors import InputError
from ..records.column_values import name_columns
from ..records.extra_fields import encode_json
from ..records.loader import Place
from . import batches
from .batches import BATCH_BYTES, MAX_ROWS, Batch, Unreadable
from .source import reason_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .source import Source

Problem = tuple[str, str, bytes]  # check, message and bytes of a row that is set aside
_SHOWN = 1000  # characters of each text of a row that is too large
_COPIES = 256 << 20  # bytes that the values of a batch may take once each row has its own


def rows_at_once(rows: int, size: int, shared: int = 0) -> int:
    """Return how many rows make a batch, if `rows` have `size` bytes, and each `shared` bytes of values in common."""
    return max(1, min(MAX_ROWS, BATCH_BYTES * rows // max(size, 1), _COPIES // max(shared, 1)))


def shared_bytes(column: pa.Array) -> int:
    """Return the bytes that a row of a column may have in values that its rows share, 0 if each has its own."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _longest(column.dictionary)
    if pa.types.is_run_end_encoded(kind):
        return _longest(column.values)
    if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
        # each view has 16 bytes, and begins with the length
        views = np.frombuffer(column.buffers()[1] or b"", np.int32)[::4]
        return int(views[column.offset : column.offset + len(column)].max(initial=0))
    if pa.types.is_nested(kind) and not pa.types.is_struct(kind):
        return shared_bytes(column.values) if hasattr(column, "values") else 0
    return 0


def _longest(values: pa.Array) -> int:
    is_text = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return pc.max(pc.binary_length(values)).as_py() or 0 if any(is_kind(values.type) for is_kind in is_text) else 0


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

    def batches(self, record_batches: Iterable[pa.RecordBatch], total: int = 0) -> Iterator[Batch]:
        """Cut record batches, which may be of any size, into batches. `total` is the number of all rows, if known."""
        for batch in record_batches:
            batch.validate()  # or sizes are computed from damaged offsets
            size = rows_at_once(batch.num_rows, batch.nbytes, sum(map(shared_bytes, batch.columns)))
            if batch.num_rows <= min(2 * size, MAX_ROWS):
                size = max(batch.num_rows, 1)  # one batch, not a full one and a small rest
            for start in range(0, batch.num_rows, size):
                yield self.batch(pa.Table.from_batches([batch.slice(start, size)]), total)

    def batch(self, table: pa.Table, total: int = 0) -> Batch:
        """Return the next rows as a batch; `total` is the number of all rows, if it is known."""
        count = table.num_rows
        table = table.rename_columns(name_columns(table.column_names))
        lines = np.arange(count) + self._done + 1
        table, lines, unreadable = _without_bad_rows(self._source, table, lines)
        self.advance(count)
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
