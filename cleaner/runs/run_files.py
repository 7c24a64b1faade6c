"""The files that a run leaves: their names and schemas, and how articles and edits become bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.arrow import ARTICLE, EDITS_FILE
from ...schemas.errors import InputError, SettingError
from .parquet_splice import FOOTERS, encode_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

ARTICLES = "articles.parquet"
EDITS = "edits.parquet"
QUARANTINE = "quarantine.jsonl"
SUMMARY = "summary.json"
VALIDATED = (QUARANTINE, "flags.parquet", SUMMARY, "report.html")  # the files that a validation leaves
SCHEMAS = {ARTICLES: ARTICLE, EDITS: EDITS_FILE}
ARTICLE_FORMATS = ("parquet", "jsonl", "jsonl.zst")
TEXTS = "articles.txt"
"""A folder of texts. Like the two forms below, it is written beside articles.parquet, which holds all fields."""
EXPORTS = ("articles.csv", "articles.jsonl", TEXTS)
OUTPUT_FORMATS = (*ARTICLE_FORMATS, "csv", "txt")
SEEN, FLAGS = "seen", "flags"
"""Files of a run under way: its questions about duplicates, and what each check flags."""
LOCK, MANIFEST, JOURNAL, COMPLETE, PROBE = "lock", "manifest.json", "journal", "complete", ".copydesk-probe"
QUARANTINE_PARTS = "quarantine"  # a folder of Spark, which becomes one file
WRITING = ".writing"  # ending of a file that is not complete yet
WORK_FOLDERS = frozenset((*SCHEMAS, QUARANTINE_PARTS, TEXTS))
Sizes = npt.NDArray[np.int64]
_encode = msgspec.json.Encoder().encode


def check_article_format(to: str) -> None:
    """Raise `SettingError` unless articles can be written in the format `to`."""
    if to not in OUTPUT_FORMATS:
        raise SettingError(f"unknown format {to!r}", hint=f"use --to {', '.join(OUTPUT_FORMATS)}")


def names_of_run(to: str) -> tuple[str, ...]:
    """Return the names of the files that a run leaves, with its articles in one of `ARTICLE_FORMATS`."""
    return (f"articles.{to}", EDITS, QUARANTINE, SUMMARY)


def names_of_other_runs(names: Iterable[str]) -> list[str]:
    """Return the names of files that earlier runs or validations left, and that are not among those of a run."""
    every = {name for article_format in ARTICLE_FORMATS for name in names_of_run(article_format)}
    return sorted({*every, *VALIDATED, *EXPORTS} - set(names))


def work_files() -> frozenset[str]:
    """Return the names of all files that a work directory may hold."""
    every = {
        *VALIDATED,
        *EXPORTS,
        *(name for article_format in ARTICLE_FORMATS for name in names_of_run(article_format)),
    }
    every |= {*(f"{name}{FOOTERS}" for name in SCHEMAS), SEEN, FLAGS, LOCK, MANIFEST, JOURNAL, COMPLETE, PROBE}
    return frozenset((*every, *(f"{name}{WRITING}" for name in every)))


def encode_articles(table: pa.Table, to: str) -> dict[str, list[bytes]]:
    """Return the bytes that articles add to the files of a run, in one of `ARTICLE_FORMATS`.

    Lines for `jsonl.zst` are compressed as a frame of their own: Zstandard reads frames in a row as one file.
    """
    if to == "parquet":
        return encode_rows(table, "articles.parquet")
    lines = []
    for row in table.to_pylist():
        row["extra"] = msgspec.Raw(row["extra"].encode())
        lines.append(_encode(row) + b"\n")
    if to == "jsonl.zst" and lines:
        import zstandard

        lines = [zstandard.ZstdCompressor(level=3).compress(b"".join(lines))]
    return {f"articles.{to}": lines}


def encode_edits(table: pa.Table) -> dict[str, list[bytes]]:
    """Return the bytes that edits add to the files of a run."""
    return encode_rows(table, EDITS)


def read_parts(path: Path, columns: list[str] | None = None, rows: int = 8192) -> Iterator[pa.Table]:
    """Read a Parquet file, or all files of a folder that Spark wrote, in tables of up to `rows` rows, in order.

    Raises `InputError` for a folder whose files are in subfolders.
    """
    import pyarrow.parquet as pq

    for part in find_parts(path):
        with pq.ParquetFile(part) as file:
            for group in range(file.num_row_groups):  # a reader of several keeps what it read until its end
                for batch in file.iter_batches(batch_size=rows, row_groups=[group], columns=columns):
                    yield pa.Table.from_batches([batch])


def find_parts(path: Path) -> list[Path]:
    """Return a Parquet file, or all files of a folder that Spark wrote, in order.

    Raises `InputError` for a folder whose files are in subfolders.
    """
    parts = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not parts and any(each.is_dir() for each in path.iterdir()):
        what = "the files are in subfolders by source or date, so their order is lost"
        raise InputError(what, where=str(path), hint="clean without --partition-by")
    return parts


def sizes_of(column: pa.Array) -> Sizes:
    """Return the size of each text of a column in bytes, 0 for null."""
    sizes: Sizes = pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    return sizes
