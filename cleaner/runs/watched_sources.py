"""Input files under watch: a run notices that one changes, and knows the digest of the bytes that it read.

A change that keeps the size and the time of the last change, as `touch -r` does, is found by the digest: if the system
has noted anything about a file, its content is compared with the bytes that were read.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ..readers.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

_CHUNK = 1 << 20  # bytes hashed at once
_RANDOM_ACCESS = ("parquet", "arrow")  # formats that are not read from beginning to end


class FileState(NamedTuple):
    """What the system notes of a file; some of it also changes when a file is linked or moved, and stays as it was."""

    size: int
    modified: int
    changed: int
    device: int
    number: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileState:
        """Take it from what `stat` returns. Times are in nanoseconds."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_dev, status.st_ino)


class Progress(msgspec.Struct, frozen=True):
    """How far a file was read: the number of bytes from its beginning on, and their SHA-256."""

    size: int
    sha256: str


class FileWatch:
    """The state of a file when the run began, and the digest of its bytes that were read so far."""

    __slots__ = ("_digest", "_size", "_source", "_state", "_whole")

    def __init__(self, source: Source) -> None:
        self._source = source
        self._state = self._stat()
        self._begin()

    def _begin(self) -> None:
        self._digest: Any = hashlib.sha256()
        self._size = 0
        self._whole: str | None = None

    @property
    def progress(self) -> Progress:
        """How far the file was read."""
        return Progress(self._size, self._whole or self._digest.hexdigest())

    @property
    def sha256(self) -> str:
        """The digest of the whole file. Bytes that were not read yet are read now."""
        self._read_to(self._state.size)
        return self._whole or str(self._digest.hexdigest())

    def add(self, file: io.FileIO, start: int, data: memoryview) -> None:
        """Add bytes that were read at an offset. If bytes before them were left out, read those from the file."""
        if self._whole is not None or not len(data):
            return
        if start > self._size:
            self._hash(file, start)
        if start <= self._size < start + len(data):
            self._update(data[self._size - start :])

    def continue_from(self, progress: Progress) -> None:
        """Take over what an earlier process has read. Raises `InputError` if the file has changed since."""
        if progress.size == self._state.size:
            self._size, self._whole, self._digest = progress.size, progress.sha256, None
            return
        self._read_to(progress.size)
        if self.progress != progress:
            raise self._source.changed()

    def require_unchanged(self, status: os.stat_result | None = None) -> None:
        """Raise `InputError` if the file was written to or replaced. `status` is that of an open file."""
        state = FileState.of(status) if status else self._stat()
        if state == self._state:
            return
        if (state.size, state.modified) != (self._state.size, self._state.modified):
            raise self._source.changed()
        # the file was linked or moved, or something was done to hide a change: the content decides
        sha256 = self.sha256
        self._begin()
        self._state = state
        if self.sha256 != sha256:
            raise self._source.changed()

    def require_untouched(self) -> None:
        """Raise `InputError` if the system has noted anything about the file, even if that is only a link to it."""
        if self._stat() != self._state:
            raise self._source.changed()

    def _update(self, data: memoryview) -> None:
        self._digest.update(data)
        self._size += len(data)
        if self._size == self._state.size:  # thousands of small files need not keep their hash objects
            self._whole, self._digest = self._digest.hexdigest(), None

    def _stat(self) -> FileState:
        assert self._source.path is not None
        try:
            return FileState.of(self._source.path.stat())
        except OSError:
            raise self._source.changed() from None

    def _read_to(self, size: int) -> None:
        if self._size >= size:
            return
        try:
            with io.FileIO(str(self._source.path)) as file:
                self._hash(file, size)
        except OSError:
            raise self._source.changed() from None
        if self._size < size:
            raise self._source.changed()

    def _hash(self, file: io.FileIO, stop: int) -> None:
        """Hash the bytes up to an offset; the file is left where it was."""
        at = io.FileIO.tell(file)
        io.FileIO.seek(file, self._size)
        buffer = memoryview(bytearray(_CHUNK))
        while self._size < stop and (count := io.FileIO.readinto(file, buffer[: stop - self._size])):
            self._update(buffer[:count])
        io.FileIO.seek(file, at)


class _WatchedFile(io.FileIO):
    """A file whose bytes are added to a digest as they are read."""

    def __init__(self, path: str, watch: FileWatch) -> None:
        super().__init__(path)
        self._watch = watch
        self._at = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to another place of the file."""
        self._at = super().seek(offset, whence)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        """Read into a buffer; return the number of bytes."""
        count = super().readinto(buffer)
        self._watch.add(self, self._at, memoryview(buffer)[:count])
        self._at += count
        return count

    def read(self, size: int | None = -1, /) -> bytes:
        """Read some bytes, or the rest of the file."""
        if size is None or size < 0:
            return self.readall()
        buffer = bytearray(size)
        return bytes(buffer[: self.readinto(buffer)])

    def readall(self) -> bytes:
        """Read the rest of the file."""
        data = super().readall() or b""
        self._watch.add(self, self._at, memoryview(data))
        self._at += len(data)
        return data


@dataclass(frozen=True)
class WatchedSource(Source):
    """A file of the input under watch. Other processes receive it as a plain source."""

    watch: FileWatch | None = field(default=None, compare=False, repr=False)

    def open(self) -> io.FileIO:
        """Open the file for reading. Raises `InputError` if it has changed since it was found."""
        assert self.watch is not None
        file = _WatchedFile(str(self.path), self.watch)
        try:
            self.watch.require_unchanged(os.fstat(file.fileno()))
        except BaseException:
            file.close()
            raise
        return file

    def begin(self) -> None:
        """Read the whole file if a library is going to read it from any place in it."""
        if self.watch is not None and self.kind in _RANDOM_ACCESS:
            self.require_unchanged()
            _ = self.watch.sha256

    def require_unchanged(self) -> None:
        """Raise `InputError` if the file has changed since it was found; compare its content in case of doubt."""
        super().require_unchanged()
        if self.watch is not None:
            self.watch.require_unchanged()

    def __reduce__(self) -> tuple[Any, ...]:
        return Source, tuple(getattr(self, each.name) for each in fields(Source))


def watch_sources(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Watch the files among some sources."""
    return tuple(map(_watch, sources))


def _watch(source: Source) -> Source:
    if source.path is None or source.problem is not None or not _is_regular(source.path):
        return source
    values = {each.name: getattr(source, each.name) for each in fields(Source)}
    return WatchedSource(**values, watch=FileWatch(source))


def _is_regular(path: os.PathLike[str]) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


def watch_of(source: Source) -> FileWatch | None:
    """Return the watch of a file, None for other sources."""
    return source.watch if isinstance(source, WatchedSource) else None


def digest_of(source: Source) -> str | None:
    """Return the SHA-256 of the bytes of a file that were read; None for other sources."""
    if source.path is None or source.problem is not None or not _is_regular(source.path):
        return None
    return (watch_of(source) or FileWatch(source)).sha256
