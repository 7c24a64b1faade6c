"""The tasks that turn cleaned batches into outputs, after the duplicates were found.

They return articles, edits and quarantine as rows for Spark, or write them to files, and count them. Each task reads
batches that `packed_batches.pack` packed, with two more columns: the numbers of the duplicates, and their kinds of key.
"""

from __future__ import annotations

import json
import uuid
from contextlib import ExitStack
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ...schemas.arrow import ARTICLE, EDITS_FILE
from ...schemas.checks.declare import Check
from ...schemas.checks.registry import load_checks
from ...schemas.plugins import is_ours
from ...schemas.twins import Twin
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

DUPLICATES = "duplicates"
"""A column that is added to a batch: the duplicates in it, each with its number, its kind of key and its twin."""
ARTICLES = pa.schema([field.with_nullable(True) for field in ARTICLE])
LINES = pa.schema([(POSITION, pa.int64()), (ROW, pa.int64()), ("line", pa.large_string())])
COUNTS = pa.schema([("totals", pa.large_string())])
_TWIN = tuple(field.name for field in fields(Twin))
_NO_REASONS = b"[]}\n"  # the end of an entry of the quarantine before its reasons are added


class Settled:
    """A batch whose duplicates are known, and so its accepted records."""

    def __init__(self, packed: Unpacked, checks: Mapping[str, str], duplicates: list[dict[str, Any]]) -> None:
        """Drop the reasons of `checks`, each with its kind of key, for records that are not duplicates.

        Each of the `duplicates` has its number as `ROW`, its `kind`, and the fields of its `Twin`.
        """
        self._packed, self._context = packed, packed.context
        self._count = len(self._context.rows) - len(self._context.lost)
        rows = self._context.rows[: self._count]
        self._reasons = self._context.reasons
        for check, kind in checks.items():
            twins = {one[ROW]: Twin(*(one[name] for name in _TWIN)) for one in duplicates if one["kind"] == kind}
            self._reasons = self._reasons.restrict(check, np.isin(rows, [*twins]))
            named = {row: twins[number] for row, number in enumerate(rows.tolist()) if number in twins}
            declared = load_checks()[check]
            if named and isinstance(declared, Check) and is_ours(declared.flag):
                self._reasons = self._reasons.name_twins(check, named)

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
        """Yield the rejected records in their order: the row of each, and its line of the quarantine."""
        rejected = np.append(~self._reasons.accepted, np.ones(len(self._context.lost), np.bool_))
        chosen = np.flatnonzero(rejected[self._context.entries])
        for entry in chosen[np.argsort(self._context.rows[self._context.entries[chosen]])].tolist():
            row = int(self._context.entries[entry])
            reasons = self._reasons.of_row(row) if row < self._count else [self._context.lost[row - self._count]]
            data: bytes = self._packed.entries[entry].as_py()
            encoded = msgspec.json.encode([reason.as_dict() for reason in reasons])
            yield row, data.removesuffix(_NO_REASONS) + encoded + b"}\n"

    def totals(self) -> Totals:
        """Return the counts of the batch."""
        totals = Totals()
        totals.add(self._context.totals)
        lost = [reason.check for reason in self._context.lost]
        totals.add_outcome(self._reasons, lost, self.articles, self.edits)
        return totals

    def number_of(self, row: int) -> tuple[int, int]:
        """Return the position and the number of a record."""
        return int(self._context.positions[row]), int(self._context.rows[row])


def _settle(checks: Mapping[str, str], batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, Settled]]:
    """Yield the batches in the rows, each with its number."""
    for batch in batches:
        for row in range(batch.num_rows):
            packed = Unpacked({name: batch.column(name)[row] for name in PACKED})
            duplicates = batch.column(DUPLICATES)[row].as_py() or []
            yield batch.column("batch")[row].as_py(), Settled(packed, checks, duplicates)


def yield_articles(checks: Mapping[str, str], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the accepted articles."""
    with passed_on():
        for _, settled in _settle(checks, batches):
            yield from settled.articles.cast(ARTICLES).to_batches()


def yield_edits(checks: Mapping[str, str], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the edits of the accepted articles, as `EDITS_FILE`."""
    with passed_on():
        for _, settled in _settle(checks, batches):
            yield from settled.edits.to_batches()


def yield_lines(checks: Mapping[str, str], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the lines of the quarantine, as `LINES`."""
    with passed_on():
        for _, settled in _settle(checks, batches):
            lines = [(*settled.number_of(row), line.decode().rstrip("\n")) for row, line in settled.lines()]
            yield pa.RecordBatch.from_pylist([dict(zip(LINES.names, row, strict=True)) for row in lines], LINES)


def count_outcomes(checks: Mapping[str, str], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Count the accepted and the rejected records, as `COUNTS`."""
    with passed_on():
        totals = Totals()
        for _, settled in _settle(checks, batches):
            totals.add(settled.totals())
        yield _counts(totals)


def write_outcomes(
    folder: str, checks: Mapping[str, str], batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Write files below a folder; count the accepted and the rejected records, as `COUNTS`.

    The name of a file has the number of its first batch. If Spark repeats a task, it writes the same files again.
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
    """The files of one task. They get their names when they are complete."""

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
