"""What tasks make of batches that were cleaned, once it is known which records are duplicates.

Articles, edits and quarantine as rows for Spark, or as files; and what is counted. Each task reads batches as
`batches.pack` has packed them, with a column of the numbers of the records that come twice, and one that says how.
"""

from __future__ import annotations

import json
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ...schemas.arrow import ARTICLE, EDITS_FILE
from ..api import Judged, accepted_articles
from ..judging import accepted_edits, count_outcome
from ..outputs import SCHEMAS
from ..splicing import COMPRESSION
from ..totals import Totals
from ..checkpoints import writing
from .batches import PACKED, POSITION, ROW, Outcome, unpack
from .errors import passed_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

TWICE, HOW = "twice", "how"
"""Columns beside those of a batch: the numbers of records in it that are duplicates, and of which kind of key."""
ARTICLES = pa.schema([field.with_nullable(True) for field in ARTICLE])
LINES = pa.schema([(POSITION, pa.int64()), (ROW, pa.int64()), ("line", pa.large_string())])
COUNTS = pa.schema([("totals", pa.large_string())])
QUARANTINE_PARTS = "quarantine"  # a folder of what becomes one file
_NO_REASONS = b"[]}\n"  # how an entry of quarantine ends that has none yet


class Settled:
    """A batch of which it is known what is accepted."""

    def __init__(self, outcome: Outcome, checks: Mapping[str, str], twice: list[int], how: list[str]) -> None:
        """Take back what `checks`, which go by these kinds of keys, said of records that are no duplicates."""
        self._outcome = outcome
        rows = outcome.rows[: outcome.articles.num_rows]
        reasons = outcome.reasons
        for check, kind in checks.items():
            found = [row for row, its in zip(twice, how, strict=True) if its == kind]
            reasons = reasons.only(check, np.isin(rows, found))
        judged = Judged(outcome.articles, outcome.edits, reasons, {})
        self.articles, self.edits = accepted_articles(judged), accepted_edits(judged)
        self._reasons = reasons

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Give, in their order, which records are turned away, and what stands in quarantine of each."""
        count = self._outcome.articles.num_rows
        gone = np.append(~self._reasons.accepted, np.ones(len(self._outcome.lost), np.bool_))
        chosen = np.flatnonzero(gone[self._outcome.at])
        for entry in chosen[np.argsort(self._outcome.rows[self._outcome.at[chosen]])].tolist():
            row = int(self._outcome.at[entry])
            reasons = self._reasons.of(row) if row < count else [self._outcome.lost[row - count]]
            data: bytes = self._outcome.entries[entry].as_py()
            said = msgspec.json.encode([vars(reason) for reason in reasons])
            yield row, data.removesuffix(_NO_REASONS) + said + b"}\n"

    def totals(self) -> Totals:
        """Give what is counted of it."""
        lost = [reason.check for reason in self._outcome.lost]
        count_outcome(self._outcome.totals, self._reasons, lost, self.articles, self.edits)
        return self._outcome.totals

    def numbered(self, row: int) -> tuple[int, int]:
        """Give the position and the number of a record."""
        return int(self._outcome.positions[row]), int(self._outcome.rows[row])


def _settle(checks: Mapping[str, str], batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[int, Settled]]:
    """Give the batches that rows hold, each with its number."""
    for batch in batches:
        for row in range(batch.num_rows):
            outcome = unpack({name: batch.column(name)[row] for name in PACKED})
            twice, how = (batch.column(name)[row].as_py() or [] for name in (TWICE, HOW))
            yield batch.column("batch")[row].as_py(), Settled(outcome, checks, twice, how)


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
            rows = [(*settled.numbered(row), line.decode().rstrip("\n")) for row, line in settled.lines()]
            if rows:
                yield pa.RecordBatch.from_arrays(
                    [pa.array(column, field.type) for column, field in zip(zip(*rows, strict=True), LINES, strict=True)],
                    schema=LINES,
                )


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
