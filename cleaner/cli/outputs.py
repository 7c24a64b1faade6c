"""Outputs are never written over a file that the same command reads."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from ...schemas.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ..settings import Settings

_Identity = tuple[int, int]  # device and number of a file


def protect_inputs(
    outputs: Iterable[Path | None],
    inputs: Iterable[str],
    *,
    settings: Settings | None = None,
    kind: str = "auto",
    also: Iterable[Path | None] = (),
) -> None:
    """Raise `OutputError` if an output is one of the inputs, or a file of settings, rules, the suite or the lock.

    `also` are more files that the command reads. Links are followed, and None stands for no file.
    """
    existing = [(path, identity) for path in outputs if path and (identity := _identity(path))]
    if not existing:
        return
    for description, identity in _files_read(list(inputs), settings, kind, also):
        for path, output in existing:
            if output == identity:
                raise OutputError(
                    f"is {description} of this command, and would be overwritten",
                    where=str(path),
                    hint="write to another file",
                )


def _files_read(
    inputs: list[str], settings: Settings | None, kind: str, also: Iterable[Path | None]
) -> Iterator[tuple[str, _Identity | None]]:
    """Yield what the command reads: a description and the identity of each file."""
    from ..readers.databases.urls import parse_database
    from ..readers.discovery import find_sources
    from ..readers.remote import is_remote

    if settings is not None:
        yield "the settings file", _identity(settings.file)
        yield "the suite", _identity(settings.suite)
        yield "the lock file", _identity(settings.lock_file)
        for kind_of_file, paths in (("a rule file", settings.rule_files), ("a file of checks", settings.check_files)):
            for place in paths:
                for file in place.rglob("*.toml") if place.is_dir() else [place]:
                    yield kind_of_file, _identity(file)
    for path in also:
        yield "an input", _identity(path)
    for name in inputs:
        if name == "-":
            yield "an input", _identity(0)
        elif is_remote(name):
            continue
        elif database := parse_database(name):
            yield "an input", _identity(database.address)
        elif not os.path.isdir(name):
            yield "an input", _identity(name)
        else:
            for source in find_sources([name], kind, allow_empty=True):
                yield "an input", _identity(source.path)


def _identity(file: str | int | Path | None) -> _Identity | None:
    """Return the identity of a regular file, by its path or descriptor, else None."""
    try:
        status = os.stat(file) if file is not None else None
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if status and stat.S_ISREG(status.st_mode) else None
