"""Where compiled rules are kept between runs, and how: whole and unharmed, or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import platformdirs

VARIABLE = "COPYDESK_CACHE_DIR"
_MAGIC = b"copydesk-cache\n"
_DIGEST_BYTES = 32
_used: set[Path] = set()


def cache_directory() -> Path:
    """Give the directory of the environment variable `COPYDESK_CACHE_DIR`, else the user's cache directory."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path(platformdirs.user_cache_dir("copydesk", appauthor=False))


def read_cache(path: Path) -> bytes | None:
    """Give what was written to a cache file, or None if it is missing, damaged or foreign."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    head = len(_MAGIC) + _DIGEST_BYTES
    body = content[head:]
    if content[:head] != _MAGIC + hashlib.sha256(body).digest():
        return None
    _used.add(path)
    return body


def write_cache(path: Path, body: bytes) -> None:
    """Write a cache file at once or, where that is not possible, not at all."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + hashlib.sha256(body).digest() + body)
        os.replace(temporary, path)
        _used.add(path)


def used_files() -> dict[str, bytes]:
    """Give by its name what each cache file holds that this process read or wrote, for another machine's cache."""
    found = {path.name: read_cache(path) for path in sorted(_used)}
    return {name: body for name, body in found.items() if body is not None}


def add_files(files: dict[str, bytes], directory: Path) -> None:
    """Put files of another machine's cache into a directory, those left out that it has."""
    for name, body in files.items():
        if not (directory / name).exists():
            write_cache(directory / name, body)
