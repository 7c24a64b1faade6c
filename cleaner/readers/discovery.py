"""Inputs: files, folders and tables found, and read as batches of raw records."""

from __future__ import annotations

import itertools
import logging
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ...schemas.errors import InputError, SettingError
from ...schemas.messages import counted
from ...schemas.plugins import find_added
from .compression import PACKINGS
from .databases.urls import parse_database
from .detect import FORMATS, KNOWN, SAMPLE, SUFFIXES, sniff, suffix
from .plugin_readers import added_formats, added_suffixes, load_reader_plugins
from .source import Source, opened

if TYPE_CHECKING:
    from collections.abc import Mapping


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
        raise SettingError(f"unknown format {kind!r}", hint=f"use one of: {', '.join(formats)}")
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
                hint = (
                    f"it should hold {KNOWN} files (all but .parquet and .arrow also packed, as {', '.join(PACKINGS)})"
                )
                raise InputError("no article in this folder", where=given, hint=hint)
            found += [_source(p, p.relative_to(path).as_posix(), kind, suffixes) for p in below]
        elif path.exists():
            found.append(_source(path, path.name, kind, suffixes))
        else:
            hint = f"give a folder, a {KNOWN} file, or a table as sqlite:///FILE::TABLE"
            raise InputError("no such file or folder", where=given, hint=hint)
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
        raise InputError(f"cannot be listed ({error.strerror})", where=where, hint="check its permissions")

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
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), hint="check its permissions") from None


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
            raise InputError("the same input is named twice", where=source.label, hint="name each input once")
    return whole
