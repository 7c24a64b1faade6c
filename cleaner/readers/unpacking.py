"""Zstandard files read as a stream, in which an end that comes too early is noticed."""

from __future__ import annotations

import io
from typing import BinaryIO

import zstandard

CHUNK = 1 << 17  # packed bytes


class UnpackedStream(io.RawIOBase):
    """The bytes of a file of one or more Zstandard frames. Raises `EOFError` if it ends in the middle of one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._frame = zstandard.ZstdDecompressor().decompressobj()
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
            if not self._packed:
                self._packed = self._file.read(CHUNK)
                if not self._packed:
                    if self._begun:
                        raise EOFError("the packed data ends in the middle of a frame")
                    return 0
            self._begun = True
            self._ready = memoryview(self._frame.decompress(self._packed))
            self._packed = b""
            if self._frame.eof:
                self._packed = self._frame.unused_data
                self._frame = zstandard.ZstdDecompressor().decompressobj()
                self._begun = False
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        self._given += size
        return size
