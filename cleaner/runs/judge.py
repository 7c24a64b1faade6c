"""Batches of files cleaned and checked, and what becomes of the records that are turned away."""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.reasons import Reason
from ..readers.batches import Batch, Unreadable, join_small
from ..readers.discovery import find_sources
from ..readers.dispatch import check_encoding, read_batches
from ..records.article_table import with_ids
from ..records.loader import python_values
from .output_directory import quarantine_entry, sizes_of
from .seen_records import RunDuplicateIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ...schemas.byte_arrays import Mask
    from ...schemas.checks.seen import DuplicateIndex
    from ...schemas.reasons import Reasons
    from ..api import CheckedBatch
    from ..kernel.types import Failures
    from ..readers.source import Source
    from ..records.loader import Loader, Records
    from .totals import Totals

_log = logging.getLogger("copydesk")


@dataclass(frozen=True)
class Item:
    """A record with its place in the run, for quarantine and for findings."""

    file: str | None
    line: int | None
    byte_offset: int | None

    def as_dict(self) -> dict[str, Any]:
        """Give the place as the keys of a quarantine entry."""
        return {"file": self.file, "line": self.line, "byte_offset": self.byte_offset}


@dataclass(frozen=True)
class Result:
    """A batch of a run, cleaned and checked."""

    batch: Batch
    records: Records
    judged: CheckedBatch

    def in_order(self, rows: Iterable[int]) -> Iterable[int | Unreadable]:
        """Give some rows, and what could not be read between them, in the order of the input."""
        return self.batch.in_order(rows)

    def item(self, row: int) -> Item:
        """Say where a record stands."""
        return item_of(self.batch, row)


def item_of(batch: Batch, row: int) -> Item:
    """Say where a record of a batch stands."""
    return Item(*batch.place.of(row))


class Judge(Protocol):
    """What judges the records of a run: a `Cleaner`, or a `Validator` that leaves them as they are."""

    paths: Mapping[str, str]

    @property
    def loader(self) -> Loader:
        """What reads raw records."""

    def judge(
        self, records: Records, *, now: datetime | None = None, seen: DuplicateIndex | None = None
    ) -> CheckedBatch:
        """Judge a batch of raw records."""


def judge_files(
    inputs: list[str], cleaner: Judge, *, kind: str = "auto", encoding: str | None = None
) -> tuple[list[Source], Iterable[Result]]:
    """Find the inputs and judge them, batch by batch, as the results are asked for."""
    sources = find_sources(inputs, kind)
    cleaner.paths = paths_of(sources)
    return sources, _results(sources, cleaner, check_encoding(encoding))


def paths_of(sources: list[Source]) -> dict[str, str]:
    """Give the paths of files by the names that records have them under."""
    return {source.name: source.label for source in sources}


def _results(sources: list[Source], cleaner: Judge, encoding: str | None) -> Iterable[Result]:
    yield from judge_sources(sources, cleaner, encoding, now=datetime.now(timezone.utc), seen=RunDuplicateIndex())
    warn_of_unseen(cleaner.loader.unseen)


def judge_sources(
    sources: list[Source], cleaner: Judge, encoding: str | None, *, now: datetime, seen: DuplicateIndex
) -> Iterator[Result]:
    """Judge some of the sources of a run; `seen` knows what came before."""
    labels = paths_of(sources)
    for batch in join_small(read_batches(sources, encoding)):
        records = load_batch(batch, cleaner.loader, labels)
        yield Result(batch, records, cleaner.judge(records, now=now, seen=seen))


def load_batch(batch: Batch, loader: Loader, unchecked: dict[str, str]) -> Records:
    """Load the records of a batch.

    `unchecked` names the files of which no batch was loaded so far, with their labels: those of the batch are taken
    out. Raises `NoTextFieldError` if no record of the first batch of a file has a text.
    """
    if batch.table is not None:
        records = loader.from_table(batch.table, batch.place)
    else:
        records = loader.from_rows(batch.rows or [], batch.place)
    for file, names in _by_file(batch).items() if unchecked else ():
        if file in unchecked:
            loader.require_text(names, unchecked.pop(file))
    return records


def _by_file(batch: Batch) -> dict[str, list[Any]]:
    """Give the names of the fields of the records by file. Texts have none to choose from."""
    files = batch.place.file
    names = [list(row) for row in batch.rows or []] if batch.table is None else [batch.table.column_names]
    if isinstance(files, str):
        return {files: names}
    found: dict[str, list[Any]] = {}
    if isinstance(files, list) and batch.place.reader not in ("text", "quarantine"):
        for file, of_record in zip(files, names, strict=True):
            found.setdefault(file, []).append(of_record)
    return found


def warn_of_unseen(names: Iterable[str]) -> None:
    """Warn of names of `--map` that no record had."""
    for name in sorted(names):
        _log.warning("no record has the field %r that --map names", name)


def accepted_edits(judged: CheckedBatch) -> pa.Table:
    """Give the edits of the accepted articles, as they are written."""
    kept = judged.edits
    accepted = judged.accepted
    if not accepted.all():
        kept = kept.filter(pa.array(accepted[kept.column("row").to_numpy()]))
    return with_ids(kept, judged.articles.column("id").combine_chunks())


def count(totals: Totals, result: Result, good: pa.Table, edits: pa.Table) -> None:
    """Add a batch, of which the articles `good` were accepted, with their edits."""
    judged, bad = result.judged, result.batch.unreadable
    totals.read += judged.articles.num_rows + len(bad)
    count_input(totals, result.records, result.batch)
    count_failures(totals, judged.failures)
    count_outcome(totals, judged.reasons, [item.check for item in bad], good, edits)


def count_input(totals: Totals, records: Records, batch: Batch) -> None:
    """Add the sizes of what was read."""
    raw = records.body
    totals.bytes_in += int(sizes_of(raw).sum()) + sum(len(item.raw) for item in batch.unreadable)
    totals.characters_in += pc.sum(pc.utf8_length(raw)).as_py() or 0


def count_failures(totals: Totals, failures: Failures) -> None:
    """Add the records that were cleaned without a rule of a plugin."""
    for failure in itertools.chain.from_iterable(failures.values()):
        totals.failures[failure.rule] += 1
        totals.switched_off[failure.rule] += failure.off


def count_outcome(totals: Totals, reasons: Reasons, lost: list[str], good: pa.Table, edits: pa.Table) -> None:
    """Add what became of the records of a batch: those accepted are `good`, `lost` says why some were not read."""
    totals.accepted += good.num_rows
    totals.quarantined += int((~reasons.accepted).sum()) + len(lost)
    totals.characters_out += pc.sum(pc.utf8_length(good.column("body"))).as_py() or 0
    totals.count_edits(edits)
    totals.reasons.update(reasons.counts())
    totals.rejections.update(reasons.counts(errors=True))
    totals.reasons.update(lost)
    totals.rejections.update(lost)


def quarantined(result: Result, rejected: Mask) -> Iterable[bytes]:
    """Give the quarantine entries of a batch, for its rejected rows and what could not be read, in its order."""
    for item in result.in_order(np.flatnonzero(rejected).tolist()):
        if isinstance(item, int):
            yield rejected_entry(result.batch, result.records, item, result.judged.reasons.of_row(item))
        else:
            yield unreadable_entry(item)


def rejected_entry(batch: Batch, records: Records, row: int, reasons: list[Reason]) -> bytes:
    """Give the quarantine entry of a record that was read."""
    if batch.table is not None:
        one = batch.table.slice(row, 1)
        record: dict[str, Any] = {f.name: python_values(one.column(f.name), f)[0] for f in one.schema}
        raw: bytes | None = json.dumps(record, ensure_ascii=False, default=str).encode()
    else:
        record, raw = (batch.rows or [])[row], batch.raw(row)
    return quarantine_entry(records.ids[row].as_py(), item_of(batch, row).as_dict(), raw, record, reasons)


def unreadable_reason(item: Unreadable) -> Reason:
    """Say why a record could not be read."""
    return Reason(item.check, "error", "", item.message)


def unreadable_entry(item: Unreadable, reasons: list[Reason] | None = None) -> bytes:
    """Give the quarantine entry of a record that could not be read, for that reason or for those that are given."""
    place = Item(item.file, item.line, item.byte_offset).as_dict()
    why = [unreadable_reason(item)] if reasons is None else reasons
    return quarantine_entry(hashlib.sha256(item.raw).hexdigest(), place, item.raw, None, why)
