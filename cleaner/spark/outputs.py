"""What tasks make of batches that were cleaned, once it is known which records are duplicates.

Articles, edits and quarantine as rows for Spark, or as files; and what is counted. Each task reads batches as
`batches.pack` has packed them, with a column of the numbers of the records that come twice, and one that says how.
"""

from __future__ import annotations

import json
import uuid
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ...schemas.arrow import ARTICLE, EDITS_FILE
from ..api import CheckedBatch, accepted_articles
from ..runs.judge import accepted_edits
from ..runs.parquet_splice import COMPRESSION
from ..runs.run_files import QUARANTINE_PARTS, SCHEMAS
from ..runs.totals import Totals
from ..runs.work_directory import writing
from .errors import passed_on
from .packed_batches import PACKED, POSITION, ROW, Unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

TWICE, HOW = "twice", "how"
"""Columns beside those of a batch: the numbers of records in it that are duplicates, and of which kind of key."""
ARTICLES = pa.schema([field.with_nullable(True) for field in ARTICLE])
LINES = pa.schema([(POSITION, pa.int64()), (ROW, pa.int64()), ("line", pa.large_string())])
COUNTS = pa.schema([("totals", pa.large_string())])
_NO_REASONS = b"[]}\n"  # how an entry of quarantine ends that has none yet


class Settled:
    """A batch of which it is known what is accepted."""

    def __init__(self, packed: Unpacked, checks: Mapping[str, str], twice: list[int], how: list[str]) -> None:
        """Take back what `checks`, which go by these kinds of keys, said of records that are no duplicates."""
        self._packed, self._about = packed, packed.about
        self._count = len(self._about.rows) - len(self._about.lost)
        rows = self._about.rows[: self._count]
        self._reasons = self._about.reasons
        for check, kind in checks.items():
            found = [row for row, its in zip(twice, how, strict=True) if its == kind]
            self._reasons = self._reasons.restrict(check, np.isin(rows, found))

    @cached_property
    def _checked(self) -> CheckedBatch:
        return CheckedBatch(self._packed.articles, self._packed.edits, self._reasons, {})

    @cached_property
    def articles(self) -> pa.Table:
        """The accepted articles."""
        return accepted_articles(self._checked)

    @cached_property
    def edits(self) -> pa.Table:
        """Their edits."""
        return accepted_edits(self._checked)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Give, in their order, which records are turned away, and what stands in quarantine of each."""
        gone = np.append(~self._reasons.accepted, np.ones(len(self._about.lost), np.bool_))
        chosen = np.flatnonzero(gone[self._about.entries])
        for entry in chosen[np.argsort(self._about.rows[self._about.entries[chosen]])].tolist():
            row = int(self._about.entries[entry])
            reasons = self._reasons.of_row(row) if row < self._count else [self._about.lost[row - self._count]]
            data: bytes = self._packed.entries[entry].as_py()
            said = msgspec.json.encode([vars(reason) for reason in reasons])
            yield row, data.removesuffix(_NO_REASONS) + said + b"}\n"

    def totals(self) -> Totals:
        """Give what is counted of it."""
        totals = Totals()
        totals.add(self._about.totals)
        lost = [reason.check for reason in self._about.lost]
        totals.add_outcome(self._reasons, lost, self.articles, self.edits)
        return totals

    def numbered(self, row: int) -> tuple[int, int]:
        """Give the position and the number of a record."""
        return int(self._about.positions[row]), int(self._about.rows[row])


def _settle(checks: Mapping[str, str], batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, Settled]]:
    """Give the batches that rows hold, each with its number."""
    for batch in batches:
        for row in range(batch.num_rows):
            packed = Unpacked({name: batch.column(name)[row] for name in PACKED})
            twice, how = (batch.column(name)[row].as_py() or [] for name in (TWICE, HOW))
            yield batch.column("batch")[row].as_py(), Settled(packed, checks, twice, how)


def give_articles(checks: Mapping[str, str], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give the articles that are accepted."""
    with passed_on():
        for _, settled in _settle(checks, batches):
            yield from settled.articles.cast(ARTICLES).to_batches()


def give_edits(checks: Mapping[str, str], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give the edits of the articles that are accepted, as `EDITS_FILE`."""
    with passed_on():
        for _, settled in _settle(checks, batches):
            yield from settled.edits.to_batches()


def give_lines(checks: Mapping[str, str], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give the lines of quarantine, as `LINES`."""
    with passed_on():
        for _, settled in _settle(checks, batches):
            found = [(*settled.numbered(row), line.decode().rstrip("\n")) for row, line in settled.lines()]
            yield pa.RecordBatch.from_pylist([dict(zip(LINES.names, row, strict=True)) for row in found], LINES)


def count_outcomes(checks: Mapping[str, str], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Count what became of the records, as `COUNTS`."""
    with passed_on():
        totals = Totals()
        for _, settled in _settle(checks, batches):
            totals.add(settled.totals())
        yield _counts(totals)


def write_outcomes(
    folder: str, checks: Mapping[str, str], batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Write files below a folder, named by the first batch in them; count what became of the records, as `COUNTS`.

    A task that is done again replaces what it wrote by the same.
    """
    with passed_on():
        totals = Totals()
        with writing(Path(folder)), ExitStack() as stack:
            files: _Files | None = None
            for number, settled in _settle(checks, batches):
                files = files or stack.enter_context(_Files(Path(folder), number))
                files.write(settled)
                totals.add(settled.totals())
        yield _counts(totals)


def _counts(totals: Totals) -> pa.RecordBatch:
    return pa.record_batch([pa.array([json.dumps(totals.as_dict())], pa.large_string())], schema=COUNTS)


class _Files:
    """The files of one task, which get their names when all is in them."""

    def __init__(self, folder: Path, first: int) -> None:
        attempt = uuid.uuid4().hex
        self._names: dict[Path, Path] = {}
        for kind, suffix in (*((name, ".parquet") for name in SCHEMAS), (QUARANTINE_PARTS, ".jsonl")):
            below = folder / kind
            below.mkdir(exist_ok=True)
            self._names[below / f".{attempt}"] = below / f"part-{first:019}{suffix}"
        articles, edits, lines = self._names
        self._articles = pq.ParquetWriter(articles, ARTICLE, **COMPRESSION)
        self._edits = pq.ParquetWriter(edits, EDITS_FILE, **COMPRESSION)
        self._lines: IO[bytes] = lines.open("wb")

    def __enter__(self) -> _Files:
        return self

    def write(self, settled: Settled) -> None:
        """Write a batch, as a row group of its own."""
        for writer, table in ((self._articles, settled.articles), (self._edits, settled.edits)):
            if table.num_rows:
                writer.write_table(table, row_group_size=table.num_rows)
        self._lines.writelines(line for _, line in settled.lines())

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for file in (self._articles, self._edits, self._lines):
            file.close()
        for written, name in self._names.items():
            if kind is None:
                written.replace(name)
            else:
                written.unlink(missing_ok=True)
