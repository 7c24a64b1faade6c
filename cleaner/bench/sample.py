"""A sample of some inputs: their first records, in files of the same formats, up to a given size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...schemas.errors import InputError
from ..readers.batches import UnparsedBatch
from ..readers.compression import LOOK, opened_to_pack, packing_of
from ..readers.discovery import find_sources
from ..readers.dispatch import SourceGroup, read_group

if TYPE_CHECKING:
    from ..readers.source import Source

_TOO_MUCH = 1.5  # times the requested size


@dataclass(frozen=True)
class Sample:
    """Inputs that hold the first records of other inputs; sizes are bytes on disk."""

    inputs: list[str]
    size: int
    whole: int
    """The size of the full inputs; 0 if it is unknown, as for a table in a database."""
    files: int
    """Number of files and tables in the full inputs."""


def take_sample(
    inputs: list[str], size: float, folder: Path, kind: str = "auto", encoding: str | None = None
) -> Sample:
    """Return about the first `size` bytes of some inputs, measured unpacked. A shortened file goes to `folder`.

    JSON Lines and Parquet are cut at the size. Files of other formats and database tables are taken whole, as long as
    they fit; the first one is always taken. Raises `InputError` for standard input.
    """
    pairs = [(name, source) for name in inputs for source in find_sources([name], kind)]
    taken: list[str] = []
    on_disk, used = 0, 0.0
    for number, (name, source) in enumerate(pairs):
        path, took = _take(name, source, size - used, folder / str(number), encoding)
        if taken and used + took > size * _TOO_MUCH:
            break
        taken.append(path)
        on_disk += Path(path).stat().st_size if source.path else 0
        used += took
        if used >= size:
            break
    tables = any(source.path is None for _, source in pairs)
    return Sample(taken, on_disk, 0 if tables else sum(source.size for _, source in pairs), len(pairs))


def _take(name: str, source: Source, room: float, folder: Path, encoding: str | None) -> tuple[str, float]:
    """Return an input that holds a source or its beginning, and the bytes of `room` that it uses."""
    if source.path is None and source.database is None:
        raise InputError("cannot be measured, because it can be read only once", where=source.label, hint="name a file")
    if source.path is None:
        return name, room
    if source.kind == "jsonl":
        return _take_lines(source, source.path, room, folder, encoding)
    if source.kind == "parquet" and source.size > room:
        return _take_rows(source, source.path, room, folder), room
    return str(source.path), source.size


def _take_lines(source: Source, path: Path, room: float, folder: Path, encoding: str | None) -> tuple[str, int]:
    target = _place(source, path, folder)
    used = 0
    with path.open("rb") as file:
        packing = packing_of(file.read(LOOK))
    if not packing and source.size <= room:
        return str(path), source.size
    with opened_to_pack(target, packing) as sink:
        for batch in read_group(SourceGroup(0, [source]), encoding):
            assert isinstance(batch, UnparsedBatch)
            data = batch.load()
            full = used + len(data) > room
            if full:
                data = data[: data.rfind(b"\n", 0, int(room) - used) + 1 or data.find(b"\n") + 1 or None]
            # The reader hands out lines of UTF-16 as UTF-8.
            sink.write(data if batch.encoding == encoding else data.decode().encode(encoding or "utf-8"))
            used += len(data)
            if full:
                return str(target), used
    return str(path), used


def _take_rows(source: Source, path: Path, room: float, folder: Path) -> str:
    import pyarrow.parquet as pq

    target = _place(source, path, folder)
    try:
        with (
            path.open("rb") as raw,  # pyarrow opens no path that is not UTF-8
            pq.ParquetFile(raw) as file,
            target.open("wb") as sink,
            pq.ParquetWriter(sink, file.schema_arrow, compression="zstd") as writer,
        ):
            used = 0
            for batch in file.iter_batches():
                writer.write_batch(batch)
                used += batch.nbytes
                if used >= room:
                    break
    except (OSError, ValueError) as error:  # Arrow raises one of the two
        raise InputError(f"cannot be read ({error})", where=source.label, hint="the file may be damaged") from None
    return str(target)


def _place(source: Source, path: Path, folder: Path) -> Path:
    """Return a path of the same name below `folder`, in the same partition folders."""
    place = folder.joinpath(*path.parts[-1 - len(source.partition) :])
    place.parent.mkdir(parents=True)
    return place
