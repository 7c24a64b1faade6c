"""Delimited text (CSV, TSV): a header, then a record a row; a row that is none does not stop the others."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from ....schemas.errors import InputError
from ...records.loader import Place
from ..batches import Batch, Unreadable, read_line_chunks
from ..source import Source, narrowed, opened
from .columnar import name_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ROW = 256 << 20  # bytes: a quote that is open for longer was never closed
_SAMPLE = 1 << 20  # characters by which the delimiter is chosen
_DELIMITERS = ",;\t"
_ESCAPED = re.compile(r'(?<!\\)((?:\\\\)*)\\"')  # a quote with an odd number of backslashes before it


class Row(NamedTuple):
    """A row of lines `first` up to `stop`: its fields, or what is wrong with it."""

    first: int
    stop: int
    fields: list[str]
    wrong: str = ""


@dataclass(frozen=True)
class _Form:
    """How the rows of a file are written, and the names of their fields."""

    delimiter: str
    backslash: bool
    """Whether quotes within quotes have a backslash before them, not another quote."""
    names: tuple[str, ...] = ()


def read_delimited(source: Source, encoding: str | None, stream: io.BufferedReader | None = None) -> Iterator[Batch]:
    """Read a file in batches of whole rows; the line of a row is that on which it begins, quoted line ends counted.

    The delimiter (comma, semicolon or tab), and whether a backslash escapes quotes, are those by which most of
    the first rows have as many fields as the header. Raises `InputError` for a header that cannot be read.
    """
    with opened(source, stream) as (file, at):
        text, encoding = narrowed(file, encoding)
        reader = _Reader(source, encoding, has_offsets=text is file)
        done = 0
        chunks = read_line_chunks(text)
        chunk = next(chunks, None)
        while chunk is not None:
            following = next(chunks, None)
            batch = reader.read(chunk, last=following is None)
            batch.consumed, done = at() - done, at()
            yield batch
            chunk = following


class _Reader:
    """Reads the chunks of one file, and keeps what the end of a chunk cut in two."""

    def __init__(self, source: Source, encoding: str | None, *, has_offsets: bool) -> None:
        self._source, self._encoding, self._has_offsets = source, encoding or "utf-8", has_offsets
        self._form: _Form | None = None
        self._pending = b""
        self._line, self._offset = 1, 0

    def read(self, chunk: bytes, *, last: bool) -> Batch:
        """Return the rows that end in this chunk as a batch."""
        data = self._pending + chunk
        text, sound = self._decode(data)
        lines = list(io.StringIO(text, newline="\n"))
        form = self._form or self._choose(lines)
        rows, rest = split_rows(lines, form.delimiter, form.backslash, give_up=last or len(data) > MAX_ROW, last=last)
        starts = np.append(0, np.flatnonzero(np.frombuffer(data, np.uint8) == 10) + 1).tolist()
        starts[len(lines) :] = [len(data)]
        if self._form is None and rows:
            self._form = form = self._with_names(form, rows.pop(0), sound)
        batch = self._batch(rows, form, data, starts, sound)
        self._pending = data[starts[rest] :]
        self._line += rest
        self._offset += starts[rest]
        return batch

    def _decode(self, data: bytes) -> tuple[str, bool]:
        """Decode; bytes that are none of the encoding become surrogates, and False is given with them."""
        try:
            text, sound = data.decode(self._encoding), True
        except UnicodeDecodeError:
            text, sound = data.decode(self._encoding, "surrogateescape"), False
        return (text.removeprefix("\ufeff") if self._offset == 0 else text), sound

    def _choose(self, lines: list[str]) -> _Form:
        """Choose the form by which most rows of a sample have as many fields as the first."""
        size = count = 0
        while count < len(lines) and size < _SAMPLE:
            size += len(lines[count])
            count += 1
        delimiters = _DELIMITERS[::-1] if ".tsv" in self._source.name.lower() else _DELIMITERS
        forms = [_Form(delimiter, backslash) for delimiter in delimiters for backslash in (False, True)]

        def fit(form: _Form) -> tuple[int, bool]:
            widths = [len(row.fields) for row in split_rows(lines[:count], form.delimiter, form.backslash)[0]]
            width = widths[0] if widths else 0
            return sum(w == width for w in widths[1:]) if width > 1 else 0, width > 1

        return max(forms, key=fit)

    def _with_names(self, form: _Form, row: Row, sound: bool) -> _Form:
        wrong = row.wrong or ("" if sound else _undecodable(row.fields, self._encoding))
        if wrong:
            hint = "its first row must name the columns, in the encoding that --encoding names"
            raise InputError(f"the header cannot be read ({wrong})", where=self._source.label, hint=hint)
        return _Form(form.delimiter, form.backslash, tuple(name_columns([name.strip() for name in row.fields])))

    def _batch(self, rows: list[Row], form: _Form, data: bytes, starts: list[int], sound: bool) -> Batch:
        records: list[dict[str, Any]] = []
        kept: list[Row] = []
        unreadable: list[Unreadable] = []
        for row in rows:
            found = _judge(row, form, None if sound else self._encoding)
            if found is None:
                records.append(dict(zip(form.names, row.fields, strict=True)))
                kept.append(row)
                continue
            raw = data[starts[row.first] : starts[row.stop]].removesuffix(b"\n")
            offset = self._offset + starts[row.first] if self._has_offsets else None
            unreadable.append(Unreadable(len(records), self._source.name, self._line + row.first, offset, raw, *found))
        place = Place(
            self._source.name,
            pa.array([self._line + row.first for row in kept], pa.int64()),
            pa.array([self._offset + starts[row.first] for row in kept], pa.int64()) if self._has_offsets else None,
            "csv",
        )

        raws = [data[starts[row.first] : starts[row.stop]].removesuffix(b"\n") for row in kept]
        return Batch(place, rows=records, raw=raws.__getitem__, unreadable=unreadable)


def _judge(row: Row, form: _Form, encoding: str | None) -> tuple[str, str] | None:
    """Give the check and the message of what is wrong with a row; `encoding` if its text may have bad bytes."""
    if encoding and (wrong := _undecodable(row.fields, encoding)):
        return "input/encoding", wrong
    if row.wrong:
        return "input/bad-quotes", row.wrong
    if len(row.fields) != len(form.names):
        return "input/ragged-row", f"fields in the row: {len(row.fields)}, in the header: {len(form.names)}"
    return None


def _undecodable(fields: list[str], encoding: str) -> str:
    for number, field in enumerate(fields, 1):
        try:
            field.encode()
        except UnicodeEncodeError as error:
            return f"byte {ord(field[error.start]) - 0xDC00:#04x} in field {number} is not valid {encoding}"
    return ""


class _Lines:
    """Lines to read rows from, with a place that can be moved back."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self.at = 0
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.at == len(self._lines):
            self.ended = True
            raise StopIteration
        self.at += 1
        return self._lines[self.at - 1]


def split_rows(
    lines: list[str], delimiter: str, backslash: bool, *, give_up: bool = False, last: bool = False
) -> tuple[list[Row], int]:
    """Split lines into rows, blank lines left out; also give the line from which on a row is not complete.

    After a row whose quotes are wrong, reading goes on with its second line: it may be a row of its own. A quote that
    is open where the lines end makes the row incomplete or, to `give_up`, wrong; once, unless these are the `last`.
    """
    rows: list[Row] = []
    # only before quotes: what else follows a backslash is text, as in C:\news
    places = _Lines([_ESCAPED.sub(r'\1""', line) for line in lines] if backslash else lines)
    reader = csv.reader(places, delimiter=delimiter, strict=True)
    limit = csv.field_size_limit(MAX_ROW * 2)  # it holds for all of Python: given back below
    try:
        while True:
            first = places.at
            try:
                fields = next(reader)
            except StopIteration:
                return rows, len(lines)
            except csv.Error as error:
                if places.ended and not give_up:
                    return rows, first
                give_up = give_up and (last or not places.ended)
                wrong = "a quote is opened and never closed" if places.ended else f"not delimited text: {error}"
                rows.append(Row(first, first + 1, [], wrong))
                places.at, places.ended = first + 1, False
                continue
            if fields:
                rows.append(Row(first, places.at, fields))
    finally:
        csv.field_size_limit(limit)
