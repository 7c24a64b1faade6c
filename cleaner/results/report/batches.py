"""The articles of an output folder in batches, each with the edits of its articles."""

from __future__ import annotations

from datetime import datetime  # msgspec needs it at run time
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ....schemas.arrow import ARTICLE, EDITS_FILE
from ....schemas.errors import InputError
from ...readers.batches import MAX_RECORD, LongLine, read_line_chunks
from ...readers.source import Source, opened
from ...runs.run_files import EDITS, read_parts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HINT = "name a directory that `copydesk clean` wrote"
_AGAIN = "the output is damaged; clean the inputs again"
_PLACE = ("file", "line", "byte_offset")
_EDIT_COLUMNS = ("id", "field", "rule", "start", "end", "before", "after", "detail")
_FIELDS = ("id", "url", "headline", "body", "source_name", "source_domain", "language", "date_published")
_COLUMNS = (*_FIELDS, "authors", "raw", "provenance")
_ROWS = 2048  # articles in memory at once
Rows = npt.NDArray[np.int64]


class ArticleBatch(NamedTuple):
    """Articles, their edits, and for each edit the row of its article.

    Articles have the columns `_FIELDS`, `authors` (their number), `form`, `text_field` and those of `_PLACE`.
    """

    articles: pa.Table
    edits: pa.Table
    rows: Rows


def read_batches(out: Path) -> Iterator[ArticleBatch]:
    """Read the articles of a run in order, each batch with its edits.

    Raises `InputError` for a folder without articles, for damaged files, and for edits of articles that are missing.
    """
    try:
        edits = _EditStream(out / EDITS)
        for articles in _read_articles(out):
            yield ArticleBatch(articles, *edits.take(articles))
        edits.require_end()
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException, msgspec.MsgspecError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"cannot be read ({reason})", where=str(out), hint=_AGAIN) from None


class _EditStream:
    """The edits of a run, taken in the order of its articles."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise InputError("no edits in it", where=str(path.parent), hint=_HINT)
        names = _column_names(path)
        self._path = path
        self._place = [name for name in _PLACE if name in names]  # older versions did not write them
        self._parts = read_parts(path, [*_EDIT_COLUMNS, *self._place])
        self._waiting: pa.Table | None = None

    def take(self, articles: pa.Table) -> tuple[pa.Table, Rows]:
        """Return the edits of some articles, and the row of the article of each.

        The edits are in the order of the articles, so the first one of another article ends those of this batch.
        """
        keys = _keys(articles, self._place)
        tables, rows = [EDITS_FILE.empty_table().select(_EDIT_COLUMNS)], [np.zeros(0, np.int64)]
        while (table := self._next()) is not None:
            found = pc.index_in(_keys(table, self._place), value_set=keys)
            others = pc.is_null(found).to_numpy(zero_copy_only=False)
            count = int(others.argmax()) if others.any() else len(others)
            tables.append(table.slice(0, count).select(_EDIT_COLUMNS))
            rows.append(found[:count].to_numpy(zero_copy_only=False).astype(np.int64))
            if count < len(others):
                self._waiting = table.slice(count)
                break
        return _sort(pa.concat_tables(tables, promote_options="permissive"), np.concatenate(rows))

    def require_end(self) -> None:
        """Raise `InputError` if edits are left."""
        if self._next() is not None:
            raise InputError("it has edits of articles that are missing", where=str(self._path), hint=_AGAIN)

    def _next(self) -> pa.Table | None:
        """Return the edits that come next, None at the end."""
        table, self._waiting = self._waiting, None
        while table is None or not table.num_rows:
            table = next(self._parts, None)
            if table is None:
                return None
        return table


def _sort(edits: pa.Table, rows: Rows) -> tuple[pa.Table, Rows]:
    """Return edits in the order of their rows. They are in another one only if articles of a batch share a key."""
    if np.all(rows[1:] >= rows[:-1]):
        return edits, rows
    order = np.argsort(rows, kind="stable")
    return edits.take(order), rows[order]


def _column_names(path: Path) -> list[str]:
    import pyarrow.parquet as pq

    first = next(iter(sorted(path.glob("**/*.parquet"))), None) if path.is_dir() else path
    names: list[str] = pq.read_schema(first).names if first else []
    return names


def _keys(table: pa.Table, place: list[str]) -> pa.Array:
    """Return a key for each row, of the id and the place of its record. Records may share an id."""
    columns = [table.column("id").combine_chunks()]
    columns += [pc.fill_null(table.column(name).combine_chunks().cast("large_string"), "") for name in place]
    return pc.binary_join_element_wise(*columns, pa.scalar("\0", pa.large_string()))


def _read_articles(out: Path) -> Iterator[pa.Table]:
    path = out / "articles.parquet"
    if path.exists():
        for table in read_parts(path, list(_COLUMNS), _ROWS):
            yield _flatten(table)
        return
    path = next((out / name for name in ("articles.jsonl", "articles.jsonl.zst") if (out / name).exists()), path)
    if not path.exists():
        raise InputError("no articles in it", where=str(out), hint=_HINT)
    decoder = msgspec.json.Decoder(_Article)
    with opened(Source(path, path.name, "jsonl")) as file:
        for chunk in read_line_chunks(file, 4 * MAX_RECORD):
            if isinstance(chunk, LongLine):
                raise ValueError("a line that is too long")
            rows = [
                msgspec.to_builtins(decoder.decode(line), builtin_types=(datetime,))
                for line in chunk.split(b"\n")
                if line
            ]
            yield _flatten(pa.Table.from_pylist(rows, schema=pa.schema([ARTICLE.field(name) for name in _COLUMNS])))


def _flatten(table: pa.Table) -> pa.Table:
    """Return the columns of a batch: nested fields become columns of their own."""
    table = table.combine_chunks()
    raw, origin = (table.column(name).combine_chunks() for name in ("raw", "provenance"))
    columns = {name: table.column(name) for name in _FIELDS}
    columns["authors"] = pc.list_value_length(table.column("authors"))
    columns["form"] = pc.struct_field(raw, "format")
    columns["text_field"] = pc.struct_field(origin, "text_field")
    columns |= {name: pc.struct_field(origin, name) for name in _PLACE}
    return pa.table(columns)


class _Raw(msgspec.Struct):
    format: str = "text"


class _Origin(msgspec.Struct):
    file: str | None = None
    line: int | None = None
    byte_offset: int | None = None
    text_field: str = "body"


class _Article(msgspec.Struct):
    """The fields of a line of articles.jsonl that a report needs."""

    id: str
    body: str
    raw: _Raw
    provenance: _Origin
    url: str | None = None
    headline: str | None = None
    source_name: str | None = None
    source_domain: str | None = None
    language: str | None = None
    date_published: datetime | None = None
    authors: list[dict[str, Any]] = []
