"""Cleaned batches, each packed as one row of a data frame. Spark stores and sends these rows without reading them.

Spark itself needs only a few columns: counts, and the keys that duplicates are found by. The rest is packed as Arrow or
as pickles. The tasks that write articles, edits and quarantine unpack it. The pickles never leave the cluster.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ...schemas.checks.seen import DuplicateIndex, Repeats
from ...schemas.checks.text.minhash import dump_sketch
from ..runs.quarantine_entries import rejected_entry, unreadable_entry, unreadable_reason
from ..runs.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...schemas.byte_arrays import Ints
    from ...schemas.checks.seen import Keys
    from ...schemas.reasons import Reason, Reasons
    from ...schemas.twins import RecordNames
    from ..api import CheckedBatch
    from ..readers.batches import Batch
    from ..records.loader import Records

ROW, POSITION = "__row", "__position"
"""Columns of a data frame: a number that no other record has, and the record's place in the order of the input."""
PLACE_BITS, BATCH_BITS = 22, 20
"""Bits of a record's number: its place in its batch, the place of that in its task, and then the number of the task."""
_RECORD = [(ROW, pa.int64()), (POSITION, pa.int64())]
_KEYS = pa.list_(pa.struct([*_RECORD, ("kind", pa.string()), ("hash", pa.int64())]))
_NAMES = pa.list_(pa.struct([(ROW, pa.int64()), ("id", pa.string()), ("file", pa.string()), ("line", pa.int64())]))
_SKETCHES = pa.list_(pa.struct([*_RECORD, ("sketch", pa.large_binary())]))
PACKED = ("articles", "edits", "entries", "context")
ROWS = pa.schema(
    [
        ("batch", pa.int64()),
        ("read", pa.int64()),
        ("keys", _KEYS),
        ("sketches", _SKETCHES),
        ("names", _NAMES),
        *((name, pa.large_binary()) for name in PACKED),
    ]
)
"""What a task returns for each batch."""
_PACKING = pa.ipc.IpcWriteOptions(compression="zstd")


class DeferredRecords(DuplicateIndex):
    """An index that reports every record as repeated, and keeps the keys that the truth is found by later."""

    def __init__(self) -> None:
        self.keys: dict[str, Keys] = {}
        self.sketches: list[Any] = []
        self.near_kinds: list[str] = []
        self.names: RecordNames | None = None

    def enter(self, names: RecordNames) -> None:
        """Keep the names of the records."""
        self.names = names

    def known(self, kind: str, keys: Keys) -> Repeats:
        """Return True for all records that have a key."""
        self.keys[kind] = keys
        return Repeats(keys.present.copy(), {})

    def near(self, kind: str, sketches: list[Any]) -> Repeats:
        """Return True for all records that have a sketch."""
        self.sketches = sketches
        self.near_kinds.append(kind)
        return Repeats(np.array([one is not None for one in sketches], np.bool_), {})


@dataclass(frozen=True)
class LoadedRecords:
    """Records that a task has read, with the place of each in its batch and in the order of the input.

    In both arrays, unreadable records come after the others. Without `positions`, the order of the input is that of the
    batches and places.
    """

    batch: Batch
    records: Records
    places: Ints
    positions: Ints | None = None


@dataclass(frozen=True)
class PackedContext:
    """What is known about the records of a batch. In its arrays, unreadable records come after the others."""

    rows: Ints
    positions: Ints
    reasons: Reasons
    """Reasons of the readable records. Each record with a key has the reasons of a duplicate."""
    lost: list[Reason]
    """Reasons of the unreadable records."""
    entries: Ints
    """Indexes of the records that have an entry for the quarantine."""
    totals: Totals
    """Counts that do not depend on duplicates."""


def pack(number: int, loaded: LoadedRecords, checked: CheckedBatch, seen: DeferredRecords) -> pa.RecordBatch:
    """Return a batch as a row of `ROWS`. It was checked with `seen`, which reports all records as repeated."""
    batch, records = loaded.batch, loaded.records
    totals = Totals(read=records.count + len(batch.unreadable))
    totals.add_input(records, batch)
    totals.add_misfits(batch.unreadable)
    totals.add_failures(checked.failures)
    rows = (number << PLACE_BITS) + loaded.places
    positions = rows if loaded.positions is None else loaded.positions
    candidates = np.flatnonzero(~checked.accepted).tolist()
    entries = [rejected_entry(batch, records, row, []) for row in candidates]
    entries += [unreadable_entry(item, []) for item in batch.unreadable]
    entry_rows = np.array([*candidates, *range(records.count, totals.read)], np.int64)
    lost = [unreadable_reason(item) for item in batch.unreadable]
    columns = {
        "batch": number,
        "read": totals.read,
        "articles": _dump(checked.articles),
        "edits": _dump(checked.edits),
        "entries": _dump(pa.table({"entry": pa.array(entries, pa.large_binary())})),
        "context": pickle.dumps(PackedContext(rows, positions, checked.reasons, lost, entry_rows, totals)),
    }
    arrays = {name: pa.array([value], ROWS.field(name).type) for name, value in columns.items()}
    arrays["keys"] = _keys(seen.keys, rows, positions)
    arrays["sketches"] = _sketches(seen.sketches, rows, positions)
    arrays["names"] = _list(_NAMES, [rows[: records.count], *seen.names]) if seen.names else pa.array([[]], _NAMES)
    return pa.RecordBatch.from_pydict(arrays, ROWS)


class Unpacked:
    """A batch that `pack` packed. Its parts are unpacked when they are used."""

    def __init__(self, packed: Mapping[str, pa.Scalar]) -> None:
        """Keep the columns `PACKED` of a row."""
        self._packed = packed
        self.context: PackedContext = pickle.loads(packed["context"].as_buffer())

    @cached_property
    def articles(self) -> pa.Table:
        """All articles, without flags."""
        return _load(self._packed["articles"])

    @cached_property
    def edits(self) -> pa.Table:
        """Their edits."""
        return _load(self._packed["edits"])

    @cached_property
    def entries(self) -> pa.Array:
        """Entries for the quarantine, without reasons, of all records that are rejected or may be duplicates."""
        return _load(self._packed["entries"]).column("entry").combine_chunks()


def _dump(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=_PACKING) as writer:
        writer.write_table(table)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def _load(data: pa.Scalar) -> pa.Table:
    with pa.ipc.open_stream(data.as_buffer()) as stream:
        return stream.read_all()


def _keys(keys_by_kind: Mapping[str, Keys], rows: Ints, positions: Ints) -> pa.Array:
    """Return the keys of the records, of every kind that a check asked for, as one list.

    If records 0 and 2 have an id, and record 1 has a URL, the list has the records 0, 2, 1 and the kinds id, id, url.
    """
    none = np.empty(0, np.int64)
    places = [np.flatnonzero(keys.present) for keys in keys_by_kind.values()]
    records = np.concatenate([none, *places])
    hashes = [keys.hashes[place] for keys, place in zip(keys_by_kind.values(), places, strict=True)]
    numbers = np.repeat(np.arange(len(places)), [len(place) for place in places])  # of the kind of each key
    kinds = pa.array([*keys_by_kind], pa.string()).take(pa.array(numbers))
    return _list(_KEYS, [rows[records], positions[records], kinds, np.concatenate([none, *hashes])])


def _sketches(sketches: list[Any], rows: Ints, positions: Ints) -> pa.Array:
    """Return the sketches of the records that have one, as one list."""
    present = [(place, dump_sketch(sketch)) for place, sketch in enumerate(sketches) if sketch is not None]
    places = np.array([place for place, _ in present], np.int64)
    return _list(_SKETCHES, [rows[places], positions[places], [data for _, data in present]])


def _list(kind: pa.ListType, columns: list[Any]) -> pa.Array:
    """Return a column of one list, which has all of these rows."""
    pairs = zip(columns, kind.value_type, strict=True)
    arrays = [
        column.cast(field.type) if isinstance(column, pa.Array) else pa.array(column, field.type)
        for column, field in pairs
    ]
    structs = pa.StructArray.from_arrays(arrays, fields=list(kind.value_type))
    return pa.ListArray.from_arrays(pa.array([0, len(structs)], pa.int32()), structs)
