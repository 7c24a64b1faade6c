"""JSON Lines: one record a line. A line that is not a record is set aside and does not stop the others."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import partial
from itertools import count, repeat
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from ....schemas.byte_arrays import is_among, row_sums
from ...records.loader import Place
from .. import batches
from ..batches import BATCH_BYTES, Batch, LongLine, UnparsedBatch, read_line_chunks
from ..collector import collect
from ..declare import Bad, Record, reader
from ..json_shapes import unwrap_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ....schemas.byte_arrays import Ints
    from ..source import InputFile
    from ..text_encodings import Readable

_decoder = msgspec.json.Decoder()
_BLANK = object()
# What some writers of JSON write for missing and endless numbers.
_CONSTANTS = {"NaN": None, "Infinity": "Infinity", "-Infinity": "-Infinity"}
_DEEPEST = 400  # levels of a record; each Python has a limit of its own, and some have 1,000


class LineBatch(UnparsedBatch):
    """Whole lines of a file."""

    def parse(self) -> Batch:
        """Parse the lines. Raises `InputError` if they are no longer there."""
        batch = _parse(self.load(), self) if self.size <= batches.MAX_RECORD else self._parse_in_chunks()
        batch.consumed = self.consumed
        return batch.with_partition(self.source)

    def sample(self) -> UnparsedBatch:
        """Return its first line, or itself if there is only one, or its bytes are not there."""
        end = (self.data or b"").find(b"\n") + 1
        return replace(self, size=end, data=self.data[:end]) if self.data and end else self

    def _parse_in_chunks(self) -> Batch:
        """Parse lines of which one is too long, without loading all of them."""
        items: list[tuple[Record | Bad, str]] = []
        line, offset = self.line, self.offset
        with self.opened() as file:
            for chunk in read_line_chunks(file):
                parts = [chunk] if isinstance(chunk, LongLine) else chunk.removesuffix(b"\n").split(b"\n")
                for part in parts:
                    item = _read_line(part, self.encoding, line, offset)
                    items += [(item, self.source.name)] if item is not None else []
                    line += 1
                    offset += part.size if isinstance(part, LongLine) else len(part) + 1
        return collect(items, "jsonl")


class LongLineBatch(UnparsedBatch):
    """A line that is too long to be read; its `data` are the first bytes."""

    @property
    def end_line(self) -> int:
        """The number of the line after it."""
        return self.line + 1

    def parse(self) -> Batch:
        """Return a batch with the line as a record that could not be read."""
        bad = _read_line(LongLine(self.data or b"", self.size), None, self.line, self.offset)
        return collect([(bad, self.source.name)] if bad else [], "jsonl")


def _sniff(start: bytes) -> float:
    """Distinguish objects of one line each from one that spreads over several lines."""
    line, end, _ = start.lstrip().partition(b"\n")
    if not line.startswith(b"{"):
        return 0
    try:
        return 0.9 if not end or isinstance(json.loads(line), dict) else 0
    except (ValueError, RecursionError):
        return 0


@reader(name="jsonl", suffixes=[".jsonl", ".ndjson"], shared_suffixes=[".json"], sniff=_sniff)
def read_lines(file: InputFile) -> Iterator[UnparsedBatch]:
    """Read a file in batches of whole lines, from its `start_line` at its `start_offset` on.

    Lines count from 1. Offsets are bytes of the unpacked file; of one in UTF-16, bytes of its text in UTF-8.
    """
    text, encoding = file.narrowed()
    line, offset, consumed = file.start_line, file.start_offset, 0
    if file.is_plain and text is file:
        file.seek(offset)
    else:
        _skip(text, offset)
    for chunk in read_line_chunks(text):
        read = file.consumed() - consumed
        batch: UnparsedBatch
        if isinstance(chunk, LongLine):
            batch = LongLineBatch(file.source, line, offset, chunk.size, chunk.head, consumed=read)
        else:
            batch = LineBatch(file.source, line, offset, len(chunk), chunk, encoding, read)
        line, offset, consumed = batch.end_line, offset + batch.size, consumed + read
        yield batch


def _read_line(line: bytes | LongLine, encoding: str | None, number: int, offset: int) -> Record | Bad | None:
    if isinstance(line, LongLine):
        return Bad(line.head, line.message, number, offset, batches.TOO_LARGE)
    return read_record(line, encoding, number, offset)


def _skip(file: Readable, size: int) -> None:
    while size and (data := file.read(min(size, BATCH_BYTES))):
        size -= len(data)


def _parse(data: bytes, batch: LineBatch) -> Batch:
    """Parse lines at once if each is an object, else one by one."""
    feeds = np.flatnonzero(np.frombuffer(data, np.uint8) == 0x0A)
    ends = feeds if data.endswith(b"\n") else np.append(feeds, len(data))
    starts = np.append(np.zeros(1, np.int64), ends[:-1] + 1)
    name = batch.source.name
    rows = _parse_lines(data, starts, ends) if batch.encoding is None else None
    if rows is None:
        raws = data.split(b"\n")[: len(ends)]
        items = map(read_record, raws, repeat(batch.encoding), count(batch.line), (batch.offset + starts).tolist())
        return collect([(item, name) for item in items if item is not None], "jsonl")
    rows = unwrap_rows(rows, data)
    numbers = pa.array(np.arange(batch.line, batch.line + len(rows)))
    place = Place(name, numbers, pa.array(batch.offset + starts), "jsonl")
    return Batch(place, rows, raw=partial(_line_of, data, starts, ends), known_size=len(data))


def _line_of(data: bytes, starts: Ints, ends: Ints, row: int) -> bytes:
    return data[starts[row] : ends[row]]


def _parse_lines(data: bytes, starts: Ints, ends: Ints) -> list[dict[str, Any]] | None:
    """Return the records of lines, parsed at once; None if one of them must be parsed alone.

    JSON never closes a brace before it opens one. So if each line begins and ends with a brace, none is a part of a
    longer value, and there are as many values as lines only if each line is one.
    """
    codes = np.frombuffer(data, np.uint8)
    if not (ends > starts).all() or not ((codes[starts] == 0x7B) & (codes[ends - 1] == 0x7D)).all():
        return None
    if row_sums(is_among(codes, b"[{"), np.append(starts, len(data))).max() > _DEEPEST:
        return None
    try:
        rows: list[dict[str, Any]] = _decoder.decode_lines(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return rows if len(rows) == len(starts) else None


def read_record(raw: bytes, encoding: str | None, line: int, offset: int | None) -> Record | Bad | None:
    """Read one record from its bytes, with the line and the offset of its place; None if they are blank."""
    record = parse_record(raw, encoding)
    if isinstance(record, dict):
        return Record(unwrap_rows([record], raw)[0], line, offset, raw)
    if record is None:
        return None
    check, message = record
    return Bad(raw, message, line, offset, check)


def parse_record(raw: bytes, encoding: str | None) -> dict[str, Any] | tuple[str, str] | None:
    """Return the record of a line, None for a blank line, or the check and the message of what is wrong with it."""
    try:
        if encoding is not None:
            raw = raw.decode(encoding).encode()
        record = _decoder.decode(raw)
        if raw.count(b"[") + raw.count(b"{") > _DEEPEST and isinstance(record, dict) and _too_deep(record):
            return "input/not-json", "not JSON that can be read: nested too deeply"
    except RecursionError:
        return "input/not-json", "not JSON that can be read: nested too deeply"
    except (msgspec.DecodeError, UnicodeError):
        record = _parse_slowly(raw, encoding)
        return None if record is _BLANK else _judge(record)
    return _judge(record)


def _too_deep(record: dict[str, Any]) -> bool:
    """Return whether a record is nested too deeply for some version of Python to read or write."""
    level: list[Any] = [record]
    for _ in range(_DEEPEST):
        below = (value.values() if isinstance(value, dict) else value for value in level)
        level = [value for values in below for value in values if isinstance(value, (dict, list))]
        if not level:
            return False
    return True


def _judge(record: Any) -> dict[str, Any] | tuple[str, str]:
    if isinstance(record, (dict, tuple)):
        return record
    return "input/not-object", f"the record is {_kind(record)}, not an object"


def _parse_slowly(raw: bytes, encoding: str | None) -> Any:
    """Read what the fast parser refuses, a byte order mark or NaN; else return what is wrong."""
    try:
        text = raw.decode(encoding or "utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        message = f"byte {raw[error.start]:#04x} at offset {error.start} of the record is not valid {error.encoding}"
        return "input/encoding", message
    if not text.strip():
        return _BLANK
    try:
        record = json.loads(text, parse_int=_read_int, parse_float=_read_float, parse_constant=_CONSTANTS.get)
    except json.JSONDecodeError as error:
        return "input/not-json", f"not JSON: {error.msg} at column {error.colno}"
    except RecursionError:
        return "input/not-json", "not JSON that can be read: nested too deeply"
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "input/lone-surrogate", "a text in it has half of a surrogate pair, which is not a character"
    return record


def _read_int(digits: str) -> int | str:
    """Read a number; one with too many digits for Python stays a text."""
    try:
        return int(digits)
    except ValueError:
        return digits


def _read_float(digits: str) -> float | str:
    number = float(digits)
    return digits if math.isinf(number) else number


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    return {list: "a list", str: "a text", int: "a number", float: "a number"}.get(type(value), "null")
