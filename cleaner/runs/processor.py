"""The work on a piece of the input: the bytes that it adds to each file of the run, and its counts."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ...schemas.checks.flag_bits import pack_flags
from ...schemas.reasons import Reason
from ..api import Cleaner, accepted_articles
from ..readers import batches
from ..readers.batches import join_small
from .judge import BatchResult, accepted_edits, load_batch
from .quarantine_entries import quarantine_entries, rejected_entry, unreadable_entry
from .run_files import FLAGS, QUARANTINE, SEEN, encode_articles, encode_edits
from .seen_records import RecordingDuplicateIndex
from .totals import Totals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ...schemas.checks.seen import DuplicateIndex
    from ..readers.source_dates import SourceDates
    from .exports import Export
    from .pieces import Piece

STAGES = ("parse", "load", "rules", "checks", "write")
DIED = Reason(
    "run/worker-died", "error", "", "two worker processes died while they cleaned this record or its neighbours"
)


@dataclass
class ProcessedPiece:
    """The outcome of a piece."""

    files: dict[str, list[bytes]]
    """The bytes to add to each file."""
    totals: Totals = field(default_factory=Totals)
    unused: frozenset[str] = frozenset()
    """The names in `--map` that no record had, of all that this process has seen."""


def unwatched(_stage: str) -> AbstractContextManager[None]:
    """Return a context that measures nothing."""
    return nullcontext()


class Processor:
    """Works on pieces.

    `to` is the format, of `ARTICLE_FORMATS`, of the file that holds all fields; None: there is no such file. `export`
    writes articles in another form, too. `now` is the time of the whole run. `flags` asks for the flags of checks,
    which `--gx` needs. `paths` has the path of each input by name; `dates` knows what the dates of the inputs show.
    Each of the `STAGES` runs in the context that `watch` returns for it.
    """

    def __init__(
        self,
        cleaner: Cleaner,
        to: str | None,
        now: datetime,
        *,
        export: Export | None = None,
        flags: bool = False,
        paths: Mapping[str, str] | None = None,
        dates: SourceDates | None = None,
        watch: Callable[[str], AbstractContextManager[object]] = unwatched,
    ) -> None:
        self._export = export
        self._cleaner, self._to, self._now, self._flags, self._watch = cleaner, to, now, flags, watch
        self._paths, self._dates = paths or {}, dates
        self._max_record = batches.MAX_RECORD

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Be unpickled in a worker: its records have the limit of the process that sent this."""
        self.__dict__.update(state)
        batches.limit_records(self._max_record)

    def process(self, piece: Piece, seen: DuplicateIndex, asked_all: Callable[[], None]) -> ProcessedPiece:
        """Parse, clean, check and encode a piece.

        `seen` knows the earlier records of the run; `asked_all` is called after the last question to it.
        """
        with self._watch("parse"):
            parsed = list(join_small(batch.parse() for batch in piece.batches))
        with self._watch("load"):
            loaded = [(batch, load_batch(batch, self._cleaner.loader, {}, self._dates)) for batch in parsed]
        # clean everything before the first question: the piece may have to wait for its turn to ask
        with self._watch("rules"):
            cleaned = [(batch, self._cleaner.assemble(records, self._paths)) for batch, records in loaded]
        recording = RecordingDuplicateIndex(seen)
        with self._watch("checks"):
            results = [
                BatchResult(batch, one.records, self._cleaner.check(one, now=self._now, seen=recording))
                for batch, one in cleaned
            ]
        asked_all()
        with self._watch("write"):
            return self._encode(results, recording.recorded)

    def _encode(self, results: list[BatchResult], recorded: list[bytes]) -> ProcessedPiece:
        articles = [accepted_articles(result.checked) for result in results]
        edits = [accepted_edits(result.checked) for result in results]
        processed = ProcessedPiece({SEEN: recorded}, unused=frozenset(self._cleaner.loader.unseen))
        if self._export is not None:
            encode = self._export.encode
            lines = [encode(result, good) for result, good in zip(results, articles, strict=True)]
            processed.files[self._export.name] = [one for one in lines if one]
        if self._to is not None:
            processed.files.update(encode_articles(pa.concat_tables(articles), self._to))
            processed.files.update(encode_edits(pa.concat_tables(edits)))
        processed.files[QUARANTINE] = [
            entry for result in results for entry in quarantine_entries(result, ~result.checked.accepted)
        ]
        if self._flags:
            processed.files[FLAGS] = [pack_flags(result.checked.flags) for result in results]
        for result, good, cuts in zip(results, articles, edits, strict=True):
            _count(processed.totals, result, good, cuts)
        return processed

    def reject(self, piece: Piece) -> ProcessedPiece:
        """Turn all records of a piece away, because the workers that were to clean it died."""
        entries: list[bytes] = []
        totals = Totals()
        for batch in (unparsed.parse() for unparsed in piece.batches):
            records = load_batch(batch, self._cleaner.loader, {}, self._dates)
            for row in batch.in_order(range(records.count)):
                if isinstance(row, int):
                    entries.append(rejected_entry(batch, records, row, [DIED]))
                    totals.reasons[DIED.check] += 1
                else:
                    entries.append(unreadable_entry(row))
                    totals.reasons[row.check] += 1
            totals.read += records.count + len(batch.unreadable)
            totals.add_input(records, batch)
            totals.add_misfits(batch.unreadable)
        totals.quarantined = totals.read
        totals.rejections = totals.reasons.copy()
        return ProcessedPiece({QUARANTINE: entries}, totals, frozenset(self._cleaner.loader.unseen))


def _count(totals: Totals, result: BatchResult, articles: pa.Table, edits: pa.Table) -> None:
    """Add a batch, its accepted articles, and their edits."""
    checked, unreadable = result.checked, result.batch.unreadable
    totals.read += checked.articles.num_rows + len(unreadable)
    totals.add_input(result.records, result.batch)
    totals.add_misfits(unreadable)
    totals.add_failures(checked.failures)
    totals.add_outcome(checked.reasons, [item.check for item in unreadable], articles, edits)
