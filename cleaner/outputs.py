"""Output files: written under a temporary name, given their own name only when the run is complete."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..schemas.arrow import ARTICLE, EDITS_FILE
from ..schemas.errors import OutputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..schemas.reasons import Reason

Sizes = npt.NDArray[np.int64]
ARTICLE_FORMATS = ("parquet", "jsonl", "jsonl.zst")
ROW_GROUP_BYTES = 32 << 20
ROW_GROUP_ROWS = 50_000
_encode = msgspec.json.Encoder().encode


class OutputDirectory:
    """A directory that is filled beside its final place and moved there at the end, or not at all."""

    def __init__(self, path: Path, *, overwrite: bool = False, inputs: Iterable[Path] = ()) -> None:
        self.path = path
        _refuse_overlap(path, inputs)
        if path.exists() and not path.is_dir():
            raise OutputError("this is a file, not a directory", where=str(path), do="give another --out")
        if path.is_dir() and any(path.iterdir()) and not overwrite:
            raise OutputError(
                "the output directory is not empty", where=str(path), do="add --overwrite or give another"
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.work = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        except OSError as error:
            raise OutputError(
                f"cannot be written ({error.strerror})", where=str(path.parent), do="give another"
            ) from None

    def commit(self, names: tuple[str, ...]) -> None:
        """Move the files to their final names; files of an earlier run with names of ours go."""
        self.path.mkdir(exist_ok=True)
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                (self.path / name).unlink()
        for file in sorted(self.work.iterdir()):
            os.replace(file, self.path / file.name)
        self.work.rmdir()

    def discard(self) -> None:
        """Remove everything that was written."""
        shutil.rmtree(self.work, ignore_errors=True)


def _refuse_overlap(path: Path, inputs: Iterable[Path]) -> None:
    """Raise `OutputError` if the next run would read what this one writes, or this one replaces what it reads."""
    out = path.resolve()
    for given in inputs:
        found = given.resolve()
        if out == found or found in out.parents:
            what, inner = "this directory lies inside an input", "its results would be read as articles next time"
        elif out in found.parents:
            what, inner = "an input lies inside this directory", "its results could replace it"
        else:
            continue
        raise OutputError(f"{what} ({given}): {inner}", where=str(path), do="give a --out apart from the inputs")


class RowGroups:
    """A Parquet file whose row groups depend on its rows alone, not on the batches that they came in."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema, compression="zstd", compression_level=1)
        self._pending: list[pa.Table] = []
        self._rows = self._bytes = 0

    def write(self, table: pa.Table, sizes: Sizes) -> None:
        """Add rows, each with its size in bytes, by which row groups are cut."""
        start = 0
        while start < table.num_rows:
            full = self._bytes + np.cumsum(sizes[start:]) >= ROW_GROUP_BYTES
            full[ROW_GROUP_ROWS - self._rows - 1 :] = True
            stop = start + int(full.argmax()) + 1 if full.any() else table.num_rows
            self._pending.append(table.slice(start, stop - start))
            self._rows += stop - start
            self._bytes += int(sizes[start:stop].sum())
            if full.any():
                self._flush()
            start = stop

    def _flush(self) -> None:
        if self._pending:
            # in one piece, so that pages are the same however the rows came in
            self._writer.write_table(pa.concat_tables(self._pending).combine_chunks(), row_group_size=ROW_GROUP_ROWS)
        self._pending, self._rows, self._bytes = [], 0, 0

    def close(self) -> None:
        """Write what is left and close the file."""
        self._flush()
        self._writer.close()


class ArticleLines:
    """Articles as JSON Lines, packed or not."""

    def __init__(self, path: Path) -> None:
        self._raw: IO[bytes] = path.open("wb")
        self._file: Any = self._raw
        if path.suffix == ".zst":
            import zstandard

            self._file = zstandard.ZstdCompressor(level=3).stream_writer(self._raw, closefd=False)

    def write(self, table: pa.Table, sizes: Sizes) -> None:
        """Add one line for each row."""
        for row in table.to_pylist():
            row["extra"] = msgspec.Raw(row["extra"].encode())
            self._file.write(_encode(row) + b"\n")

    def close(self) -> None:
        """Close the file."""
        if self._file is not self._raw:
            self._file.close()
        self._raw.close()


def check_article_format(to: str) -> None:
    """Raise `SettingError` unless `to` is a format that articles can be written in."""
    if to not in ARTICLE_FORMATS:
        raise SettingError(f"unknown format {to!r}", do=f"use --to {', '.join(ARTICLE_FORMATS)}")


def open_articles(directory: Path, to: str) -> RowGroups | ArticleLines:
    """Open the file of the articles in one of `ARTICLE_FORMATS`."""
    check_article_format(to)
    path = directory / f"articles.{to}"
    return RowGroups(path, ARTICLE) if to == "parquet" else ArticleLines(path)


def open_edits(directory: Path) -> RowGroups:
    """Open the file of the edits."""
    return RowGroups(directory / "edits.parquet", EDITS_FILE)


def sizes_of(column: pa.Array) -> Sizes:
    """Give the size of each text of a column in bytes."""
    sizes: Sizes = pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    return sizes


def quarantine_entry(
    record_id: str,
    place: dict[str, Any],
    raw: bytes | None,
    record: dict[str, Any] | None,
    reasons: list[Reason],
) -> bytes:
    """Give one line of quarantine.jsonl. `raw` that is no UTF-8 is kept as base64, and `raw_encoding` says so."""
    text, encoding = None, "utf-8"
    if raw is not None:
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text, encoding = base64.b64encode(raw).decode(), "base64"
    entry = {
        "id": record_id,
        **place,
        "raw": text,
        "raw_encoding": encoding,
        "record": record,
        "reasons": [vars(reason) for reason in reasons],
    }
    return msgspec.json.encode(entry, enc_hook=str) + b"\n"
