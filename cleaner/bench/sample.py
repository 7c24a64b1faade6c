"""A sample of some inputs: files of the same kinds that hold their first records, up to a size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...schemas.errors import InputError
from ..readers.compression import LOOK, opened_to_pack, packing_of
from ..readers.discovery import find_sources
from ..readers.formats.jsonl import read_unparsed

if TYPE_CHECKING:
    from ..readers.source import Source

_TOO_MUCH = 1.5  # times the size that is asked for


@dataclass(frozen=True)
class Sample:
    """Inputs that hold the first records of others; sizes are bytes on disk."""

    inputs: list[str]
    size: int
    whole: int
    """The size of what they were taken from; 0 if that is not known, as of a table in a database."""
    files: int
    """Number of files and tables that they were taken from."""


def take_sample(
    inputs: list[str], size: float, folder: Path, kind: str = "auto", encoding: str | None = None
) -> Sample:
    """Give the first `size` bytes of some inputs, unpacked, or a little more; what is cut is written to the folder.

    JSON Lines and Parquet are cut where the room ends. Files of other kinds are taken whole, as long as they fit, and
    in any case the first; so is a table of a database. Raises `InputError` for standard input.
    """
    found = [(given, source) for given in inputs for source in find_sources([given], kind)]
    taken: list[str] = []
    on_disk, used = 0, 0.0
    for number, (given, source) in enumerate(found):
        path, took = _take(given, source, size - used, folder / str(number), encoding)
        if taken and used + took > size * _TOO_MUCH:
            break
        taken.append(path)
        on_disk += Path(path).stat().st_size if source.path else 0
        used += took
        if used >= size:
            break
    tables = any(source.path is None for _, source in found)
    return Sample(taken, on_disk, 0 if tables else sum(source.size for _, source in found), len(found))


def _take(given: str, source: Source, room: float, folder: Path, encoding: str | None) -> tuple[str, float]:
    """Give an input with a source, or with its beginning, and how much of the room that takes."""
    if source.path is None and source.database is None:
        raise InputError("cannot be read more than once", where=source.label, hint="name a file")
    if source.path is None:
        return given, room
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
        for batch in read_unparsed(source, encoding):
            data = batch.data or b""
            full = used + len(data) > room
            if full:
                data = data[: data.rfind(b"\n", 0, int(room) - used) + 1 or data.find(b"\n") + 1 or None]
            # lines of UTF-16 are given in UTF-8
            sink.write(data if batch.encoding == encoding else data.decode().encode(encoding or "utf-8"))
            used += len(data)
            if full:
                return str(target), used
    return str(path), used


def _take_rows(source: Source, path: Path, room: float, folder: Path) -> str:
    import pyarrow.parquet as pq

    target = _place(source, path, folder)
    try:
        with pq.ParquetFile(path) as file, pq.ParquetWriter(target, file.schema_arrow, compression="zstd") as writer:
            used = 0
            for batch in file.iter_batches():
                writer.write_batch(batch)
                used += batch.nbytes
                if used >= room:
                    break
    except (OSError, ValueError) as error:  # what Arrow raises is one of the two
        raise InputError(f"cannot be read ({error})", where=source.label, hint="is it a sound Parquet file?") from None
    return str(target)


def _place(source: Source, path: Path, folder: Path) -> Path:
    """Give a place of the same name, below folders that give the same columns."""
    place = folder.joinpath(*path.parts[-1 - len(source.partition) :])
    place.parent.mkdir(parents=True)
    return place
