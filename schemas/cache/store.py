"""Where compiled rules are kept between runs, and how: whole and unharmed, or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

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


@lru_cache
def digest_of_code(*files: str) -> str:
    """Give a digest of the code that makes what is kept: another code may make something else."""
    return hashlib.sha256(b"".join(hashlib.sha256(Path(file).read_bytes()).digest() for file in files)).hexdigest()


def load_or_make(
    path: Path | None, load: Callable[[bytes], T | None], make: Callable[[], T], dump: Callable[[T], bytes]
) -> T:
    """Give what a cache file holds as `load` reads it, or, where that is None, what `make` makes, and keep it.

    Of several processes that need it, one makes it and the others wait. Without a path, nothing is kept.
    """
    if path is None:
        return make()
    made = _load(path, load)
    if made is None:
        with _alone_in(path.parent):
            made = _load(path, load)
            if made is None:
                made = make()
                write_cache(path, dump(made))
    return made


def _load(path: Path, load: Callable[[bytes], T | None]) -> T | None:
    body = read_cache(path)
    return load(body) if body is not None else None


@contextlib.contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Hold a lock of the cache directory, where there is one and it can be locked."""
    try:
        import fcntl

        directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(directory, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_cache(path: Path, body: bytes) -> None:
    """Write a cache file at once or, where that is not possible, not at all."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_MAGIC + hashlib.sha256(body).digest() + body)
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
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
