"""JSON documents: an array of objects, perhaps in an envelope, or objects one after the other, in any lines."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from ....schemas.errors import InputError
from ....schemas.messages import counted
from .. import batches
from ..declare import Bad, Record, reader
from ..json_shapes import end_of_value, find_list, find_orient, is_of_list, rows_of
from .jsonl import read_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source import InputFile, Source
    from ..text_encodings import Readable

_BETWEEN = re.compile(rb"[\s,]*")
_HINT = "check that the file is complete"
_SAMPLE = 1 << 16  # bytes that tell the shape around the records
_SURE = 0.95  # more than JSON Lines, of which the first line may be all of the file


def _sniff(start: bytes) -> float:
    if not re.match(rb"\s*(\{|\[\s*\{)", start):
        return 0
    line, _, rest = start.strip().partition(b"\n")
    is_one_line = line.endswith(b"}") and rest.startswith(b"{")
    return 0.8 if is_one_line or not (find_list(start) or find_orient(start)) else _SURE


@reader(name="json", suffixes=[".json"], sniff=_sniff)
def read_documents(file: InputFile) -> Iterator[Record | Bad]:
    """Read a file value by value. A value that is not JSON, or not an object, does not stop the others.

    Records may be in the list of an envelope, such as `articles`, `hits.hits` or `@graph`, or in an object as pandas
    writes it. Such an object is read as a whole, and its rows are numbered. Raises `InputError` if the file ends within
    its array or a value.
    """
    text, encoding = file.narrowed()
    first = text.read(batches.BATCH_BYTES)
    mark = len(codecs.BOM_UTF8) if first.startswith(codecs.BOM_UTF8) else 0
    start = first[mark : mark + _SAMPLE]
    place, orient = find_list(start), find_orient(start)
    skipped = mark + place.offset if place is not None else 0
    splitter = _Splitter(file.source, first[:skipped], is_enveloped=place is not None)
    for chunk in _read_chunks(first[skipped:], text, splitter):
        for raw, line, offset in splitter.split(chunk):
            item = read_record(raw, encoding, line, offset if text is file else None)
            if isinstance(item, Record) and orient:
                yield from (Record(row, number) for number, row in enumerate(rows_of(dict(item.fields), orient), 1))
            elif item is not None and (place is None or isinstance(item, Bad) or is_of_list(item.fields, place.name)):
                yield item


def _read_chunks(first: bytes, text: Readable, splitter: _Splitter) -> Iterator[bytes]:
    """Yield the first bytes of a file, the others, and an empty chunk at the end."""
    yield first
    while chunk := text.read(max(batches.BATCH_BYTES, splitter.waiting)):
        yield chunk
    yield b""


class _Splitter:
    """Splits a file into its values by brackets and quotes, without parsing them."""

    def __init__(self, source: Source, before: bytes = b"", *, is_enveloped: bool = False) -> None:
        self._label = source.label
        self._data = b""
        self._line, self._offset = 1 + before.count(b"\n"), len(before)
        self._in_array = self._is_over = False
        self._is_enveloped = is_enveloped
        self._count = 0

    @property
    def waiting(self) -> int:
        """Bytes of a value whose end has not come yet."""
        return len(self._data)

    def split(self, chunk: bytes) -> Iterator[tuple[bytes, int, int]]:
        """Yield the values that end in this chunk, each with its line and offset. An empty chunk is the end."""
        if self._is_over:
            return
        data = self._data + chunk
        at = len(codecs.BOM_UTF8) if self._offset == 0 and data.startswith(codecs.BOM_UTF8) else 0
        line, counted = self._line, 0
        while True:
            at = self._next(data, at)
            line, counted = line + data.count(b"\n", counted, at), at
            end = end_of_value(data, at, last=not chunk) if at < len(data) else None
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
            if self._is_enveloped and not self._in_array:  # the rest of the envelope
                self._is_over = True
                return len(data)

    def _check_end(self, *, last: bool) -> None:
        wrong = ""
        if last and self._data:
            wrong = f"the JSON value that begins in line {self._line} does not end"
        elif len(self._data) > batches.MAX_RECORD:
            wrong = f"the JSON value that begins in line {self._line} does not end within {batches.MAX_RECORD:,} bytes"
        elif last and self._in_array:
            wrong = "the JSON array does not end"
        if wrong:
            error = InputError(f"{wrong} ({counted(self._count, 'record')} before it)", where=self._label, hint=_HINT)
            if last:
                error.check, error.byte_offset = "input/truncated", self._offset
            raise error
