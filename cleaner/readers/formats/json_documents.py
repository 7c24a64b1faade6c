"""JSON documents: an array of objects, or objects one after the other, each of any number of lines."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from ....schemas.errors import InputError
from ....schemas.messages import counted
from ..batches import BATCH_BYTES, Batch
from ..source import Source, narrowed, opened
from .jsonl import batch_of_records

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

MAX_VALUE = 256 << 20  # bytes: a value that is longer lacks a bracket or a quote
_BETWEEN = re.compile(rb"[\s,]*")
_BRACKET_OR_QUOTE = re.compile(rb'["{}\[\]]')
_SCALAR = re.compile(rb'[^\s,"{}\[\]]+')


def read_documents(source: Source, encoding: str | None, stream: io.BufferedReader | None = None) -> Iterator[Batch]:
    """Read a file value by value; one that is no JSON, or no object, does not stop the others.

    Raises `InputError` where the file ends within its array or a value.
    """
    with opened(source, stream) as (file, at):
        text, encoding = narrowed(file, encoding)
        splitter = _Splitter(source)
        done = 0
        more = True
        while more:
            chunk = text.read(max(BATCH_BYTES, splitter.waiting))
            more = bool(chunk)
            raws, lines, offsets = splitter.split(chunk)
            known = offsets if text is file else [None] * len(offsets)
            batch = batch_of_records(source, raws, lines, known, encoding, "json")
            batch.consumed, done = at() - done, at()
            yield batch


class _Splitter:
    """Splits a file into its values by brackets and quotes, without reading what is in them."""

    def __init__(self, source: Source) -> None:
        self._label = source.label
        self._data = b""
        self._line, self._offset = 1, 0
        self._in_array = False
        self._count = 0

    @property
    def waiting(self) -> int:
        """Bytes of a value whose end was not seen yet."""
        return len(self._data)

    def split(self, chunk: bytes) -> tuple[list[bytes], list[int], list[int]]:
        """Give the values that end in this chunk, their lines and their offsets; an empty chunk is the end."""
        data = self._data + chunk
        raws: list[bytes] = []
        lines: list[int] = []
        offsets: list[int] = []
        at = len(codecs.BOM_UTF8) if self._offset == 0 and data.startswith(codecs.BOM_UTF8) else 0
        line, counted = self._line, 0
        while True:
            at = self._next(data, at)
            line, counted = line + data.count(b"\n", counted, at), at
            end = _end(data, at, last=not chunk) if at < len(data) else None
            if end is None:
                break
            raws.append(data[at:end])
            lines.append(line)
            offsets.append(self._offset + at)
            at = end
        self._count += len(raws)
        self._data, self._line, self._offset = data[at:], line, self._offset + at
        self._check_end(last=not chunk)
        return raws, lines, offsets

    def _next(self, data: bytes, at: int) -> int:
        """Give where the next value begins, past the brackets of the array."""
        while True:
            between = _BETWEEN.match(data, at)
            at = between.end() if between else at
            if data[at : at + 1] != (b"]" if self._in_array else b"["):
                return at
            self._in_array = not self._in_array
            at += 1

    def _check_end(self, *, last: bool) -> None:
        wrong = ""
        if len(self._data) > MAX_VALUE or (last and self._data):
            wrong = f"the JSON value that begins in line {self._line} does not end"
        elif last and self._in_array:
            wrong = "the JSON array does not end"
        if wrong:
            before = counted(self._count, "record")
            raise InputError(f"{wrong} ({before} before it)", where=self._label, hint="is it complete?")


def _end(data: bytes, start: int, *, last: bool) -> int | None:
    """Give where the value ends that begins at `start`, None if it is not all there."""
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
    """Give where a string ends whose opening quote stands before `at`."""
    while (quote := data.find(b'"', at)) >= 0:
        escapes = quote
        while data[escapes - 1] == 0x5C:
            escapes -= 1
        if (quote - escapes) % 2 == 0:
            return quote + 1
        at = quote + 1
    return None
