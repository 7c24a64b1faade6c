"""The end of a record with a fault, found in its bytes without a parser."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import batches

if TYPE_CHECKING:
    import re

    from .text_encodings import Readable

READ = 1 << 16  # bytes that are read at once
_LONGEST_TAG = 256  # bytes, which may be split between two reads


class Skipped(NamedTuple):
    """Bytes that were skipped: the first of them, how many they are, and where they stood."""

    head: bytes
    size: int
    line: int
    offset: int
    next_line: int
    """The line of the byte after them."""
    ends_file: bool
    is_record: bool = False


def skip_to(end: re.Pattern[bytes], held: bytearray, file: Readable, seek: int, offset: int, line: int) -> Skipped:
    """Skip bytes up to the end of a pattern, or to the end of the file. They begin with those of `held`.

    `held` has those that follow afterwards. The search begins at the position `seek`. Of more bytes than a record may
    have, the first are returned.
    """
    head = b""
    size = lines = 0
    match = end.search(held, seek)
    while match is None:
        if len(held) > batches.MAX_RECORD:
            cut = len(held) - _LONGEST_TAG
            head = head or bytes(held[: batches.KEPT_BYTES])
            size, lines = size + cut, lines + held.count(b"\n", 0, cut)
            del held[:cut]
        seek = max(len(held) - _LONGEST_TAG, 0)
        chunk = file.read(READ)
        if not chunk:
            break
        held += chunk
        match = end.search(held, seek)
    stop = match.end() if match else len(held)
    size, lines = size + stop, lines + held.count(b"\n", 0, stop)
    head = head or bytes(held[: stop if stop <= batches.MAX_RECORD else batches.KEPT_BYTES])
    del held[:stop]
    return Skipped(head, size, line, offset, line + lines, match is None)
