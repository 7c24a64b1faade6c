"""Packed files: gzip, Zstandard, bzip2 and xz, read as streams in which an end that comes too early is noticed."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from importlib import import_module
from pathlib import PurePath
from typing import IO, TYPE_CHECKING, Any, BinaryIO, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOOK = 10  # bytes by which a packing is known
_STARTS = {
    ".gz": re.compile(rb"\x1f\x8b"),
    ".zst": re.compile(rb"\x28\xb5\x2f\xfd"),
    ".bz2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    ".xz": re.compile(rb"\xfd7zXZ\0"),
}
_MODULES = {".gz": "gzip", ".zst": "zstandard", ".bz2": "bz2", ".xz": "lzma"}
PACKINGS = tuple(_STARTS)
_CHUNK = 1 << 17  # packed bytes
_BUFFER = 1 << 20  # unpacked bytes: that of the modules is smaller than the pieces that are asked of it

AnyPath = TypeVar("AnyPath", bound=PurePath)


def packing_of(start: bytes) -> str:
    """Tell by its first bytes how a file is packed: the ending of such a name, empty if it is not."""
    return next((ending for ending, looks in _STARTS.items() if looks.match(start)), "")


def is_named_packed(name: str) -> bool:
    """Say whether a file by its name is packed."""
    return name.lower().endswith(PACKINGS)


def unpacked_name(path: AnyPath) -> AnyPath:
    """Give the name of what is in a file."""
    return path.with_suffix("") if is_named_packed(path.name) else path


def unpacked(file: io.BufferedReader, name: str = "") -> io.BufferedReader:
    """Give what is in a file: itself, or what it holds in packed form.

    What is packed is known by its first bytes; a name that says that it is must keep its word. Raises `EOFError` for
    an empty file of such a name: even nothing has a beginning when it is packed.
    """
    named = PurePath(name).suffix.lower()
    start = file.peek(LOOK)[:LOOK]
    packing = packing_of(start) or (named if named in PACKINGS else "")
    if packing and not start:
        raise EOFError("the file is empty")
    return io.BufferedReader(_opened(file, packing), _BUFFER) if packing else file


def _opened(file: io.BufferedReader, packing: str) -> Any:
    if packing == ".gz":
        import gzip

        return gzip.GzipFile(fileobj=file)
    if packing == ".bz2":
        import bz2

        return _Frames(file, bz2.BZ2Decompressor, _BUFFER)
    if packing == ".xz":
        import lzma

        return _Frames(file, lzma.LZMADecompressor, _BUFFER)
    import zstandard

    return _Frames(file, zstandard.ZstdDecompressor().decompressobj)


def opened_to_pack(path: Path, packing: str) -> IO[bytes]:
    """Open a file to write what is then packed, or not if `packing` is empty."""
    if not packing:
        return path.open("wb")
    file: IO[bytes] = import_module(_MODULES[packing]).open(path, "wb")
    return file


def damages() -> tuple[type[Exception], ...]:
    """Give the errors that say that packed data is damaged, not that it ends too early."""
    import zlib

    import zstandard

    found: list[type[Exception]] = [zlib.error, zstandard.ZstdError]
    with suppress(ImportError):  # a Python may be built without it
        import lzma

        found.append(lzma.LZMAError)
    return tuple(found)


class _Frames(io.RawIOBase):
    """The bytes of a file of one or more frames, as Zstandard, bzip2 and xz have them, zeros between them left out.

    `limit` bounds what a frame gives at once, where its kind knows of bounds. Raises `EOFError` if the file ends in
    the middle of a frame; what follows a frame and is none is an error of its kind.
    """

    def __init__(self, file: BinaryIO, new_frame: Callable[[], Any], *limit: int) -> None:
        self._file = file
        self._new_frame = new_frame
        self._limit = limit
        self._frame = new_frame()
        self._begun = False
        self._packed = b""
        self._ready = memoryview(b"")
        self._given = 0

    def tell(self) -> int:
        """Give the number of unpacked bytes that were given so far."""
        return self._given

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer is one
        """Read into a buffer; give how many bytes, 0 at the end."""
        while not self._ready:
            if self._wants_input() and not self._read():
                if self._begun:
                    raise EOFError("the packed data ends in the middle of a frame")
                return 0
            self._begun = True
            self._ready = memoryview(self._frame.decompress(self._packed, *self._limit))
            self._packed = b""
            if self._frame.eof:
                self._packed = self._frame.unused_data.lstrip(b"\0")
                self._frame = self._new_frame()
                self._begun = False
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        self._given += size
        return size

    def _wants_input(self) -> bool:
        return not self._packed and (not self._limit or bool(self._frame.needs_input))

    def _read(self) -> bool:
        """Read what comes next; say whether there was something."""
        while not self._packed and (data := self._file.read(_CHUNK)):
            self._packed = data if self._begun else data.lstrip(b"\0")
        return bool(self._packed)
