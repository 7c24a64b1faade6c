"""Inputs: files, folders and tables found, and read as batches of raw records."""

from __future__ import annotations

import codecs
import io
import itertools
import logging
import os
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ...schemas.errors import InputError, SettingError
from ...schemas.plugins import find_added
from ...schemas.wording import counted
from .batches import BATCH_BYTES, Batch, Source, Unreadable, opened
from .compression import PACKINGS
from .databases.urls import parse_database
from .detect import FORMATS, KNOWN, SAMPLE, SUFFIXES, sniff, suffix
from .plugin_readers import added_formats, added_suffixes, load_reader_plugins, read_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .formats.jsonl import Block

__all__ = [
    "BATCH_BYTES",
    "Batch",
    "Source",
    "Unit",
    "Unreadable",
    "check_encoding",
    "find_sources",
    "find_units",
    "name_inputs",
    "opened",
    "read_batches",
    "read_unit",
    "warn_of_passed_over",
]

# What Spark and Delta Lake put beside the files of a table: no records of it.
_BOOKKEEPING = frozenset(("_delta_log", "_spark_metadata", "_temporary"))
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_ENDINGS = 5  # of files that are not read, so many are told
_log = logging.getLogger("copydesk")


def find_sources(inputs: list[str], kind: str = "auto") -> list[Source]:
    """Find the files of the inputs, folders searched through in the order of their names.

    What is hidden below a folder is not looked at. Raises `InputError` for a path that does not exist or cannot be
    read, and for a folder without a known file.
    """
    formats = [*FORMATS, *added_formats()]
    suffixes = {**SUFFIXES, **added_suffixes()}
    if kind not in formats:
        find_added(load_reader_plugins(), kind)
        raise SettingError(f"unknown format {kind!r}", do=f"use one of: {', '.join(formats)}")
    found: list[Source] = []
    for given in inputs:
        if given == "-":
            found.append(Source(None, "stdin", kind))
            continue
        database = parse_database(given)
        if database is not None:
            found.append(Source(None, database.name, database.kind, database=database))
            continue
        path = Path(given)
        if path.is_dir():
            below = [p for p in _files_below(path) if suffix(p) in suffixes]
            if not below:
                do = f"it should hold {KNOWN} files (all but .parquet and .arrow also packed, as {', '.join(PACKINGS)})"
                raise InputError("no article in this folder", where=given, do=do)
            found += [_source(p, p.relative_to(path).as_posix(), kind, suffixes) for p in below]
        elif path.exists():
            found.append(_source(path, path.name, kind, suffixes))
        else:
            do = f"give a folder, a {KNOWN} file, or a table as sqlite:///FILE::TABLE"
            raise InputError("no such file or folder", where=given, do=do)
    return _distinct(found)


def warn_of_passed_over(inputs: list[str], sources: list[Source]) -> None:
    """Warn of files in folders of the inputs that are not read, since their endings say nothing."""
    read = {source.path for source in sources}
    folders = [Path(given) for given in inputs if Path(given).is_dir()]
    left = [path for folder in folders for path in _files_below(folder) if path not in read]
    endings = Counter(suffix(path) or "no ending" for path in left if not path.name.startswith("_"))
    if endings:
        total, common = endings.total(), endings.most_common(_ENDINGS)
        named = ", ".join(f"{count:,} with {ending}" for ending, count in common)
        more = f", {len(endings) - len(common)} more endings" if len(endings) > len(common) else ""
        _log.warning(
            "%s not read, of no known kind: %s%s; name one itself to have it read", counted(total, "file"), named, more
        )


def name_inputs(inputs: list[str]) -> str:
    """Give the inputs as a message names them. A password is never part of it."""
    return ", ".join(database.label if (database := parse_database(given)) else given for given in inputs)


def _files_below(folder: Path) -> list[Path]:
    """Give all files below a folder, sorted. Raises `InputError` for a folder in it that cannot be listed."""

    def refuse(error: OSError) -> None:
        where = str(error.filename or folder)
        raise InputError(f"cannot be listed ({error.strerror})", where=where, do="check its permissions")

    found: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _BOOKKEEPING]
        found += [Path(root, name) for name in names if not name.startswith(".")]
    return sorted(found)


def _source(path: Path, name: str, kind: str, suffixes: Mapping[str, str]) -> Source:
    source = Source(path, name, suffixes.get(suffix(path), "auto") if kind == "auto" else kind)
    try:
        if source.kind == "auto" or (kind == "auto" and source.kind == "json"):
            with opened(source) as (file, _):
                found = sniff(file.read(SAMPLE), str(path))
            # what is called .json may hold lines, but never anything else
            source = replace(source, kind=found if source.kind == "auto" or found == "jsonl" else "json")
        else:
            with path.open("rb") as file:
                file.read(1)
        status = path.stat()
        return replace(source, size=status.st_size, modified=status.st_mtime_ns, partition=_partition(path))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), do="check its permissions") from None


def _partition(path: Path) -> tuple[tuple[str, str | None], ...]:
    """Give the columns that the folders right above a file name, as in `source=bbc/date=2024-01-01`."""
    names = itertools.takewhile(lambda name: "=" in name.strip("="), reversed(path.parts[:-1]))
    pairs = [name.partition("=")[::2] for name in names]
    return tuple((unquote(key), None if value == _NULL_PARTITION else unquote(value)) for key, value in pairs[::-1])


def _distinct(sources: list[Source]) -> list[Source]:
    """Name sources by their whole path where short names are not enough to tell them apart."""
    names = [source.name for source in sources]
    if len(set(names)) == len(names):
        return sources
    whole = [replace(s, name=s.path.as_posix() if s.path else s.label if s.database else s.name) for s in sources]
    for source in whole:
        if [s.name for s in whole].count(source.name) > 1:
            raise InputError("the same input is named twice", where=source.label, do="name each input once")
    return whole


@dataclass(frozen=True)
class Unit:
    """Sources that are read as one: one alone, or texts that follow each other; `first` is its number."""

    first: int
    sources: list[Source]


def find_units(sources: list[Source]) -> Iterator[Unit]:
    """Give the units of the sources, in their order."""
    numbered = enumerate(sources)
    # texts are small: several files make a batch
    for together, group in itertools.groupby(
        numbered, lambda pair: pair[1].kind == "text" and pair[1].path is not None
    ):
        if together:
            first, *others = group
            yield Unit(first[0], [first[1], *(source for _, source in others)])
        else:
            yield from (Unit(number, [source]) for number, source in group)


def read_unit(unit: Unit, encoding: str | None, *, line: int = 1, offset: int = 0) -> Iterator[Batch | Block]:
    """Read a unit; one of JSON Lines, from the given line at the given offset on.

    Raises `InputError` if a file is no longer what it was when it was found.
    """
    source = unit.sources[0]
    if source.kind == "text" and source.path:
        from .formats.text import read_texts

        yield from read_texts(unit.sources, encoding)
    elif source.kind == "jsonl" and source.path:
        from .formats.jsonl import read_blocks

        yield from read_blocks(source, encoding, line=line, offset=offset)
    else:
        for part in _read(source, encoding) if source.path or source.database else _read_stdin(source, encoding):
            yield part.with_partition(source) if isinstance(part, Batch) else part
    for source in unit.sources:
        source.require_unchanged()


def read_batches(sources: list[Source], encoding: str | None = None) -> Iterator[Batch]:
    """Read the sources, in their order, as batches of raw records."""
    for unit in find_units(sources):
        for part in read_unit(unit, encoding):
            yield part.batch()


def _read_stdin(source: Source, encoding: str | None) -> Iterator[Batch | Block]:
    if sys.stdin is None:
        raise InputError("it is closed", where=source.label, do="give it something to read, or name a file")
    raw: Any = sys.stdin.buffer  # typed without the methods that a buffer needs
    with opened(source, io.BufferedReader(raw, 1 << 20)) as (file, _):
        start = file.peek(SAMPLE)
        if source.kind == "auto":
            source = replace(source, kind=sniff(start, "standard input"))
        if start or source.kind != "text":  # nothing at all is no article, but a program that failed
            yield from _read(source, encoding, file)


def _read(source: Source, encoding: str | None, stream: io.BufferedReader | None = None) -> Iterator[Batch | Block]:
    """Read one source by the reader of its kind, each imported when it is needed."""
    if source.database is not None:
        from .databases.tables import read_table

        return read_table(source)
    if source.kind == "text":
        from .formats.text import read_texts

        return read_texts([source], encoding, stream)
    if source.kind == "jsonl":
        from .formats.jsonl import read_blocks

        return read_blocks(source, encoding, stream)
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
        raise SettingError(f"unknown encoding {encoding!r}", do="use a name such as utf-8 or windows-1252") from None
