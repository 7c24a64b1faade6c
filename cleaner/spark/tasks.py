"""The tasks of Spark that read the input: they clean it, or count its lines.

A task does not know the records that come before its own. So checks are told that every record is repeated. Later, when
the duplicates of the whole data set are known, their findings for other records are dropped.
"""

from __future__ import annotations

import os
import pickle
import tempfile
import zlib
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ...schemas.cache.store import VARIABLE, add_files, cache_directory, used_files
from ..kernel.site_templates import Templates
from ..learn_templates import LineKeys
from ..readers import batches
from ..readers.source import Source
from ..readers.source_dates import SourceDates
from ..readers.table_batches import Progress
from ..records.loader import Loader, Place
from ..runs.fit import Fit
from ..runs.judge import load_batch
from .errors import passed_on
from .packed_batches import BATCH_BITS, POSITION, DeferredRecords, LoadedRecords, pack
from .splits import read_split, scan_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from ..api import Cleaner
    from .splits import Range, SourcePiece

RECURRING = pa.schema([("host", pa.string()), ("line", pa.int64()), ("count", pa.int64())])
RANGES = pa.schema([("number", pa.int64()), ("newlines", pa.int64()), ("first", pa.int64())])
_HALF = 1 << 63  # keys of lines have no sign, and numbers of Spark have one


@dataclass(frozen=True)
class Work:
    """The cleaner of a run, the time that checks compare dates with, and the paths of files by their names."""

    cleaner: Cleaner
    now: datetime
    paths: Mapping[str, str]


class Packed:
    """Work as bytes, with the compiled rules that it needs. Each process unpacks it once."""

    def __init__(self, work: bytes) -> None:
        """Pack pickled work. Its cleaner must be compiled in this process."""
        self._data = zlib.compress(pickle.dumps((work, used_files())), 1)
        self._key = f"{zlib.crc32(self._data):08x}{len(self._data):x}"

    def load(self) -> Work:
        """Return the work."""
        if self._key not in _loaded:
            work, files = pickle.loads(zlib.decompress(self._data))
            _fill_cache(files)
            _loaded.clear()
            _loaded[self._key] = pickle.loads(work)
        return _loaded[self._key]


_loaded: dict[str, Work] = {}


def _fill_cache(files: dict[str, bytes]) -> None:
    """Write compiled rules to the cache directory, or to a temporary one for this process if that fails."""
    if not add_files(files, cache_directory()):
        directory = Path(tempfile.mkdtemp(prefix="copydesk-"))
        os.environ[VARIABLE] = str(directory)
        add_files(files, directory)


@dataclass(frozen=True)
class TableInput:
    """A data frame: columns with the fields of these names, and possibly `POSITION`."""

    names: list[str]
    max_record: int = field(default_factory=lambda: batches.MAX_RECORD)
    """Bytes that a record may have, as the driver was told."""

    def load(self, loader: Loader, frame: Iterable[pa.RecordBatch]) -> Iterator[LoadedRecords]:
        """Load batches of the data frame."""
        batches.limit_records(self.max_record)
        for whole in frame:
            positions = whole.column(POSITION).to_numpy() if POSITION in whole.schema.names else None
            data = whole.select(range(len(self.names))).rename_columns(self.names)
            found = Progress(Source(None, "data frame", "arrow"), "not sound Arrow data", "look at what made it")
            with found as rows:
                for batch in rows.batches([data]):
                    # the reader numbers all rows, also those that cannot be read
                    assert batch.place.line is not None
                    lost = [item.line or 0 for item in batch.unreadable]
                    at = np.concatenate([batch.place.line.to_numpy(), np.array(lost, np.int64)]) - 1
                    batch.place = Place()
                    batch.unreadable = [replace(item, line=None) for item in batch.unreadable]
                    records = loader.from_table(batch.table, batch.place)
                    yield LoadedRecords(batch, records, at - at.min(), positions[at] if positions is not None else None)


@dataclass(frozen=True)
class FileInput:
    """Splits of files. A data frame has their numbers."""

    splits: Sequence[SourcePiece]
    encoding: str | None
    strict: bool = True
    """Whether a file that does not fit ends the run."""
    max_record: int = field(default_factory=lambda: batches.MAX_RECORD)

    def load(self, loader: Loader, numbers: Iterable[pa.RecordBatch]) -> Iterator[LoadedRecords]:
        """Load the splits whose numbers are in the batches."""
        batches.limit_records(self.max_record)
        fit = Fit(None if self.strict else loader, self.strict)
        dates = SourceDates([one for piece in self.splits for one in piece.group.sources], self.encoding, loader)
        for number in (number for batch in numbers for number in batch.column(0).to_pylist()):
            unchecked = dict(self.splits[number].begun) if self.strict else {}
            for batch in read_split(self.splits[number], self.encoding, fit):
                records = load_batch(batch, loader, unchecked, dates)
                order = list(enumerate(batch.in_order(range(records.count))))
                found = [place for place, item in order if isinstance(item, int)]
                found += [place for place, item in order if not isinstance(item, int)]
                yield LoadedRecords(batch, records, np.array(found, np.int64))


Input = TableInput | FileInput


def clean_rows(packed: Packed, data: Input, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Clean the records that batches contain or name; yield them as `ROWS`."""
    from pyspark import TaskContext

    with passed_on():
        work = packed.load()
        task = TaskContext.get()
        assert task is not None
        first = task.partitionId() << BATCH_BITS
        for number, loaded in enumerate(data.load(work.cleaner.loader, batches), first):
            seen = DeferredRecords()
            yield pack(
                number, loaded, work.cleaner.judge(loaded.records, now=work.now, seen=seen, paths=work.paths), seen
            )


def count_recurring(
    mapping: dict[str, str], data: Input, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Count the lines of the batches by host. A row without a line counts the documents of the host."""
    with passed_on():
        lines = LineKeys()
        for loaded in data.load(Loader(mapping), batches):
            counts: Counter[tuple[str, int | None]] = Counter()
            for host, keys in lines.of(loaded.records):
                counts[host, None] += 1
                counts.update((host, key - _HALF) for key in keys)
            rows = [(host, key, count) for (host, key), count in counts.items()]
            yield pa.RecordBatch.from_pylist([dict(zip(RECURRING.names, row, strict=True)) for row in rows], RECURRING)


def templates_from(counted: Iterable[tuple[str, int, int, int]]) -> Templates:
    """Return the templates of rows: host, line, documents with the line, documents of the host."""
    lines: dict[int, int] = {}
    hosts: dict[str, int] = {}
    for host, key, count, documents in counted:
        lines[key + _HALF], hosts[host] = count, documents
    return Templates(lines, hosts)


def count_lines(ranges: Sequence[Range], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield `scan_lines` of the ranges whose numbers are in the batches, as `RANGES`."""
    with passed_on():
        for batch in batches:
            numbers = batch.column(0).to_pylist()
            found = [scan_lines(ranges[number]) for number in numbers]
            yield pa.record_batch([numbers, *zip(*found, strict=True)], schema=RANGES)
