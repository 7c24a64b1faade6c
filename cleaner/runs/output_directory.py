"""The output directory: filled beside its place under a temporary name, and moved to its place when it is complete."""

from __future__ import annotations

import errno
import logging
import os
import shutil
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ...schemas.errors import OutputError
from .run_files import SUMMARY

if TYPE_CHECKING:
    from collections.abc import Iterable

REPAIR = "check the disk: space, permissions, errors"
_LOCK, MANIFEST = "lock", "manifest.json"  # beside the files of a run while it is under way
_log = logging.getLogger("copydesk")


def _work(path: Path) -> Path:
    whole = Path(os.path.abspath(path))
    return whole.with_name(f".{whole.name}.partial")


def no_interrupted_run(path: Path) -> OutputError:
    """Return the error of `--resume` without an interrupted run."""
    manifest = path.parent / _work(path).name / MANIFEST
    hint = f"leave out --resume; a script can look for {manifest}"
    if (path / SUMMARY).exists():
        hint = "leave out --resume; the run whose results are here was complete"
    return OutputError("there is no interrupted run to continue", where=str(path), hint=hint)


class OutputDirectory:
    """A directory whose files are written beside it, and moved to it when all of them are complete.

    With `resume`, the files of an interrupted run are kept.
    """

    def __init__(
        self, path: Path, *, overwrite: bool = False, inputs: Iterable[str] = (), resume: bool = False
    ) -> None:
        self.path = path
        _refuse_overlap(path, inputs)
        self.work = _work(path)
        if path.exists() and not path.is_dir():
            raise OutputError("this is a file, not a directory", where=str(path), hint="use another --out")
        if resume and not self.work.is_dir():
            raise no_interrupted_run(path)
        if path.is_dir() and any(path.iterdir()) and not overwrite and not resume:
            raise OutputError(
                "the output directory is not empty", where=str(path), hint="add --overwrite, or use another --out"
            )
        try:
            self._lock = self._open(resume)
        except OSError as error:
            raise OutputError(
                f"cannot be written ({error.strerror})", where=str(path.parent), hint="use another --out"
            ) from None

    def _open(self, resume: bool) -> IO[bytes]:
        """Make the directory and lock it; remove the files of an earlier run unless it is resumed."""
        self.work.mkdir(parents=True, exist_ok=True)
        lock = (self.work / _LOCK).open("ab")
        if not lock_file(lock):
            lock.close()
            raise OutputError("another run is writing to it", where=str(self.path), hint="wait until it ends")
        if not resume:
            if (self.work / MANIFEST).exists():
                _log.warning(
                    "%s: the work of an interrupted run is dropped; --resume would have continued it", self.path
                )
            for left in self.work.iterdir():
                if left.name != _LOCK:
                    _remove(left)
        return lock

    def commit(self, names: Iterable[str], gone: Iterable[str] = ()) -> None:
        """Move files and folders to their place, in this order; remove those of an earlier run that are named `gone`.

        If an earlier call was interrupted, the files that it moved stay where they are.
        """
        try:
            self.path.mkdir(exist_ok=True)
            for name in gone:
                _remove(self.path / name)
            for name in names:
                written, place = self.work / name, self.path / name
                if written.is_dir() or (written.exists() and place.is_dir()):
                    _remove(place)  # the system does not replace a folder, nor a file by a folder
                if written.exists():
                    os.replace(written, place)
        except OSError as error:
            raise OutputError(f"cannot be written ({error.strerror})", where=str(self.path), hint=REPAIR) from None
        self.discard()

    def close(self) -> None:
        """Keep the files for a later run that resumes this one."""
        self._lock.close()

    def discard(self) -> None:
        """Remove the files."""
        self._lock.close()
        shutil.rmtree(self.work, ignore_errors=True)


def _remove(path: Path) -> None:
    """Remove a file or a folder if it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


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


def lock_file(file: IO[bytes]) -> bool:
    """Lock a file until it is closed or the process ends; return whether that was possible."""
    try:
        import fcntl
    except ImportError:  # Windows, where open files cannot be removed anyway
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True
