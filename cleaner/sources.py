"""What is read: a source of records, and the batches of raw records that readers cut it into."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ..schemas.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from .readers.database_urls import Database
    from .records import Place

BATCH_BYTES = 8 << 20
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True)
class Source:
    """One file or table of the input; with neither `path` nor `database`, it is standard input."""

    path: Path | None
    name: str
    """The path below the input that was named, with forward slashes; of a table, DATABASE::TABLE."""
    kind: str
    size: int = 0
    """Bytes on disk, as far as they are known."""
    partition: tuple[tuple[str, str | None], ...] = ()
    """Columns that the folders above the file give: `source=bbc/date=2024-01-01/part-0.parquet`."""
    database: Database | None = None

    @property
    def label(self) -> str:
        """How messages name it. A password is never part of it."""
        if self.database is not None:
            return self.database.label
        return str(self.path) if self.path else "standard input"


def reason_of(error: BaseException, source: Source) -> str:
    """Give what a library says of an error as one short line, without the password of the source."""
    reason = " ".join(str(error).split())
    return (source.database.hide(reason) if source.database else reason)[:200]


@dataclass(frozen=True)
class Unreadable:
    """A record that could not be read: what was wrong, and its bytes as they were."""

    position: int
    """Number of readable records of the batch that stand before it."""
    file: str
    line: int | None
    byte_offset: int | None
    raw: bytes
    check: str
    message: str


@dataclass
class Batch:
    """Raw records of one or more files: Python objects or an Arrow table, and what could not be read."""

    place: Place
    rows: list[dict[str, Any]] | None = None
    table: pa.Table | None = None
    raw: Callable[[int], bytes | None] = lambda _: None
    unreadable: list[Unreadable] = field(default_factory=list)
    consumed: int = 0
    """Bytes on disk that this batch took, about, for the progress bar."""


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Give that many bytes, or all that are left."""


@contextmanager
def opened(
    source: Source, stream: io.BufferedReader | None = None
) -> Iterator[tuple[io.BufferedReader, Callable[[], int]]]:
    """Open a source, unpacked; also give a function that tells how many bytes on disk were read so far.

    What is packed is known by its first bytes; a name that ends in .gz or .zst must keep its word.
    """
    import zstandard

    assert stream is not None or source.path is not None
    file: Any = stream if stream is not None else source.path.open("rb") if source.path else None
    try:
        yield unpacked(file, source.name), file.tell if source.path else lambda: 0
    except (EOFError, gzip.BadGzipFile, OSError) as error:
        raise InputError(f"cannot be read to its end ({error})", where=source.label, do="is it complete?") from None
    except UnicodeError as error:
        raise InputError(f"cannot be decoded ({error})", where=source.label, do="name its encoding") from None
    except (zlib.error, zstandard.ZstdError) as error:
        raise InputError(f"the packed data is damaged ({error})", where=source.label, do="pack it again") from None
    finally:
        file.close()


def unpacked(file: io.BufferedReader, name: str = "") -> io.BufferedReader:
    """Give what is in a file: itself, or what it holds in packed form."""
    start = file.peek(4)[:4]
    if start.startswith(GZIP) or name.endswith(".gz"):
        # its own buffer is smaller than the pieces that are asked of it
        return io.BufferedReader(gzip.GzipFile(fileobj=file), 1 << 20)
    if start == ZSTD or name.endswith(".zst"):
        from .readers.unpacking import UnpackedStream

        return io.BufferedReader(UnpackedStream(file), 1 << 20)
    return file


def narrowed(file: io.BufferedReader, encoding: str | None) -> tuple[Readable, str | None]:
    """Give a file of which a line feed is one byte, and its encoding: one in UTF-16 or UTF-32 becomes UTF-8."""
    start = file.peek(2)[:2]
    wide = "utf-16" if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else encoding or ""
    if not wide.startswith(("utf-16", "utf-32")):
        return file, encoding
    return codecs.EncodedFile(file, "utf-8", wide), None


def line_blocks(file: Readable) -> Iterator[bytes]:
    """Cut a file at line ends into blocks of about `BATCH_BYTES`; a longer line is a block of its own."""
    pending: list[bytes] = []
    size = 0
    while chunk := file.read(BATCH_BYTES if size < BATCH_BYTES else size):
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield b"".join([*pending, chunk[:cut]])
            pending, size = [], 0
            chunk = chunk[cut:]
        if chunk:
            pending.append(chunk)
            size += len(chunk)
    if pending:
        yield b"".join(pending)
