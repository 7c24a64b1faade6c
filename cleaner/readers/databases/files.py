"""Database files that you name like any other file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ....schemas.errors import InputError, SettingError
from ..file_kinds import describe_database
from ..file_names import readable_name
from ..source import Source
from .tables import choose_only_table
from .urls import Database

if TYPE_CHECKING:
    from pathlib import Path

_MARK = 16  # bytes at the beginning of a file that tell a database


def as_only_table(source: Source, path: Path) -> Source:
    """Return a database file as the only table in it. Any other file stays as it is.

    A database of several tables gets a `problem` that names them.
    """
    if source.problem is None or source.size < _MARK:
        return source
    with path.open("rb") as file:
        scheme = describe_database(file.read(_MARK))
    if not scheme:
        return source
    database = Database(scheme, str(path), f"{scheme}:///{readable_name(path.as_posix())}", "")
    try:
        database = choose_only_table(source, database)
    except SettingError:  # its driver is missing: the problem stays, and names the URL
        return source
    except InputError as problem:
        return replace(source, problem=problem)
    return Source(None, database.name, database.kind, database=database)
