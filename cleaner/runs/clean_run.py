"""A run of `clean`: files in, a directory of clean articles, explained edits and rejected records out."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ...schemas.checks.flag_bits import flag_bytes, unpack_flags
from ...schemas.errors import CopydeskError, InputChangedError, InputError
from ..gx_verdict import PIECE_ROWS, Verdict
from ..readers.discovery import warn_of_passed_over
from ..readers.dispatch import group_sources
from .checkpoints import Checkpoints, Interrupted, writing
from .judge import paths_by_name, warn_of_unused_fields
from .manifest import Manifest, describe_inputs, read_manifest, write_manifest
from .output_directory import OutputDirectory
from .parquet_splice import FOOTERS, MAGIC, finish_file
from .pieces import Position, read_pieces
from .processor import FLAGS_FILE, SEEN_FILE, Processor
from .run_files import SCHEMAS, SUMMARY, names_of_other_runs, names_of_run
from .seen_records import RunDuplicateIndex, replay_questions
from .summary import describe_settings, summarise, write_summary
from .totals import Totals
from .workers import Workers, count_workers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..api import Cleaner
    from ..readers.source import Source
    from .pieces import Piece
    from .processor import ProcessedPiece
    from .run_request import RunRequest

Progress = Callable[[int], None]
"""Is called after each piece with the bytes on disk that were read for it."""
_COMPLETE = "complete"  # an empty file: all others are complete
__all__ = ["Interrupted", "Totals", "clean_files"]


def clean_files(request: RunRequest, cleaner: Cleaner, *, progress: Progress = lambda _: None) -> Totals:
    """Clean the inputs of a request into its directory; see the README for the files that it then holds.

    Raises `InputError` for inputs that cannot be read, have changed, or hold no record (unless the request allows
    that), `OutputError` if the directory is in use or cannot be written, `InternalError` if Great Expectations fails,
    `Interrupted` (a `KeyboardInterrupt`) if the run is stopped.

    When a run fails, the pieces that are done are kept beside the directory for `resume`. Nothing is kept of a run
    that reads standard input or a database, and none if an input that was read has changed. With `resume`, raises
    `SettingError` or `InputError` if settings, or inputs that were read, have changed since, and `OutputError` if
    there is no interrupted run.
    """
    workers = count_workers(request.workers)
    started = time.perf_counter()
    names = list(request.inputs.names)
    warn_of_passed_over(names, list(request.inputs.sources))
    directory = OutputDirectory(request.out, overwrite=request.overwrite, inputs=names, resume=request.resume)
    run = CleanRun(request, cleaner, directory)
    try:
        if request.resume:
            run.resume()
    except BaseException:
        run.close()
        directory.close()
        raise
    try:
        if not request.resume:
            run.begin()
        if not run.complete:
            run.clean(workers, progress)
            if not run.totals.read and not request.allow_empty:
                raise request.inputs.no_record()
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

    def __init__(self, request: RunRequest, cleaner: Cleaner, directory: OutputDirectory) -> None:
        self._request, self._cleaner, self._directory = request, cleaner, directory
        self._sources = list(request.inputs.sources)
        self._manifest = Manifest(
            describe_settings(request, cleaner), describe_inputs(self._sources), datetime.now(timezone.utc).isoformat()
        )
        self._files = Checkpoints(directory.work, _starts_of_files(request))
        self._seen = RunDuplicateIndex()
        self._unused = set(cleaner.loader.unseen)
        self._position = Position()
        self.totals = Totals()

    @property
    def complete(self) -> bool:
        """Whether the files are complete, and only have to be moved to their place."""
        return (self._directory.work / _COMPLETE).exists()

    def begin(self) -> None:
        """Create the files of a new run."""
        self._files.begin()
        write_manifest(self._directory.work, self._manifest)

    def resume(self) -> None:
        """Take over the files of an interrupted run. Raises a `CopydeskError` if they do not fit this one."""
        earlier = read_manifest(self._directory.work, self._directory.path)
        last = [Position(), *(entry.end for entry in self._files.entries())][-1]
        earlier.require_same(self._manifest, len(self._sources) if self.complete else len(self._begun(last)))
        self._manifest.now = earlier.now
        if self._manifest.inputs != earlier.inputs:
            write_manifest(self._directory.work, self._manifest)
        if self.complete:
            for entry in self._files.entries():
                self.totals.add(Totals.from_dict(entry.totals))
            return
        for entry, added in self._files.resume():
            self.totals.add(Totals.from_dict(entry.totals))
            replay_questions(added[SEEN_FILE], self._seen)
            self._position, self._unused = entry.end, set(entry.unused)

    def can_resume_after(self, error: BaseException) -> bool:
        """Return whether a later run can continue this one, which failed with an error."""
        is_kept = self._files.count > 0 and self.totals.read > 0 and self._directory.work.exists()
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

    def clean(self, workers: int, progress: Progress) -> None:
        """Clean the rest of the input, and append it to the files."""
        now = datetime.fromisoformat(self._manifest.now)
        paths = paths_by_name(self._sources)
        processor = Processor(self._cleaner, self._request.to, now, flags=self._request.gx, paths=paths)
        pieces = read_pieces(self._sources, self._request.inputs.encoding, self._position)
        outcomes: Iterator[tuple[Piece, ProcessedPiece]]
        with ExitStack() as stack:
            if workers == 1:
                outcomes = ((piece, processor.process(piece, self._seen, _pass)) for piece in pieces)
            else:
                outcomes = stack.enter_context(Workers(workers, processor, self._seen)).process(pieces)
            for piece, processed in outcomes:
                self._unused &= processed.unused
                self._files.add(processed.files, piece.end, processed.totals.as_dict(), self._unused)
                self.totals.add(processed.totals)
                self._position = piece.end
                progress(piece.consumed)
        warn_of_unused_fields(self._unused)

    def finish(self, started: float) -> None:
        """Write the ends of the files and the summary, and mark the files as complete."""
        self.close()
        self.totals.check()
        self.totals.seconds = time.perf_counter() - started
        work = self._directory.work
        with writing(work):
            for name in names_of_run(self._request.to):
                if name in SCHEMAS:
                    with (work / name).open("ab") as file, (work / f"{name}{FOOTERS}").open("rb") as footers:
                        finish_file(file, footers, SCHEMAS[name])
            validation = self._validate() if self._request.gx else None
            write_summary(work / SUMMARY, summarise(self.totals, self._cleaner, self._sources, validation))
            (work / _COMPLETE).touch()

    def _validate(self) -> dict[str, Any]:
        """Let Great Expectations validate the flags of all records."""
        entries = self._cleaner.suite.columns()
        verdict = Verdict(entries)
        with (self._directory.work / FLAGS_FILE).open("rb") as file:
            while data := file.read(PIECE_ROWS * flag_bytes(entries)):
                verdict.add(unpack_flags(data, entries))
        return verdict.close(self.totals.read)

    def commit(self) -> None:
        """Move the files to their place."""
        to = self._request.to
        self._directory.commit(names_of_run(to), names_of_other_runs(to))

    def close(self) -> None:
        """Close the files."""
        self._files.close()


def _starts_of_files(request: RunRequest) -> dict[str, bytes]:
    """Return the files that grow with each piece, with the bytes that each begins with."""
    names = [*names_of_run(request.to)[:-1], SEEN_FILE, *([FLAGS_FILE] if request.gx else [])]
    starts = {name: MAGIC if name in SCHEMAS else b"" for name in names}
    return {**starts, **{f"{name}{FOOTERS}": b"" for name in names if name in SCHEMAS}}


def _pass() -> None:
    """Do nothing: no other piece waits for its turn."""
