"""Spreadsheets of Excel and OpenDocument: a record a row, below a header. The line of a record is that of its row."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import TYPE_CHECKING, Any

from ....schemas.errors import InputError
from ...records.column_values import name_columns
from ..declare import Record, reader
from .delimited import holds_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..source import InputFile

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # begins documents of older office programs
_LARGEST = 256 << 20  # bytes of a file
_UNPACKED = 2 << 30  # bytes that the parts of a file may unpack to
_PARTS = (b"xl/", b"opendocument.spreadsheet")
_FIRST_PARTS = (b"[Content_Types].xml", b"docProps/", b"_rels/")
_SIGNATURE = 512


def _sniff(start: bytes) -> float:
    """Return whether a ZIP archive is a spreadsheet: it has parts of one, or it may, as far as the first bytes tell."""
    if not start.startswith(b"PK\x03\x04"):
        return 0
    if any(part in start for part in _PARTS):
        return 0.9
    others = b"word/" in start or b"ppt/" in start
    return 0.6 if len(start) <= _SIGNATURE and start[30:].startswith(_FIRST_PARTS) and not others else 0


@reader(
    name="excel",
    suffixes=[".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"],
    magic=[_OLE],
    sniff=_sniff,
    extra="excel",
)
def read_spreadsheet(file: InputFile) -> Iterator[Record]:
    """Read all sheets, row by row. If there are several, each record says in `sheet` which one it is from.

    A sheet whose first row holds data has columns `column1`, `column2` and so on. Raises `InputError` for a file that
    is damaged, protected, or too large.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    content = file.read(_LARGEST + 1)
    where = file.source.label
    if len(content) > _LARGEST or _unpacked_size(content, where) > _UNPACKED:
        raise InputError("too large for a spreadsheet", where=where, hint="write it as CSV or Parquet")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            sheet = {"sheet": name} if len(book.sheet_names) > 1 else {}
            for fields, number in _read_rows(book.get_sheet_by_name(name).to_python(skip_empty_area=False)):
                yield Record({**sheet, **fields}, number)
    except CalamineError as error:
        hint = "open it and write it again, without a password"
        raise InputError(f"not a spreadsheet that can be read ({error})", where=where, hint=hint) from None


def _unpacked_size(content: bytes, where: str) -> int:
    """Return the bytes that the parts of a file unpack to, 0 for a file of an older program."""
    if content.startswith(_OLE):
        return 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        hint = "check that the file is complete"
        raise InputError(f"not a spreadsheet that can be read ({error})", where=where, hint=hint) from None


def _read_rows(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield the rows below the header as records, each with its number from 1; blank rows are left out."""
    names: list[str] = []
    for number, cells in enumerate(rows, 1):
        values = list(map(_plain, cells))
        if all(value is None for value in values):
            continue
        if not names:
            texts = ["" if value is None else str(value).strip() for value in values]
            if not holds_data(texts):
                names = name_columns(texts)
                continue
            names = [f"column{column}" for column in range(1, len(texts) + 1)]
        yield {name: value for name, value in zip(names, values, strict=False) if value is not None}, number


def _plain(value: Any) -> Any:
    """Return the value of a cell: whole numbers without a fraction, times as text, None for nothing."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return str(value)
    return None if value == "" else value
