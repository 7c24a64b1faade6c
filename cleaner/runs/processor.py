"""What becomes of a piece of the input: the bytes that it adds to each file of the run, and what is counted."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from ...schemas.checks.flag_bits import pack_flags
from ...schemas.reasons import Reason
from ..api import Cleaner, accepted_articles
from ..readers.batches import join_small
from .judge import (
    Result,
    accepted_edits,
    count,
    count_input,
    load_batch,
    quarantined,
    rejected_entry,
    unreadable_entry,
)
from .output_directory import QUARANTINE, encode_articles, encode_edits
from .seen_records import RecordingDuplicateIndex
from .totals import Totals

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from ...schemas.checks.seen import DuplicateIndex
    from .pieces import Piece

SEEN_FILE, FLAGS_FILE = "seen", "flags"
STAGES = ("parse", "load", "rules", "checks", "write")
DIED = Reason("run/worker-died", "error", "", "the process that cleaned it, and the records around it, died twice")


@dataclass
class Processed:
    """The outcome of a piece."""

    files: dict[str, list[bytes]]
    """What is to be added to each file."""
    totals: Totals = field(default_factory=Totals)
    unseen: frozenset[str] = frozenset()
    """Names of the mapping that no record had that this process saw so far."""


def unwatched(_stage: str) -> AbstractContextManager[None]:
    """Give what a stage of the work is done in when nobody asks how long it takes."""
    return nullcontext()


class Processor:
    """Works on pieces. `now` is the time of the whole run; `flags` says whether the flags of checks are wanted.

    Each stage of the work (`STAGES`) is done within what `watch` gives for it.
    """

    def __init__(
        self,
        cleaner: Cleaner,
        to: str,
        now: datetime,
        *,
        flags: bool = False,
        watch: Callable[[str], AbstractContextManager[object]] = unwatched,
    ) -> None:
        self._cleaner, self._to, self._now, self._flags, self._watch = cleaner, to, now, flags, watch

    def process(self, piece: Piece, seen: DuplicateIndex, asked_all: Callable[[], None]) -> Processed:
        """Parse, clean, check and write a piece.

        `seen` knows what came before in the run; `asked_all` is called when there is nothing more to ask it. Raises
        `NoTextFieldError` if a source that begins in it has no text.
        """
        unchecked = dict(piece.begun)
        with self._watch("parse"):
            batches = list(join_small(batch.parse() for batch in piece.batches))
        with self._watch("load"):
            loaded = [(batch, load_batch(batch, self._cleaner.loader, unchecked)) for batch in batches]
        # all are cleaned before anything is asked: other pieces may be waiting for their turn
        with self._watch("rules"):
            cleaned = [(batch, self._cleaner.assemble(records)) for batch, records in loaded]
        noted = RecordingDuplicateIndex(seen)
        with self._watch("checks"):
            checked = [(batch, one, self._cleaner.check(one, now=self._now, seen=noted)) for batch, one in cleaned]
        results = [Result(batch, one.records, judged) for batch, one, judged in checked]
        asked_all()
        with self._watch("write"):
            return self._written(results, noted.noted)

    def _written(self, results: list[Result], noted: list[bytes]) -> Processed:
        good = [accepted_articles(result.judged) for result in results]
        edits = [accepted_edits(result.judged) for result in results]
        done = Processed({SEEN_FILE: noted}, unseen=frozenset(self._cleaner.loader.unseen))
        done.files.update(encode_articles(pa.concat_tables(good), self._to))
        done.files.update(encode_edits(pa.concat_tables(edits)))
        done.files[QUARANTINE] = [entry for result in results for entry in quarantined(result, ~result.judged.accepted)]
        if self._flags:
            done.files[FLAGS_FILE] = [pack_flags(result.judged.flags) for result in results]
        for result, articles, cuts in zip(results, good, edits, strict=True):
            count(done.totals, result, articles, cuts)
        return done

    def give_up(self, piece: Piece) -> Processed:
        """Turn a whole piece away, because the worker that was to clean it died."""
        entries: list[bytes] = []
        totals = Totals()
        for batch in (batch.parse() for batch in piece.batches):
            records = load_batch(batch, self._cleaner.loader, {})
            for row in batch.in_order(range(records.count)):
                if isinstance(row, int):
                    entries.append(rejected_entry(batch, records, row, [DIED]))
                    totals.reasons[DIED.check] += 1
                else:
                    entries.append(unreadable_entry(row))
                    totals.reasons[row.check] += 1
            totals.read += records.count + len(batch.unreadable)
            count_input(totals, records, batch)
        totals.quarantined = totals.read
        totals.rejections = totals.reasons.copy()
        return Processed({QUARANTINE: entries}, totals, frozenset(self._cleaner.loader.unseen))
