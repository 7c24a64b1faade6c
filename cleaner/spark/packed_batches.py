"""Batches that were cleaned, each as one row of a data frame: Spark keeps and sends them, and looks into none.

What Spark itself needs stands in columns: what is counted, and the keys by which duplicates are found. All else is
packed, as Arrow or as pickles, and unpacked by the tasks that make articles, edits and quarantine of it.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ...schemas.checks.seen import DuplicateIndex
from ...schemas.checks.text.minhash import dump_sketch
from ..runs.quarantine_entries import rejected_entry, unreadable_entry, unreadable_reason
from ..runs.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...schemas.byte_arrays import Ints, Mask
    from ...schemas.checks.seen import Keys
    from ...schemas.reasons import Reason, Reasons
    from ..api import CheckedBatch
    from ..readers.batches import Batch
    from ..records.loader import Records

ROW, POSITION = "__row", "__position"
"""Columns of a data frame: a number that no other record has, and the record's place in the order of the input."""
PLACE_BITS, BATCH_BITS = 22, 20
"""Bits of a record's number: its place in its batch, the place of that in its task, and then the number of the task."""
_RECORD = [(ROW, pa.int64()), (POSITION, pa.int64())]
_KEYS = pa.list_(pa.struct([*_RECORD, ("kind", pa.string()), ("hash", pa.int64())]))
_SKETCHES = pa.list_(pa.struct([*_RECORD, ("sketch", pa.large_binary())]))
PACKED = ("articles", "edits", "entries", "about")
ROWS = pa.schema(
    [
        ("batch", pa.int64()),
        ("read", pa.int64()),
        ("keys", _KEYS),
        ("sketches", _SKETCHES),
        *((name, pa.large_binary()) for name in PACKED),
    ]
)
"""What a task gives for each batch."""
_PACKING = pa.ipc.IpcWriteOptions(compression="zstd")


class DeferredRecords(DuplicateIndex):
    """Says of every record that it came before, and keeps the keys by which that is found out."""

    def __init__(self) -> None:
        self.keys: dict[str, Keys] = {}
        self.sketches: list[Any] | None = None

    def known(self, kind: str, keys: Keys) -> Mask:
        """Say of all that have a key that they came before."""
        self.keys[kind] = keys
        found: Mask = keys.present.copy()
        return found

    def near(self, sketches: list[Any]) -> Mask:
        """Say of all that have a sketch that they are near an earlier one."""
        self.sketches = sketches
        return np.array([one is not None for one in sketches], np.bool_)


@dataclass(frozen=True)
class LoadedRecords:
    """Records that a task has read, with the place of each in its batch and in the order of the input.

    Both have those of the records first, then those of what could not be read. Without `positions`, the order of the
    input is that of batches and places.
    """

    batch: Batch
    records: Records
    places: Ints
    positions: Ints | None = None


@dataclass(frozen=True)
class PackedContext:
    """What is known of the records of a batch, those that could not be read behind the others."""

    rows: Ints
    positions: Ints
    reasons: Reasons
    """Those of the records that were read; they have those of duplicates if they have a key at all."""
    lost: list[Reason]
    """Why the others could not be read."""
    entries: Ints
    """Of which records there are entries for quarantine."""
    totals: Totals
    """What is known already."""


def pack(number: int, loaded: LoadedRecords, checked: CheckedBatch, seen: DeferredRecords) -> pa.RecordBatch:
    """Return a batch as a row of `ROWS`. It was checked with `seen`: as if all its records came before."""
    batch, records = loaded.batch, loaded.records
    totals = Totals(read=records.count + len(batch.unreadable))
    totals.add_input(records, batch)
    totals.add_failures(checked.failures)
    rows = (number << PLACE_BITS) + loaded.places
    positions = rows if loaded.positions is None else loaded.positions
    may_go = np.flatnonzero(~checked.accepted).tolist()
    entries = [rejected_entry(batch, records, row, []) for row in may_go]
    entries += [unreadable_entry(item, []) for item in batch.unreadable]
    of = np.array([*may_go, *range(records.count, totals.read)], np.int64)
    lost = [unreadable_reason(item) for item in batch.unreadable]
    columns = {
        "batch": number,
        "read": totals.read,
        "articles": _dump(checked.articles),
        "edits": _dump(checked.edits),
        "entries": _dump(pa.table({"entry": pa.array(entries, pa.large_binary())})),
        "about": pickle.dumps(PackedContext(rows, positions, checked.reasons, lost, of, totals)),
    }
    arrays = {name: pa.array([value], ROWS.field(name).type) for name, value in columns.items()}
    arrays["keys"] = _keys(seen.keys, rows, positions)
    arrays["sketches"] = _sketches(seen.sketches, rows, positions)
    return pa.RecordBatch.from_pydict(arrays, ROWS)


class Unpacked:
    """A batch as `pack` has packed it, given back as far as it is asked for."""

    def __init__(self, packed: Mapping[str, pa.Scalar]) -> None:
        """Take the columns `PACKED` of a row."""
        self._packed = packed
        self.about: PackedContext = pickle.loads(packed["about"].as_buffer())

    @cached_property
    def articles(self) -> pa.Table:
        """All articles, with no flags."""
        return _load(self._packed["articles"])

    @cached_property
    def edits(self) -> pa.Table:
        """Their edits."""
        return _load(self._packed["edits"])

    @cached_property
    def entries(self) -> pa.Array:
        """What would stand in quarantine, without reasons: of all that are turned away, and of those that may be."""
        return _load(self._packed["entries"]).column("entry").combine_chunks()


def _dump(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_PACKING) as writer:
        writer.write_table(table)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def _load(data: pa.Scalar) -> pa.Table:
    with pa.ipc.open_stream(data.as_buffer()) as found:
        return found.read_all()


def _keys(found: Mapping[str, Keys], rows: Ints, positions: Ints) -> pa.Array:
    """Give all keys of the records, of every kind that a check asked for, as one list."""
    at = [np.flatnonzero(keys.present) for keys in found.values()]
    of = np.concatenate([np.empty(0, np.int64), *at])
    hashes = [keys.hashes[rows] for keys, rows in zip(found.values(), at, strict=True)]
    kinds = pa.array([*found], pa.string()).take(pa.array(np.repeat(np.arange(len(at)), [len(each) for each in at])))
    return _list(_KEYS, [rows[of], positions[of], kinds, np.concatenate([np.empty(0, np.int64), *hashes])])


def _sketches(found: list[Any] | None, rows: Ints, positions: Ints) -> pa.Array:
    """Give the sketches of the records that have one, as one list."""
    at = np.array([row for row, one in enumerate(found or []) if one is not None], np.int64)
    return _list(_SKETCHES, [rows[at], positions[at], [dump_sketch(one) for one in found or [] if one is not None]])


def _list(kind: pa.ListType, columns: list[Any]) -> pa.Array:
    """Give a column that has all of these rows in its one list."""
    arrays = [pa.array(column, field.type) for column, field in zip(columns, kind.value_type, strict=True)]
    structs = pa.StructArray.from_arrays(arrays, fields=list(kind.value_type))
    return pa.ListArray.from_arrays(pa.array([0, len(structs)], pa.int32()), structs)
