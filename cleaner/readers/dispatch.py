"""Read the sources of an input as batches of raw records, each by the reader of its format."""

from __future__ import annotations

import codecs
import io
import itertools
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ...schemas.errors import InputError, SettingError
from .batches import Batch
from .detect import FORMATS, SAMPLE, sniff
from .plugin_readers import read_records
from .source import Source, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .formats.jsonl import UnparsedBatch


@dataclass(frozen=True)
class SourceGroup:
    """Sources that are read as one: one alone, or texts that follow each other; `first` is its number."""

    first: int
    sources: list[Source]


def group_sources(sources: list[Source]) -> Iterator[SourceGroup]:
    """Yield the groups of the sources, in their order."""
    numbered = enumerate(sources)
    # texts are small: several files make a batch
    for together, group in itertools.groupby(
        numbered, lambda pair: pair[1].kind == "text" and pair[1].path is not None
    ):
        if together:
            first, *others = group
            yield SourceGroup(first[0], [first[1], *(source for _, source in others)])
        else:
            yield from (SourceGroup(number, [source]) for number, source in group)


def read_group(
    group: SourceGroup, encoding: str | None, *, line: int = 1, offset: int = 0
) -> Iterator[Batch | UnparsedBatch]:
    """Read a group; one of JSON Lines, from the given line at the given offset on.

    Raises `InputError` if a file is no longer what it was when it was found.
    """
    source = group.sources[0]
    if source.kind == "text" and source.path:
        from .formats.text import read_texts

        yield from read_texts(group.sources, encoding)
    elif source.kind == "jsonl" and source.path:
        from .formats.jsonl import read_unparsed

        yield from read_unparsed(source, encoding, line=line, offset=offset)
    else:
        for batch in _read(source, encoding) if source.path or source.database else _read_stdin(source, encoding):
            yield batch.with_partition(source) if isinstance(batch, Batch) else batch
    for source in group.sources:
        source.require_unchanged()


def read_batches(sources: list[Source], encoding: str | None = None) -> Iterator[Batch]:
    """Read the sources, in their order, as batches of raw records."""
    for group in group_sources(sources):
        for batch in read_group(group, encoding):
            yield batch.parse()


def _read_stdin(source: Source, encoding: str | None) -> Iterator[Batch | UnparsedBatch]:
    if sys.stdin is None:
        raise InputError("it is closed", where=source.label, hint="give it something to read, or name a file")
    raw: Any = sys.stdin.buffer  # typed without the methods that a buffer needs
    with opened(source, io.BufferedReader(raw, 1 << 20)) as (file, _):
        start = file.peek(SAMPLE)
        if source.kind == "auto":
            source = replace(source, kind=sniff(start, "standard input"))
        if start or source.kind != "text":  # nothing at all is no article, but a program that failed
            yield from _read(source, encoding, file)


def _read(
    source: Source, encoding: str | None, stream: io.BufferedReader | None = None
) -> Iterator[Batch | UnparsedBatch]:
    """Read one source by the reader of its kind, each imported when it is needed."""
    if source.database is not None:
        from .databases.tables import read_table

        return read_table(source)
    if source.kind == "text":
        from .formats.text import read_texts

        return read_texts([source], encoding, stream)
    if source.kind == "jsonl":
        from .formats.jsonl import read_unparsed

        return read_unparsed(source, encoding, stream)
    if source.kind == "csv":
        from .formats.delimited import read_delimited

        return read_delimited(source, encoding, stream)
    if source.kind == "json":
        from .formats.json_documents import read_documents

        return read_documents(source, encoding, stream)
    if source.kind == "quarantine":
        from .formats.quarantine import read_quarantine

        return read_quarantine(source, encoding, stream)
    if source.kind not in FORMATS:
        return read_records(source, stream)
    if source.kind == "parquet":
        from .formats.columnar import read_parquet

        return read_parquet(source, stream)
    from .formats.columnar import read_arrow

    return read_arrow(source, stream)


def check_encoding(encoding: str | None) -> str | None:
    """Give the encoding's name as Python knows it. Raises `SettingError` for an unknown one."""
    if encoding is None:
        return None
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise SettingError(f"unknown encoding {encoding!r}", hint="use a name such as utf-8 or windows-1252") from None
