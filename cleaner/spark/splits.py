"""The files of an input, cut into splits that tasks read independently, with the readers of any other run.

Files of lines are cut between lines, Parquet between row groups. Compressed files and all other formats are read whole.
The splits are numbered in the order of the input.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...schemas.errors import InputError, SettingError
from ..readers.batches import BATCH_BYTES
from ..readers.dispatch import group_sources, read_group
from ..readers.formats.columnar import read_row_groups
from ..readers.formats.jsonl import LineBatch
from ..readers.source import opened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..readers.batches import Batch
    from ..readers.dispatch import SourceGroup
    from ..readers.source import Source

_TEXTS = 1000  # text files of a split
_PIECE = 1 << 20  # bytes looked at together for the ends of lines


@dataclass(frozen=True)
class Range:
    """A range of bytes of a file of lines. It has the lines that begin in it."""

    source: Source
    start: int
    stop: int


@dataclass(frozen=True)
class SourcePiece:
    """A split: a batch of lines, some row groups of a Parquet file, or a whole group of sources."""

    group: SourceGroup
    batch: LineBatch | None = None
    row_groups: range | None = None
    begun: dict[str, str] = field(default_factory=dict)
    """Labels of the sources that begin in it, by name."""


def refuse_unsplittable(sources: Iterable[Source]) -> None:
    """Raise `SettingError` for inputs that tasks cannot read: standard input, and tables of databases."""
    for source in sources:
        if source.path is None:
            hint = "write it to files first, or read it with Spark and call copydesk.spark.clean"
            raise SettingError(
                "Spark can read only files, not standard input or a database", where=source.label, hint=hint
            )


def find_ranges(sources: Iterable[Source]) -> list[Range]:
    """Return the ranges, of `BATCH_BYTES` each, of all uncompressed files of lines that are larger."""
    return [
        Range(source, start, min(start + BATCH_BYTES, source.size))
        for source in sources
        if source.kind == "jsonl" and source.size > BATCH_BYTES and _is_plain(source)
        for start in range(0, source.size, BATCH_BYTES)
    ]


def scan_lines(part: Range) -> tuple[int, int | None]:
    """Return the number of line ends in a range, and the offset of the first line that begins in it, if there is one.

    Raises `InputError` if the file has changed.
    """
    assert part.source.path is not None
    part.source.require_unchanged()
    count, first = 0, None
    with part.source.path.open("rb") as file:
        # a line begins where the file does, and after each line end
        at = max(part.start - 1, 0)
        file.seek(at)
        if not part.start:
            first = 0
        elif file.read(1) == b"\n":
            first = part.start
        at = part.start
        while at < part.stop and (data := file.read(min(_PIECE, part.stop - at))):
            if first is None and (found := data.find(b"\n")) >= 0 and at + found + 1 < part.stop:
                first = at + found + 1
            count += data.count(b"\n")
            at += len(data)
    part.source.require_unchanged()
    return count, first


def find_splits(
    sources: list[Source], lines: Iterable[tuple[Range, int, int | None]], encoding: str | None
) -> list[SourcePiece]:
    """Cut the sources into splits. `lines` has the ranges of `find_ranges`, each with the result of `scan_lines`."""
    batches = _find_batches(lines, encoding)
    return [split for group in group_sources(sources) for split in _splits_of(group, batches)]


def read_split(split: SourcePiece, encoding: str | None) -> Iterator[Batch]:
    """Read a split. Raises `InputError` if it cannot be read, or if a file has changed."""
    source = split.group.sources[0]
    if split.batch is not None:
        parsed = split.batch.parse()
        source.require_unchanged()
        yield parsed
    elif split.row_groups is not None:
        with opened(source) as file:
            for rows in read_row_groups(file, split.row_groups):
                yield rows.with_partition(source)
        source.require_unchanged()
    else:
        for batch in read_group(split.group, encoding):
            yield batch.parse()


def _find_batches(lines: Iterable[tuple[Range, int, int | None]], encoding: str | None) -> dict[str, list[LineBatch]]:
    """Return batches of whole lines, one for each range in which a line begins, by the names of their files."""
    starts: dict[str, list[tuple[Source, int, int]]] = {}
    line = 0
    for part, newlines, first in lines:
        if not part.start:
            line = 1
        if first is not None:
            # if it begins inside the range, exactly one line end of the range is before it
            number = line if first == part.start else line + 1
            starts.setdefault(part.source.name, []).append((part.source, number, first))
        line += newlines
    found: dict[str, list[LineBatch]] = {}
    for name, begun in starts.items():
        ends = [offset for _, _, offset in begun[1:]] + [begun[0][0].size]
        found[name] = [
            LineBatch(source, number, offset, end - offset, None, encoding)
            for (source, number, offset), end in zip(begun, ends, strict=True)
        ]
    return found


def _splits_of(group: SourceGroup, batches: dict[str, list[LineBatch]]) -> Iterator[SourcePiece]:
    source = group.sources[0]
    begun = {each.name: each.label for each in group.sources}
    if source.name in batches:
        for batch in batches[source.name]:
            yield SourcePiece(group, batch=batch, begun=begun)
            begun = {}
    elif source.kind == "parquet" and _is_plain(source):
        for number in range(_count_row_groups(source)):
            yield SourcePiece(group, row_groups=range(number, number + 1), begun=begun)
            begun = {}
    elif len(group.sources) > 1:
        for first in range(0, len(group.sources), _TEXTS):
            some = group.sources[first : first + _TEXTS]
            yield SourcePiece(type(group)(group.first + first, some), begun={each.name: each.label for each in some})
    else:
        yield SourcePiece(group, begun=begun)


def _is_plain(source: Source) -> bool:
    """Return whether a file is uncompressed, and its line feeds are single bytes."""
    with opened(source) as file:
        return file.is_plain and file.narrowed()[0] is file


def _count_row_groups(source: Source) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(source.path) as file:
            return int(file.num_row_groups)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"not a sound Parquet file ({error})", where=source.label, hint="write it again") from None
