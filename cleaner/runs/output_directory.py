"""Output files: written under a temporary name, given their own name only when the run is complete."""

from __future__ import annotations

import base64
import errno
import logging
import os
import shutil
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ...schemas.arrow import ARTICLE, EDITS_FILE
from ...schemas.errors import InputError, OutputError, SettingError
from .parquet_splice import encode_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...schemas.reasons import Reason

QUARANTINE = "quarantine.jsonl"
SUMMARY = "summary.json"
VALIDATED = (QUARANTINE, "flags.parquet", SUMMARY, "report.html")  # what a validation leaves
SCHEMAS = {"articles.parquet": ARTICLE, "edits.parquet": EDITS_FILE}
Sizes = npt.NDArray[np.int64]
REPAIR = "see to the disk"
_LOCK, MANIFEST = "lock", "manifest.json"  # beside the files of a run, while it is under way
_log = logging.getLogger("copydesk")
ARTICLE_FORMATS = ("parquet", "jsonl", "jsonl.zst")
_encode = msgspec.json.Encoder().encode


def _work(path: Path) -> Path:
    whole = Path(os.path.abspath(path))
    return whole.with_name(f".{whole.name}.partial")


def no_interrupted_run(path: Path) -> OutputError:
    """Give the error of a run that would go on, and has nothing to go on with."""
    hint = f"leave out --resume; a script gives it only where there is {path.parent / _work(path).name / MANIFEST}"
    if (path / SUMMARY).exists():
        hint = "the run whose results are in it was complete"
    return OutputError("there is no interrupted run to go on with", where=str(path), hint=hint)


class OutputDirectory:
    """A directory that is filled beside its final place and moved there at the end, or not at all.

    With `resume` it goes on with what an interrupted run left there.
    """

    def __init__(
        self, path: Path, *, overwrite: bool = False, inputs: Iterable[str] = (), resume: bool = False
    ) -> None:
        self.path = path
        _refuse_overlap(path, inputs)
        self.work = _work(path)
        if path.exists() and not path.is_dir():
            raise OutputError("this is a file, not a directory", where=str(path), hint="give another --out")
        if resume and not self.work.is_dir():
            raise no_interrupted_run(path)
        if path.is_dir() and any(path.iterdir()) and not overwrite and not resume:
            raise OutputError(
                "the output directory is not empty", where=str(path), hint="add --overwrite or give another"
            )
        try:
            self._lock = self._open(resume)
        except OSError as error:
            raise OutputError(
                f"cannot be written ({error.strerror})", where=str(path.parent), hint="give another"
            ) from None

    def _open(self, resume: bool) -> IO[bytes]:
        """Make the directory, or take over what a run left that is no longer there."""
        self.work.mkdir(parents=True, exist_ok=True)
        lock = (self.work / _LOCK).open("ab")
        if not lock_file(lock):
            lock.close()
            raise OutputError("another run is writing to it", where=str(self.path), hint="wait for its end")
        if not resume:
            if (self.work / MANIFEST).exists():
                _log.warning(
                    "%s: what an interrupted run had done is dropped; --resume would have gone on with it", self.path
                )
            for left in self.work.iterdir():
                if left.name != _LOCK:
                    _remove(left)
        return lock

    def commit(self, names: Iterable[str], gone: Iterable[str] = ()) -> None:
        """Move files and folders to their final place, in this order; those of an earlier run by the names `gone` go.

        What an earlier call moved, before it was interrupted, stays where it is.
        """
        try:
            self.path.mkdir(exist_ok=True)
            for name in gone:
                _remove(self.path / name)
            for name in names:
                done, place = self.work / name, self.path / name
                if done.is_dir() or (done.exists() and place.is_dir()):
                    _remove(place)  # nothing takes the place of a folder, or a folder that of a file
                if done.exists():
                    os.replace(done, place)
        except OSError as error:
            raise OutputError(f"cannot be written ({error.strerror})", where=str(self.path), hint=REPAIR) from None
        self.discard()

    def close(self) -> None:
        """Leave what was written for a later run to go on with."""
        self._lock.close()

    def discard(self) -> None:
        """Remove everything that was written."""
        self._lock.close()
        shutil.rmtree(self.work, ignore_errors=True)


def _remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _refuse_overlap(path: Path, inputs: Iterable[str]) -> None:
    """Raise `OutputError` if the next run would read what this one writes, or this one replaces what it reads."""
    out = path.resolve()
    for given in filter(os.path.exists, inputs):  # the others are tables, or standard input
        found = Path(given).resolve()
        if out == found or found in out.parents:
            what, inner = "this directory lies inside an input", "its results would be read as articles next time"
        elif out in found.parents:
            what, inner = "an input lies inside this directory", "its results could replace it"
        else:
            continue
        raise OutputError(f"{what} ({given}): {inner}", where=str(path), hint="give a --out apart from the inputs")


def lock_file(file: IO[bytes]) -> bool:
    """Lock a file until it is closed or the process ends; say whether that was possible."""
    try:
        import fcntl
    except ImportError:  # where files that are open cannot be removed anyway
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True


def check_article_format(to: str) -> None:
    """Raise `SettingError` unless `to` is a format that articles can be written in."""
    if to not in ARTICLE_FORMATS:
        raise SettingError(f"unknown format {to!r}", hint=f"use --to {', '.join(ARTICLE_FORMATS)}")


def names_of_run(to: str) -> tuple[str, ...]:
    """Give the names of the files that a run leaves, with its articles in one of `ARTICLE_FORMATS`."""
    return (f"articles.{to}", "edits.parquet", QUARANTINE, SUMMARY)


def read_parts(path: Path, columns: list[str] | None = None) -> Iterator[pa.Table]:
    """Read a file of Parquet, or all files of a folder as Spark writes it, piece by piece in their order.

    Raises `InputError` for a folder whose files stand in folders of their own.
    """
    import pyarrow.parquet as pq

    parts = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not parts and any(each.is_dir() for each in path.iterdir()):
        what = "it is in folders by source or date, which keep no order"
        raise InputError(what, where=str(path), hint="clean without --partition-by")
    for part in parts:
        with pq.ParquetFile(part) as file:
            for batch in file.iter_batches(batch_size=8192, columns=columns):
                yield pa.Table.from_batches([batch])


def encode_articles(table: pa.Table, to: str) -> dict[str, list[bytes]]:
    """Give what articles add to the files of a run, in one of `ARTICLE_FORMATS`.

    Lines are packed as a frame of their own: frames that follow each other are read as one file.
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
    """Give what edits add to the files of a run."""
    return encode_rows(table, "edits.parquet")


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
