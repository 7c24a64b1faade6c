"""JSON Lines: one record a line; a line that is none is kept as it is and does not stop the others."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from ....schemas.byte_arrays import is_among, row_sums
from ...records.loader import Place
from ..batches import BATCH_BYTES, Batch, Unreadable, read_line_chunks
from ..source import Source, narrowed, opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ....schemas.byte_arrays import Ints
    from ..source import Readable

_decoder = msgspec.json.Decoder()
_BLANK = object()
_DEEPEST = 400  # levels of a record; each Python has a limit of its own, and some have 1,000


@dataclass(frozen=True)
class UnparsedBatch:
    """Whole lines of a file, not parsed yet; `offset` and `size` are bytes of the unpacked file."""

    source: Source
    line: int
    offset: int
    size: int
    data: bytes | None
    """The lines themselves; None: they are read from the file when they are needed."""
    encoding: str | None = None
    rereadable: bool = False
    """Whether the lines can be read again at no cost."""
    consumed: int = 0
    """Bytes on disk that were read for it, about."""

    @property
    def end_line(self) -> int:
        """The number of the line after it."""
        return self.line + (self.data or b"").count(b"\n")

    def without_data(self) -> UnparsedBatch:
        """Return it without its lines, if they can be read again."""
        return replace(self, data=None) if self.rereadable else self

    def parse(self) -> Batch:
        """Parse the lines. Raises `InputError` if they are no longer there."""
        data = self.data if self.data is not None else self._load()
        batch = _batch(self.source, data, self.line, self.offset, self.encoding)
        batch.consumed = self.consumed
        return batch.with_partition(self.source)

    def _load(self) -> bytes:
        assert self.source.path is not None
        try:
            with self.source.path.open("rb") as file:
                file.seek(self.offset)
                data = file.read(self.size)
        except OSError:
            raise self.source.changed() from None
        if len(data) < self.size:
            raise self.source.changed()
        return data


def read_unparsed(
    source: Source,
    encoding: str | None,
    stream: io.BufferedReader | None = None,
    *,
    line: int = 1,
    offset: int = 0,
) -> Iterator[UnparsedBatch]:
    """Read a file in blocks of whole lines, from the given line at the given offset on.

    Lines count from 1, offsets are those of the unpacked file, in bytes; of one in UTF-16, those of its text in UTF-8.
    """
    done = 0
    with opened(source, stream) as (file, at):
        text, encoding = narrowed(file, encoding)
        rereadable = stream is None and isinstance(file.raw, io.FileIO) and text is file
        if rereadable:
            file.seek(offset)
        else:
            _skip(text, offset)
        for data in read_line_chunks(text):
            batch = UnparsedBatch(source, line, offset, len(data), data, encoding, rereadable, at() - done)
            line, offset, done = batch.end_line, offset + len(data), at()
            yield batch


def _skip(file: Readable, size: int) -> None:
    while size and (data := file.read(min(size, BATCH_BYTES))):
        size -= len(data)


def _batch(source: Source, data: bytes, first_line: int, first_offset: int, encoding: str | None) -> Batch:
    feeds = np.flatnonzero(np.frombuffer(data, np.uint8) == 0x0A)
    ends = feeds if data.endswith(b"\n") else np.append(feeds, len(data))
    starts = np.append(np.zeros(1, np.int64), ends[:-1] + 1)
    rows = _parse_lines(data, starts, ends) if encoding is None else None
    if rows is None:
        lines, offsets = range(first_line, first_line + len(ends)), (first_offset + starts).tolist()
        return batch_of_records(source, data.split(b"\n")[: len(ends)], lines, offsets, encoding, "jsonl")
    numbers = pa.array(np.arange(first_line, first_line + len(rows)))
    place = Place(source.name, numbers, pa.array(first_offset + starts), "jsonl")
    return Batch(place, rows=rows, raw=partial(_line_of, data, starts, ends), known_size=len(data))


def _line_of(data: bytes, starts: Ints, ends: Ints, row: int) -> bytes:
    return data[starts[row] : ends[row]]


def _parse_lines(data: bytes, starts: Ints, ends: Ints) -> list[dict[str, Any]] | None:
    """Give the records of lines, parsed at once; None if one of them must be looked at alone.

    Nothing in JSON has a brace that closes before one that opens: where each line begins and ends with a brace, none
    is a part of a value, and there are as many values as lines only if each is one.
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


def batch_of_records(
    source: Source,
    raws: list[bytes],
    lines: Sequence[int],
    offsets: Sequence[int | None],
    encoding: str | None,
    reader: str,
) -> Batch:
    """Parse the texts of records, each with its line and its offset; those that are blank are none."""
    rows: list[dict[str, Any]] = []
    kept: list[int] = []
    unreadable: list[Unreadable] = []
    for number, raw in enumerate(raws):
        record = parse_record(raw, encoding)
        if isinstance(record, dict):
            rows.append(record)
            kept.append(number)
        elif record is not None:
            at = (source.name, lines[number], offsets[number])
            unreadable.append(Unreadable(len(rows), *at, raw, *record))
    place = Place(
        source.name,
        pa.array([lines[number] for number in kept], pa.int64()),
        pa.array([offsets[number] for number in kept], pa.int64()),
        reader,
    )
    return Batch(place, rows=rows, raw=[raws[number] for number in kept].__getitem__, unreadable=unreadable)


def parse_record(raw: bytes, encoding: str | None) -> dict[str, Any] | tuple[str, str] | None:
    """Give the record of a line, None for a blank line, or the check and message of what is wrong with it."""
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
    """Say whether a record is nested so deeply that some Python could not read or write it."""
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
    """Read what the fast parser will not: a byte order mark, NaN; else say what is wrong."""
    try:
        text = raw.decode(encoding or "utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        found = f"byte {raw[error.start]:#04x} at offset {error.start} of the record is not valid {error.encoding}"
        return "input/encoding", found
    if not text.strip():
        return _BLANK
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        return "input/not-json", f"not JSON: {error.msg} at column {error.colno}"
    except RecursionError:
        return "input/not-json", "not JSON that can be read: nested too deeply"
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "input/lone-surrogate", "a text in it has half of a surrogate pair, which is no character"
    return record


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    return {list: "a list", str: "a text", int: "a number", float: "a number"}.get(type(value), "null")
