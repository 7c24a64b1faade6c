"""A run of `clean`: files in, a directory of clean articles, explained edits and rejected records out."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ...schemas.checks.flag_bits import flag_bytes, unpack_flags
from ...schemas.errors import CopydeskError, InputChangedError, InputError, OutputError
from ..gx_verdict import PIECE_ROWS, Verdict
from ..readers.discovery import warn_of_passed_over
from ..readers.dispatch import group_sources
from ..readers.source_dates import SourceDates
from .article_texts import write_texts
from .checkpoints import Checkpoints, Interrupted, JournalEntry, matches
from .encoding_hint import CHECK, guess_encoding, warn_of_encoding
from .fit import Fit, warn_of_misfits
from .judge import paths_by_name, warn_of_unused_fields
from .manifest import Manifest, changed_input, describe_inputs, read_manifest, write_manifest
from .output_directory import OutputDirectory, find_interrupted_run
from .parquet_splice import FOOTERS, MAGIC, finish_file
from .pieces import Position, read_pieces
from .processor import Processor
from .run_files import (
    ARTICLES,
    COMPLETE,
    FLAGS,
    QUARANTINE,
    SCHEMAS,
    SEEN,
    SUMMARY,
    TEXTS,
    names_of_other_runs,
    names_of_run,
    read_parts,
)
from .seen_records import RunDuplicateIndex, replay_questions
from .summary import describe_settings, encode_summary, summarise
from .totals import Totals
from .watched_sources import watch_of
from .work_directory import Directory, writing
from .workers import Workers, count_workers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..api import Cleaner
    from ..readers.source import Source
    from .checkpoints import CompleteRun, FileEnd
    from .pieces import Piece
    from .processor import ProcessedPiece
    from .run_request import RunRequest
    from .watched_sources import FileWatch, Progress
    from .work_directory import WorkFile

Advance = Callable[[int], None]
_log = logging.getLogger("copydesk")
"""Is called after each piece with the bytes on disk that were read for it."""
__all__ = ["Interrupted", "Totals", "clean_files"]


def clean_files(
    request: RunRequest,
    cleaner: Cleaner,
    *,
    progress: Advance = lambda _: None,
    seen: RunDuplicateIndex | None = None,
) -> Totals:
    """Clean the inputs of a request into its directory; see docs/files.md for what it then holds.

    Raises `InputError` for inputs that cannot be read, have changed, or hold no record (unless the request allows
    that), `OutputError` if the directory is in use or cannot be written, `InternalError` if Great Expectations fails,
    `Interrupted` (a `KeyboardInterrupt`) if the run is stopped.

    When a run fails, the pieces that are done are kept beside the directory for `resume`. Nothing is kept of a run
    that reads standard input or a database, and none if an input that was read has changed. With `resume`, raises
    `SettingError` or `InputError` if settings, or inputs that were read, have changed since. If there is no interrupted
    run, a new one begins, with a note. `seen` knows articles of earlier runs, of which records may be duplicates.
    """
    is_new = request.resume and find_interrupted_run(request.out) is None
    request = replace(request, resume=request.resume and not is_new)
    workers = count_workers(request.workers)
    started = time.perf_counter()
    names = list(request.inputs.names)
    warn_of_passed_over(names, list(request.inputs.sources), request.inputs.exclude)
    directory = OutputDirectory(request.out, overwrite=request.overwrite, inputs=names, resume=request.resume)
    if is_new:
        _log.warning("%s: no interrupted run to continue, so a new run begins", request.out)
    try:
        run = CleanRun(request, cleaner, directory, seen or RunDuplicateIndex())
        is_complete = request.resume and run.resume()
    except BaseException:
        directory.close() if request.resume else directory.discard()
        raise
    try:
        if not request.resume:
            run.begin()
        if not is_complete:
            run.clean(workers, progress)
            run.require_records()
            run.finish(started)
        run.commit()
    except BaseException as error:
        run.close()
        if not run.can_resume_after(error):
            directory.discard()
            raise
        directory.close()
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted(run.totals.read) from None
        if isinstance(error, CopydeskError):
            unless = ", unless inputs that were read have changed" if isinstance(error, InputError) else ""
            error.hint += f"; the work so far is kept, and --resume continues from there{unless}"
        raise
    return run.totals


class CleanRun:
    """A run under way: its files, its position in the input, and its counts."""

    def __init__(
        self, request: RunRequest, cleaner: Cleaner, directory: OutputDirectory, seen: RunDuplicateIndex
    ) -> None:
        self._request, self._cleaner, self._directory = request, cleaner, directory
        self._sources = list(request.inputs.sources)
        self._names = request.file_names
        self._earlier = read_manifest(directory.files) if request.resume else None
        now = self._earlier.now if self._earlier else datetime.now(timezone.utc).isoformat()
        self._manifest = Manifest(describe_settings(request, cleaner), describe_inputs(self._sources), now)
        self._files = Checkpoints(directory.files, _starts_of_files(request), now)
        self._seen = seen
        self._unused = set(cleaner.loader.unseen)
        self._position = Position()
        self._encoding = ""
        self.totals = Totals()

    def begin(self) -> None:
        """Create the files of a new run."""
        self._files.begin()
        write_manifest(self._directory.files, self._manifest)

    def resume(self) -> bool:
        """Take over the files of an interrupted run; return whether they only have to be moved to their place.

        Raises a `CopydeskError` if they do not fit this run.
        """
        assert self._earlier is not None
        complete = self._files.find_complete()
        last = [Position(), *(entry.end for entry in self._files.entries())][-1]
        self._earlier.require_same(self._manifest, len(self._sources) if complete else len(self._begun(last)))
        if complete and self._is_whole(complete):
            self.totals = Totals.from_dict(complete.totals)
            return True
        if self._manifest.inputs != self._earlier.inputs:
            write_manifest(self._directory.files, self._manifest)
        self._directory.files.remove(COMPLETE)
        read: dict[str, Progress] = {}
        for entry, added in self._files.resume():
            self.totals.add(Totals.from_dict(entry.totals))
            replay_questions(added[SEEN], self._seen)
            self._position, self._unused = entry.end, set(entry.unused)
            read.update(entry.read)
        self.totals.bytes_before = self.totals.bytes_in
        for source in self._sources:
            if source.name in read and (watch := watch_of(source)):
                _continue_from(watch, read[source.name], source)
        return False

    def _is_whole(self, complete: CompleteRun) -> bool:
        """Return whether all files are as they were completed, some of them perhaps in their place already.

        Raises `OutputError` if that is not so, but files were moved: then the run cannot be continued either.
        """
        work, out = self._directory.files, self._directory.path
        names = [name for name in self._names if name != TEXTS]  # these are written again
        moved = [name for name in names if not work.kind(name)]
        sound = all(_is_whole_file(work.open(name), complete.ends[name]) for name in names if name not in moved)
        if moved:
            with Directory(out) as place:
                sound = sound and all(
                    place.kind(name) and _is_whole_file(place.open(name), complete.ends[name]) for name in moved
                )
            if not sound:
                hint = "leave out --resume, and add --overwrite, to start again"
                raise OutputError("files of the interrupted run are damaged", where=str(out), hint=hint)
        return sound

    def can_resume_after(self, error: BaseException) -> bool:
        """Return whether a later run can continue this one, which failed with an error."""
        is_kept = (
            self._files.count > 0 and self.totals.read > len(self.totals.misfits) and self._directory.work.exists()
        )
        changed = error.where if isinstance(error, InputChangedError) else None
        was_read = any(source.label == changed for source in self._begun(self._position))
        return self._request.inputs.rereadable and is_kept and not was_read

    def _begun(self, position: Position) -> list[Source]:
        """Return the sources that were read at least in part before a position."""
        groups = group_sources(self._sources)
        return [
            source
            for group in groups
            if (group.first, 0) < (position.source, position.batches)
            for source in group.sources
        ]

    def clean(self, workers: int, progress: Advance) -> None:
        """Clean the rest of the input, and append it to the files."""
        now = datetime.fromisoformat(self._manifest.now)
        paths = paths_by_name(self._sources)
        dates = SourceDates(self._sources, self._request.inputs.encoding, self._cleaner.loader)
        processor = Processor(
            self._cleaner,
            self._request.stored,
            now,
            export=self._request.export,
            flags=self._request.gx,
            paths=paths,
            dates=dates,
        )
        fit = Fit(self._cleaner.loader, self._request.inputs.strict)
        pieces = read_pieces(self._sources, self._request.inputs.encoding, self._position, fit=fit)
        outcomes: Iterator[tuple[Piece, ProcessedPiece]]
        with ExitStack() as stack:
            if workers == 1:
                outcomes = ((piece, processor.process(piece, self._seen, _pass)) for piece in pieces)
            else:
                outcomes = stack.enter_context(Workers(workers, processor, self._seen)).process(pieces)
            for piece, processed in outcomes:
                self._unused &= processed.unused
                totals, unused = processed.totals.as_dict(), sorted(self._unused)
                self._files.add(processed.files, JournalEntry(piece.end, totals, unused, piece.read))
                self.totals.add(processed.totals)
                if processed.totals.rejections[CHECK] and not self._encoding:
                    self._encoding = guess_encoding(processed.files[QUARANTINE])
                self._position = piece.end
                progress(piece.consumed)

    def require_records(self) -> None:
        """Warn of files that are set aside and of unused names. Raise `InputError` if there is no other record."""
        if not (self.totals.read or self._request.allow_empty):
            raise self._request.inputs.no_record()
        warn_of_misfits(self.totals, paths_by_name(self._sources), require=not self._request.allow_empty)
        warn_of_unused_fields(self._unused)
        warn_of_encoding(self._encoding, self.totals.rejections[CHECK])

    def finish(self, started: float) -> None:
        """Write the ends of the files and the summary, and mark the run as complete."""
        self.totals.check()
        self.totals.seconds = time.perf_counter() - started
        for name in self._names:
            if name in SCHEMAS:
                end = io.BytesIO()
                with self._directory.files.open(f"{name}{FOOTERS}") as footers:
                    finish_file(end, footers, SCHEMAS[name])
                self._files.append(name, end.getvalue())
        validation = self._validate() if self._request.gx else None
        summary = summarise(self.totals, self._cleaner, self._sources, validation)
        for source in self._sources:  # after the last byte was read, for the digests of the summary
            source.require_unchanged()
        self._files.complete(SUMMARY, encode_summary(summary), self.totals.as_dict())

    def _validate(self) -> dict[str, Any]:
        """Let Great Expectations validate the flags of all records."""
        entries = self._cleaner.suite.columns()
        verdict = Verdict(entries)
        with self._directory.files.open(FLAGS) as file:
            while data := file.read(PIECE_ROWS * flag_bytes(entries)):
                verdict.add(unpack_flags(data, entries))
        return verdict.close(self.totals.read)

    def commit(self) -> None:
        """Move the files to their place."""
        self.close()
        if TEXTS in self._names:
            self._write_texts()
        self._directory.commit(self._names, names_of_other_runs(self._names))

    def _write_texts(self) -> None:
        """Write the text of each article to a file of its own, unless that and the move of the files is done."""
        work = self._directory.files
        if not work.kind(ARTICLES):
            return
        work.remove(TEXTS)
        folder = work.path / TEXTS
        with writing(folder):
            folder.mkdir()
            parts = read_parts(work.path / ARTICLES, ["id", "body", "provenance"])
            write_texts((row for part in parts for row in part.to_pylist()), folder)

    def close(self) -> None:
        """Close the files."""
        self._files.close()


def _starts_of_files(request: RunRequest) -> dict[str, bytes]:
    """Return the files that grow with each piece, with the bytes that each begins with."""
    names = [*names_of_run(request.stored)[:-1], SEEN, *([FLAGS] if request.gx else [])]
    starts = {name: MAGIC if name in SCHEMAS else b"" for name in names}
    if request.export is not None:
        starts[request.export.name] = request.export.start
    return {**starts, **{f"{name}{FOOTERS}": b"" for name in names if name in SCHEMAS}}


def _is_whole_file(file: WorkFile, end: FileEnd) -> bool:
    with file:
        return matches(file, end)


def _continue_from(watch: FileWatch, progress: Progress, source: Source) -> None:
    """Take over how far a file was read. Raises `InputError` if it has changed since."""
    try:
        watch.continue_from(progress)
    except InputChangedError:
        raise changed_input(source.name, "has changed") from None


def _pass() -> None:
    """Do nothing: no other piece waits for its turn."""
