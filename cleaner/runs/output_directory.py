"""The output directory: its files are written to a work directory, and moved to their place when all are complete."""

from __future__ import annotations

import errno
import logging
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ...schemas.errors import OutputError
from ..atomic_files import lock_file
from .run_files import LOCK, MANIFEST, PROBE
from .work_directory import Directory, WorkFile, open_work_directory, writing

if TYPE_CHECKING:
    from collections.abc import Iterable

_log = logging.getLogger("copydesk")


def find_interrupted_run(path: Path) -> Path | None:
    """Return the work directory of an interrupted run into an output directory, or None if there is none."""
    beside = work_path(path)
    return next((place for place in (path / beside.name, beside) if (place / MANIFEST).exists()), None)


def work_path(path: Path) -> Path:
    """Return the path of the work directory beside an output directory. If that is a link, it is beside its target."""
    whole = Path(os.path.realpath(path) if path.is_symlink() else os.path.abspath(path))
    if not whole.name:
        raise OutputError("this is the root of a file system", where=str(path), hint="use another --out")
    return whole.with_name(f".{whole.name}.partial")


class OutputDirectory:
    """A directory whose files are written to a work directory, and moved to it when all of them are complete.

    The work directory is beside it, or inside it if only that is on the same disk. With `resume`, the files of an
    interrupted run are kept.
    """

    def __init__(
        self, path: Path, *, overwrite: bool = False, inputs: Iterable[str] = (), resume: bool = False
    ) -> None:
        self.path = path
        _refuse_overlap(path, inputs)
        beside = work_path(path)
        inside = path / beside.name
        if path.exists() and not path.is_dir():
            raise OutputError("this is a file, not a directory", where=str(path), hint="use another --out")
        if resume:
            interrupted = find_interrupted_run(path)
            if interrupted is None:  # another process has just ended it
                raise OutputError("there is no interrupted run to continue", where=str(path), hint="leave out --resume")
            beside = inside = interrupted
        elif path.is_dir() and not overwrite and {each.name for each in path.iterdir()} - {inside.name, PROBE}:
            hint = "add --overwrite, or use another --out"
            raise OutputError("the output directory is not empty", where=str(path), hint=hint)
        try:
            self.files = self._open(beside, inside)
        except OSError as error:
            what = f"cannot be written ({error.strerror})"
            raise OutputError(what, where=str(path.parent), hint="use another --out") from None
        try:
            self._lock = self._prepare(resume=resume)
        except BaseException:
            self.files.close()
            raise

    @property
    def work(self) -> Path:
        """The path of the work directory."""
        return self.files.path

    def _open(self, beside: Path, inside: Path) -> Directory:
        """Open the work directory: inside the output directory if that is on another disk than its parent."""
        if not self.path.exists() or beside == inside:
            return open_work_directory(beside)
        if beside.parent.stat().st_dev == self.path.stat().st_dev:
            try:
                files = open_work_directory(beside)
            except PermissionError:
                return open_work_directory(inside)
            if _can_move(files, self.path):
                return files
            if not files.names():
                os.rmdir(beside)
            files.close()
        return open_work_directory(inside)

    def _prepare(self, *, resume: bool) -> WorkFile:
        """Lock the work directory, and remove the files of an earlier run unless it is resumed."""
        lock = self.files.open(LOCK)
        if not lock_file(lock.fileno()):
            lock.close()
            raise OutputError("another run is writing to it", where=str(self.path), hint="wait until it ends")
        try:
            self._remove_earlier(resume=resume)
        except BaseException:
            lock.close()
            raise
        return lock

    def _remove_earlier(self, *, resume: bool) -> None:
        """Remove the files of an earlier run unless it is resumed."""
        if not resume:
            if self.files.kind(MANIFEST):
                _log.warning(
                    "%s: the work of an interrupted run is dropped; --resume would have continued it", self.path
                )
            # the manifest first: a run that is killed in between is none to continue
            for name in (MANIFEST, *self.files.names()):
                if name != LOCK:
                    self.files.remove(name)

    def commit(self, names: Iterable[str], gone: Iterable[str] = ()) -> None:
        """Move files and folders to their place, in this order; remove those of an earlier run that are named `gone`.

        If an earlier call was interrupted, the files that it moved stay where they are.
        """
        with writing(self.path):
            Path(os.path.realpath(self.path)).mkdir(exist_ok=True)
            target = Directory(self.path)
        with target:
            for name in gone:
                target.remove(name)
            for name in names:
                if self.files.kind(name):
                    self.files.move(name, target)
            target.sync()
        self.discard()

    def close(self) -> None:
        """Keep the files for a later run that resumes this one."""
        self._lock.close()
        self.files.close()

    def discard(self) -> None:
        """Remove the files."""
        self.close()
        shutil.rmtree(self.work, ignore_errors=True)


def _can_move(files: Directory, path: Path) -> bool:
    """Return whether files can be moved to a directory without a copy: bind mounts look like any other directory."""
    files.remove(PROBE)
    files.create(PROBE).close()
    target = Directory(path)
    try:
        os.replace(files.path / PROBE, path / PROBE)
    except OSError as error:
        files.remove(PROBE)
        if error.errno == errno.EXDEV:
            return False
        raise
    else:
        target.remove(PROBE)
    finally:
        target.close()
    return True


def _refuse_overlap(path: Path, inputs: Iterable[str]) -> None:
    """Raise `OutputError` if the next run would read the results of this one, or if they could replace an input."""
    out = Path(os.path.realpath(path))  # a link to itself is an error for `resolve`
    for name in filter(os.path.exists, inputs):  # the others are tables, or standard input
        source = Path(os.path.realpath(name))
        if out == source or source in out.parents:
            what, effect = "this directory is inside an input", "the next run would read the results as articles"
        elif out in source.parents:
            what, effect = "an input is inside this directory", "the results could replace it"
        else:
            continue
        raise OutputError(f"{what} ({name}): {effect}", where=str(path), hint="use an --out apart from the inputs")
