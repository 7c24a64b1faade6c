"""The files of an input, cut into splits that tasks read independently, with the readers of any other run.

Files of lines are cut between lines, Parquet between row groups. Compressed files and all other formats are read whole.
The splits are numbered in the order of the input.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ...schemas.errors import InputChangedError, InputError, SettingError
from ..readers.batches import BATCH_BYTES
from ..readers.dispatch import SourceGroup, group_sources, misfit, read_group
from ..readers.formats.columnar import read_row_groups
from ..readers.formats.jsonl import LineBatch
from ..readers.source import opened
from ..runs.fit import Fit, read_fitting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..readers.batches import Batch
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
        if source.kind == "jsonl" and source.size > BATCH_BYTES and not source.problem and _is_plain(source)
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
    sources: list[Source], lines: Iterable[tuple[Range, int, int | None]], encoding: str | None, fit: Fit
) -> list[SourcePiece]:
    """Cut the sources into splits. `lines` has the ranges of `find_ranges`, each with the result of `scan_lines`.

    A file of several splits that does not fit is one split with its problem.
    """
    batches = _find_batches(lines, encoding)
    splits: list[SourcePiece] = []
    for group in group_sources(sources):
        pieces = list(_splits_of(group, batches, fit))
        problem = _find_problem(group, encoding, fit) if len(pieces) > 1 and len(group.sources) == 1 else None
        splits += [_set_aside(group, problem)] if problem else pieces
    return splits


def _find_problem(group: SourceGroup, encoding: str | None, fit: Fit) -> InputError | None:
    """Return why a file does not fit, by its first batch. Tasks know only their own part of it."""
    first = None if fit.strict else next(read_group(group, encoding, strict=False), None)
    return fit.find_problem(group.sources[0], first) if first is not None else None


def _set_aside(group: SourceGroup, problem: InputError) -> SourcePiece:
    return SourcePiece(SourceGroup(group.first, [replace(group.sources[0], problem=problem)]))


def read_split(split: SourcePiece, encoding: str | None, fit: Fit) -> Iterator[Batch]:
    """Read a split. A file that does not fit is an unreadable record, or raises `InputError`: `fit` says which.

    Raises `InputError` if a file has changed.
    """
    source = split.group.sources[0]
    if split.batch is not None:
        parsed = split.batch.parse()
        source.require_unchanged()
        yield parsed
    elif split.row_groups is not None:
        try:
            with opened(source) as file:
                for rows in read_row_groups(file, split.row_groups):
                    yield rows.with_partition(source)
        except InputError as error:
            if fit.strict or isinstance(error, InputChangedError):
                raise
            yield misfit(source, error)
        source.require_unchanged()
    else:
        yield from read_fitting(split.group.sources, encoding, fit)


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


def _splits_of(group: SourceGroup, batches: dict[str, list[LineBatch]], fit: Fit) -> Iterator[SourcePiece]:
    source = group.sources[0]
    begun = {each.name: each.label for each in group.sources}
    if source.name in batches:
        for batch in batches[source.name]:
            yield SourcePiece(group, batch=batch, begun=begun)
            begun = {}
    elif source.kind == "parquet" and not source.problem and _is_plain(source):
        try:
            count = _count_row_groups(source)
        except InputError as problem:
            if fit.strict:
                raise
            yield _set_aside(group, problem)
            return
        for number in range(count):
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
