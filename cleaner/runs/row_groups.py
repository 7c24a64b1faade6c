"""The groups of rows that the articles and edits of a run are written in, each read only as far as it is needed."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from ...schemas.errors import InputError
from ..readers.batches import MAX_RECORD, LongLine, read_line_chunks
from ..readers.source import Source, opened
from .run_files import ARTICLES, SUMMARY, find_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

AGAIN = "the output is damaged; clean the inputs again"
NO_RUN = "name a directory that `copydesk clean` wrote"
_LONGEST = 4 * MAX_RECORD  # bytes of a line: an article holds more than its raw record
_ROWS = 8192  # that are Python objects at once
Model = TypeVar("Model", bound=msgspec.Struct)


class ArticleGroup(Protocol):
    """Some articles that follow each other in the output of a run."""

    @property
    def ids(self) -> pa.Array:
        """Their ids, in their order."""

    def read(self, model: type[Model], rows: Sequence[int] | None = None) -> Iterator[Model]:
        """Yield some of them, or all, with the fields that a model has."""


class RowGroup:
    """A row group of a Parquet file. Columns are read when they are asked for."""

    def __init__(self, file: pq.ParquetFile, number: int) -> None:
        self._file, self._number = file, number
        self.names: list[str] = file.schema_arrow.names

    @cached_property
    def ids(self) -> pa.Array:
        """The column `id`."""
        return self.column("id")

    def column(self, name: str) -> pa.Array:
        """Read one column."""
        return self._file.read_row_group(self._number, columns=[name]).column(0).combine_chunks()

    def read(self, model: type[Model], rows: Sequence[int] | None = None) -> Iterator[Model]:
        """Yield the rows at some positions, or all, with the fields that a model has."""
        for row in self.rows([*model.__struct_fields__], rows):
            yield msgspec.convert(row, model)

    def rows(self, columns: list[str] | None, rows: Sequence[int] | None = None) -> Iterator[dict[str, Any]]:
        """Yield the rows at some positions, or all, with some columns, or all."""
        if rows is None:
            for batch in self._file.iter_batches(_ROWS, row_groups=[self._number], columns=columns):
                yield from batch.to_pylist()
        else:
            table = self._file.read_row_group(self._number, columns=columns)
            yield from table.take(pa.array(rows, pa.int64())).to_pylist()

    @property
    def size(self) -> int:
        """The number of its rows."""
        count: int = self._file.metadata.row_group(self._number).num_rows
        return count

    def may_hold(self, name: str, values: Sequence[Any]) -> bool:
        """Return whether a column may have one of some values, as far as the statistics of the file tell."""
        bounds = self.bounds(name)
        return bounds is None or any(bounds[0] <= value <= bounds[1] for value in values)

    def bounds(self, name: str) -> tuple[Any, Any] | None:
        """Return the smallest and the largest value of a column, None if the statistics of the file do not tell."""
        group = self._file.metadata.row_group(self._number)
        column = next((group.column(at) for at in range(group.num_columns) if self._path(group, at) == name), None)
        found = column.statistics if column is not None else None
        return (found.min, found.max) if found is not None and found.has_min_max else None

    @staticmethod
    def _path(group: Any, at: int) -> str:
        path: str = group.column(at).path_in_schema
        return path


class _LineGroup:
    """Some lines of JSON, each an article."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines

    @cached_property
    def ids(self) -> pa.Array:
        return pa.array([one.id for one in self.read(_Id)], pa.large_string())

    def read(self, model: type[Model], rows: Sequence[int] | None = None) -> Iterator[Model]:
        decoder = msgspec.json.Decoder(model)
        for line in self._lines if rows is None else (self._lines[row] for row in rows):
            yield decoder.decode(line)


class _Id(msgspec.Struct):
    id: str


def column_of(group: ArticleGroup, name: str, model: type[msgspec.Struct]) -> pa.Array:
    """Return a field of all articles of a group; `model` is one that has it."""
    if isinstance(group, RowGroup):
        return group.column(name)
    return pa.array([getattr(article, name) for article in group.read(model)], pa.large_string())


def row_groups(path: Path) -> Iterator[RowGroup]:
    """Yield the row groups of a Parquet file, or of all files of a folder that Spark wrote, in order."""
    for part in find_parts(path):
        with pq.ParquetFile(part) as file:
            for number in range(file.num_row_groups):
                yield RowGroup(file, number)


def open_row_groups(path: Path) -> list[RowGroup]:
    """Return the row groups of a file or folder. The files stay open as long as a group of theirs is used."""
    files = [pq.ParquetFile(part) for part in find_parts(path)]
    return [RowGroup(file, number) for file in files for number in range(file.num_row_groups)]


def article_groups(out: Path) -> Iterator[ArticleGroup]:
    """Yield the articles of a run in groups, in each of the formats that they are written in.

    Raises `InputError` if there are none, or if they are damaged.
    """
    path = find_articles_file(out)
    with naming_damage(path):
        if path.name == ARTICLES:
            yield from row_groups(path)
            return
        with opened(Source(path, path.name, "jsonl")) as file:
            for chunk in read_line_chunks(file, _LONGEST):
                if isinstance(chunk, LongLine):
                    raise ValueError(f"a line of more than {_LONGEST:,} bytes")
                yield _LineGroup([line for line in chunk.split(b"\n") if line])


def find_articles_file(out: Path) -> Path:
    """Return the file, or the folder, of the articles of a run. Raises `InputError` if there is none."""
    for name in (ARTICLES, "articles.jsonl", "articles.jsonl.zst"):
        if (out / name).exists():
            return out / name
    raise InputError("no articles in it", where=str(out), hint=NO_RUN)


def count_accepted(out: Path) -> int | None:
    """Return how many articles the summary of a run counts, None if it has no summary."""
    path = out / SUMMARY
    if not path.exists():
        return None
    with naming_damage(path):
        records = json.loads(path.read_bytes())["records"]
        return int(records["accepted"])


@contextmanager
def naming_damage(path: Path) -> Iterator[None]:
    """Raise `InputError`, with the path, for everything that damaged data raises."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, RecursionError, pa.ArrowException, msgspec.MsgspecError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"cannot be read ({reason})", where=str(path), hint=AGAIN) from None
