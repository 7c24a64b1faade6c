"""What the tasks of Spark do, in Arrow alone: raw records in, one row with all that became of it out for each of them.

A row holds the article, its edits and reasons, the quarantine entry where there may be need of one, and the keys by
which duplicates are found afterwards, over the whole data set. What came before in the input no task can know: so
checks are told that every record came before, and what they say of duplicates is taken back where it is not so.
"""

from __future__ import annotations

import base64
import os
import pickle
import tempfile
import zlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.arrow import ARTICLE, EDIT, FLAGS
from ...schemas.cache import VARIABLE, add_files, cache_directory, used_files
from ...schemas.checks.frame import Seen
from ...schemas.checks.near import dump_sketch
from ...schemas.errors import CopydeskError
from ..api import Cleaner, output_rows
from ..judging import load_batch, rejected_entry, unreadable_entry, unreadable_reason
from ..outputs import sizes_of
from ..readers.columns import Progress
from ..records import Loader, Place
from ..sources import Source
from ..templates import LineKeys, Templates
from .splits import read_split, scan_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from ...schemas.checks.keys import Keys
    from ...schemas.reasons import Mask
    from ..lines import Ints
    from ..records import Records
    from ..sources import Batch
    from .splits import Range, Split

ROW, POSITION = "__row", "__position"
"""Columns of a data frame: a number that no other row has, and the row's place in the order of the input."""
MARK = "copydesk-error:"
_KEYS = pa.list_(pa.struct([("kind", pa.string()), ("hash", pa.int64())]))
_ARTICLE = pa.struct([field.with_nullable(True) for field in ARTICLE])
ROWS = pa.schema(
    [
        (ROW, pa.int64()),
        (POSITION, pa.int64()),
        ("id", pa.large_string()),
        ("article", _ARTICLE),
        ("edits", pa.list_(pa.struct(list(EDIT)))),
        ("reasons", FLAGS),
        ("entry", pa.large_string()),
        ("keys", _KEYS),
        ("sketch", pa.large_binary()),
        ("bytes_in", pa.int64()),
        ("characters_in", pa.int64()),
        ("characters_out", pa.int64()),
    ]
)
"""What a task gives for each record. Of one that could not be read, there is no article.

What is counted stands beside the article, which is large, and is read once where it is written.
"""
RECURRING = pa.schema([("host", pa.string()), ("line", pa.int64()), ("count", pa.int64())])
LINES = pa.schema([("number", pa.int64()), ("newlines", pa.int64()), ("first", pa.int64())])
_HALF = 1 << 63  # keys of lines have no sign, and numbers of Spark have one
SPLIT_ROWS = 1 << 32  # numbers that a split has for its records


@dataclass(frozen=True)
class Work:
    """What is to be done: with what, and at which time, for checks to compare dates with."""

    cleaner: Cleaner
    now: datetime


class Packed:
    """Work as bytes, with the compiled rules that it needs: unpacked once in each process."""

    def __init__(self, work: bytes) -> None:
        """Take work that was pickled, once its cleaner has been made ready in this process."""
        self._data = zlib.compress(pickle.dumps((work, used_files())), 1)
        self._key = f"{zlib.crc32(self._data):08x}{len(self._data):x}"

    def load(self) -> Work:
        """Give the work, ready to be done."""
        if self._key not in _loaded:
            work, files = pickle.loads(zlib.decompress(self._data))
            _fill_cache(files)
            _loaded.clear()
            _loaded[self._key] = pickle.loads(work)
        return _loaded[self._key]


_loaded: dict[str, Work] = {}


def _fill_cache(files: dict[str, bytes]) -> None:
    """Put compiled rules where they are looked for; where that cannot be written, somewhere for this process."""
    directory = cache_directory()
    add_files(files, directory)
    if not all((directory / name).exists() for name in files):
        directory = Path(tempfile.mkdtemp(prefix="copydesk-"))
        os.environ[VARIABLE] = str(directory)
        add_files(files, directory)


class Assumed(Seen):
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
class Loaded:
    """Records that a task has read: their numbers, and their places in the order of the input.

    Both have those of the records first, then those of what could not be read.
    """

    batch: Batch
    records: Records
    numbers: Ints
    positions: Ints


@dataclass(frozen=True)
class TableInput:
    """A data frame: columns of fields, which have these names, then `ROW` and `POSITION`."""

    names: list[str]

    def load(self, loader: Loader, batches: Iterable[pa.RecordBatch]) -> Iterator[Loaded]:
        """Load batches of the data frame."""
        for whole in batches:
            data = whole.drop_columns([ROW, POSITION]).rename_columns(self.names)
            numbers, positions = (whole.column(name).to_numpy() for name in (ROW, POSITION))
            found = Progress(Source(None, "data frame", "arrow"), "not sound Arrow data", "look at what made it")
            with found as rows:
                for batch in rows.batches([data]):
                    # the reader has numbered the rows, those that cannot be read among them
                    assert batch.place.line is not None
                    lost = [item.line or 0 for item in batch.unreadable]
                    at = np.concatenate([batch.place.line.to_numpy(), np.array(lost, np.int64)]) - 1
                    batch.place = Place()
                    batch.unreadable = [replace(item, line=None) for item in batch.unreadable]
                    records = loader.from_table(batch.table, batch.place)
                    yield Loaded(batch, records, numbers[at], positions[at])


@dataclass(frozen=True)
class FileInput:
    """Parts of files; a data frame holds their numbers."""

    splits: Sequence[Split]
    encoding: str | None

    def load(self, loader: Loader, batches: Iterable[pa.RecordBatch]) -> Iterator[Loaded]:
        """Load the parts whose numbers the batches hold."""
        for number in (number for batch in batches for number in batch.column(0).to_pylist()):
            done = number * SPLIT_ROWS
            unchecked = dict(self.splits[number].begun)
            for batch in read_split(self.splits[number], self.encoding):
                records = load_batch(batch, loader, unchecked)
                order = list(enumerate(batch.in_order(range(records.count)), done))
                found = [number for number, item in order if isinstance(item, int)]
                found += [number for number, item in order if not isinstance(item, int)]
                numbers = np.array(found, np.int64)
                done += len(order)
                yield Loaded(batch, records, numbers, numbers)


Input = TableInput | FileInput


def clean_rows(packed: Packed, data: Input, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Clean what batches of the input hold, or name; give it as `ROWS`."""
    with _plain_errors():
        work = packed.load()
        for loaded in data.load(work.cleaner.loader, batches):
            yield _clean(work, loaded)


def count_recurring(
    mapping: dict[str, str], data: Input, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Count lines by host, over what the batches hold; without a line, the documents of the host."""
    with _plain_errors():
        lines = LineKeys()
        for loaded in data.load(Loader(mapping), batches):
            counts: Counter[tuple[str, int | None]] = Counter()
            for host, keys in lines.of(loaded.records):
                counts[host, None] += 1
                counts.update((host, key - _HALF) for key in keys)
            rows = [(host, key, count) for (host, key), count in counts.items()]
            yield pa.RecordBatch.from_pylist([dict(zip(RECURRING.names, row, strict=True)) for row in rows], RECURRING)


def templates_from(counted: Iterable[tuple[str, int, int, int]]) -> Templates:
    """Give the templates of (host, line, documents with it, documents of the host), as `count_recurring` has them."""
    lines: dict[int, int] = {}
    hosts: dict[str, int] = {}
    for host, key, count, documents in counted:
        lines[key + _HALF], hosts[host] = count, documents
    return Templates(lines, hosts)


def count_lines(ranges: Sequence[Range], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Say of ranges of files, whose numbers the batches hold, how many lines end in them and where the first begins."""
    with _plain_errors():
        for batch in batches:
            numbers = batch.column(0).to_pylist()
            found = [scan_lines(ranges[number]) for number in numbers]
            yield pa.record_batch([numbers, *zip(*found, strict=True)], schema=LINES)


def _clean(work: Work, loaded: Loaded) -> pa.RecordBatch:
    """Give the rows of a batch: first those of the records that were read, then those of the others."""
    batch, records = loaded.batch, loaded.records
    seen = Assumed()
    judged = work.cleaner.judge(records, now=work.now, seen=seen)
    made = output_rows(judged)
    count, lost = records.count, batch.unreadable
    articles = pa.StructArray.from_arrays(
        [made.column(name).combine_chunks() for name in ARTICLE.names], fields=list(_ARTICLE)
    )
    entries: list[str | None] = [None] * count
    for row in np.flatnonzero(~judged.accepted).tolist():
        entries[row] = rejected_entry(batch, records, row, []).decode()
    why = [[vars(unreadable_reason(item))] for item in lost]
    none = pa.nulls(len(lost), pa.large_string())
    columns = {
        "id": pa.concat_arrays([made.column("id").combine_chunks(), none]),
        "article": pa.concat_arrays([articles, pa.nulls(len(lost), _ARTICLE)]),
        "edits": _with_none(made.column("edits"), len(lost)),
        "reasons": pa.concat_arrays([made.column("reasons").combine_chunks(), pa.array(why, FLAGS)]),
        "entry": [*entries, *(unreadable_entry(item, []).decode() for item in lost)],
        "keys": _with_none(_keys(seen.keys, count), len(lost)),
        "sketch": [*(one and dump_sketch(one) for one in seen.sketches or [None] * count), *[None] * len(lost)],
        "bytes_in": [*sizes_of(records.body).tolist(), *(len(item.raw) for item in lost)],
        "characters_in": [*pc.fill_null(pc.utf8_length(records.body), 0).to_pylist(), *[0] * len(lost)],
        "characters_out": [*pc.utf8_length(made.column("body")).to_pylist(), *[0] * len(lost)],
        ROW: loaded.numbers,
        POSITION: loaded.positions,
    }
    return pa.RecordBatch.from_pydict(columns, ROWS)


def _with_none(lists: Any, count: int) -> pa.Array:
    """Give a column of lists with that many empty ones behind it."""
    array = lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists
    return pa.concat_arrays([array, pa.array([[]] * count, array.type)])


def _keys(found: dict[str, Keys], count: int) -> pa.Array:
    """Give the keys of each record, of every kind that a check asked for."""
    if not found:
        return pa.array([[]] * count, _KEYS)
    kinds = pa.array(list(found), pa.string())
    present = np.stack([keys.present for keys in found.values()], axis=1)
    hashes = np.stack([keys.hashes for keys in found.values()], axis=1)[present]
    bounds = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int32)
    codes = pa.array(np.nonzero(present)[1])
    structs = pa.StructArray.from_arrays([kinds.take(codes), pa.array(hashes)], fields=list(_KEYS.value_type))
    return pa.ListArray.from_arrays(pa.array(bounds), structs)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Let an error of ours reach the driver as it is, in the message of one that Spark passes on."""
    try:
        yield
    except CopydeskError as error:
        raise RuntimeError(f"{error} [{MARK}{base64.b64encode(pickle.dumps(error)).decode()}]") from None


def error_in(message: str) -> CopydeskError | None:
    """Give the error of ours that a message of Spark has in it, if there is one."""
    _, mark, rest = message.partition(f"[{MARK}")
    if not mark:
        return None
    error: CopydeskError = pickle.loads(base64.b64decode(rest.partition("]")[0]))
    return error
