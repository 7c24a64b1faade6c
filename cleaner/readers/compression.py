"""Compressed ("packed") files: gzip, Zstandard, bzip2 and xz, read as streams.

Of a file that ends too early, or is damaged, what comes before that place is read. One read returns a bounded number
of bytes, however well the data is compressed: a small file that unpacks to gigabytes never fills the memory.
"""

from __future__ import annotations

import io
import re
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, BinaryIO, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOOK = 10  # bytes that tell a packing
_STARTS = {
    ".gz": re.compile(rb"\x1f\x8b"),
    ".zst": re.compile(rb"\x28\xb5\x2f\xfd"),
    ".bz2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    ".xz": re.compile(rb"\xfd7zXZ\0"),
}
_MODULES = {".gz": "gzip", ".zst": "zstandard", ".bz2": "bz2", ".xz": "lzma"}
PACKINGS = tuple(_STARTS)
_READ = 1 << 15  # packed bytes that are read at once
_READ_ZSTD = 1 << 11  # 4 bytes of Zstandard may hold 128 KiB: this is at most 64 MiB, unpacked
_OUTPUT = 1 << 20  # unpacked bytes of bzip2 and xz at once
_WINDOW = 1 << 27  # bytes that Zstandard may look back; `zstd --long=27` is the most that it reads by default, too
_XZ_MEMORY = 1 << 28  # bytes that xz may use; `xz -9` needs 65 MiB

AnyPath = TypeVar("AnyPath", bound=PurePath)


def packing_of(start: bytes) -> str:
    """Return the packing that the first bytes of a file tell, as the ending of its name; empty if it is not packed."""
    return next((ending for ending, looks in _STARTS.items() if looks.match(start)), "")


def is_named_packed(name: str) -> bool:
    """Return whether the name of a file ends like that of a packed one."""
    return name.lower().endswith(PACKINGS)


def unpacked_name(path: AnyPath) -> AnyPath:
    """Return a path without the ending of a packing."""
    return path.with_suffix("") if is_named_packed(path.name) else path


def find_packing(file: io.BufferedReader, name: str) -> str:
    """Return the packing of an open file, empty if it is not packed.

    The first bytes tell it; a name that ends like that of a packed file must be right. Raises `EOFError` for an empty
    file of such a name, because even nothing has a header when it is packed.
    """
    start = file.peek(LOOK)[:LOOK]
    packing = packing_of(start)
    if not packing and is_named_packed(name):
        packing = PurePath(name).suffix.lower()  # empty for a file whose whole name is ".gz"
    if packing and not start:
        raise EOFError("the file is empty")
    return packing


def open_packed(file: BinaryIO, packing: str, *, up_to_damage: bool = False) -> UnpackedFile:
    """Open a packed file to read what it holds. For `up_to_damage`, see `UnpackedFile`."""
    return UnpackedFile(_open_to_read(file, packing), up_to_damage=up_to_damage)


def _open_to_read(file: BinaryIO, packing: str) -> Callable[[int], bytes | memoryview]:
    """Return a function that reads up to so many unpacked bytes of a file, none at its end."""
    if packing == ".gz":
        import gzip

        return gzip.GzipFile(fileobj=file).read1
    if packing == ".bz2":
        import bz2

        return _Frames(file, _READ, bz2.BZ2Decompressor, _OUTPUT).read1
    if packing == ".xz":
        import lzma

        new_frame = partial(lzma.LZMADecompressor, memlimit=_XZ_MEMORY)
        return _Frames(file, _READ, new_frame, _OUTPUT).read1
    import zstandard

    return _Frames(file, _READ_ZSTD, zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj).read1


def opened_to_pack(path: Path, packing: str) -> IO[bytes]:
    """Open a file whose content is packed as it is written; `packing` may be empty."""
    if not packing:
        return path.open("wb")
    file: IO[bytes] = import_module(_MODULES[packing]).open(path, "wb")
    return file


def damage_errors() -> tuple[type[Exception], ...]:
    """Return the errors that mean damaged packed data, other than an early end."""
    import zlib

    import zstandard

    errors: list[type[Exception]] = [zlib.error, zstandard.ZstdError]
    with suppress(ImportError):  # a Python may be built without it
        import lzma

        errors.append(lzma.LZMAError)
    return tuple(errors)


class UnpackedFile(io.RawIOBase):
    """What a packed file holds. Damaged data raise the errors of `damage_errors`, `EOFError` or `OSError`.

    `read_some` returns at most so many bytes, none at the end. With `up_to_damage`, the file ends where it is damaged.
    """

    def __init__(self, read_some: Callable[[int], bytes | memoryview], *, up_to_damage: bool) -> None:
        self._up_to_damage = up_to_damage
        self._read_some = read_some
        self._position = 0
        self.damage: Exception | None = None
        """Why the file cannot be read any further, None if it can."""

    def tell(self) -> int:
        """Return the number of unpacked bytes that were read so far."""
        return self._position

    def readable(self) -> bool:
        """Return True: it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer is one
        """Fill a buffer; return the number of bytes, less than its size only at the end or before a damage."""
        filled = 0
        while filled < len(buffer) and self.damage is None:
            try:
                data = self._read_some(len(buffer) - filled)
            except Exception as error:
                if not isinstance(error, (EOFError, OSError, *damage_errors())):
                    raise
                self.damage = error
                if not self._up_to_damage:
                    raise
                break
            if not data:
                break
            buffer[filled : filled + len(data)] = data
            filled += len(data)
        self._position += filled
        return filled


class _Frames:
    """The content of a file of one or more frames, as Zstandard, bzip2 and xz have them.

    Zeros between frames are skipped; other bytes after a frame must begin another one. `read_size` are the packed bytes
    that are read at once, `limit` the bytes that a frame returns at once, if its kind can limit that. Raises `EOFError`
    if the file ends within a frame.
    """

    def __init__(self, file: BinaryIO, read_size: int, new_frame: Callable[[], Any], *limit: int) -> None:
        self._file, self._read_size = file, read_size
        self._new_frame = new_frame
        self._limit = limit
        self._frame = new_frame()
        self._begun = False
        self._packed = b""
        self._ready = memoryview(b"")

    def read1(self, size: int) -> memoryview:
        """Return up to `size` bytes, none only at the end."""
        if not self._ready:
            self._unpack()
        data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def _unpack(self) -> None:
        """Unpack the next bytes, if there are any."""
        while not self._ready:
            if self._wants_input() and not self._read():
                if self._begun:
                    raise EOFError("the packed data ends in the middle of a frame")
                return
            self._begun = True
            self._ready = memoryview(self._frame.decompress(self._packed, *self._limit))
            self._packed = b""
            if self._frame.eof:
                self._packed = self._frame.unused_data.lstrip(b"\0")
                self._frame = self._new_frame()
                self._begun = False

    def _wants_input(self) -> bool:
        return not self._packed and (not self._limit or bool(self._frame.needs_input))

    def _read(self) -> bool:
        """Read the next packed bytes; return False if there are none."""
        while not self._packed and (data := self._file.read(self._read_size)):
            self._packed = data if self._begun else data.lstrip(b"\0")
        return bool(self._packed)
