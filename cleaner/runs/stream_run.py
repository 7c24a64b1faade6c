"""A run of `clean` as a filter: articles go to standard output, and no file is written."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from ...schemas.messages import counted
from ..readers.discovery import warn_of_passed_over
from ..readers.source_dates import SourceDates
from .exports import TEXT_END
from .fit import Fit, warn_of_misfits
from .judge import paths_by_name, warn_of_unused_fields
from .pieces import Position, read_pieces
from .processor import Processor
from .seen_records import RunDuplicateIndex
from .totals import Totals
from .workers import Workers, count_workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..api import Cleaner
    from .pieces import Piece
    from .processor import ProcessedPiece
    from .run_request import RunRequest

_log = logging.getLogger("copydesk")


def stream_articles(
    request: RunRequest, cleaner: Cleaner, write: Callable[[bytes], object], *, seen: RunDuplicateIndex | None = None
) -> Totals:
    """Clean the inputs of a request, and pass the lines of accepted articles to `write`, in the order of the input.

    Rejected records are only counted. Raises `InputError` for inputs that cannot be read, or that hold no record
    (unless the request allows that). `seen` is as in `clean_files`.
    """
    started = time.perf_counter()
    export, inputs, totals = request.export, request.inputs, Totals()
    assert export is not None
    sources = list(inputs.sources)
    warn_of_passed_over(list(inputs.names), sources, inputs.exclude)
    paths = paths_by_name(sources)
    dates = SourceDates(sources, inputs.encoding, cleaner.loader)
    processor = Processor(cleaner, None, datetime.now(timezone.utc), export=export, paths=paths, dates=dates)
    start = export.start
    unused = set(cleaner.loader.unseen)
    with ExitStack() as stack:
        for processed in _process(request, cleaner, processor, seen or RunDuplicateIndex(), stack):
            unused &= processed.unused
            totals.add(processed.totals)
            for lines in processed.files[export.name]:
                write(start + lines)
                start = TEXT_END if export.kind == "txt" else b""
    totals.check()
    totals.seconds = time.perf_counter() - started
    if not (totals.read or request.allow_empty):
        raise inputs.no_record()
    warn_of_misfits(totals, paths, require=not request.allow_empty)
    warn_of_unused_fields(unused)
    if rejected := totals.quarantined:
        _log.warning("%s left out, with reasons as below; to keep them, use --out DIR", counted(rejected, "record"))
    return totals


def _process(
    request: RunRequest, cleaner: Cleaner, processor: Processor, seen: RunDuplicateIndex, stack: ExitStack
) -> Iterator[ProcessedPiece]:
    inputs = request.inputs
    pieces: Iterator[Piece] = read_pieces(
        inputs.sources, inputs.encoding, Position(), fit=Fit(cleaner.loader, inputs.strict)
    )
    workers = count_workers(request.workers)
    if workers == 1:
        return (processor.process(piece, seen, lambda: None) for piece in pieces)
    outcomes = stack.enter_context(Workers(workers, processor, seen)).process(pieces)
    return (processed for _, processed in outcomes)
