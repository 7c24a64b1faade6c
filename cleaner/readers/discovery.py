"""Inputs: the files, folders and tables that you name, found as sources."""

from __future__ import annotations

import itertools
import logging
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from ...schemas.errors import InputError
from ...schemas.messages import counted
from .compression import PACKINGS
from .databases.urls import parse_database
from .detect import SAMPLE, choose_format, is_told_by_name, suffix
from .registry import AUTO, find_reader, formats_by_suffix, name_suffixes
from .source import Source, opened

# Folders in which Spark and Delta Lake keep what they know about a table. They hold no records.
_BOOKKEEPING = frozenset(("_delta_log", "_spark_metadata", "_temporary"))
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_NAMED_SUFFIXES = 5  # suffixes of unread files that a warning names
_log = logging.getLogger("copydesk")


def find_sources(inputs: list[str], kind: str = AUTO) -> list[Source]:
    """Find the files of the inputs, those of a folder in the order of their names. Hidden files are left out.

    Raises `InputError` for a path that does not exist or cannot be read, and for a folder without a file of a known
    format, and `SettingError` for an unknown format.
    """
    if kind != AUTO:
        find_reader(kind)
    sources: list[Source] = []
    for name in inputs:
        if name == "-":
            sources.append(Source(None, "stdin", kind))
        elif database := parse_database(name):
            sources.append(Source(None, database.name, database.kind, database=database))
        elif (path := Path(name)).is_dir():
            sources += _find_in_folder(path, name, kind)
        elif path.exists():
            sources.append(_describe_file(path, path.name, kind))
        else:
            hint = f"name a folder, a file ({name_suffixes()}), or a table as in sqlite:///FILE::TABLE"
            raise InputError("no such file or folder", where=name, hint=hint)
    return _distinct(sources)


def _find_in_folder(folder: Path, name: str, kind: str) -> list[Source]:
    suffixes = formats_by_suffix()
    files = [path for path in _files_below(folder) if suffix(path) in suffixes]
    if not files:
        hint = f"it should hold {name_suffixes()} files, packed or not ({', '.join(PACKINGS)})"
        raise InputError("no article in this folder", where=name, hint=hint)
    return [_describe_file(path, path.relative_to(folder).as_posix(), kind) for path in files]


def warn_of_passed_over(inputs: list[str], sources: list[Source]) -> None:
    """Warn of files in folders of the inputs that are not read, because their suffixes are of no known format."""
    read = {source.path for source in sources}
    folders = [Path(name) for name in inputs if Path(name).is_dir()]
    unread = [path for folder in folders for path in _files_below(folder) if path not in read]
    suffixes = Counter(suffix(path) or "no ending" for path in unread if not path.name.startswith("_"))
    if suffixes:
        total, common = suffixes.total(), suffixes.most_common(_NAMED_SUFFIXES)
        named = ", ".join(f"{count:,} with {ending}" for ending, count in common)
        more = f", {len(suffixes) - len(common)} more endings" if len(suffixes) > len(common) else ""
        hint = "to read a file all the same, name the file itself"
        _log.warning("%s not read, of no known format: %s%s; %s", counted(total, "file"), named, more, hint)


def name_inputs(inputs: list[str]) -> str:
    """Return the inputs as in messages. A password is never part of them."""
    return ", ".join(database.label if (database := parse_database(name)) else name for name in inputs)


def _files_below(folder: Path) -> list[Path]:
    """Return all files below a folder, sorted. Raises `InputError` for a folder in it that cannot be listed."""

    def refuse(error: OSError) -> None:
        where = str(error.filename or folder)
        raise InputError(f"cannot be listed ({error.strerror})", where=where, hint="check its permissions")

    files: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _BOOKKEEPING]
        files += [Path(root, name) for name in names if not name.startswith(".")]
    return sorted(files)


def _describe_file(path: Path, name: str, kind: str) -> Source:
    """Return a file as a source, with its format."""
    ending = suffix(path)
    try:
        if kind != AUTO or is_told_by_name(ending):
            with path.open("rb") as file:
                file.read(1)
            chosen = formats_by_suffix()[ending] if kind == AUTO else kind
        else:
            with opened(Source(path, name, AUTO)) as unpacked:
                chosen = choose_format(unpacked.read(SAMPLE), ending, str(path))
        status = path.stat()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", where=str(path), hint="check its permissions") from None
    return Source(path, name, chosen, status.st_size, status.st_mtime_ns, _partition(path))


def _partition(path: Path) -> tuple[tuple[str, str | None], ...]:
    """Return the columns that the folders right above a file are named for, as in `source=bbc/date=2024-01-01`."""
    names = itertools.takewhile(lambda name: "=" in name.strip("="), reversed(path.parts[:-1]))
    pairs = [name.partition("=")[::2] for name in names]
    return tuple((unquote(key), None if value == _NULL_PARTITION else unquote(value)) for key, value in pairs[::-1])


def _distinct(sources: list[Source]) -> list[Source]:
    """Name sources by their whole path if short names are not unique."""
    names = [source.name for source in sources]
    if len(set(names)) == len(names):
        return sources
    whole = [replace(s, name=s.path.as_posix() if s.path else s.label if s.database else s.name) for s in sources]
    counts = Counter(source.name for source in whole)
    for source in whole:
        if counts[source.name] > 1:
            raise InputError("the same input is named twice", where=source.label, hint="name each input once")
    return whole
