"""Files and folders that are written completely, or not at all."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ..schemas.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_STAGE = ".copydesk-"
_STAGES = re.compile(rf"{re.escape(_STAGE)}[a-z0-9_]{{8}}")  # as mkdtemp names them


class _Sink(io.FileIO):
    """A file whose errors name its path."""

    path: Path

    def write(self, data: object, /) -> int | None:  # type: ignore[override]  # bytes of whatever kind
        """Write bytes. Raises `OutputError` if that fails."""
        try:
            return super().write(data)  # type: ignore[arg-type]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _unwritable(self.path, error, "make room, or give another file") from None


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Open a text file for writing. It replaces the file at its place when all is written, and only then.

    A link stays, and the file that it leads to is replaced. Pipes and devices are written to directly.
    """
    place = Path(os.path.realpath(path))
    if path.exists() and not (path.is_file() and place.is_file()):  # an open file of /dev/fd may have lost its name
        with _open(path, path) as file:
            yield file
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}-")
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with _open(handle, path) as file:
            yield file
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, place)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder to fill. When the block ends without an error, its files move below `path`; else none do.

    Nothing that exists below `path` is replaced, and no link in it is followed. Raises `OutputError` for both.
    """
    if path.exists() and not path.is_dir():
        raise OutputError("this is a file, not a directory", where=str(path), hint="give another directory")
    created: list[Path] = []
    stage = lock = None
    try:
        _make_folders(path, created)
        stage = Path(tempfile.mkdtemp(dir=path, prefix=_STAGE))
        lock = _lock_folder(stage)
        yield stage
        _move_files(stage, path, created)
        shutil.rmtree(stage, ignore_errors=True)
    except BaseException as error:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)
        for made in reversed(created):
            with contextlib.suppress(OSError):
                made.unlink() if made.is_file() else made.rmdir()
        if isinstance(error, OSError):
            raise _unwritable(path, error, "check the disk, or give another directory") from None
        raise
    finally:
        if lock is not None:
            os.close(lock)


def remove_leftovers(path: Path) -> None:
    """Remove what killed uses of `whole_folder` have left in a folder. One that is still at work keeps its files."""
    with contextlib.suppress(OSError):
        for entry in [*os.scandir(path)]:
            if not _STAGES.fullmatch(entry.name) or not entry.is_dir(follow_symlinks=False):
                continue
            lock = _lock_folder(Path(entry.path))
            if lock is not None:
                shutil.rmtree(entry.path, ignore_errors=True)
                os.close(lock)


def _lock_folder(path: Path) -> int | None:
    """Lock a folder of this user that nobody else can write to. Return its handle, or None if that is not possible."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0))
    except OSError:  # as on Windows, where folders cannot be opened
        return None
    status = os.fstat(handle)
    if status.st_uid == os.getuid() and not status.st_mode & 0o022 and lock_file(handle):
        return handle
    os.close(handle)
    return None


def lock_file(handle: int) -> bool:
    """Lock an open file until it is closed or the process ends; return whether that was possible."""
    try:
        import fcntl
    except ImportError:  # Windows, where open files cannot be removed anyway
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True


def _make_folders(path: Path, created: list[Path]) -> None:
    """Make a folder and those above it; add the new ones to `created`."""
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir()
            created.append(folder)


def _move_files(stage: Path, path: Path, created: list[Path]) -> None:
    """Move all files of a folder below another one; add new files and folders to `created`."""
    found = [(Path(root), folders, names) for root, folders, names in os.walk(stage)]
    for root, folders, names in found:
        place = path / root.relative_to(stage)
        for name in folders:
            if os.path.lexists(place / name) and ((place / name).is_symlink() or not (place / name).is_dir()):
                raise _in_the_way("a link or a file is in the way", place / name)
        for name in names:
            if os.path.lexists(place / name):
                raise _in_the_way("there is such a file already", place / name)
    for root, folders, names in found:
        place = path / root.relative_to(stage)
        for name in folders:
            if not (place / name).is_dir():
                (place / name).mkdir()
                created.append(place / name)
        for name in names:
            os.rename(root / name, place / name)
            created.append(place / name)


def _in_the_way(what: str, path: Path) -> OutputError:
    return OutputError(what, where=str(path), hint="give another directory")


def _open(target: Path | int, path: Path) -> TextIO:
    try:
        sink = _Sink(target, "w")
    except OSError as error:
        raise _unwritable(path, error) from None
    sink.path = path
    return io.TextIOWrapper(io.BufferedWriter(sink), encoding="utf-8", errors="backslashreplace")


def _unwritable(path: Path, error: OSError, hint: str = "give another file") -> OutputError:
    return OutputError(f"cannot be written ({error.strerror})", where=str(path), hint=hint)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
