"""Files of checks: TOML files with `[[check]]`, of a user, of a suite, or of a plugin. They run no code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ..cache.toml_files import line_of_key, read_toml
from ..errors import SettingError, nearest
from ..messages import describe_invalid_value, printable
from .check_model import DeclaredCheck

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .declare import Check

TABLE = "check"
MAX_CHECKS = 1_000  # of one file, and of all files of a run
_LABEL = 100  # characters of an id in a message
_HINT = "see docs/own-checks.md"


def find_check_files(paths: Iterable[Path]) -> list[Path]:
    """Return files, and the TOML files below folders sorted by name. Raises `SettingError` for an empty folder."""
    files: list[Path] = []
    for path in paths:
        try:
            below = sorted(filter(Path.is_file, path.rglob("*.toml"))) if path.is_dir() else [path]
        except (OSError, ValueError):  # too long, or not a name that a file can have
            below = [path]
        if not below:
            raise SettingError("the folder has no file of checks", where=str(path), hint="put .toml files into it")
        files += below
    return files


def load_check_files(paths: Iterable[Path], taken: Iterable[str] = ()) -> dict[str, Check]:
    """Return the checks of files and folders by id; `taken` are ids that they may not have.

    Raises `SettingError` with file, line, check and the nearest valid key.
    """
    checks: dict[str, Check] = {}
    others = set(taken)
    for path in find_check_files(paths):
        try:
            text, data = read_toml(path)
        except OSError as error:
            what = f"the file of checks cannot be read ({error.strerror})"
            raise SettingError(what, where=str(path), hint="name a .toml file") from None
        except ValueError as error:
            raise SettingError(f"not a TOML file: {error}", where=str(path), hint=_HINT) from None
        for key in data:
            if key != TABLE:
                where = f"{path}:{line_of_key(text, key)}"
                raise SettingError(f"unknown key {key!r}{nearest(key, (TABLE,))}", where=where, hint=_HINT)
        checks |= read_checks(path, text, data, [*others, *checks])
        if not data.get(TABLE):
            raise SettingError("the file has no check", where=str(path), hint="write at least one [[check]]")
    if len(checks) > MAX_CHECKS:
        raise SettingError(f"the files have more than {MAX_CHECKS:,} checks", hint="join checks of the same field")
    return checks


def read_checks(path: Path, text: str, data: dict[str, Any], taken: Iterable[str]) -> dict[str, Check]:
    """Return the checks in the tables `[[check]]` of a parsed file, by id. Raises `SettingError` with the place."""
    entries = data.get(TABLE, [])
    if not isinstance(entries, list):
        where = f"{path}:{line_of_key(text, TABLE)}"
        raise SettingError("check must be a list of tables", where=where, hint="write [[check]] above each check")
    if len(entries) > MAX_CHECKS:
        raise SettingError(f"the file has more than {MAX_CHECKS:,} checks", where=str(path), hint="join some of them")
    checks: dict[str, Check] = {}
    others = set(taken)
    for index, entry in enumerate(entries):
        check = _read_check(path, text, index, entry)
        if check.id in checks or check.id in others:
            where = f"{path}:{line_of_key(text, 'id', table=TABLE, index=index)}"
            raise SettingError(f"another check has the id {check.id!r}", where=where, hint="choose another id")
        checks[check.id] = check
    return checks


def _read_check(path: Path, text: str, index: int, entry: Any) -> Check:
    """Read the check at a position of a file. Raises `SettingError` with its line."""
    try:
        return DeclaredCheck.model_validate(entry).as_check()
    except ValidationError as error:
        errors = error.errors()
        first = next((item for item in errors if item["type"] == "extra_forbidden"), errors[0])
        keys = [str(key) for key in first["loc"] if isinstance(key, str) and key.islower()]
        key = keys[0] if keys else None
        line = line_of_key(text, *filter(None, [key]), table=TABLE, index=index)
        where = f"{path}:{line}: check {_label(entry, index)}"
        if first["type"] == "extra_forbidden":
            known = [str(info.alias or name) for name, info in DeclaredCheck.model_fields.items()]
            allowed = known if len(keys) < 2 else ["least", "most"]
            what = f"unknown key {keys[-1]!r}{nearest(keys[-1], allowed)}"
            raise SettingError(what, where=where, hint=f"use one of: {', '.join(allowed)}") from None
        what, hint = describe_invalid_value(first, key or "")
        raise SettingError(what, where=where, hint=hint or _HINT) from None


def _label(entry: Any, index: int) -> str:
    """Return the id of a check that may be wrong in any way, or its position, from 1."""
    check_id = entry.get("id") if isinstance(entry, dict) else None
    return printable(str(check_id))[:_LABEL] if check_id is not None else f"number {index + 1}"
