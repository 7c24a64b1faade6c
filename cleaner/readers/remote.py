"""Files of other machines, by URLs that fsspec opens, such as s3://bucket/*.jsonl.zst. They are read as streams."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from ...schemas.errors import InputError, SettingError, needs_extra

if TYPE_CHECKING:
    from collections.abc import Iterator

_URL = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_SCHEMES = frozenset("abfs abfss az ftp gcs gs hdfs hf http https memory s3 s3a sftp webhdfs".split())
_SECRET = re.compile(r"(?<=://)[^/@\s]*@|\?\S*")  # a user with a password, and the signature of an address
_MAGIC = re.compile(r"[*?\[]")
_STAMPS = ("ETag", "etag", "mtime", "LastModified", "last_modified", "updated", "created")
_HINT = "check the address, and that you may read it; credentials come from the environment, as fsspec describes it"
_BUFFER = 1 << 20  # bytes


def is_remote(name: str) -> bool:
    """Return whether an input is the URL of a file of another machine.

    >>> [is_remote(name) for name in ("s3://bucket/a.jsonl", "memory://a", "sqlite:///a.db::t", "C://a", "a.txt")]
    [True, True, False, False, False]
    """
    scheme = _URL.match(name)
    if scheme is None or scheme[1].lower() in ("file", "local"):
        return False
    return scheme[1].lower() in _SCHEMES or scheme[1] in _other_schemes()


def _other_schemes() -> list[str]:
    """Return all schemes that fsspec knows, none if it is not there."""
    try:
        import fsspec
    except ImportError:
        return []
    return list(fsspec.available_protocols())


def hide_secrets(text: str) -> str:
    """Return a URL, or a text with URLs, without passwords and signatures.

    >>> hide_secrets("https://me:hush@lenn.example/a.jsonl?X-Signature=7")
    'https://lenn.example/a.jsonl'
    """
    return _SECRET.sub("", text)


@dataclass(frozen=True)
class RemoteFile:
    """A file of another machine, and what its file system notes of it."""

    url: str
    size: int = 0
    """Bytes, 0 if they are not known."""
    stamp: str = ""
    """What changes with the file, as far as the file system has it: an ETag, or the time of the last change."""

    @property
    def label(self) -> str:
        """The address in messages, without secrets."""
        return hide_secrets(self.url)

    def open(self) -> io.BufferedReader:
        """Open the file for bytes. Raises `InputError` if that fails, `SettingError` for a missing package."""
        file_system, path = _find_file_system(self.url)
        try:
            return io.BufferedReader(_Raw(file_system.open(path, "rb")), _BUFFER)
        except Exception as error:
            raise _unreadable(self.url, error) from None

    def has_changed(self) -> bool:
        """Return whether the file system notes something else of the file now."""
        file_system, path = _find_file_system(self.url)
        try:
            file_system.invalidate_cache()
            return _describe(self.url, file_system.info(path)) != self
        except Exception:
            return True


class _Raw(io.RawIOBase):
    """A file of fsspec, which may have no `readinto`. Its errors become `OSError`, without secrets."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        """Return True: it can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read into a buffer; return the number of bytes."""
        try:
            data = self._file.read(len(buffer))
        except Exception as error:
            raise OSError(hide_secrets(f"{type(error).__name__}: {error}")) from None
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            self._file.close()
        super().close()


def find_remote_files(url: str, suffixes: frozenset[str]) -> Iterator[tuple[RemoteFile, str]]:
    """Yield the files of a URL, each with its name: one file, those of a glob, or those of a folder with `suffixes`.

    Raises `InputError` if there are none, `SettingError` for a missing package.
    """
    file_system, path = _find_file_system(url)
    try:
        if _MAGIC.search(path) and not url.startswith("http"):
            folder, paths = path[: _MAGIC.search(path).start()].rpartition("/")[0], sorted(file_system.glob(path))  # type: ignore[union-attr]
        elif not url.startswith("http") and file_system.isdir(path):
            folder, paths = path, sorted(file_system.find(path))
            paths = [one for one in paths if _suffix(one) in suffixes]
        else:
            folder, paths = path.rpartition("/")[0], [path]
        found = [(_describe(_url_of(file_system, url, one), file_system.info(one)), one) for one in paths]
    except Exception as error:
        raise _unreadable(url, error) from None
    if not found:
        raise InputError("no file there", where=hide_secrets(url), hint="check the address")
    for file, one in found:
        name = hide_secrets(one.removeprefix(folder).lstrip("/")) or "records"
        yield file, name


def _suffix(path: str) -> str:
    plain = PurePosixPath(path)
    return (plain.with_suffix("") if plain.suffix in (".gz", ".zst", ".bz2", ".xz") else plain).suffix.lower()


def _url_of(file_system: Any, url: str, path: str) -> str:
    return path if "://" in path else url if _path_of(url) == path else str(file_system.unstrip_protocol(path))


def _path_of(url: str) -> str:
    return url.partition("://")[2]


def _describe(url: str, info: dict[str, Any]) -> RemoteFile:
    stamp = next((str(info[name]) for name in _STAMPS if info.get(name)), "")
    return RemoteFile(url, info.get("size") or 0, stamp)


def _find_file_system(url: str) -> tuple[Any, str]:
    scheme = url.partition("://")[0]
    try:
        import fsspec
    except ImportError as error:
        raise needs_extra(f"reading {scheme}://", error.name, "remote", where=hide_secrets(url)) from None
    try:
        file_system, path = fsspec.core.url_to_fs(url)
    except ImportError as error:  # its message names the package
        raise SettingError(str(error), where=hide_secrets(url), hint="install that package with pip") from None
    except ValueError:
        hint = "use one of those that fsspec has, such as s3://, gs://, https:// or memory://"
        raise InputError(f"unknown kind of address {scheme}://", where=hide_secrets(url), hint=hint) from None
    except Exception as error:
        raise _unreadable(url, error) from None
    return file_system, str(path)


def _unreadable(url: str, error: Exception) -> InputError:
    reason = hide_secrets(" ".join(str(error).split()))[:200]
    what = (
        "no such file" if isinstance(error, FileNotFoundError) else f"cannot be read ({type(error).__name__}: {reason})"
    )
    return InputError(what, where=hide_secrets(url), hint=_HINT)
