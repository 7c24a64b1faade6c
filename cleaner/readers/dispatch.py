"""Read the sources of an input as batches of raw records, each by the reader of its format."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from ...schemas.errors import CopydeskError, InputError, needs_extra
from .batches import Batch, UnparsedBatch
from .collector import BatchCollector
from .declare import Bad, Record
from .detect import SAMPLE, choose_format, suffix
from .registry import AUTO, find_reader
from .source import InputFile, Source, opened
from .streams import open_stream
from .text_encodings import check_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...schemas.plugins import Plugin
    from .declare import Reader


__all__ = ["SourceGroup", "check_encoding", "group_sources", "read_batches", "read_group"]


@dataclass(frozen=True)
class SourceGroup:
    """Sources that are read together: a single one, or small files that make batches. `first` is its number."""

    first: int
    sources: list[Source]


def group_sources(sources: list[Source]) -> Iterator[SourceGroup]:
    """Yield the groups of the sources, in their order."""

    def is_small(pair: tuple[int, Source]) -> bool:
        source = pair[1]
        return source.path is not None and find_reader(source.kind)[0].one_record_a_file

    for together, pairs in itertools.groupby(enumerate(sources), is_small):
        if together:
            first, *others = pairs
            yield SourceGroup(first[0], [first[1], *(source for _, source in others)])
        else:
            yield from (SourceGroup(number, [source]) for number, source in pairs)


def read_group(
    group: SourceGroup, encoding: str | None, *, line: int = 1, offset: int = 0
) -> Iterator[Batch | UnparsedBatch]:
    """Read a group; if it yields `UnparsedBatch`es, from the given line at the given offset on.

    Raises `InputError` if a file has changed since it was found.
    """
    source = group.sources[0]
    if source.database is not None:
        from .databases.tables import read_table

        yield from read_table(source)
    elif source.path is None:
        yield from _read_stream(source, encoding)
    else:
        yield from _read_files(group.sources, encoding, line, offset)
    for source in group.sources:
        source.require_unchanged()


def read_batches(sources: list[Source], encoding: str | None = None) -> Iterator[Batch]:
    """Read the sources, in their order, as batches of raw records."""
    for group in group_sources(sources):
        for batch in read_group(group, encoding):
            yield batch.parse()


def _read_files(sources: list[Source], encoding: str | None, line: int, offset: int) -> Iterator[Batch | UnparsedBatch]:
    reader, plugin = find_reader(sources[0].kind)
    collector = BatchCollector(reader.name, whole_pages=reader.whole_pages)
    for source in sources:
        with opened(source, encoding) as file:
            file.start_line, file.start_offset = line, offset
            yield from _read_file(file, reader, plugin, collector)
    yield from collector.flush()


def _read_stream(source: Source, encoding: str | None) -> Iterator[Batch | UnparsedBatch]:
    """Read standard input or a pipe, from its beginning to its end."""
    with opened(source, encoding, stream=open_stream(source)) as file:
        start = file.peek(SAMPLE)
        if source.kind == AUTO:
            kind = choose_format(start, suffix(PurePath(source.name)), source.label)
            file.source = replace(source, kind=kind)
        reader, plugin = find_reader(file.source.kind)
        if start or not reader.one_record_a_file:  # no bytes are not an article, but a program that failed
            collector = BatchCollector(reader.name, whole_pages=reader.whole_pages)
            yield from _read_file(file, reader, plugin, collector)
            yield from collector.flush()


def _read_file(
    file: InputFile, reader: Reader, plugin: Plugin | None, collector: BatchCollector
) -> Iterator[Batch | UnparsedBatch]:
    """Read an open file: yield batches as they are, and add records to the collector."""
    source = file.source
    consumed = 0
    for item in _read_items(file, reader, plugin):
        if isinstance(item, (Batch, UnparsedBatch)):
            yield from collector.flush()
            yield item.with_partition(source) if isinstance(item, Batch) else item
        else:
            read = file.consumed()
            collector.consumed += read - consumed
            consumed = read
            for batch in collector.add(item, source.name):
                yield batch if reader.one_record_a_file else batch.with_partition(source)
    if not reader.one_record_a_file:
        for batch in collector.flush():
            yield batch.with_partition(source)


def _read_items(
    file: InputFile, reader: Reader, plugin: Plugin | None
) -> Iterator[Record | Bad | Batch | UnparsedBatch]:
    with _describing_errors(file, reader, plugin):
        for number, item in enumerate(reader.read(file), 1):
            yield _as_record(item, number)


def _as_record(item: Any, number: int) -> Record | Bad | Batch | UnparsedBatch:
    if isinstance(item, (Record, Bad, Batch, UnparsedBatch)):
        return item
    if isinstance(item, Mapping):
        return Record({str(name): value for name, value in item.items()})
    return Bad(repr(item).encode(), f"record {number} is {type(item).__name__}, not a mapping")


@contextmanager
def _describing_errors(file: InputFile, reader: Reader, plugin: Plugin | None) -> Iterator[None]:
    """Raise `SettingError` for a library that is missing, and `InputError` for whatever else a plugin raises."""
    try:
        yield
    except (EOFError, OSError, GeneratorExit):
        raise  # of the file, not of the plugin
    except CopydeskError:
        raise
    except (Exception, SystemExit) as error:
        if isinstance(error, ImportError) and reader.extra:
            what = f"reading {reader.name}"
            raise needs_extra(what, error.name, reader.extra, where=file.source.label) from None
        if plugin is None:
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        what = f"cannot be read by {plugin} ({reason})"
        raise InputError(what, where=file.source.label, hint="tell its authors") from error
