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
    return body if content[:head] == _MAGIC + hashlib.sha256(body).digest() else None


def write_cache(path: Path, body: bytes) -> None:
    """Write a cache file at once or, where that is not possible, not at all."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + hashlib.sha256(body).digest() + body)
        os.replace(temporary, path)
