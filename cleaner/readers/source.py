"""A source of records: one file, table or stream of an input, and how it is opened."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...schemas.errors import DamagedInputError, InputChangedError, InputError
from ...schemas.messages import counted
from .compression import UnpackedFile, damage_errors, find_packing, open_packed
from .file_names import readable_name, unreadable
from .text_encodings import Readable, Recoded, encoding_of_mark, has_byte_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .databases.urls import Database
    from .remote import RemoteFile

_BUFFER = 1 << 20  # unpacked bytes
_SMALL_BUFFER = 1 << 13  # the same for a small file; memory for a large one takes longer than reading it
_LONGEST_READ = 1 << 30  # unpacked bytes that a reader gets at once if it asks for all of them


@dataclass(frozen=True)
class Source:
    """One file, table or stream of the input. Without `path`, `database` and `stream`, it is standard input."""

    path: Path | None
    """A regular file, which can be read more than once."""
    name: str
    """The path below the input that you named, with forward slashes; of a table, DATABASE::TABLE."""
    kind: str
    size: int = 0
    """Bytes on disk, if they are known."""
    modified: int = 0
    """Time of the last change, in nanoseconds."""
    partition: tuple[tuple[str, str | None], ...] = ()
    """Columns that the folders above the file add: `source=bbc/date=2024-01-01/part-0.parquet`."""
    database: Database | None = None
    remote: RemoteFile | None = None
    """A file of another machine, read from its beginning to its end."""
    problem: InputError | None = field(default=None, compare=False)
    """Why the file cannot be read at all, if that is known already."""
    stream: Path | None = None
    """A named pipe, or a file of `/dev/fd`: it is opened once, and read from its beginning to its end."""

    @property
    def label(self) -> str:
        """Its name in messages. A password is never part of it."""
        if self.database is not None:
            return self.database.label
        if self.remote is not None:
            return self.remote.label
        path = self.path or self.stream
        return readable_name(str(path)) if path else "standard input"

    def open(self) -> io.FileIO:
        """Open the file for reading."""
        return io.FileIO(str(self.path))

    def require_unchanged(self) -> None:
        """Raise `InputError` if the file has changed since it was found."""
        if self.remote is not None and self.remote.has_changed():
            raise self.changed()
        if self.path is None or self.problem is not None:
            return
        try:
            status = self.path.stat()
        except OSError:
            raise self.changed() from None
        if (status.st_size, status.st_mtime_ns) != (self.size, self.modified):
            raise self.changed()

    def changed(self) -> InputError:
        """Return the error for a file that changed while it was read."""
        hint = "start again when nothing writes to it any more"
        return InputChangedError("the file was changed while it was read", where=self.label, hint=hint)


def reason_of(error: BaseException, source: Source) -> str:
    """Return the message of a library's error as one short line, without the password of the source."""
    reason = " ".join(str(error).split())
    return (source.database.hide(reason) if source.database else reason)[:200]


class InputFile(io.BufferedReader):
    """A source, opened for bytes and unpacked: the argument of each reader's function."""

    def __init__(self, raw: Any, source: Source, encoding: str | None, packed: io.BufferedReader | None = None) -> None:
        is_small = 0 < source.size < _SMALL_BUFFER and isinstance(raw, io.FileIO) and source.path is not None
        super().__init__(raw, _SMALL_BUFFER if is_small else _BUFFER)
        self.source = source
        self.encoding = encoding
        """The encoding that the user asked for."""
        self.start_line, self.start_offset = 1, 0
        """Where to begin, for readers that yield `UnparsedBatch`: a line, and its offset in unpacked bytes."""
        self._packed = packed

    def read(self, size: int | None = -1, /) -> bytes:
        """Read bytes. Raises `InputError` if the whole file is asked for, and is too large for the memory."""
        if size is not None and size >= 0:
            return super().read(size)
        data = super().read(_LONGEST_READ + 1)
        if len(data) > _LONGEST_READ:
            what = f"larger than {_LONGEST_READ:,} bytes, and its reader reads it as a whole"
            raise InputError(what, where=self.source.label, hint="split it, or write the reader so that it reads parts")
        return data

    @property
    def is_plain(self) -> bool:
        """Return whether it is a file on disk that is not packed."""
        return isinstance(self.raw, io.FileIO) and self.source.path is not None

    @property
    def is_packed(self) -> bool:
        """Return whether the file on disk is compressed."""
        return isinstance(self.raw, UnpackedFile)

    @property
    def damage(self) -> Exception | None:
        """Why the unpacked file ends before its end, None if it does not."""
        return self.raw.damage if isinstance(self.raw, UnpackedFile) else None

    def consumed(self) -> int:
        """Return how many bytes on disk were read so far, 0 if the source is not a file."""
        return (self._packed or self).tell() if self.source.path else 0

    def narrowed(self) -> tuple[Readable, str | None]:
        """Return a file in which a line feed is one byte, and its encoding. UTF-16, for example, becomes UTF-8."""
        encoding = self.encoding or "utf-8"
        marked = encoding_of_mark(self.peek(4)[:4])
        if marked and not encoding.startswith("utf-32"):
            encoding = marked
        return (self, self.encoding) if has_byte_lines(encoding) else (Recoded(self, encoding), None)


@contextmanager
def opened(
    source: Source, encoding: str | None = None, *, stream: Any = None, up_to_damage: bool = False
) -> Iterator[InputFile]:
    """Open a source, unpacked. `stream` holds the bytes of a source that has no path.

    Raises `InputError` if it cannot be read to its end, unpacked or decoded. With `up_to_damage`, a packed file that
    is damaged is read up to the damage, and the error is raised when the block ends.
    """
    assert stream is not None or source.path is not None
    try:
        file = InputFile(stream if stream is not None else source.open(), source, encoding)
    except FileNotFoundError:
        raise source.changed() from None
    except OSError as error:
        raise unreadable(error, source.label) from None
    reader = file
    try:
        packing = find_packing(file, source.name)
        if packing:
            reader = InputFile(open_packed(file, packing, up_to_damage=up_to_damage), source, encoding, file)
        yield reader
        if reader.damage is not None:
            raise EOFError
    except InputChangedError:
        raise
    except Exception as error:
        described = _describe_error(error, reader)
        if described is None:
            raise
        raise described from None
    finally:
        file.close()


def _describe_error(error: Exception, reader: InputFile) -> InputError | None:
    """Return the error of a file that cannot be read to its end, unpacked or decoded; None if another one was raised.

    If a packed file is damaged, that is the cause of whatever a reader says about its end.
    """
    if reader.damage is not None and isinstance(error, (InputError, EOFError, OSError, *damage_errors())):
        return _damaged(reader)
    where = reader.source.label
    if isinstance(error, (EOFError, OSError)):
        hint = "check that the file is complete"
        return InputError(f"cannot be read to its end ({error})", where=where, hint=hint)
    if isinstance(error, UnicodeError):
        return InputError(f"cannot be decoded ({error})", where=where, hint="name its encoding with --encoding")
    return None


def _damaged(reader: InputFile) -> InputError:
    """Return the error of a packed file that was read up to a damage."""
    size = reader.raw.tell()
    after = f"({reader.damage}) after {counted(size, 'byte')}, unpacked"
    is_cut = isinstance(reader.damage, EOFError)
    if is_cut or isinstance(reader.damage, OSError):
        what, hint = f"cannot be read to its end {after}", "check that the file is complete"
    else:
        what, hint = (
            f"the compressed data is damaged {after}",
            "records before that place may be damaged, too; compress the file again",
        )
    return DamagedInputError(what, size, where=reader.source.label, hint=hint, is_cut=is_cut)
