"""Read the sources of an input as batches of raw records, each by the reader of its format."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from ...schemas.errors import CopydeskError, InputChangedError, InputError, needs_extra
from ..records.extra_fields import encode_json
from .batches import Batch, UnparsedBatch
from .collector import BatchCollector, collect
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


__all__ = ["SourceGroup", "check_encoding", "group_sources", "misfit", "read_batches", "read_group"]
_SELF_DELIMITING = ("json", "jsonl")  # formats whose records show that they are complete
_CUT = "input/cut-off"


@dataclass(frozen=True)
class SourceGroup:
    """Sources that are read together: a single one, or small files that make batches. `first` is its number."""

    first: int
    sources: list[Source]


def group_sources(sources: list[Source]) -> Iterator[SourceGroup]:
    """Yield the groups of the sources, in their order."""

    def is_small(pair: tuple[int, Source]) -> bool:
        source = pair[1]
        return source.path is not None and source.problem is None and find_reader(source.kind)[0].one_record_a_file

    for together, pairs in itertools.groupby(enumerate(sources), is_small):
        if together:
            first, *others = pairs
            yield SourceGroup(first[0], [first[1], *(source for _, source in others)])
        else:
            yield from (SourceGroup(number, [source]) for number, source in pairs)


def read_group(
    group: SourceGroup, encoding: str | None, *, line: int = 1, offset: int = 0, strict: bool = True
) -> Iterator[Batch | UnparsedBatch]:
    """Read a group; if it yields `UnparsedBatch`es, from the given line at the given offset on.

    A file that cannot be read, or only up to some place, raises `InputError`. Unless `strict`, it becomes an unreadable
    record instead. In any case, raises `InputChangedError` if a file has changed since it was found.
    """
    source = group.sources[0]
    if source.database is not None:
        from .databases.tables import read_table

        yield from read_table(source)
    elif source.problem is not None:
        if strict:
            raise source.problem
        yield misfit(source, source.problem)
    elif source.path is None:
        yield from _set_aside(source, _read_stream(source, encoding, strict=strict), strict=strict)
    else:
        yield from _read_files(group.sources, encoding, line, offset, strict=strict)
    for source in group.sources:
        source.require_unchanged()


def read_batches(sources: list[Source], encoding: str | None = None, *, strict: bool = True) -> Iterator[Batch]:
    """Read the sources, in their order, as batches of raw records. `strict` is as in `read_group`."""
    for group in group_sources(sources):
        for batch in read_group(group, encoding, strict=strict):
            yield batch.parse()


def misfit(source: Source, error: InputError) -> Batch:
    """Return a file that does not fit as a batch of one unreadable record."""
    message = f"{error.what}; {error.hint}" if error.hint else error.what
    bad = Bad(b"", message, byte_offset=error.byte_offset, check=error.check)
    return collect([(bad, source.name)], source.kind)


def _set_aside(
    source: Source, batches: Iterator[Batch | UnparsedBatch], *, strict: bool
) -> Iterator[Batch | UnparsedBatch]:
    """Yield batches; then, unless `strict`, the file as an unreadable record if reading it ends with an error."""
    try:
        yield from batches
    except InputChangedError:
        raise
    except InputError as error:
        if strict:
            raise
        yield misfit(source, error)


def _read_files(
    sources: list[Source], encoding: str | None, line: int, offset: int, *, strict: bool
) -> Iterator[Batch | UnparsedBatch]:
    reader, plugin = find_reader(sources[0].kind)
    collector = BatchCollector(reader.name, whole_pages=reader.whole_pages, form=reader.form)

    def read_one(source: Source) -> Iterator[Batch | UnparsedBatch]:
        with opened(source, encoding, up_to_damage=not strict) as file:
            file.start_line, file.start_offset = line, offset
            yield from _read_file(file, reader, plugin, collector)

    for source in sources:
        yield from _set_aside(source, read_one(source), strict=strict)
    yield from collector.flush()


def _read_stream(source: Source, encoding: str | None, *, strict: bool) -> Iterator[Batch | UnparsedBatch]:
    """Read standard input or a pipe, from its beginning to its end."""
    with opened(source, encoding, stream=open_stream(source), up_to_damage=not strict) as file:
        start = file.peek(SAMPLE)
        if source.kind == AUTO:
            kind = choose_format(start, suffix(PurePath(source.name)), source.label)
            file.source = replace(source, kind=kind)
        reader, plugin = find_reader(file.source.kind)
        if start or not reader.one_record_a_file:  # no bytes are not an article, but a program that failed
            collector = BatchCollector(reader.name, whole_pages=reader.whole_pages, form=reader.form)
            yield from _read_file(file, reader, plugin, collector)
            yield from collector.flush()


def _read_file(
    file: InputFile, reader: Reader, plugin: Plugin | None, collector: BatchCollector
) -> Iterator[Batch | UnparsedBatch]:
    """Read an open file: yield batches as they are, and add records to the collector."""
    source = file.source
    consumed = 0
    error: InputError | None = None
    for item in _up_to_error(_read_items(file, reader, plugin)):
        if isinstance(item, InputError):
            error = item
        elif isinstance(item, (Batch, UnparsedBatch)):
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
    if error is not None:
        raise error


def _up_to_error(
    items: Iterator[Record | Bad | Batch | UnparsedBatch],
) -> Iterator[Record | Bad | Batch | UnparsedBatch | InputError]:
    """Yield items, and as the last one the error that ends them, so that what was collected before it is kept."""
    try:
        yield from items
    except InputError as error:
        yield error


def _read_items(
    file: InputFile, reader: Reader, plugin: Plugin | None
) -> Iterator[Record | Bad | Batch | UnparsedBatch]:
    with _describing_errors(file, reader, plugin):
        items = (_as_record(item, number) for number, item in enumerate(reader.read(file), 1))
        yield from items if reader.name in _SELF_DELIMITING or not file.is_packed else _doubt_last(items, file)


def _doubt_last(
    items: Iterator[Record | Bad | Batch | UnparsedBatch], file: InputFile
) -> Iterator[Record | Bad | Batch | UnparsedBatch]:
    """Yield items, the last one as a bad record if the file is cut off: it may be cut off, too."""
    last = None
    for item in items:
        if last is not None:
            yield last
        last = item
    if isinstance(last, Record) and file.damage is not None:
        raw = last.raw if last.raw is not None else encode_json(dict(last.fields))
        yield Bad(raw, "the file is cut off in this record, or behind it", last.line, last.byte_offset, _CUT)
    elif last is not None:
        yield last


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
