"""Directories that other users cannot write to, and plain files in them.

Cached files are trusted: a wrong one could hide findings or crash the interpreter. So the cache works only in a
directory of this user or of root that nobody else can write to, and only with files of the same kind. Links, pipes and
folders in the place of a file are never followed or emptied.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import stat
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOGGER = "copydesk.cache"
"""The logger of warnings about caches. Worker processes silence it, so that each warning appears once."""
_log = logging.getLogger(LOGGER)
_HAS_OWNERS = hasattr(os, "geteuid")  # not on Windows
_HAS_HANDLES = os.open in os.supports_dir_fd and os.rename in os.supports_dir_fd
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # opening a pipe would wait for its other end
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PATIENCE = 60.0  # seconds to wait for a process that compiles rules
_PAUSE = 0.05  # seconds between two tries
_WRITABLE = "other users can write to it"
_warned: set[Path] = set()


class PrivateDirectory:
    """An open directory that no other user can write to. Close it after use."""

    def __init__(self, path: Path, handle: int | None, *, owned: bool) -> None:
        self.path = path
        self.owned = owned
        """Whether the directory is this user's own. One of root is only read."""
        self._handle = handle

    def __enter__(self) -> PrivateDirectory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the directory."""
        if self._handle is not None:
            os.close(self._handle)

    def read(self, name: str, *, secret: bool = False) -> bytes | None:
        """Return the content of a file, or None if it is missing or not private.

        A `secret` file must not be readable by other users either.
        """
        with contextlib.suppress(OSError):
            handle = self._open(name, os.O_RDONLY | _NO_WAIT)
            with os.fdopen(handle, "rb") as file:
                if _is_private(os.fstat(handle), stat.S_IFREG, _OTHERS if secret else _OTHERS_WRITE):
                    return file.read()
        return None

    def write(self, name: str, content: bytes) -> bool:
        """Write a file as a whole, or leave everything as it was. Return whether it was written."""
        temporary = f".writing-{secrets.token_hex(8)}"
        try:
            handle = self._open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        except OSError:
            return False
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            self._replace(temporary, name)  # this replaces a link itself, not the file that it leads to
        except BaseException as error:
            with contextlib.suppress(OSError):
                self._remove(temporary)
            if isinstance(error, OSError):
                return False
            raise
        return True

    def accepts(self, name: str) -> bool:
        """Return whether a name is free, or the name of a private file, for code that opens files by their path."""
        try:
            status = os.stat(self._name(name), dir_fd=self._handle, follow_symlinks=False)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return _is_private(status, stat.S_IFREG, _OTHERS_WRITE) and status.st_nlink == 1

    def create(self, name: str) -> None:
        """Create an empty file that only this user can read, unless the name is taken."""
        with contextlib.suppress(OSError):
            os.close(self._open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of the directory, if the system has such locks and nobody holds it for more than a minute."""
        try:
            import fcntl
        except ImportError:
            yield
            return
        assert self._handle is not None
        deadline = time.monotonic() + _PATIENCE
        # whoever can list the directory can lock it, so that waiting without an end is not safe
        while not _try_lock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB) and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            _try_lock(self._handle, fcntl.LOCK_UN)

    def _name(self, name: str) -> str:
        return name if self._handle is not None else str(self.path / name)

    def _open(self, name: str, flags: int) -> int:
        return os.open(self._name(name), flags | _NO_LINK, 0o600, dir_fd=self._handle)

    def _replace(self, source: str, target: str) -> None:
        os.replace(self._name(source), self._name(target), src_dir_fd=self._handle, dst_dir_fd=self._handle)

    def _remove(self, name: str) -> None:
        os.unlink(self._name(name), dir_fd=self._handle)


def _try_lock(handle: int, operation: int) -> bool:
    """Return False if another process holds the lock. A file system without locks counts as success."""
    import fcntl

    try:
        fcntl.flock(handle, operation)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def open_private(path: Path, *, create: bool = False, warn: bool = True) -> PrivateDirectory | None:
    """Open a directory if no other user can write to it; otherwise return None, with one warning per directory.

    With `create`, a missing directory is made, for this user alone. A missing directory causes no warning.
    """
    if create:
        with contextlib.suppress(OSError):
            make_private(path)
    handle: int | None = None
    try:
        if _HAS_HANDLES:
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _NO_LINK)
        status = os.fstat(handle) if handle is not None else os.lstat(path)
    except OSError:
        if fault := _fault_at(path):
            _refuse(path, fault, warn=warn)
        return None
    if fault := _fault_of(status):
        if handle is not None:
            os.close(handle)
        _refuse(path, fault, warn=warn)
        return None
    return PrivateDirectory(path, handle, owned=not _HAS_OWNERS or status.st_uid == os.geteuid())


def make_private(path: Path) -> None:
    """Make a directory and those above it, all for this user alone."""
    if not path.parent.exists():
        make_private(path.parent)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)


def _is_private(status: os.stat_result, kind: int, forbidden: int) -> bool:
    """Return whether a file or directory belongs to this user or root, and lacks some permissions."""
    if stat.S_IFMT(status.st_mode) != kind:
        return False
    return not _HAS_OWNERS or (status.st_uid in (0, os.geteuid()) and not status.st_mode & forbidden)


def _fault_at(path: Path) -> str:
    """Return why a path that is no directory cannot be trusted; an empty text for a missing one or a plain file."""
    try:
        status = os.lstat(path)
    except OSError:
        return ""
    return "" if stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode) else _fault_of(status)


def explain_refusal(path: Path) -> str:
    """Return why a directory is not used as a cache, or an empty text."""
    try:
        return _fault_of(os.lstat(path))
    except OSError as error:
        return error.strerror or str(error)


def _fault_of(status: os.stat_result) -> str:
    """Return why a directory cannot be trusted, or an empty text."""
    if stat.S_ISLNK(status.st_mode):
        return "it is a link"
    if not stat.S_ISDIR(status.st_mode):
        return "it is not a directory"
    if _is_private(status, stat.S_IFDIR, _OTHERS_WRITE):
        return ""
    return _WRITABLE if status.st_mode & _OTHERS_WRITE else "it belongs to another user"


def _refuse(path: Path, fault: str, *, warn: bool) -> None:
    if warn and path not in _warned:
        _warned.add(path)
        hint = f"run `chmod 700 {path}`, or " if fault == _WRITABLE else ""
        _log.warning(
            "the cache %s is not used: %s; %sset COPYDESK_CACHE_DIR to a directory of your own", path, fault, hint
        )
