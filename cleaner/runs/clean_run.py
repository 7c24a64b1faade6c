"""A run: files in, a directory of clean articles, explained edits and turned-away records out."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ...schemas.checks.flag_bits import flag_bytes, unpack_flags
from ...schemas.errors import CopydeskError, InputChangedError, InputError
from ..gx_verdict import PIECE_ROWS, Verdict
from ..readers.discovery import find_sources, name_inputs, warn_of_passed_over
from ..readers.dispatch import check_encoding, group_sources
from .checkpoints import Checkpoints, Interrupted, Manifest, describe_inputs, read_manifest, write_manifest, writing
from .judge import Item, Result, judge_files, paths_of, warn_of_unseen
from .output_directory import (
    ARTICLE_FORMATS,
    SCHEMAS,
    SUMMARY,
    VALIDATED,
    OutputDirectory,
    check_article_format,
    names_of_run,
)
from .parquet_splice import FOOTERS, MAGIC, finish_file
from .pieces import Position, read_pieces
from .processor import FLAGS_FILE, SEEN_FILE, Processor
from .seen_records import RunDuplicateIndex, ask_again
from .summary import describe_settings, summarise, write_summary
from .totals import Totals
from .workers import Workers, count_workers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..api import Cleaner
    from ..readers.source import Source
    from .pieces import Piece
    from .processor import Processed

Progress = Callable[[int], None]
_COMPLETE = "complete"  # the file that says that all others are
__all__ = ["Interrupted", "Item", "Result", "Totals", "clean_files", "judge_files"]


class Run:
    """A run under way: its files, how far it is in its input, and what it counted."""

    def __init__(self, directory: OutputDirectory, sources: list[Source], cleaner: Cleaner, manifest: Manifest) -> None:
        self._directory, self._sources, self._cleaner, self._manifest = directory, sources, cleaner, manifest
        self._to, self._gx = manifest.settings["--to"], manifest.settings["--gx"] == "on"
        names = [*names_of_run(self._to)[:-1], SEEN_FILE, *([FLAGS_FILE] if self._gx else [])]
        starts = {name: MAGIC if name in SCHEMAS else b"" for name in names}
        starts.update((f"{name}{FOOTERS}", b"") for name in names if name in SCHEMAS)
        self._files = Checkpoints(directory.work, starts)
        self._seen = RunDuplicateIndex()
        self._unseen = set(cleaner.loader.unseen)
        self._position = Position()
        self.totals = Totals()

    @property
    def can_go_on(self) -> bool:
        """Whether there is something for a later run to go on with."""
        rereadable = all(source.path is not None for source in self._sources)
        return rereadable and self._files.count > 0 and self._directory.work.exists()

    @property
    def complete(self) -> bool:
        """Whether all that is left to do is to move the files to their place."""
        return (self._directory.work / _COMPLETE).exists()

    def begin(self) -> None:
        """Start afresh."""
        self._files.begin()
        write_manifest(self._directory.work, self._manifest)

    def resume(self) -> None:
        """Take over what an interrupted run left. Raises a `CopydeskError` if it does not fit."""
        then = read_manifest(self._directory.work, self._directory.path)
        last = [Position(), *(entry.end for entry in self._files.entries())][-1]
        then.require_same(self._manifest, len(self._sources) if self.complete else len(self._begun(last)))
        self._manifest.now = then.now
        if self._manifest.inputs != then.inputs:
            write_manifest(self._directory.work, self._manifest)
        if self.complete:
            for entry in self._files.entries():
                self.totals.add(Totals.from_dict(entry.totals))
            return
        for entry, added in self._files.resume():
            self.totals.add(Totals.from_dict(entry.totals))
            ask_again(added[SEEN_FILE], self._seen)
            self._position, self._unseen = entry.end, set(entry.unseen)

    def must_restart_after(self, error: BaseException) -> bool:
        """Say whether what is done is of a file that is no longer what it was."""
        changed = isinstance(error, InputChangedError) and error.where
        return any(source.label == changed for source in self._begun(self._position))

    def _begun(self, last: Position) -> list[Source]:
        """Give the sources of which something stands before a position."""
        groups = [group for group in group_sources(self._sources) if (group.first, 0) < (last.source, last.batches)]
        return [source for group in groups for source in group.sources]

    def clean(self, workers: int, encoding: str | None, progress: Progress) -> None:
        """Work on what is left of the input, and write it."""
        now = datetime.fromisoformat(self._manifest.now)
        processor = Processor(self._cleaner, self._to, now, flags=self._gx)
        pieces = read_pieces(self._sources, encoding, self._position)
        outcomes: Iterator[tuple[Piece, Processed]]
        with ExitStack() as stack:
            if workers == 1:
                outcomes = ((piece, processor.process(piece, self._seen, _pass)) for piece in pieces)
            else:
                outcomes = stack.enter_context(Workers(workers, processor, self._seen)).process(pieces)
            for piece, done in outcomes:
                self._unseen &= done.unseen
                self._files.add(done.files, piece.end, done.totals.as_dict(), self._unseen)
                self.totals.add(done.totals)
                self._position = piece.end
                progress(piece.consumed)
        warn_of_unseen(self._unseen)

    def finish(self, started: float) -> None:
        """Write the ends of the files and the summary, and say that they are complete."""
        self.close()
        self.totals.check()
        self.totals.seconds = time.perf_counter() - started
        work = self._directory.work
        with writing(work):
            for name in names_of_run(self._to):
                if name in SCHEMAS:
                    with (work / name).open("ab") as file, (work / f"{name}{FOOTERS}").open("rb") as footers:
                        finish_file(file, footers, SCHEMAS[name])
            validation = self._judge_by_expectations() if self._gx else None
            write_summary(work / SUMMARY, summarise(self.totals, self._cleaner, self._sources, validation))
            (work / _COMPLETE).touch()

    def _judge_by_expectations(self) -> dict[str, Any]:
        entries = self._cleaner.suite.columns()
        verdict = Verdict(entries)
        with (self._directory.work / FLAGS_FILE).open("rb") as file:
            while data := file.read(PIECE_ROWS * flag_bytes(entries)):
                verdict.add(unpack_flags(data, entries))
        return verdict.close(self.totals.read)

    def commit(self) -> None:
        """Move the files to their place."""
        names = names_of_run(self._to)
        earlier = {name for to in ARTICLE_FORMATS for name in names_of_run(to)} | set(VALIDATED)
        self._directory.commit(names, sorted(earlier - set(names)))

    def close(self) -> None:
        """Close the files."""
        self._files.close()


def clean_files(
    inputs: list[str],
    out: Path,
    cleaner: Cleaner,
    *,
    to: str = "parquet",
    overwrite: bool = False,
    allow_empty: bool = False,
    gx: bool = False,
    kind: str = "auto",
    encoding: str | None = None,
    workers: int = 1,
    resume: bool = False,
    progress: Progress = lambda _: None,
) -> Totals:
    """Clean files and folders into the directory `out`; see the README for what it then holds.

    `workers` is the number of processes, 0 for one each core; they change nothing but the time it takes. `resume`
    goes on with a run that was interrupted, and gives the same bytes as if it had not been.

    Raises `InputError` if there is nothing to read or no record in it (unless `allow_empty`), `OutputError` if `out`
    is in use or cannot be written, `InternalError` if Great Expectations, asked for by `gx`, could not do its work,
    `Interrupted` (a `KeyboardInterrupt`) if it is stopped. Once there are pieces that are done, a run that does not end
    well keeps them beside `out`, unless an input is standard input, a database, or no longer what it was; else it
    leaves nothing. With `resume`, raises `SettingError` or `InputError` if settings, or inputs that were read, are
    others than before, and `OutputError` if there is nothing to go on with.
    """
    workers = count_workers(workers)
    check_article_format(to)
    started = time.perf_counter()
    encoding = check_encoding(encoding)
    sources = find_sources(inputs, kind)
    warn_of_passed_over(inputs, sources)
    cleaner.paths = paths_of(sources)
    settings = describe_settings(cleaner, to=to, kind=kind, encoding=encoding, gx=gx)
    manifest = Manifest(settings, describe_inputs(sources), datetime.now(timezone.utc).isoformat())
    directory = OutputDirectory(out, overwrite=overwrite, inputs=inputs, resume=resume)
    run = Run(directory, sources, cleaner, manifest)
    try:
        if resume:
            run.resume()
    except BaseException:
        run.close()
        directory.close()
        raise
    try:
        if not resume:
            run.begin()
        if not run.complete:
            run.clean(workers, encoding, progress)
            if not run.totals.read and not allow_empty:
                hint = "add --allow-empty if that is as it should be"
                raise InputError("no record in it", where=name_inputs(inputs), hint=hint)
            run.finish(started)
        run.commit()
    except BaseException as error:
        run.close()
        if not (run.can_go_on and run.totals.read) or run.must_restart_after(error):
            directory.discard()
            raise
        directory.close()
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted(run.totals.read) from None
        if isinstance(error, CopydeskError):
            unless = ", if what was read of the inputs is as it was" if isinstance(error, InputError) else ""
            error.hint += f"; what is done is kept, and --resume goes on from there{unless}"
        raise
    return run.totals


def _pass() -> None:
    """Nobody waits for anything where there is one process."""
