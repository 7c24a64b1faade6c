"""Delimited text (CSV, TSV): a record a row, below a header if there is one. A bad row does not stop the others."""

from __future__ import annotations

import csv
import io
import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

from ....schemas.errors import InputError
from ....schemas.field_plan import rename_fields
from ...records.column_values import name_columns
from .. import batches
from ..batches import LongLine, read_line_chunks
from ..declare import Bad, Record, reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source import InputFile

_SAMPLE = 1 << 20  # characters by which the delimiter is chosen
_DELIMITERS = ",;\t|"
_ESCAPED = re.compile(r'(?<!\\)((?:\\\\)*)\\"')  # a quote with an odd number of backslashes before it
_DATA = re.compile(r"[+-]?\d+([.,:/-]\d+)*([T ]\d[\d:.]*Z?)?$|https?://")  # a number, a date or an address
_LONGEST_NAME = 60  # characters of the name of a column
_COLUMN = re.compile(r"[\w.:@-]{1,40}")


class Form(NamedTuple):
    """How the rows of a file are written."""

    delimiter: str
    backslash: bool
    """Whether quotes within quotes have a backslash before them, not another quote."""


class Row(NamedTuple):
    """Some lines of a file, from the number `line` on: their bytes, and their fields or what is wrong with them."""

    line: int
    offset: int
    raw: bytes
    fields: list[str]
    wrong: str = ""
    check: str = "input/bad-quotes"


def _sniff(start: bytes) -> float:
    """Return whether the first line names columns, of which one is known to hold the text."""
    line, end, _ = start.partition(b"\n")
    if not end:
        return 0
    for delimiter in _DELIMITERS:
        names = [name.strip().strip('"') for name in line.decode("latin-1").split(delimiter)]
        if 2 <= len(names) == len(set(names)) and all(_COLUMN.fullmatch(name) for name in names):
            return 0.7 if "body" in rename_fields(names).values() else 0
    return 0


@reader(name="csv", suffixes=[".csv", ".tsv"], sniff=_sniff)
def read_delimited(file: InputFile) -> Iterator[Record | Bad]:
    """Read a file row by row. The line of a row is its first one; line ends within quotes count.

    The delimiter (comma, semicolon, tab or bar), and whether a backslash escapes quotes, are those by which most of
    the first rows have as many fields as the first one. If that holds data, the columns are called `column1` and so on.
    Raises `InputError` for a header that cannot be read.
    """
    text, encoding = file.narrowed()
    lines = LineWindow(read_line_chunks(text), encoding or "utf-8")
    form = choose_form(lines.peek(_SAMPLE), prefers_tabs=".tsv" in file.source.name.lower())
    rows = read_rows(lines, form)
    header = next(rows, None)
    if header is None:
        return
    if holds_data(header.fields) and not lines.describe_bad_bytes(header.fields):
        rows, header = itertools.chain([header], rows), _number_columns(header)
    elif wrong := header.wrong or lines.describe_bad_bytes(header.fields):
        hint = "its first row must name the columns, in the encoding that --encoding names"
        raise InputError(f"the header cannot be read ({wrong})", where=file.source.label, hint=hint)
    names = name_columns([name.strip() for name in header.fields])
    for row in rows:
        offset = row.offset if text is file else None
        problem = _find_problem(row, names, lines)
        if problem is None:
            yield Record(dict(zip(names, row.fields, strict=True)), row.line, offset, row.raw)
        else:
            check, message = problem
            yield Bad(row.raw, message, row.line, offset, check)


def holds_data(fields: list[str]) -> bool:
    """Return whether the first row of a file holds a record, not the names of its columns.

    A name that copydesk knows makes a header, and so do rows of short words. Numbers, addresses and sentences do not.

    >>> holds_data(["id", "text"]), holds_data(["spalte a", "spalte b"]), holds_data(["7", "https://lenn.example/7"])
    (False, False, True)
    """
    if len(fields) < 2 or rename_fields(fields):
        return False
    return any(_DATA.match(field.strip()) or len(field) > _LONGEST_NAME for field in fields)


def _number_columns(row: Row) -> Row:
    return row._replace(fields=[f"column{number}" for number in range(1, len(row.fields) + 1)])


def choose_form(lines: list[str], *, prefers_tabs: bool) -> Form:
    """Return the form by which most rows of a sample have as many fields as the first row."""
    delimiters = _DELIMITERS[::-1] if prefers_tabs else _DELIMITERS
    forms = [Form(delimiter, backslash) for delimiter in delimiters for backslash in (False, True)]

    def count_fitting(form: Form) -> tuple[int, bool]:
        rows = read_rows(LineWindow.of_sample(lines), form)
        widths = [len(row.fields) for row in rows]
        width = widths[0] if widths else 0
        return sum(w == width for w in widths[1:]) if width > 1 else 0, width > 1

    return max(forms, key=count_fitting)


def _find_problem(row: Row, names: list[str], lines: LineWindow) -> tuple[str, str] | None:
    """Return the check and the message of what is wrong with a row, None if nothing is."""
    if bad_bytes := lines.describe_bad_bytes(row.fields):
        return "input/encoding", bad_bytes
    if row.wrong:
        return row.check, row.wrong
    if len(row.fields) != len(names):
        return "input/ragged-row", f"fields in the row: {len(row.fields)}, in the header: {len(names)}"
    return None


class LineWindow:
    """The lines of a file from the row that is being read on. Reading can go back to the second line of the row.

    It iterates over the texts of lines, for `csv.reader`. It stops where a row cannot be complete any more: at the end,
    before a line that is too long, when the row is longer than `MAX_RECORD`, or in a row that is `hopeless`.
    """

    def __init__(self, chunks: Iterator[bytes | LongLine], encoding: str) -> None:
        self._chunks, self._encoding = chunks, encoding
        self._pending: bytes | LongLine | None = None
        self._texts: list[str] = []
        self._raws: list[bytes] = []
        self._first = self._next = 0  # where the row begins among these, and the line to read next
        self._line, self._offset, self._loaded = 1, 0, 0
        self._is_sound = True
        self._hopeless, self._verdict = 0, ""
        self.backslash = False
        """Whether quotes are escaped by backslashes."""
        self.has_stopped = False
        """Whether the row that is read has no further line."""
        self.is_sample = False
        """Whether the lines end before the file does."""

    @classmethod
    def of_sample(cls, texts: list[str]) -> LineWindow:
        """Return a window over the texts of the first lines."""
        window = cls(iter(()), "utf-8")
        window._texts, window._raws, window.is_sample = texts, [b""] * len(texts), True
        return window

    def peek(self, size: int) -> list[str]:
        """Return the texts of the first lines, of about `size` characters."""
        while sum(map(len, self._texts)) < size and self._load():
            pass
        total = 0
        for count, text in enumerate(self._texts, 1):
            total += len(text)
            if total >= size:
                return self._texts[:count]
        return self._texts[:]

    def begin_row(self) -> None:
        """Begin a row with the next line."""
        self._line += self._next - self._first
        self._offset += sum(map(len, self._raws[self._first : self._next])) + self._next - self._first
        self._first = self._next
        self.has_stopped = False

    def __iter__(self) -> LineWindow:
        return self

    def __next__(self) -> str:
        if self._first < min(self._next, self._hopeless) or (self._next == len(self._texts) and not self._load()):
            self.has_stopped = True
            raise StopIteration
        text = self._texts[self._next]
        self._next += 1
        # only before quotes: other backslashes are text, as in C:\news
        return _ESCAPED.sub(r'\1""', text) if self.backslash else text

    def row(self, fields: list[str]) -> Row:
        """Return the row of the lines that were read since it began."""
        return Row(self._line, self._offset, b"\n".join(self._raws[self._first : self._next]), fields)

    def give_up_row(self, error: csv.Error) -> Row:
        """Return the first line as a row with wrong quotes. The next row begins with the second line.

        Rows that begin within this one, and are open at the end of their first line, meet the same fate: `csv` then
        reads the same lines in the same state. They are hopeless, so a file full of open quotes takes no longer than
        any other.
        """
        reason = "a quote is opened and never closed" if self.has_stopped else f"not delimited text: {error}"
        if self.has_stopped and self._first < self._hopeless:
            reason = self._verdict
        elif self._next - 1 > self._hopeless:
            self._hopeless, self._verdict = self._next - 1, reason
        self._next = self._first + 1
        return self.row([])._replace(wrong=reason)

    def skip_long_line(self) -> Row | None:
        """Return the line that is too long as a row, and go on after it; None if there is none."""
        if not isinstance(self._pending, LongLine):
            return None
        line, self._pending = self._pending, None
        row = Row(self._line, self._offset, line.head, [], line.message, "input/too-large")
        self._line += 1
        self._offset += line.size
        self._loaded += line.size
        return row

    def describe_bad_bytes(self, fields: list[str]) -> str:
        """Return which byte of a row is not in the encoding, empty if all are."""
        for number, field in enumerate(fields if not self._is_sound else (), 1):
            try:
                field.encode()
            except UnicodeEncodeError as error:
                byte = ord(field[error.start]) - 0xDC00
                return f"byte {byte:#04x} in field {number} is not valid {self._encoding}"
        return ""

    def _load(self) -> bool:
        """Load the next lines; return False if there are none for this row."""
        chunk = self._pending or next(self._chunks, None)
        is_too_long = self._next > self._first and self._loaded - self._offset > batches.MAX_RECORD
        if chunk is None or isinstance(chunk, LongLine) or is_too_long:
            self._pending = chunk
            return False
        self._pending = None
        texts, raws = self._split(chunk)
        self._texts, self._raws = self._texts[self._first :] + texts, self._raws[self._first :] + raws
        self._hopeless -= self._first
        self._next -= self._first
        self._first = 0
        self._loaded += len(chunk)
        return True

    def _split(self, chunk: bytes) -> tuple[list[str], list[bytes]]:
        """Split whole lines into their texts and bytes. Bytes that are not in the encoding become surrogates."""
        raws = chunk.removesuffix(b"\n").split(b"\n")
        try:
            text = chunk.decode(self._encoding)
            text.encode()
        except UnicodeError:
            text = chunk.decode(self._encoding, "surrogateescape")
            self._is_sound = False
        if not self._loaded:
            text = text.removeprefix("\ufeff")
        texts = list(io.StringIO(text, newline="\n"))
        if len(texts) != len(raws):  # an encoding that has other line feeds, too
            texts = [f"{raw.decode(self._encoding, 'surrogateescape')}\n" for raw in raws]
        return texts, raws


def read_rows(lines: LineWindow, form: Form) -> Iterator[Row]:
    """Read lines as rows, without blank lines. After a row with wrong quotes, its second line is read as a new row."""
    lines.backslash = form.backslash
    reader = csv.reader(lines, delimiter=form.delimiter, strict=True)
    while True:
        lines.begin_row()
        try:
            fields = _next_row(reader)
        except StopIteration:
            row = lines.skip_long_line()
            if row is None:
                return
            yield row
        except csv.Error as error:
            if lines.has_stopped and lines.is_sample:
                return
            yield lines.give_up_row(error)
        else:
            if fields:
                yield lines.row(fields)


def _next_row(reader: Iterator[list[str]]) -> list[str]:
    """Read a row without a limit on its fields. The limit of `csv` holds for all of Python, so it is set back."""
    limit = csv.field_size_limit(2 * batches.MAX_RECORD)
    try:
        return next(reader)
    finally:
        csv.field_size_limit(limit)
