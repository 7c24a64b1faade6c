"""The directory of a run under way, and its files.

It is often beside results in a folder where other people may write. So its files are opened relative to a handle of the
directory, and a link, pipe or folder in the place of one is refused. Where the system has no such handles, as on
Windows, paths are checked instead.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ...schemas.errors import OutputError
from .run_files import LOCK, WORK_FOLDERS, WRITING, work_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REPAIR = "check the disk: space, permissions, errors"
_REMOVE = "remove it, or use another --out"
_HANDLES = {os.open, os.stat, os.unlink, os.rename} <= os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
# Without O_NONBLOCK, the system waits for the other end of a pipe. For files it has no effect.
_FLAGS = sum(getattr(os, name, 0) for name in ("O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_NOCTTY"))
_DIRECTORY = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_CLOEXEC", "O_NOFOLLOW", "O_DIRECTORY"))
_STRANGE = (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR)  # the errors of opening a link, pipe or folder
_CHUNK = 1 << 20  # bytes read at once


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise `OutputError` for an `OSError` that is raised while a file is written."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot be written ({error.strerror})", where=str(path), hint=REPAIR) from None


class WorkFile:
    """An open file of a work directory. Errors of the system are raised as `OutputError`."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path, self._handle = path, handle

    def __enter__(self) -> WorkFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, size: int = -1) -> bytes:
        """Read a number of bytes, or all bytes up to the end; fewer only at the end."""
        parts = []
        with self._errors("read"):
            while size and (data := os.read(self._handle, min(size, _CHUNK) if size > 0 else _CHUNK)):
                parts.append(data)
                size -= len(data) if size > 0 else 0
        return b"".join(parts)

    def write(self, data: bytes) -> None:
        """Write all of the data."""
        rest = memoryview(data)
        with self._errors("written"):
            while rest:
                rest = rest[os.write(self._handle, rest) :]

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to an offset in bytes; return it."""
        with self._errors("read"):
            return os.lseek(self._handle, offset, whence)

    def truncate(self, size: int) -> None:
        """Cut the file to a size in bytes, and go to its end."""
        with self._errors("written"):
            os.ftruncate(self._handle, size)
            os.lseek(self._handle, size, os.SEEK_SET)

    def sync(self) -> None:
        """Write the file to the disk."""
        with self._errors("written"):
            os.fsync(self._handle)

    def close(self) -> None:
        """Close the file; do nothing if it is closed. What must be on the disk is there after `sync`."""
        if self._handle >= 0:
            handle, self._handle = self._handle, -1
            with contextlib.suppress(OSError):
                os.close(handle)

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(f"cannot be {what} ({error.strerror})", where=str(self._path), hint=REPAIR) from None

    def fileno(self) -> int:
        """Return the number of the file in this process."""
        return self._handle


class Directory:
    """A directory whose files are opened, moved and removed through a handle; links in it are not followed."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises `OSError`."""
        self.path = path
        self._handle = os.open(path, _DIRECTORY & ~getattr(os, "O_NOFOLLOW", 0)) if _HANDLES else None

    def __enter__(self) -> Directory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def number(self) -> tuple[int, int]:
        """The device and the number of the directory: no other one has both."""
        status = os.stat(self.path if self._handle is None else self._handle)
        return status.st_dev, status.st_ino

    def close(self) -> None:
        """Close the handle; do nothing if it is closed."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def names(self) -> list[str]:
        """Return the names of its files and folders."""
        with writing(self.path):
            return sorted(os.listdir(self.path if self._handle is None else self._handle))

    def kind(self, name: str) -> int:
        """Return the kind of a file as `stat.S_IFMT` does, 0 if there is none. A link is a kind of its own."""
        try:
            return stat.S_IFMT(os.stat(self._at(name), dir_fd=self._handle, follow_symlinks=False).st_mode)
        except OSError:
            return 0

    def create(self, name: str) -> WorkFile:
        """Create a file, and open it for reading and writing. Raises `OutputError` if there is one already."""
        return self._open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL)

    def open(self, name: str) -> WorkFile:
        """Open a file for reading and writing; create it if there is none."""
        return self._open(name, os.O_RDWR | os.O_CREAT)

    def read(self, name: str) -> bytes | None:
        """Read a whole file; return None if there is none."""
        if not self.kind(name):
            return None
        with self._open(name, os.O_RDONLY) as file:
            return file.read()

    def write(self, name: str, data: bytes) -> None:
        """Write a whole file to the disk; it replaces an earlier one when it is complete."""
        temporary = f"{name}{WRITING}"
        self.remove(temporary)
        with self.create(temporary) as file:
            file.write(data)
            file.sync()
        with writing(self.path / name):
            os.replace(self._at(temporary), self._at(name), src_dir_fd=self._handle, dst_dir_fd=self._handle)

    def remove(self, name: str) -> None:
        """Remove a file, a link, or a folder with all that is in it; do nothing if there is none."""
        kind = self.kind(name)
        with writing(self.path / name), contextlib.suppress(FileNotFoundError):
            if kind == stat.S_IFDIR:
                shutil.rmtree(self.path / name)
            elif kind:
                os.unlink(self._at(name), dir_fd=self._handle)

    def move(self, name: str, target: Directory) -> None:
        """Move a file or folder to another directory, where it replaces one of its name.

        To another disk, it is copied. It appears under its name when all of it is there.
        """
        folder = self.kind(name) == stat.S_IFDIR
        if folder or target.kind(name) == stat.S_IFDIR:
            target.remove(name)  # the system does not replace a folder, nor a file by a folder
        try:
            self._replace(name, target, name)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise OutputError(
                    f"cannot be written ({error.strerror})", where=str(target.path / name), hint=REPAIR
                ) from None
            self._copy(name, target, folder=folder)
            self.remove(name)

    def _replace(self, name: str, target: Directory, new_name: str) -> None:
        handles = {"src_dir_fd": self._handle, "dst_dir_fd": target._handle}  # another of its kind
        os.replace(self._at(name), target._at(new_name), **handles)

    def _copy(self, name: str, target: Directory, *, folder: bool) -> None:
        temporary = f".{name}.copying"
        target.remove(temporary)
        with writing(target.path / name):
            if folder:
                shutil.copytree(self.path / name, target.path / temporary, symlinks=True, copy_function=_copy_to_disk)
            else:
                with self._open(name, os.O_RDONLY) as source, target.create(temporary) as copy:
                    while data := source.read(_CHUNK):
                        copy.write(data)
                    copy.sync()
            target._replace(temporary, target, name)

    def sync(self) -> None:
        """Write the names of its files to the disk."""
        if self._handle is None:
            return
        with writing(self.path):
            try:
                os.fsync(self._handle)
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):  # not every file system has it
                    raise

    def _at(self, name: str) -> str:
        return name if self._handle is not None else os.path.join(self.path, name)

    def _open(self, name: str, flags: int) -> WorkFile:
        path = self.path / name
        strange = OutputError(
            "this is a link, a pipe or a folder in the place of a file of a run", where=str(path), hint=_REMOVE
        )
        if self._handle is None and self.kind(name) not in (0, stat.S_IFREG):
            raise strange
        try:
            handle = os.open(self._at(name), flags | _FLAGS, 0o666, dir_fd=self._handle)
        except OSError as error:
            if error.errno in _STRANGE or self.kind(name) not in (0, stat.S_IFREG):
                raise strange from None
            what = "read" if flags == os.O_RDONLY else "written"
            raise OutputError(f"cannot be {what} ({error.strerror})", where=str(path), hint=REPAIR) from None
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            os.close(handle)
            raise strange
        return WorkFile(path, handle)


def open_work_directory(path: Path) -> Directory:
    """Open the directory of a run, or create it.

    Raises `OutputError` if it is a link or a file, belongs to somebody else, or is not the directory of a run;
    `OSError` if it cannot be created.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.mkdir(path)
        is_new = True
    except FileExistsError:
        is_new = False
    status = os.lstat(path)
    if not stat.S_ISDIR(status.st_mode):
        raise OutputError("this is a link or a file in the place of a work directory", where=str(path), hint=_REMOVE)
    # the owner of the folder could replace it anyway; on some network disks, all files belong to one owner
    owners = {os.geteuid(), os.stat(path.parent).st_uid} if hasattr(os, "geteuid") else {status.st_uid}
    if not is_new and status.st_uid not in owners:
        raise OutputError("this work directory belongs to another user", where=str(path), hint=_REMOVE)
    directory = Directory(path)
    if directory.number != (status.st_dev, status.st_ino):
        raise OutputError("this work directory was replaced just now", where=str(path), hint=_REMOVE)
    try:
        _require_run(directory)
    except BaseException:
        directory.close()
        raise
    return directory


def _require_run(directory: Directory) -> None:
    """Raise `OutputError` unless a directory is empty, or holds the files of a run and nothing else."""
    names = directory.names()
    known = work_files()
    for name in names:
        folder = directory.kind(name) == stat.S_IFDIR
        if directory.kind(name) != stat.S_IFREG and not (folder and name in WORK_FOLDERS):
            raise OutputError(
                "this is a link, a pipe or a folder in the place of a file of a run",
                where=str(directory.path / name),
                hint=_REMOVE,
            )
        if not folder and name not in known:
            what = f"this work directory holds a file that no run wrote ({name!r})"
            raise OutputError(what, where=str(directory.path), hint=_REMOVE)
    if names and LOCK not in names:
        raise OutputError("this directory is not the work directory of a run", where=str(directory.path), hint=_REMOVE)


def _copy_to_disk(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    with open(target, "rb+") as file:
        os.fsync(file.fileno())
