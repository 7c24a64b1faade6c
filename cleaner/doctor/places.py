"""The places that copydesk writes to: its cache, and the folder for temporary files."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ...schemas.cache.private_directory import explain_refusal, open_private
from ...schemas.cache.store import VARIABLE, cache_directory, is_valid, used_files
from ...schemas.messages import counted
from .diagnosis import Diagnosis

if TYPE_CHECKING:
    from collections.abc import Iterator

_LITTLE = 1 << 30  # bytes; with less room, a run on a large dump is likely to end early
_READ = 200  # cache files that are read to see whether they are sound


def examine_cache() -> Iterator[Diagnosis]:
    """Yield what is known about the cache. Call it after the trial, which uses the files that a run uses."""
    path = cache_directory()
    origin = f"named by {VARIABLE}" if os.environ.get(VARIABLE) else "the default"
    opened = open_private(path, create=True, warn=False)
    if opened is None:
        fault = explain_refusal(path) or "it cannot be made"
        remedy = f"set {VARIABLE} to a directory of your own; without a cache, each run compiles the rules"
        yield Diagnosis("cache", "directory", "warning", f"{path} is not used: {fault}", remedy)
        return
    with opened:
        owned = opened.owned
    files = _list_files(path)
    size = _megabytes(sum(files.values()))
    yield Diagnosis("cache", "directory", "ok", f"{path} ({origin}): {counted(len(files), 'file')}, {size}")
    if owned and not os.access(path, os.W_OK):
        remedy = f"make it writable, or set {VARIABLE} to another directory"
        yield Diagnosis("cache", "writable", "warning", "it cannot be written", remedy)
    yield from _examine_files(path, files)


def _examine_files(path: Path, files: dict[str, int]) -> Iterator[Diagnosis]:
    used = {name: files.get(name, 0) for name in used_files()}
    kept = [name for name in used if name in files]
    if kept:
        text = f"{counted(len(kept), 'file')} of the rules of today, {_megabytes(sum(used.values()))}, all sealed"
        yield Diagnosis("cache", "rules", "ok", text)
    else:
        remedy = "each run compiles them again; see above"
        yield Diagnosis("cache", "rules", "warning", "the compiled rules were not kept", remedy)
    others = [name for name in files if name not in used and "." in name and not name.startswith("findings")]
    damaged = [name for name in others[:_READ] if name[:64].isalnum() and not is_valid(path / name)]
    if others:
        text = f"{counted(len(others), 'file')} of other rules or versions, {_megabytes(sum(files[n] for n in others))}"
        bad = f"; {len(damaged)} of them damaged or not sealed by you, and not used" if damaged else ""
        yield Diagnosis("cache", "others", "note", text + bad, f"you may delete {path}: it is made again")
    findings = sum(size for name, size in files.items() if name.startswith("findings"))
    if findings:
        yield Diagnosis("cache", "findings", "ok", f"findings of `check`, {_megabytes(findings)}; at most 256 MB")


def _list_files(path: Path) -> dict[str, int]:
    """Return the sizes of the files right in a folder, by name, in bytes."""
    try:
        with os.scandir(path) as entries:
            found = {entry.name: entry.stat(follow_symlinks=False) for entry in entries if not entry.is_dir()}
    except OSError:
        return {}
    return {name: status.st_size for name, status in sorted(found.items())}


def examine_temporary_folder() -> Iterator[Diagnosis]:
    """Yield whether temporary files can be written, and how much room there is."""
    try:
        folder = Path(tempfile.gettempdir())
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(b"x" * 4096)
            file.flush()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        remedy = "free some space, or set TMPDIR to a folder that can be written"
        yield Diagnosis("places", "temporary files", "broken", f"cannot be written ({error.strerror})", remedy)
        return
    text = f"{folder} can be written; {free / 1e9:,.1f} GB free"
    if free < _LITTLE:
        yield Diagnosis("places", "temporary files", "warning", text, "free some space, or set TMPDIR")
    else:
        yield Diagnosis("places", "temporary files", "ok", text)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
