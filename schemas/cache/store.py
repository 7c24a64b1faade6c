"""The cache on disk: compiled rules and other results that are slow to make.

Each file carries a digest of its content and a seal: a code that needs the secret key of this user. So a file that is
damaged, that was swapped with another one, or that came with somebody else's folder counts as missing.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import platformdirs

from .private_directory import PrivateDirectory, open_private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

VARIABLE = "COPYDESK_CACHE_DIR"
_MAGIC = b"copydesk-cache-2\n"
_DIGEST_BYTES = 32
_KEY_FILE = "key"
_KEY_BYTES = 32
_used: set[Path] = set()


def cache_directory() -> Path:
    """Return the directory that `COPYDESK_CACHE_DIR` names, or else the user's cache directory."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else _user_directory()


def _user_directory() -> Path:
    return Path(platformdirs.user_cache_dir("copydesk", appauthor=False))


def read_cache(path: Path) -> bytes | None:
    """Return the content of a cache file, or None if it is missing, damaged or foreign."""
    body = _read(path)
    if body is not None:
        _used.add(path)
    return body


def is_valid(path: Path) -> bool:
    """Return whether a cache file is whole, and sealed by this user."""
    return _read(path) is not None


def _read(path: Path) -> bytes | None:
    directory = open_private(path.parent)
    if directory is None:
        return None
    with directory:
        content = directory.read(path.name)
    if content is None or not content.startswith(_MAGIC):
        return None
    digest, seal, body = _split(content[len(_MAGIC) :])
    if hashlib.sha256(body).digest() != digest:
        return None
    # what root keeps for all users was sealed with root's key, and nobody else can write there
    if directory.owned and not _is_sealed(path, digest, seal):
        return None
    return body


def _split(content: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the digest, the seal and the body of a cache file."""
    return content[:_DIGEST_BYTES], content[_DIGEST_BYTES : 2 * _DIGEST_BYTES], content[2 * _DIGEST_BYTES :]


def _is_sealed(path: Path, digest: bytes, seal: bytes) -> bool:
    key = secret_key(path.parent)
    return key is not None and hmac.compare_digest(seal, seal_of(key, path.name.encode(), digest))


def write_cache(path: Path, body: bytes) -> None:
    """Write a cache file as a whole, or not at all if that is not possible."""
    key = secret_key(path.parent)
    directory = open_private(path.parent, create=True) if key is not None else None
    if key is None or directory is None:
        return
    digest = hashlib.sha256(body).digest()
    with directory:
        if directory.write(path.name, _MAGIC + digest + seal_of(key, path.name.encode(), digest) + body):
            _used.add(path)


def seal_of(key: bytes, name: bytes, content: bytes) -> bytes:
    """Return 32 bytes that only the owner of a key can make for a content under a name."""
    return hmac.digest(key, hashlib.sha256(name).digest() + content, "sha256")


def secret_key(directory: Path) -> bytes | None:
    """Return the key that seals the files of a cache directory, or None if there is no place to keep one.

    It is in the user's own cache directory, even if the files are elsewhere: a folder that comes from somebody else
    then has no valid file. Without a home, the key is in the cache directory itself.
    """
    return _find_key(_user_directory(), directory.absolute())


@lru_cache
def _find_key(*places: Path) -> bytes | None:
    for place in dict.fromkeys(places):
        opened = open_private(place, create=True, warn=False)
        if opened is not None:
            with opened:
                key = _key_in(opened) if opened.owned else None
            if key is not None:
                return key
    return None


def _key_in(directory: PrivateDirectory) -> bytes | None:
    key = _read_key(directory)
    if key is None:
        with directory.locked():
            key = _read_key(directory)
            if key is None:
                directory.write(_KEY_FILE, secrets.token_bytes(_KEY_BYTES))
                key = _read_key(directory)
    return key


def _read_key(directory: PrivateDirectory) -> bytes | None:
    key = directory.read(_KEY_FILE, secret=True)
    return key if key is not None and len(key) == _KEY_BYTES else None


@lru_cache
def digest_of_code(*files: str) -> str:
    """Return a digest of source files, so that other code does not get what this code has cached."""
    return hashlib.sha256(b"".join(hashlib.sha256(Path(file).read_bytes()).digest() for file in files)).hexdigest()


def load_or_make(
    path: Path | None, load: Callable[[bytes], T | None], make: Callable[[], T], dump: Callable[[T], bytes]
) -> T:
    """Return what `load` reads from a cache file; if that is None, call `make` and cache its result.

    If several processes need the file, one makes it and the others wait. Without a path, nothing is cached.
    """
    if path is None:
        return make()
    value = _load(path, load)
    if value is None:
        with _locked(path.parent):
            value = _load(path, load)
            if value is None:
                value = make()
                write_cache(path, dump(value))
    return value


def _load(path: Path, load: Callable[[bytes], T | None]) -> T | None:
    body = read_cache(path)
    return load(body) if body is not None else None


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of a cache directory, if it can be used."""
    secret_key(path)  # to make a key, it takes the same lock
    directory = open_private(path, create=True)
    if directory is None:
        yield
        return
    with directory, directory.locked() if directory.owned else contextlib.nullcontext():
        yield


def used_files() -> dict[str, bytes]:
    """Return the content of the cache files that this process read or wrote, by name, for another machine's cache."""
    contents = {path.name: read_cache(path) for path in sorted(_used)}
    return {name: body for name, body in contents.items() if body is not None}


def add_files(files: dict[str, bytes], directory: Path) -> bool:
    """Write files from the cache of another machine, unless the directory has them. Return whether it has all now."""
    for name, body in files.items():
        if read_cache(directory / name) is None:
            write_cache(directory / name, body)
    return all(read_cache(directory / name) is not None for name in files)
