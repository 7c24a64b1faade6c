"""Names of files that are made from names in data: safe on every system, inside their folder, and each used once."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from ..readers.compression import is_named_packed

if TYPE_CHECKING:
    from pathlib import Path

NAMES_FILE = "names.jsonl"
_UNNAMED = "records"
_PART_BYTES = 255  # of a name, on most file systems
_PATH_BYTES = 800  # of a path below the folder; macOS takes 1,024 in all
_SUFFIX_BYTES = 20  # of a suffix that a shortened name keeps
# Control characters, half surrogate pairs and backslashes; on Windows, also what its file systems refuse.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\\" + (r'<>:"|?*' if os.name == "nt" else "") + "]")
_DRIVE = re.compile(r"^([A-Za-z]):")
_TRAILING = re.compile(r"[. ]+$")  # Windows drops them, so that two names become one
# Names of devices of Windows, with or without a suffix.
_DEVICES = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$) *(\.|$)")


class RenamedFile(NamedTuple):
    """A name in the data, and the path that its records were written to instead."""

    name: str
    path: str


class OutputNames:
    """The paths of the files below one folder.

    With `case_blind`, names that differ only in case are equal, as they are to the file system.
    """

    def __init__(self, *, case_blind: bool = False) -> None:
        self.renamed: list[RenamedFile] = []
        self._case_blind = case_blind
        self._files: set[str] = set()
        self._folders: set[str] = set()
        self._numbers: dict[str, int] = {}

    def choose(self, name: str, suffix: str = "") -> PurePosixPath:
        """Return a path of its own for a file, from a name in data.

        The ending of a packing is left out, and `suffix` is added unless the name has it. A path that differs in
        anything else is added to `renamed`.

        >>> names = OutputNames()
        >>> [str(names.choose(name)) for name in ("a.txt", "a.txt.gz", "../a.txt", "/etc/NUL.txt")]
        ['a.txt', 'a~2.txt', 'a~3.txt', 'etc/_NUL.txt']
        """
        plain = name or _UNNAMED
        if is_named_packed(plain) and not suffix:
            plain = plain.rpartition(".")[0]
        parts = [part for part in plain.split("/") if part not in ("", ".", "..")] or [_UNNAMED]
        if not parts[-1].endswith(suffix) or parts[-1] == suffix:
            parts[-1] += suffix
            plain += suffix
        parts = [_safe_part(part) for part in parts]
        if len("/".join(parts).encode()) > _PATH_BYTES:
            parts = parts[-1:]
        path = self._reserve(parts)
        if str(path) != plain:
            self.renamed.append(RenamedFile(name, str(path)))
        return path

    def _reserve(self, parts: list[str]) -> PurePosixPath:
        folder = PurePosixPath()
        for part in parts[:-1]:
            folder = self._first_free(folder, part, self._files)
            self._folders.add(self._key(folder))
        path = self._first_free(folder, parts[-1], self._files, self._folders)
        self._files.add(self._key(path))
        return path

    def _first_free(self, folder: PurePosixPath, part: str, *used: set[str]) -> PurePosixPath:
        """Return the path of a part below a folder, with a number if its name is in use."""
        path = folder / part
        wanted, number = self._key(path), 1
        is_file = len(used) > 1
        first = self._numbers.get(wanted, 1) if is_file else 1
        while any(self._key(path) in keys for keys in used):
            number = max(number, first) + 1
            path = folder / _shorten(part, f"~{number}")
        if is_file and number > 1:  # later files with this name need not try the lower numbers
            self._numbers[wanted] = number
        return path

    def _key(self, path: PurePosixPath) -> str:
        return unicodedata.normalize("NFC", str(path).casefold()) if self._case_blind else str(path)


def is_case_blind(folder: Path) -> bool:
    """Return whether the file system of an empty folder takes names that differ only in case as equal."""
    probe = folder / "case"
    probe.touch()
    try:
        return (folder / "CASE").exists()
    finally:
        probe.unlink()


def write_renamed(folder: Path, names: OutputNames) -> None:
    """Write which names in the data became which paths, as JSON Lines. No file is written if all names were kept."""
    renamed = list(names.renamed)
    if renamed:
        lines = [json.dumps({"name": file.name, "path": file.path}) + "\n" for file in renamed]
        (folder / names.choose(NAMES_FILE)).write_bytes("".join(lines).encode())


def _safe_part(part: str) -> str:
    """Return one part of a path as every system takes it."""
    part = _TRAILING.sub("_", _DRIVE.sub(r"\1_", _UNSAFE.sub("_", part)))
    if _DEVICES.match(part):
        part = f"_{part}"
    return _shorten(part)


def _shorten(part: str, number: str = "") -> str:
    """Return a name with a number before its suffix, cut to the bytes that a file system takes."""
    stem, dot, suffix = part.rpartition(".")
    if not stem or len(suffix.encode()) > _SUFFIX_BYTES:
        stem, dot, suffix = part, "", ""
    ending = f"{number}{dot}{suffix}"
    start = stem.encode()[: _PART_BYTES - len(ending.encode())].decode(errors="ignore")
    return _TRAILING.sub("_", start + ending)
