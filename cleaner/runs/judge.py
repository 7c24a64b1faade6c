"""Batches of files cleaned and checked, each record with its place in the input."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from ..readers.batches import Batch, Unreadable, join_small
from ..readers.discovery import find_sources
from ..readers.dispatch import check_encoding
from ..readers.exclusions import NOTHING, Exclusions
from ..readers.source_dates import SourceDates
from ..records.article_table import with_places
from .fit import Fit, fields_by_file, read_fitting
from .seen_records import RunDuplicateIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ...schemas.checks.seen import DuplicateIndex
    from ..api import CheckedBatch
    from ..readers.source import Source
    from ..records.loader import Loader, Records

_log = logging.getLogger("copydesk")
_SAMPLE = 20  # records that are looked at for a field that can be the text


@dataclass(frozen=True)
class RecordPlace:
    """The place of a record in the input. Lines count from 1; offsets are bytes of the unpacked file."""

    file: str | None
    line: int | None
    byte_offset: int | None

    def as_dict(self) -> dict[str, Any]:
        """Return the place as the keys of a quarantine entry."""
        return {"file": self.file, "line": self.line, "byte_offset": self.byte_offset}


@dataclass(frozen=True)
class BatchResult:
    """A batch of a run, cleaned and checked."""

    batch: Batch
    records: Records
    checked: CheckedBatch

    def in_order(self, rows: Iterable[int]) -> Iterable[int | Unreadable]:
        """Yield some rows, and the unreadable records between them, in the order of the input."""
        return self.batch.in_order(rows)

    def place_of(self, row: int) -> RecordPlace:
        """Return the place of a record."""
        return place_of(self.batch, row)


def place_of(batch: Batch, row: int) -> RecordPlace:
    """Return the place of a record of a batch."""
    return RecordPlace(*batch.place.of(row))


class Judge(Protocol):
    """The stage that judges records: a `Cleaner`, or a `Validator`, which leaves them as they are."""

    @property
    def loader(self) -> Loader:
        """The loader of raw records."""

    def judge(
        self,
        records: Records,
        *,
        now: datetime | None = None,
        seen: DuplicateIndex | None = None,
        paths: Mapping[str, str] | None = None,
    ) -> CheckedBatch:
        """Judge a batch of raw records."""


def judge_files(
    inputs: list[str],
    judge: Judge,
    *,
    kind: str = "auto",
    encoding: str | None = None,
    exclude: Exclusions = NOTHING,
    strict: bool = True,
    allow_empty: bool = False,
) -> tuple[list[Source], Iterable[BatchResult]]:
    """Find the inputs; return them, and an iterator that judges them batch by batch.

    A file that does not fit raises `InputError`; unless `strict`, it becomes an unreadable record.
    """
    sources = find_sources(inputs, kind, exclude=exclude, strict=strict, allow_empty=allow_empty)
    return sources, _judge_all(sources, judge, check_encoding(encoding), strict=strict)


def _judge_all(sources: list[Source], judge: Judge, encoding: str | None, *, strict: bool) -> Iterable[BatchResult]:
    now, seen = datetime.now(timezone.utc), RunDuplicateIndex()
    yield from judge_sources(sources, judge, encoding, now=now, seen=seen, strict=strict)
    warn_of_unused_fields(judge.loader.unseen)


def judge_sources(
    sources: list[Source],
    judge: Judge,
    encoding: str | None,
    *,
    now: datetime,
    seen: DuplicateIndex,
    strict: bool = True,
) -> Iterator[BatchResult]:
    """Judge some of the sources of a run; `seen` knows the earlier records. `strict` is as in `judge_files`."""
    paths = paths_by_name(sources)
    dates = SourceDates(sources, encoding, judge.loader)
    for batch in join_small(read_fitting(sources, encoding, Fit(judge.loader, strict))):
        records = load_batch(batch, judge.loader, {}, dates)
        yield BatchResult(batch, records, judge.judge(records, now=now, seen=seen, paths=paths))


def paths_by_name(sources: list[Source]) -> dict[str, str]:
    """Return the path of each source by the name that its records have it under."""
    return {source.name: source.label for source in sources}


def load_batch(batch: Batch, loader: Loader, unchecked: dict[str, str], sources: SourceDates | None = None) -> Records:
    """Load the records of a batch. `sources` knows what the dates of its files show.

    `unchecked` has the labels of the files, by name, of which no batch was loaded yet; the files of this batch are
    taken out. Raises `NoTextFieldError` if no record of the first batch of a file has a text.
    """
    if batch.table is not None:
        records = loader.from_table(batch.table, batch.place, sources)
    else:
        records = loader.from_rows(batch.rows or [], batch.place, sources)
    for file, names in fields_by_file(batch).items() if unchecked else ():
        if file in unchecked:
            sample = (batch.record(row) for row in range(min(records.count, _SAMPLE)))  # only read for an error
            loader.require_text(names, unchecked.pop(file), sample)
    return records


def warn_of_unused_fields(names: Iterable[str]) -> None:
    """Warn of the names in `--map` that no record has."""
    for name in sorted(names):
        _log.warning("no record has the field %r that --map names", name)


def accepted_edits(checked: CheckedBatch) -> pa.Table:
    """Return the edits of the accepted articles, in the form of edits.parquet."""
    edits = checked.edits
    accepted = checked.accepted
    if not accepted.all():
        edits = edits.filter(pa.array(accepted[edits.column("row").to_numpy()]))
    return with_places(edits, checked.articles)
