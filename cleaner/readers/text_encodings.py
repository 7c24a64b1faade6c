"""Encodings of texts: which are accepted, which a byte order mark tells, and which have no line feeds of one byte."""

from __future__ import annotations

import codecs
from typing import Protocol

from ...schemas.errors import SettingError

# The longer marks come first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Codecs of Python that turn text into bytes, but are not encodings of files.
_NOT_OF_FILES = frozenset(("charmap", "idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"))
_STATEFUL = ("utf-7", "hz", "iso2022")  # what a byte means depends on those before it, even across lines
_READ = 1 << 20  # bytes that are decoded at once


def check_encoding(encoding: str | None) -> str | None:
    """Return the name of an encoding as Python knows it. Raises `SettingError` if texts cannot be written in it."""
    if encoding is None:
        return None
    hint = "use a name such as utf-8 or windows-1252"
    try:
        codec = codecs.lookup(encoding)
    except (LookupError, ValueError):
        raise SettingError(f"unknown encoding {encoding[:60]!r}", hint=hint) from None
    # Python says of each codec whether it is for texts; hex, rot13 and zlib are not.
    if not getattr(codec, "_is_text_encoding", True) or codec.name in _NOT_OF_FILES:
        raise SettingError(f"{encoding!r} is not an encoding of texts", hint=hint)
    return codec.name


def encoding_of_mark(start: bytes) -> str:
    """Return the encoding that a byte order mark tells, empty if there is none of UTF-16 or UTF-32."""
    return next((name for mark, name in _MARKS if start.startswith(mark)), "")


def has_byte_lines(encoding: str) -> bool:
    """Return whether each line of a file in an encoding can be found by its line feed, and decoded alone."""
    return "\n".encode(encoding) == b"\n" and not encoding.startswith(_STATEFUL)


class Readable(Protocol):
    """An object with the method `read` of a binary file."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, or all that are left."""


class Recoded:
    """The text of a file in UTF-8, without a byte order mark. Raises `UnicodeError` for bytes not in its encoding."""

    def __init__(self, file: Readable, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._text = bytearray()
        self._begun = self._ended = False

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, or all that are left."""
        while not self._ended and (size < 0 or len(self._text) < size):
            self._fill()
        count = len(self._text) if size < 0 else size
        data = bytes(self._text[:count])
        del self._text[:count]
        return data

    def _fill(self) -> None:
        data = self._file.read(_READ)
        self._ended = not data
        text = self._decoder.decode(data, self._ended)
        if text and not self._begun:
            self._begun = True
            text = text.removeprefix("\ufeff")
        self._text += text.encode()
