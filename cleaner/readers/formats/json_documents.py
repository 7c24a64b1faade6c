"""JSON documents: an array of objects, or objects one after the other, each of any number of lines."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from ....schemas.errors import InputError
from ....schemas.messages import counted
from .. import batches
from ..declare import Bad, Record, reader
from .jsonl import read_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source import InputFile, Source

_BETWEEN = re.compile(rb"[\s,]*")
_BRACKET_OR_QUOTE = re.compile(rb'["{}\[\]]')
_SCALAR = re.compile(rb'[^\s,"{}\[\]]+')


def _sniff(start: bytes) -> float:
    return 0.8 if re.match(rb"\s*(\{|\[\s*\{)", start) else 0


@reader(name="json", suffixes=[".json"], sniff=_sniff)
def read_documents(file: InputFile) -> Iterator[Record | Bad]:
    """Read a file value by value. A value that is not JSON, or not an object, does not stop the others.

    Raises `InputError` if the file ends within its array or a value.
    """
    text, encoding = file.narrowed()
    splitter = _Splitter(file.source)
    more = True
    while more:
        chunk = text.read(max(batches.BATCH_BYTES, splitter.waiting))
        more = bool(chunk)
        for raw, line, offset in splitter.split(chunk):
            item = read_record(raw, encoding, line, offset if text is file else None)
            if item is not None:
                yield item


class _Splitter:
    """Splits a file into its values by brackets and quotes, without parsing them."""

    def __init__(self, source: Source) -> None:
        self._label = source.label
        self._data = b""
        self._line, self._offset = 1, 0
        self._in_array = False
        self._count = 0

    @property
    def waiting(self) -> int:
        """Bytes of a value whose end has not come yet."""
        return len(self._data)

    def split(self, chunk: bytes) -> Iterator[tuple[bytes, int, int]]:
        """Yield the values that end in this chunk, each with its line and offset. An empty chunk is the end."""
        data = self._data + chunk
        at = len(codecs.BOM_UTF8) if self._offset == 0 and data.startswith(codecs.BOM_UTF8) else 0
        line, counted = self._line, 0
        while True:
            at = self._next(data, at)
            line, counted = line + data.count(b"\n", counted, at), at
            end = _end(data, at, last=not chunk) if at < len(data) else None
            if end is None:
                break
            yield data[at:end], line, self._offset + at
            self._count += 1
            at = end
        self._data, self._line, self._offset = data[at:], line, self._offset + at
        self._check_end(last=not chunk)

    def _next(self, data: bytes, at: int) -> int:
        """Return the start of the next value, past the brackets of the array."""
        while True:
            between = _BETWEEN.match(data, at)
            at = between.end() if between else at
            if data[at : at + 1] != (b"]" if self._in_array else b"["):
                return at
            self._in_array = not self._in_array
            at += 1

    def _check_end(self, *, last: bool) -> None:
        wrong = ""
        if last and self._data:
            wrong = f"the JSON value that begins in line {self._line} does not end"
        elif len(self._data) > batches.MAX_RECORD:
            wrong = f"the JSON value that begins in line {self._line} does not end within {batches.MAX_RECORD:,} bytes"
        elif last and self._in_array:
            wrong = "the JSON array does not end"
        if wrong:
            before = counted(self._count, "record")
            raise InputError(f"{wrong} ({before} before it)", where=self._label, hint="check that the file is complete")


def _end(data: bytes, start: int, *, last: bool) -> int | None:
    """Return the end of the value that begins at `start`, None if it is incomplete."""
    if scalar := _SCALAR.match(data, start):
        return scalar.end() if last or scalar.end() < len(data) else None
    depth, at = 0, start
    while mark := _BRACKET_OR_QUOTE.search(data, at):
        at = mark.end()
        if mark[0] == b'"':
            closed = _end_of_string(data, at)
            if closed is None:
                return None
            at = closed
        else:
            depth += 1 if mark[0] in b"{[" else -1
        if depth <= 0:
            return at
    return None


def _end_of_string(data: bytes, at: int) -> int | None:
    """Return the end of the string whose opening quote is right before `at`."""
    while (quote := data.find(b'"', at)) >= 0:
        escapes = quote
        while data[escapes - 1] == 0x5C:
            escapes -= 1
        if (quote - escapes) % 2 == 0:
            return quote + 1
        at = quote + 1
    return None
