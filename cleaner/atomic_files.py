"""Text files that are there whole, or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ..schemas.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Sink(io.FileIO):
    """A file that says which one it is when no more fits into it."""

    path: Path

    def write(self, data: object, /) -> int | None:  # type: ignore[override]  # bytes of whatever kind
        """Write bytes. Raises `OutputError` if that fails."""
        try:
            return super().write(data)  # type: ignore[arg-type]
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _unwritable(self.path, error, "make room, or give another file") from None


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """Open a text file for writing that is there when all is written, or not at all.

    A link stays, and the file that it leads to is replaced. What is no file, such as a pipe or a device, is written to.
    """
    place = Path(os.path.realpath(path))
    if path.exists() and not (path.is_file() and place.is_file()):  # an open file of /dev/fd may have lost its name
        with _open(path, path) as file:
            yield file
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}-")
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        with _open(handle, path) as file:
            yield file
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, place)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _open(target: Path | int, path: Path) -> TextIO:
    try:
        sink = _Sink(target, "w")
    except OSError as error:
        raise _unwritable(path, error) from None
    sink.path = path
    return io.TextIOWrapper(io.BufferedWriter(sink), encoding="utf-8", errors="backslashreplace")


def _unwritable(path: Path, error: OSError, hint: str = "give another file") -> OutputError:
    return OutputError(f"cannot be written ({error.strerror})", where=str(path), hint=hint)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
