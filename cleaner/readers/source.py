"""A source of records: one file, table or stream of an input, and how it is opened."""

from __future__ import annotations

import codecs
import gzip
import io
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ...schemas.errors import InputChangedError, InputError
from ...schemas.messages import counted
from .compression import damages, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .databases.urls import Database


@dataclass(frozen=True)
class Source:
    """One file or table of the input; with neither `path` nor `database`, it is standard input."""

    path: Path | None
    name: str
    """The path below the input that was named, with forward slashes; of a table, DATABASE::TABLE."""
    kind: str
    size: int = 0
    """Bytes on disk, as far as they are known."""
    modified: int = 0
    """When it was changed last, in nanoseconds."""
    partition: tuple[tuple[str, str | None], ...] = ()
    """Columns that the folders above the file give: `source=bbc/date=2024-01-01/part-0.parquet`."""
    database: Database | None = None

    @property
    def label(self) -> str:
        """How messages name it. A password is never part of it."""
        if self.database is not None:
            return self.database.label
        return str(self.path) if self.path else "standard input"

    def require_unchanged(self) -> None:
        """Raise `InputError` if a file is no longer what it was when it was found."""
        if self.path is None:
            return
        try:
            found = self.path.stat()
        except OSError:
            raise self.changed() from None
        if (found.st_size, found.st_mtime_ns) != (self.size, self.modified):
            raise self.changed()

    def changed(self) -> InputError:
        """Give the error of a file that was changed while it was read."""
        hint = "start again when it is at rest"
        return InputChangedError("the file was changed while it was read", where=self.label, hint=hint)


def reason_of(error: BaseException, source: Source) -> str:
    """Give what a library says of an error as one short line, without the password of the source."""
    reason = " ".join(str(error).split())
    return (source.database.hide(reason) if source.database else reason)[:200]


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Give that many bytes, or all that are left."""


@contextmanager
def opened(
    source: Source, stream: io.BufferedReader | None = None
) -> Iterator[tuple[io.BufferedReader, Callable[[], int]]]:
    """Open a source, unpacked; also give a function that tells how many bytes on disk were read so far.

    Raises `InputError` for what cannot be read to its end, unpacked or decoded.
    """
    assert stream is not None or source.path is not None
    try:
        file: Any = stream if stream is not None else source.path.open("rb") if source.path else None
    except FileNotFoundError:
        raise source.changed() from None
    reader: io.BufferedReader | None = None
    try:
        reader = unpacked(file, source.name)
        yield reader, file.tell if source.path else lambda: 0
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        what = f"cannot be read to its end ({error}){_how_far(reader)}"
        raise InputError(what, where=source.label, hint="is it complete?") from None
    except UnicodeError as error:
        raise InputError(f"cannot be decoded ({error})", where=source.label, hint="name its encoding") from None
    except damages() as error:
        what = f"the packed data is damaged ({error}){_how_far(reader)}"
        raise InputError(what, where=source.label, hint="pack it again") from None
    finally:
        file.close()


def _how_far(reader: io.BufferedReader | None) -> str:
    """Say how much of what is packed came out of it, for a message."""
    if reader is None or isinstance(reader.raw, io.FileIO):
        return ""
    return f" after {counted(reader.raw.tell(), 'byte')}, unpacked"


def narrowed(file: io.BufferedReader, encoding: str | None) -> tuple[Readable, str | None]:
    """Give a file of which a line feed is one byte, and its encoding: one in UTF-16 or UTF-32 becomes UTF-8."""
    start = file.peek(2)[:2]
    wide = "utf-16" if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else encoding or ""
    if not wide.startswith(("utf-16", "utf-32")):
        return file, encoding
    return codecs.EncodedFile(file, "utf-8", wide), None
