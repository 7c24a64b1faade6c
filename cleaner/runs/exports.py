"""Articles in the forms that other programs read: CSV and JSON Lines, with chosen columns, or as the input had them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from ...schemas.arrow import ARTICLE
from ...schemas.errors import SettingError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from .judge import BatchResult

EXPORT_FORMATS = ("csv", "jsonl", "txt")
CSV_COLUMNS = (
    "id",
    "url",
    "headline",
    "authors",
    "date_published",
    "language",
    "section",
    "keywords",
    "source_name",
    "description",
    "body",
)
"""The columns of CSV unless the user names others."""
TEXT_END = b"\f\n"
"""A line between the texts of a stream: a form feed."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is run by spreadsheets
_encode = msgspec.json.Encoder(enc_hook=str).encode
Row = dict[str, Any]


@dataclass(frozen=True)
class Export:
    """How articles are written beside, or in place of, the articles of a run.

    Raises `SettingError` for columns that articles do not have.
    """

    kind: str
    """One of `EXPORT_FORMATS`."""
    columns: tuple[str, ...] = ()
    """The fields that are written, all if there are none."""
    as_input: bool = False
    """Whether records have the fields of the input, with the clean texts, rather than those of articles."""
    raw_csv: bool = False
    """Whether cells of CSV may begin as a formula does."""

    def __post_init__(self) -> None:
        for name in self.columns if not self.as_input else ():
            if name.partition(".")[0] not in ARTICLE.names:
                raise SettingError(f"--columns: articles have no field {name!r}{nearest(name, ARTICLE.names)}")
        if self.as_input and self.kind == "csv" and not self.columns:
            raise SettingError("--names input with CSV needs the columns", hint="name them: --columns title,text")

    @property
    def name(self) -> str:
        """The name of the file."""
        return f"articles.{self.kind}"

    @property
    def start(self) -> bytes:
        """What the file begins with: the header of CSV."""
        return self._csv_lines([self._csv_columns]) if self.kind == "csv" else b""

    @property
    def _csv_columns(self) -> Sequence[str]:
        return self.columns or CSV_COLUMNS

    def encode(self, result: BatchResult, articles: pa.Table) -> bytes:
        """Return the lines of the accepted records of a batch; `articles` are theirs."""
        return self.encode_rows(_input_rows(result, articles) if self.as_input else article_rows(articles))

    def encode_rows(self, rows: Iterable[Row]) -> bytes:
        """Return the lines of some rows."""
        if self.kind == "csv":
            return self._csv_lines([self._cell(find_value(row, name)) for name in self._csv_columns] for row in rows)
        if self.columns:
            rows = ({name: find_value(row, name) for name in self.columns} for row in rows)
        if self.kind == "txt":
            return TEXT_END.join((row["body"] or "").encode() + b"\n" for row in rows)
        return b"".join(_encode(row) + b"\n" for row in rows)

    def _csv_lines(self, rows: Iterable[Sequence[str]]) -> bytes:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().encode("utf-8", "backslashreplace")

    def _cell(self, value: Any) -> str:
        text = _as_text(value)
        return f"'{text}" if text.startswith(_FORMULA) and not self.raw_csv else text


def find_value(row: Mapping[str, Any], name: str) -> Any:
    """Return the value of a field, or of one within it by its path, as in `extra.views`; None if there is none."""
    if name in row:
        return row[name]
    first, dot, rest = name.partition(".")
    inner = row.get(first)
    if isinstance(inner, list) and dot:
        return [find_value(one, rest) for one in inner if isinstance(one, dict)]
    return find_value(inner, rest) if dot and isinstance(inner, dict) else None


def _as_text(value: Any) -> str:
    """Return a value as the text of a cell: lists are joined by semicolons, objects are their name, or JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return "; ".join(map(_as_text, value))
    if isinstance(value, dict):
        plain = value.get("name") or value.get("url")
        return plain if isinstance(plain, str) else _encode(value).decode()
    return _encode(value).decode()


def article_rows(articles: pa.Table) -> Iterator[Row]:
    """Yield articles as Python objects, `extra` as an object."""
    for row in articles.to_pylist():
        row["extra"] = msgspec.json.decode(row["extra"] or "{}")
        yield row


def _input_rows(result: BatchResult, articles: pa.Table) -> Iterator[Row]:
    """Yield the accepted records as the input has them, with the clean text and headline in their places."""
    accepted = np.flatnonzero(result.checked.accepted).tolist()
    bodies, headlines = (articles.column(name).to_pylist() for name in ("body", "headline"))
    for row, body, headline in zip(accepted, bodies, headlines, strict=True):
        record = dict(result.batch.record(row))
        for names, value in ((result.records.text_field, body), (result.records.headline_field, headline)):
            name = names[row] if isinstance(names, list) else names
            if name is not None and value is not None:
                record = _with_value(record, name, value)
        yield record


def _with_value(record: Row, name: str, value: str) -> Row:
    """Return a record with a text in a field, or in one within it by its path. Other values are left as they are."""
    if name in record:
        return {**record, name: value} if isinstance(record[name], str) else record
    first, dot, rest = name.partition(".")
    inner = record.get(first)
    return {**record, first: _with_value(inner, rest, value)} if dot and isinstance(inner, dict) else record
