"""Inputs: files and folders found, told apart, unpacked, and cut into batches of raw records."""

from __future__ import annotations

import codecs
import gzip
import io
import os
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from ..schemas.errors import InputError, SettingError
from .records import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BATCH_BYTES = 8 << 20
FORMATS = ("auto", "text", "jsonl", "parquet")
_SUFFIXES = {".txt": "text", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
_PACKED = (".gz", ".zst")


@dataclass(frozen=True)
class Source:
    """One file of the input: `name` is its path below the input that was named, `size` its bytes on disk."""

    path: Path | None
    name: str
    kind: str
    size: int = 0

    @property
    def label(self) -> str:
        """How messages name it."""
        return str(self.path) if self.path else "standard input"


@dataclass(frozen=True)
class Unreadable:
    """A record that could not be read: what was wrong, and its bytes as they were."""

    position: int
    """Number of readable records of the batch that stand before it."""
    file: str
    line: int | None
    byte_offset: int | None
    raw: bytes
    check: str
    message: str


@dataclass
class Batch:
    """Raw records of one or more files: Python objects or an Arrow table, and what could not be read."""

    place: Place
    rows: list[dict[str, Any]] | None = None
    table: pa.Table | None = None
    raw: Callable[[int], bytes | None] = lambda _: None
    unreadable: list[Unreadable] = field(default_factory=list)
    consumed: int = 0
    """Bytes on disk that this batch took, about, for the progress bar."""


def find_sources(inputs: list[str], kind: str = "auto") -> list[Source]:
    """Find the files of the inputs, folders searched through in the order of their names.

    Raises `InputError` for a path that does not exist or cannot be read, and for a folder without a known file.
    """
    if kind not in FORMATS:
        raise SettingError(f"unknown format {kind!r}", do=f"use one of: {', '.join(FORMATS)}")
    found: list[Source] = []
    for given in inputs:
        if given == "-":
            found.append(Source(None, "stdin", kind))
            continue
        path = Path(given)
        if path.is_dir():
            below = [p for p in _files_below(path) if _suffix(p) in _SUFFIXES]
            if not below:
                raise InputError(
                    "no article in this folder",
                    where=given,
                    do="it should hold .txt, .jsonl or .parquet files (.jsonl also as .gz or .zst)",
                )
            found += [_source(p, p.relative_to(path).as_posix(), kind) for p in below]
        elif path.exists():
            found.append(_source(path, path.name, kind))
        else:
            raise InputError("no such file or folder", where=given, do="give a folder, a .txt, .jsonl or .parquet file")
    return _distinct(found)


def _files_below(folder: Path) -> list[Path]:
    """Give all files below a folder, sorted. Raises `InputError` for a folder in it that cannot be listed."""

    def refuse(error: OSError) -> None:
        where = str(error.filename or folder)
        raise InputError(f"cannot be listed ({error.strerror})", where=where, do="check its permissions")

    return sorted(Path(root, name) for root, _, names in os.walk(folder, onerror=refuse) for name in names)


def _suffix(path: Path) -> str:
    suffixes = path.suffixes[-2:]
    return (suffixes[0] if len(suffixes) == 2 and suffixes[1] in _PACKED else path.suffix).lower()


def _source(path: Path, name: str, kind: str) -> Source:
    try:
        with path.open("rb") as file:
            start = file.read(64)
        size = path.stat().st_size
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), do="check its permissions") from None
    if kind == "auto":
        kind = _SUFFIXES.get(_suffix(path)) or _sniff(start)
    return Source(path, name, kind, size)


def _sniff(start: bytes) -> str:
    """Tell the kind of an input from its first bytes."""
    if start.startswith(b"PAR1"):
        return "parquet"
    return "jsonl" if start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{") else "text"


def _distinct(sources: list[Source]) -> list[Source]:
    """Name sources by their whole path where short names are not enough to tell them apart."""
    names = [source.name for source in sources]
    if len(set(names)) == len(names):
        return sources
    whole = [Source(s.path, s.path.as_posix() if s.path else s.name, s.kind, s.size) for s in sources]
    for source in whole:
        if [s.name for s in whole].count(source.name) > 1:
            raise InputError("the same file is named twice", where=source.label, do="name each input once")
    return whole


def read_batches(sources: list[Source], encoding: str | None = None) -> Iterator[Batch]:
    """Read the sources, in their order, as batches of raw records."""
    from .jsonl import read_jsonl
    from .texts import read_texts

    pending: list[Source] = []
    for source in sources:
        kind = source.kind
        stream: io.BufferedReader | None = None
        if source.path is None:
            raw: Any = sys.stdin.buffer  # typed without the methods that a buffer needs
            stream = io.BufferedReader(raw, 1 << 20)
            kind = _sniff(stream.peek(64)) if kind == "auto" else kind
        if kind == "text" and stream is None:
            pending.append(source)
            continue
        yield from read_texts(pending, encoding)
        pending = []
        if kind == "text":
            yield from read_texts([source], encoding, stream)
        elif kind == "jsonl":
            yield from read_jsonl(source, encoding, stream)
        else:
            yield from _read_parquet(source, stream)
    yield from read_texts(pending, encoding)


@contextmanager
def opened(source: Source, stream: BinaryIO | None = None) -> Iterator[tuple[BinaryIO, Callable[[], int]]]:
    """Open a source, unpacked; also give a function that tells how many bytes on disk were read so far."""
    file = stream if stream is not None else source.path.open("rb") if source.path else io.BytesIO()
    try:
        at = file.tell if source.path else lambda: 0
        if source.name.endswith(".gz"):
            yield gzip.open(file), at  # type: ignore[misc]
        elif source.name.endswith(".zst"):
            from .unpacking import UnpackedStream

            yield io.BufferedReader(UnpackedStream(file), 1 << 20), at
        else:
            yield file, at
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        raise InputError(f"cannot be read to its end ({error})", where=source.label, do="is it complete?") from None
    finally:
        file.close()


def _read_parquet(source: Source, stream: BinaryIO | None) -> Iterator[Batch]:
    import pyarrow.parquet as pq

    try:
        handle: Any = source.path if source.path else pa.BufferReader(stream.read() if stream else b"")
        with pq.ParquetFile(handle) as file:
            rows = max(file.metadata.num_rows, 1)
            done = 0
            for batch in file.iter_batches(batch_size=2048):
                line = pa.array(range(done + 1, done + batch.num_rows + 1), pa.int64())
                done += batch.num_rows
                yield Batch(
                    Place(source.name, line, None, "parquet"),
                    table=pa.Table.from_batches([batch]),
                    consumed=source.size * batch.num_rows // rows,
                )
    except (pa.ArrowException, OSError) as error:
        reason = re.sub(r"\s+", " ", str(error))[:200]
        raise InputError(f"not a sound Parquet file ({reason})", where=source.label, do="write it again") from None


def check_encoding(encoding: str | None) -> str | None:
    """Give the encoding's name as Python knows it. Raises `SettingError` for an unknown one."""
    if encoding is None:
        return None
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise SettingError(f"unknown encoding {encoding!r}", do="use a name such as utf-8 or windows-1252") from None
