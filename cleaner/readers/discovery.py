"""Inputs: the files, folders and tables that you name, found as sources."""

from __future__ import annotations

import errno
import itertools
import logging
import os
import re
import stat
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ...schemas.errors import DamagedInputError, InputError
from ...schemas.messages import counted
from .compression import PACKINGS, is_named_packed
from .databases.files import as_only_table
from .databases.urls import parse_database
from .detect import SAMPLE, SIGNATURE, choose_format, is_told_by_name, refuse_by_signature, suffix
from .exclusions import NOTHING, Exclusions
from .file_names import readable_name, unreadable
from .registry import AUTO, find_reader, formats_by_suffix, name_suffixes
from .remote import find_remote_files, hide_secrets, is_remote
from .source import Source, opened
from .streams import find_stream

if TYPE_CHECKING:
    from collections.abc import Iterable

# Folders in which Spark and Delta Lake keep what they know about a table. They hold no records.
_BOOKKEEPING = frozenset(("_delta_log", "_spark_metadata", "_temporary"))
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
# Names that only folders of results have together.
_OWN_RESULTS = (
    ("summary.json", "quarantine.jsonl", "edits.parquet"),
    ("summary.json", "quarantine.jsonl", "flags.parquet"),
)
_ARTICLES = ("articles.parquet", "articles.jsonl", "articles.jsonl.zst")  # in them, the best first
# Files that describe the others of a folder.
_DOCUMENT = re.compile(
    r"(?:readme|licen[cs]e|changelog|contributing|code_of_conduct|dataset_card)\.(?:md|markdown|html?)$", re.IGNORECASE
)
_NAMED = 5  # of unread files or their suffixes, in a warning
_log = logging.getLogger("copydesk")


def find_sources(
    inputs: list[str],
    kind: str = AUTO,
    *,
    exclude: Exclusions = NOTHING,
    strict: bool = True,
    allow_empty: bool = False,
) -> list[Source]:
    """Find the files of the inputs, those of a folder in the order of their names. Hidden files are left out.

    Raises `InputError` for a path that does not exist, and for a folder without a file of a known format unless
    `allow_empty`, and `SettingError` for an unknown format. A file that cannot be read raises `InputError`; unless
    `strict`, it becomes a source with a `problem`.
    """
    if kind != AUTO:
        find_reader(kind)
    sources: list[Source] = []
    for name in inputs:
        if name == "-":
            sources.append(Source(None, "stdin", kind))
        elif is_remote(name):
            sources += _find_remote(name, kind, exclude)
        elif database := parse_database(name):
            sources.append(Source(None, database.name, database.kind, database=database))
        else:
            sources += _find_at_path(name, kind, exclude, allow_empty=allow_empty)
    if not sources and inputs and not allow_empty:
        raise InputError("all files are excluded", where=name_inputs(inputs), hint="see --exclude and --show-settings")
    if strict and (problem := next((source.problem for source in sources if source.problem), None)):
        raise problem
    return _distinct(sources)


def _find_remote(url: str, kind: str, exclude: Exclusions) -> list[Source]:
    sources = []
    for file, name in find_remote_files(url, frozenset(formats_by_suffix())):
        if not exclude.excludes(PurePosixPath(file.label), name):
            told = kind == AUTO and is_told_by_name(suffix(PurePosixPath(name)))
            chosen = formats_by_suffix()[suffix(PurePosixPath(name))] if told else kind
            sources.append(Source(None, name, chosen, file.size, remote=file))
    return sources


def _find_at_path(name: str, kind: str, exclude: Exclusions, *, allow_empty: bool) -> list[Source]:
    path = Path(name)
    status = _stat(name)
    if status is None:
        hint = f"name a folder, a file ({name_suffixes()}), or a table as in sqlite:///FILE::TABLE"
        raise InputError("no such file or folder", where=readable_name(name), hint=hint)
    if stat.S_ISDIR(status.st_mode):
        return _find_in_folder(path, name, kind, exclude, allow_empty=allow_empty)
    stream = find_stream(path, status.st_mode, kind)
    if stream is None:
        if exclude.excludes(path, path.name):
            return []
        return [as_only_table(_describe_file(path, path.name, kind), path)]
    told = kind == AUTO and is_told_by_name(suffix(path))
    return [replace(stream, kind=formats_by_suffix()[suffix(path)]) if told else stream]


def _stat(name: str) -> os.stat_result | None:
    """Return what the system knows of a path, None if it does not exist."""
    try:
        return os.stat(name)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # of another kind: a path with a NUL
        return None
    except OSError as error:
        raise unreadable(error, readable_name(name)) from None


def _find_in_folder(folder: Path, name: str, kind: str, exclude: Exclusions, *, allow_empty: bool) -> list[Source]:
    suffixes = formats_by_suffix()
    files = [
        path
        for path in list_files(folder).files
        if suffix(path) in suffixes and not _DOCUMENT.match(path.name) and _is_regular(path)
    ]
    if not files and not allow_empty:
        hint = f"it should hold {name_suffixes()} files, packed or not ({', '.join(PACKINGS)})"
        raise InputError("no article in this folder", where=readable_name(name), hint=hint)
    named = [(path, path.relative_to(folder).as_posix()) for path in files]
    return [_describe_file(path, below, kind) for path, below in named if not exclude.excludes(path, below)]


def _is_regular(path: Path) -> bool:
    """Return whether a path is a file, not a pipe, socket or device. A broken link counts: reading it fails."""
    status = _stat(str(path))
    return status is None or stat.S_ISREG(status.st_mode)


def warn_of_passed_over(inputs: list[str], sources: list[Source], exclude: Exclusions = NOTHING) -> None:
    """Warn of what is not read in folders of the inputs: files of no known format, special files, links in a circle.

    Warn of empty files, too.
    """
    read = {source.path for source in sources}
    folders = [Path(name) for name in inputs if Path(name).is_dir()]
    listings = [list_files(folder) for folder in folders]
    unread = [
        path
        for folder, listing in zip(folders, listings, strict=True)
        for path in listing.files
        if path not in read and not exclude.excludes(path, path.relative_to(folder).as_posix())
    ]
    if results := [result for listing in listings for result in listing.results]:
        hint = "to read articles of them, name the file of the articles"
        _log.warning(
            "%s of copydesk not read: %s; %s", counted(len(results), "output folder"), _name_some(results), hint
        )
    empty = [
        source.path
        for source in sources
        if source.path and not source.size and not source.problem and not is_named_packed(source.name)
    ]
    if empty and len(empty) < len(sources):
        _log.warning("%s empty: %s", "1 file is" if len(empty) == 1 else f"{len(empty):,} files are", _name_some(empty))
    known = formats_by_suffix()
    documents = [path for path in unread if _DOCUMENT.match(path.name)]
    special = [path for path in unread if suffix(path) in known and path not in documents]
    suffixes = Counter(
        readable_name(suffix(path)) or "no ending"
        for path in unread
        if suffix(path) not in known and not path.name.startswith("_")
    )
    if suffixes:
        total, common = suffixes.total(), suffixes.most_common(_NAMED)
        named = ", ".join(f"{count:,} with {ending}" for ending, count in common)
        more = f", {len(suffixes) - len(common)} more endings" if len(suffixes) > len(common) else ""
        hint = "to read a file all the same, name the file itself"
        _log.warning("%s not read, of no known format: %s%s; %s", counted(total, "file"), named, more, hint)
    if documents:
        hint = "to read one all the same, name the file itself"
        many = counted(len(documents), "document")
        _log.warning("%s of the data not read: %s; %s", many, _name_some(documents), hint)
    if special:
        hint = "to read a pipe, name the pipe itself"
        _log.warning("%s not read: %s; %s", counted(len(special), "special file"), _name_some(special), hint)
    if circular := [link for listing in listings for link in listing.circular]:
        _log.warning(
            "%s not followed, to a folder that it is in: %s", counted(len(circular), "link"), _name_some(circular)
        )


def _name_some(paths: list[Path]) -> str:
    more = f" and {len(paths) - _NAMED:,} more" if len(paths) > _NAMED else ""
    return ", ".join(readable_name(str(path)) for path in paths[:_NAMED]) + more


def name_inputs(inputs: list[str]) -> str:
    """Return the inputs as in messages. A password is never part of them."""
    return ", ".join(map(_name_input, inputs))


def _name_input(name: str) -> str:
    if is_remote(name):
        return hide_secrets(readable_name(name))
    database = parse_database(name)
    return database.label if database else readable_name(name)


@dataclass(frozen=True)
class Listing:
    """What is below a folder: all files, sorted, and the links that lead to a folder that they are in."""

    files: list[Path]
    circular: list[Path]
    results: list[Path]
    """Folders of results of copydesk. They are left out."""


def list_files(folder: Path) -> Listing:
    """List what is below a folder. Each folder is read once, under its own name rather than that of a link to it.

    Of a folder of results of copydesk only the articles are listed, and none if it is below the folder.

    Raises `InputError` for a folder in it that cannot be listed.
    """

    def refuse(error: OSError) -> None:
        where = readable_name(str(error.filename or folder))
        raise InputError(f"cannot be listed ({error.strerror})", where=where, hint="check its permissions")

    files: list[Path] = []
    circular: list[Path] = []
    results: list[Path] = []
    visited: set[tuple[int, int]] = set()
    waiting = [folder]
    while waiting:
        links: list[Path] = []
        for root, folders, names in os.walk(waiting.pop(0), onerror=refuse):
            status = os.stat(root)
            if (status.st_dev, status.st_ino) in visited:
                folders.clear()
                continue
            _leave_out_facts(names)
            visited.add((status.st_dev, status.st_ino))
            if is_output_folder(names):
                if Path(root) != folder:
                    results.append(Path(root))
                    folders.clear()
                    continue
                best = next((name for name in _ARTICLES if name in names or name in folders), None)
                names[:] = [name for name in names if name == best]
                folders[:] = [name for name in folders if name == best]
            folders[:] = [name for name in folders if not name.startswith(".") and name not in _BOOKKEEPING]
            links += [path for name in folders if (path := Path(root, name)).is_symlink()]
            files += [Path(root, name) for name in names if not name.startswith(".")]
        for link in sorted(links):
            (circular if _is_circular(link) else waiting).append(link)
    return Listing(sorted(files, key=_parts), sorted(circular), sorted(results))


def _parts(path: Path) -> tuple[str, ...]:
    """Return what paths are sorted by. Comparing paths themselves takes apart each of them many times."""
    return path.parts


def _leave_out_facts(names: list[str]) -> None:
    """Leave out what Hugging Face's `datasets` notes beside its Arrow files: facts, and caches of earlier work."""
    if "dataset_dict.json" in names:
        names.remove("dataset_dict.json")
    if "dataset_info.json" in names and any(name.endswith(".arrow") for name in names):
        facts = ("dataset_info.json", "state.json")
        names[:] = [name for name in names if name not in facts and not name.startswith(("cache-", "tmp"))]


def is_output_folder(names: Iterable[str]) -> bool:
    """Return whether these are the names in a folder that `clean` or `validate` wrote."""
    present = set(names)
    return any(present.issuperset(each) for each in _OWN_RESULTS)


def _is_circular(link: Path) -> bool:
    """Return whether a link leads to a folder that it is in."""
    target = os.path.realpath(link)
    return os.path.commonpath([target, os.path.realpath(link.parent)]) == target


def _describe_file(path: Path, name: str, kind: str) -> Source:
    """Return a file as a source, with its format, or with the problem that keeps it from being read."""
    ending = suffix(path)
    name = readable_name(name)
    chosen = formats_by_suffix().get(ending, AUTO) if kind == AUTO else kind
    problem: InputError | None = None
    status = _stat(str(path))
    try:
        if status is None:
            raise FileNotFoundError(errno.ENOENT, "no such file")
        if kind != AUTO or is_told_by_name(ending):
            with path.open("rb") as file:
                start = file.read(SIGNATURE)
            if kind == AUTO:
                refuse_by_signature(start, chosen, readable_name(str(path)))
        else:
            start = _read_start(path, name, status.st_size)
            chosen = choose_format(start, ending, readable_name(str(path)))
    except OSError as error:
        problem = unreadable(error, readable_name(str(path)))
    except InputError as error:
        problem = error
    size, modified = (status.st_size, status.st_mtime_ns) if status else (0, 0)
    return Source(path, name, chosen, size, modified, _partition(path), problem=problem)


def _read_start(path: Path, name: str, size: int) -> bytes:
    """Return the first bytes of a file of some size on disk, unpacked, up to a damage."""
    start = b""
    with suppress(DamagedInputError), opened(Source(path, name, AUTO, size), up_to_damage=True) as unpacked:
        start = unpacked.read(SAMPLE)
    return start


def _partition(path: Path) -> tuple[tuple[str, str | None], ...]:
    """Return the columns that the folders right above a file are named for, as in `source=bbc/date=2024-01-01`."""
    names = itertools.takewhile(lambda name: "=" in name.strip("="), reversed(path.parts[:-1]))
    pairs = [name.partition("=")[::2] for name in names]
    return tuple(
        (readable_name(unquote(key)), None if value == _NULL_PARTITION else readable_name(unquote(value)))
        for key, value in pairs[::-1]
    )


def _distinct(sources: list[Source]) -> list[Source]:
    """Name sources by their whole path if short names are not unique."""
    names = [source.name for source in sources]
    if len(set(names)) == len(names):
        return sources
    whole = [replace(source, name=_whole_name(source)) for source in sources]
    counts = Counter(source.name for source in whole)
    for source in whole:
        if counts[source.name] > 1:
            raise InputError("the same input is named twice", where=source.label, hint="name each input once")
    return whole


def _whole_name(source: Source) -> str:
    path = source.path or source.stream
    if path is not None:
        return readable_name(path.as_posix())
    return source.label if source.database or source.remote else source.name
